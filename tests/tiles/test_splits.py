"""Splits cover the chromosomes wholly, without overlap, and keep a gap wherever the split changes."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chiasma.core.errors import ConfigError
from chiasma.tiles.splits import BlockSplits, ChromosomeSplits, build_splits, read_splits_config, region_of, split_of

SETTINGS = settings(max_examples=150, deadline=None, derandomize=True)
LENGTHS = {"one": 1_000_500, "two": 400_000, "three": 30_000}


@st.composite
def block_studies(draw):
    resolution = draw(st.sampled_from([1, 10, 1000]))
    lengths = draw(st.lists(st.integers(1, 400), min_size=1, max_size=4))
    gap = draw(st.integers(0, 10))
    config = BlockSplits(
        block_bp=resolution * draw(st.integers(max(1, 2 * gap), 60)) + draw(st.integers(0, resolution - 1)),
        gap_bp=max(0, resolution * gap - draw(st.integers(0, resolution - 1))),
        valid_fraction=draw(st.sampled_from([0.0, 0.15, 0.3])),
        test_fraction=draw(st.sampled_from([0.0, 0.2, 0.4])),
        seed=draw(st.integers(0, 99)),
    )
    cut = draw(st.integers(0, resolution - 1))
    return {f"c{at}": max(1, bins * resolution - cut) for at, bins in enumerate(lengths)}, resolution, config


@given(block_studies())
@SETTINGS
def test_blocks_cover_every_base_once_with_gaps_where_the_split_changes(study):
    lengths, resolution, config = study
    try:
        table = build_splits(lengths, resolution, config)
    except ConfigError:
        assume(False)
    assert set(table["split"]) >= {"train", "valid", "test"}
    assert list(dict.fromkeys(table["chrom"])) == list(lengths)
    for chrom, own in table.groupby("chrom"):
        start, end, split = own["start"].to_numpy(), own["end"].to_numpy(), own["split"].to_numpy()
        assert start[0] == 0 and end[-1] == lengths[chrom]
        assert (start[1:] == end[:-1]).all() and (start < end).all()
        assert (split[1:] != split[:-1]).all(), "neighbours of one split are one region"
        assert ((end - start)[split == "gap"] >= config.gap_bp).all()
        assert len(own) == 1 or (end - start >= config.gap_bp).all(), "a region that could not hold a tile"
        if config.gap_bp:
            between = (split[1:] != "gap") & (split[:-1] != "gap")
            assert not between.any(), "a change of split without a gap"
        assert (start % resolution == 0).all()


@given(block_studies())
@SETTINGS
def test_a_split_depends_on_its_seed_alone(study):
    try:
        first = build_splits(*study)
    except ConfigError:
        assume(False)
    assert first.equals(build_splits(*study))


def test_another_seed_draws_other_blocks():
    tables = [build_splits({"one": 10**7}, 1000, BlockSplits(200_000, 10_000, seed=seed)) for seed in (1, 2)]
    assert not tables[0].equals(tables[1])


def test_gaps_are_centred_on_the_borders_of_blocks_and_the_rest_joins_the_last():
    table = build_splits({"one": 101_500}, 1000, BlockSplits(25_000, 3_500))
    edges = table[table.split == "gap"][["start", "end"]].to_numpy()
    assert len(edges) and set(map(tuple, edges)) <= {(23_000, 27_000), (48_000, 52_000), (73_000, 77_000)}


def test_fractions_are_those_asked_for():
    table = build_splits({"one": 10**8}, 1000, BlockSplits(10**6, 0, 0.15, 0.2))
    shares = table.assign(bp=table.end - table.start).groupby("split").bp.sum() / 1e8
    assert shares.to_dict() == pytest.approx({"train": 0.65, "valid": 0.15, "test": 0.2})


def test_a_chromosome_shorter_than_half_a_block_is_train():
    table = build_splits(LENGTHS, 1000, BlockSplits(100_000, 10_000))
    assert table[table.chrom == "three"].to_numpy().tolist() == [["three", 0, 30_000, "train"]]


def test_too_few_blocks_is_an_error_whose_advice_works():
    with pytest.raises(ConfigError, match="gives 1 blocks.*take block_bp of at most") as error:
        build_splits({"one": 1_000_000}, 1000, BlockSplits(900_000, 20_000))
    advised = int(re.search(r"at most (\d+)", str(error.value)).group(1))
    assert set(build_splits({"one": 1_000_000}, 1000, BlockSplits(advised, 20_000))["split"]) == {
        "train",
        "valid",
        "test",
        "gap",
    }
    with pytest.raises(ConfigError):
        build_splits({"one": 1_000_000}, 1000, BlockSplits(advised + 1000, 20_000))


def test_chromosomes_that_hold_no_three_blocks_say_what_would():
    with pytest.raises(ConfigError, match="one of 1500000 bp would do") as error:
        build_splits({"one": 1_000_000}, 1000, BlockSplits(500_000, 250_000))
    with pytest.raises(ConfigError):
        build_splits({"one": 1_499_000}, 1000, BlockSplits(500_000, 250_000))
    assert "no block_bp fits" in str(error.value)
    assert len(build_splits({"one": 1_500_000}, 1000, BlockSplits(500_000, 250_000)))


def test_a_block_that_gaps_would_swallow_is_an_error():
    with pytest.raises(ConfigError, match="at least 40000"):
        build_splits({"one": 10**6}, 1000, BlockSplits(30_000, 20_000))


def test_fractions_that_leave_nothing_to_train_on_are_an_error():
    with pytest.raises(ConfigError, match="leaves none to train on"):
        build_splits({"one": 10**6}, 1000, BlockSplits(100_000, 10_000, 0.5, 0.5))


def test_whole_chromosomes_keep_the_study_order_and_the_unnamed_is_a_gap():
    table = build_splits(LENGTHS, 1000, ChromosomeSplits(("two",), ("one",), ()))
    assert table.to_numpy().tolist() == [
        ["one", 0, 1_000_500, "valid"], ["two", 0, 400_000, "train"], ["three", 0, 30_000, "gap"],
    ]  # fmt: skip


def test_a_chromosome_in_two_splits_or_unknown_is_an_error():
    with pytest.raises(ConfigError, match="'one' is in train and test"):
        build_splits(LENGTHS, 1000, ChromosomeSplits(("one",), ("two",), ("one",)))
    with pytest.raises(ConfigError, match="unknown chromosome 'thre'; did you mean 'three'"):
        build_splits(LENGTHS, 1000, ChromosomeSplits(("one",), ("two",), ("thre",)))


def test_the_kind_of_splits_is_read_from_its_key():
    assert read_splits_config({"by": "block", "block_bp": 10, "gap_bp": 2}, "splits") == BlockSplits(10, 2)
    assert read_splits_config({"by": "chromosome", "train": ["a"], "valid": [], "test": ["b"]}, "splits").train == (
        "a",
    )
    with pytest.raises(ConfigError, match="did you mean 'block'"):
        read_splits_config({"by": "blocks"}, "splits")
    with pytest.raises(ConfigError, match="did you mean 'gap_bp'"):
        read_splits_config({"by": "block", "block_bp": 10, "gab_bp": 2}, "splits")


REGIONS = pd.DataFrame(
    [("c", 0, 100, "train"), ("c", 100, 120, "gap"), ("c", 120, 200, "test"), ("c", 200, 220, "gap"), ("c", 220, 300, "train"),
     ("d", 0, 50, "valid")],
    columns=["chrom", "start", "end", "split"],
)  # fmt: skip


def test_a_tile_is_in_a_split_only_if_both_windows_are():
    first = np.array([[0, 10], [90, 100], [91, 101], [0, 10], [0, 10], [130, 140], [102, 110], [-5, 5], [290, 301]])
    second = np.array([[0, 10], [0, 10], [0, 10], [220, 230], [130, 140], [190, 200], [102, 110], [0, 10], [220, 230]])
    found = split_of(REGIONS, "c", first[:, 0], first[:, 1], second[:, 0], second[:, 1])
    assert found.tolist() == ["train", "train", "none", "train", "none", "test", "none", "none", "none"]


def test_each_tile_may_name_its_own_chromosome():
    found = split_of(
        REGIONS.sample(frac=1, random_state=1), np.array(["d", "c", "e"]), [0] * 3, [10] * 3, [20] * 3, [30] * 3
    )
    assert found.tolist() == ["valid", "train", "none"]


def test_region_of_names_gaps():
    assert region_of(REGIONS, "c", [105, 95], [115, 105]).tolist() == ["gap", "none"]


@given(st.integers(0, 290), st.integers(1, 40))
@SETTINGS
def test_region_of_equals_a_search_through_all_regions(start, width):
    own = REGIONS[(REGIONS.chrom == "c") & (REGIONS.start <= start) & (REGIONS.end >= start + width)]
    assert region_of(REGIONS, "c", [start], [start + width])[0] == (own.split.iloc[0] if len(own) else "none")
