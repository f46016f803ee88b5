"""The score table of a task on loops: every model, seed and sample by the same lines, on the test split alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.log import progress
from chiasma.core.seed import generator
from chiasma.evaluation import intervals, loop_matching, metrics, pileup
from chiasma.evaluation.config import EvaluationConfig
from chiasma.evaluation.intervals import Bootstrap, Estimate
from chiasma.tiles.arrays import TileArrays

POOLED = "all"  # the sample that holds all samples, and the seed that is the mean over seeds
TRUTH = "truth"  # model name of the true loops' own pile-up
CONTROL = "permuted_labels"  # model name of the control
POSITIVE = (0.0, np.inf)  # limits of a count or a ratio
CONTROLS = 50  # random sets of candidates
RANKED = 10  # peaks looked at for each true loop


@dataclass(frozen=True)
class Prediction:
    """What one model and seed predicted.

    Attributes
    ----------
    pixels : PIXELS of all samples
    calls : CALLS with a column ``sample`` more
    peaks : sample, chrom, bin1, bin2, split, score of every peak a threshold could call
    """

    model: str
    seed: str
    pixels: pd.DataFrame
    calls: pd.DataFrame
    peaks: pd.DataFrame


@dataclass(frozen=True)
class Setting:
    """What every prediction is compared with.

    Attributes
    ----------
    truths : name -> true loops (sample, chrom, bin1, bin2) of all samples; the first one's metrics have no suffix
    """

    truths: Mapping[str, pd.DataFrame]
    arrays: TileArrays
    splits: pd.DataFrame
    config: EvaluationConfig

    @cached_property
    def samples(self) -> list[str]:
        """The samples that have truth."""
        return list(dict.fromkeys(name for loops in self.truths.values() for name in loops["sample"]))

    @cached_property
    def bootstrap(self) -> Bootstrap:
        """The draws of the test regions' blocks."""
        return Bootstrap(self.splits, self.config.block_bp, self.config.draws, self.config.seed)

    @cached_property
    def callable_truths(self) -> dict[str, pd.DataFrame]:
        """The true loops that count in recall, by truth."""
        meta, config = self.arrays.meta, self.config
        reach = (config.min_distance_bins, config.max_distance_bins or meta.max_distance_bins)
        return {
            name: loop_matching.callable_loops(loops, self.splits, meta.resolution_bp, meta.half_bins, reach)
            for name, loops in self.truths.items()
        }

    def weights(self, places: pd.DataFrame) -> NDArray[np.float64]:
        """Return the weight of each row of ``places`` (chrom, bin1) in each draw (D, n)."""
        return self.bootstrap.weights(places["chrom"], places["bin1"] * self.arrays.meta.resolution_bp)

    def by_sample(self, frame: pd.DataFrame) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Yield each sample, and all of them when there are several, with which rows of ``frame`` are its own."""
        for sample in self.samples:
            yield sample, (frame["sample"] == sample).to_numpy()
        if len(self.samples) > 1:
            yield POOLED, np.ones(len(frame), bool)


@dataclass(frozen=True)
class Scored:
    """The tables of an evaluation, without the column ``task``."""

    scores: pd.DataFrame
    curves: pd.DataFrame
    pileups: pd.DataFrame


def score_predictions(predictions: list[Prediction], setting: Setting) -> Scored:
    """Compare all predictions with the truth: SCORES, CURVES and PILEUPS, each without its task."""
    estimates: list[Estimate] = []
    curves: dict[tuple[str, ...], list] = {}
    piles: dict[tuple[str, str], list] = {}
    for prediction in progress(predictions, "evaluate"):
        pairs = test_pairs(prediction, setting)
        calls = test_calls(prediction, setting)
        estimates += [*pair_estimates(prediction, pairs, setting), *call_estimates(prediction, calls, setting)]
        estimates += [*ranked_estimates(prediction, setting)]
        estimates += pile_estimates(prediction, calls, setting, piles)
        collect_curves(prediction, pairs, setting, curves)
    if predictions:
        estimates += control_estimates(test_pairs(predictions[0], setting), setting)
        estimates += call_control_estimates(predictions[0], test_calls(predictions[0], setting), setting)
    estimates += truth_estimates(setting, piles)
    scores = intervals.score_rows(estimates, setting.config.compare, setting.config.interval)
    return Scored(scores, _curve_rows(curves), _pile_rows(piles, setting.config.pile_bins))


def test_pairs(prediction: Prediction, setting: Setting) -> pd.DataFrame:
    """Return the labelled pairs of the test split of samples that have truth."""
    pixels = prediction.pixels
    wanted = (pixels["split"] == "test") & (pixels["label"] >= 0) & pixels["sample"].isin(setting.samples)
    return pixels[wanted].reset_index(drop=True)


def test_calls(prediction: Prediction, setting: Setting) -> pd.DataFrame:
    """Return the calls of the test split with their bins: sample, chrom, bin1, bin2, fdr."""
    calls = prediction.calls[(prediction.calls["split"] == "test") & prediction.calls["sample"].isin(setting.samples)]
    middle = {
        name: (calls[f"start{name}"] + calls[f"end{name}"]) // 2 // setting.arrays.meta.resolution_bp for name in (1, 2)
    }
    bins = calls.assign(chrom=calls["chrom1"], bin1=middle[1], bin2=middle[2])
    return bins[["sample", "chrom", "bin1", "bin2", "fdr"]].reset_index(drop=True)


def pair_estimates(prediction: Prediction, pairs: pd.DataFrame, setting: Setting) -> Iterator[Estimate]:
    """Yield the metrics of labelled pairs; score thresholds are chosen on the validation split of all samples."""
    thresholds = chosen_thresholds(prediction, setting.config.prevalences)
    for sample, own in setting.by_sample(pairs):
        if own.any():
            rows = pairs[own]
            ranking = metrics.rank(rows["label"].to_numpy(), rows["score"].to_numpy(), setting.weights(rows))
            for name, draws_D in metrics.pair_metrics(ranking, thresholds).items():
                yield Estimate(prediction.model, prediction.seed, sample, name, draws_D, len(rows))


def chosen_thresholds(prediction: Prediction, prevalences: Iterable[float]) -> dict[float | None, float]:
    """Return the score of best validation F1 at the prevalence found (None) and at stated ones; nan without validation pairs."""
    pixels = prediction.pixels
    valid = pixels[(pixels["split"] == "valid") & (pixels["label"] >= 0)]
    wanted = (None, *prevalences)
    if valid.empty:
        return dict.fromkeys(wanted, np.nan)
    ranking = metrics.rank(valid["label"].to_numpy(), valid["score"].to_numpy())
    return {prevalence: metrics.best_threshold(ranking, prevalence) for prevalence in wanted}


def call_estimates(prediction: Prediction, calls: pd.DataFrame, setting: Setting) -> Iterator[Estimate]:
    """Yield the number of calls, their median FDR, and their agreement with each truth at each tolerance."""
    for sample, own in setting.by_sample(calls):
        weight_Dc = setting.weights(calls[own])
        yield Estimate(
            prediction.model, prediction.seed, sample, "calls", weight_Dc.sum(axis=1), int(own.sum()), POSITIVE
        )
        median_D = np.full(len(weight_Dc), np.nan)
        median_D[0] = calls.loc[own, "fdr"].median() if own.any() else np.nan
        yield Estimate(prediction.model, prediction.seed, sample, "median_fdr", median_D, int(own.sum()))
    for place, name in enumerate(setting.truths):
        suffix = f"_vs_{name}" if place else ""
        for tolerance in setting.config.tolerances_bins:
            yield from _agreement(prediction, calls, setting, (name, tolerance, suffix))


def _agreement(
    prediction: Prediction, calls: pd.DataFrame, setting: Setting, case: tuple[str, int, str]
) -> Iterator[Estimate]:
    name, tolerance, suffix = case
    truth = setting.callable_truths[name]
    hit_c = loop_matching.is_matched(calls, setting.truths[name], tolerance)
    found_t = loop_matching.is_matched(truth, calls, tolerance)
    own_truth = dict(setting.by_sample(truth))
    for sample, own in setting.by_sample(calls):
        rows = own_truth[sample]
        weights = setting.weights(calls[own]), setting.weights(truth[rows])
        for metric, draws_D in loop_matching.call_metrics(hit_c[own], found_t[rows], *weights).items():
            n = int(own.sum()) if metric == "loop_precision" else int(rows.sum())
            yield Estimate(prediction.model, prediction.seed, sample, f"{metric}_{tolerance}{suffix}", draws_D, n)


def ranked_estimates(prediction: Prediction, setting: Setting) -> Iterator[Estimate]:
    """Yield the recall of each truth at stated precisions when peaks are taken best first, whatever threshold was chosen."""
    peaks = prediction.peaks
    peaks = peaks[(peaks["split"] == "test") & peaks["sample"].isin(setting.samples)]
    peaks = peaks.sort_values("score", ascending=False, kind="stable")
    for place, (name, truth) in enumerate(setting.callable_truths.items()):
        suffix, own_truth = f"_vs_{name}" if place else "", dict(setting.by_sample(truth))
        for sample, own in setting.by_sample(peaks):
            rows = truth[own_truth[sample]]
            best = peaks[own].head(RANKED * (len(rows) + 1))  # beyond, no set is precise
            weight_Dc, true_D = setting.weights(best), setting.weights(rows).sum(axis=1)
            for tolerance in setting.config.tolerances_bins:
                hit_c = loop_matching.is_matched(best, setting.truths[name], tolerance)
                for precision in setting.config.precisions:
                    recall_D = loop_matching.recall_at_precision(hit_c, weight_Dc, true_D, precision)
                    metric = f"loop_recall_at_{precision:g}_{tolerance}{suffix}"
                    yield Estimate(prediction.model, prediction.seed, sample, metric, recall_D, len(rows))


def pile_estimates(prediction: Prediction, loops: pd.DataFrame, setting: Setting, piles: dict) -> Iterator[Estimate]:
    """Yield the APA scores of ``loops``, and keep their mean pile in ``piles`` by (model, sample)."""
    piles_nWW = pileup.cut_piles(setting.arrays, loops, setting.config.pile_bins)
    parts = pileup.pile_parts(piles_nWW, setting.config.corner_bins)
    for sample, own in setting.by_sample(loops):
        if own.any():
            piles.setdefault((prediction.model, sample), []).append((prediction.seed, pileup.mean_pile(piles_nWW[own])))
            for name, draws_D in pileup.apa_scores(parts.of(own), setting.weights(loops[own])).items():
                yield Estimate(prediction.model, prediction.seed, sample, name, draws_D, int(own.sum()), POSITIVE)


def truth_estimates(setting: Setting, piles: dict) -> Iterator[Estimate]:
    """Yield the APA scores of the first truth's own loops: what a perfect caller would reach."""
    loops = next(iter(setting.callable_truths.values()))
    yield from pile_estimates(Prediction(TRUTH, POOLED, loops, loops, loops), loops, setting, piles)


