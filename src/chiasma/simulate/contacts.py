"""Contact maps: what is expected of each pair of bins, how well each bin is seen, and counts drawn from both.

Axes: ``band[i, d]`` is the pair of bins (i, i + d). Bins of pixels are counted through all chromosomes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chiasma.core.seed import generator
from chiasma.genome.bins import bin_offsets
from chiasma.simulate import bands
from chiasma.simulate.config import Config
from chiasma.simulate.loops import Cohesin, free_density

NARROW_BINS, WIDE_BINS = 0.9, 4.0  # what one cohesin brings together: two Gaussians around its legs
MOVING_WIDE, PAIRED_WIDE = 0.85, 0.35  # share of the wide one: DNA that slides by is held less closely than two anchors
SOFT_BP = 8000  # contacts stop rising below about this distance
UNIT_BP = 100_000  # decay is 1 and the weight of loops is stated at this distance
RAMP_BP = 150_000  # compartments act fully beyond about this distance
TRANS_COMPARTMENT = 0.25  # how much compartments shape contacts between chromosomes
FAINT = 0.015  # fraction of bins that are seen badly, beside those not seen at all
Columns = tuple[NDArray, NDArray, NDArray]  # bin1, bin2 and count of pixels


@dataclass(frozen=True)
class Expected:
    """What a chromosome's contacts follow in a cell type.

    Attributes
    ----------
    band : (n_bins, band_bins) expected contacts of equally visible bins, in units of the decay at 100 kb
    compartment : (n_bins,)
    visibility : (n_bins,) 0 where no read maps
    """

    band: NDArray[np.float32]
    compartment: NDArray[np.float64]
    visibility: NDArray[np.float64]


def decay(config: Config, distance_bins: NDArray) -> NDArray[np.float64]:
    """Return contacts without cohesin and compartments, 1 at 100 kb: (s + 8 kb) ** -exponent."""
    return ((distance_bins * config.resolution_bp + SOFT_BP) / (UNIT_BP + SOFT_BP)) ** -config.contacts_decay


def expect_band(config: Config, cohesin: Cohesin, compartment: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return expected contacts of equally visible bins: decay shaped by compartments, and what cohesin holds together.

    Parameters
    ----------
    cohesin : where it stands, each array (n_bins, band_bins)
    compartment : (n_bins,)
    """
    distance = np.arange(cohesin.moving.shape[1])
    ramp = distance * config.resolution_bp / (distance * config.resolution_bp + RAMP_BP)
    state = compartment.astype(np.float32)
    band = bands.partner(state, len(distance)) * state[:, None]
    band = np.exp(band * (config.compartment_strength * ramp).astype(np.float32))
    band *= decay(config, distance).astype(np.float32)
    scale = np.float32(config.loop_weight / free_density(config, UNIT_BP))
    wide = MOVING_WIDE * cohesin.moving + PAIRED_WIDE * cohesin.paired
    band += scale * bands.smooth(cohesin.moving + cohesin.paired - wide, NARROW_BINS)
    band += scale * bands.smooth(wide, WIDE_BINS)
    bands.clear_beyond_end(band)
    return band


