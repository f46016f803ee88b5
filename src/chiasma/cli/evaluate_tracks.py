"""Score several predicted signals on the test split against the measured ones, baselines and models by the same lines."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from chiasma.cli.evaluate import EvaluationChoice, task_numbers
from chiasma.cli.evaluate_profiles import measured, read_prediction
from chiasma.core.atomic import write_json
from chiasma.core.errors import InputError
from chiasma.core.log import log
from chiasma.core.provenance import collect_provenance
from chiasma.evaluation.config import ProfileConfig
from chiasma.evaluation.profiles import ProfileSetting
from chiasma.evaluation.tracks import score_tracks
from chiasma.io.tables import read_tsv, write_tsv
from chiasma.schema import tables
from chiasma.schema.rooms import build_config, read_values
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
    for target in task_numbers(chosen).targets:
        truth = measured_samples(arrays, sample, target)
        names = list(dict.fromkeys(name for name, _ in truth))
        files = {one: {name: folder / one / f"{name}.tracks/{target}.bw" for name in names} for one in predictions}
        found = [read_prediction(identity, own, arrays) for identity, own in files.items()]
        cases[target] = found, ProfileSetting(truth, NO_GENES, table, arrays.meta.resolution_bp, numbers)
        inputs += [path for own in files.values() for path in own.values()]
    write_tsv(score_tracks(cases, numbers).assign(task=task), output / "scores.tsv", tables.SCORES)
    write_json(output / "provenance.json", collect_provenance(asdict(chosen), inputs))


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
