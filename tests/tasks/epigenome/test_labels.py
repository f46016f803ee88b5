"""Windows lie on the diagonal up to the ends, keep to one split, and have a measured target."""

import dataclasses

import numpy as np
import pytest
from planted_tracks import BINS, CONFIG, TILE, chromosome_arrays, write

from chiasma.core.errors import ConfigError, InputError
from chiasma.schema.tables import EXAMPLES, conform
from chiasma.tasks.epigenome.labels import build_examples


def test_windows_are_tiled_along_the_diagonal(examples):
    conform(examples, EXAMPLES, "examples")
    own = examples[(examples["sample"] == "a") & (examples["chrom"] == "chr1")]
    assert (own["bin1"] == own["bin2"]).all()
    assert own["bin1"].tolist() == list(range(TILE // 2, BINS, CONFIG.stride_bins))
    kept = own.loc[own["kept"], "bin1"]
    assert kept.min() == TILE // 2, "the first touches the chromosome's start"
    assert kept.max() <= BINS - TILE // 2
    assert set(own.loc[own["bin1"] > BINS - TILE // 2, "reason"]) == {"leaves_chromosome"}
    assert set(examples.loc[examples["kept"], "split"]) == {"train", "valid", "test"}


def test_a_window_needs_one_of_the_targets_in_one_bin(tmp_path, splits, examples):
    kept = examples[examples["kept"]]
    assert set(kept["sample"]) == {"a", "b"}, "b has one of the two targets, c none"
    assert "no_target" in set(examples.loc[examples["sample"] == "c", "reason"])
    made = chromosome_arrays()
    made["a", "chr1"]["targets"][48:64, 1:] = np.nan  # the other target, which is not asked for, is measured
    found = build_examples(CONFIG, write(tmp_path, made), splits, {})
    own = found[(found["sample"] == "a") & (found["chrom"] == "chr1")].set_index("bin1")["reason"]
    assert own[56] == "no_target" and own[52] == own[60] == ""


def test_targets_that_are_elsewhere_are_told_where_they_are(arrays, splits):
    with pytest.raises(ConfigError, match=r"unknown target 'ctfc'; did you mean 'ctcf'"):
        build_examples(dataclasses.replace(CONFIG, targets=("ctfc", "atac")), arrays, splits, {})
    with pytest.raises(
        ConfigError,
        match=r"ctcf, atac are numbers \[2, 1\] of cage, atac, ctcf, .* channels say \[0, 1\]; set channels to \[2, 1\]",
    ):
        build_examples(dataclasses.replace(CONFIG, channels=()), arrays, splits, {})


def test_negative_signal_is_refused(tmp_path, splits):
    made = chromosome_arrays()
    made["b", "chr2"]["targets"][7, 1] = -0.5
    with pytest.raises(InputError, match=r"b chr2: atac is -0.5 in a bin"):
        build_examples(CONFIG, write(tmp_path, made), splits, {})


def test_without_a_training_window_the_reasons_are_told(arrays, splits):
    with pytest.raises(InputError, match=r"no window is left to train on.*that a sample has ctcf or atac"):
        build_examples(CONFIG, arrays, splits[splits["split"] != "train"], {})
