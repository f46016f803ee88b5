"""Draw a test region of the observed contact map, and below it the maps of the best model and the best baseline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chiasma.core.errors import InputError, unknown

if TYPE_CHECKING:
    import pandas as pd

    from chiasma.tiles.arrays import TileArrays

METRICS = ["oe_pearson", "distance_pearson", "r2"]  # what picks the best, the first that is there


def draw_predicted_maps(
    maps: Annotated[
        list[Path], typer.Option(help=".mcool in its run's folder, whose path names model and seed; repeat")
    ],
    scores: Annotated[Path, typer.Option(help="scores.tsv, which says the best model and baseline")],
    tiles: Annotated[Path, typer.Option(help="tileset folder")],
    splits: Annotated[Path, typer.Option(help="splits.tsv")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
    truth: Annotated[
        str | None, typer.Option(help="sample of the observed map, where it is not the predicted one: the deeper map")
    ] = None,
    config: Annotated[str, typer.Option(help="JSON or file: baselines, region_bp")] = "{}",
) -> None:
    """Draw the liveliest test region of the observed map, and below it the maps of the best model and baseline."""
    from chiasma.evaluation import regions
    from chiasma.io.tables import read_tsv
    from chiasma.plots.maps import MapsView, draw_predicted_maps
    from chiasma.plots.style import FigureConfig, save_figure
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import SCORES, SPLITS
    from chiasma.tiles.arrays import TileArrays

    numbers = build_config(FigureConfig, read_values(config), "--config")
    arrays, sample = TileArrays.open(tiles / "arrays"), maps[0].stem
    above = truth or sample
    if above not in arrays.meta.samples:
        raise InputError(unknown("sample", above, arrays.meta.samples, "--truth"))
    region = regions.structured_region(arrays, above, read_tsv(splits, SPLITS), numbers.region_bp)
    shown = {"observed": regions.region_pixels(arrays, above, region)}
    for model, path in choose_files(maps, sample, read_tsv(scores, SCORES), (numbers.baselines, METRICS)).items():
        shown[model] = predicted_pixels(path, arrays, shown["observed"], region[0])
    shown = {name: regions.departure(pixels) for name, pixels in shown.items()}
    title = f"{sample}, {region[0]}:{region[1]:,}-{region[2]:,}"
    save_figure(*draw_predicted_maps(MapsView(title, region, arrays.meta.resolution_bp, shown)), output)


def choose_files(
    paths: list[Path], sample: str, scores: pd.DataFrame, by: tuple[tuple[str, ...], list[str]]
) -> dict[str, Path]:
    """Return the predictions of the best learned model and of the best baseline of a sample, each of its first seed.

    Parameters
    ----------
    by : names of the baselines, and the metrics that pick the best, the first that is there
    """
    from chiasma.evaluation.regions import best_model
    from chiasma.schema.identity import read_identity

    found: dict[str, Path] = {}
    baselines, metrics = by
    for path in sorted(paths, key=lambda path: (len(read_identity(path).seed), read_identity(path).seed)):
        if path.stem == sample:
            found.setdefault(read_identity(path).model, path)
    if not found:
        raise InputError(f"no prediction is of sample '{sample}'")
    learned = [model for model in found if model not in baselines]
    classical = [model for model in found if model in baselines]
    best = [best_model(scores, metrics, models) for models in (learned, classical)]
    return {model: found[model] for model in best if model is not None}


def predicted_pixels(path: Path, arrays: TileArrays, observed: pd.DataFrame, chrom: str) -> pd.DataFrame:
    """Return the predicted contacts of the observed pixels."""
    from chiasma.io.predicted_maps import read_band

    band_ID = read_band(path, chrom, arrays.meta.resolution_bp, arrays.meta.band_bins)
    bin1, bin2 = observed["bin1"].to_numpy(), observed["bin2"].to_numpy()
    return observed.assign(contacts=band_ID[bin1, bin2 - bin1])
