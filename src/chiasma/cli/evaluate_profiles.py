"""Score predicted profiles on the test split against the measured signal, baselines and models by the same lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from chiasma.cli.evaluate import EvaluationChoice, split_identity, task_numbers, truth_paths
from chiasma.core.atomic import write_json
from chiasma.core.provenance import collect_provenance
from chiasma.evaluation.config import ProfileConfig
from chiasma.evaluation.profiles import ProfilePrediction, ProfileSetting, score_profiles
from chiasma.io.genes import read_genes
from chiasma.io.predicted_profiles import read_predicted_profile
from chiasma.io.tables import read_tsv, write_tsv
from chiasma.schema import tables
from chiasma.schema.rooms import build_config, read_values
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.targets import target_places


def evaluate_profiles(
    task: Annotated[str, typer.Argument(help="name of the task, the tables' first column")],
    folder: Annotated[Path, typer.Option(help="folder of the task's predictions")],
    predictions: Annotated[list[str], typer.Option(help="{model}/seed{seed} under the folder; repeat for each")],
    truth: Annotated[list[str], typer.Option(help="sample=path of its normalised genes, BED; repeat")],
    tiles: Annotated[Path, typer.Option(help="tileset folder")],
    splits: Annotated[Path, typer.Option(help="splits table")],
    config: Annotated[str, typer.Option(help="JSON or file: task (room under tasks/), its parameters, evaluation")],
    output: Annotated[Path, typer.Option(help="folder for scores.tsv, genes.tsv and provenance.json")],
) -> None:
    """Score predicted profiles on the test split: per bin, per gene, and the differences between samples."""
    chosen = build_config(EvaluationChoice, read_values(config), "--config")
    arrays, paths = TileArrays.open(tiles / "arrays"), truth_paths(truth)
    setting = ProfileSetting(
        measured(arrays, [sample for sample, _ in paths], task_numbers(chosen).target),
        gene_bins(paths, arrays),
        read_tsv(splits, tables.SPLITS),
        arrays.meta.resolution_bp,
        build_config(ProfileConfig, chosen.evaluation, "--config: evaluation"),
    )
    samples = list(dict.fromkeys(sample for sample, _ in paths))
    files = {one: {name: folder / one / f"{name}.bw" for name in samples} for one in predictions}
    found = [read_prediction(identity, own, arrays) for identity, own in files.items()]
    scored = score_profiles(found, setting)
    write_tsv(scored.scores.assign(task=task), output / "scores.tsv", tables.SCORES)
    write_tsv(scored.genes.assign(task=task), output / "genes.tsv", tables.GENE_LEVELS)
    inputs = [splits, *(path for _, path in paths), *(path for own in files.values() for path in own.values())]
    write_json(output / "provenance.json", collect_provenance(asdict(chosen), inputs))


def measured(arrays: TileArrays, samples: list[str], target: str) -> dict[tuple[str, str], Any]:
    """Return the measured signal of each sample and chromosome (I,); ConfigError when the tileset does not hold it."""
    (channel,) = target_places(arrays, [target])
    return {
        (sample, chrom): arrays.targets(sample, chrom)[:, channel]
        for sample in dict.fromkeys(samples)
        for chrom in arrays.meta.chromosomes
    }


def gene_bins(paths: list[tuple[str, Path]], arrays: TileArrays) -> pd.DataFrame:
    """Return the bins in which genes start: sample, chrom, bin, name."""
    frames = []
    for sample, path in paths:
        genes = read_genes(path)
        frames.append(genes.assign(sample=sample, bin=genes["start"] // arrays.meta.resolution_bp))
    return pd.concat(frames, ignore_index=True)[["sample", "chrom", "bin", "name"]]


def read_prediction(identity: str, paths: Mapping[str, Path], arrays: TileArrays) -> ProfilePrediction:
    """Read the profiles that one model and seed predicted for samples, from the path of each; ``identity`` is {model}/seed{seed}."""
    model, seed = split_identity(identity)
    values = {
        (sample, chrom): profile_I
        for sample, path in paths.items()
        for chrom, profile_I in read_predicted_profile(path, arrays.meta.chromosomes, arrays.meta.resolution_bp).items()
    }
    return ProfilePrediction(model, seed, values)
