"""Compare a pre-training step of chiasma with a model of the peer's: data path, forward, backward and optimiser.

Not a test: run it on request, from the checkout, as

    python -m tests.benchmarks.bench_training [--widths 16 64] [--repeats 5] [--threads 1]

The peer's step is `peer_step`. Both read the same tiles of a synthetic map in random order, both loss functions are those
after the first ten epochs. They take turns, a few steps each, so ratios are of the same seconds of the same machine. Besides
the published sizes chiasma runs its laptop settings, ``mixhic_small``, whose reference is the peer at the same width.

``--device cuda --precision bf16 --compile`` are for a machine with a GPU (batches of 256 and widths 128 and 256 fit one of
80 GB; MFU is over ``--peak-tflops``); the peer stays in float32, as released. These were not tried here: no GPU was at hand.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tests.benchmarks.bench_tiles import RESOLUTION_BP, Case, make_case, write_copies, write_synthetic
from tests.benchmarks.peer_step import PUBLISHED_PARAMETERS, Peer, StoredTiles
from torch import Tensor
from torch.utils.data import DataLoader

from chiasma.contracts import TileShape, load_family
from chiasma.schema.rooms import build_config, read_model_values
from chiasma.tiles.dataset import TileDataset
from chiasma.training.batches import Batches, Encoding, Loaded, Plan, to_device
from chiasma.training.config import TrainingConfig
from chiasma.training.optimisation import build_optimiser, clip_gradients, mixed_precision
from chiasma.training.outputs import parameter_count

LATE = 10_000  # an epoch after the first, in which contrast stands alone
GFLOP = {16: 0.42, 32: 1.34, 64: 4.65, 128: 17.2, 256: 66.1}  # forward and backward of one sample, specification 2.8
RATE = 1e-5
PRECISIONS = {"fp32": "float32", "bf16": "bfloat16"}


@dataclass(frozen=True)
class Setting:
    """Where and how steps run."""

    device: torch.device
    precision: str
    compile: bool
    batch: int
    workers: int


@dataclass
class Contender:
    """One way to take steps, the contender it is measured against, and its samples per second in each turn."""

    step: Callable[[], None]
    width: int
    parameters: int
    against: str
    rates: list[float] = field(default_factory=list)


def endless(stream: Callable[[int], Iterator[Any]]) -> Iterator[Any]:
    """Yield the batches of one epoch after the other."""
    epoch = 0
    while True:
        yield from stream(epoch)
        epoch += 1


def chiasma_step(case: Case, setting: Setting, parameters: dict[str, Any]) -> tuple[Callable[[], None], int]:
    """Return chiasma's step as its training loop takes it, and its number of weights."""
    family = load_family("mixhic")
    config = build_config(family.config, parameters, "parameters")
    torch.manual_seed(0)
    model = family.build_model(config, TileShape(**case.arrays.meta.shape)).to(setting.device)
    objective, numbers = family.build_objective(config), TrainingConfig(1, setting.batch, RATE)
    optimiser = build_optimiser(model, numbers)
    plan = Plan(setting.batch, 0, "drawn", workers=setting.workers)
    batches = Batches(TileDataset(case.tiles, case.arrays), case.tiles, Encoding(family, config), plan)
    loaded = endless(batches.stream)
    if setting.compile:
        model.compile()

    def step() -> None:
        batch: Loaded = next(loaded)
        with mixed_precision(PRECISIONS[setting.precision], setting.device):
            output = objective(model, to_device(batch.batch, setting.device), LATE)
        output.total.backward()
        clip_gradients(model.parameters(), numbers.clip_norm)
        optimiser.step(RATE)
        optimiser.zero_grad()

    return step, parameter_count(model)


def peer_step(folder: Path, setting: Setting, tracks: int, width: int) -> tuple[Callable[[], None], int]:
    """Return the peer's step, and its number of weights, which must be the published one."""
    torch.manual_seed(0)
    model = Peer(tracks, width).to(setting.device)
    count = parameter_count(model)
    assert tracks != 2 or PUBLISHED_PARAMETERS.get(width, count) == count
    optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=1e-6)
    loader = DataLoader(
        StoredTiles(folder), setting.batch, shuffle=True, drop_last=True, num_workers=setting.workers,
        persistent_workers=setting.workers > 0,
    )  # fmt: skip
    loaded: Iterator[list[Tensor]] = endless(lambda _: iter(loader))

    def step() -> None:
        maps, strips = (each.to(setting.device) for each in next(loaded))
        optimiser.zero_grad()
        model(maps, strips).backward()
        optimiser.step()

    return step, count


