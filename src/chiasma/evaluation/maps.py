"""The score table of predicted contact maps: every model, seed and sample by the same lines, on the test split alone.

The control, ``permuted_labels``, is the first prediction that is more than a decay, against the truth of other places. The model
``truth`` is the observed map itself, where what is known of the genome beside it is what maps are scored by.

Axes: I bins, S distance in bins, B blocks, D draws, M sums.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.core.errors import InputError, unknown
from chiasma.core.log import progress
from chiasma.evaluation import intervals
from chiasma.evaluation.boundaries import boundary_scores
from chiasma.evaluation.image_scores import CEILING_DB, image_scores
from chiasma.evaluation.intervals import Bootstrap, Estimate
from chiasma.evaluation.map_annotation import Annotation
from chiasma.evaluation.map_config import MapConfig
from chiasma.evaluation.map_control import can_be_wrong, shifted_scores
from chiasma.evaluation.map_depth import depth_scores
from chiasma.evaluation.map_fields import Fields, build_fields
from chiasma.evaluation.map_loop_scores import FURTHER_F1, loop_scores
from chiasma.evaluation.map_metrics import Observed, Scores, log_moments, map_scores, stacked
from chiasma.evaluation.map_moments import pearson
from chiasma.evaluation.map_pairs import OF, pair_scores
from chiasma.evaluation.map_pixels import Bands, Piece, common_pieces
from chiasma.evaluation.map_states import shifted_state_scores, state_scores
from chiasma.evaluation.random_walk import walk_scores
from chiasma.evaluation.scoring import CONTROL, POOLED, TRUTH
from chiasma.schema.tables import SCORES, STRATA
from chiasma.tiles.arrays import TileArrays

Array = NDArray[np.float64]
CORRELATION, EXPLAINED, ERROR = (-1.0, 1.0), (-np.inf, 1.0), (0.0, np.inf)
SHARE = (0.0, 1.0)
LIMITS = {
    "r2": EXPLAINED, "r2_swapped": EXPLAINED, "mse": ERROR, "compartment_r": SHARE, "matched_mse": ERROR, "depth_ratio": ERROR,
    "decay_calibration": (-np.inf, np.inf), "psnr": (-np.inf, CEILING_DB), "boundary_precision": SHARE,
    "boundary_recall": SHARE, "boundary_f1": SHARE, "loop_precision": SHARE, "loop_recall": SHARE, "loop_f1": SHARE,
    FURTHER_F1: SHARE,
    "states_r": SHARE, "pair_auc": SHARE, "pair_enrichment": ERROR,
}  # fmt: skip
TOLERANCE = re.compile(r"_\d+$")
FURTHER = (depth_scores, image_scores, walk_scores, boundary_scores, loop_scores)
ANNOTATED = (state_scores, pair_scores)
SCORE_COLUMNS, STRATA_COLUMNS = (table.names[1:] for table in (SCORES, STRATA))  # without the task


def limits_of(metric: str) -> tuple[float, float]:
    """Return the smallest and the largest value of a metric, whatever it is of and at whatever tolerance."""
    return LIMITS.get(TOLERANCE.sub("", metric.partition(OF)[0]), CORRELATION)


@dataclass(frozen=True)
class MapPrediction:
    """What one model and seed predicted.

    Attributes
    ----------
    bands : (sample, chromosome) -> count-like contacts (bins of the chromosome, distances), [i, d] the pair (i, i + d);
        nan where nothing is predicted; fewer distances than the stored band has are fine; negative contacts count as 0
    """

    model: str
    seed: str
    bands: Bands


@dataclass(frozen=True)
class MapSetting:
    """What every predicted map is compared with.

    Attributes
    ----------
    truth_of : sample that is predicted -> sample of the same arrays whose observed map is its truth (an enhanced shallow
        map against the deep one of the same cells); a sample that is not named is its own truth
    annotations : sample that is predicted -> what is known beside its truth; a sample that is not named has nothing
    """

    arrays: TileArrays
    splits: pd.DataFrame
    config: MapConfig
    truth_of: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, Annotation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse samples that the arrays do not hold, for a name misspelt would be its own truth."""
        for sample in (*self.truth_of, *self.truth_of.values()):
            if sample not in self.arrays.meta.samples:
                raise InputError(unknown("sample", sample, self.arrays.meta.samples, "truth_of"))

    @cached_property
    def bootstrap(self) -> Bootstrap:
        """The draws of blocks of the test regions."""
        return Bootstrap(self.splits, self.config.block_bp, self.config.draws, self.config.seed)


@dataclass(frozen=True)
class ScoredMaps:
    """The tables of an evaluation, without the column ``task``: SCORES and STRATA."""

    scores: pd.DataFrame
    strata: pd.DataFrame