def build_visibility(
    config: Config, chrom: str, cut_sites: NDArray, gc: NDArray, satellite: tuple[int, int]
) -> NDArray[np.float64]:
    """Return how well each bin is seen, (n_bins,), median near 1.

    Bins with more restriction sites are seen better, bins of extreme GC content worse; the satellite and a few more not at all.

    Parameters
    ----------
    cut_sites : (n_bins,) restriction sites per bin
    gc : (n_bins,) GC fraction
    satellite : start and end of the repeat, bp
    """
    rng = generator(config.seed, "visibility", chrom)
    cutting = np.sqrt((cut_sites + 4) / (np.median(cut_sites) + 4))
    visible = cutting * np.exp(-(((gc - 0.43) / 0.12) ** 2) + rng.normal(0, config.contacts_bias, len(gc)))
    fate = rng.random(len(gc))
    visible *= np.where(fate < FAINT, rng.uniform(0.1, 0.5, len(gc)), 1.0)
    visible[fate > 1 - config.contacts_unmappable] = 0
    visible[satellite[0] // config.resolution_bp : -(-satellite[1] // config.resolution_bp)] = 0
    return visible


def draw_pixels(
    config: Config, sample: str, expected: Mapping[str, Expected], between: Callable[..., Columns] | None = None
) -> Columns:
    """Return bin1, bin2 and count of all pixels with contacts, sorted; about ``config.contacts`` contacts in all.

    Parameters
    ----------
    between : draws the contacts between chromosomes, as `draw_trans` does; that one when None
    """
    scale = config.contacts * config.contacts_cis / sum(_cis_mass(config, part) for part in expected.values())
    offsets = bin_offsets(config.chromosomes, config.resolution_bp)
    n_bins = sum(len(part.visibility) for part in expected.values())
    codes, counts = [], []
    for chrom, part in expected.items():
        near = _draw_band(config, part, scale, generator(config.seed, "contacts", sample, chrom))
        far = _draw_far(config, part, scale, generator(config.seed, "far contacts", sample, chrom))
        for bin1, bin2, count in (near, far):
            codes.append((bin1 + offsets[chrom]) * n_bins + bin2 + offsets[chrom])
            counts.append(count)
    bin1, bin2, count = (between or draw_trans)(config, expected, generator(config.seed, "trans contacts", sample))
    code, count = np.concatenate([*codes, bin1 * n_bins + bin2]), np.concatenate([*counts, count])
    order = np.argsort(code, kind="stable")
    return code[order] // n_bins, code[order] % n_bins, count[order].astype(np.int32)


def _cis_mass(config: Config, part: Expected) -> float:
    """Return the sum of a chromosome's expected contacts, visibility counted in."""
    width = part.band.shape[1]
    seen = part.visibility.astype(np.float32)
    near = float(np.einsum("id,id,i->", part.band, bands.partner(seen, width), seen))
    distance = np.arange(width, len(seen))
    far = (
        _lagged(part.visibility)[width:]
        + config.compartment_strength * _lagged(part.visibility * part.compartment)[width:]
    )
    return near + float((decay(config, distance) * far).sum())


def _lagged(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of values[i] * values[i + d] for each d."""
    spectrum = np.fft.rfft(values, 2 * len(values))
    return np.fft.irfft(np.abs(spectrum) ** 2, 2 * len(values))[: len(values)]


def _draw_band(
    config: Config, part: Expected, scale: float, rng: np.random.Generator
) -> tuple[NDArray, NDArray, NDArray]:
    """Return the non-zero pixels of the band, negative-binomial counts."""
    seen = part.visibility.astype(np.float32)
    mean = part.band * bands.partner(seen, part.band.shape[1]) * (seen * np.float32(scale))[:, None]
    if config.contacts_dispersion > 0:
        shape = 1 / config.contacts_dispersion
        mean *= rng.standard_gamma(shape, mean.shape, dtype=np.float32) / np.float32(shape)
    count = rng.poisson(mean)
    bin1, distance = np.nonzero(count)
    return bin1, bin1 + distance, count[bin1, distance]


def _draw_far(
    config: Config, part: Expected, scale: float, rng: np.random.Generator
) -> tuple[NDArray, NDArray, NDArray]:
    """Return pixels beyond the band: places are proposed by the decay alone and kept by visibility and compartments."""
    n_bins, width = len(part.visibility), part.band.shape[1]
    distance = np.arange(width, n_bins)
    most = part.visibility.max() ** 2 * (1 + config.compartment_strength)
    proposals = rng.poisson(scale * most * decay(config, distance) * (n_bins - distance))
    distance = np.repeat(distance, proposals)
    bin1 = (rng.random(len(distance)) * (n_bins - distance)).astype(np.int64)
    bin2 = bin1 + distance
    share = part.visibility[bin1] * part.visibility[bin2]
    share *= 1 + config.compartment_strength * part.compartment[bin1] * part.compartment[bin2]
    kept = rng.random(len(distance)) * most < share
    return _counted(bin1[kept], bin2[kept], n_bins)


def draw_trans(config: Config, expected: Mapping[str, Expected], rng: np.random.Generator) -> Columns:
    """Return pixels between chromosomes, shaped by compartments; bins counted through all chromosomes."""
    visibility = np.concatenate([part.visibility for part in expected.values()])
    compartment = np.concatenate([part.compartment for part in expected.values()])
    home = np.repeat(np.arange(len(expected)), [len(part.visibility) for part in expected.values()])
    wanted = rng.poisson(config.contacts * (1 - config.contacts_cis)) if len(expected) > 1 else 0
    ends = np.empty((2, 0), np.int64)
    while ends.shape[1] < wanted:
        drawn = np.searchsorted(np.cumsum(visibility) / visibility.sum(), rng.random((2, 2 * wanted)))
        share = 1 + TRANS_COMPARTMENT * compartment[drawn].prod(axis=0)
        kept = (home[drawn[0]] != home[drawn[1]]) & (rng.random(2 * wanted) * (1 + TRANS_COMPARTMENT) < share)
        ends = np.concatenate([ends, drawn[:, kept]], axis=1)
    ends = np.sort(ends[:, :wanted], axis=0)
    return _counted(ends[0], ends[1], len(visibility))


def _counted(bin1: NDArray, bin2: NDArray, n_bins: int) -> tuple[NDArray, NDArray, NDArray]:
    """Return each pair once, with how often it stands there."""
    code, count = np.unique(bin1 * n_bins + bin2, return_counts=True)
    return code // n_bins, code % n_bins, count
