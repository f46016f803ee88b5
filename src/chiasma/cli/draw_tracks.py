"""Draw each measured track along a test region, and below it the predictions of the best model and baseline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

METRICS = ["tracks_pearson"]  # what picks the best


@dataclass(frozen=True)
class TracksChoice:
    """Names of the signals that are drawn, the models drawn in grey, and the length of the region."""

    targets: tuple[str, ...]
    baselines: tuple[str, ...] = ()
    region_bp: int = 1_500_000


def draw_tracks(
    tracks: Annotated[
        list[Path], typer.Option(help=".tracks folder in its run's folder, whose path names model and seed; repeat")
    ],
    scores: Annotated[Path, typer.Option(help="scores.tsv, which says the best model and baseline")],
    tiles: Annotated[Path, typer.Option(help="tileset folder")],
    splits: Annotated[Path, typer.Option(help="splits.tsv")],
    config: Annotated[str, typer.Option(help="JSON or file: targets, baselines, region_bp")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
) -> None:
    """Draw the tracks of the test region with the liveliest contacts, measured and predicted."""
    import pandas as pd

    from chiasma.cli.draw_predicted_maps import choose_files
    from chiasma.cli.draw_profiles import region_profiles
    from chiasma.evaluation.regions import structured_region
    from chiasma.io.tables import read_tsv
    from chiasma.plots import tracks as figure
    from chiasma.plots.style import FigureConfig, save_figure
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import SCORES, SPLITS
    from chiasma.tiles.arrays import TileArrays

    chosen = build_config(TracksChoice, read_values(config), "--config")
    arrays, table = TileArrays.open(tiles / "arrays"), read_tsv(scores, SCORES)
    sample = scored_sample(tracks, set(table["sample"]))
    region = structured_region(arrays, sample, read_tsv(splits, SPLITS), chosen.region_bp)
    files = choose_files(tracks, sample, table, (chosen.baselines, METRICS))
    parts = []
    for target in chosen.targets:
        paths = {model: path / f"{target}.bw" for model, path in files.items()}
        parts.append(region_profiles(arrays, (sample, target), paths, region).assign(track=target))
    title = f"{sample}, {region[0]}:{region[1]:,}-{region[2]:,}"
    view = figure.TracksView(table, tuple(files), title, region, pd.concat(parts, ignore_index=True))
    save_figure(*figure.draw(view, FigureConfig(baselines=chosen.baselines)), output)


def scored_sample(paths: list[Path], scored: set[str]) -> str:
    """Return the sample of the first prediction that is scored, for the others were not measured; the first when none is."""
    samples = [path.stem for path in paths]
    return next((sample for sample in samples if sample in scored), samples[0])
