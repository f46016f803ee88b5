"""A small map with masked bins and two tracks, and the arrays made from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from chiasma.tiles.arrays import ArraysMeta, TileArrays, band_of, write_arrays

SAMPLES = ("a", "b")
LENGTHS = {"one": 60_500, "two": 45_000}


@dataclass(frozen=True)
class Known:
    """The arrays, and the dense truth they were made from."""

    arrays: TileArrays
    dense: dict[tuple[str, str], np.ndarray]
    valid: dict[tuple[str, str], np.ndarray]
    tracks: dict[tuple[str, str], np.ndarray]


@pytest.fixture(scope="session")
def meta() -> ArraysMeta:
    return ArraysMeta(1000, 250, 6, 12, ("atac", "dnase"), SAMPLES, LENGTHS, {"a": 1.0, "b": 2.0})


def draw(meta: ArraysMeta, chrom: str, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a symmetric dense map with its masked rows zero, the valid bins, and tracks; all exact in half precision."""
    rng, bins = np.random.default_rng(seed), meta.bins(chrom)
    upper = np.triu(rng.integers(0, 40, (bins, bins)))
    valid = rng.random(bins) > 0.1
    dense = (upper + np.triu(upper, 1).T) * np.outer(valid, valid)
    return dense.astype(float), valid, rng.integers(0, 500, (bins * meta.bin_tracks, len(meta.tracks))) / 4


@pytest.fixture(scope="session")
def known(meta: ArraysMeta, tmp_path_factory: pytest.TempPathFactory) -> Known:
    folder = Path(tmp_path_factory.mktemp("arrays")) / "arrays"
    places = [(sample, chrom) for sample in SAMPLES for chrom in LENGTHS]
    made = {place: draw(meta, place[1], seed) for seed, place in enumerate(places)}
    content = {
        place: {"contacts": band_of(dense, meta.band_bins), "valid": valid, "tracks": tracks}
        for place, (dense, valid, tracks) in made.items()
    }
    arrays = write_arrays(folder, meta, content)
    return Known(arrays, *({place: parts[at] for place, parts in made.items()} for at in range(3)))
