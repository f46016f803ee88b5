"""Compare reading tiles from shared arrays with reading windows from .cool and bigWig, and with one stored copy per window.

Not a test: run it on request, from the checkout, as

    python -m tests.benchmarks.bench_tiles [--real FOLDER] [--repeats 5]

FOLDER is the data folder of K562 chromosome 22 (hic/K562_chr22.mcool, tracks/*.bw). Without it only the synthetic map is
read. All three ways run once in each repeat, so ratios are of the same minute of the same machine.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cooler
import numpy as np
import pandas as pd
import pyBigWig

from chiasma.core.seed import generator
from chiasma.genome.chromosomes import Assembly
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.dataset import TileDataset
from chiasma.tiles.index import TilesetConfig, build_index
from chiasma.tiles.store import build_arrays

RESOLUTION_BP, TRACK_BP, HALF_BP = 5000, 100, 125_000
BATCH = 64
SLOW_WINDOWS = 256  # windows read one by one from .cool and bigWig in each repeat
TRACKS = {"real": ("atac", "dnase"), "synthetic": ("atac", "dnase")}
AUTOSOMES_MB = 2875  # human
PAPER = {  # windows per genome of MIX-HIC: notes on the paper, mix-hic specification 1.5 and 1.6
    "pre-training, mean of 4 lines": 1_275_948 / 4,
    "pre-training, WTC11": 732_000,
    "loops, GM12878": 1_340_000,
    "all windows, mean of its 6 lines": (1_275_948 + 1_340_000 + 138_000) / 6,
}


@dataclass(frozen=True)
class Case:
    """One map: its name, chromosome, normalised folder of sample ``s``, arrays and kept tiles."""

    name: str
    chrom: str
    folder: Path
    arrays: TileArrays
    tiles: pd.DataFrame


def write_synthetic(folder: Path, length_bp: int) -> None:
    """Write a map whose contacts fall with distance, ICE-like weights, and two tracks of peaks."""
    rng, bins = generator("bench", length_bp), length_bp // RESOLUTION_BP
    parts = []
    for distance in range(0, 450):
        row = np.arange(bins - distance)
        parts.append(
            pd.DataFrame(
                {"bin1_id": row, "bin2_id": row + distance, "count": rng.poisson(60 / (1 + distance), len(row))}
            )
        )
    pixels = pd.concat(parts).query("count > 0").sort_values(["bin1_id", "bin2_id"])
    table = cooler.binnify(pd.Series({"chr1": bins * RESOLUTION_BP}), RESOLUTION_BP)
    table["weight"] = np.where(rng.random(bins) < 0.03, np.nan, rng.uniform(0.05, 0.15, bins))
    cooler.create_cooler(str(folder / "contacts.cool"), table, pixels, ordered=True)
    for track in TRACKS["synthetic"]:
        starts = np.sort(rng.choice(bins * 50, bins * 5, replace=False)) * TRACK_BP
        with pyBigWig.open(str(folder / f"{track}.bw"), "w") as file:
            file.addHeader([("chr1", bins * RESOLUTION_BP)])
            values = rng.gamma(2, 3, len(starts))
            file.addEntries(
                ["chr1"] * len(starts), starts.tolist(), ends=(starts + TRACK_BP).tolist(), values=values.tolist()
            )


def link_real(folder: Path, data: Path) -> None:
    """Put K562 chr22 under the names of normalised files."""
    (folder / "contacts.cool").symlink_to((data / "hic/K562_chr22.mcool").resolve())
    for track, name in zip(TRACKS["real"], ("ATAC", "DNase"), strict=True):
        (folder / f"{track}.bw").symlink_to((data / f"tracks/K562_{name}_chr22.peak_density.bw").resolve())


def make_case(name: str, root: Path, chrom: str, length: int) -> Case:
    """Make the tileset of a folder of normalised files, all of it one split."""
    config = TilesetConfig((chrom,), RESOLUTION_BP, TRACK_BP, TRACKS[name], pairs_per_mb=200)
    began = time.perf_counter()
    arrays = build_arrays(root / "arrays", root, ["s"], Assembly("bench", {chrom: length}, {chrom: chrom}), config)
    splits = pd.DataFrame([(chrom, 0, length, "train")], columns=["chrom", "start", "end", "split"])
    index = build_index(arrays, splits, config)
    print(f"{name}: {len(index)} tiles drawn, {index.kept.sum()} kept; made in {time.perf_counter() - began:.1f} s")
    return Case(name, chrom, root / "s", arrays, index[index.kept].reset_index(drop=True))


def read_shared(case: Case, order: Sequence[int]) -> None:
    """(a) Batches from the shared arrays."""
    dataset = TileDataset(case.tiles, case.arrays)
    for start in range(0, len(order), BATCH):
        dataset.__getitems__(order[start : start + BATCH])


def read_files(case: Case, order: Sequence[int]) -> None:
    """(b) Each window by cooler's fetch, each strip by pyBigWig's values."""
    inner = next(
        name
        for name in cooler.fileops.list_coolers(str(case.folder / "contacts.cool"))
        if name == "/" or name.endswith("/5000")
    )
    matrix = cooler.Cooler(f"{case.folder / 'contacts.cool'}::{inner}").matrix(balance=True)
    tracks = [pyBigWig.open(str(case.folder / f"{track}.bw")) for track in case.arrays.meta.tracks]
    for at in order:
        spans = [
            (bin_ * RESOLUTION_BP - HALF_BP, bin_ * RESOLUTION_BP + HALF_BP)
            for bin_ in case.tiles.loc[at, ["bin1", "bin2"]]
        ]
        np.nan_to_num(matrix.fetch(*((case.chrom, *span) for span in spans))).astype(np.float32)
        strips = [
            [
                np.nan_to_num(file.values(case.chrom, *span, numpy=True)).reshape(-1, TRACK_BP).mean(axis=1)
                for file in tracks
            ]
            for span in spans
        ]
        np.concatenate([np.stack(strip, axis=1) for strip in strips]).astype(np.float32)


def write_copies(case: Case, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Store each window and its strips once, as float32 memory maps."""
    shape = case.arrays.meta.shape
    sizes = {"maps": (len(case.tiles), 50, 50), "strips": (len(case.tiles), 2 * shape["strip_bins"], shape["tracks"])}
    maps, strips = (
        np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.float32, size) for name, size in sizes.items()
    )
    for start in range(0, len(case.tiles), BATCH):
        rows = case.tiles.iloc[start : start + BATCH]
        found = case.arrays.windows("s", case.chrom, rows["bin1"], rows["bin2"])
        maps[start : start + BATCH], strips[start : start + BATCH] = found["contacts"], found["tracks"]
    return np.asarray(maps), np.asarray(strips)


