"""The released weights in our network: their names, what is left out on purpose, and a report of both (spec 4.1).

Pre-trained files hold encoder, decoder and the two heads of pre-training. Fine-tuned files put ``vit_backbone.`` before the
encoder's names, repeat the patch embedding without it, and hold a task's head in the place of those of pre-training.

Axes: D channel, C channel of the image, p q row and column of a patch, L patch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from chiasma.contracts import LoadReport, listed
from chiasma.core.errors import ConfigError
from chiasma.families.hicfoundation.blocks import sine_grid
from chiasma.families.hicfoundation.model import MaskedAutoencoder

BACKBONE = "vit_backbone."
NAMES = (  # theirs, as a pattern, and ours
    (r"cls_token", "encoder.window_D"),
    (r"patch_embed\.proj\.(weight|bias)", r"encoder.embed.\1"),
    (r"blocks\.(\d+)\.(.+)", r"encoder.blocks.layers.\1.\2"),
    (r"norm\.(weight|bias)", r"encoder.blocks.norm.\1"),
    (r"decoder_embed\.(weight|bias)", r"decoder.embed.\1"),
    (r"mask_token", "decoder.hidden_D"),
    (r"decoder_blocks\.(\d+)\.(.+)", r"decoder.blocks.layers.\1.\2"),
    (r"decoder_norm\.(weight|bias)", r"decoder.blocks.norm.\1"),
    (r"decoder_pred\.(weight|bias)", r"pixels.\1"),
    (r"decoder_count\.(weight|bias)", r"count.\1"),
)
BLOCK_PARTS = {
    "attn.qkv": "attention.query_key_value",
    "attn.proj": "attention.output",
    "mlp.fc1": "network.0",
    "mlp.fc2": "network.2",
    "norm1": "norm1",
    "norm2": "norm2",
}
POSITIONS = {"pos_embed": "encoder", "decoder_pos_embed": "decoder", "decoder_pos_embed_new": "decoder"}
TASK_HEADS = re.compile(r"(vit_backbone\.head|decoder_map|map_block|map_blocks\.\d+)\..+")
ONLY_PRETRAINED = ("decoder.hidden_D", "pixels.", "count.")  # what a fine-tuned file need not hold


def load_released(state: Mapping[str, Tensor], model: MaskedAutoencoder, where: str) -> LoadReport:
    """Put released weights into ``model``, and return what became of each tensor; no tensor is taken unless all fit.

    Missing are, of a fine-tuned file, the heads of pre-training; unexpected are the heads of its task; noted are repeated
    tensors, and tables of places, which are fixed here.

    Parameters
    ----------
    state : their name -> tensor, of a pre-trained or a fine-tuned model
    where : what the weights are called in messages

    Raises
    ------
    ConfigError
        When a tensor that belongs to the network is missing or of another shape, when a name is unknown, or when repeated
        tensors differ.
    """
    kind = "fine-tuned" if any(name.startswith(BACKBONE) for name in state) else "pre-trained"
    rest, notes = without_repeats(state, where)
    notes += check_positions({name: rest.pop(name) for name in [*rest] if name in POSITIONS}, model, where)
    wanted = dict(model.named_parameters())
    found = {ours: convert(ours, tensor) for name, tensor in rest.items() if (ours := our_name(name))}
    unexpected = [name for name in state if TASK_HEADS.fullmatch(name)]
    missing = [name for name in wanted if name not in found]
    allowed = ONLY_PRETRAINED if kind == "fine-tuned" else ()
    wrong = {
        "missing": [name for name in missing if not name.startswith(allowed)],
        "unexpected": [name for name in rest if our_name(name) not in wanted and name not in unexpected],
        "of another shape": [
            f"{name}: file {tuple(found[name].shape)}, model {tuple(wanted[name].shape)}"
            for name in wanted
            if name in found and found[name].shape != wanted[name].shape
        ],
    }
    if kind == "pre-trained":
        wrong["unexpected"] += unexpected
    if any(wrong.values()):
        raise ConfigError(f"{where}: not weights of this network: {differences(wrong)}; {advice(model)}")
    model.load_state_dict(found, strict=False)
    return LoadReport(kind, tuple(found), tuple(missing), tuple(unexpected), tuple(notes))


def differences(wrong: Mapping[str, list[str]]) -> str:
    """Return the number and the first names of each kind of difference."""
    return ", ".join(f"{len(names)} {kind} ({listed(names)})" for kind, names in wrong.items() if names)


def advice(model: MaskedAutoencoder) -> str:
    """Return what sizes the network has, and where to set them."""
    config = model.config
    return (
        f"the model has width {config.width}, depth {config.depth}, decoder_width {config.decoder_width}, decoder_depth "
        f"{config.decoder_depth}, patch {config.patch}, image {config.image}; the released ones are those of "
        "config/models/hicfoundation_official.yaml"
    )


def our_name(name: str) -> str | None:
    """Return our name of their tensor; None when the network has no such part."""
    for pattern, ours in NAMES:
        if match := re.fullmatch(pattern, name):
            return _block_part(match.expand(ours))
    return None


def _block_part(name: str) -> str | None:
    match = re.fullmatch(r"(.+\.layers\.\d+\.)(.+)\.(weight|bias)", name)
    if match is None:
        return name
    part = BLOCK_PARTS.get(match[2])
    return part and f"{match[1]}{part}.{match[3]}"


def convert(ours: str, tensor: Tensor) -> Tensor:
    """Return their tensor as our network has it: kernels (D, C, p, q) as rows of a linear map, tokens as vectors."""
    if ours == "encoder.embed.weight" and tensor.ndim == 4:
        return tensor.permute(0, 2, 3, 1).flatten(1)
    return tensor.flatten() if ours.endswith("_D") else tensor


def without_repeats(state: Mapping[str, Tensor], where: str) -> tuple[dict[str, Tensor], list[str]]:
    """Return the tensors by the names of a pre-trained file, and a note of those that stand there twice.

    ConfigError when two that should be the same differ.
    """
    rest = {name: tensor for name, tensor in state.items() if not name.startswith(BACKBONE)}
    repeated = []
    for name, tensor in state.items():
        if not name.startswith(BACKBONE) or TASK_HEADS.fullmatch(name):
            continue
        plain = name.removeprefix(BACKBONE)
        if plain in rest and not torch.equal(rest[plain], tensor):
            raise ConfigError(f"{where}: {name} and {plain} should be the same tensor, and differ; the file is damaged")
        repeated += [plain] if plain in rest else []
        rest[plain] = tensor
    return rest, [f"held twice, alike: {listed(repeated)}"] if repeated else []


def check_positions(tables: Mapping[str, Tensor], model: MaskedAutoencoder, where: str) -> list[str]:
    """Return a note on each table of places, which is passed over; ConfigError when its size fits no grid of the network."""
    notes = []
    for name, table_1LD in tables.items():
        places = getattr(model, POSITIONS[name]).places
        if table_1LD.ndim != 3 or table_1LD.shape[0] != 1 or table_1LD.shape[2] != places.width:
            raise ConfigError(
                f"{where}: {name} has shape {tuple(table_1LD.shape)}, expected (1, patches, {places.width}); {advice(model)}"
            )
        notes.append(_note(name, table_1LD[0], places.grid, places.width))
    return notes


def _note(name: str, table_LD: Tensor, grid: tuple[int, int], width: int) -> str:
    """Return how a table compares with the places of the network's grid; the first row may be of the window's token."""
    patches = grid[0] * grid[1]
    told = f"{name} passed over, places are fixed here: "
    if len(table_LD) - patches not in (0, 1):
        return told + f"it has {len(table_LD)} rows, a window of {patches} patches was asked for"
    off = (table_LD[-patches:].float() - sine_grid(*grid, width)).abs().max().item()
    return told + f"it differs from ours by at most {off:.2g}"
