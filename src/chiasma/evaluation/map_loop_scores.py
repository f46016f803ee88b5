"""Which loops of a predicted map are those of the observed one.

Axes: n and m loops, D draws.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chiasma.evaluation.loop_matching import call_metrics, match
from chiasma.evaluation.map_fields import Fields
from chiasma.evaluation.map_metrics import Observed, Scores

FEWEST = 5  # loops of the observed map that make a score
FURTHER_F1 = "loop_f1_on_map"  # F1 at another tolerance; loop_f1_1 is of a loop caller's calls


def loop_scores(observed: Observed, fields: list[Fields]) -> Scores:
    """Return ``loop_precision``, ``loop_recall`` and ``loop_f1`` of the loops called on a predicted map, at the tolerance of scores.

    Of each further tolerance of so many bins there is the F1 alone, ``loop_f1_on_map_{bins}``. Both maps are called alike
    (`map_loops`), so that the observed map's own noise counts as truth: two maps of one sample's halves do not reach 1. Loops are
    matched one to one; a loop belongs to the block of its first bin. All are nan where the observed map has fewer than `FEWEST`, and
    precision also where nothing is called; F1 is then 0.
    """
    config = observed.config
    found = _scores_within(observed, fields, config.loop_tolerance_bins)
    for bins in config.loop_further_tolerances_bins:
        found[f"{FURTHER_F1}_{bins}"] = _scores_within(observed, fields, bins)["loop_f1"]
    return found


def _scores_within(observed: Observed, fields: list[Fields], tolerance_bins: int) -> Scores:
    """Return precision, recall and F1 of loops that are matched within so many bins in both anchors."""
    hits, finds = [], []
    for piece, true, own in zip(observed.pieces, observed.fields, fields, strict=True):
        found_n, hit_m = match(true.loops_n2, own.loops_n2, tolerance_bins)
        hits.append(np.stack([piece.block_I[own.loops_n2[:, 0]], hit_m >= 0]))
        finds.append(np.stack([piece.block_I[true.loops_n2[:, 0]], found_n >= 0]))
    (call_m, hit_m), (true_n, found_n) = (np.concatenate(each, axis=1).astype(np.int64) for each in (hits, finds))
    weight_DB = observed.bootstrap.weight_DB
    values = call_metrics(hit_m > 0, found_n > 0, weight_DB[:, call_m], weight_DB[:, true_n])
    numbers = {"loop_precision": len(call_m)}
    return {name: (_told(drawn_D, len(true_n)), numbers.get(name, len(true_n))) for name, drawn_D in values.items()}


def _told(values_D: NDArray, loops: int) -> NDArray[np.float64]:
    return values_D if loops >= FEWEST else np.full(len(values_D), np.nan)
