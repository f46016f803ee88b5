"""Raw contacts of any format to the study's map: one .cool, one resolution, one multiplicative weight a bin, and its quality."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.assays.balancing import MAX_SWEEPS, TOLERANCE, Blocks, balance_blocks, build_blocks, well_covered
from chiasma.assays.contacts import ContactsConfig, decay_slope, decay_table, pairs_by_distance
from chiasma.assays.thinning import thin_pixels
from chiasma.core.atomic import writing
from chiasma.core.errors import ConfigError, InputError
from chiasma.core.log import log, progress
from chiasma.genome.bins import bin_offsets, count_bins
from chiasma.genome.chromosomes import Assembly, study_names
from chiasma.io.cooler import CoolerSource, add_weights, create_cool
from chiasma.io.pixels import ContactSource, read_stripes, read_weights

LONG_BP = 20_000  # contacts at least so far apart count as long-range


@dataclass(frozen=True)
class ChromosomeCounts:
    """What one chromosome's map holds, arrays (n_bins,).

    Attributes
    ----------
    coverage : raw contacts of each bin
    weights : multiplicative, nan where masked
    by_distance : balanced contacts at each distance, rescaled so that their total is the raw total of the same pixels
    contacts, long_contacts : raw contacts, and those of pairs at least `LONG_BP` apart
    """

    coverage: NDArray[np.float64]
    weights: NDArray[np.float64]
    by_distance: NDArray[np.float64]
    contacts: float
    long_contacts: float


def normalise_map(
    source: ContactSource, assembly: Assembly, config: ContactsConfig, sample: str, path: str | Path
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write the study's map of one sample, atomically, and return its quality.

    Parameters
    ----------
    source : the raw contacts
    path : .cool to write: the study's chromosomes by the assembly's names, contacts within chromosomes, raw counts, and
        the bin column ``weight`` (multiplicative, nan where masked)

    Returns
    -------
    quality : columns of ``tables.QC``
    decay : columns of ``tables.DECAY``

    Raises
    ------
    InputError
        When a study chromosome is absent or empty, lengths differ, no bin size fits, or the weights asked for are missing.
    """
    names = study_names(assembly, source.chromosomes, config.chromosomes, source.path)
    lengths = {chrom: assembly.lengths[chrom] for chrom in names}
    if config.keep_fraction < 1 and config.balance not in ("ice", "none"):
        raise ConfigError(
            f"{sample}: weights '{config.balance}' of {source.path} are those of all its reads, and {config.keep_fraction:g} of "
            "them are kept; set normalise.balance to ice, which balances what is left"
        )
    stored = _stored_weights(source, names, config)  # first: a missing vector is told before the long read
    with writing(path) as part:
        frames = _global_pixels(source, names, lengths, config.resolution_bp)
        if config.keep_fraction < 1:
            file = Path(source.path).name  # all maps made of one file draw the same marks
            frames = thin_pixels(frames, config.keep_fraction, config.keep_seed, file, config.keep_start)
        create_cool(part, lengths, config.resolution_bp, frames, assembly.name, source.integral)
        written = CoolerSource(part)
        weights, variation = (stored, float("nan")) if stored else _new_weights(source.path, written, config)
        add_weights(part, np.concatenate(list(weights.values())), {"balance": config.balance})
        counts = {chrom: _count(written, chrom, weights[chrom], config.resolution_bp) for chrom in names}
    decay = {chrom: _decay(counts[chrom], chrom, sample, config.resolution_bp) for chrom in names}
    totals = source.totals(list(names.values()))
    metrics = _metrics(counts, totals, variation) | {"decay_slope": _slope(counts)}
    quality = pd.DataFrame(
        {"sample": sample, "assay": "contacts", "metric": list(metrics), "value": list(metrics.values())}
    )
    return quality, pd.concat(decay.values(), ignore_index=True)


def _global_pixels(
    source: ContactSource, names: Mapping[str, str], lengths: Mapping[str, int], resolution_bp: int
) -> Iterator[pd.DataFrame]:
    """Yield the study's pixels with bins counted through its chromosomes; InputError for a chromosome without any."""
    offsets = bin_offsets(lengths, resolution_bp)
    for chrom, name in progress(names.items(), "read contacts", total=len(names)):
        seen = 0.0
        for pixels in read_stripes(source, name, resolution_bp):
            seen += float(pixels.count.sum())
            bin1, bin2 = (array + offsets[chrom] for array in pixels[:2])
            yield pd.DataFrame({"bin1_id": bin1, "bin2_id": bin2, "count": pixels.count})
        if not seen > 0:
            raise InputError(
                f"{source.path}: no contacts on chromosome '{chrom}' (named '{name}' there); "
                "leave it out of the study's chromosomes, or give a file that holds it"
            )


def _stored_weights(
    source: ContactSource, names: Mapping[str, str], config: ContactsConfig
) -> dict[str, NDArray[np.float64]]:
    """Return the file's own weights of each chromosome when they are asked for, else nothing."""
    if config.balance in ("ice", "none"):
        return {}
    return {chrom: read_weights(source, name, config.resolution_bp, config.balance) for chrom, name in names.items()}


