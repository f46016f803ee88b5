"""Stitched windows are the map they were cut from, whole to its edges, and read nothing that is hidden."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted_maps import BINS, CHROMS, CONFIG, TILE, chromosome_arrays, write

from chiasma.contracts import Inputs, load_family, load_task
from chiasma.core.errors import ConfigError, InputError
from chiasma.schema.rooms import room_names
from chiasma.tasks.contact_map import decode
from chiasma.tasks.contact_map.decay import train_decay
from chiasma.tiles import stitching
from chiasma.tiles.dataset import TileDataset
from chiasma.tiles.stitching import Cover, centres
from chiasma.training.batches import Encoding

WIDTH = CONFIG.max_distance_bins + 1
TEST, VALID = (0, 90), (110, BINS)  # bins of chr2


def constant(value: float):
    return lambda windows: np.full((len(windows), TILE, TILE), value, np.float32)


def perfect(arrays, decay_D: np.ndarray):
    """Score windows with their true ratio to ``decay_D``, nan where a bin is masked."""

    def score(windows: pd.DataFrame) -> np.ndarray:
        cut = TileDataset(windows, arrays).__getitems__(range(len(windows)))
        at = np.arange(TILE)
        distance = np.abs(cut["distance_bins"][:, None, None] + at - at[:, None])
        r_nNN = np.log((cut["contacts"].astype(float) + 1) / (decay_D[distance] + 1))
        return np.where(cut["valid"], r_nNN, np.nan)

    return score


def within(region: tuple[int, int]) -> np.ndarray:
    """Return whether each pixel of the band has both bins in a region."""
    first = np.arange(BINS)[:, None]
    return (first >= region[0]) & (first + np.arange(WIDTH) < region[1])


def test_perfect_windows_give_back_the_observed_map(inputs, splits):
    """Every pixel of valid and test, the chromosome's last, cut-short bin included; nothing between the regions."""
    arrays = inputs.arrays
    bands = decode.predict(CONFIG, inputs, perfect(arrays, train_decay(arrays, splits, "a")))["mcool"]
    assert set(bands) == {"chr2"}
    predicted = (within(TEST) | within(VALID)) & arrays.valid_band("a", "chr2")[:, :WIDTH]
    assert np.array_equal(np.isfinite(bands["chr2"]), predicted)
    observed = np.asarray(arrays.contacts("a", "chr2")[:, :WIDTH], float)
    assert bands["chr2"].dtype == np.float32
    assert np.allclose(bands["chr2"][predicted], observed[predicted], rtol=1e-5, atol=1e-4)


def test_a_constant_is_constant_to_the_edges(inputs, splits):
    band = decode.predict(CONFIG, inputs, constant(0.7))["mcool"]["chr2"]
    decay_D = train_decay(inputs.arrays, splits, "a")[:WIDTH]
    inside = within(TEST) | within(VALID)
    assert np.array_equal(np.isfinite(band), inside)
    ratio = (band + 1) / (decay_D + 1)
    assert ratio[inside] == pytest.approx(np.exp(np.float32(0.7)), rel=1e-6)