def score_maps(predictions: list[MapPrediction], setting: MapSetting) -> ScoredMaps:
    """Compare all predicted maps with the observed ones, on the pixels that all of them hold; InputError when there is none."""
    if not predictions:
        return ScoredMaps(pd.DataFrame(columns=SCORE_COLUMNS), pd.DataFrame(columns=STRATA_COLUMNS))
    config, resolution_bp = setting.config, setting.arrays.meta.resolution_bp
    pieces = common_pieces(
        [own.bands for own in predictions],
        setting.arrays,
        setting.splits,
        setting.bootstrap.blocks,
        config.min_distance_bins,
        setting.truth_of,
    )
    truth = build_fields(pieces, [piece.contacts_IS for piece in pieces], config, resolution_bp)
    estimates: list[Estimate] = []
    strata: list[pd.DataFrame] = []
    groups = build_groups(pieces, truth, setting)
    for observed, _ in groups:
        estimates += build_estimates((TRUTH, POOLED), observed, annotated_scores(observed, observed.fields))
    controlled = not config.permutations
    for prediction in progress(predictions, "evaluate maps"):
        contacts = [piece.cut(prediction.bands[piece.sample, piece.chrom]) for piece in pieces]
        fields = build_fields(pieces, contacts, config, resolution_bp)
        for observed, places in groups:
            own = [fields[at] for at in places]
            log_BSM = log_moments(observed, own)
            found = all_scores(observed, own, log_BSM)
            estimates += build_estimates((prediction.model, prediction.seed), observed, found)
            strata.append(stratum_rows(prediction, observed, own, log_BSM))
        if not controlled and can_be_wrong(fields):
            controlled = True
            for observed, places in groups:
                estimates += control_estimates(observed, [fields[at] for at in places])
    return ScoredMaps(intervals.score_rows(estimates, config.compare, config.interval), _with_means(strata))


def build_groups(pieces: list[Piece], truth: list[Fields], setting: MapSetting) -> list[tuple[Observed, list[int]]]:
    """Return the truth of each sample, and of all when there are several, each with the places of its pieces."""
    samples = list(dict.fromkeys(piece.sample for piece in pieces))
    held = {name: [at for at, piece in enumerate(pieces) if piece.sample == name] for name in samples}
    if len(samples) > 1:
        held[POOLED] = list(range(len(pieces)))
    shared = (setting.bootstrap, setting.config, setting.arrays.meta.resolution_bp, setting.annotations)
    return [
        (Observed(name, [pieces[at] for at in places], [truth[at] for at in places], *shared), places)
        for name, places in held.items()
    ]


def all_scores(observed: Observed, fields: list[Fields], log_BSM: Array) -> Scores:
    """Return every metric of one prediction on one sample; parameters as of `map_scores`."""
    found = map_scores(observed, fields, log_BSM)
    for further in FURTHER:
        found |= further(observed, fields)
    return found | annotated_scores(observed, fields)


def annotated_scores(observed: Observed, fields: list[Fields]) -> Scores:
    """Return the metrics of one map, predicted or observed, by what is known beside the observed map; none where nothing is."""
    return {name: found for scores in ANNOTATED for name, found in scores(observed, fields).items()}


def build_estimates(identity: tuple[str, str], observed: Observed, found: Scores) -> Iterator[Estimate]:
    """Yield the metrics of one model and seed (``identity``) on one sample."""
    for name, (draws_D, n) in found.items():
        yield Estimate(*identity, observed.sample, name, draws_D, n, limits_of(name))


def control_estimates(observed: Observed, fields: list[Fields]) -> Iterator[Estimate]:
    """Yield the correlations with the truth, or the states, of other places; their interval is where a map that knows nothing falls."""
    found = {}
    for metric, (draws_D, n) in (shifted_scores(observed, fields) | shifted_state_scores(observed, fields)).items():
        known_D = draws_D[np.isfinite(draws_D)]
        found[metric] = (np.append(known_D.mean() if len(known_D) else np.nan, draws_D), n)
    yield from build_estimates((CONTROL, POOLED), observed, found)


def stratum_rows(prediction: MapPrediction, observed: Observed, fields: list[Fields], log_BSM: Array) -> pd.DataFrame:
    """Return the rows of STRATA of one prediction on one sample, without its task: curves over distance."""
    kept_S = observed.kept_S
    number_S = np.maximum(observed.counted_IS.sum(axis=0), 1)
    curves = {
        "pearson": pearson(log_BSM.sum(axis=0)),
        "mean_predicted": stacked(fields, "contacts_IS").sum(axis=0, dtype=float) / number_S,
        "mean_observed": stacked(observed.fields, "contacts_IS").sum(axis=0, dtype=float) / number_S,
    }
    distance_bp = np.flatnonzero(kept_S) * observed.resolution_bp
    identity = {"model": prediction.model, "seed": prediction.seed, "sample": observed.sample}
    frames = [
        pd.DataFrame({**identity, "distance_bp": distance_bp, "metric": name, "value": value_S[kept_S]})
        for name, value_S in curves.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _with_means(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return STRATA without its task: each seed's curves, and their mean as seed ``all``."""
    rows = pd.concat(frames, ignore_index=True)
    keys = ["model", "sample", "distance_bp", "metric"]
    means = rows.groupby(keys, sort=False, as_index=False)["value"].mean().assign(seed=POOLED)
    return pd.concat([rows[rows["seed"] != POOLED], means], ignore_index=True)[STRATA_COLUMNS]
