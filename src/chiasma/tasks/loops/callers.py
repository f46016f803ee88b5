"""Classical loop callers as baselines: they score the same pixels as a model and pass through the same decoding.

Those of other projects, with a threshold of their own, are in `chiasma.tasks.loops.outside`.

Axes: n pixels, W bins of a window, I bins of a chromosome, D distance in bins, F features, K backgrounds, C tracks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter

from chiasma.assays.enrichment import background_ratios, cut_band, donut_masks, poisson_surprise, window_grid
from chiasma.contracts import Inputs
from chiasma.core.errors import InputError, unknown
from chiasma.core.log import progress
from chiasma.core.seed import derive_seed, generator
from chiasma.tasks.loops.config import BASELINES, Config, Donut, Forest
from chiasma.tasks.loops.decode import decode, score_pixels, select_pixels
from chiasma.tasks.loops.outside import run_chromosight, run_dots, run_mustache
from chiasma.tiles.arrays import TileArrays

CHUNK = 20_000  # pixels whose windows are in memory at a time


def run_baseline(name: str, config: Config, numbers: Any, inputs: Inputs) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the PIXELS and CALLS tables of baseline ``name`` for one sample.

    ``numbers`` is the baseline's own configuration, of the class that ``BASELINES`` gives. InputError names the baselines
    that exist when ``name`` is none of them.
    """
    runs = {
        "donut": run_donut,
        "forest": run_forest,
        "dots": run_dots,
        "chromosight": run_chromosight,
        "mustache": run_mustache,
    }
    if name not in BASELINES:
        raise InputError(unknown("baseline", name, BASELINES, "loops"))
    return runs[name](config, numbers, inputs)


def places(pixels: pd.DataFrame, label: str) -> Iterator[tuple[str, str, np.ndarray, np.ndarray, np.ndarray]]:
    """Yield sample, chromosome, row numbers, bin1 and bin2 of ``pixels`` in pieces of at most `CHUNK`."""
    pieces = [
        (sample, chrom, rows[start : start + CHUNK])
        for (sample, chrom), rows in pixels.groupby(["sample", "chrom"], sort=True).indices.items()
        for start in range(0, len(rows), CHUNK)
    ]
    bin1, bin2 = pixels["bin1"].to_numpy(np.int64), pixels["bin2"].to_numpy(np.int64)
    for sample, chrom, rows in progress(pieces, label):
        yield sample, chrom, rows, bin1[rows], bin2[rows]


# ------------------------------------------------------------------------------------------------------- donut


def run_donut(config: Config, numbers: Donut, inputs: Inputs) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score pixels by local enrichment, then decode like a model."""
    pixels = select_pixels(config, inputs.arrays, inputs.splits, inputs.examples, inputs.sample)
    scored = score_pixels(pixels, lambda frame: donut_scores(numbers, inputs.arrays, frame))
    return scored, decode(config, scored, inputs.arrays.meta, numbers.default_threshold, inputs.sample)


def local_expected(
    numbers: Donut, arrays: TileArrays, place: tuple[str, str], bin1: np.ndarray, bin2: np.ndarray
) -> np.ndarray:
    """Return the expected contacts of pixels from each background (n, K): their distance's mean, times the background's O/E.

    A background without valid pixels leaves the distance's mean as it is.
    """
    rows, cols = window_grid(bin1, bin2, numbers.width_bins)
    expected_D, valid_I = arrays.expected(*place), arrays.valid(*place)
    inside = (
        (rows >= 0)
        & (cols < len(valid_I))
        & (cols - rows >= numbers.min_diagonal_bins)
        & (cols - rows < len(expected_D))
    )
    usable = inside & valid_I[np.where(inside, rows, 0)] & valid_I[np.where(inside, cols, 0)]
    observed = np.where(usable, cut_band(arrays.contacts(*place), rows, cols), 0)
    expected = np.where(usable, expected_D[np.where(inside, cols - rows, 0)], 0)
    ratio = background_ratios(observed, expected, donut_masks(numbers.peak_bins, numbers.width_bins))
    return expected_D[bin2 - bin1][:, None] * ratio


def donut_scores(numbers: Donut, arrays: TileArrays, pixels: pd.DataFrame) -> np.ndarray:
    """Return the enrichment of each pixel (n,) over the largest of its local expectations; never negative."""
    scores = np.zeros(len(pixels))
    for sample, chrom, rows, bin1, bin2 in places(pixels, "donut"):
        observed = arrays.contacts(sample, chrom)[bin1, bin2 - bin1].astype(np.float64)
        expected = local_expected(numbers, arrays, (sample, chrom), bin1, bin2).max(axis=1)
        if numbers.statistic == "poisson":
            scores[rows] = poisson_surprise(observed, expected)
        else:
            scores[rows] = (observed + numbers.pseudocount) / (expected + numbers.pseudocount)
    return scores


# ------------------------------------------------------------------------------------------------------ forest


def run_forest(config: Config, numbers: Forest, inputs: Inputs) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train a random forest on the training examples of all samples, score pixels, decode like a model."""
    forest = fit_forest(numbers, inputs)
    pixels = select_pixels(config, inputs.arrays, inputs.splits, inputs.examples, inputs.sample)

    def score(frame: pd.DataFrame) -> np.ndarray:
        scores = np.zeros(len(frame))
        for sample, chrom, rows, bin1, bin2 in places(frame, "forest"):
            scores[rows] = forest.predict_proba(window_features(numbers, inputs.arrays, (sample, chrom), bin1, bin2))[
                :, 1
            ]
        return scores

    scored = score_pixels(pixels, score)
    return scored, decode(config, scored, inputs.arrays.meta, numbers.default_threshold, inputs.sample)


