"""Draw predicted against measured signal at genes, and along a region of the test split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

if TYPE_CHECKING:
    from chiasma.tiles.arrays import TileArrays

METRICS = ["gene_pearson", "bin_pearson"]  # what picks the best, the first that is there


@dataclass(frozen=True)
class ProfileChoice:
    """Name of the signal that is drawn, the models drawn in grey, and the length of the region."""

    target: str
    baselines: tuple[str, ...] = ()
    region_bp: int = 1_500_000


def draw_profiles(
    profiles: Annotated[
        list[Path], typer.Option(help=".bw in its run's folder, whose path names model and seed; repeat")
    ],
    genes: Annotated[Path, typer.Option(help="genes.tsv of `chiasma evaluate_profiles`")],
    scores: Annotated[Path, typer.Option(help="scores.tsv, which says the best model and baseline")],
    tiles: Annotated[Path, typer.Option(help="tileset folder")],
    splits: Annotated[Path, typer.Option(help="splits.tsv")],
    config: Annotated[str, typer.Option(help="JSON or file: target, baselines, region_bp")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
) -> None:
    """Draw predicted against measured signal at genes, and along a test region with many genes."""
    from chiasma.cli.draw_predicted_maps import choose_files
    from chiasma.evaluation.regions import telling_region
    from chiasma.io.tables import read_tsv
    from chiasma.plots import profiles as figure
    from chiasma.plots.style import FigureConfig, save_figure
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import GENE_LEVELS, SCORES, SPLITS
    from chiasma.tiles.arrays import TileArrays

    chosen = build_config(ProfileChoice, read_values(config), "--config")
    arrays, sample = TileArrays.open(tiles / "arrays"), profiles[0].stem
    levels, table, meta = read_tsv(genes, GENE_LEVELS), read_tsv(scores, SCORES), arrays.meta
    starts = levels.loc[levels["sample"] == sample, ["chrom", "bin", "name"]].drop_duplicates()
    loci = starts.assign(bin1=starts["bin"], bin2=starts["bin"])
    region = telling_region(loci, read_tsv(splits, SPLITS), chosen.region_bp, meta.resolution_bp)
    files = choose_files(profiles, sample, table, (chosen.baselines, METRICS))
    view = figure.ProfileView(
        levels,
        table,
        tuple(files),
        f"{sample}, {region[0]}:{region[1]:,}-{region[2]:,}",
        region,
        region_profiles(arrays, (sample, chosen.target), files, region),
        inside(starts, region, meta.resolution_bp),
    )
    save_figure(*figure.draw(view, FigureConfig(baselines=chosen.baselines)), output)


def region_profiles(
    arrays: TileArrays, truth: tuple[str, str], paths: Mapping[str, Path], region: tuple[str, int, int]
) -> pd.DataFrame:
    """Return the measured log2 signal in a region, then the predicted ones: profile, start, end, value.

    Parameters
    ----------
    truth : sample and target that were measured
    paths : model -> its profile, bigWig
    """
    import numpy as np

    from chiasma.assays.scales import log2_signal
    from chiasma.cli.evaluate_profiles import measured
    from chiasma.io.predicted_profiles import read_predicted_profile
    from chiasma.plots.profiles import MEASURED

    (sample, target), (chrom, start, end), width = truth, region, arrays.meta.resolution_bp
    found = {MEASURED: log2_signal(measured(arrays, [sample], target)[sample, chrom])}
    for model, path in paths.items():
        found[model] = read_predicted_profile(path, arrays.meta.chromosomes, width)[chrom]
    bins = np.arange(start // width, min(-(-end // width), arrays.meta.bins(chrom)))
    shown = pd.DataFrame({"start": bins * width, "end": (bins + 1) * width})
    parts = [shown.assign(profile=name, value=values_I[bins]) for name, values_I in found.items()]
    return pd.concat(parts, ignore_index=True)[["profile", "start", "end", "value"]]


def inside(starts: pd.DataFrame, region: tuple[str, int, int], resolution_bp: int) -> pd.DataFrame:
    """Return the genes that start in the region: start in bp (the middle of the bin), name."""
    own = starts.assign(start=starts["bin"] * resolution_bp + resolution_bp // 2)
    return own[(own["chrom"] == region[0]) & own["start"].between(region[1], region[2])][["start", "name"]]
