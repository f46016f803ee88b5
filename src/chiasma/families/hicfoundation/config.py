"""The numbers of HiCFoundation; needs no torch, so that a study can be checked without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chiasma.core.errors import ConfigError
from chiasma.schema.windows import TileShape

YIELDS = ("pair", "grid")
PRETRAINS, BASELINE = True, False
WINDOWS = ("trans", "rectangular", "padded")  # read beside squares inside a chromosome
ANY_SHAPE = True  # places are computed, so weights fit windows of any height and width, and tracks are not read
LANDMARKS = True  # `landmarks.py` measures what the loss says of knowing nothing or everything
WINDOW = 11  # width of the window that image similarity looks through, in pixels (spec 2.2)
CHANNELS = {"plain": 1, "rgb": 3}


@dataclass(frozen=True)
class Config:
    """HiCFoundation; the defaults are the corrected model, ``config/models/hicfoundation_official.yaml`` is the published one.

    Attributes
    ----------
    width, depth, heads : channels, blocks and attention heads of the encoder
    decoder_width, decoder_depth, decoder_heads : the same of the decoder
    patch : width of a patch in bins; a window that is no multiple of it is filled up to the right and below
    image : what the network sees of the transformed contacts: plain (one channel) or rgb (as published: a white to red heat
        map, normalised as photographs are)
    contact_transform : what a contact becomes: log_oe, log1p, or log10_max (as published: log10 of one plus the contacts, over
        that of the window's largest)
    pseudo_contacts : contacts added to observed and expected before their ratio
    clip_log2_oe : bound on the absolute log2 of observed over expected
    count_input : what the count token is told: expected (the contacts that a window at this distance holds on average, which
        says how deep the map is), or unknown (a thousand million, as published where nothing is known)
    mask_ratio : share of the patches that the encoder does not see in pre-training
    mask : symmetric (mirrored patches share their fate, every patch is as likely to be seen), or official (as published:
        mirrored patches share their fate and are seen less often than the others)
    objective : corrected (one channel, masked pixels, centred patches, temperature) or official (as published; needs rgb)
    temperature : of the corrected contrast between patches
    contrastive_weight, count_weight : of the corrected objective's terms beside the masked regression
    loss_alpha : weight of image similarity and count in the official objective
    pixel_width : channels of a pixel's features at fine-tuning
    flip_probability : share of training examples read along the other strand
    checkpoint_activations : recompute activations in the backward pass to save memory
    """

    width: int = 192
    depth: int = 12
    heads: int = 3
    decoder_width: int = 192
    decoder_depth: int = 4
    decoder_heads: int = 6
    patch: int = 16
    image: Literal["plain", "rgb"] = "plain"
    contact_transform: Literal["log_oe", "log1p", "log10_max"] = "log_oe"
    pseudo_contacts: float = 1.0
    clip_log2_oe: float = 4.0
    count_input: Literal["expected", "unknown"] = "expected"
    mask_ratio: float = 0.75
    mask: Literal["symmetric", "official"] = "symmetric"
    objective: Literal["corrected", "official"] = "corrected"
    temperature: float = 0.1
    contrastive_weight: float = 0.1
    count_weight: float = 0.1
    loss_alpha: float = 1.0
    pixel_width: int = 16
    flip_probability: float = 0.5
    checkpoint_activations: bool = False

    def __post_init__(self) -> None:
        for part in ("", "decoder_"):
            width, heads = getattr(self, f"{part}width"), getattr(self, f"{part}heads")
            if width % heads or width % 4:
                raise ValueError(f"{part}width {width} must be a multiple of {part}heads {heads} and of 4")
        for name in ("depth", "decoder_depth", "patch", "pixel_width"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, found {getattr(self, name)}")
        if not 0 < self.mask_ratio < 1:
            raise ValueError(f"mask_ratio must lie between 0 and 1, found {self.mask_ratio:g}")
        if self.image == "rgb" and self.contact_transform != "log10_max":
            raise ValueError(
                "image: rgb needs contact_transform: log10_max; colours run from 0 to the window's largest"
            )
        if (self.objective == "official") != (self.image == "rgb"):
            raise ValueError("objective: official and image: rgb go together; set both or neither")
        if min(self.temperature, self.pseudo_contacts) <= 0:
            raise ValueError("temperature and pseudo_contacts must be positive")

    @property
    def channels(self) -> int:
        """Channels of the image."""
        return CHANNELS[self.image]


def reads(config: Config) -> frozenset[str]:
    """Return the arrays of an example that fine-tuning reads."""
    return frozenset({"contacts"})


def yields(config: Config) -> tuple[str, ...]:
    """Return what tasks may need of it."""
    return YIELDS


def shares(config: Config) -> bool:
    """Return whether a locus is encoded without regard to its partner; a window is read as a whole."""
    return False


def check_tile(config: Config, shape: TileShape) -> None:
    """Raise ConfigError when tiles of ``shape`` are too small to be cut up."""
    if shape.tile_bins < 2 * config.patch:
        raise ConfigError(
            f"hicfoundation: tile_bins {shape.tile_bins} must be at least two patches of {config.patch} bins; lower patch"
        )
    if config.objective == "official" and shape.tile_bins < WINDOW:
        raise ConfigError(
            f"hicfoundation: image similarity looks through a window of {WINDOW} pixels; tile_bins is {shape.tile_bins}"
        )