def fit_forest(numbers: Forest, inputs: Inputs) -> Any:
    """Return a forest fitted to the kept training examples; InputError when they are of one class only."""
    from sklearn.ensemble import RandomForestClassifier

    train = inputs.examples[inputs.examples["kept"] & (inputs.examples["split"] == "train")].reset_index(drop=True)
    if train["label"].nunique() < 2:
        raise InputError(
            f"forest: the training examples have labels {sorted(train['label'].unique())}; expected both 0 and 1"
        )
    if 0 < numbers.max_examples < len(train):
        chosen = generator(inputs.seed, "forest").choice(len(train), numbers.max_examples, replace=False)
        train = train.loc[np.sort(chosen)].reset_index(drop=True)
    features = [
        (rows, window_features(numbers, inputs.arrays, (sample, chrom), bin1, bin2))
        for sample, chrom, rows, bin1, bin2 in places(train, "forest windows")
    ]
    order, x_nF = np.concatenate([rows for rows, _ in features]), np.concatenate([values for _, values in features])
    forest = RandomForestClassifier(
        n_estimators=numbers.trees, max_depth=numbers.max_depth, min_samples_leaf=numbers.min_leaf,
        n_jobs=numbers.jobs, random_state=derive_seed(inputs.seed, "forest") % 2**32,
    )  # fmt: skip
    return forest.fit(x_nF, train["label"].to_numpy()[order])


def window_features(
    numbers: Forest, arrays: TileArrays, place: tuple[str, str], bin1: np.ndarray, bin2: np.ndarray
) -> np.ndarray:
    """Return the features of pixels (n, F) float32: the smoothed window of log O/E, and the centre over the lower-left corner.

    With ``tracks``, the mean log signal of each track in the bins beside and at both anchors follows.
    """
    rows, cols = window_grid(bin1, bin2, numbers.half_bins)
    expected_D = arrays.expected(*place)
    distance = np.minimum(np.abs(cols - rows), len(expected_D) - 1)
    expected = expected_D[distance]
    ratio = np.divide(
        cut_band(arrays.contacts(*place), rows, cols), expected, out=np.zeros_like(expected), where=expected > 0
    )
    if numbers.smooth_sigma > 0:
        ratio = gaussian_filter(ratio, (0, numbers.smooth_sigma, numbers.smooth_sigma), truncate=3.0)
    corner = ratio[:, numbers.half_bins + 1 :, : numbers.half_bins].mean(axis=(1, 2))
    centre = ratio[:, numbers.half_bins, numbers.half_bins]
    parts = [np.log1p(ratio).reshape(len(bin1), -1), np.log1p(centre)[:, None] - np.log1p(corner)[:, None]]
    if numbers.tracks:
        parts.append(anchor_signal(arrays, place, bin1, bin2))
    return np.concatenate(parts, axis=1).astype(np.float32)


def anchor_signal(arrays: TileArrays, place: tuple[str, str], bin1: np.ndarray, bin2: np.ndarray) -> np.ndarray:
    """Return the mean log signal (n, 6 C) of the bins at and beside both anchors; missing values count as 0."""
    bins = arrays.meta.bins(place[1])
    tracks_ILC = arrays.tracks(*place).reshape(bins, arrays.meta.bin_tracks, -1)
    near = [np.clip(anchor + shift, 0, bins - 1) for anchor in (bin1, bin2) for shift in (-1, 0, 1)]
    raw = [np.nan_to_num(tracks_ILC[at].astype(np.float32)) for at in near]
    return np.concatenate([np.log1p(np.maximum(values, 0)).mean(axis=1) for values in raw], axis=1)
