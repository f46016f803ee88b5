"""Score several predicted signals on the test split against the measured ones, baselines and models by the same lines."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from chiasma.cli.evaluate import EvaluationChoice, split_identity
from chiasma.cli.evaluate_profiles import measured
from chiasma.core.atomic import write_json
from chiasma.core.errors import InputError
from chiasma.core.log import log
from chiasma.core.provenance import collect_provenance
from chiasma.evaluation.config import ProfileConfig
from chiasma.evaluation.profiles import ProfilePrediction, ProfileSetting
from chiasma.evaluation.tracks import score_tracks
from chiasma.io.predicted_profiles import read_predicted_profile
from chiasma.io.tables import read_tsv, write_tsv
from chiasma.schema import tables
from chiasma.schema.rooms import build_config, read_values, room_module
from chiasma.tiles.arrays import TileArrays

NO_GENES = pd.DataFrame({"sample": "", "chrom": "", "bin": 0, "name": ""}, index=[0]).iloc[:0]


def evaluate_tracks(
    task: Annotated[str, typer.Argument(help="name of the task, the tables' first column")],
    folder: Annotated[Path, typer.Option(help="folder of the task's predictions")],
    predictions: Annotated[list[str], typer.Option(help="{model}/seed{seed} under the folder; repeat for each")],
    sample: Annotated[list[str], typer.Option(help="biosample that is predicted; repeat")],
    tiles: Annotated[Path, typer.Option(help="tileset folder")],
    splits: Annotated[Path, typer.Option(help="splits table")],
    config: Annotated[str, typer.Option(help="JSON or file: task (room under tasks/), its parameters, evaluation")],
    output: Annotated[Path, typer.Option(help="folder for scores.tsv and provenance.json")],
) -> None:
    """Score predicted tracks on the test split: each one per bin, and their mean over tracks."""
    chosen = build_config(EvaluationChoice, read_values(config), "--config")
    numbers = build_config(ProfileConfig, chosen.evaluation, "--config: evaluation")
    arrays, table = TileArrays.open(tiles / "arrays"), read_tsv(splits, tables.SPLITS)
    cases, inputs = {}, [splits]
    for target in targets_of(chosen):
        truth = measured_samples(arrays, sample, target)
        names = list(dict.fromkeys(name for name, _ in truth))
        found = [read_prediction(folder, identity, (names, target), arrays) for identity in predictions]
        cases[target] = found, ProfileSetting(truth, NO_GENES, table, arrays.meta.resolution_bp, numbers)
        inputs += [folder / one / f"{name}.tracks/{target}.bw" for one in predictions for name in names]
    write_tsv(score_tracks(cases, numbers).assign(task=task), output / "scores.tsv", tables.SCORES)
    write_json(output / "provenance.json", collect_provenance(asdict(chosen), inputs))


def targets_of(chosen: EvaluationChoice) -> tuple[str, ...]:
    """Return the names of the signals that the task predicts."""
    room = room_module("tasks", chosen.task, "config", "--config")
    return build_config(room.Config, chosen.parameters, "--config: parameters").targets


def measured_samples(arrays: TileArrays, samples: list[str], target: str) -> dict[tuple[str, str], np.ndarray]:
    """Return the measured signal (I,) of each chromosome of the samples that have it; InputError when none has."""
    found = measured(arrays, samples, target)
    lacking = [
        name
        for name in dict.fromkeys(samples)
        if not any(np.isfinite(own).any() for (sample, _), own in found.items() if sample == name)
    ]
    if len(lacking) == len({*samples}):
        raise InputError(
            f"{target} was measured in none of the samples {', '.join(lacking)}; leave it out of the targets"
        )
    if lacking:
        log.info("%s was not measured in %s: predicted there, not scored", target, ", ".join(lacking))
    return {key: own for key, own in found.items() if key[0] not in lacking}


def read_prediction(
    folder: Path, identity: str, chosen: tuple[list[str], str], arrays: TileArrays
) -> ProfilePrediction:
    """Read the profiles of one track that one model and seed predicted.

    Parameters
    ----------
    chosen : samples, and the track
    """
    model, seed = split_identity(identity)
    samples, target = chosen
    values = {}
    for sample in samples:
        path = folder / identity / f"{sample}.tracks/{target}.bw"
        found = read_predicted_profile(path, arrays.meta.chromosomes, arrays.meta.resolution_bp)
        values |= {(sample, chrom): own for chrom, own in found.items()}
    return ProfilePrediction(model, seed, values)
