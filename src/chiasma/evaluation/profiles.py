"""The scores of predicted signal along the genome: per bin, per gene, and between samples, on the test split alone.

Axes: I bins of a chromosome, n scored bins of all samples, g bins where genes start, S samples, D draws, B blocks. Signal is
compared as log2(1 + signal).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.log import log, progress
from chiasma.core.seed import generator
from chiasma.evaluation import intervals, metrics
from chiasma.evaluation.agreement import Moments, moments, spearman
from chiasma.evaluation.config import ProfileConfig
from chiasma.evaluation.intervals import Bootstrap, Estimate
from chiasma.tiles.splits import region_of

Array = NDArray[np.float64]
Key = tuple[str, str]  # sample, chromosome
Measured = Iterator[tuple[str, str, Array, int]]  # sample, metric, draws_D, number of places

POOLED = "all"  # the sample that holds all samples, and the seed that is the mean over seeds
CONTROL = "permuted_labels"  # model name of the control
SHIFT = 0.1, 0.9  # the control shifts truth by a fraction of a chromosome's bins between these
LIMITS = {
    "r2": (-np.inf, 1.0), "r2_swapped": (-np.inf, 1.0), "pearson": (-1.0, 1.0), "spearman": (-1.0, 1.0),
    "mse": (0.0, np.inf), "auroc": (0.0, 1.0),
}  # fmt: skip


@dataclass(frozen=True)
class ProfilePrediction:
    """What one model and seed predicted.

    Attributes
    ----------
    values : (sample, chromosome) -> (I,) predicted log2(1 + signal) of each contact bin; nan where nothing is predicted
    """

    model: str
    seed: str
    values: Mapping[Key, NDArray]


@dataclass(frozen=True)
class ProfileSetting:
    """What every prediction is compared with.

    Attributes
    ----------
    truth : (sample, chromosome) -> (I,) measured signal of each contact bin, not below 0; nan where unknown
    genes : sample, chrom, bin, name of the bin in which a gene's transcription starts; a bin may hold several genes
    splits : SPLITS table
    resolution_bp : length of a contact bin
    """

    truth: Mapping[Key, NDArray]
    genes: pd.DataFrame
    splits: pd.DataFrame
    resolution_bp: int
    config: ProfileConfig

    @cached_property
    def bootstrap(self) -> Bootstrap:
        """The draws of the test regions' blocks."""
        return Bootstrap(self.splits, self.config.block_bp, self.config.draws, self.config.seed)

    @property
    def threshold(self) -> float:
        """The log2(1 + signal) above which a gene is expressed."""
        return float(np.log2(1 + self.config.expressed_above))


@dataclass(frozen=True)
class ScoredProfiles:
    """The tables of an evaluation of profiles, SCORES and GENE_LEVELS, without the column ``task``."""

    scores: pd.DataFrame
    genes: pd.DataFrame


@dataclass(frozen=True)
class ScoredBins:
    """The bins that every model is scored on, and what was measured there.

    Attributes
    ----------
    bins : (sample, chromosome) -> its scored bins, ascending; all of them in this order are the n places
    places : sample, chrom, bin of each place
    observed_n : measured log2(1 + signal)
    block_n : block of the bootstrap
    genes : sample, chrom, bin, name, place of the genes that start in a scored bin
    """

    bins: Mapping[Key, NDArray[np.int64]]
    places: pd.DataFrame
    observed_n: Array
    block_n: NDArray[np.int64]
    genes: pd.DataFrame

    def take(self, values: Mapping[Key, NDArray]) -> Array:
        """Return a profile's values at the scored bins (n,)."""
        return np.concatenate([np.asarray(values[key], float)[own] for key, own in self.bins.items()])

    @cached_property
    def gene_places(self) -> NDArray[np.int64]:
        """The places where a gene starts (g,), each once."""
        return np.unique(self.genes["place"].to_numpy())

    @cached_property
    def paired(self) -> NDArray[np.int64]:
        """The places where a gene starts that are scored in every sample, one row for each bin, a column for each sample."""
        at = self.places.loc[self.gene_places].assign(place=self.gene_places)
        return at.pivot(index=["chrom", "bin"], columns="sample", values="place").dropna().to_numpy(np.int64)

    @cached_property
    def by_sample(self) -> dict[str, NDArray[np.int64]]:
        """Each sample, and all of them when there are several, with its places."""
        names = self.places["sample"].unique()
        own = {sample: np.flatnonzero(self.places["sample"] == sample) for sample in names}
        return own | ({POOLED: np.arange(len(self.places))} if len(names) > 1 else {})


