"""The scores of several predicted signals of one task: each track by itself, and their mean over tracks.

Axes: D draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from chiasma.evaluation.config import IntervalConfig
from chiasma.evaluation.intervals import Estimate, score_rows
from chiasma.evaluation.profiles import (
    POOLED,
    ProfilePrediction,
    ProfileSetting,
    control_estimates,
    estimate,
    find_bins,
    measure_bins,
    varied,
)

OF, MEAN = "_of_", "tracks_"  # bin_pearson_of_ctcf, and tracks_pearson, the mean of all tracks' bin_pearson
Cases = Mapping[str, tuple[list[ProfilePrediction], ProfileSetting]]  # track -> its predictions, and what was measured


def score_tracks(cases: Cases, config: IntervalConfig) -> pd.DataFrame:
    """Return SCORES without ``task``: each track's metrics over the test bins that every prediction knows, and their means.

    A mean over tracks is taken over those measured in a sample; of all samples together, over all tracks.

    Raises
    ------
    ValueError
        As from `find_bins`, for a track of which no test bin is left.
    """
    by_track = {track: list(track_estimates(*case)) for track, case in cases.items()}
    several = len({each.sample for found in by_track.values() for each in found} - {POOLED}) > 1
    if several:
        by_track = {track: with_pooled(found) for track, found in by_track.items()}
    named = [replace(each, metric=f"{each.metric}{OF}{track}") for track, found in by_track.items() for each in found]
    means = mean_estimates(each for found in by_track.values() for each in found)
    return score_rows([*means, *named], config.compare, config.interval)


def track_estimates(predictions: list[ProfilePrediction], setting: ProfileSetting) -> Iterator[Estimate]:
    """Yield every metric over bins of one track: of each prediction, and of the control."""
    scored = find_bins(predictions, setting)
    taken = [scored.take(prediction.values) for prediction in predictions]
    for prediction, predicted_n in zip(predictions, taken, strict=True):
        for found in measure_bins(predicted_n, scored.observed_n, scored, setting.bootstrap.weight_DB):
            yield estimate(prediction.model, prediction.seed, *found)
    if taken:
        yield from control_estimates(varied(taken), scored, setting)


def with_pooled(estimates: list[Estimate]) -> list[Estimate]:
    """Return the estimates of a track; where one sample alone has it, they speak of all samples together too."""
    if any(each.sample == POOLED for each in estimates):
        return estimates
    return [*estimates, *(replace(each, sample=POOLED) for each in estimates)]


def mean_estimates(estimates: Iterable[Estimate]) -> list[Estimate]:
    """Return the mean over tracks of each metric, model, seed and sample; n counts the values of all of them."""
    groups: dict[tuple[str, str, str, str], list[Estimate]] = {}
    for each in estimates:
        groups.setdefault((each.model, each.seed, each.sample, each.metric), []).append(each)
    return [
        replace(
            group[0],
            metric=MEAN + metric.removeprefix("bin_"),
            draws_D=np.mean([each.draws_D for each in group], axis=0),
            n=sum(each.n for each in group),
        )
        for (*_, metric), group in groups.items()
    ]
