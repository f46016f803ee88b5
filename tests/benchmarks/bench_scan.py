"""Scan whole maps for loops: chiasma with and without shared loci, beside callers of other projects, in Mb per second.

Not a test: run it on request, from the checkout, on a study that has been tiled, as

    python -m tests.benchmarks.bench_scan --study results/demo --sample beta [--repeats 3] [--threads 1]

With ``--chromosomes chr5`` models alone scan these, also reading tracks alone, and also with each locus encoded anew for each
of its pairs: what the sharing of loci gains.

All chromosomes count as one test region, nothing is labelled, and models have random weights: a scan costs the same whatever
they are, only its calls mean nothing. All contenders run once in each repeat, so ratios are of the same minutes of the same
machine. Times are from the tileset and the normalised .cool to the table of calls; Mustache's, which runs only where
`make mustache` or PATH has it, include the start of its program, and the callers of other projects use one process.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import chromosight.utils.detection  # noqa: F401  (loaded before the clock starts)
import cooltools  # noqa: F401
import numpy as np
import pandas as pd
import torch

from chiasma.cli.predict import score_frame
from chiasma.contracts import Inputs
from chiasma.core.errors import InputError
from chiasma.io.mustache import read_mustache
from chiasma.schema.rooms import read_model_values
from chiasma.schema.tables import EXAMPLES
from chiasma.tasks.loops.callers import run_baseline
from chiasma.tasks.loops.config import Chromosight, Config, Donut, Dots, Mustache
from chiasma.tasks.loops.decode import SCAN, predict, select_pixels
from chiasma.tasks.loops.programs import call_mustache, find_mustache
from chiasma.tiles.arrays import TileArrays
from chiasma.training.checkpoint import TaskModel, build_task_module
from chiasma.training.config import TrainingConfig
from chiasma.training.loci import unique_loci

CPU = torch.device("cpu")
SHARED, ALONE = "separate, loci shared", "separate, not shared"
BASELINES = {"donut": Donut(), "chromosight": Chromosight(), "dots": Dots()}
Scan = Callable[[], int]  # runs once; returns the number of calls


def open_study(study: Path, sample: str, chromosomes: Sequence[str]) -> Inputs:
    """Return chromosomes of the study's map, or all, as unlabelled test regions."""
    arrays = TileArrays.open(study / "tiles/windows/arrays")
    lengths = {chrom: length for chrom, length in arrays.meta.chromosomes.items() if chrom in (chromosomes or [chrom])}
    splits = pd.DataFrame({"chrom": list(lengths), "start": 0, "end": list(lengths.values()), "split": "test"})
    examples = pd.DataFrame({name: [] for name in EXAMPLES.names}).astype({"kept": bool})
    return Inputs(arrays, splits, examples, sample, study / f"normalised/{sample}/contacts.cool")


def build_untrained(arrays: TileArrays, model: str, changes: dict[str, Any]) -> TaskModel:
    """Return a loop model of ``config/models/{model}.yaml`` with changed parameters and random weights."""
    torch.manual_seed(1)
    values = read_model_values(f"config/models/{model}.yaml")
    built = build_task_module(
        {
            "family": values["family"], "parameters": values["parameters"] | changes, "shape": arrays.meta.shape,
            "task": "loops", "task_parameters": {}, "training": TrainingConfig(1, 1, 1e-3, precision="float32").__dict__,
        }
    )  # fmt: skip
    built.module.eval()
    return built


def models(config: Config, inputs: Inputs, model: str, whole: bool) -> dict[str, Scan]:
    """Return the scans by one model: as it is, and with separate strips; with and without sharing, unless ``whole``."""
    chosen: dict[str, TaskModel] = {}
    for mode in ("bimodal",) if whole else ("bimodal", "infer_map"):
        for strips in ("joint", "separate"):
            built = build_untrained(inputs.arrays, model, {"mode": mode, "strips": strips})
            if strips == "joint":
                chosen[f"{model} {mode}, joint strips"] = built
            else:
                alone = built._replace(family=replace(built.family, shares=lambda _: False))
                chosen |= {} if whole else {f"{model} {mode}, {ALONE}": alone}
                chosen[f"{model} {mode}, {SHARED}"] = built
    return {name: (lambda each=each: run_model(config, inputs, each)) for name, each in chosen.items()}