def score_profiles(predictions: list[ProfilePrediction], setting: ProfileSetting) -> ScoredProfiles:
    """Compare all predictions with the measured signal on the test bins that each of them predicts.

    Raises
    ------
    ValueError
        When a profile has another length than the truth, the truth is negative, or no test bin is left.
    """
    scored = find_bins(predictions, setting)
    estimates: list[Estimate] = []
    levels: dict[str, list[tuple[str, Array]]] = {}
    for prediction in progress(predictions, "evaluate"):
        predicted_n = scored.take(prediction.values)
        case = predicted_n, scored.observed_n, scored, setting.bootstrap.weight_DB
        found = [*measure_bins(*case), *measure_genes(*case, setting.threshold)]
        estimates += [estimate(prediction.model, prediction.seed, *each) for each in found]
        levels.setdefault(prediction.model, []).append((prediction.seed, predicted_n))
    if predictions:
        taken = [scored.take(prediction.values) for prediction in predictions]
        estimates += control_estimates(varied(taken), scored, setting)
    scores = intervals.score_rows(estimates, setting.config.compare, setting.config.interval)
    return ScoredProfiles(scores, _level_rows(levels, scored))


def varied(predictions: list[Array]) -> Array:
    """Return the first prediction (n,) that varies, else the first: a constant has nothing to misplace."""
    return next((values_n for values_n in predictions if np.ptp(values_n) > 0), predictions[0])


def find_bins(predictions: list[ProfilePrediction], setting: ProfileSetting) -> ScoredBins:
    """Return the bins wholly inside test regions that are measured and that every prediction knows, with a warning where they differ."""
    found, counts = {}, np.zeros(len(predictions), int)
    for key, truth_I in setting.truth.items():
        measured_I = np.isfinite(truth_I) & _is_test(key[1], len(truth_I), setting)
        known_PI = np.array([_is_known(each, key, len(truth_I)) for each in predictions], bool).reshape(
            -1, len(truth_I)
        )
        counts += (known_PI & measured_I).sum(axis=1)
        found[key] = np.flatnonzero(known_PI.all(axis=0) & measured_I)
    total = sum(map(len, found.values()))
    if (counts > total).any():
        each = ", ".join(f"{own.model} seed {own.seed}: {n}" for own, n in zip(predictions, counts, strict=True))
        log.warning("models predict different test bins (%s): all are scored on the %d that they share", each, total)
    if not total:
        raise ValueError("no test bin is both measured and predicted by every model; check splits, samples and masks")
    return _scored_bins(found, setting)


def measure_bins(predicted_n: Array, observed_n: Array, scored: ScoredBins, weight_DB: Array) -> Measured:
    """Yield the metrics over all scored bins of each sample and of all."""
    for sample, own in scored.by_sample.items():
        case = predicted_n[own], observed_n[own], scored.block_n[own], weight_DB
        sums, rho_D = moments(*case), spearman(*case)
        values = {"r2": sums.r2_D, "r2_swapped": sums.r2_swapped_D, "pearson": sums.pearson_D, "spearman": rho_D}
        for name, draws_D in (values | {"mse": sums.mse_D}).items():
            yield sample, f"bin_{name}", draws_D, len(own)


def measure_genes(
    predicted_n: Array, observed_n: Array, scored: ScoredBins, weight_DB: Array, threshold: float
) -> Measured:
    """Yield the metrics over the bins where genes start, of each sample, of all, and between samples."""
    for sample, own in scored.by_sample.items():
        at = np.intersect1d(own, scored.gene_places)
        if len(at):
            case = predicted_n[at], observed_n[at], scored.block_n[at], weight_DB
            for name, draws_D in gene_metrics(*case, threshold).items():
                yield sample, f"gene_{name}", draws_D, len(at)
    if scored.paired.size and scored.paired.shape[1] > 1:
        sums = difference_moments(predicted_n, observed_n, scored, weight_DB)
        yield POOLED, "gene_difference_pearson", sums.pearson_D, len(scored.paired)


def gene_metrics(
    predicted_g: Array, observed_g: Array, block_g: NDArray[np.int64], weight_DB: Array, threshold: float
) -> dict[str, Array]:
    """Return the metrics of the bins where genes start, each (D,); AUROC tells those above ``threshold`` from the others."""
    case = predicted_g, observed_g, block_g, weight_DB
    sums = moments(*case)
    ranking = metrics.rank(observed_g > threshold, predicted_g, weight_DB[:, block_g])
    values = {"r2": sums.r2_D, "pearson": sums.pearson_D, "spearman": spearman(*case)}
    return values | {"auroc": metrics.auroc(ranking)}


def difference_moments(predicted_n: Array, observed_n: Array, scored: ScoredBins, weight_DB: Array) -> Moments:
    """Return the sums, within samples, of each gene's departure from its mean over samples.

    What is constant between samples, and what all genes of a sample have in common, falls out: with two samples the
    correlation is Pearson's of the genes' differences between them.
    """
    predicted_gS, observed_gS = (values[scored.paired] for values in (predicted_n, observed_n))
    block_g = scored.block_n[scored.paired[:, 0]]
    departures = [values - values.mean(axis=1, keepdims=True) for values in (predicted_gS, observed_gS)]
    return reduce(
        add, (moments(p_g, y_g, block_g, weight_DB) for p_g, y_g in zip(*(d.T for d in departures), strict=True))
    )


