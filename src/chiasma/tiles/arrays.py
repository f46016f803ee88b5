"""The arrays of a tileset: stored once per sample and chromosome, opened as memory maps, cut into windows on demand.

Axes: I bins of a chromosome, D distance in bins, N bins of a tile, L track bins of a tile, P of a contact bin, C tracks, n windows.
A tile (x, y) has rows [x - h, x + h) and columns [y - h, y + h) with h = N / 2; its centre pixel [h, h] is (x, y).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from chiasma.assays.contacts import expected_by_distance, observed_over_expected
from chiasma.core.atomic import write_json, writing_folder
from chiasma.core.errors import InputError, unknown
from chiasma.tiles.cutting import check_centres, cut_band, cut_expected, cut_strips, cut_valid
from chiasma.tiles.half import as_float16, as_float32
from chiasma.tiles.meta import ArraysMeta as ArraysMeta  # what arrays hold stands beside them for those that read both
from chiasma.tiles.trans import FAR, TransMap, cut_trans, open_trans

KINDS = ("contacts", "valid", "weights", "expected", "tracks", "targets")
META = "meta.json"


def array_path(folder: Path, sample: str, chrom: str, kind: str) -> Path:
    """Return the file of one array; ``kind`` is one of `KINDS`."""
    return folder / sample / f"{chrom}.{kind}.npy"


class TileArrays:
    """The arrays of a tileset. Files are opened on first use in each process, never handed over by fork or pickle."""

    def __init__(self, folder: str | Path, meta: ArraysMeta) -> None:
        self.folder = Path(folder)
        self.meta = meta
        self._maps: dict[tuple[str, str, str], Any] = {}
        self._process = os.getpid()

    @classmethod
    def open(cls, folder: str | Path) -> TileArrays:
        """Open the folder ``arrays`` of a tileset; InputError when it is not one."""
        path = Path(folder) / META
        if not path.is_file():
            raise InputError(
                f"{path}: no such file; expected the arrays folder of a tileset, as `chiasma tile` writes it"
            )
        return cls(folder, ArraysMeta.from_json(json.loads(path.read_text(encoding="utf-8")), str(path)))

    def __getstate__(self) -> dict[str, Any]:
        return {"folder": self.folder, "meta": self.meta}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    def check_sample(self, sample: str) -> None:
        """Raise InputError, with the samples there are, when the arrays lack this one."""
        if sample not in self.meta.samples:
            raise InputError(unknown("sample", sample, self.meta.samples, str(self.folder)))

    def _load(self, sample: str, chrom: str, kind: str) -> np.ndarray:
        return self._once((sample, chrom, kind), self._map)

    def _once(self, key: tuple[str, str, str], opened: Callable[[str, str, str], Any]) -> Any:
        if self._process != os.getpid():
            self._maps, self._process = {}, os.getpid()
        if key not in self._maps:
            self._maps[key] = opened(*key)
        return self._maps[key]

    def _map(self, sample: str, chrom: str, kind: str) -> np.ndarray:
        self.check_sample(sample)
        expected = self._shapes(chrom)[kind]
        array = np.load(array_path(self.folder, sample, chrom, kind), mmap_mode="r", allow_pickle=False)
        if array.shape != expected:
            raise InputError(
                f"{self.folder}: {sample} {chrom} {kind} has shape {array.shape}, expected {expected}; tile again"
            )
        return np.asarray(array)  # a plain view of the map: indexing a memmap object costs microseconds each time

    def _shapes(self, chrom: str) -> dict[str, tuple[int, ...]]:
        bins, meta = self.meta.bins(chrom), self.meta
        return {
            "contacts": (bins, meta.band_bins),
            "valid": (bins,),
            "weights": (bins,),
            "expected": (meta.band_bins,),
            "tracks": (bins * meta.bin_tracks, len(meta.tracks)),
            "targets": (bins, len(meta.targets)),
        }

    def trans(self, sample: str, chroms: tuple[str, str]) -> TransMap:
        """Return the contacts between two chromosomes; InputError when the tileset has none of this pair, in this order."""
        bins = (self.meta.bins(chroms[0]), self.meta.bins(chroms[1]))
        return self._once((sample, *chroms), lambda *_: open_trans(self.folder, sample, chroms, bins))

    def contacts(self, sample: str, chrom: str) -> np.ndarray:
        """Return the band (I, D) float16: [i, d] = contacts of bins i and i + d, count-like; 0 where masked."""
        return self._load(sample, chrom, "contacts")

    def valid(self, sample: str, chrom: str) -> np.ndarray:
        """Return whether each bin has a weight (I,), bool."""
        return self._load(sample, chrom, "valid")

    def weights(self, sample: str, chrom: str) -> np.ndarray:
        """Return what a bin's raw contacts are multiplied by (I,) float64; nan where masked.

        The raw contacts of a pixel times the weights of both of its bins are the contacts of the band.
        """
        return self._load(sample, chrom, "weights")

    def expected(self, sample: str, chrom: str) -> np.ndarray:
        """Return the mean contacts of valid pairs per distance (D,) float32."""
        return self._load(sample, chrom, "expected")

    def tracks(self, sample: str, chrom: str) -> np.ndarray:
        """Return the tracks (I * bin_tracks, C) float16 in raw units; nan where missing, if the policy is mask."""
        return self._load(sample, chrom, "tracks")

    def track_means(self, sample: str, chrom: str) -> np.ndarray:
        """Return the mean of each track in each contact bin (I, C) float64, over the track bins that have a value.

        A bin without any value, or with a negative mean, is 0.
        """
        raw_IPC = self.tracks(sample, chrom).reshape(self.meta.bins(chrom), self.meta.bin_tracks, -1).astype(np.float64)
        known_IC = np.isfinite(raw_IPC).sum(axis=1)
        return np.maximum(np.nansum(raw_IPC, axis=1) / np.maximum(known_IC, 1), 0)

    def targets(self, sample: str, chrom: str) -> np.ndarray:
        """Return the mean of each target signal per contact bin (I, K) float32; nan where it was not measured."""
        return self._load(sample, chrom, "targets")

    def oe_band(self, sample: str, chrom: str) -> np.ndarray:
        """Return observed over expected of the band (I, D) float32; nan where a bin is masked or beyond the end."""
        expected_D = self.expected(sample, chrom)
        ratio_ID = observed_over_expected(self.contacts(sample, chrom), expected_D)
        ratio_ID[~(self.valid_band(sample, chrom) & (expected_D > 0))] = np.nan
        return ratio_ID

    def valid_band(self, sample: str, chrom: str) -> np.ndarray:
        """Return whether both bins of each pixel of the band are valid (I, D), bool."""
        return valid_pairs(self.valid(sample, chrom), self.meta.band_bins)

    def windows(
        self,
        sample: str,
        chrom: str,
        bin1: np.ndarray,
        bin2: np.ndarray,
        *,
        strips: bool = True,
        chrom2: str | None = None,
    ) -> dict[str, np.ndarray]:
        """Cut the tiles centred on the pairs (bin1, bin2).

        Parameters
        ----------
        bin1, bin2 : (n,) int
            Bins with 0 <= bin2 - bin1 <= max_distance_bins.
        strips : whether to cut the strips, of tracks and of targets, too
        chrom2 : chromosome of ``bin2``, which stands later among the tileset's; that of ``bin1`` when None

        Returns
        -------
        dict
            ``contacts`` (n, N, N) float32, ``expected`` (n, N, N) float32, ``valid`` (n, N, N) bool,
            ``distance_bins`` (n,) int64; and, each when there are any, ``tracks`` (n, 2L, C) float32: the strip of bin1, then
            of bin2, and ``targets`` (n, 2N, K) float32, the strips of the targets. Of a sample that has a deeper map also that
            map's ``deeper_contacts`` (n, N, N) float32 and ``deeper_valid`` (n, N, N) bool, and ``depth`` (n,) float32.
            A window of ``tile_cols`` columns has as many.
            Between chromosomes the distance is `chiasma.tiles.trans.FAR`, and expected the mean over all their valid pairs.
            Beyond the ends of a chromosome, which only windows of a padded tileset reach, nothing is valid, contacts and
            tracks are 0 and targets nan.

        Raises
        ------
        ValueError
            When a window leaves the chromosome or the stored band.
        """
        chroms, window = (chrom, chrom2 or chrom), self.meta.window
        x_n, y_n = np.atleast_1d(np.asarray(bin1, np.int64)), np.atleast_1d(np.asarray(bin2, np.int64))
        self._check_inside(chroms, x_n, y_n)
        if chroms[0] == chroms[1]:
            contacts = self._cut_contacts(self.contacts(sample, chrom), x_n, y_n)
            expected, distance_n = cut_expected(self.expected(sample, chrom), y_n - x_n, window), y_n - x_n
        else:
            trans = self.trans(sample, chroms)
            contacts, distance_n = cut_trans(trans, x_n, y_n, window), np.full(len(x_n), FAR)
            expected = np.full(contacts.shape, trans.expected, np.float32)
        sides = list(zip((sample, sample), chroms, (x_n, y_n), strict=True))
        windows = {
            "contacts": contacts,
            "expected": expected,
            "valid": self._cut_valid(sample, chroms, (x_n, y_n)),
            "distance_bins": distance_n,
        }
        if strips and self.meta.tracks:
            windows["tracks"] = as_float32(self._cut_strips("tracks", sides))
        if strips and self.meta.targets:
            windows["targets"] = self._cut_strips("targets", sides, np.nan)
        if (deep := self.meta.deeper.get(sample)) and chroms[0] == chroms[1]:
            windows["deeper_contacts"] = self._cut_contacts(self.contacts(deep, chrom), x_n, y_n)
            windows["deeper_valid"] = self._cut_valid(deep, chroms, (x_n, y_n))
            windows["depth"] = np.full(len(x_n), self.meta.depth[sample], np.float32)
        return windows

    def strips(self, sample: str, chrom: str, bins: np.ndarray) -> np.ndarray:
        """Return the tracks (n, L, C) float32 around single bins; ValueError when a window leaves the chromosome."""
        bins_n = np.atleast_1d(np.asarray(bins, np.int64))
        self._check_inside((chrom, chrom), bins_n, bins_n)
        return as_float32(self._cut_strips("tracks", [(sample, chrom, bins_n)]))

    def contact_windows(self, sample: str, chrom: str, bin1: np.ndarray, bin2: np.ndarray) -> np.ndarray:
        """Return only the contacts (n, N, N) float32 of `windows`."""
        x_n, y_n = np.atleast_1d(np.asarray(bin1, np.int64)), np.atleast_1d(np.asarray(bin2, np.int64))
        self._check_inside((chrom, chrom), x_n, y_n)
        return self._cut_contacts(self.contacts(sample, chrom), x_n, y_n)

    def _check_inside(self, chroms: tuple[str, str], x_n: np.ndarray, y_n: np.ndarray) -> None:
        centres = [self.meta.centres(chrom, side) for side, chrom in enumerate(chroms)]
        check_centres(chroms, (x_n, y_n), centres, self.meta.max_distance_bins)

    def _cut_contacts(self, band_ID: np.ndarray, x_n: np.ndarray, y_n: np.ndarray) -> np.ndarray:
        return cut_band(band_ID, x_n, y_n, self.meta.window)

    def _cut_valid(self, sample: str, chroms: tuple[str, str], bins: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        row_nN, col_nN = (
            cut_valid(self.valid(sample, chrom), bins_n, width)
            for chrom, bins_n, width in zip(chroms, bins, self.meta.window, strict=True)
        )
        return row_nN[:, :, None] & col_nN[:, None, :]

    def _cut_strips(self, kind: str, sides: Sequence[tuple[str, str, np.ndarray]], beyond: float = 0.0) -> np.ndarray:
        """Return the strips of both sides (n, S, C), each (sample, chromosome, bins), the rows' first."""
        per_bin = self.meta.bin_tracks if kind == "tracks" else 1
        parts = [(self._load(*place, kind), bins_n) for *place, bins_n in sides]
        return cut_strips(parts, self.meta.window, per_bin, beyond)


