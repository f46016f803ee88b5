"""Few-shot figures: a pair of rows for each task, a panel for each of its metrics, and names where a row has one model."""

import numpy as np
import pandas as pd

from chiasma.evaluation.few_shot import summarise_shares
from chiasma.plots import few_shot
from chiasma.plots.style import FigureConfig

METRICS = {"near": ("auroc", "aupr"), "maps": ("pearson", "window_pearson", "r2")}


def table(tasks, models=("one", "bare")) -> pd.DataFrame:
    """A summarised table: three seeds, two shares, each task with metrics of its own."""
    rows = [
        (task, model, seed, share, 10, metric, 0.5 + 0.1 * share + 0.01 * seed, np.nan, np.nan)
        for task in tasks for model in models for seed in (1, 2, 3) for share in (0.1, 1.0) for metric in METRICS[task]
    ]  # fmt: skip
    columns = ["task", "model", "seed", "fraction", "examples", "metric", "value", "low", "high"]
    return summarise_shares(pd.DataFrame(rows, columns=columns), [("one", "bare")] if len(models) > 1 else [])


def panels(figure):
    """The titles of the panels, row by row, and the label of each row."""
    by_row = {}
    for axes in figure.axes:
        by_row.setdefault(axes.get_subplotspec().rowspan.start, []).append(axes)
    return [([axes.get_title(loc="left") for axes in row], row[0].get_ylabel()) for row in by_row.values()]


def test_each_task_has_its_scores_and_differences_by_its_own_metrics():
    figure, rows = few_shot.draw(table(["near", "maps"]), FigureConfig())
    found = panels(figure)
    assert [len(titles) for titles, _ in found] == [2, 2, 3, 3]
    assert [label.split("\n")[0] for _, label in found] == ["near", "near", "maps", "maps"]
    assert found[1][1] == "near\none - bare\ndifference, paired by seed", "one pair needs no legend"
    assert [bool(axes.get_legend()) for axes in figure.axes] == [True, False, False, False, True, *[False] * 5]
    assert len(rows) == len(table(["near", "maps"]))


def test_one_task_of_one_model_is_one_row_that_names_the_model():
    figure, _ = few_shot.draw(table(["near"], ["one"]), FigureConfig())
    assert [label for _, label in panels(figure)] == ["one\nscore on the test split"]
