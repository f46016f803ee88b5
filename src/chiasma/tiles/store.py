"""Make the arrays of a tileset from normalised contacts and tracks, one chromosome in memory at a time.

The readers of .cool and bigWig are imported where they are used: machines that train have arrays, not these formats.
Axes: I bins of a chromosome, D distance in bins, T track bins, C tracks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from chiasma.assays.contacts import band_sums
from chiasma.core.atomic import write_json, writing_folder
from chiasma.core.errors import InputError
from chiasma.core.log import progress
from chiasma.genome.chromosomes import Assembly, study_names
from chiasma.io.pixels import ContactSource, read_stripes, read_weights
from chiasma.tiles.arrays import META, ArraysMeta, TileArrays, write_chromosome
from chiasma.tiles.index import TilesetConfig
from chiasma.tiles.regions import training_bins


def build_arrays(
    folder: str | Path,
    normalised: Path,
    samples: Sequence[str],
    assembly: Assembly,
    config: TilesetConfig,
    splits: pd.DataFrame | None = None,
) -> TileArrays:
    """Write the arrays of a tileset, and open them.

    Parameters
    ----------
    folder : folder to write; an old one is replaced when the new one is whole
    normalised : folder of ``{sample}/contacts.cool`` (with weights) and ``{sample}/{track}.bw``
    samples : biosamples
    assembly : chromosome names and lengths
    config : numbers of the tileset
    splits : SPLITS table; how much deeper a deeper map is, is told by training regions: needed where the tileset has any

    Raises
    ------
    InputError
        When a file is missing or of another assembly or bin size, a map is empty, a track lacks values where the
        policy is error, or a value does not fit half precision.
    """
    lengths = {
        name: assembly.lengths[name]
        for name in (assembly.resolve(chrom, "chromosomes") for chrom in config.chromosomes)
    }
    places = [(sample, chrom) for sample in samples for chrom in lengths]
    contacts = {
        sample: NormalisedContacts(normalised / sample / "contacts.cool", assembly, config) for sample in samples
    }
    meta = ArraysMeta(
        config.resolution_bp, config.track_bp, config.tile_bins, config.max_distance_bins,
        config.tracks, tuple(samples), lengths,
        {sample: contacts[sample].scale for sample in samples}, config.targets,
    )  # fmt: skip
    with writing_folder(folder) as part:
        for sample, chrom in progress(places, "arrays"):
            band_ID, weights_I = contacts[sample].read_band(chrom, meta)
            tracks_TC = read_tracks(normalised / sample, chrom, assembly, config)
            targets_IK = read_targets(normalised / sample, chrom, assembly, config) if config.targets else None
            valid_I = np.isfinite(weights_I)
            write_chromosome(part, (sample, chrom), band_ID, valid_I, tracks_TC, targets_IK, weights_I)
        depth = depth_factors(TileArrays(part, meta), splits, config.deeper)
        write_json(part / META, dataclasses.replace(meta, deeper=config.deeper, depth=depth).to_json())
    return TileArrays.open(folder)


def depth_factors(arrays: TileArrays, splits: pd.DataFrame | None, deeper: Mapping[str, str]) -> dict[str, float]:
    """Return for each shallow sample the contacts of its deeper map over its own, in the band of training regions.

    Only pixels between bins that are valid in both count. InputError for a shallow map without any.
    """
    assert splits is not None or not deeper, "splits say which regions tell the depth"
    sums = dict.fromkeys(deeper, np.zeros(2))
    for sample, deep in deeper.items():
        for chrom in arrays.meta.chromosomes:
            both_I = training_bins(arrays, splits, chrom) & arrays.valid(sample, chrom) & arrays.valid(deep, chrom)
            own = [band_sums(arrays.contacts(name, chrom), both_I)[0].sum() for name in (deep, sample)]
            sums[sample] = sums[sample] + own
        if not sums[sample].min() > 0:
            raise InputError(
                f"samples '{sample}' and '{deep}': no contacts between bins of training regions that are valid in both, so "
                "that nothing tells how much deeper the second is; check the splits and the maps"
            )
    return {sample: float(own[0] / own[1]) for sample, own in sums.items()}


class NormalisedContacts:
    """The normalised contacts of one sample: a .cool of the study's resolution with a column ``weight``."""

    def __init__(self, path: Path, assembly: Assembly, config: TilesetConfig) -> None:
        from chiasma.io.cooler import CoolerSource

        self.source: ContactSource = CoolerSource(path)
        self.resolution_bp = config.resolution_bp
        self.names = study_names(assembly, self.source.chromosomes, config.chromosomes, str(path))

    def _weights(self, chrom: str) -> np.ndarray:
        return read_weights(self.source, self.names[chrom], self.resolution_bp, "weight")

    @cached_property
    def scale(self) -> float:
        """Factor that gives the balanced contacts within chromosomes the total of their raw counts.

        Both totals are over pixels of valid bins, so scaled contacts are count-like: their depth is the experiment's.
        """
        raw = balanced = 0.0
        for chrom, name in self.names.items():
            weights_I = np.nan_to_num(self._weights(chrom))
            for pixels in read_stripes(self.source, name, self.resolution_bp):
                factor = weights_I[pixels.bin1] * weights_I[pixels.bin2]
                raw += pixels.count[factor > 0].sum()
                balanced += (pixels.count * factor).sum()
        if not balanced > 0:
            raise InputError(
                f"{self.source.path}: no contacts between valid bins on {', '.join(self.names)}; check the raw map"
            )
        return float(raw / balanced)

    def read_band(self, chrom: str, meta: ArraysMeta) -> tuple[np.ndarray, np.ndarray]:
        """Return the scaled balanced contacts (I, D) float32, 0 where masked, and each bin's weight (I,), nan where masked.

        The scale is in the weights: raw contacts times the weights of both bins are the contacts of the band.
        """
        weights_I = self._weights(chrom)
        band_ID = np.zeros((meta.bins(chrom), meta.band_bins), np.float32)
        factor_I = np.nan_to_num(weights_I)
        for bin1, bin2, count in read_stripes(self.source, self.names[chrom], self.resolution_bp):
            near = bin2 - bin1 < meta.band_bins
            bin1, bin2 = bin1[near], bin2[near]
            band_ID[bin1, bin2 - bin1] = count[near] * factor_I[bin1] * factor_I[bin2] * self.scale
        return band_ID, weights_I * self.scale**0.5


