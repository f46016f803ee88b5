import pickle
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from toy_training import ToyExamples, encode, toy_batches, toy_frame

from chiasma.contracts import Family, Task
from chiasma.core.errors import InputError
from chiasma.training.batches import Batches, Encoding, Plan, cut, micro_batches


def rows(batches, epoch=0, start=0):
    return [loaded.rows.tolist() for loaded in batches.stream(epoch, start)]


@pytest.mark.parametrize("count", [1, 7, 8, 9, 15, 16, 17, 50])
def test_cut_leaves_none_out_and_makes_no_stub(count):
    pieces = cut(np.arange(count), 8)
    sizes = [len(piece) for piece in pieces]
    assert np.concatenate(pieces).tolist() == list(range(count))
    assert max(sizes) <= 8 and max(sizes) - min(sizes) <= 1
    assert len(pieces) == -(-count // 8)


def test_drawn_order_is_a_function_of_seed_and_epoch():
    first, again, other = toy_batches(), toy_batches(), toy_batches(seed=2)
    assert rows(first, 3) == rows(again, 3)
    assert rows(first, 3) != rows(first, 4)
    assert rows(first, 3) != rows(other, 3)
    for epoch in (0, 1):
        assert sorted(sum(rows(first, epoch), [])) == list(range(50))


def test_max_examples_are_drawn_anew_each_epoch():
    batches = toy_batches(max_examples=16)
    drawn = [set(sum(rows(batches, epoch), [])) for epoch in range(8)]
    assert len(batches) == 2 and all(len(each) == 16 for each in drawn)
    assert drawn[0] != drawn[1]
    assert len(set.union(*drawn)) > 40


def test_a_stream_can_start_in_the_middle():
    whole, tail = list(toy_batches().stream(2)), list(toy_batches().stream(2, 4))
    assert len(tail) == len(whole) - 4
    for one, two in zip(whole[4:], tail, strict=True):
        assert torch.equal(one.batch["x"], two.batch["x"])


def test_augmentation_is_of_training_alone():
    examples = ToyExamples()
    for order, is_exact in (("drawn", False), ("fixed", True), ("given", True)):
        for loaded in toy_batches(order).stream():
            assert np.array_equal(loaded.batch["x"].numpy(), examples.x[loaded.rows]) == is_exact
            assert np.array_equal(loaded.batch["label"].numpy(), examples.label[loaded.rows])


def test_validation_order_is_the_same_for_each_seed_and_epoch_and_prediction_keeps_the_rows():
    assert rows(toy_batches("fixed", seed=1), 0) == rows(toy_batches("fixed", seed=2), 5)
    assert sum(rows(toy_batches("fixed")), []) != list(range(50))
    assert sum(rows(toy_batches("given")), []) == list(range(50))


def test_loading_processes_change_nothing():
    plain, loaded = toy_batches(), toy_batches(workers=1)
    state = torch.get_rng_state()
    for epoch, start in ((0, 0), (1, 3)):
        for one, two in zip(plain.stream(epoch, start), loaded.stream(epoch, start), strict=True):
            assert one.rows.tolist() == two.rows.tolist()
            assert torch.equal(one.batch["x"], two.batch["x"]) and torch.equal(one.batch["label"], two.batch["label"])
    assert torch.equal(state, torch.get_rng_state())


def test_examples_are_named_by_their_coordinates():
    text = toy_batches().describe(np.array([3, 8]))
    assert "s1 chr1 bins 3,7" in text and "bins 8,12" in text
    assert "and 45 more" in toy_batches().describe(np.arange(50))


def test_no_examples_is_an_error():
    with pytest.raises(InputError, match="no examples"):
        Batches(ToyExamples(0), toy_frame(0), encode, Plan(8))


def test_micro_batches_put_together_are_the_batch():
    batch = {"x": torch.arange(10.0).reshape(5, 2), "label": torch.arange(5)}
    pieces = micro_batches(batch, 2)
    assert [len(piece["x"]) for piece in pieces] == [2, 3]
    for name, tensor in batch.items():
        assert torch.equal(torch.cat([piece[name] for piece in pieces]), tensor)
    assert len(micro_batches(batch, 9)) == 5


# ----------------------------------------------------------------------------------------------------- Encoding
# A family that shows all it is given, and a task that predicts the targets: functions of a module, so that they travel.


def show(examples, config, rng):
    return {name: torch.from_numpy(array + config) for name, array in examples.items()}


def turn(examples, config, rng):
    """Augment: examples drawn at random are read backwards, targets with tracks."""
    back = rng.random(len(examples["tracks"])) < 0.5
    return {name: np.where(back[:, None], array[:, ::-1], array) for name, array in examples.items()}


def take(examples, config):
    return {"truth": config * examples["targets"][:, 1:]}  # a view that is not contiguous is a target too


def bundle(kind, **known):
    return kind(**dict.fromkeys(field.name for field in fields(kind)) | known)


FAMILY = bundle(Family, name="toy", augment=turn, encode=show)
TASK = bundle(Task, name="toy", hides=("targets",), encode=take)
ENCODING = Encoding(FAMILY, 0.0, TASK, 10.0)


def strips(count=40):
    tracks = np.random.default_rng(3).random((count, 6))
    return {"tracks": tracks, "targets": tracks + 1}


def rng(seed=5):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("generator", [None, rng()], ids=["evaluation", "training"])
def test_what_the_task_hides_is_not_in_what_the_family_sees(generator):
    assert ENCODING(strips(), generator).keys() == {"tracks", "truth"}
    assert Encoding(FAMILY, 0.0)(strips(), generator).keys() == {"tracks", "targets"}, (
        "nothing is hidden without a task"
    )


def test_family_and_task_each_have_their_own_numbers():
    batch = Encoding(FAMILY, 0.5, TASK, 10.0)(strips(), None)
    np.testing.assert_array_equal(batch["tracks"], strips()["tracks"] + 0.5)
    np.testing.assert_array_equal(batch["truth"], 10 * strips()["targets"][:, 1:])


def test_targets_come_from_the_augmented_examples():
    batch = ENCODING(strips(), rng())
    np.testing.assert_allclose(batch["truth"], 10 * (batch["tracks"][:, 1:] + 1))
    turned = (batch["tracks"].numpy() != strips()["tracks"]).any(axis=1)
    assert 0 < turned.sum() < 40
    np.testing.assert_array_equal(ENCODING(strips(), None)["tracks"], strips()["tracks"])


def test_the_control_deals_whole_targets_anew_in_training_and_leaves_inputs_alone():
    plain, dealt, again = (replace(ENCODING, permute=permute)(strips(), rng()) for permute in (False, True, True))
    assert torch.equal(dealt["tracks"], plain["tracks"])
    assert torch.equal(dealt["truth"], again["truth"])
    moved = (dealt["truth"] != plain["truth"]).any(dim=1)
    assert moved.sum() > 30, "few of 40 examples keep their own target"
    assert sorted(dealt["truth"].tolist()) == sorted(plain["truth"].tolist())


def test_the_control_leaves_validation_and_prediction_alone():
    plain, control = (replace(ENCODING, permute=permute)(strips(), None) for permute in (False, True))
    assert all(torch.equal(plain[name], control[name]) for name in plain)


def test_targets_of_an_example_are_dealt_together():
    both = replace(TASK, encode=take_both)
    batch = Encoding(FAMILY, 0.0, both, 10.0, permute=True)(strips(), rng())
    assert torch.equal(batch["truth"][:, 0], batch["first"])


def take_both(examples, config):
    truth = take(examples, config)["truth"]
    return {"truth": truth, "first": truth[:, 0]}


def test_an_encoding_travels_to_loading_processes():
    encoding = replace(ENCODING, permute=True)
    there = pickle.loads(pickle.dumps(encoding))
    assert there == encoding
    assert torch.equal(there(strips(), rng())["truth"], encoding(strips(), rng())["truth"])


def test_encoding_leaves_the_examples_alone():
    examples = strips()
    replace(ENCODING, permute=True)(examples, rng())
    assert all(np.array_equal(array, strips()[name]) for name, array in examples.items())
