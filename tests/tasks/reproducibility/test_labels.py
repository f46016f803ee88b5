import dataclasses

import numpy as np
import pytest
from planted_replicates import CONFIG, MASKED, TILE

from chiasma.core.errors import InputError
from chiasma.schema.tables import EXAMPLES, conform
from chiasma.tasks.reproducibility.labels import build_examples, drawn_members

PLACE = ["chrom", "bin1", "bin2", "split"]


def triplets(examples):
    """Each triplet's rows: samples (T, 3), and the table of its anchors."""
    return examples["sample"].to_numpy(object).reshape(-1, 3), examples.iloc[::3]


def test_a_triplet_is_one_place_of_a_replicate_pair_and_of_another_biosample(examples):
    conform(examples, EXAMPLES, "examples")
    for column in (*PLACE, "kept"):
        values = examples[column].to_numpy(object).reshape(-1, 3)
        assert (values == values[:, :1]).all(), column
    assert (examples["label"].to_numpy().reshape(-1, 3) == [0, 1, 2]).all()
    assert (examples["bin1"] == examples["bin2"]).all()
    samples, _ = triplets(examples)
    assert {tuple(row) for row in samples} == {("a1", "a2", "b1"), ("a2", "a1", "b1")}, "each replicate is an anchor"


def test_places_are_a_stride_apart_and_triplets_in_genomic_order(examples):
    _, anchors = triplets(examples)
    first = anchors[anchors["chrom"] == "chr1"]
    assert first["bin1"].is_monotonic_increasing and anchors["chrom"].is_monotonic_increasing
    assert np.diff(first["bin1"].unique()).tolist() == [CONFIG.stride_bins] * (first["bin1"].nunique() - 1)
    assert first["bin1"].iloc[0] == TILE // 2 and (first["bin1"].value_counts() == 2).all()


def test_a_window_that_one_sample_lacks_drops_its_triplets_with_the_reason(arrays, splits):
    config = dataclasses.replace(CONFIG, stride_bins=1)
    examples = build_examples(config, arrays, splits, {})
    masked = examples[(examples["chrom"] == "chr1") & (examples["bin1"] == MASKED)]
    assert not masked["kept"].any() and set(masked["reason"]) == {"masked_centre"}
    beside = examples[(examples["chrom"] == "chr1") & (examples["bin1"] == MASKED + 1)]
    assert beside["kept"].all() and (beside["reason"] == "").all()
    assert (examples["kept"] == (examples["reason"] == "")).all()


def test_other_biosamples_are_drawn_anew_at_each_place_and_never_twice():
    config = dataclasses.replace(CONFIG, replicates={"a": ("a1", "a2"), "b": ("b1", "b2"), "c": ("c1",)}, negatives=2)
    members = list(drawn_members(config, "chr1", 50))
    assert len(members) == 4 * 2, "ordered pairs of replicates, two others each"
    for first, second in zip(members[::2], members[1::2], strict=True):
        assert (first[:, :2] == second[:, :2]).all() and (first[:, 2] != second[:, 2]).all()
        for part in (first, second):
            assert not {config.biosample(name) for name in part[:, 2]} & {config.biosample(part[0, 0])}
        assert len(set(first[:, 2])) > 1, "not the same one everywhere"
    again = np.concatenate(list(drawn_members(config, "chr1", 50)))
    assert (again == np.concatenate(members)).all()
    assert len(list(drawn_members(dataclasses.replace(config, negatives=9), "chr1", 5))) == 4 * 3, "all there are"


def test_nothing_to_train_on_is_an_error(arrays, splits):
    with pytest.raises(InputError, match="no window is left to train on"):
        build_examples(CONFIG, arrays, splits[splits["split"] != "train"], {})
