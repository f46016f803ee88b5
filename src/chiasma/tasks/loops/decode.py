"""From pixel scores to loop calls: which pixels to score, peaks of the score map, the calling threshold, the empirical FDR.

A list of known loops is never complete, so a call that no label supports may be a true loop: the empirical FDR here is an
upper bound of the true one, and a threshold that keeps it below a level is conservative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from chiasma.contracts import Inputs
from chiasma.core.errors import InputError
from chiasma.core.log import log
from chiasma.schema.tables import CALLS, PIXELS
from chiasma.tasks.loops.config import Config
from chiasma.tasks.loops.grid import FAR, climb, smooth_scores
from chiasma.tasks.loops.labels import KEYS, pair_splits
from chiasma.tasks.loops.scan import scan
from chiasma.tiles.arrays import ArraysMeta, TileArrays
from chiasma.tiles.index import check_reach, window_splits

SCORED_SPLITS = ("valid", "test")
Score = Callable[[pd.DataFrame], np.ndarray]  # rows sample, chrom, bin1, bin2 -> (n,)
SCAN = -1


def predict(config: Config, inputs: Inputs, score: Score) -> dict[str, pd.DataFrame]:
    """Return the PIXELS of one sample as ``parquet`` and its CALLS as ``bedpe``; ``score`` gives each pair's score (n,)."""
    pixels = select_pixels(config, inputs.arrays, inputs.splits, inputs.examples, inputs.sample)
    scored = score_pixels(pixels, score)
    return {"parquet": scored, "bedpe": decode(config, scored, inputs.arrays.meta, sample=inputs.sample)}


# ------------------------------------------------------------------------------------------------ what to score


def check_examples(arrays: TileArrays, splits: pd.DataFrame, examples: pd.DataFrame) -> None:
    """Raise InputError when kept examples are not of these arrays and splits."""
    for chrom, own in examples.groupby("chrom"):
        split_I = window_splits(arrays, splits, str(chrom))
        wrong = own[pair_splits(split_I, own["bin1"].to_numpy(), own["bin2"].to_numpy()) != own["split"].to_numpy()]
        if len(wrong):
            row = wrong.iloc[0]
            raise InputError(
                f"examples: the pair {row['sample']} {chrom} bins {row['bin1']}, {row['bin2']} is '{row['split']}', but its windows "
                "are not in that split here; the examples were drawn for other tiles or splits: label again"
            )


def select_pixels(
    config: Config, arrays: TileArrays, splits: pd.DataFrame, examples: pd.DataFrame, sample: str
) -> pd.DataFrame:
    """Return the pixels to score for one sample: labelled pairs (0 or 1), then the scan (-1), no scores yet.

    Those of the test split are the sample's own. Those of the valid split, which set thresholds, are its own too, unless
    it has no labels there: then they are of all samples that have, as when a model is used on another cell type.
    """
    check_reach(arrays, config.max_distance_bins)
    arrays.check_sample(sample)
    usable = examples[examples["kept"]]
    chosen = {"valid": _valid_samples(usable, sample), "test": [sample]}
    frames = []
    for split, samples in chosen.items():
        own = usable[usable["sample"].isin(samples) & (usable["split"] == split)]
        check_examples(arrays, splits, own)
        frames.append(own[[*KEYS, "split", "label"]])
    for split, samples in chosen.items():
        for name, chrom in product(samples, splits.loc[splits["split"] == split, "chrom"].unique()):
            scanned = scan(config, arrays, splits, (name, str(chrom)), (split,))
            frames.append(scanned.assign(label=SCAN)[[*KEYS, "split", "label"]])
    pixels = pd.concat(frames, ignore_index=True)
    if pixels.empty:
        raise InputError(
            f"sample '{sample}': no labelled pair and no pixel of the scan lies in valid or test; widen the scan or the splits"
        )
    return pixels


def _valid_samples(examples: pd.DataFrame, sample: str) -> list[str]:
    """Return the samples whose validation labels set the threshold for ``sample``: itself if it has any."""
    labelled = sorted(set(examples.loc[(examples["split"] == "valid") & (examples["label"] == 1), "sample"]))
    return labelled if labelled and sample not in labelled else [sample]