def build(case: Case, folder: Path, setting: Setting, widths: Sequence[int]) -> dict[str, Contender]:
    """Return the contenders: at each width the peer and chiasma, then the laptop settings."""
    contenders = {}
    published = read_model_values("config/models/mixhic.yaml")["parameters"]
    small = read_model_values("config/models/mixhic_small.yaml")["parameters"]
    tracks = case.arrays.meta.shape["tracks"]
    for width in widths:
        peer = f"peer, E = {width}"
        contenders[peer] = Contender(*_with(peer_step(folder, setting, tracks, width), width), peer)
        made = chiasma_step(case, setting, published | {"width": width})
        contenders[f"chiasma, E = {width}, full stem"] = Contender(*_with(made, width), peer)
    peer = f"peer, E = {small['width']}"
    if peer in contenders:
        made = chiasma_step(case, setting, small)
        contenders["chiasma, mixhic_small"] = Contender(*_with(made, small["width"]), peer)
    return contenders


def _with(made: tuple[Callable[[], None], int], width: int) -> tuple[Callable[[], None], int, int]:
    return made[0], width, made[1]


def rate(step: Callable[[], None], steps: int, setting: Setting) -> float:
    """Return samples per second over some steps."""
    began = time.perf_counter()
    for _ in range(steps):
        step()
    if setting.device.type == "cuda":
        torch.cuda.synchronize()
    return steps * setting.batch / (time.perf_counter() - began)


def spread(values: Sequence[float], form: str) -> str:
    """Return median, and min and max in brackets, as text."""
    return f"{np.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def report(contenders: dict[str, Contender], peak_tflops: float) -> None:
    """Print a row for each contender; ratios are of the rates of one turn."""
    print(
        "\n| step | weights, M | samples/s, median (range) | times the peer | GFLOP/s | MFU |\n|---|---|---|---|---|---|"
    )
    for name, own in contenders.items():
        ratios = [a / b for a, b in zip(own.rates, contenders[own.against].rates, strict=True)]
        known = own.width in GFLOP and "small" not in name  # the published sizes alone have a known cost
        flops = np.median(own.rates) * GFLOP[own.width] if known else np.nan
        mfu = f"{flops / peak_tflops / 1e3:.1%}" if known and peak_tflops else "-"
        cells = [f"{own.parameters / 1e6:.2f}", spread(own.rates, ".2f"), spread(ratios, ".2f")]
        print(f"| {name} | {' | '.join(cells)} | {f'{flops:.1f}' if known else '-'} | {mfu} |")


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--widths", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=2, help="steps of each turn")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0, help="loading processes of either")
    parser.add_argument("--synthetic-bp", type=int, default=20_000_000)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", choices=list(PRECISIONS), default="fp32", help="of chiasma")
    parser.add_argument("--compile", action="store_true", help="chiasma's model")
    parser.add_argument("--peak-tflops", type=float, default=0.0, help="of the device in that precision, for MFU")
    return parser.parse_args()


def main() -> None:
    """Make the tiles, and let all contenders take steps by turns."""
    chosen = parse()
    torch.set_num_threads(chosen.threads)
    setting = Setting(torch.device(chosen.device), chosen.precision, chosen.compile, chosen.batch, chosen.workers)
    with tempfile.TemporaryDirectory() as text:
        root = Path(text)
        (root / "s").mkdir()
        write_synthetic(root / "s", chosen.synthetic_bp)
        case = make_case("synthetic", root, "chr1", chosen.synthetic_bp // RESOLUTION_BP * RESOLUTION_BP)
        write_copies(case, root)
        print(f"{chosen.device}, batch {chosen.batch}, {chosen.threads} threads, load {os.getloadavg()[0]:.1f}")
        contenders = build(case, root, setting, chosen.widths)
        for contender in contenders.values():
            rate(contender.step, 1, setting)
        for _ in range(chosen.repeats):
            for contender in contenders.values():
                contender.rates.append(rate(contender.step, chosen.steps, setting))
    report(contenders, chosen.peak_tflops)
    print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
