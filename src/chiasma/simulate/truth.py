"""What is true of a simulated map: its loops and domains, read off the expected contacts, free of noise and bias.

A **true loop** is a pixel that joins a bin with an active forward CTCF site to a bin with an active reverse one to its right,
at least ``loop_min_distance_bins`` and at most ``loop_max_distance_bp`` apart, whose expected contacts, over the decay, are at
least ``loop_min_enrichment`` times each of four surroundings (5 bins around, the inner 2 left out, as HiCCUPS has them: donut,
lower left, row, column), and stronger than any other such pixel within 2 bins. Both bins are seen, at least 0.3 times as well
as usual: no experiment could find a loop in an unmappable bin. A loop's strength is the smallest of the four ratios.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from chiasma.simulate import bands
from chiasma.simulate.config import Config
from chiasma.simulate.contacts import Expected
from chiasma.simulate.sites import activity

REACH, INNER = 5, 2  # of the surroundings, in bins
SEEN = 0.3  # least visibility of an anchor
NEIGHBOUR = 2  # loops are farther apart than this, in bins
DIAMOND_BP = 100_000  # side of the square that insulation is measured in
PROMINENCE = 0.07  # of a border, in log contacts over the decay
LOOP_COLUMNS = ("chrom1", "start1", "end1", "chrom2", "start2", "end2", "name", "strength", "strand1", "strand2")


def surroundings() -> NDArray[np.float64]:
    """Return the four masks, (4, 11, 11), each summing to 1: donut, lower left, row, column; rows are first bins."""
    row, column = np.mgrid[-REACH : REACH + 1, -REACH : REACH + 1]
    outer = (abs(row) > INNER) | (abs(column) > INNER)
    donut = outer & (row != 0) & (column != 0)
    lower_left = outer & (row > 0) & (column < 0)
    masks = np.stack([donut, lower_left, outer & (abs(row) <= 1), outer & (abs(column) <= 1)]).astype(float)
    return masks / masks.sum(axis=(1, 2), keepdims=True)


def enrichment(oe: NDArray, bin1: NDArray, bin2: NDArray) -> NDArray[np.float64]:
    """Return observed/expected of pairs over the greatest of their four surroundings, (n,).

    Parameters
    ----------
    oe : (n_bins, band_bins) observed over expected
    """
    window = bands.windows(oe, bin1, bin2, REACH)
    known = np.isfinite(window)
    mean = np.einsum("nrc,mrc->nm", np.where(known, window, 0), surroundings()) / np.einsum(
        "nrc,mrc->nm", known, surroundings()
    )
    return window[:, REACH, REACH] / mean.max(axis=1)


def over_distance(band: NDArray, valid: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
    """Return the band over its mean at each distance; pairs of bins that are not valid count for nothing."""
    n_bins, width = band.shape
    valid = np.ones(n_bins, bool) if valid is None else valid
    pairs = np.array([(valid[: n_bins - d] & valid[d:]).sum() for d in range(width)])
    return band / np.maximum(band.sum(axis=0) / np.maximum(pairs, 1), 1e-12).astype(np.float32)


def find_loops(config: Config, expected: Expected, sites: pd.DataFrame, sample: str, chrom: str) -> pd.DataFrame:
    """Return the true loops of a chromosome, columns `LOOP_COLUMNS`, anchors are bins; see the module for the rule."""
    bin1, bin2 = _convergent(config, sites, sample, expected.band.shape[1])
    seen = np.minimum(expected.visibility[bin1], expected.visibility[bin2]) >= SEEN
    bin1, bin2 = bin1[seen], bin2[seen]
    strength = enrichment(over_distance(expected.band), bin1, bin2)
    enough = np.flatnonzero(strength >= config.loop_min_enrichment)
    kept = enough[_strongest(bin1[enough], bin2[enough], strength[enough])]
    kept = kept[np.lexsort((bin2[kept], bin1[kept]))]
    size = config.resolution_bp
    columns = (chrom, bin1[kept] * size, (bin1[kept] + 1) * size, chrom, bin2[kept] * size, (bin2[kept] + 1) * size)
    names = [f"loop_{chrom}_{place}" for place in range(len(kept))]
    return pd.DataFrame(dict(zip(LOOP_COLUMNS, (*columns, names, strength[kept].round(4), "+", "-"), strict=True)))


def _convergent(config: Config, sites: pd.DataFrame, sample: str, width: int) -> tuple[NDArray, NDArray]:
    """Return all pairs of a bin with an active forward site and, within reach, one with an active reverse site."""
    bins = (sites.start + sites.end).to_numpy() // 2 // config.resolution_bp
    active = (sites.kind == "ctcf").to_numpy() & (activity(sites, sample) > 0)
    forward, reverse = (np.unique(bins[active & (sites.strand == strand).to_numpy()]) for strand in ("+", "-"))
    distance = reverse[None, :] - forward[:, None]
    far = min(config.loop_max_distance_bp // config.resolution_bp, width - REACH - 1)
    first, second = np.nonzero((distance >= config.loop_min_distance_bins) & (distance <= far))
    return forward[first], reverse[second]


def _strongest(bin1: NDArray, bin2: NDArray, strength: NDArray) -> NDArray[np.int64]:
    """Return the pairs that no stronger kept pair lies near."""
    kept: list[int] = []
    for place in np.argsort(-strength, kind="stable"):
        near = (abs(bin1[kept] - bin1[place]) <= NEIGHBOUR) & (abs(bin2[kept] - bin2[place]) <= NEIGHBOUR)
        if not near.any():
            kept.append(int(place))
    return np.array(kept, np.int64)


def insulation(config: Config, oe: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the log of mean expected contacts over the decay across each bin, between the 100 kb on either side, (n_bins,)."""
    side = DIAMOND_BP // config.resolution_bp
    across = np.zeros(len(oe))
    for before in range(1, side + 1):
        for after in range(1, side + 1):
            across[before:] += oe[: len(oe) - before, before + after]
    return np.log(np.maximum(across / side**2, 1e-6))


def find_domains(config: Config, band: NDArray[np.float32], chrom: str) -> pd.DataFrame:
    """Return the domains between neighbouring borders, the minima of the expected map's insulation; chrom start end name."""
    side = DIAMOND_BP // config.resolution_bp
    borders = find_minima(gaussian_filter1d(insulation(config, over_distance(band)), 1.0), side)
    edges = (np.concatenate([[0], borders, [len(band)]]) * config.resolution_bp).clip(max=config.chromosomes[chrom])
    names = [f"domain_{chrom}_{place}" for place in range(len(edges) - 1)]
    return pd.DataFrame({"chrom": chrom, "start": edges[:-1], "end": edges[1:], "name": names})


def find_minima(values: NDArray[np.float64], reach: int) -> NDArray[np.int64]:
    """Return where values are least within ``reach`` and rise by `PROMINENCE` on either side, the first and last ``reach`` left out."""
    window = np.lib.stride_tricks.sliding_window_view(values, 2 * reach + 1)
    centre = window[:, reach]
    lowest = centre <= window.min(axis=1)
    rise = np.minimum(window[:, :reach].max(axis=1), window[:, reach + 1 :].max(axis=1)) - centre
    return np.flatnonzero(lowest & (rise >= PROMINENCE)) + reach
