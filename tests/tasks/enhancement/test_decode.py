"""Stitched windows are whole maps at the deep map's depth, with the weights that turn them into raw counts."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import cooler
import numpy as np
import pytest
from planted_depths import BINS, CONFIG, FARTHEST, RESOLUTION, THINNED, TILE, chromosome_arrays, write

from chiasma.contracts import Inputs
from chiasma.core.errors import ConfigError, InputError
from chiasma.io.predicted_maps import read_band
from chiasma.io.predictions import write_prediction
from chiasma.tasks.enhancement import baselines, decode
from chiasma.tasks.enhancement.config import Raw
from chiasma.tiles import stitching
from chiasma.tiles.arrays import ArraysMeta, write_arrays

WIDTH = CONFIG.max_distance_bins + 1


def enhanced(inputs, config=CONFIG):
    return decode.predict(config, inputs, baselines.build_raw(config, Raw(), inputs))["mcool"]


def test_the_input_comes_back_whole_at_the_deep_maps_depth(inputs, arrays):
    found = enhanced(inputs)
    assert set(found) == {"chr2", "chr3"}, "valid and test"
    band_ID, weights_I = found["chr3"]
    assert band_ID.dtype == np.float32 and band_ID.shape == (BINS, WIDTH)
    known_ID = arrays.valid_band("shallow", "chr3")[:, :WIDTH]
    observed_ID = np.asarray(arrays.contacts("shallow", "chr3"), float)[:, :WIDTH]
    assert band_ID[known_ID] == pytest.approx(THINNED * observed_ID[known_ID], rel=1e-4, abs=1e-3)
    assert np.array_equal(np.isnan(weights_I), ~arrays.valid("shallow", "chr3"))


def test_a_map_without_a_deeper_one_is_enhanced_all_the_same(inputs):
    alone = enhanced(replace(inputs, sample="alone"), replace(CONFIG, depth=float(THINNED)))
    assert np.array_equal(alone["chr3"][0], enhanced(inputs)["chr3"][0], equal_nan=True)


def test_what_is_written_is_raw_counts_beside_weights_and_reads_back_balanced(tmp_path, inputs, arrays):
    band_ID, weights_I = enhanced(inputs)["chr3"]
    write_prediction(
        {"mcool": {"chr3": (band_ID, weights_I)}}, tmp_path, "shallow", (arrays.meta.chromosomes, RESOLUTION)
    )
    path = tmp_path / "shallow.mcool"
    again_ID = read_band(path, "chr3", RESOLUTION, FARTHEST)
    known = np.isfinite(again_ID[:, :WIDTH])
    assert known.sum() == arrays.valid_band("shallow", "chr3")[:, :WIDTH].sum(), "what the input masks has no weight"
    assert again_ID[:, :WIDTH][known] == pytest.approx(band_ID[known], rel=1e-5)
    opened = cooler.Cooler(f"{path}::resolutions/{RESOLUTION}")
    raw = opened.matrix(balance=False).fetch("chr3")
    assert raw[5, 9] == pytest.approx(band_ID[5, 4] / (weights_I[5] * weights_I[9]), rel=1e-5)
    balanced = opened.matrix(balance=True).fetch("chr3")
    assert balanced[5, 9] == pytest.approx(band_ID[5, 4], rel=1e-5)
    coarse = cooler.Cooler(f"{path}::resolutions/{2 * RESOLUTION}")
    assert np.isfinite(coarse.bins()["weight"].fetch("chr3")[:]).sum() > BINS // 4, "coarser maps are balanced too"


def test_the_deep_map_of_what_is_predicted_is_not_looked_at(tmp_path, inputs):
    made = chromosome_arrays()
    made["deep", "chr3"] = made["deep", "chr3"] | {"contacts": made["deep", "chr3"]["contacts"][::-1] + 7}
    other = replace(inputs, arrays=write(tmp_path, made))
    assert np.array_equal(enhanced(other)["chr3"][0], enhanced(inputs)["chr3"][0], equal_nan=True)


def test_wrong_requests_say_what_is_there(inputs):
    with pytest.raises(InputError, match="did you mean 'shallow'"):
        enhanced(replace(inputs, sample="shalow"))
    with pytest.raises(ConfigError, match="take at most 8"):
        enhanced(inputs, replace(CONFIG, predict_stride_bins=9))
    with pytest.raises(InputError, match="max_distance_bins 41"):
        enhanced(inputs, replace(CONFIG, max_distance_bins=41))


def enhancing_peak(folder, splits, bins: int) -> int:
    """Return the bytes held at most while a chromosome of so many bins is enhanced."""
    meta = ArraysMeta(
        RESOLUTION, RESOLUTION, TILE, FARTHEST, (), ("alone",), {"chr1": bins * RESOLUTION}, {"alone": 1.0}
    )
    band_ID = np.random.default_rng(0).poisson(4.0, (bins, FARTHEST + TILE)).astype(np.float32)
    own = {"contacts": band_ID, "valid": np.ones(bins, bool), "weights": np.ones(bins), "tracks": np.zeros((bins, 0))}
    arrays = write_arrays(folder / str(bins) / "arrays", meta, {("alone", "chr1"): own})
    inputs = Inputs(arrays, splits, None, "alone")
    tracemalloc.start()
    try:
        enhanced(inputs, replace(CONFIG, regions="all", predict_stride_bins=4))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_longer_chromosome_takes_more_memory_for_its_band_alone(tmp_path, splits, monkeypatch):
    """A few numbers of 8 bytes for each pixel of the band; the windows, of 16 pixels for each, are held in pieces."""
    monkeypatch.setattr(stitching, "PIECE_PIXELS", 64 * TILE**2)
    short, long = (enhancing_peak(tmp_path, splits, bins) for bins in (500, 2000))
    assert long - short < 5 * 8 * 1500 * WIDTH
