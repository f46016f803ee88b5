"""Score predicted contact maps on the test split against the observed ones, baselines and models by the same lines."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from chiasma.cli.evaluate import EvaluationChoice, split_identity, truth_paths
from chiasma.core.atomic import write_json
from chiasma.core.provenance import collect_provenance
from chiasma.evaluation.loop_matching import loop_bins
from chiasma.evaluation.map_annotation import Annotation
from chiasma.evaluation.map_config import MapConfig
from chiasma.evaluation.maps import MapPrediction, MapSetting, score_maps
from chiasma.io.bed import read_states
from chiasma.io.bedpe import read_bedpe
from chiasma.io.predicted_maps import read_band
from chiasma.io.tables import read_tsv, write_tsv
from chiasma.schema import tables
from chiasma.schema.rooms import build_config, read_values, room_module
from chiasma.tiles.arrays import TileArrays


def evaluate_maps(
    task: Annotated[str, typer.Argument(help="name of the task, the tables' first column")],
    predictions: Annotated[
        list[Path], typer.Option(help="folder of a prediction, …/{model}/seed{seed}; repeat for each")
    ],
    sample: Annotated[list[str], typer.Option(help="biosample that is predicted; repeat")],
    tiles: Annotated[Path, typer.Option(help="tileset folder")],
    splits: Annotated[Path, typer.Option(help="splits table")],
    config: Annotated[str, typer.Option(help="JSON or file: task (room under tasks/), its parameters, evaluation")],
    output: Annotated[Path, typer.Option(help="folder for scores.tsv, strata.tsv and provenance.json")],
    annotation: Annotated[
        list[str] | None, typer.Option(help="sample=path of chromatin states (.bed) or known pairs (.bedpe); repeat")
    ] = None,
) -> None:
    """Score predicted maps on the test split: errors, correlations, structure, depth, loops, and what is known of the genome."""
    chosen = build_config(EvaluationChoice, read_values(config), "--config")
    numbers = build_config(MapConfig, chosen.evaluation, "--config: evaluation")
    arrays = TileArrays.open(tiles / "arrays")
    against = getattr(room_module("tasks", chosen.task, "config", "--config"), "AGAINST", "own")
    truth_of = arrays.meta.deeper if against == "deeper" else {}
    known = truth_paths(annotation or [], "--annotation")
    annotations = read_annotations(known, arrays.meta.resolution_bp)
    setting = MapSetting(arrays, read_tsv(splits, tables.SPLITS), numbers, truth_of, annotations)
    found = [read_prediction(folder, sample, setting) for folder in predictions]
    scored = score_maps(found, setting)
    write_tsv(scored.scores.assign(task=task), output / "scores.tsv", tables.SCORES)
    write_tsv(scored.strata.assign(task=task), output / "strata.tsv", tables.STRATA)
    inputs = [splits, *(path for _, path in known)]
    inputs += [folder / f"{name}.mcool" for folder in predictions for name in sample]
    write_json(output / "provenance.json", collect_provenance(asdict(chosen), inputs))


def read_annotations(paths: list[tuple[str, Path]], resolution_bp: int) -> dict[str, Annotation]:
    """Read what is known of each sample: states from .bed, pairs of any other file by its name without suffix."""
    states = {sample: read_states(path) for sample, path in paths if path.suffix == ".bed"}
    pairs: dict[str, dict[str, pd.DataFrame]] = {sample: {} for sample, _ in paths}
    for sample, path in paths:
        if path.suffix != ".bed":
            pairs[sample][path.stem] = loop_bins(read_bedpe(path), resolution_bp)
    return {sample: Annotation(states.get(sample), own) for sample, own in pairs.items()}


def read_prediction(folder: Path, samples: list[str], setting: MapSetting) -> MapPrediction:
    """Read the maps that one model and seed predicted for the samples, on the chromosomes with test regions."""
    model, seed = split_identity("/".join(folder.parts[-2:]))
    meta, tested = setting.arrays.meta, setting.splits.loc[setting.splits["split"] == "test", "chrom"].unique()
    bands = {
        (sample, chrom): read_band(folder / f"{sample}.mcool", chrom, meta.resolution_bp, meta.band_bins)
        for sample in samples
        for chrom in tested
    }
    return MapPrediction(model, seed, bands)
