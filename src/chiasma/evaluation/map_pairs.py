"""How much a map shows the pairs of places that are known to touch: their centre over what surrounds it, beside random pairs.

Axes: I bins of a piece, S distance in bins, n pairs, D draws. A band's [i, s] is the pair of bins (i, i + s).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chiasma.assays.enrichment import square_sums
from chiasma.core.seed import generator
from chiasma.evaluation.map_annotation import NOTHING
from chiasma.evaluation.map_config import MapConfig
from chiasma.evaluation.map_fields import Fields, decay_means
from chiasma.evaluation.map_loops import NEAREST
from chiasma.evaluation.map_metrics import Observed, Scores
from chiasma.evaluation.map_moments import ratio, weighted_mean
from chiasma.evaluation.map_pixels import Piece

Array = NDArray[np.float64]
FEWEST = 5  # pairs that make a score
RANDOM = 50  # random pairs that each pair is compared with
OF = "_of_"  # pair_auc_of_chiapet, and pair_auc, the mean over all kinds of pairs


@dataclass(frozen=True)
class Surroundings:
    """Contacts around each pixel of a piece, and those expected there by the map's own decay.

    Attributes
    ----------
    centre_IS, ring_IS : of the square of the pixel, and of what lies around its peak
    expected_centre_IS, expected_ring_IS : the same of the decay
    """

    centre_IS: Array
    ring_IS: Array
    expected_centre_IS: Array
    expected_ring_IS: Array


@dataclass(frozen=True)
class Places:
    """Known pairs of one piece, and random ones for each.

    Attributes
    ----------
    first_n, distance_n : their pixels in the piece
    random_nR : first bins of random pixels at the distance of each
    """

    first_n: NDArray[np.int64]
    distance_n: NDArray[np.int64]
    random_nR: NDArray[np.int64]


def pair_scores(observed: Observed, fields: list[Fields]) -> Scores:
    """Return ``pair_enrichment`` and ``pair_auc``, means over kinds of known pairs, and of several also each (``_of_`` its name).

    The centre of a pair is the square of ``loop_square_bins`` around its pixel, its ring the pixels beyond ``loop_peak_bins`` and
    within ``loop_width_bins`` of it. **Enrichment** is the mean over pairs of observed over expected in the centre, over the
    mean of that in the ring; 1 is nothing. **AUC** is how often a pair's own centre over ring exceeds that of a random pair at its
    distance in its test region, not next to a known one: 0.5 is nothing, and a tie counts half. Pseudo-contacts are added for the AUC alone. A pair
    belongs to the block of its first bin. Nothing without pairs; nan where fewer than `FEWEST` lie in the test regions.
    """
    names = list(dict.fromkeys(name for piece in observed.pieces for name in _known(observed, piece)))
    if not names:
        return {}
    contacts = [own.contacts_IS for own in fields]
    around = [
        surroundings(own_IS, mean_S, piece.counted_IS, observed.config)
        for piece, own_IS, mean_S in zip(observed.pieces, contacts, decay_means(observed.pieces, contacts), strict=True)
    ]
    found = {name: _scores_of(observed, around, name) for name in names}
    means = {metric: _mean([found[name][metric] for name in names]) for metric in found[names[0]]}
    each = {f"{metric}{OF}{name}": own for name in names for metric, own in found[name].items()}
    return means | (each if len(names) > 1 else {})


def _known(observed: Observed, piece: Piece) -> dict[str, pd.DataFrame]:
    return dict(observed.annotations.get(piece.sample, NOTHING).pairs)


def _mean(scores: Sequence[tuple[Array, int]]) -> tuple[Array, int]:
    """Return the mean of several scores in each draw, unknown ones left out, and how many pairs are behind it."""
    draws_DN = np.stack([draws_D for draws_D, _ in scores], axis=1)
    told_N = np.isfinite(draws_DN[0])  # the data's own: no draw takes the mean of others
    return weighted_mean(draws_DN, np.broadcast_to(told_N.astype(float), draws_DN.shape)), sum(n for _, n in scores)


def _scores_of(observed: Observed, around: Sequence[Surroundings], name: str) -> Scores:
    """Return both metrics of one kind of pairs."""
    parts = [
        pair_values(
            own, find_places(piece, _known(observed, piece).get(name), name, observed.config), piece, observed.config
        )
        for piece, own in zip(observed.pieces, around, strict=True)
    ]
    block_n, centre_n, ring_n, wins_n = (np.concatenate(each) for each in zip(*parts, strict=True))
    weight_Dn = observed.bootstrap.weight_DB[:, block_n.astype(np.int64)]
    if len(block_n) < FEWEST:
        nothing_D = np.full(len(weight_Dn), np.nan)
        return dict.fromkeys(("pair_enrichment", "pair_auc"), (nothing_D, len(block_n)))
    centre_D, ring_D, wins_D = (weighted_mean(each_n[None], weight_Dn) for each_n in (centre_n, ring_n, wins_n))
    return {"pair_enrichment": (ratio(centre_D, ring_D), len(block_n)), "pair_auc": (wins_D, len(block_n))}


def surroundings(contacts_IS: NDArray, mean_S: Array, counted_IS: NDArray[np.bool_], config: MapConfig) -> Surroundings:
    """Return the contacts around each pixel of a map; pixels nearer to the diagonal than `NEAREST` do not count."""
    far_IS = far_pixels(counted_IS)
    observed_IS, expected_IS = (np.where(far_IS, each, 0) for each in (contacts_IS, mean_S))
    centres = [square_sums(each, config.loop_square_bins) for each in (observed_IS, expected_IS)]
    rings = [ring_sums(each, config) for each in (observed_IS, expected_IS)]
    return Surroundings(centres[0], rings[0], centres[1], rings[1])


def far_pixels(counted_IS: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the counted pixels that are not next to the diagonal (I, S)."""
    return counted_IS & (np.arange(counted_IS.shape[1]) >= NEAREST)


