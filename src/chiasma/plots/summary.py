"""The summary page of a study: verdicts in words, scores with intervals, why, data quality, provenance, run times."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from chiasma.plots import page, verdicts
from chiasma.plots.captions import SCORE_FIGURES, kind_of, pictures
from chiasma.plots.metric_names import metric_label, metric_words
from chiasma.plots.page import Cell
from chiasma.plots.score_groups import GROUPS, Group, columns_of, groups_of, merit
from chiasma.plots.scores import CONTROL, POOLED, TRUTH, differences, pooled
from chiasma.plots.style import order_models

WIDEST = 8  # columns of scores that fit beside each other on a page
CONTACTS = "contacts"  # the assay whose quality is shown without a click
NO_BEST = (
    "calls",
    "apa",
    "median_fdr",
    "prevalence",
    "r2_swapped",
    "bin_r2_swapped",
    "tracks_r2_swapped",
    "replicate_similarity",
    "other_similarity",
)  # neither largest nor smallest is best


@dataclass(frozen=True)
class SummaryConfig:
    """What the page must be told beside its tables.

    Attributes
    ----------
    study, title : of the study
    transductive : whether pre-training saw validation and test regions
    baselines : models drawn in grey
    resolution_bp : bin size, for tolerances in kb
    scratch : model -> the same model without pre-training
    pages : title -> address of a page beside this one
    """

    study: str = ""
    title: str = ""
    transductive: bool = False
    baselines: tuple[str, ...] = ()
    resolution_bp: int = 5000
    scratch: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Material:
    """Everything the page is made of.

    Attributes
    ----------
    scores : SCORES of all tasks
    history : HISTORY rows with the columns ``run``, ``stage``, ``model`` and ``seed``
    leaks, qc : LEAKS and QC tables
    provenance : one record per training run, with its keys ``stage``, ``task``, ``model`` beside those of `core.provenance`
    benchmarks : rule, s, max_rss (MB), one row per job
    figures : SVG files
    intervals : task -> seeds or blocks, what its intervals speak of
    """

    scores: pd.DataFrame
    history: pd.DataFrame
    leaks: pd.DataFrame
    qc: pd.DataFrame
    provenance: list[Mapping[str, Any]]
    benchmarks: pd.DataFrame
    figures: list[Path]
    intervals: Mapping[str, str]


def build(material: Material, config: SummaryConfig) -> str:
    """Return the page as HTML."""
    figures = list(material.figures)

    def after(*kinds: str) -> str:
        chosen = [path for kind in kinds for path in figures if kind_of(path) == kind]
        figures[:] = [path for path in figures if path not in chosen]
        return pictures(chosen)

    sections = [
        ("In short", page.bullets(verdicts.lines(material, config))),
        ("Scores", _scores(material, config) + after(*SCORE_FIGURES)),
        ("What pre-training does", _pretraining(material, config)),
        ("Training", _training(material) + after("history", "reported", "embedding")),
        ("Data", _leaks(material.leaks) + after("splits") + _quality(material.qc) + after("qc")),
        ("Provenance", _provenance(material.provenance)),
        ("Run times", _run_times(material.benchmarks)),
    ]
    if figures:
        sections.insert(5, ("More figures", pictures(figures)))
    return page.page(config.title or config.study, _byline(config), sections)


def build_task(task: str, material: Material, config: SummaryConfig) -> str:
    """Return the page of one task as HTML; ``material`` holds that task's scores, runs and figures."""
    sections = [
        ("In short", page.bullets(verdicts.task_lines(material, config))),
        ("Scores", _scores(material, config)),
        ("Figures", pictures(material.figures) or page.paragraph("No figure is drawn of this task.")),
        ("What pre-training does", _pretraining(material, config)),
        ("Training", _training(material)),
    ]
    return page.page(f"{config.title or config.study}: {task}", _byline(config), sections)


def _byline(config: SummaryConfig) -> str:
    flag = (
        ' <span class="flag">transductive: pre-training saw validation and test regions</span>'
        if config.transductive
        else ""
    )
    links = "".join(f' · <a href="{escape(path)}">{escape(title)}</a>' for title, path in config.pages.items())
    return f"Study <b>{escape(config.study)}</b>{flag}{links}"


