"""Reported losses beside what they say of predictions that know nothing or everything: what is left, and where a fall came from."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from chiasma.core.errors import InputError
from chiasma.schema.tables import CHANCE, FLOOR

TOTAL, LEFT = "total", "_left"


def patches_of(window_bins: int, patch: int) -> int:
    """Return how many square patches a square window is cut into."""
    return (window_bins // patch) ** 2


def summarise_landmarks(values: pd.DataFrame) -> pd.DataFrame:
    """Return mean, smallest, largest and number of the values of each landmark.

    Parameters
    ----------
    values : columns part, landmark, role, value: a row per window

    Returns
    -------
    DataFrame
        Columns part, landmark, role, value, low, high, n, in the order found.
    """
    groups = values.groupby(["part", "landmark", "role"], sort=False)["value"]
    return groups.agg(value="mean", low="min", high="max", n="size").reset_index()


def shares_of_report(reported: pd.DataFrame, landmarks: pd.DataFrame) -> pd.DataFrame:
    """Return what is left of each reported part between chance and floor, (loss - floor) / (chance - floor).

    Parameters
    ----------
    reported : REPORTED table
    landmarks : LANDMARKS table of one model; parts without both roles are left out

    Returns
    -------
    DataFrame
        Columns who (the source), split, part, epoch, value.
    """
    roles = landmarks[landmarks["role"] != ""].pivot_table(index="part", columns="role", values="value")
    if not {CHANCE, FLOOR} <= {*roles.columns}:
        return pd.DataFrame(columns=["who", "split", "part", "epoch", "value"])
    rows = reported.join(roles.dropna(), on="part", how="inner")
    share = (rows["value"] - rows[FLOOR]) / (rows[CHANCE] - rows[FLOOR])
    return rows.assign(who=rows["source"], value=share)[["who", "split", "part", "epoch", "value"]].reset_index(
        drop=True
    )


def shares_of_history(history: pd.DataFrame) -> pd.DataFrame:
    """Return what is left of each part of a training between chance and floor, the mean over seeds and an epoch's rows.

    A part that is logged as ``{part}_left`` is that already; others count where chance and floor are known.

    Parameters
    ----------
    history : HISTORY rows with the column ``model``

    Returns
    -------
    DataFrame
        Columns who (the model), split, part, epoch, value.
    """
    is_left = history["part"].str.endswith(LEFT)
    logged = {*history.loc[is_left, "part"].str.removesuffix(LEFT)}
    is_own = ~is_left & ~history["part"].isin([*logged, TOTAL]) & history[["chance", "floor"]].notna().all(axis=1)
    rows = history[is_left | is_own]
    share = (rows["value"] - rows["floor"]) / (rows["chance"] - rows["floor"])
    rows = rows.assign(who=rows["model"], part=rows["part"].str.removesuffix(LEFT), value=share)
    keys = ["who", "split", "part", "epoch"]
    return rows.groupby(keys, sort=False)["value"].mean().reset_index()


def falls(reported: pd.DataFrame, split: str) -> dict[str, float]:
    """Return by how much each part of a split, and the total, fell from the first to the last epoch."""
    own = reported[reported["split"] == split].sort_values("epoch", kind="stable")
    ends = own.groupby("part", sort=False)["value"].agg(["first", "last"])
    return (ends["first"] - ends["last"]).to_dict()


def learning_rate(facts: Mapping[str, str], prefix: str = "", batch_size: float | None = None) -> float | None:
    """Return the learning rate in effect, ``base x batch x accumulated / batch_of_base_rate``; None where that is not stated.

    Parameters
    ----------
    facts : what a report states, key to text
    prefix : of the key of the base rate, as in ``finetune_``
    batch_size : examples per step instead of the stated ones
    """
    names = (f"{prefix}base_learning_rate", "batch_size", "accumulate", "batch_of_base_rate")
    if any(name not in facts for name in names):
        return None
    base, batch, accumulate, of = (number_of(facts, name) for name in names)
    return base * (batch * accumulate if batch_size is None else batch_size) / of


def number_of(facts: Mapping[str, str], name: str) -> float:
    """Return a stated number; InputError when the text is none."""
    try:
        return float(facts[name])
    except ValueError as error:
        raise InputError(f"reported losses: {name} is '{facts[name]}', expected a number") from error