def ring_sums(band_IS: NDArray, config: MapConfig) -> Array:
    """Return the sum over the ring around each pixel (I, S)."""
    return square_sums(band_IS, config.loop_width_bins) - square_sums(band_IS, config.loop_peak_bins)


def find_places(piece: Piece, pairs: pd.DataFrame | None, name: str, config: MapConfig) -> Places:
    """Return the known pairs that lie in a piece with at least half of their ring counted, and random pixels for each.

    Random pixels are the same for every map: drawn with replacement from those at the distance that are as whole and farther
    than ``loop_width_bins`` from every known pair. A pair whose distance has no such pixel is left out.

    Parameters
    ----------
    pairs : columns chrom, bin1, bin2; None for none
    name : of the pairs, for the draws
    """
    far_IS = far_pixels(piece.counted_IS)
    whole = (2 * config.loop_width_bins + 1) ** 2 - (2 * config.loop_peak_bins + 1) ** 2
    usable_IS = far_IS & (np.rint(ring_sums(far_IS, config)) >= whole / 2)
    known_IS = np.zeros(usable_IS.shape, bool)
    if pairs is not None:
        known_IS[_inside(piece, pairs)] = True
    free_IS = usable_IS & (np.rint(square_sums(known_IS, config.loop_width_bins)) == 0)
    known_IS &= usable_IS & free_IS.any(axis=0)
    first_n, distance_n = np.nonzero(known_IS)
    rng = generator(config.seed, "random pairs", name, piece.chrom, piece.first_bin)
    random_nR = np.zeros((len(first_n), RANDOM), np.int64)
    for distance in np.unique(distance_n):
        at = np.flatnonzero(distance_n == distance)
        random_nR[at] = rng.choice(np.flatnonzero(free_IS[:, distance]), (len(at), RANDOM))
    return Places(first_n, distance_n, random_nR)


def _inside(piece: Piece, pairs: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return first bins and distances of the pairs whose pixel the piece has."""
    bins, strata = piece.counted_IS.shape
    own = pairs[pairs["chrom"] == piece.chrom]
    first, second = (own[name].to_numpy(np.int64) - piece.first_bin for name in ("bin1", "bin2"))
    inside = (first >= 0) & (second < bins) & (second - first < strata)
    return first[inside], (second - first)[inside]


def pair_values(
    around: Surroundings, places: Places, piece: Piece, config: MapConfig
) -> tuple[NDArray, Array, Array, Array]:
    """Return block, centre, ring (observed over expected) and share of random pixels exceeded, of each known pair (n,)."""
    at = (places.first_n, places.distance_n)
    centre_n = ratio(around.centre_IS[at], around.expected_centre_IS[at])
    ring_n = ratio(around.ring_IS[at], around.expected_ring_IS[at])
    excess_IS = centre_excess(around, config.pseudo_contacts)
    own_n1, random_nR = excess_IS[at][:, None], excess_IS[places.random_nR, places.distance_n[:, None]]
    wins_n = ((random_nR < own_n1) + 0.5 * (random_nR == own_n1)).mean(axis=1)
    return piece.block_I[places.first_n], centre_n, ring_n, wins_n


def centre_excess(around: Surroundings, pseudo: float) -> Array:
    """Return log of observed over expected in the centre, less that in the ring (I, S)."""
    centre = np.log(around.centre_IS + pseudo) - np.log(around.expected_centre_IS + pseudo)
    # sums of squares are differenced, so that an empty ring may hold a rounding error
    ring = np.log(np.maximum(around.ring_IS, 0) + pseudo) - np.log(np.maximum(around.expected_ring_IS, 0) + pseudo)
    return centre - ring
