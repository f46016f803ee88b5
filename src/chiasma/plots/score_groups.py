"""Which metrics stand together, and which of them speak first."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from chiasma.plots.metric_names import DIFFERENCE, OF


@dataclass(frozen=True)
class Group:
    """Metrics of one kind of prediction.

    Attributes
    ----------
    title : heading of a table or a row of panels
    columns : metrics of the table, in order
    panels : metrics of the figure; a loop metric stands for all its tolerances
    main : metrics that the verdicts speak of
    each : metrics that have a column of the table for each track, or kind of known pairs
    """

    title: str
    columns: tuple[str, ...]
    panels: tuple[str, ...]
    main: tuple[str, ...]
    each: tuple[str, ...] = ()


GROUPS = (
    Group(
        "labelled pairs",
        ("auroc", "aupr", "f1", "f1_at_0.1", "f1_at_0.01"),
        ("auroc", "aupr", "f1", "f1_at_0.01"),
        ("aupr",),
    ),
    Group(
        "called loops",
        (
            "calls", "loop_recall_1", "loop_precision_1", "loop_f1_1", "loop_recall_at_0.7_1", "loop_recall_2",
            "loop_precision_2", "loop_f1_2", "apa",
        ),
        ("loop_recall", "loop_precision", "loop_f1", "apa"),
        ("loop_f1_1",),
    ),
    Group(
        "contact maps",
        (
            "oe_pearson", "distance_pearson", "scc", "insulation_pearson", "boundary_f1", "compartment_r", "loop_f1",
            "genome_disco", "distance_spearman", "boundary_precision", "boundary_recall", "loop_precision", "loop_recall",
            "loop_f1_on_map_0", "loop_f1_on_map_2",
            "ssim", "psnr", "matched_mse", "depth_ratio", "decay_calibration", "window_pearson", "window_spearman",
            "pearson", "spearman", "r2", "r2_swapped", "mse",
        ),
        ("oe_pearson", "insulation_pearson", "scc", "loop_f1"),
        ("oe_pearson", "r2", "loop_f1"),
    ),
    Group(
        "contact maps beside what is known of the genome",
        ("states_r", "pair_auc", "pair_enrichment"),
        ("states_r", "pair_auc"),
        ("states_r", "pair_auc"),
        ("pair_auc", "pair_enrichment"),
    ),
    Group(
        "similarities of maps",
        ("replicate_auc", "replicate_margin", "replicate_similarity", "other_similarity"),
        ("replicate_auc", "replicate_margin"),
        ("replicate_auc",),
    ),
    Group(
        "profiles",
        (
            "bin_pearson", "bin_spearman", "bin_r2", "bin_r2_swapped", "bin_mse", "gene_pearson", "gene_spearman",
            "gene_r2", "gene_auroc", "gene_difference_pearson",
        ),
        ("bin_pearson", "bin_r2", "gene_pearson", "gene_difference_pearson"),
        ("bin_r2", "gene_pearson"),
    ),
    Group(
        "tracks",
        ("tracks_pearson", "tracks_spearman", "tracks_r2", "tracks_r2_swapped", "tracks_mse"),
        ("tracks_pearson", "tracks_spearman", "tracks_r2"),
        ("tracks_r2", "tracks_pearson"),
        ("bin_pearson", "bin_r2"),
    ),
)  # fmt: skip


ERRORS = ("mse", "matched_mse", "bin_mse", "tracks_mse")  # smallest is best, of one track as well
RATIOS = ("depth_ratio", "decay_calibration")  # nearest to 1 is best


def merit(metric: str, value: float) -> float:
    """Return a number that is larger for a better value of the metric: an error's negative, a ratio's nearness to 1."""
    if metric.partition("_of_")[0] in ERRORS:
        return -value
    if metric in RATIOS:
        return -abs(math.log(value)) if value > 0 else -math.inf
    return value


def groups_of(metrics: Iterable[str]) -> list[Group]:
    """Return the groups that any of the metrics belongs to."""
    found = set(metrics)
    return [group for group in GROUPS if found & {*group.columns}]


def columns_of(group: Group, metrics: Iterable[str]) -> list[str]:
    """Return the metrics of a group's table that are there, in order, those of each track last."""
    found = dict.fromkeys(metrics)
    of_tracks = [
        name for each in group.each for name in found if name.startswith(f"{each}{OF}") and DIFFERENCE not in name
    ]
    return [name for name in group.columns if name in found] + of_tracks
