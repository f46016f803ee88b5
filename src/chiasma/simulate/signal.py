"""Signal tracks: fragments over a background that follows compartment and visibility, peaks where sites are active.

A site's height varies by itself, from assay to assay and from cell type to cell type; fragments are counted, so noise is
Poisson. Tracks are in multiples of the genome's mean. The sites' orientation leaves no mark.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, uniform_filter1d
from scipy.special import gammainc

from chiasma.core.seed import generator
from chiasma.genome.bins import count_bins
from chiasma.simulate.config import Config
from chiasma.simulate.sites import activity

FRAGMENT_BP = 200
LOCAL_BP = 10_000  # width over which peaks are compared with their surroundings
WINDOW_BP = 1600  # a site's fragments lie within this distance of its middle
# fragments of a fully active site of strength 1, distance of two half peaks from the middle (bp), standard deviation (bp)
SHAPES: Mapping[str, Mapping[str, tuple[float, float, float]]] = {
    "atac": {"ctcf": (45, 0, 90), "enhancer": (40, 40, 140), "promoter": (70, 60, 180)},
    "dnase": {"ctcf": (55, 0, 80), "enhancer": (35, 40, 130), "promoter": (55, 60, 170)},
    "ctcf": {"ctcf": (140, 0, 110), "enhancer": (2, 0, 150), "promoter": (6, 0, 200)},
    "h3k27ac": {"ctcf": (0, 0, 100), "enhancer": (90, 350, 220), "promoter": (130, 420, 260)},
    "cage": {"promoter": (60, 0, 40)},
    "h3k27me3": {},
    "h3k9me2": {},
}
# fragments per kb, at full activity and strength, of marks that cover a plant's regions
BROAD: Mapping[str, Mapping[str, float]] = {"h3k27me3": {"polycomb": 60.0}, "h3k9me2": {"centre": 25.0, "knot": 45.0}}
BORDER_BP = 500  # standard deviation of such a region's border over cells
# in multiples of signal_background
BACKGROUND = {
    "atac": 1.0,
    "dnase": 1.0,
    "ctcf": 1.2,
    "h3k27ac": 1.0,
    "cage": 0.05,
    "h3k27me3": 1.0,
    "h3k9me2": 1.0,
}
COMPARTMENT = {
    "atac": 0.3,
    "dnase": 0.3,
    "ctcf": 0.1,
    "h3k27ac": 0.45,
    "cage": 0.2,
    "h3k27me3": 0.0,
    "h3k9me2": 0.0,
}  # log background in A; its negative in B


def site_heights(config: Config, chrom: str, sample: str, assay: str, sites: pd.DataFrame) -> NDArray[np.float64]:
    """Return expected fragments of each site, (n_sites,)."""
    full = sites.kind.map(lambda kind: SHAPES[assay].get(kind, (0, 0, 1))[0]).to_numpy(float)
    strength = np.where(sites.kind == "ctcf", 0.2 + 0.8 * sites.strength, sites.strength)
    noise = np.zeros(len(sites))
    for key, share in (("all", 0.6), (assay, 0.8)):  # a part is the site's own, a part the assay's
        noise += (
            share * config.signal_noise * generator(config.seed, "height", chrom, sample, key).normal(size=len(sites))
        )
    return config.signal_gain * full * strength * activity(sites, sample) * np.exp(noise)


def expect_track(
    config: Config, assay: str, sites: pd.DataFrame, heights: NDArray, background: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return expected fragments per bin of ``signal_bp``: background, and each site's height in the assay's shape."""
    expected = background.copy()
    reach = WINDOW_BP // config.signal_bp
    offset = np.arange(-reach, reach + 1)
    for kind, (_, apart, sigma) in SHAPES[assay].items():
        rows = np.flatnonzero((sites.kind == kind).to_numpy() & (heights > 0))
        middle = (sites.start.to_numpy()[rows] + sites.end.to_numpy()[rows]) / 2
        bins = (middle // config.signal_bp).astype(np.int64)[:, None] + offset
        from_middle = (bins + 0.5) * config.signal_bp - middle[:, None]
        shape = np.exp(-0.5 * ((from_middle - apart) / sigma) ** 2) + np.exp(
            -0.5 * ((from_middle + apart) / sigma) ** 2
        )
        np.add.at(expected, bins, shape / shape.sum(axis=1, keepdims=True) * heights[rows, None])
    return expected


def expect_regions(config: Config, chrom: str, sample: str, assay: str, regions: pd.DataFrame) -> NDArray[np.float64]:
    """Return expected fragments per bin of ``signal_bp`` of a mark that covers whole regions, (n_signal_bins,).

    A region's level varies by itself in each assay and cell type; the mark ends softly, over about `BORDER_BP`.
    """
    expected = np.zeros(count_bins(config.chromosomes[chrom], config.signal_bp))
    rng = generator(config.seed, "regions", chrom, sample, assay)
    noise = np.exp(0.5 * config.signal_noise * rng.normal(size=len(regions)))
    for region, level in zip(regions.itertuples(), noise, strict=True):
        full = BROAD.get(assay, {}).get(region.kind, 0.0) * config.signal_bp / 1000
        inside = slice(region.start // config.signal_bp, region.end // config.signal_bp)
        expected[inside] += config.signal_gain * full * region.strength * getattr(region, f"activity_{sample}") * level
    return gaussian_filter1d(expected, BORDER_BP / config.signal_bp, mode="nearest")


def build_background(
    config: Config, chrom: str, sample: str, assay: str, compartment: NDArray, visibility: NDArray
) -> NDArray[np.float64]:
    """Return expected background fragments per bin of ``signal_bp``; none where contacts are not visible either."""
    rng = generator(config.seed, "background", chrom, sample, assay)
    uneven = gaussian_filter1d(rng.normal(size=len(compartment)), 1.0, mode="nearest") * 0.4
    level = BACKGROUND[assay] * config.signal_background * config.signal_bp / 1000
    mean = level * np.exp(COMPARTMENT[assay] * compartment + uneven) * (visibility > 0)
    return np.repeat(mean, config.resolution_bp // config.signal_bp)[
        : count_bins(config.chromosomes[chrom], config.signal_bp)
    ]


def draw_track(
    config: Config, chrom: str, sample: str, assay: str, expected: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return fragments that cover each bin, (n_signal_bins,): each fragment is counted over its length."""
    counts = generator(config.seed, "fragments", chrom, sample, assay).poisson(expected).astype(np.float64)
    width = max(1, round(FRAGMENT_BP / config.signal_bp))
    return (uniform_filter1d(counts, width, mode="constant") * width).round()


def scale_tracks(tracks: Mapping[str, NDArray]) -> dict[str, NDArray]:
    """Return tracks of all chromosomes over their common mean, three decimals."""
    mean = sum(float(track.sum()) for track in tracks.values()) / sum(len(track) for track in tracks.values())
    return {chrom: (track / max(mean, 1e-9)).round(3) for chrom, track in tracks.items()}


def call_peaks(config: Config, chrom: str, track: NDArray[np.float64]) -> pd.DataFrame:
    """Return the stretches of a covered track that its surroundings hardly explain, as narrowPeak columns.

    A bin counts when its fragments have a Poisson probability below ``signal_peak_p`` at the greater of the mean over the
    chromosome and over 10 kb; neighbours are joined. As a real caller does, this misses weak sites and calls some noise.
    """
    around = np.maximum(uniform_filter1d(track, LOCAL_BP // config.signal_bp), track.mean())
    odds = -np.log10(np.maximum(gammainc(np.maximum(track, 0.5), around), 1e-300))  # probability of at least so many
    inside = np.concatenate([[0], (odds > -np.log10(config.signal_peak_p)).astype(np.int8), [0]])
    first, last = np.flatnonzero(np.diff(inside) == 1), np.flatnonzero(np.diff(inside) == -1)
    apart = first[1:] - last[:-1] > FRAGMENT_BP // config.signal_bp
    first, last = (
        first[np.concatenate([[True], apart])[: len(first)]],
        last[np.concatenate([apart, [True]])[: len(last)]],
    )
    summit = np.array([start + track[start:end].argmax() for start, end in zip(first, last, strict=True)], np.int64)
    return _narrow_peaks(config, chrom, first, last, summit, track[summit] / around[summit], odds[summit])


def _narrow_peaks(
    config: Config, chrom: str, first: NDArray, last: NDArray, summit: NDArray, value: NDArray, odds: NDArray
) -> pd.DataFrame:
    start, end = first * config.signal_bp, np.minimum(last * config.signal_bp, config.chromosomes[chrom])
    columns = {
        "chrom": chrom, "start": start, "end": end, "name": [f"peak_{chrom}_{place}" for place in range(len(start))],
        "score": np.clip(odds * 10, 0, 1000).astype(int), "strand": ".", "value": value.round(3), "p": odds.round(3), "q": -1,
        "summit": (summit - first) * config.signal_bp + config.signal_bp // 2,
    }  # fmt: skip
    return pd.DataFrame(columns)
