"""One region looked at closely: which, its pixels, its tracks, and whose calls to show."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chiasma.tiles.arrays import TileArrays

TRACK_POINTS = 1500  # points of a track across a region
READABLE = 40  # loops beyond which a region is too crowded to read


def telling_region(
    loops: pd.DataFrame, splits: pd.DataFrame, region_bp: int, resolution_bp: int
) -> tuple[str, int, int]:
    """Return (chromosome, start, end), in bp, of the stretch of a test region that holds most loops, but not too many to read.

    A stretch with more than `READABLE` loops ranks by how little it exceeds them; the first of equals is taken.

    Parameters
    ----------
    loops : columns chrom, bin1, bin2
    splits : SPLITS table; ValueError when no region is test
    region_bp : length of the stretch; shorter where the test region is
    """
    best: tuple[float, tuple[str, int, int]] | None = None
    for chrom, start, end in splits.loc[splits["split"] == "test", ["chrom", "start", "end"]].itertuples(index=False):
        own = loops[loops["chrom"] == chrom]
        first, second = own["bin1"].to_numpy() * resolution_bp, (own["bin2"].to_numpy() + 1) * resolution_bp
        for left in range(start, max(start, end - region_bp) + 1, max(region_bp // 10, 1)):
            right = min(left + region_bp, end)
            held = int(((first >= left) & (second <= right)).sum())
            worth = held if held <= READABLE else READABLE - held / READABLE
            if best is None or worth > best[0]:
                best = worth, (chrom, left, right)
    if best is None:
        raise ValueError("no region of the splits is test")
    return best[1]


def region_pixels(arrays: TileArrays, sample: str, region: tuple[str, int, int]) -> pd.DataFrame:
    """Return the pixels of the band with both bins in ``region``: bin1, bin2, contacts (count-like; nan where masked)."""
    chrom, start, end = region
    resolution = arrays.meta.resolution_bp
    first, last = start // resolution, min(-(-end // resolution), arrays.meta.bins(chrom))
    bin1, bin2 = np.triu_indices(last - first)
    near = bin2 - bin1 < arrays.meta.band_bins
    bin1, bin2 = bin1[near] + first, bin2[near] + first
    contacts = arrays.contacts(sample, chrom)[bin1, bin2 - bin1].astype(float)
    valid = arrays.valid(sample, chrom)
    return pd.DataFrame({"bin1": bin1, "bin2": bin2, "contacts": np.where(valid[bin1] & valid[bin2], contacts, np.nan)})


def departure(pixels: pd.DataFrame, pseudo_contacts: float = 1.0) -> pd.DataFrame:
    """Return pixels (bin1, bin2, contacts) with ``log2_oe``: contacts over the mean at their distance among these pixels.

    ``pseudo_contacts`` are added to both.
    """
    expected = pixels.groupby(pixels["bin2"] - pixels["bin1"])["contacts"].transform("mean")
    return pixels.assign(log2_oe=np.log2((pixels["contacts"] + pseudo_contacts) / (expected + pseudo_contacts)))


def region_tracks(arrays: TileArrays, sample: str, region: tuple[str, int, int]) -> pd.DataFrame:
    """Return the largest signal of each track in up to `TRACK_POINTS` even stretches of ``region``: track, start, end, value."""
    chrom, start, end = region
    step_bp = arrays.meta.track_bp
    values_TC = np.asarray(arrays.tracks(sample, chrom)[start // step_bp : end // step_bp], float)
    width = max(1, -(-len(values_TC) // TRACK_POINTS))
    starts = np.arange(0, len(values_TC), width)
    highest = np.maximum.reduceat(values_TC, starts, axis=0) if len(values_TC) else values_TC
    places = {"start": start + starts * step_bp, "end": np.minimum(start + (starts + width) * step_bp, end)}
    none = pd.DataFrame({"start": [], "end": [], "track": [], "value": []})
    return pd.concat(
        [
            pd.DataFrame(places).assign(track=name, value=highest[:, channel])
            for channel, name in enumerate(arrays.meta.tracks)
        ]
        or [none],
        ignore_index=True,
    )


def best_model(scores: pd.DataFrame, metrics: list[str], models: list[str]) -> str | None:
    """Return the model of ``models`` with the largest mean over seeds and samples of the first metric that any has; None for none."""
    rows = scores[(scores["seed"] == "all") & scores["model"].isin(models)].dropna(subset=["value"])
    for metric in metrics:
        means = rows[rows["metric"] == metric].groupby("model", sort=False)["value"].mean()
        if len(means):
            return str(means.idxmax())
    return None


def structured_region(
    arrays: TileArrays, sample: str, splits: pd.DataFrame, region_bp: int, reach: int = 60
) -> tuple[str, int, int]:
    """Return (chromosome, start, end), in bp, of the stretch of a test region whose contacts depart most from their decay.

    The departure is the mean square of log observed over expected (a contact added to both) up to ``reach`` bins off the
    diagonal, over valid pixels; a stretch with more masked bins has less. ValueError when no region is test.
    """
    resolution, best = arrays.meta.resolution_bp, None
    for chrom, start, end in splits.loc[splits["split"] == "test", ["chrom", "start", "end"]].itertuples(index=False):
        near_ID = np.asarray(arrays.contacts(sample, chrom)[:, 1:reach], np.float32)
        expected_D = arrays.expected(sample, chrom)[1:reach]
        valid_ID = arrays.valid_band(sample, chrom)[:, 1:reach]
        departure_I = (np.where(valid_ID, np.log((near_ID + 1) / (expected_D + 1)), 0) ** 2).mean(axis=1)
        total_I = np.append(0, np.cumsum(departure_I))
        for left in range(start, max(start, end - region_bp) + 1, max(region_bp // 10, 1)):
            right = min(left + region_bp, end)
            worth = total_I[min(right // resolution, len(departure_I))] - total_I[left // resolution]
            if best is None or worth > best[0]:
                best = worth, (chrom, left, right)
    if best is None:
        raise ValueError("no region of the splits is test")
    return best[1]
