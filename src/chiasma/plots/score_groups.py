"""Which metrics stand together, and which of them speak first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """Metrics of one kind of prediction.

    Attributes
    ----------
    title : heading of a table or a row of panels
    columns : metrics of the table, in order
    panels : metrics of the figure; a loop metric stands for all its tolerances
    main : metrics that the verdicts speak of
    """

    title: str
    columns: tuple[str, ...]
    panels: tuple[str, ...]
    main: tuple[str, ...]


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
            "oe_pearson", "distance_pearson", "insulation_pearson", "compartment_r", "scc", "window_pearson",
            "window_spearman", "pearson", "spearman", "r2", "r2_swapped", "mse",
        ),
        ("oe_pearson", "distance_pearson", "insulation_pearson", "scc"),
        ("oe_pearson", "r2"),
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
)  # fmt: skip


def groups_of(metrics: Iterable[str]) -> list[Group]:
    """Return the groups that any of the metrics belongs to."""
    found = set(metrics)
    return [group for group in GROUPS if found & {*group.columns}]