def control_estimates(pairs: pd.DataFrame, setting: Setting) -> Iterator[Estimate]:
    """Yield AUROC and AUPR with shuffled labels; their interval is where a model that knows nothing falls."""
    rng = generator(setting.config.seed, "permuted")
    for sample, own in setting.by_sample(pairs):
        if own.any() and setting.config.permutations:
            label_n, score_n = pairs.loc[own, "label"].to_numpy(), pairs.loc[own, "score"].to_numpy()
            for name, draws in metrics.permuted(label_n, score_n, setting.config.permutations, rng).items():
                yield Estimate(CONTROL, POOLED, sample, name, np.append(draws.mean(), draws), int(own.sum()))


def call_control_estimates(prediction: Prediction, calls: pd.DataFrame, setting: Setting) -> Iterator[Estimate]:
    """Yield the agreement with the first truth of as many candidates as were called, drawn at random, at each tolerance.

    Candidates are peaks of the map's own excess of contacts, so that what is drawn among them is not nothing: their interval
    is where a caller falls that ranks candidates without knowledge, also one that is not shown the contacts.
    """
    peaks = prediction.peaks[prediction.peaks["split"] == "test"].reset_index(drop=True)
    name, rng = next(iter(setting.truths)), generator(setting.config.seed, "candidates")
    truth = setting.callable_truths[name]
    own_truth, own_calls = dict(setting.by_sample(truth)), dict(setting.by_sample(calls))
    for sample, own in setting.by_sample(peaks):
        rows, count = truth[own_truth[sample]], min(int(own_calls[sample].sum()), int(own.sum()))
        if not (count and len(rows) and setting.config.permutations):
            continue
        drawn = [
            peaks[own].iloc[rng.choice(int(own.sum()), count, replace=False)]
            for _ in range(min(CONTROLS, setting.config.permutations))
        ]
        for tolerance in setting.config.tolerances_bins:
            found = [_random_agreement(candidates, (setting.truths[name], rows), tolerance) for candidates in drawn]
            for metric in found[0]:
                draws = np.array([each[metric] for each in found])
                n = count if metric == "loop_precision" else len(rows)
                yield Estimate(CONTROL, POOLED, sample, f"{metric}_{tolerance}", np.append(draws.mean(), draws), n)


