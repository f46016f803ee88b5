"""Windows of the whole genome, cut from what is stored, equal slices of one dense matrix of it."""

import dataclasses
import pickle

import cooler
import numpy as np
import pandas as pd
import pytest

from chiasma.core.errors import ConfigError, InputError
from chiasma.evaluation.leak_audit import audit, regions_of, windows_of
from chiasma.genome.chromosomes import Assembly
from chiasma.schema.tables import TILES, conform
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.dataset import TileDataset
from chiasma.tiles.drawing import draw_trans
from chiasma.tiles.index import TilesetConfig, build_index, window_splits
from chiasma.tiles.store import build_arrays
from chiasma.tiles.strand import flip_strand
from chiasma.tiles.trans import FAR, count_trans, cut_trans, open_trans, write_trans

LENGTHS = {"chr1": 40_000, "chr2": 30_500, "chr3": 25_000}
BINS = {"chr1": 40, "chr2": 31, "chr3": 25}
OFFSET = {"chr1": 0, "chr2": 40, "chr3": 71}
ASSEMBLY = Assembly("toy", LENGTHS, {name: name for name in LENGTHS})
CONFIG = TilesetConfig(
    tuple(LENGTHS), 1000, 500, ("atac",), tile_bins=6, max_distance_bins=12, diagonal_stride_bins=5,
    trans_per_mb=2000, min_nonzero_fraction=0.1,
)  # fmt: skip
PAIRS = [("chr1", "chr2"), ("chr1", "chr3"), ("chr2", "chr3")]
BLOCKS = pd.DataFrame(
    [
        ("chr1", 0, 18_000, "train"), ("chr1", 18_000, 26_000, "gap"), ("chr1", 26_000, 40_000, "test"),
        ("chr2", 0, 30_500, "train"),
        ("chr3", 0, 12_000, "test"), ("chr3", 12_000, 18_000, "gap"), ("chr3", 18_000, 25_000, "valid"),
    ],
    columns=["chrom", "start", "end", "split"],
)  # fmt: skip


def write_genome(path, trans=True):
    """A map of three chromosomes, half of its pixels between them filled; every eleventh bin is masked."""
    bins, rng = cooler.binnify(pd.Series(LENGTHS), 1000), np.random.default_rng(5)
    row, col = np.triu_indices(len(bins))
    chrom = bins["chrom"].to_numpy()
    cis = chrom[row] == chrom[col]
    filled = (rng.random(len(row)) < np.where(cis, 0.8, 0.5)) & (cis | trans)
    pixels = pd.DataFrame({"bin1_id": row, "bin2_id": col, "count": rng.poisson(np.where(cis, 30, 4), len(row))})
    bins["weight"] = np.where(np.arange(len(bins)) % 11 == 4, np.nan, rng.uniform(0.2, 0.6, len(bins)))
    cooler.create_cooler(str(path), bins, pixels[filled & (pixels["count"] > 0)], ordered=True)


def write_tracks(folder):
    import pyBigWig

    with pyBigWig.open(str(folder / "atac.bw"), "w") as file:
        file.addHeader(list(LENGTHS.items()))
        for number, (chrom, length) in enumerate(LENGTHS.items()):
            starts = np.arange(0, length, 500)
            values = 100.0 * number + starts / 500
            file.addEntries(
                [chrom] * len(starts), starts.tolist(), ends=(starts + 500).tolist(), values=values.tolist()
            )


