"""Measure what each part of a pre-training loss is for predictions that know nothing or everything, on real training windows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from chiasma.contracts import load_family
from chiasma.core.errors import ConfigError
from chiasma.core.log import log
from chiasma.evaluation.reported import patches_of, summarise_landmarks
from chiasma.io.tables import read_tsv, write_tsv
from chiasma.schema.rooms import build_config, read_values
from chiasma.schema.tables import LANDMARKS, SPLITS
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.diagonal import diagonal_windows, even_starts, longest_training_region, widest_window


@dataclass(frozen=True)
class LandmarkChoice:
    """Whose loss is measured, and on what.

    Attributes
    ----------
    family : room under families/
    parameters : the family's own numbers
    sample : biosample the windows are cut from
    window_bins : width of a window; a narrower one is taken where the stored band or the training region does not reach
    patch : width of a patch, in the place of the family's own
    windows : most windows measured, spread evenly over the longest training region
    """

    family: str
    sample: str
    parameters: dict[str, Any] = field(default_factory=dict)
    window_bins: int = 448
    patch: int = 16
    windows: int = 8


def measure_landmarks(
    config: Annotated[str, typer.Option(help="JSON or file: family, parameters, sample, window_bins, patch, windows")],
    tiles: Annotated[Path, typer.Option(help="folder of the tileset, which holds arrays/")],
    splits: Annotated[Path, typer.Option(help="splits.tsv: windows are of the longest training region")],
    output: Annotated[Path, typer.Option(help="table to write, {model}/landmarks.tsv: its path names the model")],
) -> None:
    """Measure what each part of a pre-training loss is for predictions that know nothing or everything."""
    chosen = build_config(LandmarkChoice, read_values(config), "--config")
    family = load_family(chosen.family)
    if family.landmarks is None:
        raise ConfigError(f"--config: family '{chosen.family}' measures no landmarks of its loss; name one that does")
    numbers = build_config(family.config, chosen.parameters | {"patch": chosen.patch}, f"family '{chosen.family}'")
    arrays = TileArrays.open(tiles / "arrays")
    chrom, first, end = longest_training_region(read_tsv(splits, SPLITS), arrays.meta)
    width = widest_window(chosen.window_bins, chosen.patch, arrays.meta.band_bins, end - first)
    if width < chosen.window_bins:
        log.warning("windows of %d bins instead of %d: the tileset reaches no farther", width, chosen.window_bins)
    starts = even_starts(first, end, width, chosen.windows)
    found = family.landmarks(numbers, diagonal_windows(arrays, chosen.sample, chrom, starts, width))
    values = [(each.part, each.name, each.role, value) for each in found for value in each.values]
    table = summarise_landmarks(pd.DataFrame(values, columns=["part", "landmark", "role", "value"])).assign(
        model=output.parent.name, window_bins=width, patches=patches_of(width, chosen.patch)
    )
    write_tsv(table, output, LANDMARKS)
    log.info("%d landmarks of %d windows of %s, %s", len(table), len(starts), chosen.sample, chrom)
