"""What embeddings hold: their principal components beside compartments and loops.

Axes: n tiles, E embedding channels, I bins, D distance in bins, K coarse bins.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.linalg import eigsh
from scipy.spatial import cKDTree
from sklearn.decomposition import PCA

from chiasma.tiles.arrays import TileArrays

Array = NDArray[np.float64]
CHANNEL = re.compile(r"(?P<name>.+)_(?P<channel>\d+)")
COARSE_BP = 50_000  # bins of the compartment profile


def vectors_by_name(frame: pd.DataFrame) -> dict[str, Array]:
    """Return the vectors (n, E) of each name in columns ``{name}_{channel}``, channels in order."""
    columns: dict[str, dict[int, str]] = {}
    for column in frame.columns:
        if found := CHANNEL.fullmatch(column):
            columns.setdefault(found["name"], {})[int(found["channel"])] = column
    return {name: frame[[own[place] for place in sorted(own)]].to_numpy(float) for name, own in columns.items()}


def principal_components(vectors_nE: Array) -> tuple[Array, Array]:
    """Return the first two principal components (n, 2), and the fraction of variance of each (2,)."""
    model = PCA(n_components=2, svd_solver="full").fit(vectors_nE)
    return model.transform(vectors_nE), model.explained_variance_ratio_


def joint_components(vectors: dict[str, Array]) -> pd.DataFrame:
    """Project several sets of vectors of one width together, each vector brought to length 1: name, row, pc1, pc2."""
    unit = {name: own / np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-12) for name, own in vectors.items()}
    places_n2, _ = principal_components(np.concatenate(list(unit.values())))
    names = np.repeat(list(unit), [len(own) for own in unit.values()])
    rows = np.concatenate([np.arange(len(own)) for own in unit.values()])
    return pd.DataFrame({"name": names, "row": rows, "pc1": places_n2[:, 0], "pc2": places_n2[:, 1]})


def project_tiles(vectors: dict[str, Array]) -> tuple[Array, Array]:
    """Project tiles by all their vectors side by side, each set scaled to the same total variance: (n, 2) and (2,)."""
    scaled = [own / max(float(np.sqrt(own.var(axis=0).sum())), 1e-12) for own in vectors.values()]
    return principal_components(np.concatenate(scaled, axis=1))


def compartment_profile(arrays: TileArrays, sample: str, chrom: str, coarse_bp: int = COARSE_BP) -> Array:
    """Return a compartment score for each bin (I,); positive where the tracks are strong (A), nan in coarse bins without contacts.

    The leading eigenvector of log observed over expected at ``coarse_bp``, zero beyond the stored band. The band reaches a
    few Mb only, so this is a local view of compartments, meant for colour, not for compartment calls.
    """
    factor = max(1, coarse_bp // arrays.meta.resolution_bp)
    map_KK = _coarse_log_ratio(arrays.oe_band(sample, chrom), factor)
    known_K = np.abs(map_KK).sum(axis=1) > 0
    score_K = np.full(map_KK.shape[0], np.nan)
    if known_K.sum() > 2:
        inner = map_KK[known_K][:, known_K]
        _, vector = eigsh(inner, k=1, which="LA", v0=np.ones(inner.shape[0]))
        score_K[known_K] = vector[:, 0] / np.abs(vector[:, 0]).max()
    bins = arrays.meta.bins(chrom)
    return np.repeat(score_K * _orientation(score_K, arrays, sample, chrom, factor), factor)[:bins]


def _coarse_log_ratio(ratio_ID: Array, factor: int) -> coo_array:
    """Return the symmetric map (K, K) of log mean observed over expected; the diagonal and unknown pixels are 0."""
    bins, reach = ratio_ID.shape
    coarse_bins = -(-bins // factor)
    rows, cols = np.arange(bins)[:, None] // factor, (np.arange(bins)[:, None] + np.arange(reach)) // factor
    known = np.isfinite(ratio_ID) & (cols > rows) & (cols < coarse_bins)
    places = (np.broadcast_to(rows, known.shape)[known], cols[known])
    total = coo_array((ratio_ID[known].astype(float), places), shape=(coarse_bins, coarse_bins)).tocsr()
    count = coo_array((np.ones(known.sum()), places), shape=(coarse_bins, coarse_bins)).tocsr()
    total.data = np.log((total.data + 1) / (count.data + 1))  # one pseudo-pixel at the expectation
    return (total + total.T).tocsr()


def _orientation(score_K: Array, arrays: TileArrays, sample: str, chrom: str, factor: int) -> float:
    """Return 1 or -1, so that the score rises with the mean of the tracks."""
    signal = np.nan_to_num(np.asarray(arrays.tracks(sample, chrom), float)).mean(axis=1)
    width = factor * arrays.meta.bin_tracks
    signal_K = np.add.reduceat(signal, np.arange(0, len(signal), width))[: len(score_K)]
    known = np.isfinite(score_K)
    if known.sum() < 3 or np.ptp(signal_K[known]) == 0:
        return 1.0
    return 1.0 if np.corrcoef(score_K[known], signal_K[known])[0, 1] >= 0 else -1.0


def tile_compartments(arrays: TileArrays, tiles: pd.DataFrame) -> Array:
    """Return the mean compartment score of both anchors of each tile (n,)."""
    score_n = np.full(len(tiles), np.nan)
    for (sample, chrom), at in tiles.groupby(["sample", "chrom"]).indices.items():
        profile_I = compartment_profile(arrays, sample, chrom)
        own = tiles.iloc[at]
        score_n[at] = (profile_I[own["bin1"].to_numpy()] + profile_I[own["bin2"].to_numpy()]) / 2
    return score_n


def holds_loop(tiles: pd.DataFrame, loops: pd.DataFrame, half_bins: int) -> NDArray[np.bool_]:
    """Return whether each tile (n,) holds a loop of its sample and chromosome, on either side of the diagonal."""
    held = np.zeros(len(tiles), bool)
    by_place = dict(tuple(loops.groupby(["sample", "chrom"])))
    for place, at in tiles.groupby(["sample", "chrom"]).indices.items():
        if place in by_place:
            pixels = by_place[place][["bin1", "bin2"]].to_numpy(float) + 0.5  # a tile spans [bin - half, bin + half)
            tree = cKDTree(np.concatenate([pixels, pixels[:, ::-1]]))
            near = tree.query_ball_point(tiles[["bin1", "bin2"]].to_numpy(float)[at], half_bins, p=np.inf, return_length=True)
            held[at] = near > 0
    return held
