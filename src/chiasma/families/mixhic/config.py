"""The numbers of MIX-HIC; needs no torch, so that a study can be checked without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chiasma.core.errors import ConfigError
from chiasma.schema.windows import TileShape

YIELDS = ("pair", "strip", "grid")
PRETRAINS, BASELINE = True, False
POOLS = (2, 3, 5, 7)  # pool widths the track stem may use
READS = {  # what each mode reads
    "bimodal": ("contacts", "tracks"),
    "infer_map": ("tracks",),
    "infer_tracks": ("contacts",),
    "epi": ("tracks",),
    "map": ("contacts",),
}


@dataclass(frozen=True)
class Config:
    """MIX-HIC; the defaults are the corrected model, ``config/models/mixhic_published.yaml`` is the published one.

    Attributes
    ----------
    width : E, channels of the first level; tokens leave the towers with 8E
    heads : attention heads at every level
    depth : blocks per level
    patch : contact patch width in bins
    contact_transform : what a contact becomes: log_oe_log1p (two channels), log_oe, log1p, or kr_clip255
    pseudo_contacts : contacts added to observed and expected before their ratio
    clip_log2_oe : bound on the absolute log2 of observed over expected
    track_transform : log2 of one plus the signal, or raw
    stem : full (every track bin keeps all channels, as published) or strided (its first step spans ten)
    stem_norm : group (no example touches another) or batch, in the track stem
    strips : joint (the track tower reads both strips of a pair as one), or separate (each by itself up to the last level, which
        attends over both: a locus is encoded once for all its pairs; yields pairs only)
    legacy_batch_axis : track layers attend over the examples of a batch, as the released code does
    positions : sine positions and an anchor embedding in the track tower, sine positions in the contact tower
    norm_first : normalise before each track sublayer instead of after it
    head_norm : batch (head channels are centred and scaled over the batch in training, by running means in evaluation)
        or none
    contact_attention_from : first contact level whose blocks attend; the levels before it only convolve
    mode : what fine-tuning reads: bimodal (both; one that a batch lacks is inferred), infer_map (tracks, and contacts inferred
        from them), infer_tracks (contacts, and tracks inferred from them), epi (tracks alone), or map (contacts alone)
    renormalise_inferred : give inferred tokens the norm that real ones have
    init_std : standard deviation of initial linear weights; 0 for torch's own initialisation
    flip_probability : share of training examples read along the other strand
    track_noise : standard deviation of the noise added to transformed tracks in training
    temperature_init, temperature_min, temperature_max : of the contrastive loss; learnt between the bounds
    contrastive_only_epochs : first epochs, in which only the contrastive loss counts, with weight 1
    contrastive_weight, orthogonal_weight, mapping_weight : weights of the losses afterwards
    detach_mapping_targets : the mapping loss moves the mapped tokens only, not their targets
    checkpoint_activations : recompute activations in the backward pass to save memory
    """

    width: int = 128
    heads: int = 4
    depth: int = 2
    patch: int = 2
    contact_transform: Literal["log_oe_log1p", "log_oe", "log1p", "kr_clip255"] = "log_oe_log1p"
    pseudo_contacts: float = 1.0
    clip_log2_oe: float = 4.0
    track_transform: Literal["log2", "raw"] = "log2"
    stem: Literal["full", "strided"] = "full"
    stem_norm: Literal["group", "batch"] = "group"
    strips: Literal["joint", "separate"] = "joint"
    legacy_batch_axis: bool = False
    positions: bool = True
    norm_first: bool = False
    head_norm: Literal["batch", "none"] = "batch"
    contact_attention_from: int = 0
    mode: Literal["bimodal", "infer_map", "infer_tracks", "epi", "map"] = "bimodal"
    renormalise_inferred: bool = True
    init_std: float = 0.02
    flip_probability: float = 0.5
    track_noise: float = 0.0
    temperature_init: float = 0.07
    temperature_min: float = 0.001
    temperature_max: float = 0.5
    contrastive_only_epochs: int = 10
    contrastive_weight: float = 0.5
    orthogonal_weight: float = 0.5
    mapping_weight: float = 0.5
    detach_mapping_targets: bool = True
    checkpoint_activations: bool = False

    def __post_init__(self) -> None:
        if self.width % self.heads or self.width % 4:
            raise ValueError(f"width {self.width} must be a multiple of heads {self.heads} and of 4")
        if not 0 <= self.contact_attention_from <= 4:
            raise ValueError(
                f"contact_attention_from must be in 0..4 (there are 4 levels), found {self.contact_attention_from}"
            )
        if self.strips == "separate" and self.legacy_batch_axis:
            raise ValueError(
                "strips: separate needs legacy_batch_axis: false; no locus is encoded alone over the batch axis"
            )
        if not self.temperature_min <= self.temperature_init <= self.temperature_max:
            raise ValueError("temperature_init must lie between temperature_min and temperature_max")
        if self.pseudo_contacts <= 0:
            raise ValueError(f"pseudo_contacts must be positive, found {self.pseudo_contacts}")

    @property
    def contact_channels(self) -> int:
        """Channels the contact transform makes."""
        return 2 if self.contact_transform == "log_oe_log1p" else 1


def reads(config: Config) -> frozenset[str]:
    """Return the arrays of an example that fine-tuning reads."""
    return frozenset(READS[config.mode])


def yields(config: Config) -> tuple[str, ...]:
    """Return what tasks may need of it; the decoder takes the levels of a tower that reads both strips as one."""
    return YIELDS if config.strips == "joint" else ("pair",)


def shares(config: Config) -> bool:
    """Return whether a locus is encoded without regard to its partner."""
    return config.strips == "separate" and "tracks" in READS[config.mode]


def pool_widths(shape: TileShape) -> list[int]:
    """Return the pools, small first, whose product is the number of track bins per contact bin; [2, 5, 5] for 50.

    Raises ConfigError when the strips are not a whole number of contact bins, or need a pool wider than 7.
    """
    if not shape.tracks:
        raise ConfigError("mixhic: this network reads tracks, and the tileset has none; name some in its key 'tracks'")
    per_bin, rest = divmod(shape.strip_bins, shape.tile_bins)
    if rest or per_bin < 1:
        raise ConfigError(
            f"mixhic: {shape.strip_bins} track bins over {shape.tile_bins} contact bins is not a whole number; "
            "choose track_bp that divides resolution_bp"
        )
    widths = []
    for width in POOLS:
        while per_bin % width == 0:
            widths.append(width)
            per_bin //= width
    if per_bin > 1:
        raise ConfigError(
            f"mixhic: the track stem pools by {', '.join(map(str, POOLS))}, which leaves {per_bin} track bins per "
            "contact bin; choose track_bp so that resolution_bp / track_bp has only those factors"
        )
    return widths


def contact_grid(config: Config, shape: TileShape) -> int:
    """Return the patches along a side of the contact window; ConfigError when they do not fill it, or are fewer than 8."""
    grid, rest = divmod(shape.tile_bins, config.patch)
    if rest or grid < 8:
        raise ConfigError(
            f"mixhic: tile_bins {shape.tile_bins} must be a multiple of patch {config.patch}, and 8 patches or more"
        )
    return grid


def check_tile(config: Config, shape: TileShape) -> None:
    """Raise ConfigError when tiles of ``shape`` cannot be cut up."""
    contact_grid(config, shape)
    pool_widths(shape)
