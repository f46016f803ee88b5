"""The tiles of regions that a user names: of a pair of loci, or of one locus on the diagonal.

Axes: I bins of a chromosome, n regions.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from chiasma.core.errors import InputError
from chiasma.core.log import log
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.index import leaves_chromosome, window_has_tracks, window_splits, with_spans
from chiasma.tiles.splits import NONE, region_of

REASONS = ("trans", "unknown_chromosome", "leaves_chromosome", "beyond_band", "masked_centre", "masked_track")


def place_regions(
    arrays: TileArrays, sample: str, regions: pd.DataFrame, splits: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the tile of each region, centred on the bins of its anchors' middles, with what speaks against it.

    Parameters
    ----------
    arrays : the tileset's arrays
    sample : biosample
    regions : chrom1, start1, end1, chrom2, start2, end2 in bp; both anchors the same for a tile on the diagonal
    splits : SPLITS table; without it every split is "none"

    Returns
    -------
    frame with region (row of ``regions``, from 0), sample, chrom, bin1, bin2, start1, end1, start2, end2, split, kept and
    reason (the first of `REASONS` that holds): every region stays a row

    Raises
    ------
    InputError
        When the arrays lack the sample.
    """
    meta = arrays.meta
    arrays.check_sample(sample)
    sides = [(regions[f"start{side}"] + regions[f"end{side}"]).to_numpy() // 2 for side in ("1", "2")]
    bins_n2 = np.sort(np.stack(sides, axis=1) // meta.resolution_bp, axis=1)
    columns = {"region": np.arange(len(regions)), "sample": sample, "chrom": regions["chrom1"].to_numpy()}
    frame = with_spans(pd.DataFrame(columns | {"bin1": bins_n2[:, 0], "bin2": bins_n2[:, 1]}), meta)
    length_n = frame["chrom"].map(meta.chromosomes).to_numpy(float)  # nan where unknown
    dropped = {name: np.zeros(len(frame), bool) for name in REASONS}
    dropped["trans"] = (regions["chrom1"] != regions["chrom2"]).to_numpy()
    dropped["unknown_chromosome"] = np.isnan(length_n)
    dropped["leaves_chromosome"] = leaves_chromosome(frame, meta)
    dropped["beyond_band"] = (frame["bin2"] - frame["bin1"] > meta.max_distance_bins).to_numpy()
    placed_n = ~np.any(list(dropped.values()), axis=0)
    dropped["masked_centre"][placed_n], dropped["masked_track"][placed_n] = _masked(arrays, frame[placed_n])
    frame["split"] = NONE
    if splits is not None:
        frame.loc[placed_n, "split"] = _splits(arrays, splits, frame[placed_n])
    frame["reason"] = np.select(list(dropped.values()), REASONS, default="")
    return frame.assign(kept=frame["reason"] == "")


def _masked(arrays: TileArrays, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return whether an anchor's bin has no weight (n,), and whether a strip lacks a track somewhere (n,)."""
    centre_n, track_n = np.zeros(len(frame), bool), np.zeros(len(frame), bool)
    for (sample, chrom), at in frame.groupby(["sample", "chrom"]).indices.items():
        x_n, y_n = (frame[name].to_numpy()[at] for name in ("bin1", "bin2"))
        valid_I = arrays.valid(sample, chrom)
        whole1_I, whole2_I = (window_has_tracks(arrays, sample, chrom, side) for side in (0, 1))
        centre_n[at], track_n[at] = ~(valid_I[x_n] & valid_I[y_n]), ~(whole1_I[x_n] & whole2_I[y_n])
    return centre_n, track_n


def _splits(arrays: TileArrays, splits: pd.DataFrame, frame: pd.DataFrame) -> np.ndarray:
    """Return the split that holds both windows of each tile wholly (n,), "none" for no single one."""
    split_n = np.full(len(frame), NONE, object)
    for chrom, at in frame.groupby("chrom").indices.items():
        row_I, col_I = (window_splits(arrays, splits, chrom, side) for side in (0, 1))
        x_n, y_n = (frame[name].to_numpy()[at] for name in ("bin1", "bin2"))
        split_n[at] = np.where(row_I[x_n] == col_I[y_n], row_I[x_n], NONE)
    return split_n


def report_regions(placed: pd.DataFrame, where: str) -> None:
    """Log how many regions have a tile, and how many are dropped per reason; InputError when none has one."""
    dropped = placed[~placed["kept"]].groupby("reason").size().to_dict()
    if not placed["kept"].any():
        first = placed["chrom"].iloc[0] if len(placed) else "none"
        raise InputError(
            f"{where}: none of the {len(placed)} regions has a tile in this tileset: {dropped}; its first chromosome is "
            f"'{first}'. See that names and assembly are the study's, and that pairs lie within the tileset's largest distance"
        )
    log.info(
        "%s: %d of %d regions have a tile; dropped %s", where, placed["kept"].sum(), len(placed), dropped or "none"
    )


def training_bins(arrays: TileArrays, splits: pd.DataFrame, chrom: str) -> np.ndarray:
    """Return whether each bin (I,) lies wholly in a training region."""
    start_I = np.arange(arrays.meta.bins(chrom)) * arrays.meta.resolution_bp
    end_I = np.minimum(start_I + arrays.meta.resolution_bp, arrays.meta.chromosomes[chrom])
    return region_of(splits, chrom, start_I, end_I) == "train"
