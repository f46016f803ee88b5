"""Training steps of masked auto-encoders of one size: chiasma's, and those of Hugging Face's ViTMAE, for `bench_vit`.

Axes: B example, C channel, N bin of a window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from chiasma.contracts import Batch, TileShape, load_family
from chiasma.schema.rooms import build_config, read_model_values
from chiasma.training.config import TrainingConfig
from chiasma.training.optimisation import build_optimiser, mixed_precision
from chiasma.training.outputs import parameter_count

TRANSFORMERS = "transformers==5.17.0"
RATE = 1e-5
PUBLISHED_DECODER = {
    "decoder_width": 512,
    "decoder_depth": 8,
    "decoder_heads": 16,
}  # what ViTMAE has unless told otherwise
OURS, RECOMPUTED = "chiasma", "chiasma, activations recomputed"
PEER, EXPLICIT, WIDE = "ViTMAE", "ViTMAE, explicit attention", "ViTMAE, its own decoder"
KINDS = (OURS, RECOMPUTED, PEER, EXPLICIT, WIDE)
PRECISIONS = {"fp32": "float32", "bf16": "bfloat16"}


@dataclass(frozen=True)
class Setting:
    """Where and how steps run."""

    device: str
    precision: str
    batch: int
    threads: int


@dataclass(frozen=True)
class Entry:
    """A contender: its kind (one of `KINDS`), the size's file ``config/models/hicfoundation_{size}.yaml``, and the window."""

    kind: str
    size: str
    window: int


@dataclass(frozen=True)
class Built:
    """What a contender is once built: a call takes one step."""

    step: Callable[[], None]
    weights: int
    gflop: float


def check_peer() -> None:
    """Exit when the peer is not installed, and say how it can be."""
    if find_spec("transformers") is None:
        raise SystemExit(
            f"{TRANSFORMERS.split('==')[0]} is not installed; it is no requirement of chiasma. In an environment of its own:\n"
            "    python -m venv /tmp/peer && python -c 'import sysconfig; print(sysconfig.get_paths()[\"purelib\"])' \\\n"
            "        > /tmp/peer/$(cd /tmp/peer && ls -d lib/python3*)/site-packages/chiasma.pth\n"
            f"    /tmp/peer/bin/pip install {TRANSFORMERS}      # finds the torch that is there\n"
            "    PYTHONPATH=src /tmp/peer/bin/python -m tests.benchmarks.bench_vit"
        )


def size_of(entry: Entry) -> Any:
    """Return the family's configuration of an entry's size."""
    config = load_family("hicfoundation").config
    name = f"hicfoundation_{entry.size}"
    sized = build_config(config, read_model_values(f"config/models/{name}.yaml")["parameters"], name)
    if entry.kind == WIDE:
        sized = replace(sized, **PUBLISHED_DECODER)
    return replace(sized, checkpoint_activations=entry.kind == RECOMPUTED)


def step_gflop(config: Any, window: int, channels: int, *, all_embedded: bool) -> float:
    """Return 1e9 floating-point operations of the matrix products of one example's step, forward and backward.

    Twice the products of a forward pass, times three. A block of width D on T tokens has 12 D D products a token (query, key
    and value 3, output 1, network 8) and 2 T D of attention; the encoder is given the visible patches, the decoder all.
    Recomputed activations do not count.
    """
    patches, numbers = (-(-window // config.patch)) ** 2, channels * config.patch**2
    seen = int(patches * (1 - config.mask_ratio))
    tokens, all_tokens = seen + 2, patches + 2
    encoder = config.depth * tokens * (12 * config.width**2 + 2 * tokens * config.width)
    wide = config.decoder_width
    decoder = config.decoder_depth * all_tokens * (12 * wide**2 + 2 * all_tokens * wide)
    ends = (patches if all_embedded else seen) * numbers * config.width + patches * numbers * wide
    return 6e-9 * (encoder + decoder + ends + tokens * config.width * wide)


def examples(batch: int, window: int) -> dict[str, np.ndarray]:
    """Return windows on the diagonal of a map whose contacts fall with distance."""
    rng = np.random.default_rng(0)
    distance_NN = np.abs(np.subtract.outer(np.arange(window), np.arange(window)))
    expected_BNN = np.broadcast_to((60 / (1 + distance_NN)).astype(np.float32), (batch, window, window))
    upper_BNN = np.triu(rng.poisson(expected_BNN)).astype(np.float32)
    return {
        "contacts": upper_BNN + np.triu(upper_BNN, 1).swapaxes(1, 2),
        "expected": expected_BNN,
        "valid": np.ones(expected_BNN.shape, bool),
        "distance_bins": np.zeros(batch, np.int64),
    }


def build(entry: Entry, setting: Setting) -> Built:
    """Return a contender, on its device, with a batch that it reads again at each step."""
    torch.manual_seed(0)
    torch.set_num_threads(setting.threads)
    config, family = size_of(entry), load_family("hicfoundation")
    encoded = family.encode(examples(setting.batch, entry.window), config, None)
    batch = {name: tensor.to(setting.device) for name, tensor in encoded.items()}
    make = chiasma_loss if entry.kind in (OURS, RECOMPUTED) else peer_loss
    model, loss = make(entry, config, batch)
    model.to(setting.device).train()
    optimiser = build_optimiser(model, TrainingConfig(1, setting.batch, RATE)) if make is chiasma_loss else None
    theirs = None if optimiser else torch.optim.AdamW(learning(model), RATE, weight_decay=0.05)

    def step() -> None:
        with mixed_precision(PRECISIONS[setting.precision], torch.device(setting.device)):
            total = loss()
        total.backward()
        if optimiser:
            optimiser.step(RATE)
        else:
            theirs.step()
        (optimiser or theirs).zero_grad()

    ours = make is chiasma_loss
    gflop = step_gflop(config, entry.window, config.channels if ours else 3, all_embedded=not ours)
    return Built(step, parameter_count(model) if ours else sum(each.numel() for each in learning(model)), gflop)


def learning(model: nn.Module) -> list[nn.Parameter]:
    """Return the weights that learn; ViTMAE holds its places as weights that do not."""
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


def chiasma_loss(entry: Entry, config: Any, batch: Batch) -> tuple[nn.Module, Callable[[], Tensor]]:
    """Return chiasma's network, and its loss of the batch."""
    family = load_family("hicfoundation")
    model, objective = family.build_model(config, TileShape(entry.window, 0, 0)), family.build_objective(config)
    return model, lambda: objective(model, batch, 0).total


def peer_loss(entry: Entry, config: Any, batch: Batch) -> tuple[nn.Module, Callable[[], Tensor]]:
    """Return ViTMAE of the same widths, depths, heads and patches, and its loss of the batch as three channels."""
    from transformers import ViTMAEConfig, ViTMAEForPreTraining

    model = ViTMAEForPreTraining(
        ViTMAEConfig(
            hidden_size=config.width, num_hidden_layers=config.depth, num_attention_heads=config.heads,
            intermediate_size=4 * config.width, decoder_hidden_size=config.decoder_width,
            decoder_num_hidden_layers=config.decoder_depth, decoder_num_attention_heads=config.decoder_heads,
            decoder_intermediate_size=4 * config.decoder_width, image_size=entry.window, patch_size=config.patch,
            mask_ratio=config.mask_ratio, attn_implementation="eager" if entry.kind == EXPLICIT else "sdpa",
        )
    )  # fmt: skip
    image_BCNN = batch["contacts"].expand(-1, 3, -1, -1).contiguous()
    return model, lambda: model(pixel_values=image_BCNN).loss