def read_tracks(folder: Path, chrom: str, assembly: Assembly, config: TilesetConfig) -> np.ndarray:
    """Return the tracks of one sample and chromosome (T, C) float32, padded with zeros to whole contact bins.

    A track bin without a value is 0, nan, or an error, as the assay's policy says.
    """
    bins = -(-assembly.lengths[chrom] // config.resolution_bp) * (config.resolution_bp // config.track_bp)
    tracks_TC = np.zeros((bins, len(config.tracks)), np.float32)
    for channel, assay in enumerate(config.tracks):
        values_T = read_signal(folder / f"{assay}.bw", assay, chrom, assembly, config)
        tracks_TC[: len(values_T), channel] = values_T
    return tracks_TC


def read_targets(folder: Path, chrom: str, assembly: Assembly, config: TilesetConfig) -> np.ndarray:
    """Return the mean of each target per contact bin (I, K) float32; nan for a target that the sample does not have.

    The mean is over the track bins that have a value; one without is 0, nan, or an error, as the assay's policy says. A
    target named ``a+b`` is the sum of the signals a and b, as of the two strands of one assay.
    """
    bins, per_bin = -(-assembly.lengths[chrom] // config.resolution_bp), config.resolution_bp // config.track_bp
    targets_IK = np.full((bins, len(config.targets)), np.nan, np.float32)
    for channel, target in enumerate(config.targets):
        paths = {assay: folder / f"{assay}.bw" for assay in target.split("+")}
        if all(path.is_file() for path in paths.values()):
            values_T = sum(read_signal(path, assay, chrom, assembly, config) for assay, path in paths.items())
            padded_IP = np.full((bins, per_bin), np.nan)
            padded_IP.reshape(-1)[: len(values_T)] = values_T
            known_I = np.isfinite(padded_IP).sum(axis=1)
            targets_IK[:, channel] = np.where(known_I, np.nansum(padded_IP, axis=1) / np.maximum(known_I, 1), np.nan)
    return targets_IK


def read_signal(path: Path, assay: str, chrom: str, assembly: Assembly, config: TilesetConfig) -> np.ndarray:
    """Return the mean signal of each track bin of one chromosome (T,), the missing filled by the assay's policy."""
    from chiasma.io.bigwig import read_bin_sums, read_chromosomes

    name = study_names(assembly, read_chromosomes(path), [chrom], str(path))[chrom]
    sums_T, covered_T = read_bin_sums(path, name, config.track_bp)
    values_T = np.divide(sums_T, covered_T, out=np.full(len(sums_T), np.nan), where=covered_T > 0)
    return fill_missing(values_T, config.missing.get(assay, "zero"), f"{path}: {chrom}", config.track_bp)


def fill_missing(values_T: np.ndarray, policy: str, where: str, track_bp: int) -> np.ndarray:
    """Return values with nan as the policy says: zero, error, or kept nan (mask, zero_inside: what is inside is a zero already)."""
    missing = np.flatnonzero(np.isnan(values_T))
    if policy == "error" and len(missing):
        raise InputError(
            f"{where}: {len(missing)} track bins have no value, the first at {missing[0] * track_bp} bp, "
            "and the policy is error; set normalise.missing of the assay to zero or mask"
        )
    return np.nan_to_num(values_T, nan=0.0) if policy == "zero" else values_T
