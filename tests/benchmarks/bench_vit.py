"""Compare a pre-training step of chiasma's masked auto-encoder with Hugging Face's ViTMAE of the same size.

Not a test: run it on request, from the checkout, as

    python -m tests.benchmarks.bench_vit [--sizes small base] [--windows 224 448] [--batch 4] [--repeats 5] [--threads 1]

A step is forward, backward and AdamW on windows that lie in memory. Contenders of one size and window take turns, so ratios are
of the same seconds of the same machine (on the CPU seconds of the processor, which others disturb least); peak memory is that of a process of its own, over what it held before the network was
made (on the CPU resident memory, on a GPU what torch allocated). The peer comes three times: as it is, with the encoder and
the decoder of our size; so with explicit attention; and with the decoder that it has unless told otherwise (512 wide, 8 deep).
It reads three channels, as it and the released HiCFoundation do. Ratios are over the peer as it is. Both encode visible patches alone.

``--device cuda --precision bf16 --batch 64 --peak-tflops 989`` are for a machine with a GPU (the number: H100, bf16, dense):
there MFU is told, the operations of `vit_steps.step_gflop` over those of the device, and the largest batch of each size that fits
12, 24 and 80 GB (`torch.cuda.set_per_process_memory_fraction`). These were not tried here: no GPU was at hand.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from tests.benchmarks.processes import MB, apart, forget_peak, resident_mb
from tests.benchmarks.vit_steps import (
    KINDS,
    OURS,
    PEER,
    PRECISIONS,
    RECOMPUTED,
    WIDE,
    Built,
    Entry,
    Setting,
    build,
    check_peer,
    size_of,
)

GB = 1e9
BUDGETS_GB = (12, 24, 80)
SIZES = ("tiny", "small", "base", "large")
LARGEST_BATCH = 4096


def peak_mb(entry: Entry, setting: Setting) -> float:
    """Return the peak memory of two steps, in MB, over that before the network is made; for a process of its own."""
    build(replace(entry, window=64), replace(setting, batch=2)).step()  # libraries are loaded, kernels chosen
    if setting.device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated() / MB
    else:
        before = forget_peak()
    built = build(entry, setting)
    for _ in range(2):
        built.step()
    return (torch.cuda.max_memory_allocated() / MB if setting.device == "cuda" else resident_mb("VmHWM")) - before


def seconds(built: Built, steps: int, setting: Setting) -> float:
    """Return the seconds of a step, the mean over some: of the processor, all threads together, or of the clock on a GPU."""
    clock = time.perf_counter if setting.device == "cuda" else time.process_time
    began = clock()
    for _ in range(steps):
        built.step()
    if setting.device == "cuda":
        torch.cuda.synchronize()
    return (clock() - began) / steps


def take_turns(entries: Sequence[Entry], setting: Setting, repeats: int, steps: int) -> tuple[dict, dict]:
    """Return each contender, and its seconds a step in each turn; the first steps do not count."""
    built = {entry: build(entry, setting) for entry in entries}
    times: dict[Entry, list[float]] = {entry: [] for entry in entries}
    for each in built.values():
        seconds(each, 1, setting)
    for _ in range(repeats):
        for entry, each in built.items():
            times[entry].append(seconds(each, steps, setting))
    return built, times


def spread(values: Sequence[float], form: str) -> str:
    """Return median, and min and max in brackets, as text."""
    return f"{np.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def compare(size: str, window: int, setting: Setting, chosen: argparse.Namespace) -> None:
    """Print a row for each contender of one size and window; ratios of time are of one turn."""
    entries = [Entry(kind, size, window) for kind in chosen.kinds]
    if size_of(Entry(WIDE, size, window)) == size_of(Entry(PEER, size, window)):  # the size has the published decoder
        entries = [entry for entry in entries if entry.kind != WIDE]
    peaks = {entry: apart(peak_mb, entry, setting) for entry in entries}
    built, times = take_turns(entries, setting, chosen.repeats, chosen.steps)
    peer = Entry(PEER, size, window)
    print(f"\n{size}, window {window}, batch {setting.batch}, {setting.precision}")
    print(
        "| step | weights, M | s a step, median (range) | samples/s | speed over the peer | peak, MB | of the peer's |",
        end="",
    )
    print(" GFLOP a sample | MFU |\n|---|---|---|---|---|---|---|---|---|")
    for entry, own in times.items():
        ratios = [theirs / mine for theirs, mine in zip(times[peer], own, strict=True)]
        rate = setting.batch / np.median(own)
        used = rate * built[entry].gflop / 1e3 / chosen.peak_tflops if chosen.peak_tflops else None
        cells = [
            entry.kind, f"{built[entry].weights / 1e6:.1f}", spread(own, ".3f"), f"{rate:.2f}", spread(ratios, ".2f"),
            f"{peaks[entry]:.0f}", f"{peaks[entry] / peaks[peer]:.2f}", f"{built[entry].gflop:.1f}",
            "-" if used is None else f"{used:.1%}",
        ]  # fmt: skip
        print(f"| {' | '.join(cells)} |")


def fits(entry: Entry, setting: Setting) -> bool:
    """Return whether a step fits in the memory that torch may take."""
    try:
        build(entry, setting).step()
        torch.cuda.synchronize()
    except torch.cuda.OutOfMemoryError:
        return False
    finally:
        torch.cuda.empty_cache()
    return True


def largest_batch(entry: Entry, setting: Setting, budget_gb: float) -> int:
    """Return the largest power of two of examples whose step fits a budget, 0 for none; for a process of its own."""
    whole = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(min(budget_gb * GB / whole, 1.0))
    batch = 1
    while batch <= LARGEST_BATCH and fits(entry, replace(setting, batch=batch)):
        batch *= 2
    return batch // 2


def what_fits(windows: Sequence[int], setting: Setting) -> None:
    """Print the largest batch of each size in each budget; a budget beyond the device is left out."""
    whole = torch.cuda.get_device_properties(0).total_memory
    budgets = [budget for budget in BUDGETS_GB if budget * GB <= 1.02 * whole]
    print(f"\n| largest batch, {setting.precision} | {' | '.join(f'{each} GB' for each in budgets)} |")
    print("|---" * (1 + len(budgets)) + "|")
    for window in windows:
        for size in SIZES:
            for kind in (OURS, RECOMPUTED, PEER):
                found = [apart(largest_batch, Entry(kind, size, window), setting, each) for each in budgets]
                print(f"| {kind}, {size}, {window} | {' | '.join(str(each) for each in found)} |", flush=True)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["small", "base"])
    parser.add_argument("--windows", type=int, nargs="+", default=[224, 448])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--steps", type=int, default=1, help="steps of each turn")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=list(PRECISIONS), default="fp32", help="of all contenders")
    parser.add_argument("--peak-tflops", type=float, default=0.0, help="of the device in that precision, for MFU")
    return parser.parse_args()


def main() -> None:
    """Compare each size at each window; on a GPU also say what fits."""
    chosen = parse()
    check_peer()
    chosen.kinds = [kind for kind in KINDS if kind in {*chosen.kinds, PEER}]
    setting = Setting(chosen.device, chosen.precision, chosen.batch, chosen.threads)
    print(f"{chosen.device}, {chosen.threads} threads, load {os.getloadavg()[0]:.1f}")
    for size in chosen.sizes:
        for window in chosen.windows:
            compare(size, window, setting, chosen)
    if chosen.device == "cuda":
        what_fits(chosen.windows, setting)
    print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
