"""The score table of similarities between maps: whether replicates are more alike than other biosamples, on the test split alone.

Every method is judged on the same places, at each of which every pair of samples has one similarity. The control,
``permuted_labels``, takes the first method's similarities and calls as many other pairs replicates, drawn anew for each block.

Axes: W places, P pairs of samples, R pairs of replicates, B blocks, C chromosomes, D draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.errors import InputError
from chiasma.core.seed import generator
from chiasma.evaluation import intervals
from chiasma.evaluation.config import IntervalConfig
from chiasma.evaluation.intervals import Bootstrap, Estimate
from chiasma.evaluation.map_moments import draw_sums, ratio, weighted_mean
from chiasma.evaluation.scoring import CONTROL, POOLED
from chiasma.schema.tables import PAIRS, SCORES

Array = NDArray[np.float64]
Pair = tuple[str, str]
LIMITS = {"replicate_auc": (0.0, 1.0), "replicate_margin": (-2.0, 2.0)}
SIMILARITY = (-1.0, 1.0)
SCORE_COLUMNS, PAIR_COLUMNS = (table.names[1:] for table in (SCORES, PAIRS))  # without the task


@dataclass(frozen=True)
class SimilarityPrediction:
    """What one model and seed say: a SIMILARITIES table of all samples."""

    model: str
    seed: str
    table: pd.DataFrame


@dataclass(frozen=True)
class SimilaritySetting:
    """What every method is judged by.

    Attributes
    ----------
    splits : SPLITS table
    config : intervals and the control
    replicates : biosample -> its samples, those that are judged
    """

    splits: pd.DataFrame
    config: IntervalConfig
    replicates: Mapping[str, Sequence[str]]

    @cached_property
    def bootstrap(self) -> Bootstrap:
        """The draws of blocks of the test regions."""
        return Bootstrap(self.splits, self.config.block_bp, self.config.draws, self.config.seed)

    @cached_property
    def biosample(self) -> dict[str, str]:
        """The biosample of each sample, in the order of the samples."""
        return {sample: name for name, own in self.replicates.items() for sample in own}


@dataclass(frozen=True)
class ScoredSimilarities:
    """The tables of an evaluation, without the column ``task``: SCORES and PAIRS."""

    scores: pd.DataFrame
    pairs: pd.DataFrame


@dataclass(frozen=True)
class Grid:
    """One method's similarities at the places and of the pairs that all methods know; nan where this pair is not known.

    Attributes
    ----------
    value_WP : similarity of each pair at each place
    block_W : block of each place
    chrom_B : number of the chromosome of each block
    """

    value_WP: Array
    block_W: NDArray[np.int64]
    chrom_B: NDArray[np.int64]

    @cached_property
    def sums(self) -> tuple[Array, Array]:
        """Sum and number of the similarities of each block (B, P)."""
        known_WP = np.isfinite(self.value_WP)
        return tuple(self._by_block(each) for each in (np.where(known_WP, self.value_WP, 0), known_WP))  # type: ignore[return-value]

    def _by_block(self, values_WP: NDArray) -> Array:
        out_BP = np.zeros((len(self.chrom_B), values_WP.shape[1]))
        np.add.at(out_BP, self.block_W, values_WP)
        return out_BP

    @cached_property
    def wins(self) -> tuple[Array, Array]:
        """How often the first pair scores above the second at the same place, a tie half, and of how many (B, P, P)."""
        shape = (len(self.chrom_B), *2 * self.value_WP.shape[1:])
        won_BPP, count_BPP = np.zeros(shape), np.zeros(shape)
        for block in np.unique(self.block_W):
            value_WP = self.value_WP[self.block_W == block]
            first, second = value_WP[:, :, None], value_WP[:, None, :]
            known = np.isfinite(first) & np.isfinite(second)
            won_BPP[block] = (((first > second) + 0.5 * (first == second)) * known).sum(axis=0)
            count_BPP[block] = known.sum(axis=0)
        return won_BPP, count_BPP

    def chromosome_means(self, weight_DB: Array) -> Array:
        """Return the mean of each pair over the places of each chromosome, in each draw (D, P, C); nan where it has none."""
        parts = []
        for chrom in range(int(self.chrom_B.max()) + 1):
            own_B = self.chrom_B == chrom
            parts.append(ratio(*(draw_sums(weight_DB[:, own_B], each[own_B]) for each in self.sums)))
        return np.stack(parts, axis=-1)


def score_similarities(predictions: list[SimilarityPrediction], setting: SimilaritySetting) -> ScoredSimilarities:
    """Judge all methods on the places and pairs that all of them know; InputError when there is none, or no replicates."""
    if not predictions:
        return ScoredSimilarities(pd.DataFrame(columns=SCORE_COLUMNS), pd.DataFrame(columns=PAIR_COLUMNS))
    pairs, chromosomes, grids = common_grids(predictions, setting)
    weight_DB = setting.bootstrap.weight_DB
    groups = build_groups(pairs, setting.biosample)
    estimates: list[Estimate] = []
    rows: list[pd.DataFrame] = []
    for prediction, grid in zip(predictions, grids, strict=True):
        mean_DPC = grid.chromosome_means(weight_DB)
        for name, sides in groups.items():
            for metric, (draws_D, n) in group_scores(grid, mean_DPC, sides, weight_DB).items():
                identity = (prediction.model, prediction.seed, name, metric)
                estimates.append(Estimate(*identity, draws_D, n, LIMITS.get(metric, SIMILARITY)))
        rows.append(pair_rows(prediction, (pairs, chromosomes), grid, mean_DPC[0], setting.biosample))
    estimates += control_estimates(grids[0], groups, setting.config)
    return ScoredSimilarities(
        intervals.score_rows(estimates, setting.config.compare, setting.config.interval), with_means(rows)
    )


# ------------------------------------------------------------------------------------------------ places and pairs


def common_grids(
    predictions: list[SimilarityPrediction], setting: SimilaritySetting
) -> tuple[list[Pair], list[str], list[Grid]]:
    """Return the pairs, the chromosomes, and each method's `Grid`, with nothing in it that another method does not know."""
    known = [test_values(prediction, setting.biosample) for prediction in predictions]
    index = known[0].index
    for values in known[1:]:
        index = index.intersection(values.index)
    if index.empty:
        raise InputError(
            "no pair of samples has a similarity by every method at a place of the test split; is there a window in it that "
            "two samples share?"
        )
    frames = [values.loc[index].unstack(["sample", "other"]) for values in known]
    order = list(setting.biosample)
    pairs = sorted(frames[0].columns, key=lambda pair: (order.index(pair[0]), order.index(pair[1])))
    places = frames[0].index.to_frame(index=False)
    block_W = setting.bootstrap.index(places["chrom"], places["start"])
    named_B = [chrom for chrom, _ in sorted(setting.bootstrap.blocks.place, key=setting.bootstrap.blocks.place.get)]
    chromosomes = list(dict.fromkeys(named_B))
    chrom_B = np.array([chromosomes.index(chrom) for chrom in named_B])
    return pairs, chromosomes, [Grid(frame[pairs].to_numpy(float), block_W, chrom_B) for frame in frames]