@pytest.fixture(scope="module")
def normalised(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trans")
    (folder / "s").mkdir()
    write_genome(folder / "s" / "contacts.cool")
    write_tracks(folder / "s")
    return folder


@pytest.fixture(scope="module")
def arrays(normalised):
    return build_arrays(normalised / "arrays", normalised, ["s"], ASSEMBLY, CONFIG)


@pytest.fixture(scope="module")
def genome(normalised, arrays):
    """The scaled balanced map of the whole genome, dense, nan where masked."""
    return cooler.Cooler(str(normalised / "s" / "contacts.cool")).matrix(balance=True)[:] * arrays.meta.scale["s"]


def inner_pairs(meta, chroms):
    """Every pair of bins of two chromosomes whose window lies in both."""
    sides = [np.arange(*(meta.centres(chrom) + np.array([0, 1]))) for chrom in chroms]
    return (axis.ravel() for axis in np.meshgrid(*sides, indexing="ij"))


@pytest.mark.parametrize("chroms", PAIRS)
def test_every_window_equals_the_slice_of_the_whole_genome(arrays, genome, chroms):
    bin1, bin2 = inner_pairs(arrays.meta, chroms)
    found = arrays.windows("s", chroms[0], bin1, bin2, chrom2=chroms[1])
    for at, (x, y) in enumerate(zip(bin1 + OFFSET[chroms[0]], bin2 + OFFSET[chroms[1]], strict=True)):
        dense = genome[x - 3 : x + 3, y - 3 : y + 3]
        assert np.array_equal(found["valid"][at], ~np.isnan(dense))
        assert np.allclose(found["contacts"][at], np.nan_to_num(dense), rtol=1e-3)
    assert found["contacts"].dtype == found["expected"].dtype == np.float32


@pytest.mark.parametrize("chroms", PAIRS)
def test_expected_is_the_mean_over_the_valid_pairs_of_both_chromosomes(arrays, genome, chroms):
    rows, cols = (slice(OFFSET[chrom], OFFSET[chrom] + BINS[chrom]) for chrom in chroms)
    found = arrays.windows("s", chroms[0], [10], [12], chrom2=chroms[1])
    assert found["expected"].shape == (1, 6, 6) and len(np.unique(found["expected"])) == 1
    assert found["expected"][0, 0, 0] == pytest.approx(np.nanmean(genome[rows, cols]), rel=1e-3)


def test_strips_are_those_of_either_chromosome_and_the_distance_is_beyond_all_chromosomes(arrays):
    found = arrays.windows("s", "chr1", [10], [12], chrom2="chr3")
    assert found["tracks"][0, :, 0].tolist() == [*range(14, 26), *range(218, 230)]
    assert found["distance_bins"].tolist() == [FAR]
    assert float(np.float32(FAR)) == FAR


def test_counting_pixels_equals_cutting_the_windows(arrays):
    bin1, bin2 = inner_pairs(arrays.meta, ("chr1", "chr2"))
    found = arrays.trans("s", ("chr1", "chr2"))
    cut = (cut_trans(found, bin1, bin2, (6, 6)) > 0).sum(axis=(1, 2))
    assert np.array_equal(count_trans(found, bin1, bin2, (6, 6)), cut)
    assert 0 < cut.min() < cut.max() < 36


def test_windows_at_the_ends_of_both_chromosomes_can_be_cut_and_beyond_them_not(arrays):
    arrays.windows("s", "chr2", [3, 28], [3, 22], chrom2="chr3")
    for pair in ((2, 3), (29, 3), (3, 2), (3, 23)):
        with pytest.raises(ValueError, match="chr2 x chr3: the tile at bins"):
            arrays.windows("s", "chr2", [pair[0]], [pair[1]], chrom2="chr3")


def test_the_other_order_of_chromosomes_is_refused(arrays):
    with pytest.raises(InputError, match="between these chromosomes in this order"):
        arrays.windows("s", "chr2", [10], [10], chrom2="chr1")


def test_a_flipped_window_is_that_of_the_reversed_genome_in_the_other_order(arrays, genome):
    found = flip_strand(arrays.windows("s", "chr1", [10], [12], chrom2="chr2"), np.array([True]))
    reverse = np.nan_to_num(genome)[::-1, ::-1]
    x, y = len(reverse) - 1 - (OFFSET["chr2"] + 12), len(reverse) - 1 - 10
    assert np.allclose(found["contacts"][0, 1:, 1:], reverse[x - 2 : x + 3, y - 2 : y + 3], rtol=1e-3)
    assert found["distance_bins"].tolist() == [FAR]


def test_maps_are_opened_anew_in_another_process(arrays):
    arrays.trans("s", ("chr1", "chr2"))
    again = pickle.loads(pickle.dumps(arrays))
    assert not again._maps
    assert np.array_equal(again.trans("s", ("chr1", "chr2")).column, arrays.trans("s", ("chr1", "chr2")).column)


def test_what_is_written_is_read_in_order_without_zeros_and_masked_bins(tmp_path):
    valid = (np.array([True, True, False, True]), np.array([True, False, True]))
    pixels = (np.array([3, 0, 2, 1, 0, 1]), np.array([2, 2, 0, 1, 0, 0]), np.array([4.0, 3, 9, 9, 2, 0]))
    write_trans(tmp_path, "s", ("a", "b"), pixels, valid)
    found = open_trans(tmp_path, "s", ("a", "b"), (4, 3))
    assert found.start.tolist() == [0, 2, 2, 2, 3]
    assert found.column.tolist() == [0, 2, 2] and found.contacts.tolist() == [2, 3, 4]
    assert found.expected == pytest.approx(9 / 6)
    with pytest.raises(InputError, match="4 rows and 3 pixels, expected 5"):
        open_trans(tmp_path, "s", ("a", "b"), (5, 3))


def test_contacts_too_large_for_half_precision_are_refused(tmp_path):
    pixels = (np.array([0]), np.array([0]), np.array([1e6]))
    with pytest.raises(InputError, match="s a x b contacts.*does not fit"):
        write_trans(tmp_path, "s", ("a", "b"), pixels, (np.ones(1, bool), np.ones(1, bool)))


def test_two_chromosomes_that_no_read_joins_have_an_empty_map(tmp_path):
    write_trans(tmp_path, "s", ("a", "b"), (np.zeros(0, int), np.zeros(0, int), np.zeros(0)), (np.ones(5, bool),) * 2)
    found = open_trans(tmp_path, "s", ("a", "b"), (5, 5))
    assert found.expected == 0 and not cut_trans(found, np.array([2]), np.array([2]), (4, 4)).any()


def test_a_map_without_contacts_between_chromosomes_is_refused(normalised, tmp_path):
    (tmp_path / "s").mkdir()
    write_genome(tmp_path / "s" / "contacts.cool", trans=False)
    write_tracks(tmp_path / "s")
    with pytest.raises(InputError, match="no contacts between chromosomes; set normalise.trans"):
        build_arrays(tmp_path / "arrays", tmp_path, ["s"], ASSEMBLY, CONFIG)
    plain = dataclasses.replace(CONFIG, trans_per_mb=0)
    assert not list(build_arrays(tmp_path / "arrays", tmp_path, ["s"], ASSEMBLY, plain).folder.rglob("*trans*"))


def test_the_files_order_of_chromosomes_need_not_be_the_studys(normalised, arrays):
    turned = dataclasses.replace(CONFIG, chromosomes=("chr3", "chr1", "chr2"))
    other = build_arrays(normalised / "turned", normalised, ["s"], ASSEMBLY, turned)
    one = arrays.windows("s", "chr1", [10, 20], [12, 7], chrom2="chr3", strips=False)
    two = other.windows("s", "chr3", [12, 7], [10, 20], chrom2="chr1", strips=False)
    for name in ("contacts", "valid"):
        # a window is centred on the first bin after its middle in either axis, so the transpose is the same window
        assert np.array_equal(one[name], two[name].swapaxes(1, 2)), name


@pytest.fixture(scope="module")
def index(arrays):
    return build_index(arrays, BLOCKS, CONFIG)


def test_windows_between_chromosomes_lie_in_one_split_on_either_side(index):
    trans = conform(index, TILES, "index").query("source == 'trans'")
    assert len(trans) == round(2000 * 95_500 / 1e6) and not trans.duplicated(["chrom", "chrom2", "bin1", "bin2"]).any()
    assert not {"crosses_split", "gap", "leaves_chromosome", "duplicate"} & set(trans["reason"])
    for row in trans.itertuples():
        for side, chrom in (("1", row.chrom), ("2", row.chrom2)):
            start, end = getattr(row, f"start{side}"), getattr(row, f"end{side}")
            assert end - start == 6000
            holds = (BLOCKS["chrom"] == chrom) & (BLOCKS["start"] <= start) & (BLOCKS["end"] >= end)
            assert BLOCKS.loc[holds, "split"].tolist() == [row.split]
    assert set(trans["split"]) == {"train", "test"}, "no two chromosomes have a window to validate on"
    within = index.query("source != 'trans'")
    assert (within["chrom"] == within["chrom2"]).all()


def test_places_are_uniform_over_the_pairs_of_windows_of_one_split(arrays):
    every = build_index(arrays, BLOCKS, dataclasses.replace(CONFIG, trans_per_mb=1e6, diagonal_stride_bins=None))
    # by hand: windows [b - 3, b + 3) in whole blocks: chr1 13 train (3..15) and 9 test (29..37), chr2 25 train, chr3 7 test
    assert every.groupby(["chrom", "chrom2", "split"]).size().to_dict() == {
        ("chr1", "chr2", "train"): 13 * 25,
        ("chr1", "chr3", "test"): 9 * 7,
    }
    split_of = {(chrom, side): window_splits(arrays, BLOCKS, chrom, side) for chrom in LENGTHS for side in (0, 1)}
    few = dataclasses.replace(CONFIG, trans_per_mb=1000)
    some = pd.concat(draw_trans(arrays.meta, "s", dataclasses.replace(few, seed=seed), split_of) for seed in range(40))
    share, draws = (some["chrom2"] == "chr3").mean(), len(some)
    assert draws == 40 * 96
    assert share == pytest.approx(63 / 388, abs=4 * np.sqrt(63 / 388 / draws))


def test_no_window_is_dropped_as_sparse_that_is_not(arrays, index):
    trans = index.query("source == 'trans' and reason in ('', 'sparse')")
    for row in trans.itertuples():
        found = arrays.windows("s", row.chrom, [row.bin1], [row.bin2], chrom2=row.chrom2, strips=False)
        assert ((found["contacts"] > 0).mean() < CONFIG.min_nonzero_fraction) == (row.reason == "sparse")


def test_without_two_windows_of_one_split_the_draw_is_refused(arrays):
    alone = pd.DataFrame(
        [(chrom, 0, LENGTHS[chrom], split) for chrom, split in zip(LENGTHS, ("train", "valid", "test"), strict=True)],
        columns=BLOCKS.columns,
    )
    with pytest.raises(InputError, match="no two chromosomes have a window in the same split"):
        build_index(arrays, alone, CONFIG)


def columns(frame):
    return {name: frame[name].to_numpy() for name in frame.columns}


def test_the_leak_audit_covers_both_sides_of_a_window(index):
    tables = {"windows": windows_of(columns(index), 1000, 6), "splits": regions_of(columns(BLOCKS))}
    assert {row["verdict"] for row in audit(tables)} == {"clean"}
    moved = index.copy()  # one training window's columns now lie in the test block of chr3
    at = moved.query("kept and source == 'trans' and split == 'train'").index[0]
    moved.loc[at, ["chrom2", "start2", "end2"]] = ["chr3", 3000, 9000]
    leaks = [
        row for row in audit(tables | {"windows": windows_of(columns(moved), 1000, 6)}) if row["verdict"] == "leak"
    ]
    assert ("windows", "train", "test") in {(row["table"], row["first"], row["second"]) for row in leaks}
    across = next(row for row in leaks if row["table"] == "windows x splits")
    assert across["shared_bp"] == 6000 and across["examples"] == 2, "the window, and the region of chr3"


def test_a_dataset_serves_windows_of_both_kinds_in_their_order(arrays, index):
    kept = index[index["kept"]].reset_index(drop=True)
    served, order = TileDataset(kept, arrays), np.random.default_rng(0).permutation(len(kept))
    examples = served.__getitems__(order)
    assert (examples["distance_bins"] == FAR).sum() == (kept["source"] == "trans").sum() > 0
    for at in (0, 5, len(order) - 1):
        row = kept.iloc[order[at]]
        one = arrays.windows("s", row["chrom"], [row["bin1"]], [row["bin2"]], chrom2=row["chrom2"])
        for name, values in one.items():
            assert np.array_equal(examples[name][at], values[0]), name


def test_a_tileset_needs_something_to_draw():
    assert dataclasses.replace(CONFIG, diagonal_stride_bins=None).trans_per_mb
    with pytest.raises(ConfigError, match="nor trans_per_mb"):
        dataclasses.replace(CONFIG, diagonal_stride_bins=None, trans_per_mb=0)


def test_opening_again_gives_the_same_windows(arrays):
    again = TileArrays.open(arrays.folder)
    for name, values in arrays.windows("s", "chr1", [10], [12], chrom2="chr2").items():
        assert np.array_equal(again.windows("s", "chr1", [10], [12], chrom2="chr2")[name], values)
