"""What is left of reported losses, of trainings as they log it, where a fall came from, and the learning rate in effect."""

import math

import pandas as pd
import pytest

from chiasma.core.errors import InputError
from chiasma.evaluation.reported import (
    falls,
    learning_rate,
    patches_of,
    shares_of_history,
    shares_of_report,
    summarise_landmarks,
)
from chiasma.schema.tables import HISTORY, REPORTED

FACTS = {"base_learning_rate": "1.5e-4", "batch_size": "1", "accumulate": "4", "batch_of_base_rate": "256"}


@pytest.fixture
def reported():
    values = {"total": (9.0, 5.0), "image": (0.9, 0.8), "count": (8.1, 4.2)}
    rows = [("x", "pretrain", at, "train", part, value[at]) for part, value in values.items() for at in (1, 0)]
    return pd.DataFrame(rows, columns=REPORTED.names)


def levels(*rows):
    return pd.DataFrame(rows, columns=["part", "landmark", "role", "value"])


def test_a_window_of_448_bins_has_784_patches_of_16():
    assert patches_of(448, 16) == 784


def test_landmarks_are_mean_and_range_over_windows():
    values = levels(("image", "mean", "chance", 0.4), ("image", "mean", "chance", 0.2), ("image", "copy", "floor", 0.0))
    found = summarise_landmarks(values)
    assert found[["landmark", "low", "high", "n"]].to_numpy().tolist() == [["mean", 0.2, 0.4, 2], ["copy", 0, 0, 1]]
    assert found["value"].tolist() == pytest.approx([0.3, 0])


def test_what_is_left_is_one_at_chance_and_zero_at_the_floor_and_needs_both(reported):
    landmarks = levels(
        ("image", "mean", "chance", 0.8), ("image", "copy", "floor", 0.6), ("image", "noise", "", 1.0), ("count", "mean", "", 2.0)
    )  # fmt: skip
    left = shares_of_report(reported, landmarks)
    assert set(left["part"]) == {"image"} and set(left["who"]) == {"x"}
    assert left.set_index("epoch")["value"].to_dict() == pytest.approx({0: 1.5, 1: 1.0})
    assert shares_of_report(reported, levels(("image", "noise", "", 1.0))).empty


def test_of_a_training_what_it_logs_as_left_counts_once():
    rows = [
        (9, 0, "valid", "contrast", 3.0, 4.0, math.nan), (9, 0, "valid", "contrast_left", 0.7, 1.0, 0.0),
        (9, 0, "valid", "image", 0.5, 1.0, 0.0), (9, 0, "valid", "image_left", 0.6, 1.0, 0.0),
        (9, 0, "valid", "pixels", 3.0, 4.0, 2.0), (9, 0, "valid", "total", 3.0, 4.0, 2.0),
        (9, 0, "valid", "speed", 3.0, math.nan, math.nan),
    ]  # fmt: skip
    history = pd.DataFrame(rows, columns=HISTORY.names)
    twice = pd.concat([history.assign(model="m"), history.assign(model="m", value=history["value"] + 0.2)])
    left = shares_of_history(twice)
    assert set(left["who"]) == {"m"} and set(left["epoch"]) == {0}
    assert left.set_index("part")["value"].to_dict() == pytest.approx({"contrast": 0.8, "image": 0.7, "pixels": 0.55})


def test_the_fall_of_each_part_is_from_first_to_last_epoch(reported):
    assert falls(reported, "train") == pytest.approx({"total": 4.0, "image": 0.1, "count": 3.9})
    assert falls(reported, "valid") == {}


def test_the_learning_rate_in_effect_follows_the_batch():
    assert learning_rate(FACTS) == pytest.approx(2.34375e-6)
    assert learning_rate(FACTS, batch_size=1024) == pytest.approx(6e-4)
    assert learning_rate(FACTS, "finetune_") is None
    with pytest.raises(InputError, match="batch_size is 'one', expected a number"):
        learning_rate(FACTS | {"batch_size": "one"})
