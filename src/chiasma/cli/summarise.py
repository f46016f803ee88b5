"""Write one self-contained page: verdicts, scores with intervals, training, data quality, provenance, run times."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from chiasma.core.atomic import write_text
from chiasma.core.errors import InputError
from chiasma.io.tables import read_tsv, read_tsvs
from chiasma.plots.summary import Material, SummaryConfig, build
from chiasma.schema import tables
from chiasma.schema.identity import read_identity
from chiasma.schema.rooms import build_config, read_values


def summarise(
    leaks: Annotated[list[Path], typer.Option(help="leaks.tsv of the audit; repeat for each genome")],
    benchmarks: Annotated[Path, typer.Option(help="folder of the rules' benchmarks, read as it stands")],
    output: Annotated[Path, typer.Option(help="page to write")],
    scores: Annotated[list[Path] | None, typer.Option(help="scores.tsv of a task; repeat")] = None,
    run: Annotated[
        list[Path] | None, typer.Option(help="folder of a training run: history.tsv, provenance.json; repeat")
    ] = None,
    qc: Annotated[list[Path] | None, typer.Option(help="quality table of a sample's assay; repeat")] = None,
    figure: Annotated[list[Path] | None, typer.Option(help="SVG to show; repeat")] = None,
    config: Annotated[
        str, typer.Option(help="JSON or file: study, title, transductive, baselines, resolution_bp, scratch")
    ] = "{}",
) -> None:
    """Write one self-contained page on a study."""
    runs = run or []
    material = Material(
        scores=read_tsvs(scores or [], tables.SCORES),
        history=gather(runs, read_history, [*tables.HISTORY.names, "run", "stage", "model", "seed"]),
        leaks=read_tsvs(leaks, tables.LEAKS),
        qc=read_tsvs(qc or [], tables.QC),
        provenance=[read_provenance(folder) for folder in runs],
        benchmarks=gather(
            sorted(benchmarks.glob("*/**/*.tsv")),
            lambda path: read_benchmark(path, benchmarks),
            ["rule", "s", "max_rss"],
        ),
        figures=figure or [],
        intervals={path.parent.name: interval_kind(path) for path in scores or []},
    )
    write_text(output, build(material, build_config(SummaryConfig, read_values(config), "--config")))


def gather(paths: Iterable[Path], read: Callable[[Path], pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Return the tables of all paths below each other; an empty one with ``columns`` when there are none."""
    frames = [read(path) for path in paths]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def read_history(folder: Path) -> pd.DataFrame:
    """Read the history of one run with its identity as columns."""
    who = read_identity(folder / "history.tsv")
    name = " · ".join(word for word in (who.stage, who.model, who.task) if word)
    return read_tsv(folder / "history.tsv", tables.HISTORY).assign(
        run=name, stage=who.stage, model=who.model, seed=who.seed
    )


def read_provenance(folder: Path) -> dict[str, Any]:
    """Read the provenance of one run with its identity as keys."""
    path = folder / "provenance.json"
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected the folder of a training run")
    who = read_identity(path)
    return json.loads(path.read_text(encoding="utf-8")) | {
        "stage": who.stage,
        "task": who.task,
        "model": who.model,
        "seed": who.seed,
    }


def interval_kind(scores: Path) -> str:
    """Return what the intervals of a score table speak of, as the provenance beside it says; blocks when it says nothing."""
    path = scores.with_name("provenance.json")
    record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return record.get("config", {}).get("evaluation", {}).get("interval", "blocks")


def read_benchmark(path: Path, folder: Path) -> pd.DataFrame:
    """Read one benchmark of Snakemake: seconds and peak memory in MB; a value that was not measured is nan."""
    frame = pd.read_csv(path, sep="\t", dtype=str)
    values = {name: pd.to_numeric(frame.get(name), errors="coerce") for name in ("s", "max_rss")}
    return pd.DataFrame(values).assign(rule=path.relative_to(folder).parts[0])
