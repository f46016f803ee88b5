"""Embeddings in two dimensions, compartments and loops of tiles."""

import numpy as np
import pandas as pd
import pytest

from chiasma.evaluation import projection
from chiasma.tiles.arrays import ArraysMeta, band_of, write_arrays

BINS = 120


def test_vectors_are_gathered_by_name_with_channels_in_order():
    frame = pd.DataFrame(
        {"sample": ["s"], "bin1": [3], **{f"map_shared_{place}": [place] for place in (10, 2, 1)}, "track_0": [7]}
    )
    found = projection.vectors_by_name(frame)
    assert list(found) == ["map_shared", "track"]
    assert found["map_shared"].tolist() == [[1, 2, 10]]


def test_the_first_component_is_the_direction_of_most_variance():
    rng = np.random.default_rng(1)
    hidden = rng.normal(size=200)
    vectors = np.outer(hidden, [3.0, 4.0, 0.0]) + 0.01 * rng.normal(size=(200, 3))
    places, variance = projection.principal_components(vectors)
    assert abs(np.corrcoef(places[:, 0], hidden)[0, 1]) > 0.999
    assert variance[0] > 0.99


def test_a_gap_between_modalities_and_their_length_are_no_difference():
    rng = np.random.default_rng(2)
    one = rng.normal(size=(50, 6))
    one /= np.linalg.norm(one, axis=1, keepdims=True)
    joint = projection.joint_components({"a_shared": one, "b_shared": 7 * one}).set_index(["name", "row"])
    assert joint.loc["a_shared"].to_numpy() == pytest.approx(joint.loc["b_shared"].to_numpy())


def test_a_set_of_vectors_counts_the_same_whatever_its_unit():
    rng = np.random.default_rng(3)
    small, large = rng.normal(size=(60, 3)), rng.normal(size=(60, 3))
    one = projection.side_by_side({"a": small, "b": large})
    two = projection.side_by_side({"a": small, "b": 1000 * large + 3})
    assert one == pytest.approx(two, abs=1e-6)
    assert one[:, :3].var(axis=0).sum() == pytest.approx(one[:, 3:].var(axis=0).sum())


def test_neighbours_stay_neighbours_and_the_seed_fixes_the_picture():
    rng = np.random.default_rng(4)
    kind = np.repeat([0, 1, 2], 40)
    vectors = {"a": 3 * np.eye(3)[kind] + 0.2 * rng.normal(size=(120, 3)), "b": rng.normal(size=(120, 2))}
    places = projection.manifold_places(vectors, seed=1)
    assert places.shape == (120, 2) and np.isfinite(places).all()
    distance = np.linalg.norm(places[:, None] - places, axis=2) + 1e9 * np.eye(120)
    assert (kind[distance.argmin(axis=1)] == kind).mean() > 0.95
    assert np.array_equal(places, projection.manifold_places(vectors, seed=1))


def test_three_tiles_have_places_too():
    assert projection.manifold_places({"a": np.eye(3)}, seed=1).shape == (3, 2)


@pytest.fixture
def arrays(tmp_path):
    """A plaid map: blocks of 15 bins prefer their own kind; the first kind carries the signal."""
    kind = np.arange(BINS) // 15 % 2
    dense = np.where(kind[:, None] == kind[None, :], 2.0, 0.5)
    meta = ArraysMeta(1000, 500, 4, 80, ("atac",), ("s",), {"c": BINS * 1000}, {"s": 1.0})
    tracks = np.repeat(np.where(kind == 0, 5.0, 0.5), 2)[:, None]
    one = {"contacts": band_of(dense, meta.band_bins), "valid": np.ones(BINS, bool), "tracks": tracks}
    return write_arrays(tmp_path / "arrays", meta, {("s", "c"): one}), kind


def test_the_active_kind_is_positive_and_the_other_negative(arrays):
    stored, kind = arrays
    profile = projection.compartment_profile(stored, "s", "c", factor=5)
    assert profile.shape == (BINS,)
    assert (np.sign(profile) == np.where(kind == 0, 1, -1)).all()
    assert np.abs(profile).max() <= 1 + 1e-9


@pytest.mark.parametrize(
    ("resolution_bp", "factor"), [(1000, 10), (2000, 10), (5000, 10), (10_000, 5), (50_000, 1), (100_000, 1)]
)
def test_coarse_bins_shrink_with_the_bins_and_never_exceed_fifty_kb_save_when_a_bin_does(resolution_bp, factor):
    assert projection.coarse_factor(resolution_bp) == factor


def test_a_bin_with_fewer_than_five_partners_has_no_compartment(arrays):
    """A band of 80 bins in coarse bins of 20: coarse distances up to 4, of which the first three are left out."""
    stored, _ = arrays
    assert np.isnan(projection.compartment_profile(stored, "s", "c", factor=20)).all()
    assert np.isfinite(projection.compartment_profile(stored, "s", "c", factor=5)).all()


def test_a_tile_has_the_mean_of_its_anchors(arrays, monkeypatch):
    stored, _ = arrays
    monkeypatch.setattr(projection, "compartment_profile", lambda *_: np.arange(BINS, dtype=float))
    tiles = pd.DataFrame({"sample": "s", "chrom": "c", "bin1": [10, 20], "bin2": [30, 20]})
    assert projection.tile_compartments(stored, tiles).tolist() == [20, 20]


def test_bins_without_contacts_have_no_compartment(tmp_path):
    meta = ArraysMeta(1000, 500, 4, 20, ("atac",), ("s",), {"c": 60_000}, {"s": 1.0})
    one = {"contacts": np.zeros((60, meta.band_bins)), "valid": np.zeros(60, bool), "tracks": np.zeros((120, 1))}
    stored = write_arrays(tmp_path / "arrays", meta, {("s", "c"): one})
    assert np.isnan(projection.compartment_profile(stored, "s", "c", factor=5)).all()


@pytest.mark.parametrize(
    "loop,held",
    [((9, 29), True), ((5, 25), True), ((14, 34), True), ((15, 30), False), ((4, 30), False), ((10, 36), False)],
)
def test_a_tile_holds_a_loop_within_its_half_open_window(loop, held):
    tiles = pd.DataFrame({"sample": ["s"], "chrom": ["c"], "bin1": [10], "bin2": [30]})  # [5, 15) x [25, 35)
    loops = pd.DataFrame({"sample": ["s"], "chrom": ["c"], "bin1": [loop[0]], "bin2": [loop[1]]})
    assert projection.holds_loop(tiles, loops, 5)[0] == held


def test_a_tile_on_the_diagonal_holds_loops_of_either_triangle_and_of_its_own_sample_only():
    tiles = pd.DataFrame({"sample": ["s", "t"], "chrom": "c", "bin1": [10, 10], "bin2": [10, 10]})
    loops = pd.DataFrame({"sample": ["s"], "chrom": ["c"], "bin1": [6], "bin2": [13]})
    assert projection.holds_loop(tiles, loops, 5).tolist() == [True, False]
