"""What fine-tuning adds: fusion of the two token streams, and what tasks on bins or pixels need beyond it.

Axes: B example, L M token, D channel (8E), N contact bin of one window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch.nn.functional as F
from torch import Tensor, nn

from chiasma.contracts import LOCI, Batch
from chiasma.core.errors import InputError
from chiasma.families.mixhic.config import READS, Config
from chiasma.families.mixhic.decoder import StripDecoder, along_windows
from chiasma.families.mixhic.layers import Attention, initialise, resample
from chiasma.nn.pairing import pair_windows

if TYPE_CHECKING:
    from chiasma.families.mixhic.model import Features, Mixhic

BLOCKS = 2
ONE_STREAM = ("epi", "map")  # modes that infer nothing: the fusion looks at the one stream there is
UNUSED = {  # parts of the pre-trained network that a mode does not train, whatever the task needs
    "bimodal": ("to_contacts", "to_tracks", "temperature"),
    "infer_map": ("towers.contacts", "shared.contacts", "specific.contacts", "to_tracks", "temperature"),
    "infer_tracks": ("towers.tracks", "shared.tracks", "specific.tracks", "to_contacts", "temperature"),
    "epi": ("towers.contacts", "shared.contacts", "specific.contacts", "to_contacts", "to_tracks", "temperature"),
    "map": ("towers.tracks", "shared.tracks", "specific.tracks", "to_contacts", "to_tracks", "temperature"),
}


class FusionBlock(nn.Module):
    """Self-attention, then cross-attention to the context, one residual around both; then a network (spec 2.5)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.self_attention, self.cross_attention = Attention(width, heads), Attention(width, heads)
        self.network = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x_BLD: Tensor, context_BMD: Tensor) -> Tensor:
        """Return (B, L, D)."""
        x_BLD = x_BLD + self.cross_attention(self.self_attention(self.norm1(x_BLD)), context_BMD)
        return x_BLD + self.network(self.norm2(x_BLD))


class MixhicRepresentation(nn.Module):
    """A pair as a task needs it: fused tokens, a token for each bin, or features of each pixel.

    Which modalities it reads is ``config.mode``. In mode ``bimodal`` a batch may lack one, whose tokens are then inferred by
    the encoder's map as in the mode ``infer_map`` or ``infer_tracks``.
    """

    def __init__(self, encoder: Mixhic, config: Config, need: str) -> None:
        super().__init__()
        self.encoder, self.config, self.need = encoder, config, need
        self.width = (8 if need == "pair" else 2) * config.width
        self.fusion = nn.ModuleList(FusionBlock(8 * config.width, config.heads) for _ in range(BLOCKS))
        self.fusion.apply(lambda module: initialise(module, config.init_std))
        self.decoder = None if need == "pair" else StripDecoder(config, encoder.tile_bins)
        for name, parameter in encoder.named_parameters():
            parameter.requires_grad_(not name.startswith(UNUSED[config.mode]))

    def _read(self, batch: Batch) -> dict[str, list[Tensor]]:
        """Return the levels of each tower that the mode reads and the batch has an array for."""
        wanted = READS[self.config.mode]
        found = [name for name in wanted if name in batch]
        levels = {name: self.encoder.towers[name](batch[name]) for name in found}
        if LOCI in batch:
            levels["tracks"] = [self.encoder.towers["tracks"].pair_loci(batch[LOCI])]
        if not levels:
            raise InputError(
                f"mixhic in mode '{self.config.mode}' reads {' or '.join(wanted)}; the batch holds "
                f"{', '.join(sorted(batch)) or 'nothing'}"
            )
        return levels

    def _tokens(self, modality: str, features: dict[str, Features]) -> Tensor:
        """Return tokens of a modality: its own, those inferred from the other, or the other's where there is one stream."""
        if modality in features:
            return features[modality].tokens_BLD
        (other,) = features.values()
        if self.config.mode in ONE_STREAM:
            return other.tokens_BLD
        infer = self.encoder.infer_contacts if modality == "contacts" else self.encoder.infer_tracks
        if not self.config.renormalise_inferred:
            return infer(other)
        return F.normalize(infer(other).unflatten(2, (2, -1)), dim=3).flatten(2)

    def _query(self, features: dict[str, Features]) -> Tensor:
        return self._tokens("tracks", features)

    def _context(self, features: dict[str, Features]) -> Tensor:
        return self._tokens("contacts", features)

    def encode_loci(self, batch: Batch) -> Tensor:
        """Return the tokens (B, T, D) of single strips, for `LOCI` of a batch of pairs; only with ``strips: separate``."""
        return self.encoder.towers["tracks"].encode_loci(batch["tracks"])

    def forward(self, batch: Batch) -> Tensor:
        """Return what the task needs.

        pair    fused tokens (B, L, 8E): one per track token, or per contact token in mode ``map``
        strip   (B, 2N, 2E), one per contact bin, the first window's first
        grid    (B, N, N, 2E), rows of the first window

        Raises InputError when the batch holds nothing that the mode reads.
        """
        levels = self._read(batch)
        features = {name: self.encoder.split(name, grids[-1]) for name, grids in levels.items()}
        x_BLD, context_BMD = self._query(features), self._context(features)
        for block in self.fusion:
            x_BLD = block(x_BLD, context_BMD)
        if self.decoder is None:
            return x_BLD
        if self.config.mode == "map":
            x_BLD = resample(along_windows(x_BLD), self.encoder.track_tokens)
        strip_BLD = self.decoder(x_BLD, levels.get("tracks"))
        return strip_BLD if self.need == "strip" else pair_windows(strip_BLD)