def valid_pairs(valid_I: np.ndarray, band_bins: int) -> np.ndarray:
    """Return whether bins i and i + d are both valid (I, D), bool; beyond the end nothing is."""
    padded_I = np.concatenate([valid_I, np.zeros(band_bins - 1, bool)])
    return sliding_window_view(padded_I, band_bins) & valid_I[:, None]


def write_chromosome(
    folder: Path,
    place: tuple[str, str],
    band_ID: np.ndarray,
    valid_I: np.ndarray,
    tracks_TC: np.ndarray,
    targets_IK: np.ndarray | None = None,
    weights_I: np.ndarray | None = None,
) -> None:
    """Write the arrays of one (sample, chromosome) into an arrays folder that is being made.

    Parameters
    ----------
    place : (sample, chromosome)
    band_ID : contacts of bins i and i + d, count-like; masked pixels are set to 0
    valid_I : bool, whether a bin has a weight
    tracks_TC : tracks at track_bp, padded to whole contact bins
    targets_IK : target signals per contact bin; None when the tileset has none
    weights_I : what raw contacts were multiplied by; None where they are what the band holds
    """
    sample, chrom = place
    valid_I = np.asarray(valid_I, bool)
    band_ID = as_float16(np.where(valid_pairs(valid_I, band_ID.shape[1]), band_ID, 0), f"{sample} {chrom} contacts")
    arrays = {
        "contacts": band_ID,
        "valid": valid_I,
        "weights": np.where(valid_I, 1.0 if weights_I is None else weights_I, np.nan),
        "expected": expected_by_distance(band_ID, valid_I).astype(np.float32),
        "tracks": as_float16(tracks_TC, f"{sample} {chrom} tracks"),
    }
    if targets_IK is not None:
        arrays["targets"] = np.asarray(targets_IK, np.float32)
    (folder / sample).mkdir(parents=True, exist_ok=True)
    for kind, array in arrays.items():
        np.save(array_path(folder, sample, chrom, kind), np.ascontiguousarray(array), allow_pickle=False)