def _random_agreement(
    candidates: pd.DataFrame, truths: tuple[pd.DataFrame, pd.DataFrame], tolerance: int
) -> Mapping[str, float]:
    hit_c = loop_matching.is_matched(candidates, truths[0], tolerance)
    found_t = loop_matching.is_matched(truths[1], candidates, tolerance)
    found = loop_matching.call_metrics(hit_c, found_t, np.ones((1, len(hit_c))), np.ones((1, len(found_t))))
    return {name: float(values_D[0]) for name, values_D in found.items()}


def collect_curves(prediction: Prediction, pairs: pd.DataFrame, setting: Setting, curves: dict) -> None:
    """Add the ROC and PR points of each sample to ``curves`` by (model, sample, curve)."""
    for sample, own in setting.by_sample(pairs):
        if own.any() and pairs.loc[own, "label"].nunique() == 2:
            ranking = metrics.rank(pairs.loc[own, "label"].to_numpy(), pairs.loc[own, "score"].to_numpy())
            for curve, points in metrics.curve_points(ranking).items():
                curves.setdefault((prediction.model, sample, curve), []).append((prediction.seed, points))


def _curve_rows(curves: Mapping) -> pd.DataFrame:
    """Return CURVES without its task: each seed's points, and their mean as seed ``all``."""
    frames = [pd.DataFrame(columns=["model", "seed", "sample", "curve", "x", "y"])]
    for (model, sample, curve), seeds in curves.items():
        for seed, (x, y) in [*seeds, (POOLED, metrics.mean_curve([points for _, points in seeds]))]:
            frames.append(
                pd.DataFrame({"model": model, "seed": seed, "sample": sample, "curve": curve, "x": x, "y": y})
            )
    return pd.concat(frames[1:] or frames, ignore_index=True)


def _pile_rows(piles: Mapping, pile_bins: int) -> pd.DataFrame:
    """Return PILEUPS without its task: each seed's mean pile, and their mean as seed ``all``."""
    offset = np.arange(-pile_bins, pile_bins + 1)
    rows, cols = (grid.ravel() for grid in np.meshgrid(offset, offset, indexing="ij"))
    frames = [pd.DataFrame(columns=["model", "seed", "sample", "row", "col", "value"])]
    for (model, sample), seeds in piles.items():
        own = [pair for pair in seeds if pair[0] != POOLED]
        for seed, pile in [*own, (POOLED, pileup.mean_pile(np.stack([pile for _, pile in seeds])))]:
            frames.append(
                pd.DataFrame(
                    {"model": model, "seed": seed, "sample": sample, "row": rows, "col": cols, "value": pile.ravel()}
                )
            )
    return pd.concat(frames[1:] or frames, ignore_index=True)