def _new_weights(
    where: str, written: CoolerSource, config: ContactsConfig
) -> tuple[dict[str, NDArray[np.float64]], float]:
    """Return weights made from the counts, and how unequal balanced bins are left (nan when nothing is balanced)."""
    if config.balance == "ice":
        return _ice(where, written, config)
    return {chrom: _ones(written, chrom, config.resolution_bp) for chrom in written.chromosomes}, float("nan")


def _ones(written: CoolerSource, chrom: str, resolution_bp: int) -> NDArray[np.float64]:
    """Return 1 for each bin with any contact, else nan."""
    seen = np.zeros(count_bins(written.chromosomes[chrom], resolution_bp), bool)
    for pixels in written.stripes(chrom, resolution_bp):
        seen[pixels.bin1[pixels.count > 0]] = seen[pixels.bin2[pixels.count > 0]] = True
    return np.where(seen, 1.0, np.nan)


def _blocks(written: CoolerSource, chrom: str, resolution_bp: int) -> Blocks:
    n_bins = count_bins(written.chromosomes[chrom], resolution_bp)
    n_pixels = written.count_pixels(chrom, resolution_bp)
    return build_blocks(lambda: written.stripes(chrom, resolution_bp), n_bins, n_pixels)


def _marginals(blocks: Blocks) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return contacts and non-zero pixels of each bin; the blocks are let go before the next are built."""
    return blocks.times(np.ones(blocks.n_bins)), blocks.filled()


def _ice(where: str, written: CoolerSource, config: ContactsConfig) -> tuple[dict[str, NDArray[np.float64]], float]:
    """Return ICE weights, each chromosome balanced by itself with bins filtered over all of them."""
    marginals, filled, weights = {}, {}, {}
    for chrom in written.chromosomes:
        marginals[chrom], filled[chrom] = _marginals(_blocks(written, chrom, config.resolution_bp))
    kept = well_covered(marginals, filled, config.ice_mad_max)
    worst = 0.0
    for chrom in progress(written.chromosomes, "balance"):
        weights[chrom], variation = balance_blocks(_blocks(written, chrom, config.resolution_bp), kept[chrom])
        worst = max(worst, variation)
        if np.isnan(weights[chrom]).all():
            raise InputError(
                f"{where}: too few contacts on chromosome '{chrom}' to balance at {config.resolution_bp} bp; "
                "set a coarser resolution_bp, or normalise.balance to none"
            )
    if worst > TOLERANCE:
        log.warning(
            "%s: balancing stopped after %d sweeps; coverage still varies by %.2g %%",
            where,
            MAX_SWEEPS,
            100 * worst**0.5,
        )
    return weights, worst


def _count(written: CoolerSource, chrom: str, weights: NDArray[np.float64], resolution_bp: int) -> ChromosomeCounts:
    """Return a chromosome's coverage and decay in one pass over its pixels."""
    n_bins = len(weights)
    factor = np.nan_to_num(weights, nan=0.0)
    coverage, raw, kept, balanced = np.zeros((4, n_bins))
    for bin1, bin2, count in written.stripes(chrom, resolution_bp):
        apart, both = bin2 - bin1, (factor[bin1] > 0) & (factor[bin2] > 0)
        coverage += np.bincount(bin1, count, n_bins) + np.bincount(bin2, np.where(apart > 0, count, 0), n_bins)
        raw += np.bincount(apart, count, n_bins)
        kept += np.bincount(apart, count * both, n_bins)
        balanced += np.bincount(apart, count * factor[bin1] * factor[bin2], n_bins)
    scale = kept.sum() / balanced.sum() if balanced.any() else 0.0
    far = -(-LONG_BP // resolution_bp)
    return ChromosomeCounts(coverage, weights, balanced * scale, float(raw.sum()), float(raw[far:].sum()))


def _decay(counts: ChromosomeCounts, chrom: str, sample: str, resolution_bp: int) -> pd.DataFrame:
    pairs = pairs_by_distance(np.isfinite(counts.weights))
    distance, contacts, number = decay_table(counts.by_distance, pairs)
    columns = {"distance_bp": np.rint(distance * resolution_bp).astype(np.int64), "contacts": contacts, "pairs": number}
    return pd.DataFrame({"sample": sample, "chrom": chrom, **columns})


def _slope(counts: Mapping[str, ChromosomeCounts]) -> float:
    """Return the slope of P(s) over all chromosomes together."""
    longest = max(len(item.weights) for item in counts.values())
    sums, pairs = np.zeros((2, longest))
    for item in counts.values():
        sums[: len(item.weights)] += item.by_distance
        pairs[: len(item.weights)] += pairs_by_distance(np.isfinite(item.weights))
    return decay_slope(sums, pairs)


def _metrics(counts: Mapping[str, ChromosomeCounts], totals: tuple[float, float], variation: float) -> dict[str, float]:
    """Return the quality metrics by name, the unit in the name."""
    valid = np.concatenate([np.isfinite(item.weights) for item in counts.values()])
    coverage = np.concatenate([item.coverage for item in counts.values()])
    contacts = sum(item.contacts for item in counts.values())
    return {
        "cis_contacts": contacts,
        "cis_fraction": totals[0] / totals[1],
        "long_range_fraction": sum(item.long_contacts for item in counts.values()) / contacts,
        "contacts_per_bin_median": float(np.median(coverage[valid])),
        "masked_bin_fraction": float(1 - valid.mean()),
        "empty_bin_fraction": float((coverage == 0).mean()),
        "balance_variation": variation,
    }
