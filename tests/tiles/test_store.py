"""Arrays made from .cool and bigWig files equal what cooler and pyBigWig read from them."""

import cooler
import numpy as np
import pandas as pd
import pyBigWig
import pytest

from chiasma.core.errors import ConfigError, InputError
from chiasma.genome.chromosomes import Assembly
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.index import TilesetConfig
from chiasma.tiles.store import build_arrays, fill_missing

LENGTHS = {"chr1": 60_500, "chr2": 30_000}
ASSEMBLY = Assembly("toy", LENGTHS, {"chr1": "chr1", "chr2": "chr2", "1": "chr1"})
CONFIG = TilesetConfig(("chr1",), 1000, 250, ("atac",), tile_bins=6, max_distance_bins=12)


def write_cool(path, scale=1.0, lengths=LENGTHS):
    """A random symmetric map with cis and trans contacts and weights; every ninth bin is masked."""
    bins = cooler.binnify(pd.Series(lengths), 1000)
    rng, count = np.random.default_rng(5), len(bins)
    row, col = np.triu_indices(count)
    filled = rng.random(len(row)) < 0.7
    pixels = pd.DataFrame({"bin1_id": row, "bin2_id": col, "count": rng.poisson(30 * scale, len(row))})[filled]
    bins["weight"] = np.where(np.arange(count) % 9 == 4, np.nan, rng.uniform(0.02, 0.1, count))
    cooler.create_cooler(str(path), bins, pixels[pixels["count"] > 0], ordered=True)
    return cooler.Cooler(str(path))


def write_track(path, missing=(), lengths=LENGTHS):
    """Track bins of 250 bp with values 1.0, 1.5, …; some bins of chr1 are absent."""
    starts = np.setdiff1d(np.arange(0, 60_500, 250), missing)
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader(list(lengths.items()))
        file.addEntries(
            ["chr1"] * len(starts), starts.tolist(), ends=(starts + 250).tolist(), values=(1 + starts / 500).tolist()
        )


@pytest.fixture
def normalised(tmp_path):
    (tmp_path / "s").mkdir()
    write_cool(tmp_path / "s" / "contacts.cool")
    write_track(tmp_path / "s" / "atac.bw", missing=[500, 10_000])
    return tmp_path


def make(normalised, **change):
    config = TilesetConfig(**{**vars(CONFIG), **change})
    return build_arrays(normalised / "arrays", normalised, ["s"], ASSEMBLY, config)


def test_windows_equal_cooler_fetch_times_the_sample_factor(normalised):
    arrays = make(normalised)
    matrix = cooler.Cooler(str(normalised / "s" / "contacts.cool")).matrix(balance=True)
    bin1, bin2 = np.array([3, 10, 20, 30, 45, 50]), np.array([15, 10, 22, 36, 57, 57])
    found = arrays.windows("s", "chr1", bin1, bin2)
    for at, (x, y) in enumerate(zip(bin1, bin2, strict=True)):
        rows, cols = (f"chr1:{(b - 3) * 1000}-{(b + 3) * 1000}" for b in (x, y))
        fetched = matrix.fetch(rows, cols)
        assert np.array_equal(found["valid"][at], ~np.isnan(fetched))
        assert np.allclose(found["contacts"][at], np.nan_to_num(fetched) * arrays.meta.scale["s"], rtol=1e-3)


def test_valid_bins_are_those_with_a_weight(normalised):
    assert np.flatnonzero(~make(normalised).valid("s", "chr1")).tolist() == [4, 13, 22, 31, 40, 49, 58]


def test_scaled_contacts_keep_the_depth_of_the_experiment(normalised):
    arrays = make(normalised, max_distance_bins=100)  # the band holds the whole chromosome
    counts = cooler.Cooler(str(normalised / "s" / "contacts.cool")).matrix(balance=False).fetch("chr1")
    valid = arrays.valid("s", "chr1")
    raw = np.triu(counts * np.outer(valid, valid)).sum()
    assert arrays.contacts("s", "chr1").sum(dtype=float) == pytest.approx(raw, rel=1e-4)


def test_tracks_are_the_values_of_the_file_and_missing_is_zero_by_default(normalised):
    tracks = make(normalised).tracks("s", "chr1")
    expected = 1 + np.arange(242) / 2
    expected[[2, 40]] = 0
    assert tracks.shape == (244, 1)
    assert np.array_equal(tracks[:242, 0], expected.astype(np.float16))
    assert not tracks[242:].any(), "beyond the chromosome's end"


def test_the_policy_mask_keeps_nan_and_error_names_the_place(normalised):
    tracks = make(normalised, missing={"atac": "mask"}).tracks("s", "chr1")
    assert np.flatnonzero(np.isnan(tracks[:, 0])).tolist() == [2, 40]
    with pytest.raises(
        InputError, match=r"atac.bw: chr1: 2 track bins have no value, the first at 500 bp.*policy is error"
    ):
        make(normalised, missing={"atac": "error"})
    assert not np.isnan(fill_missing(np.ones(3), "error", "here", 250)).any()


