"""The numbers of the rival networks; needs no torch, so that a study can be checked without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

YIELDS = ("pair", "strip", "grid")  # of one network or another
PRETRAINS, BASELINE = False, True
NETWORKS = {  # what each network reads, and what it yields
    "cnn": (("tracks",), ("strip", "grid")),
    "bilstm": (("tracks",), ("strip", "grid")),
    "outer": (("tracks",), ("strip", "grid")),
    "two_channel": (("contacts", "tracks"), ("pair",)),
    "hicplus": (("contacts",), ("grid",)),
    "hicarn": (("contacts",), ("grid",)),
    "none": (("contacts",), ("grid",)),
}


@dataclass(frozen=True)
class Config:
    """A supervised network after one of the field's.

    Attributes
    ----------
    network : cnn (dilated convolutions along the bins), bilstm (after Epiphany), outer (after C.Origami, without its DNA),
        two_channel (after DLoopCaller), hicplus (after HiCPlus), hicarn (after HiCARN-1) or none (what the task's head makes of
        its own inputs alone)
    width : channels of a bin; of the first convolution in two_channel; of a pixel inside hicplus and hicarn
    layers : dilated convolutions of cnn, recurrent layers of bilstm, attention layers of outer, cascading blocks of hicarn
    heads : attention heads of outer
    pixel_layers : dilated convolutions over the pixels in outer
    pixel_width : channels of a pixel that hicplus, hicarn and none yield
    window_bins : two_channel looks at so many bins each way about the pair, an odd number, or at fewer where a tile ends
    accessibility : the track, counted from 0, whose signal is the second channel of two_channel
    pseudo_contacts : contacts added to observed and expected before their ratio
    clip_log2_oe : bound on the absolute log2 of observed over expected
    flip_probability : share of training examples read along the other strand
    """

    network: Literal["cnn", "bilstm", "outer", "two_channel", "hicplus", "hicarn", "none"] = "cnn"
    width: int = 32
    layers: int = 4
    heads: int = 4
    pixel_layers: int = 4
    pixel_width: int = 8
    window_bins: int = 23
    accessibility: int = 0
    pseudo_contacts: float = 1.0
    clip_log2_oe: float = 4.0
    flip_probability: float = 0.5

    def __post_init__(self) -> None:
        if self.width % self.heads or self.width % 2:
            raise ValueError(f"width {self.width} must be even and a multiple of heads {self.heads}")
        if min(self.layers, self.pixel_layers, self.pixel_width) < 1:
            raise ValueError("layers, pixel_layers and pixel_width must be at least 1")
        if self.window_bins < 9 or self.window_bins % 2 == 0:
            raise ValueError(f"window_bins must be odd and at least 9, found {self.window_bins}")
        if self.pseudo_contacts <= 0:
            raise ValueError(f"pseudo_contacts must be positive, found {self.pseudo_contacts}")


def reads(config: Config) -> frozenset[str]:
    """Return the arrays of an example that the network reads."""
    return frozenset(NETWORKS[config.network][0])


def reads_contacts_alone(config: Config) -> bool:
    """Return whether the network is one that enhances maps: it sees nothing but contacts."""
    return reads(config) == {"contacts"}


def yields(config: Config) -> tuple[str, ...]:
    """Return what tasks may need of the network."""
    return NETWORKS[config.network][1]


def shares(config: Config) -> bool:
    """Return whether a locus is encoded without regard to its partner; no network here does that."""
    return False