def number(value: float) -> str:
    """Return a value in three figures, a whole number when large, a dash when unknown."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}" if abs(value) >= 1 else f"{value:.3f}"


def signed(value: float) -> str:
    """Return a difference with its sign."""
    return ("+" if value > 0 else "") + number(value)


def between(low: float, high: float) -> str:
    """Return an interval; empty when unknown."""
    return f"{number(low)} to {number(high)}" if math.isfinite(low) and math.isfinite(high) else ""


def _scores(material: Material, config: SummaryConfig) -> str:
    parts = []
    for task in dict.fromkeys(material.scores["task"]):
        own = material.scores[material.scores["task"] == task]
        seeds = material.intervals.get(task) == "seeds"
        words = (
            "Student's t over seeds; one seed, by bootstrap of genomic blocks"
            if seeds
            else "bootstrap of genomic blocks of the test regions"
        )
        says = f"Mean over seeds with its 95 % interval ({words}). The best model is bold, baselines are grey."
        for place, group in enumerate(groups_of(own["metric"])):
            parts.append(f"<h3>{escape(task)}: {group.title} of the test split</h3>")
            parts += [page.paragraph(says, soft=True)] if place == 0 else []
            parts.append(score_tables(pooled(own), group, config))
        parts += _by_sample(own, config)
    return "".join(parts)


def _by_sample(scores: pd.DataFrame, config: SummaryConfig) -> list[str]:
    samples = [name for name in dict.fromkeys(scores["sample"]) if name != POOLED]
    if len(samples) < 2:
        return []
    groups = groups_of(scores["metric"])
    tables = [
        "".join(score_tables(scores[scores["sample"] == name], group, config) for group in groups) for name in samples
    ]
    return [page.folded(f"Sample {name}", content) for name, content in zip(samples, tables, strict=True)]


def score_tables(scores: pd.DataFrame, group: Group, config: SummaryConfig) -> str:
    """Return the table of a group's metrics that any model has, in as few nearly equal parts as fit on a page."""
    columns = columns_of(group, scores["metric"])
    parts = np.array_split(columns, math.ceil(len(columns) / WIDEST)) if columns else []
    return "".join(_score_table(scores, tuple(part), config) for part in parts)


def _score_table(scores: pd.DataFrame, columns: tuple[str, ...], config: SummaryConfig) -> str:
    """Return one row per model, one column per metric."""
    rows = scores[scores["seed"] == POOLED].set_index(["model", "metric"])
    models = order_models(
        [name for name in dict.fromkeys(scores["model"]) if name not in (TRUTH, CONTROL)], config.baselines
    )
    extra = [name for name in (TRUTH, CONTROL) if any((name, metric) in rows.index for metric in columns)]
    best = {metric: _best(rows, models, metric) for metric in columns}
    flag = ["transductive"] if config.transductive else []
    body = [
        [
            model.replace("_", " ") if model in extra else model,
            *[_score_cell(rows, model, metric, best) for metric in columns],
            *flag,
        ]
        for model in [*models, *extra]
    ]
    header = [
        "model",
        *[metric_label(metric, config.resolution_bp) for metric in columns],
        *(["pre-training"] if flag else []),
    ]
    return page.table(header, body, [model in config.baselines or model in extra for model in [*models, *extra]])


def _best(rows: pd.DataFrame, models: list[str], metric: str) -> str | None:
    values = {model: rows.loc[(model, metric), "value"] for model in models if (model, metric) in rows.index}
    values = {model: value for model, value in values.items() if math.isfinite(value)}
    return max(values, key=lambda model: merit(metric, values[model])) if values and metric not in NO_BEST else None


def _score_cell(rows: pd.DataFrame, model: str, metric: str, best: Mapping[str, str | None]) -> Cell:
    if (model, metric) not in rows.index:
        return Cell("")
    row = rows.loc[(model, metric)]
    return Cell(number(row["value"]), between(row["low"], row["high"]), "best" if best[metric] == model else "")


def _pretraining(material: Material, config: SummaryConfig) -> str:
    """Return the paired differences of each model with the same model without pre-training, then with baselines."""
    gaps = differences(material.scores) if len(material.scores) else material.scores
    own = [
        model
        for model, scratch in config.scratch.items()
        if len(gaps) and ((gaps["model"] == model) & (gaps["reference"] == scratch)).any()
    ]
    if not own:
        return page.paragraph("No model of this study was scored both with and without pre-training.")
    text = "The same model with pre-training minus without it, paired by seed; fine-tuned on the same examples. An interval that excludes 0 is a clear difference."
    parts = [page.paragraph(text, soft=True)]
    for model in own:
        parts.append(f"<h3>{escape(model)} minus {escape(config.scratch[model])}</h3>")
        parts.append(_gap_table(gaps[(gaps["model"] == model) & (gaps["reference"] == config.scratch[model])], config))
    for reference in dict.fromkeys(gaps.loc[~gaps["reference"].isin(config.scratch.values()), "reference"]):
        rows = gaps[gaps["reference"] == reference]
        tables = [
            f"<h3>{escape(model)}</h3>" + _gap_table(rows[rows["model"] == model], config)
            for model in dict.fromkeys(rows["model"])
        ]
        parts.append(page.folded(f"Differences from {reference}", "".join(tables)))
    return "".join(parts)


def _gap_table(gaps: pd.DataFrame, config: SummaryConfig) -> str:
    known = {name for group in GROUPS for name in group.columns}
    shown = gaps[gaps["plain"].isin(known)]
    body = [
        [
            Cell(row.task),
            Cell(metric_words(row.plain, config.resolution_bp)),
            signed(row.value),
            between(row.low, row.high),
            verdicts.direction(row.value, row.low, row.high),
        ]
        for row in shown.itertuples()
    ]
    return page.table(["task", "metric", "difference", "95 % interval", "reading"], body)


