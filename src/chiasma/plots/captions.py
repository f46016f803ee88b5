"""What is said below each figure on a page of the report."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from chiasma.plots import page

SCORE_FIGURES = (
    "scores", "curves", "pileups", "called_region", "predicted_maps", "strata", "similarities", "profiles", "tracks",
    "few_shot", "perturbations", "ablation", "probe",
)  # fmt: skip
CAPTIONS = {
    "splits": "Train, validation and test regions. They bind pre-training and every task.",
    "qc": "Quality of the samples: contacts by distance, and usable fractions of each assay.",
    "history": "Loss curves; dashed, what a model that knows nothing has; dotted, the best possible value. One line per seed.",
    "reported": "Losses that were reported elsewhere, at what they are for predictions that know nothing or everything, beside ours.",
    "embedding": "Embeddings of test tiles by the pre-trained encoder, in a plane (UMAP): a picture, no measurement.",
    "scores": "Scores on the test split with 95 % intervals; ticks are seeds, baselines are grey.",
    "curves": "ROC and precision-recall curves of labelled pairs; thin lines are seeds.",
    "pileups": "Mean observed over expected around each model's calls (APA), beside that of the true loops.",
    "predicted_maps": "A test region: each predicted contact map below the observed one.",
    "strata": "Agreement of predicted with observed contacts at each distance; the decay with distance alone has 0.",
    "similarities": "Mean similarity of every two samples by each method; replicates are outlined. Colours are each method's own.",
    "profiles": "Predicted against measured signal where genes start, and along a test region.",
    "tracks": "A test region: each measured track, and below it the predictions of the best model and the best baseline.",
    "few_shot": "Learning with few labels: scores by the share of training examples, and what pre-training adds.",
    "ablation": "What the parts of a model are worth: variants that differ in one thing, beside the model they depart from.",
    "probe": "What encoder tokens say linearly about the labels: pre-trained, with random weights, and the raw inputs.",
    "perturbations": "Weakened tracks at the anchors, and a modality missing at test time.",
    "called_region": "A test region: contacts, true loops, and the calls of the best model and the best baseline.",
}


def kind_of(figure: Path) -> str:
    """Return what a figure shows: its name up to the first dot, which one of several tasks may follow."""
    return figure.name.partition(".")[0]


def pictures(figures: Iterable[Path]) -> str:
    """Return the figures as HTML, each with the caption of its kind and the name of its task."""
    return "".join(page.picture(path, _caption(path)) for path in figures)


def _caption(figure: Path) -> str:
    kind = kind_of(figure)
    task = figure.stem.removeprefix(kind).lstrip(".")
    return f"{task}: {CAPTIONS.get(kind, kind)}" if task else CAPTIONS.get(kind, kind)
