"""Score predicted contact maps on the test split against the observed ones, baselines and models by the same lines."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from chiasma.cli.evaluate import EvaluationChoice, split_identity
from chiasma.core.atomic import write_json
from chiasma.core.provenance import collect_provenance
from chiasma.evaluation.map_config import MapConfig
from chiasma.evaluation.maps import MapPrediction, MapSetting, score_maps
from chiasma.io.predicted_maps import read_band
from chiasma.io.tables import read_tsv, write_tsv
from chiasma.schema import tables
from chiasma.schema.rooms import build_config, read_values, room_module
from chiasma.tiles.arrays import TileArrays


def evaluate_maps(
    task: Annotated[str, typer.Argument(help="name of the task, the tables' first column")],
    folder: Annotated[Path, typer.Option(help="folder of the task's predictions")],
    predictions: Annotated[list[str], typer.Option(help="{model}/seed{seed} under the folder; repeat for each")],
    sample: Annotated[list[str], typer.Option(help="biosample that is predicted; repeat")],
    tiles: Annotated[Path, typer.Option(help="tileset folder")],
    splits: Annotated[Path, typer.Option(help="splits table")],
    config: Annotated[str, typer.Option(help="JSON or file: task (room under tasks/), its parameters, evaluation")],
    output: Annotated[Path, typer.Option(help="folder for scores.tsv, strata.tsv and provenance.json")],
) -> None:
    """Score predicted maps on the test split: errors, correlations overall and at equal distance, structure, depth, loops."""
    chosen = build_config(EvaluationChoice, read_values(config), "--config")
    numbers = build_config(MapConfig, chosen.evaluation, "--config: evaluation")
    arrays = TileArrays.open(tiles / "arrays")
    against = getattr(room_module("tasks", chosen.task, "config", "--config"), "AGAINST", "own")
    truth_of = arrays.meta.deeper if against == "deeper" else {}
    setting = MapSetting(arrays, read_tsv(splits, tables.SPLITS), numbers, truth_of)
    found = [read_prediction(folder, identity, sample, setting) for identity in predictions]
    scored = score_maps(found, setting)
    write_tsv(scored.scores.assign(task=task), output / "scores.tsv", tables.SCORES)
    write_tsv(scored.strata.assign(task=task), output / "strata.tsv", tables.STRATA)
    inputs = [splits, *(folder / identity / f"{name}.mcool" for identity in predictions for name in sample)]
    write_json(output / "provenance.json", collect_provenance(asdict(chosen), inputs))


def read_prediction(folder: Path, identity: str, samples: list[str], setting: MapSetting) -> MapPrediction:
    """Read the maps that one model and seed predicted for the samples, on the chromosomes with test regions."""
    model, seed = split_identity(identity)
    meta, tested = setting.arrays.meta, setting.splits.loc[setting.splits["split"] == "test", "chrom"].unique()
    bands = {
        (sample, chrom): read_band(folder / identity / f"{sample}.mcool", chrom, meta.resolution_bp, meta.band_bins)
        for sample in samples
        for chrom in tested
    }
    return MapPrediction(model, seed, bands)