def _training(material: Material) -> str:
    """Return the last validation value of each part beside its chance level and floor, mean over seeds."""
    rows = verdicts.last_values(material.history)
    body = [
        [
            Cell(row.run),
            Cell(row.part.replace("_", " "), kind="text"),
            number(row.first),
            number(row.last),
            number(row.chance),
            number(row.floor),
            str(row.seeds),
        ]
        for row in rows.itertuples()
    ]
    text = "Validation values at the first and the last evaluation, mean over seeds, beside chance (a model that knows nothing) and floor (the best possible)."
    header = ["run", "part", "first", "last", "chance", "floor", "seeds"]
    told = verdicts.run_lines(material.provenance)
    return (page.bullets(told) if told else "") + page.paragraph(text, soft=True) + page.table(header, body)


def _leaks(leaks: pd.DataFrame) -> str:
    body = [
        [row.table, row.first, row.second, f"{row.shared_bp:,}", f"{row.examples:,}", row.verdict]
        for row in leaks.itertuples()
    ]
    header = ["table", "first split", "second split", "shared bp", "examples", "verdict"]
    found = [place for place, verdict in enumerate(leaks["verdict"]) if verdict == "leak"]
    told = page.paragraph(verdicts.leak_line(leaks)[0])
    shown = page.table(header, [body[place] for place in found]) if found else ""
    return f"<h3>Leak audit</h3>{told}{shown}" + page.folded(f"All {len(body)} comparisons", page.table(header, body))


def _quality(qc: pd.DataFrame) -> str:
    """Return one row per assay and metric, one column per sample."""
    samples = list(dict.fromkeys(qc["sample"]))
    values = qc.drop_duplicates(["assay", "metric", "sample"]).set_index(["assay", "metric", "sample"])["value"]
    names = list(dict.fromkeys(zip(qc["assay"], qc["metric"], strict=True)))
    body = [
        [
            Cell(assay),
            Cell(metric.replace("_", " "), kind="text"),
            *[number(values.get((assay, metric, sample), math.nan)) for sample in samples],
        ]
        for assay, metric in names
    ]
    header = ["assay", "metric", *samples]
    first = [row for row, (assay, _) in zip(body, names, strict=True) if assay == CONTACTS]
    return "<h3>Sample quality</h3>" + page.table(header, first) + page.folded("All assays", page.table(header, body))


def _provenance(records: list[Mapping[str, Any]]) -> str:
    if not records:
        return page.paragraph("No model was trained in this study.")
    header = ["stage", "task", "model", "seed", "device", "code revision", "configuration", "written"]
    body = [
        [row["stage"], Cell(row["task"], kind="text"), Cell(row["model"], kind="text"), str(row.get("seed", "")), Cell(str(row.get("device", "")), kind="text"),
         Cell(_short(row.get("code_revision", "")), kind="code"), Cell(str(row.get("config_sha256", ""))[:12], kind="code"), str(row.get("written", ""))]
        for row in records
    ]  # fmt: skip
    versions = {name: version for row in records for name, version in row.get("versions", {}).items()}
    inputs = {name: digest for row in records for name, digest in row.get("inputs", {}).items()}
    parts = [
        page.table(header, body),
        "<h3>Libraries</h3>",
        page.table(list(versions), [[Cell(str(version)) for version in versions.values()]]),
    ]
    if inputs:
        digests = [[Cell(name, kind="code"), Cell(digest, kind="code")] for name, digest in sorted(inputs.items())]
        parts.append(page.folded(f"SHA-256 of {len(inputs)} input files", page.table(["file", "SHA-256"], digests)))
    return "".join(parts)


def _short(revision: str) -> str:
    """Return a revision in twelve digits, keeping the note that files differ from it."""
    digest, plus, note = str(revision).partition("+")
    return digest[:12] + plus + note


def _run_times(benchmarks: pd.DataFrame) -> str:
    if benchmarks.empty:
        return page.paragraph("No benchmark was recorded.")
    groups = benchmarks.groupby("rule")
    totals = pd.DataFrame(
        {
            "jobs": groups.size(),
            "total": groups["s"].sum(),
            "longest": groups["s"].max(),
            "rss": groups["max_rss"].max(),
        }
    )
    body = [
        [
            Cell(str(rule)),
            f"{row.jobs:.0f}",
            duration(row.total),
            duration(row.longest),
            f"{row.rss:,.0f} MB" if math.isfinite(row.rss) else "–",
        ]
        for rule, row in totals.sort_values("total", ascending=False).iterrows()
    ]
    body.append([Cell("all", kind="best"), f"{len(benchmarks)}", duration(benchmarks["s"].sum()), "", ""])
    return page.table(["rule", "jobs", "time, all jobs", "longest job", "peak memory"], body)


def duration(seconds: float) -> str:
    """Return seconds as h min s, the largest two units."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s" if minutes else f"{seconds:.1f} s"