def score_pixels(pixels: pd.DataFrame, score: Callable[[pd.DataFrame], np.ndarray]) -> pd.DataFrame:
    """Return ``pixels`` with their scores as a PIXELS table.

    ``score`` gets each different pixel once, sorted by chromosome and bins so that its reads are local.
    """
    once = pixels[KEYS].drop_duplicates().sort_values(KEYS).reset_index(drop=True)
    once["score"] = np.asarray(score(once), np.float64)
    return pixels.merge(once, on=KEYS, how="left", validate="many_to_one")[PIXELS.names]


# ------------------------------------------------------------------------------------------------------- peaks


def find_peaks(config: Config, pixels: pd.DataFrame) -> pd.DataFrame:
    """Return the peaks of samples' score maps: sample chrom bin1 bin2 split score pixels, every one with a positive score.

    The score map is smoothed, a peak is the best pixel within ``radius_bins``, and its cluster holds the pixels below it
    (by steepest ascent) with at least half its score.
    """
    peaks = [
        chromosome_peaks(config, own.sort_values(["bin1", "bin2"]))
        for _, own in pixels.groupby(["sample", "chrom"], sort=True)
    ]
    columns = [*KEYS, "split", "score", "pixels"]
    return pd.concat(peaks, ignore_index=True)[columns] if peaks else pd.DataFrame(columns=columns)


def scan_peaks(config: Config, pixels: pd.DataFrame) -> pd.DataFrame:
    """Return the peaks of the scan among a PIXELS table: all that a threshold could call, as `find_peaks` has them."""
    return find_peaks(config, pixels[pixels["label"] == SCAN])


def chromosome_peaks(config: Config, pixels: pd.DataFrame) -> pd.DataFrame:
    """Return the peaks of one chromosome's pixels, which are sorted by bin1 and bin2."""
    bin1, bin2 = pixels["bin1"].to_numpy(np.int64), pixels["bin2"].to_numpy(np.int64)
    smoothed = smooth_scores(bin1, bin2, pixels["score"].to_numpy(np.float64), config.smooth_bins)
    peak = climb(bin1, bin2, smoothed, config.radius_bins)
    sizes = np.bincount(peak[smoothed >= smoothed[peak] / 2], minlength=len(pixels))
    found = pixels.assign(score=smoothed, pixels=sizes)[(peak == np.arange(len(pixels))) & (smoothed > 0)]
    return found[found["pixels"] >= config.min_pixels]


# --------------------------------------------------------------------------------------- threshold, FDR, calls


@dataclass(frozen=True)
class Curve:
    """How calls fare against the validation labels as the threshold falls.

    Attributes
    ----------
    score : (k,) distinct scores, falling; calls are those with at least this score
    fdr : (k,) share of these calls without a label: never smaller further down (a q-value); an upper bound
    f1 : (k,) harmonic mean of the calls' precision and recall
    """

    score: np.ndarray
    fdr: np.ndarray
    f1: np.ndarray

    def fdr_at(self, score: np.ndarray) -> np.ndarray:
        """Return the empirical FDR of calls (n,) at their scores; nan when there were no labels or no calls to learn from."""
        if not len(self.score):
            return np.full(len(score), np.nan)
        above = np.searchsorted(-self.score, -np.asarray(score), side="right")
        return self.fdr[np.maximum(above - 1, 0)]


def match_labels(peaks: pd.DataFrame, labels: pd.DataFrame, tolerance: int) -> np.ndarray:
    """Return whether each peak (n,) finds a label of its own within ``tolerance`` bins in both anchors; best scores choose first."""
    right = np.zeros(len(peaks), bool)
    if peaks.empty or labels.empty:
        return right
    places = pd.concat([peaks[["sample", "chrom"]], labels[["sample", "chrom"]]])
    place = places.groupby(["sample", "chrom"]).ngroup().to_numpy()
    apart = [2 * FAR * own[:, None] for own in (place[: len(peaks)], place[len(peaks) :])]
    points = [frame[["bin1", "bin2"]].to_numpy() + far for frame, far in zip((peaks, labels), apart, strict=True)]
    tree, taken = cKDTree(points[1]), np.zeros(len(labels), bool)
    near = tree.query_ball_point(points[0], tolerance + 0.5, p=np.inf)
    for place in np.argsort(-peaks["score"].to_numpy(), kind="stable"):
        free = [label for label in near[place] if not taken[label]]
        if free:
            taken[min(free, key=lambda label: np.abs(points[1][label] - points[0][place]).sum())] = right[place] = True
    return right


