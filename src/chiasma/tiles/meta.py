"""What the arrays of a tileset hold, and the content of their ``meta.json``.

Axes: L track bins of a tile.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chiasma.core.errors import ConfigError, InputError, unknown

OPTIONAL = ("targets", "tile_cols", "pad", "deeper", "depth")  # fields that a ``meta.json`` may lack


@dataclass(frozen=True)
class ArraysMeta:
    """What the arrays of a tileset hold.

    Attributes
    ----------
    resolution_bp, track_bp : bin sizes of contacts and tracks; the second divides the first
    tile_bins : width N of a tile, even
    max_distance_bins : largest distance of a pair's bins
    tracks : names of the tracks, in channel order
    samples : biosamples
    chromosomes : length in bp of each chromosome
    scale : per sample, the factor from balanced to count-like contacts
    targets : names of the signals that tasks predict, stored per contact bin and never shown as tracks
    deeper : for a sample whose windows carry another, deeper map of the same, the sample that has it
    depth : for each of these, the deeper map's contacts over its own, both count-like, in training regions
    tile_cols : columns of a tile, even; None for as many as rows
    pad : whether tiles may reach beyond the ends of a chromosome, their centres inside
    """

    resolution_bp: int
    track_bp: int
    tile_bins: int
    max_distance_bins: int
    tracks: tuple[str, ...]
    samples: tuple[str, ...]
    chromosomes: Mapping[str, int]
    scale: Mapping[str, float]
    targets: tuple[str, ...] = ()
    deeper: Mapping[str, str] = field(default_factory=dict)
    depth: Mapping[str, float] = field(default_factory=dict)
    tile_cols: int | None = None
    pad: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "tracks", tuple(self.tracks))
        object.__setattr__(self, "samples", tuple(self.samples))
        object.__setattr__(self, "targets", tuple(self.targets))
        for name, width in zip(("tile_bins", "tile_cols"), self.window, strict=True):
            if width % 2 or width <= 0:
                raise ConfigError(f"{name} is {width}; a tile is centred on a pair, so it must be even and positive")
        if self.resolution_bp % self.track_bp:
            raise ConfigError(
                f"track_bp {self.track_bp} does not divide resolution_bp {self.resolution_bp}; take a divisor"
            )
        if shown := {*self.tracks} & {*self.targets}:
            raise ConfigError(
                f"tileset: {', '.join(sorted(shown))} is a track and a target; a model would be shown what it is to predict"
            )
        if self.deeper.keys() != self.depth.keys() or not {*self.deeper, *self.deeper.values()} <= {*self.samples}:
            raise ConfigError(
                f"tile arrays: deeper is {dict(self.deeper)}, depth {dict(self.depth)}; both name the same of {self.samples}"
            )
        if not self.samples or not self.chromosomes:
            raise ConfigError("tile arrays: no samples or no chromosomes; name at least one of each")

    @property
    def band_bins(self) -> int:
        """Distances stored: a tile of the largest distance lies in the band wholly."""
        return self.max_distance_bins + sum(self.window) // 2

    @property
    def window(self) -> tuple[int, int]:
        """Rows and columns of a tile."""
        return self.tile_bins, self.tile_bins if self.tile_cols is None else self.tile_cols

    @property
    def half_bins(self) -> int:
        """h, half the width of a tile."""
        return self.tile_bins // 2

    @property
    def bin_tracks(self) -> int:
        """Track bins per contact bin."""
        return self.resolution_bp // self.track_bp

    @property
    def shape(self) -> dict[str, int]:
        """The numbers of `chiasma.contracts.TileShape`: tile_bins, strip_bins (L, of one anchor; 0 without tracks), tracks."""
        strip_bins = self.tile_bins * self.bin_tracks if self.tracks else 0
        return {"tile_bins": self.tile_bins, "strip_bins": strip_bins, "tracks": len(self.tracks)}

    def bins(self, chrom: str) -> int:
        """Return the number of bins of a chromosome, the last of which may be cut short by its end."""
        if chrom not in self.chromosomes:
            raise InputError(unknown("chromosome", chrom, self.chromosomes, "tile arrays"))
        return -(-self.chromosomes[chrom] // self.resolution_bp)

    def centres(self, chrom: str, side: int = 0, *, whole: bool = False) -> tuple[int, int]:
        """Return the first and the last bin that a tile's rows (side 0) or columns (side 1) may be centred on.

        With ``whole`` an unpadded tile holds whole bins alone, not one that is cut short by the chromosome's end.
        """
        bins, half = self.bins(chrom), self.window[side] // 2
        if self.pad:
            return 0, bins - 1
        return half, (self.chromosomes[chrom] // self.resolution_bp if whole else bins) - half

    def to_json(self) -> dict[str, Any]:
        """Return the content of ``meta.json``; ``band_bins`` is written for readers elsewhere."""
        return {**dataclasses.asdict(self), "band_bins": self.band_bins}

    @classmethod
    def from_json(cls, values: Mapping[str, Any], where: str) -> ArraysMeta:
        """Build from the content of ``meta.json``; InputError when keys are missing or contradict each other."""
        names = [field.name for field in dataclasses.fields(cls) if field.name in values or field.name not in OPTIONAL]
        missing = [name for name in (*names, "band_bins") if name not in values]
        if missing:
            raise InputError(
                f"{where}: keys {', '.join(missing)} are missing; make the tileset again with `chiasma tile`"
            )
        meta = cls(**{name: values[name] for name in names})
        if values["band_bins"] != meta.band_bins:
            raise InputError(
                f"{where}: band_bins is {values['band_bins']}, expected {meta.band_bins} (largest distance + tile)"
            )
        return meta
