"""How sure a number is: bootstrap over genomic blocks, and Student's t over seeds.

Axes: B blocks, D draws. The first draw is the data itself: each block once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from chiasma.core.seed import generator

LEVEL = 0.95


@dataclass(frozen=True)
class Blocks:
    """The genomic blocks that hold a split's regions; neighbouring pairs stand or fall together, so blocks are what is resampled.

    Attributes
    ----------
    block_bp : length of a block
    place : (chromosome, number of the block from its start) -> index
    """

    block_bp: int
    place: dict[tuple[str, int], int]

    def index(self, chrom: pd.Series, start_bp: pd.Series) -> NDArray[np.int64]:
        """Return the block of each position; KeyError when a position lies in no region of the split."""
        numbers = start_bp.to_numpy() // self.block_bp
        return np.array([self.place[key] for key in zip(chrom, numbers.tolist(), strict=True)], np.int64)


def build_blocks(splits: pd.DataFrame, split: str, block_bp: int) -> Blocks:
    """Return the blocks of ``block_bp`` that overlap a region of ``split``."""
    regions = splits[splits["split"] == split]
    keys = {
        (chrom, number)
        for chrom, start, end in regions[["chrom", "start", "end"]].itertuples(index=False)
        for number in range(start // block_bp, (end - 1) // block_bp + 1)
    }
    return Blocks(block_bp, {key: index for index, key in enumerate(sorted(keys))})


def block_weights(blocks: Blocks, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return how often each block is taken (1 + draws, B): the first row all ones, then as many blocks with replacement."""
    count = len(blocks.place)
    taken = rng.multinomial(count, np.full(count, 1 / count), size=draws)
    return np.concatenate([np.ones((1, count)), taken])


@dataclass(frozen=True)
class Bootstrap:
    """Draws of the test regions' blocks, the same for every model, so that differences are paired.

    Attributes
    ----------
    splits : SPLITS table
    block_bp : length of a block
    draws : draws beside the data itself
    seed : of the draws
    """

    splits: pd.DataFrame
    block_bp: int
    draws: int
    seed: int

    @cached_property
    def blocks(self) -> Blocks:
        """The blocks of the test regions."""
        return build_blocks(self.splits, "test", self.block_bp)

    @cached_property
    def weight_DB(self) -> NDArray[np.float64]:
        """How often each draw takes each block."""
        return block_weights(self.blocks, self.draws, generator(self.seed, "blocks"))

    def index(self, chrom: pd.Series, start_bp: pd.Series) -> NDArray[np.int64]:
        """Return the block of each position (n,); KeyError when a position lies in no test region."""
        return self.blocks.index(chrom, start_bp)

    def weights(self, chrom: pd.Series, start_bp: pd.Series) -> NDArray[np.float64]:
        """Return the weight of each position in each draw (D, n)."""
        return self.weight_DB[:, self.index(chrom, start_bp)]


@dataclass(frozen=True)
class Estimate:
    """One metric of one model and seed on one sample.

    Attributes
    ----------
    draws_D : its value on the data (first) and under each bootstrap draw
    n : examples, calls or true loops behind it
    limits : smallest and largest value the metric can have; no interval leaves them
    """

    model: str
    seed: str
    sample: str
    metric: str
    draws_D: NDArray[np.float64]
    n: int
    limits: tuple[float, float] = (0.0, 1.0)

    @property
    def value(self) -> float:
        """The value on the data."""
        return float(self.draws_D[0])


def bootstrap_interval(draws_D: NDArray[np.float64]) -> tuple[float, float]:
    """Return the percentile interval of the draws after the first; nan without two finite draws."""
    finite = draws_D[1:][np.isfinite(draws_D[1:])]
    if len(finite) < 2:
        return math.nan, math.nan
    low, high = np.quantile(finite, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def t_interval(values: Iterable[float]) -> tuple[float, float]:
    """Return the interval of the mean of ``values`` by Student's t with n - 1 degrees of freedom; nan for fewer than two."""
    values = np.asarray(list(values), float)
    if len(values) < 2:
        return math.nan, math.nan
    reach = stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values))
    return float(values.mean() - reach), float(values.mean() + reach)


def mean_over_seeds(estimates: list[Estimate], interval: str) -> dict[str, object]:
    """Return the row with seed ``all`` for one metric, model and sample: the mean over seeds with its interval.

    ``interval`` is ``seeds`` for Student's t over seeds (n counts seeds), or ``blocks`` for the bootstrap of the mean over
    seeds (n counts examples). One seed, or a seedless baseline, has the bootstrap in either case.
    """
    first = estimates[0]
    mean_D = np.mean([estimate.draws_D for estimate in estimates], axis=0)
    over_seeds = interval == "seeds" and len(estimates) > 1
    low, high = t_interval([estimate.value for estimate in estimates]) if over_seeds else bootstrap_interval(mean_D)
    n = len(estimates) if over_seeds else first.n
    return _row(first, "all", first.metric, (float(mean_D[0]), low, high), n)


def difference(model: list[Estimate], reference: list[Estimate], interval: str) -> dict[str, object]:
    """Return the row of model minus reference, paired by seed and by bootstrap draw.

    A reference with a single seed (a baseline that is not seeded) is taken from every seed of the model. Where neither
    side shares a seed with the other, the means over seeds are compared by the bootstrap.
    """
    by_seed = {estimate.seed: estimate for estimate in reference}
    if len(reference) == 1:
        by_seed = {estimate.seed: reference[0] for estimate in model}
    shared = [estimate for estimate in model if estimate.seed in by_seed]
    pairs = [(own, by_seed[own.seed]) for own in shared] or [(own, other) for own in model for other in reference]
    gaps = [
        Estimate(
            own.model,
            own.seed,
            own.sample,
            f"{own.metric}_difference_from_{other.model}",
            own.draws_D - other.draws_D,
            own.n,
            (own.limits[0] - other.limits[1], own.limits[1] - other.limits[0]),
        )
        for own, other in pairs
    ]
    return mean_over_seeds(gaps, interval if shared else "blocks")


def score_rows(estimates: list[Estimate], compare: Iterable[tuple[str, str]], interval: str) -> pd.DataFrame:
    """Return the rows of a score table without its task: each seed, the mean over seeds, and the asked differences."""
    groups: dict[tuple[str, str, str], list[Estimate]] = {}
    for estimate in estimates:
        groups.setdefault((estimate.model, estimate.sample, estimate.metric), []).append(estimate)
    rows = [
        _row(each, each.seed, each.metric, (each.value, *bootstrap_interval(each.draws_D)), each.n)
        for each in estimates
        if each.seed != "all"
    ]
    rows += [mean_over_seeds(group, interval) for group in groups.values()]
    for model, reference in compare:
        for (name, sample, metric), group in groups.items():
            other = groups.get((reference, sample, metric))
            if name == model and other is not None:
                rows.append(difference(group, other, interval))
    return pd.DataFrame(rows)


def _row(estimate: Estimate, seed: str, metric: str, bounds: tuple[float, float, float], n: int) -> dict[str, object]:
    value, low, high = bounds
    low, high = np.clip([low, high], *estimate.limits).tolist()
    return {
        "model": estimate.model, "seed": seed, "sample": estimate.sample, "metric": metric,
        "value": value, "low": low, "high": high, "n": n,
    }  # fmt: skip
