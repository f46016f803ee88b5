"""Which windows a tileset has beyond squares within a chromosome, and whether those that read them can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chiasma.core.errors import ConfigError
from chiasma.schema import rooms

if TYPE_CHECKING:
    from chiasma.schema.run import Tileset
    from chiasma.schema.study import ResolvedStudy

KEYS = {"trans": "trans_per_mb", "rectangular": "tile_cols", "padded": "pad"}  # what asks for each kind


@dataclass(frozen=True)
class TileShape:
    """The shape of a pair tile: ``tile_bins`` x ``tile_bins`` contacts, two strips of ``strip_bins`` x ``tracks``."""

    tile_bins: int
    strip_bins: int
    tracks: int


def window_kinds(tileset: Tileset) -> list[str]:
    """Return the kinds of windows, of `KEYS`, that a tileset has beside squares inside a chromosome."""
    asked = (tileset.trans_per_mb > 0, tileset.tile_cols not in (None, tileset.tile_bins), tileset.pad)
    return [kind for kind, is_asked in zip(KEYS, asked, strict=True) if is_asked]


def widest_bins(tileset: Tileset) -> int:
    """Return the longer side of a tileset's windows in bins."""
    return max(tileset.tile_bins, tileset.tile_cols or 0)


def check_windows(resolved: ResolvedStudy, where: str) -> None:
    """Raise ConfigError when a tileset asks for contacts that are not kept, or for windows that its models or tasks cannot read."""
    study = resolved.run
    for name, tileset in study.tilesets.items():
        _check_tileset(resolved, name, tileset, where)
    for name, model in resolved.models.items():
        for tileset in {model.tileset, *(model.pretrain_tilesets or ())} & study.tilesets.keys():
            _check_model(resolved, name, tileset)
    for name, task in resolved.tasks.items():
        for kind in window_kinds(study.tilesets[task.tileset]):
            if kind != "trans":
                raise ConfigError(
                    f"task '{name}': tileset '{task.tileset}' has {kind} windows; tasks need squares inside a chromosome: give it "
                    f"a tileset without {KEYS[kind]}"
                )


def _check_model(resolved: ResolvedStudy, name: str, tileset: str) -> None:
    model = resolved.models[name]
    family = rooms.room_module("families", model.family, "config")
    for kind in window_kinds(resolved.run.tilesets[tileset]):
        is_shown = kind != "trans" or model.pretrain is not None  # tasks draw pairs within chromosomes
        if is_shown and kind not in getattr(family, "WINDOWS", ()):
            raise ConfigError(
                f"model '{name}': tileset '{tileset}' has {kind} windows, which family '{model.family}' does not read; "
                f"give it a tileset without {KEYS[kind]}"
            )
    if hasattr(family, "check_tile"):
        numbers = rooms.build_config(family.Config, model.parameters, f"model '{name}': parameters")
        tracks = len(resolved.run.tilesets[tileset].tracks)
        shape = TileShape(resolved.run.tilesets[tileset].tile_bins, resolved.strip_bins(tileset), tracks)
        try:
            family.check_tile(numbers, shape)
        except ConfigError as error:
            raise ConfigError(f"model '{name}' cannot read the windows of tileset '{tileset}': {error}") from error


def _check_tileset(resolved: ResolvedStudy, name: str, tileset: Tileset, where: str) -> None:
    for key in ("tile_bins", "tile_cols"):
        if (getattr(tileset, key) or 0) % 2:
            raise ConfigError(
                f"{where}: tilesets.{name}: {key} is {getattr(tileset, key)}; a window is centred on a pair of bins, so it must be even"
            )
    if tileset.trans_per_mb and not resolved.run.normalise.trans:
        raise ConfigError(
            f"{where}: tilesets.{name}: trans_per_mb asks for windows between chromosomes, whose contacts are not kept; "
            "set normalise.trans to true"
        )
    if tileset.trans_per_mb and len(resolved.genomes[tileset.genome].chromosomes) < 2:
        raise ConfigError(f"{where}: tilesets.{name}: trans_per_mb needs two chromosomes, the study has one")
