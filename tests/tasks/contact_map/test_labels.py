"""Windows lie on their grid, keep to one split, and those dropped say why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_maps import BINS, CONFIG, TILE, chromosome_arrays, write

from chiasma.core.errors import InputError
from chiasma.schema.tables import EXAMPLES, conform
from chiasma.tasks.contact_map import labels
from chiasma.tiles.splits import split_of


def test_windows_are_tiled_on_and_off_the_diagonal(examples):
    conform(examples, EXAMPLES, "examples")
    own = examples[(examples["sample"] == "a") & (examples["chrom"] == "chr1")]
    distance = own["bin2"] - own["bin1"]
    assert set(distance) == {0, 8, 16, 24}  # multiples of 8 up to 30
    assert sorted(own.loc[distance == 0, "bin1"]) == list(range(TILE // 2, BINS, 5))
    assert (own["bin2"] < BINS).all()
    assert set(examples["label"]) == {1}
    assert set(examples["source"]) == {"tiling"}


def test_a_kept_window_lies_in_one_split_wholly(examples, arrays, splits):
    kept, half, width = examples[examples["kept"]], arrays.meta.half_bins, arrays.meta.resolution_bp
    sides = [(kept[f"bin{side}"].to_numpy() + shift) * width for side in (1, 2) for shift in (-half, half)]
    assert np.array_equal(split_of(splits, kept["chrom"].to_numpy(), *sides), kept["split"])
    assert set(kept["split"]) == {"train", "valid", "test"}
    dropped = examples[~examples["kept"]]
    assert {"crosses_split", "gap", "leaves_chromosome"} <= set(dropped["reason"])
    assert (dropped["reason"] != "").all()


def test_an_empty_window_is_dropped_as_sparse(tmp_path, splits):
    made = chromosome_arrays()
    made["a", "chr1"]["contacts"][100:150] = 0
    examples = labels.build_examples(CONFIG, write(tmp_path, made), splits, {})
    row = examples[(examples["sample"] == "a") & (examples["chrom"] == "chr1") & (examples["bin1"] == 128)]
    assert set(row["reason"]) == {"sparse"}


def test_a_task_that_reaches_beyond_the_band_is_refused(arrays, splits):
    with pytest.raises(InputError, match="pairs reach 40 bins, the task asks for max_distance_bins 41"):
        labels.build_examples(replace(CONFIG, max_distance_bins=41), arrays, splits, {})


def test_without_a_training_window_the_reasons_are_told(arrays, splits):
    with pytest.raises(InputError, match="no window is left to train on.*crosses_split"):
        labels.build_examples(CONFIG, arrays, splits[splits["split"] != "train"], {})
