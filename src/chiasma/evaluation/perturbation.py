"""Perturbed predictions over seeds: means with intervals."""

from __future__ import annotations

import pandas as pd

from chiasma.evaluation.intervals import t_interval

KEYS = ["task", "model", "perturbation", "level", "metric"]


def over_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean over samples, then over seeds, of PERTURBATIONS rows, with 95 % t intervals over seeds (nan for one)."""
    each = table.groupby([*KEYS, "seed"], sort=False)["value"].mean().reset_index()
    groups = each.groupby(KEYS, sort=False)["value"]
    means = groups.mean().rename("value").reset_index()
    bounds = [t_interval(own) for _, own in groups]
    return means.assign(low=[low for low, _ in bounds], high=[high for _, high in bounds])
