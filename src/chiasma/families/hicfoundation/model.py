"""The masked auto-encoder: an encoder of the patches that are seen, a decoder of all, and a vector for each level of a window.

Axes: B example, C channel, H W pixel, L patch, K patch that is seen, P number of a patch, T token (window, count, patches),
D channel of a token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from chiasma.contracts import Batch, TileShape
from chiasma.families.hicfoundation.batch import MEAN_C, STD_C
from chiasma.families.hicfoundation.blocks import Blocks, Places, count_embedding, initialise
from chiasma.families.hicfoundation.config import Config, check_tile
from chiasma.families.hicfoundation.patches import filled, grid_of, patchify, take
from chiasma.families.hicfoundation.representation import HicRepresentation

SPECIAL = 2  # tokens before the patches: of the window, and of the count
TOKEN_STD = 0.02


@dataclass(frozen=True)
class Reconstruction:
    """What the decoder makes of a window, beside the window itself; ``count_B`` is its read-out of the count token."""

    target_BLP: Tensor
    predicted_BLP: Tensor
    count_B: Tensor


class Encoder(nn.Module):
    """A token of the window, one of the count, and those of the patches that are seen, through the blocks."""

    def __init__(self, config: Config, grid: tuple[int, int]) -> None:
        super().__init__()
        self.embed = nn.Linear(config.channels * config.patch**2, config.width)
        self.window_D = nn.Parameter(torch.randn(config.width) * TOKEN_STD)
        self.places = Places(grid, config.width)
        self.blocks = Blocks(config.width, config.heads, config.depth, config.checkpoint_activations)
        self.apply(initialise)

    def forward(self, patches_BLP: Tensor, grid: tuple[int, int], depth_B: Tensor, visible_BK: Tensor | None) -> Tensor:
        """Return the tokens (B, T, D) of the patches at ``visible_BK``, or of all."""
        places_BLD = self.places(grid).expand(len(patches_BLP), -1, -1)
        if visible_BK is not None:
            patches_BLP, places_BLD = take(patches_BLP, visible_BK), take(places_BLD, visible_BK)
        window_B1D = self.window_D.expand(len(patches_BLP), 1, -1)
        count_B1D = count_embedding(depth_B, self.places.width)[:, None]
        return self.blocks(torch.cat([window_B1D, count_B1D, self.embed(patches_BLP) + places_BLD], dim=1))


class Decoder(nn.Module):
    """Tokens of the encoder, and one and the same for each hidden patch, through narrower blocks."""

    def __init__(self, config: Config, grid: tuple[int, int]) -> None:
        super().__init__()
        width = config.decoder_width
        self.embed = nn.Linear(config.width, width)
        self.hidden_D = nn.Parameter(torch.randn(width) * TOKEN_STD)
        self.places = Places(grid, width)
        self.blocks = Blocks(width, config.decoder_heads, config.decoder_depth, config.checkpoint_activations)
        self.register_buffer("mark_2D", torch.tensor([[0.0], [1.0]]).expand(-1, width).clone(), persistent=False)
        self.apply(initialise)

    def forward(self, tokens_BTD: Tensor, grid: tuple[int, int], visible_BK: Tensor | None) -> Tensor:
        """Return the tokens (B, T, D) of the window, of the count and of all patches."""
        x_BTD = self.embed(tokens_BTD)
        special_B2D, patches_BLD = x_BTD[:, :SPECIAL] + self.mark_2D, x_BTD[:, SPECIAL:]
        places_LD = self.places(grid)
        if visible_BK is not None:
            hidden_BLD = self.hidden_D.to(x_BTD.dtype).expand(len(x_BTD), *places_LD.shape)
            patches_BLD = hidden_BLD.scatter(1, visible_BK[:, :, None].expand_as(patches_BLD), patches_BLD)
        return self.blocks(torch.cat([special_B2D, patches_BLD + places_LD], dim=1))


class MaskedAutoencoder(nn.Module):
    """HiCFoundation as pre-trained; every weight of it is taken over at fine-tuning.

    Windows of any height and width are read, not only those of the tile it is built for: places are fixed, not learnt.
    """

    def __init__(self, config: Config, shape: TileShape) -> None:
        super().__init__()
        self.config, grid = config, grid_of(shape.tile_bins, shape.tile_bins, config.patch)
        self.encoder, self.decoder = Encoder(config, grid), Decoder(config, grid)
        self.pixels = nn.Linear(config.decoder_width, config.channels * config.patch**2)
        self.count = nn.Linear(config.decoder_width, 1)
        for head in (self.pixels, self.count):
            initialise(head)
        blank_C = torch.from_numpy((1 - MEAN_C) / STD_C) if config.image == "rgb" else torch.zeros(1)
        self.register_buffer("blank_C", blank_C, persistent=False)

    def parameter_depths(self) -> dict[str, tuple[int, int]]:
        """Return how deep each parameter lies in its stack, and how deep what follows the last block does.

        Patches' embedding and tokens lie at 0, block k (from 0) at k + 1; encoder and decoder are a stack each.
        """
        config = self.config
        depths = {"encoder": config.depth + 1, "decoder": config.decoder_depth + 1}
        return {name: depth_of(name, depths.get(name.split(".")[0], 0)) for name, _ in self.named_parameters()}

    def grid(self, batch: Batch) -> tuple[int, int]:
        """Return the rows and columns of patches of the batch's windows."""
        return grid_of(*batch["contacts"].shape[-2:], self.config.patch)

    def image(self, batch: Batch) -> Tensor:
        """Return the windows (B, C, H, W), filled up to whole patches with pixels that hold no contacts."""
        return filled(batch["contacts"], self.config.patch, self.blank_C)

    def encode(self, batch: Batch, visible_BK: Tensor | None = None) -> Tensor:
        """Return the encoder's tokens (B, T, D) of the patches at ``visible_BK``, or of all."""
        patches_BLP = patchify(self.image(batch), self.config.patch)
        return self.encoder(patches_BLP, self.grid(batch), batch["depth"], visible_BK)

    def decode(self, tokens_BTD: Tensor, batch: Batch, visible_BK: Tensor | None = None) -> Tensor:
        """Return the decoder's tokens (B, T, D) of all patches, from what `encode` returned."""
        return self.decoder(tokens_BTD, self.grid(batch), visible_BK)

    def forward(self, batch: Batch, visible_BK: Tensor) -> Reconstruction:
        """Return the windows as the decoder draws them from the patches at ``visible_BK``."""
        x_BTD = self.decode(self.encode(batch, visible_BK), batch, visible_BK)
        target_BLP = patchify(self.image(batch), self.config.patch)
        count_B = self.count(x_BTD[:, 1]).squeeze(1)
        return Reconstruction(target_BLP, self.pixels(x_BTD[:, SPECIAL:]).float(), count_B.float())


