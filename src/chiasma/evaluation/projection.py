"""What embeddings hold: their places in a plane, beside compartments and loops.

Axes: n tiles, E embedding channels, I bins, D distance in bins, K coarse bins.
"""

from __future__ import annotations

import re
import warnings
from types import ModuleType

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from sklearn.decomposition import PCA

from chiasma.evaluation.coarse_pixels import coarse_log_ratio, row_correlation
from chiasma.tiles.arrays import TileArrays

Array = NDArray[np.float64]
CHANNEL = re.compile(r"(?P<name>.+)_(?P<channel>\d+)")
COARSE_BINS = 10  # bins of a coarse bin of the compartment profile, enough to average over,
COARSE_BP = 50_000  # and its largest width, where bins themselves are wide
NEIGHBOURS = 15  # of a tile that UMAP holds together
MIN_DISTANCE = 0.3  # least distance of two tiles in the plane
EPOCHS = 300  # of its layout
NEAR = 3  # coarse bins next to the diagonal that are left out: loops and domains, not compartments


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
    """Project several sets of vectors of one width together: name, row, pc1, pc2.

    Each vector is brought to length 1 and each set is centred: contrast leaves a constant gap between modalities, which
    says nothing about whether they agree.
    """
    unit = {name: own / np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-12) for name, own in vectors.items()}
    places_n2, _ = principal_components(np.concatenate([own - own.mean(axis=0) for own in unit.values()]))
    names = np.repeat(list(unit), [len(own) for own in unit.values()])
    rows = np.concatenate([np.arange(len(own)) for own in unit.values()])
    return pd.DataFrame({"name": names, "row": rows, "pc1": places_n2[:, 0], "pc2": places_n2[:, 1]})


def side_by_side(vectors: dict[str, Array]) -> Array:
    """Return all vectors of a tile in one row (n, sum of E), each set centred and scaled to a total variance of 1."""
    scaled = [(own - own.mean(axis=0)) / max(float(np.sqrt(own.var(axis=0).sum())), 1e-12) for own in vectors.values()]
    return np.concatenate(scaled, axis=1)


def manifold_places(vectors: dict[str, Array], seed: int) -> Array:
    """Place tiles in a plane so that neighbours stay neighbours (n, 2): UMAP of `side_by_side`, cosine distance.

    The sets are centred, as what all tiles share would else fill the cosine. The layout starts from the first principal
    components, so that large groups keep their places (Kobak and Linderman 2021, doi:10.1038/s41587-020-00809-z).

    Parameters
    ----------
    vectors : name -> (n, E), n at least 3
    seed : of the layout; the same seed gives the same places
    """
    joined_nE = side_by_side(vectors).astype(np.float32)
    model = _import_umap().UMAP(
        n_neighbors=min(NEIGHBOURS, len(joined_nE) - 1),
        min_dist=MIN_DISTANCE,
        n_epochs=EPOCHS,
        metric="cosine",
        init="pca",
        random_state=seed,
        n_jobs=1,
    )
    return model.fit_transform(joined_nE).astype(float)


def _import_umap() -> ModuleType:
    """Import umap, which takes seconds and tells of a part of it that is not used here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Tensorflow not installed", category=ImportWarning)
        import umap
    return umap


def compartment_profile(arrays: TileArrays, sample: str, chrom: str, factor: int | None = None) -> Array:
    """Return a compartment score for each bin (I,), from -1 to 1; nan where contacts with too few coarse bins are known, or no tracks.

    The correlation, over the coarse bins that a bin's band reaches, of log observed over expected with the activity of the
    bin contacted: positive where a bin prefers active chromatin (A), negative where it shuns it (B). The stored band reaches
    a few Mb, too little for eigenvectors of whole chromosomes, and enough for a colour; it is no compartment call.

    Parameters
    ----------
    factor : bins of a coarse bin; `coarse_factor` of the resolution when None
    """
    if not arrays.meta.tracks:  # nothing says which side is active
        return np.full(arrays.meta.bins(chrom), np.nan)
    factor, ratio_ID = factor or coarse_factor(arrays.meta.resolution_bp), arrays.oe_band(sample, chrom)
    grid = {"factor": factor, "coarse_bins": -(-len(ratio_ID) // factor), "near": NEAR, "pseudo": 1.0}
    coarse = coarse_log_ratio(ratio_ID, 1.0, np.isfinite(ratio_ID), **grid)
    activity_K = _activity(np.asarray(arrays.tracks(sample, chrom), float), factor * arrays.meta.bin_tracks)
    centred_1K = (activity_K - activity_K.mean())[None]
    score_K = row_correlation(coarse, (np.ones_like(centred_1K), centred_1K))[:, 0]
    return np.repeat(score_K, factor)[: arrays.meta.bins(chrom)]


def coarse_factor(resolution_bp: int) -> int:
    """Return how many bins a coarse bin holds: `COARSE_BINS`, fewer where they are wider than `COARSE_BP`, at least 1.

    A coarse bin of fixed width would hold most of the band of a small genome, which is stored in small bins, up to short
    distances: 50 kb are half of the band of yeast.
    """
    return max(1, min(COARSE_BINS, COARSE_BP // resolution_bp))


def _activity(tracks_TC: Array, width: int) -> Array:
    """Return the log mean signal of each coarse bin (K,), the tracks brought to the same mean."""
    signal_TC = np.nan_to_num(tracks_TC)
    signal = (signal_TC / np.maximum(signal_TC.mean(axis=0), 1e-12)).mean(axis=1)
    starts = np.arange(0, len(signal), width)
    return np.log1p(np.add.reduceat(signal, starts) / np.diff(np.append(starts, len(signal))))


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
            near = tree.query_ball_point(
                tiles[["bin1", "bin2"]].to_numpy(float)[at], half_bins, p=np.inf, return_length=True
            )
            held[at] = near > 0
    return held
