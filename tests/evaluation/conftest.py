"""A planted map of two samples: decay, compartments, a boundary and loops, a masked bin, and test regions of two chromosomes."""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from chiasma.evaluation.intervals import Bootstrap
from chiasma.evaluation.map_config import MapConfig
from chiasma.evaluation.map_fields import build_fields
from chiasma.evaluation.map_metrics import Observed
from chiasma.evaluation.map_pixels import common_pieces
from chiasma.tiles.arrays import ArraysMeta, TileArrays, write_arrays

sys.path.insert(0, str(Path(__file__).parent))

from planted_map import BINS, BOUNDARY, LOOPS, PERIOD, RESOLUTION, STRATA

SPLITS = pd.DataFrame(
    {
        "chrom": ["c", "c", "d"],
        "start": [0, 1_000_000, 0],
        "end": [1_000_000, 4_000_000, 1_000_000],
        "split": ["train", "test", "test"],
    }
)


@dataclass(frozen=True)
class PlantedMaps:
    """The arrays, and what was planted.

    Attributes
    ----------
    observed : (sample, chromosome) -> contacts, as stored
    decay : the mean of each chromosome's expectation at each distance, as a band
    """

    arrays: TileArrays
    splits: pd.DataFrame
    observed: dict[tuple[str, str], np.ndarray]
    decay: dict[tuple[str, str], np.ndarray]


def expected_band(bins):
    """Return the expected contacts: stretches of two kinds that prefer their own, a boundary that halves what crosses it, loops."""
    first, distance = np.arange(bins)[:, None], np.arange(STRATA)
    second = np.minimum(first + distance, bins - 1)
    kind = np.where(np.arange(bins) // PERIOD % 2, 1.0, -1.0)
    band = 200 / (1 + distance) ** 0.9 * np.exp(0.4 * kind[first] * kind[second])
    band[(first < BOUNDARY) & (second > BOUNDARY)] /= 2
    for bin1, bin2 in LOOPS:
        band *= 1 + 3 * np.exp(-((first - bin1) ** 2 + (first + distance - bin2) ** 2) / 2)
    band[first + distance >= bins] = 0
    return band


def decay_band(bins):
    """Return 200 / (1 + distance)^0.9 everywhere."""
    return np.tile(200 / (1 + np.arange(STRATA)) ** 0.9, (bins, 1)).astype(np.float32)


@pytest.fixture(scope="session")
def planted(tmp_path_factory):
    lengths = {chrom: bins * RESOLUTION for chrom, bins in BINS.items()}
    meta = ArraysMeta(RESOLUTION, 5000, 10, STRATA - 10, ("atac",), ("a", "b"), lengths, {"a": 1.0, "b": 1.0})
    places = [(sample, chrom) for sample in "ab" for chrom in BINS]
    content = {}
    for seed, (sample, chrom) in enumerate(places):
        bins = BINS[chrom]
        contacts = np.random.default_rng(seed).poisson(expected_band(bins)).astype(float)
        valid = np.ones(bins, bool)
        valid[[50, 77, 78]] = False
        content[sample, chrom] = {"contacts": contacts, "valid": valid, "tracks": np.zeros((2 * bins, 1))}
    arrays = write_arrays(tmp_path_factory.mktemp("maps") / "arrays", meta, content)
    observed = {place: np.array(arrays.contacts(*place), np.float32) for place in places}
    return PlantedMaps(arrays, SPLITS, observed, {place: decay_band(BINS[place[1]]) for place in places})


@pytest.fixture(scope="session")
def observe(planted):
    """Return the truth behind predicted bands, (sample, chromosome) -> (I, S), and what is looked at in the prediction."""

    def observed_and_fields(bands, **numbers):
        config = MapConfig(**{"block_bp": 200_000, "draws": 20, "stratum_pixels": 50, "insulation_bins": 6, **numbers})
        bootstrap = Bootstrap(planted.splits, config.block_bp, config.draws, 1)
        pieces = common_pieces([bands], planted.arrays, planted.splits, bootstrap.blocks, config.min_distance_bins)
        truth = build_fields(pieces, [piece.contacts_IS for piece in pieces], config, RESOLUTION)
        contacts = [piece.cut(bands[piece.sample, piece.chrom]) for piece in pieces]
        sample = "all" if len({piece.sample for piece in pieces}) > 1 else pieces[0].sample
        observed = Observed(sample, pieces, truth, bootstrap, config, RESOLUTION)
        return observed, build_fields(pieces, contacts, config, RESOLUTION)

    return observed_and_fields


@pytest.fixture(scope="session")
def noisy(planted):
    """A prediction: what is observed, each pixel times a factor of its own."""
    rng = np.random.default_rng(11)
    return {place: band * rng.lognormal(0, 0.5, band.shape) for place, band in planted.observed.items()}
