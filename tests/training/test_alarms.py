"""What stays at chance is told, what learns is not."""

import logging
import math

import numpy as np
import pytest
import torch
from toy_training import toy_fit, toy_learner

from chiasma.contracts import StepOutput
from chiasma.training.alarms import ChanceWatch, find_at_chance, warn_of_rate


def rows(values, part="contrast", split="valid", chance=2.0, floor=0.0):
    return [[10 * (epoch + 1), epoch, split, part, value, chance, floor] for epoch, value in enumerate(values)]


def parts(table):
    return [one.part for one in find_at_chance(table)]


@pytest.mark.parametrize(
    ("values", "is_told"),
    [
        ([2.0, 2.0, 2.0], True),
        ([2.0, 1.97, 1.97], True),
        ([2.0, 1.95, 2.0], False),
        ([1.0, 1.99, 1.99, 1.99], True),
        ([2.0, 2.0, 2.0, 1.0], False),
        ([2.5, 2.4, 2.6], True),
        ([2.0], True),
        ([1.9], False),
        ([2.0, math.nan, 2.0], False),
        ([], False),
    ],
)
def test_the_last_three_epochs_are_judged_by_the_way_from_chance_to_floor(values, is_told):
    assert parts(rows(values)) == ["contrast"] * is_told


@pytest.mark.parametrize(
    ("chance", "floor", "is_told"),
    [(0.5, 1.0, True), (0.5, 0.0, True), (math.nan, 0.0, False), (2.0, math.nan, False), (0.4, 0.4, False)],
)
def test_a_metric_climbs_from_chance_and_what_has_no_reference_is_not_judged(chance, floor, is_told):
    assert parts(rows([0.5] * 3, "auroc", chance=chance, floor=floor)) == ["auroc"] * is_told


def test_what_is_left_has_its_references_by_its_name():
    unknown = {"chance": math.nan, "floor": math.nan}
    assert parts(rows([0.99] * 3, "ssim_left", **unknown)) == ["ssim_left"]
    assert parts(rows([0.9] * 3, "ssim_left", **unknown)) == []


def test_validation_counts_before_training_whose_rows_are_averaged_by_epoch():
    train = rows([2.0] * 3, split="train")
    assert parts(train) == ["contrast"] and parts(train + rows([1.0] * 3)) == []
    assert parts([*train, [31, 2, "train", "contrast", 1.0, 2.0, 0.0]]) == []
    assert parts(rows([2.0] * 3, "total")) == [], "a total is made of its parts"


def test_the_message_names_part_value_chance_and_meaning():
    (found,) = find_at_chance(rows([2.0, 2.0, 1.99]))
    assert "contrast of split valid is 1.99, chance is 2 (best possible 0)" in str(found)
    assert "nothing has been learnt of it" in str(found) and found.epochs == 3


@pytest.fixture
def told(caplog):
    logging.getLogger("chiasma").propagate = True
    return lambda: [record.message for record in caplog.records if record.levelname == "WARNING"]


def test_a_part_is_told_once_and_not_before_the_learning_rate_has_risen(told):
    watch, table = ChanceWatch(epochs=20, warmup_fraction=0.1), rows([2.0] * 6)
    assert watch.look(table[:4], 4, is_last=False) == () and told() == []
    assert [one.part for one in watch.look(table[:5], 5, is_last=False)] == ["contrast"]
    watch.look(table, 6, is_last=True)
    assert len(told()) == 1 and "at chance" in told()[0]


def test_a_run_at_chance_alarms_and_one_that_learns_does_not(tmp_path, told):
    learner, outcome = toy_fit(tmp_path / "learns", epochs=4)
    assert outcome.at_chance == () and told() == []

    def step(batch, epoch):
        flat = learner.step(batch, epoch).total * 0 + math.log(2)
        return StepOutput(flat, {"cross_entropy": flat}, len(batch["x"]))

    stuck = toy_learner(learner.module, step=step, judge=None)
    _, outcome = toy_fit(tmp_path / "stuck", stuck, epochs=4)
    (one,) = outcome.at_chance
    assert (one.part, one.split, one.epochs) == ("cross_entropy", "valid", 3)
    assert one.value == pytest.approx(np.log(2)) and len(told()) == 1
    _, again = toy_fit(tmp_path / "stuck", stuck, epochs=4)
    assert again.resumed_at == again.steps and again.at_chance == outcome.at_chance, "a finished run says it again"


def test_a_learning_rate_that_hardly_moves_anything_is_told(tmp_path, told):
    warn_of_rate(1e-5)
    assert told() == []
    before = toy_learner().module.state_dict()["head.weight"].clone()
    learner, _ = toy_fit(tmp_path, epochs=1, learning_rate=2.34e-6)
    assert "never above 2.3e-06" in told()[0]
    assert torch.allclose(learner.module.head.weight, before, atol=1e-4)
