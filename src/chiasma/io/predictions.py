"""The files of a prediction: each kind of content by its own writer, named by its suffix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chiasma.core.log import log
from chiasma.io.bedpe import write_calls
from chiasma.io.tables import write_parquet
from chiasma.schema.tables import PIXELS

Layout = tuple[Mapping[str, int], int]  # lengths of chromosomes in bp, and the bin size


def write_pixels(content: Any, path: Path, layout: Layout) -> None:
    """Write a PIXELS table."""
    write_parquet(content, path, PIXELS)
    log.info("%s: %d pixels scored", path, len(content))


def write_loops(content: Any, path: Path, layout: Layout) -> None:
    """Write a CALLS table."""
    write_calls(content, path)
    log.info("%s: %d calls", path, len(content))


def write_map(content: Any, path: Path, layout: Layout) -> None:
    """Write the predicted contacts of each chromosome, at the layout's bin size and coarser ones.

    The content is a band (I, D) by chromosome, or a band and the weights (I,) by which raw counts become it.
    """
    from chiasma.io.predicted_maps import write_predicted_map  # readers of maps: only where maps are predicted

    weighed = {chrom: own for chrom, own in content.items() if isinstance(own, tuple)}
    bands = {chrom: weighed[chrom][0] if chrom in weighed else own for chrom, own in content.items()}
    weights = {chrom: own[1] for chrom, own in weighed.items()}
    write_predicted_map(path, bands, *layout, weights=weights or None)
    log.info("%s: contacts of %s", path, ", ".join(content))


def write_profile(content: Any, path: Path, layout: Layout) -> None:
    """Write the predicted signal of each chromosome, log2(1 + signal) (I,) of its bins."""
    from chiasma.io.predicted_profiles import write_predicted_profile  # bigWig: only where profiles are predicted

    write_predicted_profile(path, content, *layout)
    log.info("%s: signal of %s", path, ", ".join(content))


WRITERS: dict[str, Callable[[Any, Path, Layout], None]] = {
    "parquet": write_pixels,
    "bedpe": write_loops,
    "mcool": write_map,
    "bw": write_profile,
}


def write_prediction(predicted: Mapping[str, Any], folder: Path, sample: str, layout: Layout) -> None:
    """Write what a task predicted for a sample, content by suffix, as ``{folder}/{sample}.{suffix}``."""
    for suffix, content in predicted.items():
        WRITERS[suffix](content, folder / f"{sample}.{suffix}", layout)