def write_arrays(
    folder: str | Path, meta: ArraysMeta, chromosomes: Mapping[tuple[str, str], Mapping[str, np.ndarray]]
) -> TileArrays:
    """Write a whole arrays folder from arrays in memory, and open it.

    Parameters
    ----------
    chromosomes : (sample, chromosome) -> arrays
        ``contacts`` (I, D) the band, ``valid`` (I,) bool, ``tracks`` (I * bin_tracks, C), ``targets`` (I, K) if the
        tileset has any, ``weights`` (I,) if they are not 1; expected is computed.
    """
    with writing_folder(folder) as part:
        for place, arrays in chromosomes.items():
            beside = arrays.get("targets"), arrays.get("weights")
            write_chromosome(part, place, arrays["contacts"], arrays["valid"], arrays["tracks"], *beside)
        write_json(part / META, meta.to_json())
    return TileArrays.open(folder)


def band_of(dense_II: np.ndarray, band_bins: int) -> np.ndarray:
    """Return the band (I, D) of a small dense symmetric map (I, I); pixels beyond the end are 0."""
    bins = len(dense_II)
    rows_I1, cols_ID = np.arange(bins)[:, None], np.arange(bins)[:, None] + np.arange(band_bins)
    return np.where(cols_ID < bins, dense_II[rows_I1, np.minimum(cols_ID, bins - 1)], 0)