def read_copies(copies: tuple[np.ndarray, np.ndarray], order: Sequence[int]) -> None:
    """(c) Batches from the stored copies."""
    for start in range(0, len(order), BATCH):
        for array in copies:
            array[order[start : start + BATCH]]


def rate(read: Callable[[], None], count: int) -> float:
    """Return samples per second of one reading."""
    began = time.perf_counter()
    read()
    return count / (time.perf_counter() - began)


def spread(values: Sequence[float], form: str) -> str:
    """Return min / median / max as text."""
    return " / ".join(format(value, form) for value in (min(values), float(np.median(values)), max(values)))


def measure(case: Case, copies: tuple[np.ndarray, np.ndarray], repeats: int) -> None:
    """Read in random order by all three ways, and print samples per second, ratios and bytes."""
    rows: dict[str, list[float]] = {"arrays": [], "files": [], "copies": []}
    for repeat in range(repeats):
        order = generator("bench order", repeat).permutation(len(case.tiles))
        rows["arrays"].append(rate(lambda order=order: read_shared(case, order), len(order)))
        rows["files"].append(
            rate(lambda order=order: read_files(case, order[:SLOW_WINDOWS]), min(SLOW_WINDOWS, len(order)))
        )
        rows["copies"].append(rate(lambda order=order: read_copies(copies, order), len(order)))
    stored = sum(path.stat().st_size for path in case.arrays.folder.rglob("*.npy"))
    copied = sum(array.nbytes for array in copies)
    per_mb = stored / (sum(case.arrays.meta.chromosomes.values()) / 1e6)
    ratios = {other: [a / b for a, b in zip(rows["arrays"], rows[other], strict=True)] for other in ("files", "copies")}
    print(f"\n{case.name}: {len(case.tiles)} tiles, {repeats} repeats, min / median / max")
    print(f"  samples/s  shared arrays, batches of {BATCH}    {spread(rows['arrays'], '.0f')}")
    print(f"  samples/s  cooler fetch + pyBigWig values  {spread(rows['files'], '.0f')}")
    print(f"  samples/s  one copy per window             {spread(rows['copies'], '.0f')}")
    print(f"  ratio      arrays : cooler and pyBigWig    {spread(ratios['files'], '.1f')}")
    print(f"  ratio      arrays : copies                 {spread(ratios['copies'], '.2f')}")
    print(
        f"  bytes/sample  copies {copied / len(case.tiles):.0f}; arrays {stored / len(case.tiles):.0f} ({len(case.tiles)} tiles share them)"
    )
    for name, windows in PAPER.items():
        density = windows / AUTOSOMES_MB
        print(
            f"  bytes/sample  arrays at the paper's density, {name}: {per_mb / density:.0f} ({density:.0f} windows per Mb)"
        )
    print(f"  the arrays take {per_mb / 1e3:.0f} kB per Mb: 1 kB per sample from {per_mb / 1e3:.0f} windows per Mb on")


def main() -> None:
    """Read the command line and measure each map."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, help="data folder of K562 chromosome 22")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--synthetic-bp", type=int, default=50_000_000)
    chosen = parser.parse_args()
    for name in ("synthetic", *(["real"] if chosen.real else [])):
        with tempfile.TemporaryDirectory() as text:
            root = Path(text)
            (root / "s").mkdir()
            if name == "real":
                link_real(root / "s", chosen.real)
                case = make_case(name, root, "chr22", 50_818_468)
            else:
                write_synthetic(root / "s", chosen.synthetic_bp)
                case = make_case(name, root, "chr1", chosen.synthetic_bp // RESOLUTION_BP * RESOLUTION_BP)
            measure(case, write_copies(case, root), chosen.repeats)


if __name__ == "__main__":
    main()