def test_a_finer_bin_of_the_track_file_is_averaged(normalised):
    tracks = make(normalised, track_bp=500).tracks("s", "chr1")
    assert tracks[0, 0] == pytest.approx(1.25) and tracks[1, 0] == pytest.approx(2.5), (
        "the mean over bases that have a value"
    )


def test_another_name_of_the_chromosome_is_understood(normalised):
    assert list(make(normalised, chromosomes=("1",)).meta.chromosomes) == ["chr1"]


def test_making_again_gives_the_same_bytes(normalised):
    def content():
        return {path.name: path.read_bytes() for path in sorted(make(normalised).folder.rglob("*")) if path.is_file()}

    first = content()
    assert first == content() and len(first) == 6


def test_a_failed_write_keeps_the_old_arrays(normalised):
    make(normalised)
    (normalised / "s" / "atac.bw").unlink()
    with pytest.raises(InputError, match="no such file"):
        make(normalised)
    assert TileArrays.open(normalised / "arrays").tracks("s", "chr1").any()


def test_targets_are_means_per_contact_bin_by_hand(normalised):
    """Track bins of chr1 are 1.0, 1.5, 2.0, ...; those at 500 and 10000 bp have no value."""
    write_track(normalised / "s" / "rna.bw", missing=[500, 10_000])
    zero = make(normalised, targets=("rna",)).targets("s", "chr1")
    assert zero.shape == (61, 1) and zero.dtype == np.float32
    assert zero[0, 0] == pytest.approx((1.0 + 1.5 + 0.0 + 2.5) / 4)
    assert zero[1, 0] == pytest.approx((3.0 + 3.5 + 4.0 + 4.5) / 4)
    assert zero[60, 0] == pytest.approx((121.0 + 121.5) / 2), "the last bin is half as long"


def test_the_policy_mask_leaves_missing_track_bins_out_of_the_mean(normalised):
    write_track(normalised / "s" / "rna.bw", missing=[500, *range(10_000, 11_000, 250)])
    masked = make(normalised, targets=("rna",), missing={"rna": "mask"}).targets("s", "chr1")
    assert masked[0, 0] == pytest.approx((1.0 + 1.5 + 2.5) / 3)
    assert np.flatnonzero(np.isnan(masked[:, 0])).tolist() == [10], "no track bin of it has a value"
    with pytest.raises(InputError, match=r"rna.bw: chr1: 5 track bins have no value"):
        make(normalised, targets=("rna",), missing={"rna": "error"})


def test_a_target_that_a_sample_lacks_is_nan_there_and_its_tracks_are_read(normalised):
    arrays = make(normalised, targets=("rna", "cage"))
    assert arrays.meta.targets == ("rna", "cage")
    assert arrays.targets("s", "chr1").shape == (61, 2)
    assert np.isnan(arrays.targets("s", "chr1")).all()
    assert arrays.tracks("s", "chr1").any()


def test_without_targets_none_are_written(normalised):
    make(normalised)
    assert not list((normalised / "arrays").rglob("*targets*"))


@pytest.mark.parametrize("change", [{"resolution_bp": 2000}, {"resolution_bp": 500}])
def test_contacts_of_another_bin_size_are_refused(normalised, change):
    with pytest.raises(InputError, match="1000"):
        make(normalised, **change)


def test_a_file_of_another_assembly_is_refused(normalised):
    write_track(normalised / "s" / "atac.bw", lengths={"chr1": 60_600, "chr2": 30_000})
    with pytest.raises(InputError, match="another assembly"):
        make(normalised)


def test_a_map_without_weights_or_contacts_is_refused(normalised):
    path = str(normalised / "s" / "contacts.cool")
    bins = cooler.binnify(pd.Series(LENGTHS), 1000)
    empty = pd.DataFrame({"bin1_id": [0], "bin2_id": [70], "count": [3]})  # a contact between chromosomes
    cooler.create_cooler(path, bins, empty, ordered=True)
    with pytest.raises(InputError, match="weight"):
        make(normalised)
    cooler.create_cooler(path, bins.assign(weight=1.0), empty, ordered=True)
    with pytest.raises(InputError, match="no contacts between valid bins on chr1"):
        make(normalised)


def test_a_tileset_needs_a_sample(normalised):
    with pytest.raises(ConfigError, match="no samples"):
        build_arrays(normalised / "arrays", normalised, [], ASSEMBLY, CONFIG)


def test_contacts_that_do_not_fit_half_precision_are_refused(normalised):
    write_cool(normalised / "s" / "contacts.cool", scale=1e4)
    with pytest.raises(InputError, match="s chr1 contacts.*does not fit"):
        make(normalised)


def test_a_target_of_two_names_is_the_sum_of_their_signals(normalised):
    for name in ("fwd", "rev"):
        write_track(normalised / "s" / f"{name}.bw", missing=[])
    alone, both = (make(normalised, targets=(name,)).targets("s", "chr1") for name in ("fwd", "fwd+rev"))
    np.testing.assert_allclose(both, 2 * alone)
    assert np.isnan(make(normalised, targets=("fwd+other",)).targets("s", "chr1")).all(), "half a sum is none"
