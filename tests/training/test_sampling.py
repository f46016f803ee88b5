"""Groups of examples come up as often as the temperature says, and every example of a group alike."""

import logging

import numpy as np
import pandas as pd
import pytest
from toy_training import ToyExamples, encode, toy_batches, toy_frame

from chiasma.core.seed import generator
from chiasma.training.batches import Batches, Plan
from chiasma.training.sampling import draw_rows, group_counts, group_rows, group_shares, report_draw

SIZES = [1000, 100, 10]


def frame(sizes=(30, 15, 5)):
    names = [("wide", "a"), ("wide", "b"), ("far", "a")]
    keys = [key for key, size in zip(names, sizes, strict=True) for _ in range(size)]
    return toy_frame(len(keys)).assign(tileset=[key[0] for key in keys], sample=[key[1] for key in keys])


@pytest.mark.parametrize("temperature", [0.5, 1, 2, 5])
def test_shares_follow_the_power_law(temperature):
    weights = np.array(SIZES) ** (1 / temperature)
    assert group_shares(SIZES, temperature) == pytest.approx(weights / weights.sum())


def test_at_two_the_shares_of_a_hundred_and_one_are_ten_to_one():
    assert group_shares([100, 1], 2) == pytest.approx([10 / 11, 1 / 11])


def test_shares_go_from_proportional_to_even():
    assert group_shares(SIZES, 1) == pytest.approx(np.array(SIZES) / 1110)
    assert group_shares(SIZES, 1e9) == pytest.approx([1 / 3] * 3)
    assert group_shares([10**6, 1], 0.01) == pytest.approx([1, 0]), "and no power overflows"


@pytest.mark.parametrize("total", [1, 7, 100, 1110])
def test_counts_are_the_shares_of_the_total_rounded(total):
    counts = group_counts(SIZES, 3, total)
    assert counts.sum() == total
    assert np.abs(counts - group_shares(SIZES, 3) * total).max() < 1


def test_a_group_is_a_tileset_and_a_sample():
    groups = group_rows(frame())
    assert {name: rows.tolist() for name, rows in groups.items()} == {
        "far a": list(range(45, 50)), "wide a": list(range(30)), "wide b": list(range(30, 45)),
    }  # fmt: skip
    assert list(group_rows(frame().drop(columns="tileset"))) == ["a", "b"]


def test_a_small_group_is_gone_through_whole_before_a_row_comes_again():
    groups, total = [np.arange(100), np.arange(100, 105)], 60
    counts = group_counts([100, 5], 10, total)
    times = np.bincount(draw_rows(groups, 10, total, generator(1)), minlength=105)
    assert [times[:100].sum(), times[100:].sum()] == counts.tolist()
    assert times[:100].max() == 1
    assert times[100:].max() - times[100:].min() <= 1 and times[100:].min() >= 5


def test_every_row_of_a_group_comes_up_alike_over_epochs():
    groups = [np.arange(80), np.arange(80, 100)]
    times = sum(np.bincount(draw_rows(groups, 2, 50, generator(1, epoch)), minlength=100) for epoch in range(2000))
    counts = group_counts([80, 20], 2, 50)
    for rows, count in zip(groups, counts, strict=True):
        expected = 2000 * count / len(rows)
        assert np.abs(times[rows] - expected).max() < 5 * np.sqrt(expected)


def rows_of(batches, epoch=0):
    return np.concatenate([loaded.rows for loaded in batches.stream(epoch)])


def batches(**plan):
    plan = Plan(**{"batch_size": 8, "seed": 1, "order": "drawn", "max_examples": 40, "temperature": 4.0, **plan})
    return Batches(ToyExamples(50), frame(), encode, plan)


def test_an_epoch_of_batches_has_what_each_group_is_due():
    drawn = batches()
    due = dict(zip(group_rows(frame()), group_counts([5, 30, 15], 4, 40), strict=True))
    for epoch in (0, 1):
        rows = rows_of(drawn, epoch)
        found = {name: int(np.isin(rows, own).sum()) for name, own in group_rows(frame()).items()}
        assert found == {name: int(count) for name, count in due.items()}
    assert rows_of(drawn, 0).tolist() == rows_of(batches(), 0).tolist() != rows_of(drawn, 1).tolist()
    assert rows_of(drawn, 0).tolist() != rows_of(batches(seed=2), 0).tolist()


def test_all_tiles_of_an_epoch_are_as_many_as_there_are():
    assert batches(max_examples=0).examples == 50


def test_at_one_the_order_is_that_of_an_epoch_without_groups():
    expected = generator(1, "order", 3).permutation(50)
    assert rows_of(batches(temperature=1.0, max_examples=0), 3).tolist() == expected.tolist()
    assert rows_of(toy_batches(), 3).tolist() == expected.tolist()
    assert rows_of(batches(temperature=1.0), 3).tolist() == expected[:40].tolist()


def test_validation_goes_through_every_row_once_at_any_temperature():
    fixed = batches(order="fixed", max_examples=0)
    assert sorted(rows_of(fixed, 0).tolist()) == list(range(50))
    assert rows_of(fixed, 0).tolist() == rows_of(fixed, 1).tolist()


def test_the_log_says_how_many_tiles_of_each_group_are_drawn(caplog):
    with caplog.at_level(logging.INFO, logger="chiasma"):
        report_draw(frame(), 1e9, 30)
        assert "drawn in an epoch: far a 10 of 5, wide a 10 of 30, wide b 10 of 15" in caplog.text
        caplog.clear()
        report_draw(pd.DataFrame({"sample": ["a"] * 9}), 1.0, 0)
        assert not caplog.text, "one group is no news"
