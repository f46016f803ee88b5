"""What shapes the contacts of a plant-like genome: dense centres, weak compartments of the arms, and networks of regions.

With h how much of a bin is heterochromatic centre, a its compartment on the arms, and n its share in each network, two bins
touch, over the decay with distance,

    exp(r(s) * (log(gain) h1 h2 + log(depletion) (h1 (1 - h2) + h2 (1 - h1)) + strength a1 a2)) * (1 + t(s) n1 . n2)

where r and t rise from 0 to 1 over about 150 and 20 kb and are 1 between chromosomes, where ``centre_trans`` is the gain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from chiasma.genome.bins import bin_offsets
from chiasma.simulate import bands
from chiasma.simulate.config import Config
from chiasma.simulate.contacts import RAMP_BP, Columns, Expected, decay
from chiasma.simulate.regions import covered

TOUCH_BP = 20_000  # regions of a network touch in full beyond about this distance


@dataclass(frozen=True)
class Landscape:
    """What shapes a chromosome's contacts in a cell type.

    Attributes
    ----------
    centre : (n_bins,) how much of a bin, and in how many cells, is heterochromatic centre, 0 to 1
    arm : (n_bins,) compartment where it is not, -1 to 1
    networks : (n_bins, n_networks) share in each network; the product of two bins' shares is what they gain in contacts
    """

    centre: NDArray[np.float64]
    arm: NDArray[np.float64]
    networks: NDArray[np.float64]


@dataclass(frozen=True)
class PlantExpected(Expected):
    """What a chromosome's contacts follow, those within it (the band spans it) and, by its landscape, those with others."""

    landscape: Landscape


def build_landscape(config: Config, sample: str, regions: pd.DataFrame, compartment: NDArray) -> Landscape:
    """Return a chromosome's landscape in a cell type.

    Parameters
    ----------
    regions : table of `chiasma.simulate.regions`
    compartment : (n_bins,) in [-1, 1]
    """
    centre = centre_occupancy(config, regions, len(compartment))
    share = (
        covered(config, regions, len(compartment))
        * (regions.strength * regions[f"activity_{sample}"]).to_numpy()[:, None]
    )
    gain = regions.kind.map({"polycomb": config.polycomb_gain, "knot": config.knot_gain, "centre": 1.0}).to_numpy()
    share *= np.sqrt(gain - 1)[:, None]
    networks = [
        share[(regions.network == network).to_numpy()].sum(axis=0) for network in range(config.polycomb_networks + 1)
    ]
    return Landscape(centre, compartment * (1 - centre), np.stack(networks, axis=1))


def centre_occupancy(config: Config, regions: pd.DataFrame, n_bins: int) -> NDArray[np.float64]:
    """Return how much of each bin is heterochromatic centre, (n_bins,), with softened borders."""
    inside = covered(config, regions[regions.kind == "centre"], n_bins).sum(axis=0)
    return gaussian_filter1d(inside, config.centre_edge_bp / config.resolution_bp, mode="nearest")


def touch(distance_bp: NDArray | float) -> NDArray[np.float64]:
    """Return how fully two regions of a network touch at a distance, 0 to 1."""
    return distance_bp / (np.asarray(distance_bp, np.float64) + TOUCH_BP)


def affinity(
    config: Config, first: Landscape, second: Landscape, distance_bp: NDArray | None = None
) -> NDArray[np.float32]:
    """Return contacts of each pair of bins over the decay, (n_first, n_second).

    Parameters
    ----------
    distance_bp : (n_first, n_second) within a chromosome; None between two
    """
    gain = config.centre_trans if distance_bp is None else config.centre_gain
    within, across = np.outer(first.centre, second.centre), np.add.outer(first.centre, second.centre)
    exponent = config.arm_strength * np.outer(first.arm, second.arm) + np.log(gain) * within
    exponent += np.log(config.centre_depletion) * (across - 2 * within)
    together = first.networks @ second.networks.T
    if distance_bp is not None:
        exponent *= distance_bp / (distance_bp + RAMP_BP)
        together *= touch(distance_bp)
    return (np.exp(exponent) * (1 + together)).astype(np.float32)


def expect_whole(config: Config, landscape: Landscape) -> NDArray[np.float32]:
    """Return expected contacts of equally visible bins of a chromosome, a band as wide as it is, in units of the decay at 100 kb."""
    place = np.arange(len(landscape.centre))
    distance = np.abs(np.subtract.outer(place, place))
    matrix = affinity(config, landscape, landscape, distance * float(config.resolution_bp))
    return bands.from_matrix(matrix) * decay(config, place).astype(np.float32)


def draw_trans(config: Config, expected: Mapping[str, PlantExpected], rng: np.random.Generator) -> Columns:
    """Return pixels between chromosomes, Poisson counts; bins counted through all chromosomes."""
    offsets = bin_offsets(config.chromosomes, config.resolution_bp)
    names = list(expected)
    pairs = [(first, second) for at, first in enumerate(names) for second in names[at + 1 :]]
    mass = sum(float(_block(config, expected[first], expected[second]).sum()) for first, second in pairs)
    scale = config.contacts * (1 - config.contacts_cis) / max(mass, 1e-12)
    drawn = [np.zeros((3, 0), np.int64)]
    for first, second in pairs:
        count = rng.poisson(scale * _block(config, expected[first], expected[second]))
        bin1, bin2 = np.nonzero(count)
        drawn.append(np.stack([bin1 + offsets[first], bin2 + offsets[second], count[bin1, bin2]]))
    bin1, bin2, count = np.concatenate(drawn, axis=1)
    return bin1, bin2, count


def _block(config: Config, first: PlantExpected, second: PlantExpected) -> NDArray[np.float64]:
    """Return what is expected between two chromosomes, visibility counted in, up to a factor."""
    return np.outer(first.visibility, second.visibility) * affinity(config, first.landscape, second.landscape)
