"""Score predictions on the test split against the true loops, baselines and models by the same lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from chiasma.core.atomic import write_json
from chiasma.core.errors import InputError
from chiasma.core.provenance import collect_provenance
from chiasma.evaluation.config import EvaluationConfig
from chiasma.evaluation.loop_matching import loop_bins
from chiasma.evaluation.scoring import Prediction, Setting, score_predictions
from chiasma.io.bedpe import read_bedpe, read_calls
from chiasma.io.tables import read_parquet, read_tsv, write_tsv
from chiasma.schema import tables
from chiasma.schema.rooms import build_config, read_values, room_module
from chiasma.tiles.arrays import TileArrays


@dataclass(frozen=True)
class EvaluationChoice:
    """The room of a task, the task's own numbers, and those of the evaluation."""

    task: str
    parameters: dict[str, Any]
    evaluation: dict[str, Any]


def evaluate(
    task: Annotated[str, typer.Argument(help="name of the task, the tables' first column")],
    folder: Annotated[Path, typer.Option(help="folder of the task's predictions")],
    predictions: Annotated[list[str], typer.Option(help="{model}/seed{seed} under the folder; repeat for each")],
    truth: Annotated[
        list[str],
        typer.Option(help="sample=path of its true loops, BEDPE; repeat. The first file name is the main truth"),
    ],
    tiles: Annotated[Path, typer.Option(help="tileset folder")],
    splits: Annotated[Path, typer.Option(help="splits table")],
    config: Annotated[str, typer.Option(help="JSON or file: task (room under tasks/), its parameters, evaluation")],
    output: Annotated[Path, typer.Option(help="folder for scores.tsv, curves.tsv, pileups.tsv and provenance.json")],
) -> None:
    """Score predictions on the test split: labelled pairs, called loops, and pile-ups, with 95 % intervals."""
    chosen = build_config(EvaluationChoice, read_values(config), "--config")
    arrays = TileArrays.open(tiles / "arrays")
    paths = truth_paths(truth)
    truths = read_truths(paths, arrays.meta.resolution_bp)
    setting = Setting(
        truths,
        arrays,
        read_tsv(splits, tables.SPLITS),
        build_config(EvaluationConfig, chosen.evaluation, "--config: evaluation"),
    )
    samples = list(dict.fromkeys(sample for sample, _ in paths))
    found = [read_prediction(folder, identity, samples, peak_finder(chosen)) for identity in predictions]
    scored = score_predictions(found, setting)
    write_tsv(scored.scores.assign(task=task), output / "scores.tsv", tables.SCORES)
    write_tsv(scored.curves.assign(task=task), output / "curves.tsv", tables.CURVES)
    write_tsv(scored.pileups.assign(task=task), output / "pileups.tsv", tables.PILEUPS)
    inputs = [
        splits,
        *(path for _, path in paths),
        *(folder / identity / f"{sample}.bedpe" for identity in predictions for sample in samples),
    ]
    write_json(output / "provenance.json", collect_provenance(asdict(chosen), inputs))


def truth_paths(words: list[str], option: str = "--truth") -> list[tuple[str, Path]]:
    """Parse sample=path words of an option; InputError for a word without ``=``."""
    pairs = [word.partition("=") for word in words]
    for sample, equals, path in pairs:
        if not (sample and equals and path):
            raise InputError(f"{option} {sample}{equals}{path}: expected sample=path")
    return [(sample, Path(path)) for sample, _, path in pairs]


def read_truths(paths: list[tuple[str, Path]], resolution_bp: int) -> dict[str, pd.DataFrame]:
    """Read true loops by the name of their file without its suffix: frames of sample, chrom, bin1, bin2."""
    frames: dict[str, list[pd.DataFrame]] = {}
    for sample, path in paths:
        frames.setdefault(path.name.split(".")[0], []).append(
            loop_bins(read_bedpe(path), resolution_bp).assign(sample=sample)
        )
    return {name: pd.concat(own, ignore_index=True) for name, own in frames.items()}


def task_numbers(chosen: EvaluationChoice) -> Any:
    """Return the task's own numbers, as the room of the task reads them."""
    room = room_module("tasks", chosen.task, "config", "--config")
    return build_config(room.Config, chosen.parameters, "--config: parameters")


def peak_finder(chosen: EvaluationChoice) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return the task's own way from one sample's pixels to the peaks a threshold could call."""
    return partial(room_module("tasks", chosen.task, "decode").scan_peaks, task_numbers(chosen))


def read_prediction(
    folder: Path, identity: str, samples: list[str], peaks_of: Callable[[pd.DataFrame], pd.DataFrame]
) -> Prediction:
    """Read what one model and seed predicted for the samples; ``identity`` is {model}/seed{seed}."""
    model, seed = split_identity(identity)
    pixels = {sample: read_parquet(folder / identity / f"{sample}.parquet", tables.PIXELS) for sample in samples}
    calls = [read_calls(folder / identity / f"{sample}.bedpe").assign(sample=sample) for sample in samples]
    peaks = [peaks_of(own).assign(sample=sample) for sample, own in pixels.items()]
    return Prediction(model, seed, *(pd.concat(parts, ignore_index=True) for parts in (pixels.values(), calls, peaks)))


def split_identity(identity: str) -> tuple[str, str]:
    """Return model and seed of {model}/seed{seed}; InputError for another form."""
    model, _, seed = identity.rpartition("/seed")
    if not model or not seed:
        raise InputError(f"--predictions {identity}: expected {{model}}/seed{{seed}}")
    return model, seed