def run_model(config: Config, inputs: Inputs, model: TaskModel) -> int:
    """Scan with a model."""
    predicted = predict(config, inputs, lambda frame: score_frame(model, inputs.arrays, frame, CPU))
    return len(predicted["bedpe"])


def callers(config: Config, inputs: Inputs) -> dict[str, Scan]:
    """Return the scans by classical callers; Mustache where it is installed."""
    scans: dict[str, Scan] = {
        name: (lambda name=name, numbers=numbers: len(run_baseline(name, config, numbers, inputs)[1]))
        for name, numbers in BASELINES.items()
    }
    try:
        find_mustache()
    except InputError as error:
        print(f"without Mustache: {error}")
        return scans
    return scans | {"mustache": lambda: run_mustache(inputs)}


def run_mustache(inputs: Inputs) -> int:
    """Scan with the program Mustache."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "loops.tsv"
        call_mustache(Mustache(), inputs.arrays.meta.resolution_bp, inputs.contacts, found)
        return len(read_mustache(found))


def spread(values: Sequence[float], form: str) -> str:
    """Return median, and min and max in brackets, as text."""
    return f"{np.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def report(seconds: dict[str, list[float]], calls: dict[str, int], mb: float) -> None:
    """Print a row for each contender; ratios are of the times of one repeat."""
    first = next(iter(seconds))
    print(
        f"\n| scan of {mb:.1f} Mb | wall s, median (range) | Mb/s | speed over the first row | calls |\n|---|---|---|---|---|"
    )
    for name, own in seconds.items():
        ratios = [base / other for base, other in zip(seconds[first], own, strict=True)]
        print(
            f"| {name} | {spread(own, '.1f')} | {mb / np.median(own):.2f} | {spread(ratios, '.2f')} | {calls[name]} |"
        )
    for name in seconds:
        if (alone := name.replace(SHARED, ALONE)) != name and alone in seconds:
            gains = [without / shared for without, shared in zip(seconds[alone], seconds[name], strict=True)]
            print(f"{name} over {ALONE}: {spread(gains, '.2f')}")


def main() -> None:
    """Read the command line, and let all contenders scan by turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, default=Path("results/demo"))
    parser.add_argument("--sample", default="beta")
    parser.add_argument("--model", default="mixhic_small")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--chromosomes", nargs="+", default=[], help="models alone, on these")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    inputs = open_study(chosen.study, chosen.sample, chosen.chromosomes)
    config = Config(max_distance_bins=inputs.arrays.meta.max_distance_bins)
    pixels = select_pixels(config, inputs.arrays, inputs.splits, inputs.examples, inputs.sample)
    loci, _ = unique_loci(pixels)
    print(f"{(pixels['label'] == SCAN).sum()} pixels of the scan between {len(loci)} loci", end="; ")
    print(
        f"{2 * len(pixels) / len(loci):.1f} strips a locus; {chosen.threads} torch threads; load {os.getloadavg()[0]:.1f}"
    )
    scans = models(config, inputs, chosen.model, not chosen.chromosomes)
    scans |= {} if chosen.chromosomes else callers(config, inputs)
    seconds: dict[str, list[float]] = {name: [] for name in scans}
    calls: dict[str, int] = {}
    for _ in range(chosen.repeats):
        for name, scan in scans.items():
            began = time.perf_counter()
            calls[name] = scan()
            seconds[name].append(time.perf_counter() - began)
    report(seconds, calls, inputs.splits["end"].sum() / 1e6)
    print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
