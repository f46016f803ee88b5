"""Draw a test region: contacts, true loops, the calls of the best model and the best baseline, and the tracks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chiasma.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from chiasma.schema.identity import Identity

METRICS = ["loop_f1_1", "loop_f1_2", "loop_f1_0", "aupr", "auroc"]  # what picks the best, the first that is there


def draw_called_region(
    calls: Annotated[
        list[Path], typer.Option(help="BEDPE of calls in its run's folder, whose path names model and seed; repeat")
    ],
    truth: Annotated[list[str], typer.Option(help="sample=path of its true loops; the first sample is drawn")],
    scores: Annotated[Path, typer.Option(help="scores.tsv, which says the best model and baseline")],
    tiles: Annotated[Path, typer.Option(help="tileset folder")],
    splits: Annotated[Path, typer.Option(help="splits.tsv")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
    config: Annotated[str, typer.Option(help="JSON or file: baselines, region_bp, min_distance_bins")] = "{}",
) -> None:
    """Draw a test region with many true loops: contacts, true loops, calls of the best model and baseline, tracks."""
    from chiasma.evaluation import regions
    from chiasma.evaluation.loop_matching import loop_bins
    from chiasma.io.bedpe import read_bedpe
    from chiasma.io.tables import read_tsv
    from chiasma.plots import called_region as figure
    from chiasma.plots.style import FigureConfig, save_figure
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import SCORES, SPLITS
    from chiasma.tiles.arrays import TileArrays

    numbers = build_config(FigureConfig, read_values(config), "--config")
    sample, path = parse_truth(truth[0])
    arrays = TileArrays.open(tiles / "arrays")
    resolution = arrays.meta.resolution_bp
    true_loops = loop_bins(read_bedpe(path), resolution)
    true_loops = true_loops[true_loops["bin2"] - true_loops["bin1"] >= numbers.min_distance_bins]
    region = regions.telling_region(true_loops, read_tsv(splits, SPLITS), numbers.region_bp, resolution)
    chosen = choose_calls(calls, sample, read_tsv(scores, SCORES), numbers.baselines)
    loops = {"true loops": true_loops} | {name: loop_bins(read_bedpe(own), resolution) for name, own in chosen.items()}
    view = figure.RegionView(
        title=f"{sample}, {region[0]}:{region[1]:,}-{region[2]:,}",
        region=region,
        resolution_bp=resolution,
        pixels=regions.region_pixels(arrays, sample, region),
        tracks=regions.region_tracks(arrays, sample, region),
        loops={name: own[own["chrom"] == region[0]] for name, own in loops.items()},
    )
    save_figure(*figure.draw(view), output)


def parse_truth(word: str) -> tuple[str, Path]:
    """Parse sample=path; InputError for a word without ``=``."""
    sample, equals, path = word.partition("=")
    if not (sample and equals and path):
        raise InputError(f"--truth {word}: expected sample=path")
    return sample, Path(path)


def choose_calls(calls: list[Path], sample: str, scores: pd.DataFrame, baselines: tuple[str, ...]) -> dict[str, Path]:
    """Return the calls of the best learned model and of the best baseline on a sample, each of its first seed."""
    from chiasma.evaluation.regions import best_model
    from chiasma.schema.identity import read_identity

    found: dict[str, tuple[Identity, Path]] = {}
    for path in sorted(calls, key=lambda path: (len(read_identity(path).seed), read_identity(path).seed)):
        if path.stem == sample:
            found.setdefault(read_identity(path).model, (read_identity(path), path))
    learned = [model for model in found if model not in baselines]
    classical = [model for model in found if model in baselines]
    best = [best_model(scores, METRICS, models) for models in (learned, classical)]
    return {model: found[model][1] for model in best if model is not None}
