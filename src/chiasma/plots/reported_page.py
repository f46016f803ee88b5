"""The page on losses that were reported elsewhere: what they say, why, what is done here instead, and with what result."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path

import pandas as pd

from chiasma.evaluation.reported import TOTAL, falls, learning_rate, number_of
from chiasma.plots import page
from chiasma.plots.page import Cell
from chiasma.plots.reported import part_words
from chiasma.plots.score_groups import groups_of
from chiasma.plots.scores import POOLED, pooled
from chiasma.plots.summary import WIDEST, SummaryConfig, between, number, score_tables
from chiasma.schema.tables import CHANCE, FLOOR

TITLE = "What the field's report saw, and why"
CAPTION = (
    "Above, each part of the reported loss by epoch, with what the part is for predictions of which it is known what they know (lines: mean "
    "over windows; grey: their range). Below, what is left of each part between chance and floor, validation: of the report by these "
    "landmarks, of this study's pre-trainings as measured on their own batches; larger shares stand at the upper edge. The report prints "
    "two decimals, which is coarse for a part of so little room."
)
NEAR = 0.25  # share of the room between chance and floor, or of a landmark, by which a printed value may miss it and still be at it


@dataclass(frozen=True)
class ReportedConfig:
    """What the page must be told beside its tables.

    Attributes
    ----------
    study, title : of the study
    model : model by the objective that was reported
    window_bins, patch : of the reported training
    resolution_bp : bin size of the study
    baselines : models drawn in grey
    trainings : pre-trained model -> epochs, batch_size, learning_rate
    validation : where the study's pre-training is validated
    test : where its scores are from
    meanings : part of the reported objective -> what it measures
    predictions : landmark -> what is predicted
    corrected : what this study's objective does instead, sentences
    caution : what must be known to read the landmarks, sentences
    """

    study: str = ""
    title: str = ""
    model: str = ""
    window_bins: int = 448
    patch: int = 16
    resolution_bp: int = 5000
    baselines: tuple[str, ...] = ()
    trainings: dict[str, dict] = field(default_factory=dict)
    validation: str = "regions of their own"
    test: str = "regions of their own"
    meanings: dict[str, str] = field(default_factory=dict)
    predictions: dict[str, str] = field(default_factory=dict)
    corrected: str = ""
    caution: str = ""


@dataclass(frozen=True)
class Findings:
    """Everything the page is made of.

    Attributes
    ----------
    reported : REPORTED table
    facts : what the report states of its training, key to text
    landmarks : LANDMARKS of every model measured
    scores : SCORES of the tasks shown
    figures : SVG files
    """

    reported: pd.DataFrame
    facts: Mapping[str, str]
    landmarks: pd.DataFrame
    scores: pd.DataFrame
    figures: list[Path]


def build(found: Findings, config: ReportedConfig) -> str:
    """Return the page as HTML."""
    own = found.landmarks[found.landmarks["model"] == config.model]
    sections = [
        ("What was reported", _reported(found.reported) + _facts(found.facts)),
        ("What these numbers are", page.bullets(readings(found.reported, own, config)) + _landmarks(own, config)),
        ("Why", page.bullets(causes(found.reported, found.facts))),
        ("What is done here instead", _instead(found, config) + _pictures(found.figures)),
        ("Held-out scores", _scores(found.scores, config)),
    ]
    byline = f'Study <b>{escape(config.study)}</b>: {escape(config.title)} · <a href="summary.html">summary</a>'
    return page.page(TITLE, byline, sections)


def _pictures(figures: list[Path]) -> str:
    return "".join(page.picture(path, CAPTION) for path in figures)


def _reported(reported: pd.DataFrame) -> str:
    """Return the losses as they were printed: a row per split and epoch, a column per part."""
    parts, words = list(dict.fromkeys(reported["part"])), {"train": "training", "valid": "validation"}
    values = reported.set_index(["split", "epoch", "part"])["value"].to_dict()
    rows = [
        [
            f"{words.get(split, split)}, epoch {epoch}",
            *[_printed(values.get((split, epoch, part), math.nan)) for part in parts],
        ]
        for split, epoch in dict.fromkeys(zip(reported["split"], reported["epoch"], strict=True))
    ]
    said = page.paragraph("The losses of pre-training, as they were printed.")
    return said + page.table(["", *map(part_words, parts)], rows)


def _printed(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else ""


def _facts(facts: Mapping[str, str]) -> str:
    if not facts:
        return ""
    rows = [[key.replace("_", " "), Cell(text, kind="text")] for key, text in facts.items()]
    return page.folded("What the report states of its training", page.table(["", ""], rows))


def readings(reported: pd.DataFrame, landmarks: pd.DataFrame, config: ReportedConfig) -> list[tuple[str, str]]:
    """Return a sentence on each reported part, and on where the fall of the total came from."""
    parts = [part for part in dict.fromkeys(reported["part"]) if part in set(landmarks["part"])]
    lines = [
        _reading(reported[reported["part"] == part], landmarks[landmarks["part"] == part], config) for part in parts
    ]
    return [*_fall(reported, config), *lines]


def _reading(rows: pd.DataFrame, landmarks: pd.DataFrame, config: ReportedConfig) -> tuple[str, str]:
    """Return what the values of one part say, and whether that is bad."""
    part = rows["part"].iloc[0]
    low, high = rows["value"].min(), rows["value"].max()
    span = f"{low:.2f} at every epoch" if low == high else f"between {low:.2f} and {high:.2f}"
    levels = landmarks.set_index("landmark")["value"]
    roles = landmarks[landmarks["role"] != ""].set_index("role")
    meaning = f" ({config.meanings[part]})" if part in config.meanings else ""
    text = f"{part_words(part)[0].upper()}{part_words(part)[1:]}{meaning}: {span}."
    if CHANCE in levels.index:
        text += _guessing(config)
    elif "untrained" in levels.index and low >= levels["untrained"] - NEAR * abs(levels["untrained"]):
        text += f" Noise has {number(levels['untrained'])}."
    if {CHANCE, FLOOR} <= {*roles.index}:
        said, kind = _room(roles, low, config)
        return text + said, kind
    return text + " How much the windows of a data set differ decides its chance, so none is given.", ""


def _guessing(config: ReportedConfig) -> str:
    """Return what a guess costs at the window and the patch of the report."""
    side = config.window_bins // config.patch
    return (
        f" A window of {config.window_bins} bins has {side} × {side} = {side**2} patches of {config.patch}, and a guess among them costs "
        f"ln {side**2} = {math.log(side**2):.3f}."
    )


def _room(roles: pd.DataFrame, low: float, config: ReportedConfig) -> tuple[str, str]:
    """Return how much room there is between chance and floor, and whether the lowest value makes any use of it."""
    chance, floor = roles.loc[CHANCE], roles.loc[FLOOR]
    room = chance["value"] - floor["value"]
    copy = f"{number(floor['value'])}" + (
        f" ({between(floor['low'], floor['high'])})" if floor["high"] > floor["low"] else ""
    )
    what = config.predictions.get(chance["landmark"], chance["landmark"]).split(";")[0]
    text = f" Knowing nothing ({what}) has {chance['value']:.3f}, a {floor['landmark']} {copy}: there is room for {number(room)}."
    used = (chance["value"] - low) / room
    if used < -NEAR:
        return f"{text} The reported values are worse than that.", "bad"
    if used < NEAR:
        return f"{text} The reported values stand at chance: nothing of it was learnt.", "bad"
    return f"{text} Of it {used:.0%} were used.", ""


def _fall(reported: pd.DataFrame, config: ReportedConfig) -> Iterator[tuple[str, str]]:
    """Yield how far the total fell in training and which part that was."""
    own = falls(reported, "train")
    parts = {part: fall for part, fall in own.items() if part != TOTAL}
    if own.get(TOTAL, 0) <= 0 or not parts:
        return
    most = max(parts, key=lambda part: parts[part])
    rows = reported[(reported["split"] == "train") & (reported["part"] == TOTAL)].sort_values("epoch")
    yield (
        f"The total fell from {rows['value'].iloc[0]:.2f} to {rows['value'].iloc[-1]:.2f} in training; {parts[most] / own[TOTAL]:.0%} of that "
        f"is the part {part_words(most)}: {config.meanings.get(most, most)}.",
        "",
    )


def _landmarks(landmarks: pd.DataFrame, config: ReportedConfig) -> str:
    """Return the landmarks: a row per prediction, a column per part, with the range over windows."""
    parts = list(dict.fromkeys(landmarks["part"]))
    cells = landmarks.set_index(["landmark", "part"])
    rows = [
        [Cell(name, config.predictions.get(name, "")), *[_landmark(cells, (name, part)) for part in parts]]
        for name in dict.fromkeys(landmarks["landmark"])
    ]
    first = landmarks.iloc[0]
    text = (
        f"The parts of the reported objective for predictions of which it is known what they know, on {first['n']} windows of "
        f"{first['window_bins']} bins ({first['patches']} patches) of this study's training map: mean, and range over windows. "
        f"{config.caution}"
    )
    return page.paragraph(text, soft=True) + page.table(["prediction", *map(part_words, parts)], rows)


def _landmark(cells: pd.DataFrame, key: tuple[str, str]) -> Cell:
    if key not in cells.index:
        return Cell("")
    row = cells.loc[key]
    role = f"{row['role']}, " if row["role"] and row["role"] != key[0] else ""
    return Cell(f"{row['value']:.3f}", f"{role}{row['low']:.3f} to {row['high']:.3f}")


def causes(reported: pd.DataFrame, facts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what of the stated training explains the losses; what the report does not show is marked as a hypothesis."""
    lines = [*_rate(reported, facts)]
    if {"epochs_planned", "epochs_stated"} <= {*facts}:
        lines.append(
            f"{facts['epochs_stated']} epoch is stated where {facts['epochs_planned']} were planned, and the table has "
            f"{reported['epoch'].nunique()}."
        )
    if tuned := learning_rate(facts, "finetune_"):
        epochs = f", for {facts['finetune_epochs']} epoch(s)" if "finetune_epochs" in facts else ""
        lines.append(f"In fine-tuning the rate in effect is {tuned:.2e}{epochs}.")
    if "network" in facts:
        lines.append(f"The network: {facts['network']}.")
    if "finetune_validation" in facts:
        lines.append(f"Fine-tuning was validated on {facts['finetune_validation']}, so its own losses could not warn.")
    if "evaluation" in facts:
        lines.append(f"Evaluation: {facts['evaluation']}.")
    if {"finetune_encoder", "finetune_weights"} <= {*facts}:
        lines.append(
            f"Hypothesis, not shown by the report: in fine-tuning the encoder is {facts['finetune_encoder']} and its weights are "
            f"{facts['finetune_weights']}; where a missing file is no error, the maps were drawn from an encoder with random weights."
        )
    return [(text, "") for text in lines]