def test_values(prediction: SimilarityPrediction, biosample: Mapping[str, str]) -> pd.Series:
    """Return the finite similarities of the test split by chrom, start, sample, other; of the two orders of a pair the first."""
    table, order = prediction.table, {name: place for place, name in enumerate(biosample)}
    first, second = (table[name].map(order) for name in ("sample", "other"))
    own = table[(first < second) & (table["split"] == "test") & np.isfinite(table["similarity"].astype(float))]
    return own.set_index(["chrom", "start", "sample", "other"])["similarity"].sort_index()


def build_groups(
    pairs: Sequence[Pair], biosample: Mapping[str, str]
) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return for each biosample with replicates, and for all, which pairs are of replicates and which are not.

    Those that are not have one sample of the biosample. A biosample alone with replicates is not told apart from all.

    Raises
    ------
    InputError
        When no pair is of replicates, or all are.
    """
    named_P = np.array([[biosample[name] for name in pair] for pair in pairs], object).reshape(-1, 2)
    same_P = named_P[:, 0] == named_P[:, 1]
    if not same_P.any() or same_P.all():
        raise InputError(
            f"of the pairs of samples with similarities ({', '.join('+'.join(pair) for pair in pairs)}) "
            f"{'all' if same_P.any() else 'none'} are replicates; predict two replicates and another biosample"
        )
    groups = {POOLED: (np.flatnonzero(same_P), np.flatnonzero(~same_P))}
    several = list(dict.fromkeys(named_P[same_P, 0]))
    for name in several if len(several) > 1 else ():
        held_P = (named_P == name).any(axis=1)
        if (held_P & ~same_P).any():
            groups[name] = (np.flatnonzero(same_P & held_P), np.flatnonzero(~same_P & held_P))
    return groups


# ---------------------------------------------------------------------------------------------------------- scores


def group_scores(
    grid: Grid, mean_DPC: Array, sides: tuple[NDArray[np.int64], NDArray[np.int64]], weight_DB: Array
) -> dict[str, tuple[Array, int]]:
    """Return every metric of a group of pairs, with the number of places behind it.

    replicate_auc : chance that a pair of replicates scores above another pair at the same place
    replicate_similarity, other_similarity : mean over pairs of their mean over chromosomes of the mean over places
    replicate_margin : the smallest such mean of a pair of replicates less the largest of another pair; above 0 one threshold
        tells all pairs
    """
    same, other = sides
    won_B, count_B = (each[:, same][:, :, other].sum(axis=(1, 2)) for each in grid.wins)
    mean_DP = weighted_mean(mean_DPC, np.ones_like(mean_DPC))
    n = int(np.isfinite(grid.value_WP[:, same]).any(axis=1).sum())
    auc_D = ratio(draw_sums(weight_DB, won_B), draw_sums(weight_DB, count_B))
    return {
        "replicate_auc": (auc_D, n),
        "replicate_similarity": (mean_DP[:, same].mean(axis=1), n),
        "other_similarity": (mean_DP[:, other].mean(axis=1), n),
        "replicate_margin": (mean_DP[:, same].min(axis=1) - mean_DP[:, other].max(axis=1), n),
    }


def control_estimates(
    grid: Grid, groups: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]], config: IntervalConfig
) -> Iterator[Estimate]:
    """Yield the AUC when other pairs are called replicates, drawn for each block; its interval is what chance gives.

    Places of one block overlap, so they are called alike.
    """
    rng, (won_BPP, count_BPP) = generator(config.seed, "replicates"), grid.wins
    blocks_B1 = np.unique(grid.block_W)[:, None, None]
    for name, (same, other) in groups.items() if config.permutations else ():
        pairs = np.concatenate([same, other])
        drawn_D = np.full(config.permutations, np.nan)
        for draw in range(config.permutations):
            dealt_BP = rng.permuted(np.tile(pairs, (len(blocks_B1), 1)), axis=1)
            sides = dealt_BP[:, : len(same), None], dealt_BP[:, None, len(same) :]
            won, count = (each[blocks_B1, *sides].sum() for each in (won_BPP, count_BPP))
            drawn_D[draw] = won / count if count else np.nan
        known_D = drawn_D[np.isfinite(drawn_D)]
        values = np.append(known_D.mean() if len(known_D) else np.nan, drawn_D)
        n = int(np.isfinite(grid.value_WP[:, same]).any(axis=1).sum())
        yield Estimate(CONTROL, POOLED, name, "replicate_auc", values, n, LIMITS["replicate_auc"])


def pair_rows(
    prediction: SimilarityPrediction,
    names: tuple[list[Pair], list[str]],
    grid: Grid,
    mean_PC: Array,
    biosample: Mapping[str, str],
) -> pd.DataFrame:
    """Return the rows of PAIRS of one method, without its task: each pair on each chromosome, and their mean as ``all``."""
    pairs, chromosomes = names
    count_PC = np.stack([grid.sums[1][grid.chrom_B == place].sum(axis=0) for place in range(len(chromosomes))], axis=-1)
    pooled_P = weighted_mean(mean_PC, np.ones_like(mean_PC))
    rows = [
        (*pair, biosample[pair[0]] == biosample[pair[1]], chrom, value, int(n))
        for place, pair in enumerate(pairs)
        for chrom, value, n in zip(
            [*chromosomes, POOLED],
            [*mean_PC[place], pooled_P[place]],
            [*count_PC[place], count_PC[place].sum()],
            strict=True,
        )
        if n
    ]
    return pd.DataFrame(rows, columns=PAIR_COLUMNS[2:]).assign(model=prediction.model, seed=prediction.seed)


def with_means(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return PAIRS without its task: each seed's means, and their mean over seeds as seed ``all``."""
    rows = pd.concat(frames, ignore_index=True)
    keys = ["model", "sample", "other", "replicates", "chrom"]
    means = rows.groupby(keys, sort=False, as_index=False).agg(value=("value", "mean"), n=("n", "first"))
    return pd.concat([rows[rows["seed"] != POOLED], means.assign(seed=POOLED)], ignore_index=True)[PAIR_COLUMNS]
