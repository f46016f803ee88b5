"""How a model does with few labels: nested shares of the training examples, and means over seeds with intervals."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from chiasma.core.seed import generator
from chiasma.evaluation.intervals import t_interval

POOLED = "all"
KEYS = ["task", "model", "fraction", "metric"]


def draw_share(examples: pd.DataFrame, fraction: float, seed: int, group: int = 1) -> pd.DataFrame:
    """Return a share of the examples of each label, at least one of each; a smaller share lies within a larger one.

    Of groups of rows whole ones are drawn, by the label of their first row.

    Parameters
    ----------
    examples : EXAMPLES rows of the training split
    fraction : in (0, 1]; 1 gives all
    seed : another seed draws other examples
    group : rows that belong together, one group after the other
    """
    rows, first = [], np.arange(0, len(examples), group)
    for label, own in examples.iloc[first].groupby("label"):
        order = generator(seed, "few_shot", int(label)).permutation(len(own))
        rows.append(own.index.to_numpy()[order[: max(1, round(fraction * len(own)))]])
    drawn = np.add.outer(np.sort(np.concatenate(rows)), np.arange(group)).ravel()
    return examples.loc[drawn].reset_index(drop=True)


def summarise_shares(table: pd.DataFrame, compare: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Return FEW_SHOT rows of each seed, their means as seed ``all`` with 95 % t intervals, and paired differences.

    Parameters
    ----------
    table : FEW_SHOT rows, one per seed
    compare : pairs (model, reference); the row of a difference has the model name ``{model} - {reference}``
    """
    rows = [table]
    for model, reference in compare:
        pair = [
            table[table["model"] == name].set_index(["task", "fraction", "metric", "seed"])
            for name in (model, reference)
        ]
        gap = pair[0].assign(value=pair[0]["value"] - pair[1]["value"].reindex(pair[0].index)).dropna(subset="value")
        rows.append(gap.assign(model=f"{model} - {reference}").reset_index()[table.columns])
    each = pd.concat(rows, ignore_index=True)
    means = each.groupby(KEYS, sort=False).agg(examples=("examples", "mean"), value=("value", "mean")).reset_index()
    bounds = [t_interval(own["value"]) for _, own in each.groupby(KEYS, sort=False)]
    means = means.assign(seed=POOLED, low=[low for low, _ in bounds], high=[high for _, high in bounds])
    means["examples"] = means["examples"].round().astype(int)
    return pd.concat([each, means[list(each.columns)]], ignore_index=True)