def _rate(reported: pd.DataFrame, facts: Mapping[str, str]) -> Iterator[str]:
    """Yield the learning rate in effect, beside that of the published recipe, and at the end of the table under its warm-up."""
    rate = learning_rate(facts)
    if rate is None:
        return
    text = (
        f"The learning rate in effect is base rate × batch × accumulated batches / {facts['batch_of_base_rate']} = "
        f"{facts['base_learning_rate']} × {facts['batch_size']} × {facts['accumulate']} / {facts['batch_of_base_rate']} = {rate:.2e}"
    )
    if "published_batch_size" not in facts:
        yield text + "."
        return
    published = learning_rate(facts, batch_size=number_of(facts, "published_batch_size"))
    yield f"{text}: {rate / published:.2%} of the {published:.1e} of the published batch of {facts['published_batch_size']}."
    if "warmup_epochs_planned" in facts:
        warmup, epochs = number_of(facts, "warmup_epochs_planned"), reported["epoch"].max() + 1
        late = rate * min(epochs / warmup, 1)
        yield (
            f"Hypothesis: if the table is of the planned run, with a warm-up over {warmup:.0f} epochs, the rate at its end was {late:.1e} "
            f"({late / published:.2%})."
        )


def _instead(found: Findings, config: ReportedConfig) -> str:
    rate = learning_rate(found.facts)
    step = [number_of(found.facts, name) for name in ("batch_size", "accumulate") if name in found.facts]
    rows = [[Cell("the report"), _small(rate), f"{math.prod(step):.0f}" if step else "–", str(found.reported["epoch"].nunique()), _rooms(found.landmarks, config.model)]]  # fmt: skip
    for name, numbers in config.trainings.items():
        shown = [_small(float(numbers["learning_rate"])), f"{numbers['batch_size']}", f"{numbers['epochs']}"]
        rows.append([Cell(name), *shown, _rooms(found.landmarks, name)])
    header = ["pre-training", "learning rate in effect", "windows a step", "epochs", "room between chance and floor"]
    text = (
        "Each part is logged with its chance and its floor, and as what is left between them. "
        f"{config.corrected}{' ' * bool(config.corrected)}Pre-training is validated on {config.validation}, and nothing is called a success but by scores on {config.test}, "
        "beside the raw input and smoothing, with intervals. Weights that do not fit, or are not there, are an error."
    )
    return page.paragraph(text) + page.table(header, rows)


