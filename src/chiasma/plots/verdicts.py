"""What the numbers of a study say, in plain sentences, also where a model is worse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from chiasma.plots.metric_names import metric_words
from chiasma.plots.score_groups import groups_of
from chiasma.plots.scores import CONTROL, POOLED, TRUTH, differences, pooled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from chiasma.plots.summary import Material, SummaryConfig

LEARNED = 0.02  # share of the way from chance to floor below which nothing was learned
Line = tuple[str, str]  # text, and good, bad or empty


def lines(material: Material, config: SummaryConfig) -> list[Line]:
    """Return the verdicts of the study: models against baselines, pre-training against none, why, leaks."""
    found = task_lines(material, config)
    found += _learned(material.history)
    found.append(leak_line(material.leaks))
    if config.transductive:
        found.append(
            (
                "Transductive: pre-training saw validation and test regions (without labels), so the scores speak of a genome already seen.",
                "bad",
            )
        )
    return found


def task_lines(material: Material, config: SummaryConfig) -> list[Line]:
    """Return the verdicts of the tasks: the best model against the best baseline, pre-training against none."""
    found: list[Line] = []
    if len(material.scores):
        gaps, unlearned = differences(material.scores), parts_at_chance(material.history)
        for task in dict.fromkeys(material.scores["task"]):
            own = pooled(material.scores[material.scores["task"] == task])
            own_gaps = gaps[gaps["task"] == task]
            seeds = own[own["seed"] != POOLED].groupby("model")["seed"].nunique()
            main = [metric for group in groups_of(own["metric"]) for metric in group.main]
            said = [line for metric in main for line in _against_baselines(own, own_gaps, metric, config)]
            said += [line for metric in main for line in _pretraining(own_gaps, metric, config, unlearned, seeds)]
            several = material.scores["task"].nunique() > 1
            found += [(f"{task}: {text}" if several else text, kind) for text, kind in said]
    return found


def direction(value: float, low: float, high: float) -> str:
    """Return what a difference says: better, worse, or no clear difference when its interval holds 0 or is unknown."""
    if not (math.isfinite(low) and math.isfinite(high)) or low <= 0 <= high:
        return "no clear difference"
    return "higher" if value > 0 else "lower"


def _spoken(row: pd.Series) -> str:
    interval = f" (95 % interval {row['low']:.3f} to {row['high']:.3f})" if math.isfinite(row["low"]) else ""
    return f"{row['value']:.3f}{interval}"


def _top(rows: pd.DataFrame) -> pd.Series | None:
    rows = rows.dropna(subset=["value"])
    return None if rows.empty else rows.loc[rows["value"].idxmax()]


def _against_baselines(scores: pd.DataFrame, gaps: pd.DataFrame, metric: str, config: SummaryConfig) -> list[Line]:
    rows = scores[(scores["metric"] == metric) & (scores["seed"] == POOLED) & ~scores["model"].isin([TRUTH, CONTROL])]
    model, baseline = (
        _top(rows[~rows["model"].isin(config.baselines)]),
        _top(rows[rows["model"].isin(config.baselines)]),
    )
    if model is None:
        return []
    text = f"{metric_words(metric, config.resolution_bp)}: {model['model']} reaches {_spoken(model)}"
    if baseline is None:
        return [(f"{text}; no baseline was scored.", "")]
    text += f"; the best baseline, {baseline['model']}, {_spoken(baseline)}"
    gap = gaps[(gaps["model"] == model["model"]) & (gaps["reference"] == baseline["model"]) & (gaps["plain"] == metric)]
    if gap.empty:
        return [(text + ".", "")]
    row = gap.iloc[0]
    says = direction(row["value"], row["low"], row["high"])
    words = {"higher": "clearly above the baseline", "lower": "clearly below the baseline"}.get(
        says, "no clear difference"
    )
    return [(f"{text}. Difference {_signed(row)}: {words}.", {"higher": "good", "lower": "bad"}.get(says, ""))]


def _pretraining(
    gaps: pd.DataFrame, metric: str, config: SummaryConfig, unlearned: Mapping[str, list[str]], seeds: Mapping[str, int]
) -> list[Line]:
    """Return what pre-training does for ``metric``; an effect of one that learned nothing, or of one seed, is told as such."""
    found = []
    for model, scratch in config.scratch.items():
        rows = gaps[(gaps["model"] == model) & (gaps["reference"] == scratch) & (gaps["plain"] == metric)]
        for _, row in rows.iterrows():
            says = direction(row["value"], row["low"], row["high"])
            words = {"higher": "pre-training helps", "lower": "pre-training hurts"}.get(
                says, "no clear effect of pre-training"
            )
            text = f"{metric_words(metric, config.resolution_bp)}, {model} with pre-training minus without: {_signed(row)}: {words}."
            alone = min(seeds.get(model, 0), seeds.get(scratch, 0)) < 2
            if alone and says != "no clear difference":
                text = f"{text[:-1]} in this one run: the interval is over blocks of the genome and holds no noise of training, which takes several seeds."
            still = unlearned.get(model, [])
            if still and says != "no clear difference":
                text += f" Its pre-training stayed at chance ({', '.join(still)}), so this speaks of the start of fine-tuning, not of what was learned."
            found.append((text, {"higher": "" if still or alone else "good", "lower": "bad"}.get(says, "")))
    return found


def _signed(row: pd.Series) -> str:
    interval = f" ({row['low']:+.3f} to {row['high']:+.3f})" if math.isfinite(row["low"]) else ""
    return f"{row['value']:+.3f}{interval}"


def last_values(history: pd.DataFrame) -> pd.DataFrame:
    """Return for each run and part its validation value at the first and last evaluation, chance and floor, means over seeds.

    Columns run, stage, part, first, last, chance, floor, seeds; empty without validation rows.
    """
    valid = history[history["split"] == "valid"].sort_values("step", kind="stable") if len(history) else history
    columns = ["run", "stage", "part", "first", "last", "chance", "floor", "seeds"]
    if not len(valid):
        return pd.DataFrame(columns=columns)
    keys = ["run", "stage", "part"]
    each = valid.groupby([*keys, "seed"], sort=False).agg(
        first=("value", "first"), last=("value", "last"), chance=("chance", "last"), floor=("floor", "last")
    )
    means = each.groupby(keys, sort=False).mean()
    return means.assign(seeds=each.groupby(keys, sort=False).size()).reset_index()[columns]


def pretraining_parts(history: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `last_values` of pre-training parts that have a chance level, with a column ``unlearned``."""
    rows = last_values(history)
    rows = rows[(rows["stage"] == "pretrain") & rows["chance"].notna() & (rows["part"] != "total")]
    unlearned = [is_at_chance(row.last, row.chance, row.floor) for row in rows.itertuples()]
    return rows.assign(part=rows["part"].str.replace("_", " "), unlearned=np.array(unlearned, bool))


