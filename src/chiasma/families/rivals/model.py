"""A rival network as tasks fine-tune it: from random weights, without a stage before.

Axes: B example, N contact bin of one window, D channel.
"""

from __future__ import annotations

from typing import NoReturn

from torch import Tensor, nn

from chiasma.contracts import Batch, TileShape
from chiasma.core.errors import ConfigError, InputError
from chiasma.families.rivals.bilstm import BiLstm
from chiasma.families.rivals.blank import Blank
from chiasma.families.rivals.cnn import Cnn
from chiasma.families.rivals.config import Config, reads, yields
from chiasma.families.rivals.hicarn import HicArn
from chiasma.families.rivals.hicplus import HicPlus
from chiasma.families.rivals.outer import Outer, OuterGrid
from chiasma.families.rivals.two_channel import TwoChannel
from chiasma.nn.pairing import pair_windows

STRIPS = {"cnn": Cnn, "bilstm": BiLstm, "outer": Outer}
IMAGES = {
    "hicplus": HicPlus,
    "hicarn": HicArn,
    "none": Blank,
}  # what is read of a window is a picture of it, of any size


class PairedGrid(nn.Module):
    """A network of bins, whose tokens are paired to pixels (B, N, N, D)."""

    def __init__(self, bins: nn.Module) -> None:
        super().__init__()
        self.bins, self.width = bins, bins.width

    def forward(self, batch: Batch) -> Tensor:
        """Return (B, N, N, D)."""
        return pair_windows(self.bins(batch))


class RivalRepresentation(nn.Module):
    """A network that reads what its batch must hold; all of it is ``encoder``, and none of it pre-trained."""

    def __init__(self, encoder: nn.Module, config: Config) -> None:
        super().__init__()
        self.encoder, self.config, self.width = encoder, config, encoder.width

    def forward(self, batch: Batch) -> Tensor:
        """Return what the task needs; InputError when the batch lacks what the network reads."""
        missing = sorted(reads(self.config) - {*batch})
        if missing:
            raise InputError(
                f"rivals: network '{self.config.network}' reads {', '.join(missing)}, which the batch lacks; it cannot "
                "infer one modality from the other"
            )
        return self.encoder(batch)


def build_representation(config: Config, shape: TileShape, need: str) -> RivalRepresentation:
    """Build the network for tiles of ``shape``; ConfigError when they cannot be cut up, or it does not yield the need."""
    if need not in yields(config):
        raise ConfigError(f"rivals: network '{config.network}' yields {' and '.join(yields(config))}, not a {need}")
    if need == "pair":
        return RivalRepresentation(TwoChannel(config, shape), config)
    if config.network in IMAGES:
        return RivalRepresentation(IMAGES[config.network](config), config)
    bins = STRIPS[config.network](config, shape)
    if need == "grid":
        bins = OuterGrid(bins, config) if config.network == "outer" else PairedGrid(bins)
    return RivalRepresentation(bins, config)


def refuse(config: Config) -> NoReturn:
    """Raise ConfigError: there is nothing to pre-train, nor an encoder to embed with."""
    raise ConfigError(
        f"rivals: network '{config.network}' has no pre-training and no embedding; set 'pretrain: null' and fine-tune it"
    )


def build_model(config: Config, shape: TileShape) -> NoReturn:
    """Raise ConfigError: the rivals are not pre-trained."""
    refuse(config)


def embed(model: nn.Module, batch: Batch) -> NoReturn:
    """Raise ConfigError: a network trained for one task embeds nothing."""
    refuse(model.config)


def embed_tokens(model: nn.Module, batch: Batch) -> NoReturn:
    """Raise ConfigError: a network trained for one task embeds nothing."""
    refuse(model.config)
