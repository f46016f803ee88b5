"""Rows that are learnt from together: shuffled, cut and counted as groups; rows alone are as they always were."""

import numpy as np
import pandas as pd
import pytest
import torch
from toy_training import ToyExamples, encode, toy_batches, toy_frame

from chiasma.cli.label import keep_groups
from chiasma.core.errors import ConfigError, InputError
from chiasma.core.seed import generator
from chiasma.evaluation.few_shot import draw_share
from chiasma.training.batches import Batches, Plan, micro_batches

GROUP, COUNT = 3, 48


def grouped(order="drawn", **plan):
    return toy_batches(order, COUNT, group=GROUP, **plan)


def rows(batches, epoch=0):
    return [loaded.rows for loaded in batches.stream(epoch)]


def is_whole(part):
    first = part[::GROUP]
    return np.array_equal(part, np.add.outer(first, np.arange(GROUP)).ravel()) and not (first % GROUP).any()


@pytest.mark.parametrize("order", ["drawn", "fixed", "given"])
@pytest.mark.parametrize("batch_size", [3, 8, 10, 48])
def test_each_batch_holds_whole_groups_in_their_order(order, batch_size):
    batches = grouped(order, batch_size=batch_size)
    found = rows(batches, 2)
    assert len(found) == len(batches) and all(is_whole(part) and len(part) <= batch_size for part in found)
    assert sorted(np.concatenate(found)) == list(range(COUNT))


def test_groups_are_shuffled_and_the_examples_drawn_are_whole_groups():
    first, other = (np.concatenate(rows(grouped(), epoch)) for epoch in (0, 1))
    assert not np.array_equal(first, other) and not np.array_equal(np.sort(first), first)
    for most, expected in ((10, 9), (1, GROUP), (0, COUNT)):
        drawn = np.concatenate(rows(grouped(max_examples=most)))
        assert len(drawn) == expected == grouped(max_examples=most).examples and is_whole(drawn)


@pytest.mark.parametrize("max_examples", [0, 16])
def test_the_order_of_single_rows_is_what_it_was_before_there_were_groups(max_examples):
    """Spelled out here, because an order that changed would change every model ever trained."""
    for order, rng in (("drawn", generator(1, "order", 3)), ("fixed", generator("order", 50)), ("given", None)):
        expected = np.arange(50) if rng is None else rng.permutation(np.arange(50))
        expected = expected[:max_examples] if max_examples else expected
        pieces = np.array_split(expected, -(-len(expected) // 8))
        found = rows(toy_batches(order, max_examples=max_examples), 3)
        assert [part.tolist() for part in found] == [part.tolist() for part in pieces]


def test_micro_batches_hold_whole_groups():
    batch = {"x": torch.arange(24)}
    for pieces in (1, 2, 3, 5, 20):
        parts = [part["x"].numpy() for part in micro_batches(batch, pieces, GROUP)]
        assert len(parts) == min(pieces, 8) and all(is_whole(part) for part in parts)
        assert np.array_equal(np.concatenate(parts), np.arange(24))


def test_a_batch_too_small_for_a_group_and_a_broken_group_are_errors():
    with pytest.raises(ConfigError, match="a batch of 2 .* cannot hold 3 rows"):
        grouped(batch_size=2)
    with pytest.raises(InputError, match="50 examples are no whole groups of 3"):
        Batches(ToyExamples(50), toy_frame(50), encode, Plan(8, group=GROUP))


def test_a_share_of_few_labels_holds_whole_groups_and_lies_within_a_larger_one():
    examples = pd.DataFrame({"row": np.arange(300), "label": np.tile([0, 1, 2], 100)})
    small, large = (draw_share(examples, share, 4, GROUP)["row"].to_numpy() for share in (0.1, 0.5))
    assert (len(small), len(large)) == (30, 150) and is_whole(small) and is_whole(large)
    assert set(small) < set(large)


def test_a_dropped_row_takes_its_group_with_it():
    kept = [True] * 6 + [True, False, False]
    reason = [""] * 7 + ["other_sample", "sparse"]
    examples = pd.DataFrame({"kept": kept, "reason": reason})
    found = keep_groups(examples, GROUP)
    assert found["kept"].tolist() == [True] * 6 + [False] * 3
    assert found["reason"].tolist() == [""] * 6 + ["other_sample", "other_sample", "sparse"]
    pd.testing.assert_frame_equal(keep_groups(examples, 1), examples, check_dtype=False)