def depth_of(name: str, depths: int) -> tuple[int, int]:
    """Return the depth of a parameter in a stack of ``depths``; the heads, which are in none, lie beyond the last block."""
    if block := re.search(r"\.blocks\.layers\.(\d+)\.", name):
        return int(block[1]) + 1, depths
    return (depths if ".blocks.norm." in name else 0), depths


def build_model(config: Config, shape: TileShape) -> MaskedAutoencoder:
    """Build the network to pre-train for tiles of ``shape``; ConfigError when they are too small to be cut up."""
    check_tile(config, shape)
    return MaskedAutoencoder(config, shape)


def build_representation(config: Config, shape: TileShape, need: str) -> HicRepresentation:
    """Build the network that tasks fine-tune: the pre-trained one as ``encoder``, and for pixels a map from patches."""
    return HicRepresentation(build_model(config, shape), config, need)


def embed_tokens(model: MaskedAutoencoder, batch: Batch) -> dict[str, Tensor]:
    """Return the window's token (B, 1, D) and the patches' (B, L, D), row by row, of encoder and of decoder.

    The model is read as in evaluation, and sees all patches.
    """
    training = model.training
    model.eval()
    with torch.no_grad():
        encoded_BTD = model.encode(batch)
        decoded_BTD = model.decode(encoded_BTD, batch)
    model.train(training)
    tokens = {}
    for part, x_BTD in (("encoder", encoded_BTD), ("decoder", decoded_BTD)):
        tokens |= {f"contacts_window_{part}": x_BTD[:, :1], f"contacts_patch_{part}": x_BTD[:, SPECIAL:]}
    return tokens


def embed(model: MaskedAutoencoder, batch: Batch) -> dict[str, Tensor]:
    """Return the window's token (B, D), and the mean of its patches', of encoder and of decoder, as in evaluation."""
    return {name: tokens_BTD.float().mean(dim=1) for name, tokens_BTD in embed_tokens(model, batch).items()}