@pytest.mark.parametrize("stride", [1, 3, 7, 8])
@pytest.mark.parametrize("length", [TILE, TILE + 1, 61])
@pytest.mark.parametrize("farthest", [0, 5, 30])
def test_any_stride_covers_every_pixel_once_weighed(stride, length, farthest):
    at = centres(10, 10 + length, TILE // 2, stride)
    pairs = stitching.near_pairs(at, farthest)
    windows = pd.DataFrame({"bin1": pairs[:, 0], "bin2": pairs[:, 1]})
    assert ((pairs[:, 1] - pairs[:, 0] >= 0) & (pairs[:, 1] - pairs[:, 0] <= farthest)).all()
    assert (pairs >= 10 + TILE // 2).all() and (pairs + TILE // 2 <= 10 + length).all()
    band = stitching.stitch_map(windows, constant(3.0), (100, farthest + 1), TILE)
    first = np.arange(100)[:, None]
    inside = (first >= 10) & (first + np.arange(farthest + 1) < 10 + length)
    assert np.array_equal(np.isfinite(band), inside)
    assert band[inside] == pytest.approx(3.0, rel=1e-12)


def test_near_pairs_by_hand():
    found = stitching.near_pairs(np.array([8, 12, 20]), 8)
    assert found.tolist() == [[8, 8], [8, 12], [12, 12], [12, 20], [20, 20]]


def test_a_pixel_and_its_mirror_image_are_one():
    """A window on the diagonal that says +1 above it and -1 below: the map says 0, whatever the place."""
    at = centres(0, 60, TILE // 2, 4)
    windows = pd.DataFrame({"bin1": at, "bin2": at})
    sign_NN = np.sign(np.arange(TILE) - np.arange(TILE)[:, None])
    band = stitching.stitch_map(windows, lambda frame: np.repeat(sign_NN[None], len(frame), axis=0), (60, 10), TILE)
    assert np.nanmax(np.abs(band)) < 1e-12


def test_the_middle_of_a_window_counts_more_than_its_border():
    """Bin 11: the third from the border of the first window, the middle of the second."""
    values = {8: 0.0, 12: 1.0}
    windows = pd.DataFrame({"bin1": list(values), "bin2": list(values)})

    def score(frame: pd.DataFrame) -> np.ndarray:
        return np.stack([np.full((TILE, TILE), values[at]) for at in frame["bin1"]])

    band = stitching.stitch_map(windows, score, (30, 1), TILE)
    assert band[11, 0] == pytest.approx(8**2 / (5**2 + 8**2))
    assert (np.diff(band[4:16, 0]) > 0).all()


def test_the_pieces_do_not_show(inputs, splits, monkeypatch):
    score = perfect(inputs.arrays, train_decay(inputs.arrays, splits, "a"))
    whole = decode.predict(CONFIG, inputs, score)["mcool"]["chr2"]
    monkeypatch.setattr(stitching, "PIECE_PIXELS", 7 * TILE**2)
    assert np.array_equal(whole, decode.predict(CONFIG, inputs, score)["mcool"]["chr2"], equal_nan=True)


def test_all_regions_are_whole_chromosomes(inputs):
    bands = decode.predict(replace(CONFIG, regions="all"), inputs, constant(0.0))["mcool"]
    assert list(bands) == list(CHROMS)
    for band in bands.values():
        assert np.array_equal(np.isfinite(band), within((0, BINS)))


def test_windows_without_tracks_are_not_predicted(tmp_path, inputs, splits):
    made = chromosome_arrays()
    made["a", "chr2"]["tracks"][45 * 5, 1] = np.nan
    holed = replace(inputs, arrays=write(tmp_path, made))
    windows = stitching.map_windows(holed.arrays, splits, ("a", "chr2"), Cover("valid_test", 8, 30))
    for name in ("bin1", "bin2"):
        assert not ((windows[name] > 45 - TILE // 2) & (windows[name] <= 45 + TILE // 2)).any()
    band = decode.predict(CONFIG, holed, constant(0.0))["mcool"]["chr2"]
    assert np.isnan(band[45]).all()
    assert np.isfinite(band[60, 0])


def test_no_input_shows_the_hidden_contacts(tmp_path, arrays, examples):
    """Other contacts, other masks: the model's input is the same, the target is not."""
    made = chromosome_arrays()
    for place, own in made.items():
        made[place] = own | {"contacts": 2 * own["contacts"] + 5, "valid": ~own["valid"] | (np.arange(BINS) % 3 > 0)}
    other, rows = write(tmp_path, made), examples[examples["kept"]].head(12)
    families = [load_family(name) for name in room_names("families")]
    family = next(family for family in families if "tracks" in family.reads(family.config()))
    task = load_task("contact_map")
    encoding = Encoding(family, family.config(), task, task.config())
    first, second = (encoding(TileDataset(rows, which).__getitems__(range(12)), None) for which in (arrays, other))
    inputs = set(first) - {"target"}
    assert {"tracks", "distance_bins"} <= inputs
    assert "contacts" not in inputs
    for name in inputs:
        assert np.array_equal(first[name], second[name]), name
    assert not np.array_equal(first["target"], second["target"], equal_nan=True)


def test_a_map_reads_no_contacts_outside_training_regions(tmp_path, inputs, splits, examples):
    made = chromosome_arrays()
    made["a", "chr2"] |= {"contacts": 0 * made["a", "chr2"]["contacts"] + 3, "valid": np.ones(BINS, bool)}
    other = Inputs(write(tmp_path, made), splits, examples, "a")
    bands = [decode.predict(CONFIG, which, constant(0.2))["mcool"]["chr2"] for which in (inputs, other)]
    assert np.array_equal(*bands, equal_nan=True)


def test_windows_too_far_apart_are_refused(inputs):
    with pytest.raises(ConfigError, match="predict_stride_bins is 9, a window 16 bins; take at most 8"):
        decode.predict(replace(CONFIG, predict_stride_bins=9), inputs, constant(0.0))


def test_regions_without_room_for_a_window_are_told(inputs, splits):
    small = splits[splits["split"] == "train"]
    small = pd.concat([small, pd.DataFrame([{"chrom": "chr2", "start": 0, "end": 50_000, "split": "test"}])])
    with pytest.raises(InputError, match="no window of 16 bins with all tracks fits"):
        decode.predict(CONFIG, replace(inputs, splits=small), constant(0.0))
