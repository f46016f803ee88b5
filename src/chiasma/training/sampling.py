"""Which examples an epoch draws when groups of them, by tileset and sample, are not to count by their size alone.

Axes: n examples, G groups.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from chiasma.core.log import log


def group_rows(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the rows, counted from 0, of each group of examples, by its name: its tileset, where it has one, and sample."""
    sample_n = frame["sample"].astype(str)
    group_n = frame["tileset"].astype(str) + " " + sample_n if "tileset" in frame else sample_n
    return dict(frame.groupby(group_n.to_numpy(object), sort=True).indices)


def group_shares(sizes: Sequence[int], temperature: float) -> np.ndarray:
    """Return the share (G,) of an epoch that each group has: proportional to its size to the power of 1 / temperature.

    At 1 every example counts the same; the higher, the nearer are all groups to the same share (Conneau et al. 2020,
    arXiv 1911.02116, section 3.1, with alpha = 1 / temperature).
    """
    log_G = np.log(np.asarray(sizes, float)) / temperature
    weight_G = np.exp(log_G - log_G.max())  # whole powers would overflow at a low temperature
    return weight_G / weight_G.sum()


def group_counts(sizes: Sequence[int], temperature: float, total: int) -> np.ndarray:
    """Return how many of ``total`` examples come from each group (G,): its share, rounded so that the sum is ``total``."""
    wanted_G = group_shares(sizes, temperature) * total
    counts_G = np.floor(wanted_G).astype(np.int64)
    most_lacking = np.argsort(counts_G - wanted_G, kind="stable")[: total - counts_G.sum()]
    counts_G[most_lacking] += 1
    return counts_G


def draw_rows(groups: Sequence[np.ndarray], temperature: float, total: int, rng: np.random.Generator) -> np.ndarray:
    """Return the rows of an epoch (total,) in random order.

    A group of which more is drawn than it has is gone through whole, as often as it takes, before any of its rows comes
    once more.
    """
    counts_G = group_counts([len(rows) for rows in groups], temperature, total)
    drawn = []
    for rows, count in zip(groups, counts_G, strict=True):
        whole, rest = divmod(int(count), len(rows))
        drawn += [rows] * whole + [rng.permutation(rows)[:rest]]
    return rng.permutation(np.concatenate(drawn))


def report_draw(frame: pd.DataFrame, temperature: float, max_examples: int) -> None:
    """Log how many examples of each group an epoch has, where there is more than one group; on average at temperature 1."""
    groups = group_rows(frame)
    sizes = [len(rows) for rows in groups.values()]
    counts = group_counts(sizes, temperature, max_examples or len(frame))
    if len(groups) > 1:
        drawn = (f"{name} {count} of {size}" for name, count, size in zip(groups, counts, sizes, strict=True))
        log.info("drawn in an epoch: %s", ", ".join(drawn))
