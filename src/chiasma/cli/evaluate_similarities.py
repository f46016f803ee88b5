"""Score similarities between samples' maps on the test split: are replicates more alike than other biosamples."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from chiasma.cli.evaluate import EvaluationChoice, split_identity, task_numbers
from chiasma.core.atomic import write_json
from chiasma.core.provenance import collect_provenance
from chiasma.evaluation.config import IntervalConfig
from chiasma.evaluation.similarities import SimilarityPrediction, SimilaritySetting, score_similarities
from chiasma.io.tables import read_tsv, read_tsvs, write_tsv
from chiasma.schema import tables
from chiasma.schema.rooms import build_config, read_values


def evaluate_similarities(
    task: Annotated[str, typer.Argument(help="name of the task, the tables' first column")],
    folder: Annotated[Path, typer.Option(help="folder of the task's predictions")],
    predictions: Annotated[list[str], typer.Option(help="{model}/seed{seed} under the folder; repeat for each")],
    sample: Annotated[list[str], typer.Option(help="biosample that is predicted; repeat")],
    splits: Annotated[Path, typer.Option(help="splits table")],
    config: Annotated[str, typer.Option(help="JSON or file: task (room under tasks/), its parameters, evaluation")],
    output: Annotated[Path, typer.Option(help="folder for scores.tsv, pairs.tsv and provenance.json")],
) -> None:
    """Score similarities on the test split: how often replicates are more alike than others at the same place, and by how much."""
    chosen = build_config(EvaluationChoice, read_values(config), "--config")
    replicates = task_numbers(chosen).replicates
    held = {name: [one for one in own if one in sample] for name, own in replicates.items()}
    evaluation = build_config(IntervalConfig, chosen.evaluation, "--config: evaluation")
    setting = SimilaritySetting(read_tsv(splits, tables.SPLITS), evaluation, held)
    found = [read_prediction(folder, identity, sample) for identity in predictions]
    scored = score_similarities(found, setting)
    write_tsv(scored.scores.assign(task=task), output / "scores.tsv", tables.SCORES)
    write_tsv(scored.pairs.assign(task=task), output / "pairs.tsv", tables.PAIRS)
    inputs = [splits, *(folder / identity / f"{name}.tsv" for identity in predictions for name in sample)]
    write_json(output / "provenance.json", collect_provenance(asdict(chosen), inputs))


def read_prediction(folder: Path, identity: str, samples: list[str]) -> SimilarityPrediction:
    """Read the similarities that one model and seed gave the samples; ``identity`` is {model}/seed{seed}."""
    paths = [folder / identity / f"{name}.tsv" for name in samples]
    return SimilarityPrediction(*split_identity(identity), read_tsvs(paths, tables.SIMILARITIES))