def fit_curve(peaks: pd.DataFrame, labels: pd.DataFrame, tolerance: int) -> Curve:
    """Return the curve of validation ``peaks`` against validation ``labels``; empty when either is."""
    order = np.argsort(-peaks["score"].to_numpy(np.float64), kind="stable")
    right = match_labels(peaks, labels, tolerance)[order]
    score = peaks["score"].to_numpy(np.float64)[order]
    if labels.empty or peaks.empty:
        return Curve(*np.zeros((3, 0)))
    last = np.flatnonzero(np.append(score[1:] != score[:-1], True))
    hits, calls = np.cumsum(right)[last], last + 1.0
    fdr = np.minimum.accumulate((1 - hits / calls)[::-1])[::-1]
    return Curve(score[last], fdr, 2 * hits / (calls + len(labels)))


def pick_threshold(config: Config, curve: Curve, default: float) -> float:
    """Return the calling threshold from the validation curve; ``default`` when there is none."""
    if not len(curve.score):
        log.warning("no validation labels or calls to set a threshold with: calling at the default of %g", default)
        return default
    if config.threshold == "f1":
        return float(curve.score[np.argmax(curve.f1)])
    allowed = np.flatnonzero(curve.fdr <= config.max_fdr)
    if not len(allowed):
        log.warning(
            "no threshold keeps the empirical FDR at %g (best %.2f): nothing is called", config.max_fdr, curve.fdr[0]
        )
        return float("inf")
    return float(curve.score[allowed[-1]])


def decode(
    config: Config,
    pixels: pd.DataFrame,
    meta: ArraysMeta,
    default_threshold: float | None = None,
    sample: str | None = None,
) -> pd.DataFrame:
    """Return the loops called in one sample's scan as a CALLS table, best first.

    Parameters
    ----------
    pixels : PIXELS table; rows with label -1 are the scan, rows with label 1 in the valid split set threshold and FDR
    meta : bin size and chromosome lengths
    default_threshold : calling threshold without validation labels; the config's when None
    sample : whose loops are called, where the validation pixels are of other samples; None where all are of one

    Notes
    -----
    Nothing but the valid split decides the threshold and the FDR; the test split's labels are not looked at.
    """
    peaks = scan_peaks(config, pixels)
    curve = fit_curve(peaks[peaks["split"] == "valid"], valid_labels(pixels), config.tolerance_bins)
    threshold = pick_threshold(
        config, curve, config.default_threshold if default_threshold is None else default_threshold
    )
    called = peaks["score"] >= threshold
    if sample is not None:
        called &= peaks["sample"] == sample
    return as_calls(peaks[called], curve, meta)


def valid_labels(pixels: pd.DataFrame) -> pd.DataFrame:
    """Return the positive pairs of the validation split."""
    return pixels[(pixels["label"] == 1) & (pixels["split"] == "valid")].drop_duplicates(KEYS)


def as_calls(peaks: pd.DataFrame, curve: Curve, meta: ArraysMeta) -> pd.DataFrame:
    """Return peaks (chrom bin1 bin2 split score pixels) as a CALLS table, best first, with anchors of one bin each."""
    peaks = peaks.sort_values(["score", "chrom", "bin1", "bin2"], ascending=[False, True, True, True]).reset_index(
        drop=True
    )
    ends = peaks["chrom"].map(meta.chromosomes)
    calls = peaks[["score", "split", "pixels"]].copy()
    for side in ("1", "2"):
        calls[f"chrom{side}"], calls[f"strand{side}"] = peaks["chrom"], "."
        calls[f"start{side}"] = peaks[f"bin{side}"] * meta.resolution_bp
        calls[f"end{side}"] = np.minimum(calls[f"start{side}"] + meta.resolution_bp, ends)
    calls["name"] = [f"loop{place}" for place in range(1, len(calls) + 1)]
    calls["fdr"] = curve.fdr_at(peaks["score"].to_numpy(np.float64))
    return calls[CALLS.names]