def _small(value: float | None) -> str:
    return "–" if value is None else f"{value:.2g}"


def _rooms(landmarks: pd.DataFrame, model: str) -> Cell:
    """Return for each part of a model's objective how far it can fall from chance."""
    own = landmarks[(landmarks["model"] == model) & (landmarks["role"] != "")]
    values = own.set_index(["part", "role"])["value"]
    parts = [part for part in dict.fromkeys(own["part"]) if {(part, CHANCE), (part, FLOOR)} <= {*values.index}]
    words = [f"{part_words(part)} {number(values[part, CHANCE] - values[part, FLOOR])}" for part in parts]
    return Cell("; ".join(words) or "–", kind="text")


def _scores(scores: pd.DataFrame, config: ReportedConfig) -> str:
    if scores.empty:
        return page.paragraph("No task of this study predicts maps.")
    told = SummaryConfig(study=config.study, baselines=config.baselines, resolution_bp=config.resolution_bp)
    says = f"On {config.test}: mean over seeds with its 95 % interval. The best model is bold, baselines are grey."
    parts = [page.paragraph(says, soft=True)]
    for task in dict.fromkeys(scores["task"]):
        own = scores[scores["task"] == task]
        parts.append(f"<h3>{escape(task)}</h3>")
        for group in groups_of(own["metric"]):
            few = replace(group, columns=group.columns[:WIDEST])
            parts.append(score_tables(pooled(own), few, told))
            samples = [name for name in dict.fromkeys(own["sample"]) if name != POOLED]
            if len(samples) > 1:
                tables = [(name, score_tables(own[own["sample"] == name], few, told)) for name in samples]
                parts += [page.folded(f"Sample {name}", content) for name, content in tables]
    return "".join(parts)