def parts_at_chance(history: pd.DataFrame) -> dict[str, list[str]]:
    """Return for each pre-trained model the parts that its pre-training left at chance."""
    rows = pretraining_parts(history)
    return rows[rows["unlearned"]].groupby("run")["part"].apply(list).to_dict()


def _learned(history: pd.DataFrame) -> list[Line]:
    """Return one sentence per pre-training run: what its parts reached beside chance."""
    found = []
    for run, own in pretraining_parts(history).groupby("run", sort=False):
        words = ", ".join(f"{row.part} {row.last:.3g} (chance {row.chance:.3g})" for row in own.itertuples())
        still = list(own.loc[own["unlearned"], "part"])
        told = f" Not learned, still at chance: {', '.join(still)}." if still else ""
        found.append((f"{run}, validation at the end: {words}.{told}", "bad" if still else ""))
    return found


def run_lines(records: Iterable[Mapping[str, Any]]) -> list[Line]:
    """Return one sentence per training run on what it started from, and one on each part that its provenance says stayed at chance."""
    found = []
    for record in records:
        run = " · ".join(str(record[key]) for key in ("stage", "model", "task") if record.get(key))
        run += f", seed {record['seed']}"
        if begun := record.get("init"):
            missing = f", {len(begun['missing'])} kept random weights" if begun["missing"] else ""
            text = f"{run}: started from {begun['path']} ({begun['kind']} weights, {begun['matched']} tensors matched{missing})."
            found.append(
                (f"{text} Which regions those were trained on is not checked against this study's splits.", "")
            )
        for part in record.get("at_chance", ()):
            text = f"{run}: {part['part'].replace('_', ' ')} of split {part['split']} stayed at {part['value']:.3g}, chance is {part['chance']:.3g}"
            found.append((f"{text}: nothing has been learnt of it in the last {part['epochs']} epochs.", "bad"))
    return found


def is_at_chance(value: float, chance: float, floor: float) -> bool:
    """Return whether a value has covered less than `LEARNED` of the way from chance to its floor, or to 0 when that is unknown."""
    way = (floor if math.isfinite(floor) else 0.0) - chance
    return way == 0 or (value - chance) / way < LEARNED


def leak_line(leaks: pd.DataFrame) -> Line:
    """Return what the leak audit found."""
    leaking = leaks[leaks["verdict"] == "leak"]
    if leaking.empty:
        return (
            f"Leak audit: clean; no base is shared between train, validation and test in {leaks['table'].nunique()} tables.",
            "good",
        )
    return (
        f"Leak audit: {len(leaking)} pairs of splits share bases, up to {leaking['shared_bp'].max():,} bp. Scores may be too high.",
        "bad",
    )
