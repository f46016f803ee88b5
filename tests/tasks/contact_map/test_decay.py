"""Decay is learned in training regions, of training samples, and nowhere else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from planted_maps import BINS, CHROMS, CONFIG, DEPTH, RESOLUTION, chromosome_arrays, write

from chiasma.core.errors import InputError
from chiasma.tasks.contact_map.decay import expected_decay, train_decay
from chiasma.tasks.contact_map.labels import build_examples


def block_splits() -> pd.DataFrame:
    """Both chromosomes have train, then test."""
    rows = [
        (chrom, first * RESOLUTION, last * RESOLUTION, split)
        for chrom in CHROMS
        for first, last, split in ((0, 100, "train"), (100, 120, "gap"), (120, 160, "valid"), (160, 203, "test"))
    ]
    return pd.DataFrame(rows, columns=["chrom", "start", "end", "split"])


def test_no_pixel_with_a_bin_outside_training_regions_counts(tmp_path, arrays):
    made = chromosome_arrays()
    for sample in DEPTH:
        for chrom in CHROMS:
            band = made[sample, chrom]["contacts"] = made[sample, chrom]["contacts"].copy()
            second = np.arange(BINS)[:, None] + np.arange(band.shape[1])
            band[second >= 100] = 7777
    other = write(tmp_path, made)
    assert not np.array_equal(arrays.contacts("a", "chr1"), other.contacts("a", "chr1"))
    for sample in DEPTH:
        assert np.array_equal(train_decay(arrays, block_splits(), sample), train_decay(other, block_splits(), sample))


def test_every_training_pixel_counts(tmp_path, arrays):
    made = chromosome_arrays()
    made["a", "chr2"]["contacts"][50, 3] += 500
    assert (train_decay(write(tmp_path, made), block_splits(), "a") > train_decay(arrays, block_splits(), "a"))[3]


def test_the_decay_is_the_mean_over_valid_training_pairs(arrays, splits):
    band, valid = np.asarray(arrays.contacts("a", "chr1"), float), arrays.valid_band("a", "chr1")
    means = [band[valid[:, distance], distance].mean() for distance in range(5)]
    assert train_decay(arrays, splits, "a")[:5] == pytest.approx(means)


def only(examples: pd.DataFrame, sample: str) -> pd.DataFrame:
    """Examples of which only those of one sample train."""
    return examples.assign(kept=examples["kept"] & (examples["sample"] == sample))


def test_a_sample_that_only_tests_has_the_decay_of_those_that_train(tmp_path, arrays, splits, examples):
    found = expected_decay(arrays, splits, only(examples, "a"), "b")
    assert found == pytest.approx(train_decay(arrays, splits, "a"))
    made = chromosome_arrays()
    for chrom in CHROMS:
        made["b", chrom]["contacts"] = made["b", chrom]["contacts"] * 3
    assert np.array_equal(found, expected_decay(write(tmp_path, made), splits, only(examples, "a"), "b"))


def test_several_training_samples_are_averaged_at_their_mean_depth(tmp_path, splits):
    """Decays of one shape, the second three times as deep as the first: the mean has that shape, and twice the depth."""
    made = {place: own for place, own in chromosome_arrays().items() if place[0] == "a"}
    for chrom in CHROMS:
        made["b", chrom] = made["a", chrom] | {"contacts": 3 * made["a", chrom]["contacts"]}
        made["c", chrom] = made["a", chrom] | {"contacts": 9 + made["a", chrom]["contacts"]}
    arrays = write(tmp_path, made)
    examples = build_examples(CONFIG, arrays, splits, {})
    examples["kept"] &= examples["sample"] != "c"
    own = train_decay(arrays, splits, "a")
    assert expected_decay(arrays, splits, examples, "a") == pytest.approx(own)
    few = 20  # distances where even the first has contacts enough, and borrows none from others
    assert expected_decay(arrays, splits, examples, "c")[:few] == pytest.approx(2 * own[:few], rel=0.01)


def test_without_a_training_window_nothing_is_known(arrays, splits, examples):
    with pytest.raises(InputError, match="no sample has kept training windows"):
        expected_decay(arrays, splits, only(examples, "c"), "a")


def test_an_unknown_sample_names_the_nearest(arrays, splits, examples):
    with pytest.raises(InputError, match="did you mean 'a'"):
        expected_decay(arrays, splits, examples, "aa")


def test_a_sample_without_training_contacts_is_told(arrays, splits):
    with pytest.raises(InputError, match="no contacts in training regions"):
        train_decay(arrays, splits[splits["split"] != "train"], "a")