def control_estimates(predicted_n: Array, scored: ScoredBins, setting: ProfileSetting) -> Iterator[Estimate]:
    """Yield every metric against truth shifted along its chromosome; their interval is where a model that knows nothing falls.

    A circular shift keeps what neighbouring bins have in common; genes take the level of another gene, so that they stay
    unlike other bins. All samples are shifted alike.
    """
    rng = generator(setting.config.seed, "permuted")
    weight_1B = np.ones((1, setting.bootstrap.weight_DB.shape[1]))
    draws: dict[tuple[str, str, int], list[float]] = {}
    for fraction in rng.uniform(*SHIFT, size=setting.config.permutations):
        bins_n, genes_n = (
            shift_truth(scored, at, fraction) for at in (np.arange(len(predicted_n)), scored.gene_places)
        )
        found = measure_genes(predicted_n, genes_n, scored, weight_1B, setting.threshold)
        for sample, name, value_1, n in [*measure_bins(predicted_n, bins_n, scored, weight_1B), *found]:
            draws.setdefault((sample, name, n), []).append(value_1[0])
    for (sample, name, n), values in draws.items():
        known = np.array(values)[np.isfinite(values)]
        yield estimate(CONTROL, POOLED, sample, name, np.append(known.mean() if len(known) else np.nan, values), n)


def shift_truth(scored: ScoredBins, at: NDArray[np.int64], fraction: float) -> Array:
    """Return the measured values (n,) with those at ``at`` moved on among themselves, in each sample's chromosome.

    Parameters
    ----------
    at : places to move, ascending
    fraction : of the places of a chromosome that values move by, at least one place
    """
    ends = np.cumsum([len(own) for own in scored.bins.values()])
    shifted_n = scored.observed_n.copy()
    for own in np.split(at, np.searchsorted(at, ends[:-1])):
        shifted_n[own] = np.roll(scored.observed_n[own], 1 + int(fraction * (len(own) - 1)))
    return shifted_n


def estimate(model: str, seed: str, sample: str, metric: str, draws_D: Array, n: int) -> Estimate:
    """Return an estimate with the limits of its metric."""
    limits = next(limits for name, limits in LIMITS.items() if metric.endswith(name))
    return Estimate(model, seed, sample, metric, draws_D, n, limits)


def _is_test(chrom: str, bins: int, setting: ProfileSetting) -> NDArray[np.bool_]:
    start = np.arange(bins) * setting.resolution_bp
    return region_of(setting.splits, chrom, start, start + setting.resolution_bp) == "test"


def _is_known(prediction: ProfilePrediction, key: Key, bins: int) -> NDArray[np.bool_]:
    values_I = prediction.values.get(key)
    if values_I is None:
        return np.zeros(bins, bool)
    if np.shape(values_I) != (bins,):
        found = f"{prediction.model} seed {prediction.seed}: profile of {' '.join(key)} has shape {np.shape(values_I)}"
        raise ValueError(f"{found}; expected a value for each of {bins} bins")
    return np.isfinite(values_I)


def _scored_bins(bins: Mapping[Key, NDArray[np.int64]], setting: ProfileSetting) -> ScoredBins:
    bins = {key: own for key, own in bins.items() if len(own)}
    frames = [pd.DataFrame({"sample": key[0], "chrom": key[1], "bin": own}) for key, own in bins.items()]
    places = pd.concat(frames, ignore_index=True)
    signal_n = np.concatenate([np.asarray(setting.truth[key], float)[own] for key, own in bins.items()])
    if (signal_n < 0).any():
        raise ValueError(f"measured signal must not be below 0 for its logarithm, found {signal_n.min():g}")
    genes = setting.genes.merge(places.assign(place=np.arange(len(places))), on=["sample", "chrom", "bin"])
    block_n = setting.bootstrap.index(places["chrom"], places["bin"] * setting.resolution_bp)
    return ScoredBins(bins, places, np.log2(1 + signal_n), block_n, genes[["sample", "chrom", "bin", "name", "place"]])


def _level_rows(levels: Mapping[str, list[tuple[str, Array]]], scored: ScoredBins) -> pd.DataFrame:
    """Return GENE_LEVELS without its task: each seed's prediction at each gene, and their mean as seed ``all``."""
    at = scored.genes["place"].to_numpy()
    frames = [pd.DataFrame(columns=["model", "seed", "sample", "chrom", "bin", "name", "predicted", "observed"])]
    for model, seeds in levels.items():
        mean_n = np.mean([predicted_n for _, predicted_n in seeds], axis=0)
        for seed, predicted_n in [*seeds, (POOLED, mean_n)]:
            own = scored.genes.drop(columns="place").assign(model=model, seed=seed)
            frames.append(own.assign(predicted=predicted_n[at], observed=scored.observed_n[at])[list(frames[0])])
    return pd.concat(frames[1:] or frames, ignore_index=True)
