import json
import math
from dataclasses import dataclass, fields

import pytest
import torch
from torch import nn
from toy_training import ToyModule, toy_config

from chiasma.contracts import Family, Task, TileShape
from chiasma.core.errors import ConfigError, InputError, TrainingError
from chiasma.training import checkpoint
from chiasma.training.checkpoint import (
    TaskModule,
    build_task_module,
    build_untrained,
    load_weights,
    read_config,
    read_state,
    read_tensors,
    write_state,
    write_tensors,
    write_weights,
)
from chiasma.training.optimisation import build_optimiser

SHAPE = {"tile_bins": 4, "strip_bins": 8, "tracks": 1}
WHOLE = {
    "kind": "pretrain", "family": "toy", "parameters": {}, "shape": SHAPE, "tracks": ["atac"], "resolution_bp": 5000,
    "track_bp": 2500, "transductive": False, "training": {}, "task": "signal", "task_parameters": {},
}  # fmt: skip


@dataclass(frozen=True)
class Numbers:
    """The numbers of a toy room."""

    size: int = 1


def trained(steps, module, optimiser):
    for step in range(steps):
        torch.manual_seed(step)
        optimiser.zero_grad()
        module({"x": torch.randn(5, 4)}).square().mean().backward()
        optimiser.step(0.1)
    return module


def test_weights_come_back_bit_for_bit(tmp_path):
    module, other = ToyModule(), ToyModule()
    write_weights(tmp_path / "w.safetensors", module)
    load_weights(tmp_path / "w.safetensors", other)
    assert all(
        torch.equal(a, b) for a, b in zip(module.state_dict().values(), other.state_dict().values(), strict=True)
    )
    assert [path.name for path in tmp_path.iterdir()] == ["w.safetensors"]
    (tmp_path / "usual").touch()
    assert (tmp_path / "w.safetensors").stat().st_mode == (tmp_path / "usual").stat().st_mode, (
        "others may read it as usual"
    )


def test_tied_weights_and_views_are_stored_whole(tmp_path):
    table = torch.arange(6.0).reshape(2, 3)
    write_tensors(
        tmp_path / "t.safetensors", {"a": table, "b": table, "turned": table.T, "none": torch.empty(0)}, {"n": 1}
    )
    tensors, state = read_tensors(tmp_path / "t.safetensors")
    assert state == {"n": 1} and torch.equal(tensors["turned"], table.T)
    assert torch.equal(tensors["a"], tensors["b"]) and tensors["none"].numel() == 0


def test_strict_load_counts_and_names_what_differs(tmp_path):
    write_weights(
        tmp_path / "w.safetensors",
        nn.ModuleDict({"same": nn.Linear(2, 2), "wide": nn.Linear(3, 2), "old": nn.Linear(1, 1)}),
    )
    other = nn.ModuleDict({"same": nn.Linear(2, 2), "wide": nn.Linear(4, 2), "new": nn.Linear(1, 1)})
    before = {name: value.clone() for name, value in other.state_dict().items()}
    with pytest.raises(ConfigError) as caught:
        load_weights(tmp_path / "w.safetensors", other)
    text = str(caught.value)
    assert "3 of 6 match" in text and "2 missing (new.weight, new.bias)" in text and "2 unexpected (old" in text
    assert "wide.weight: file (2, 3), model (2, 4)" in text
    assert all(torch.equal(value, before[name]) for name, value in other.state_dict().items()), "nothing was loaded"


def test_a_damaged_or_missing_file_is_said_to_be(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_tensors(tmp_path / "none.safetensors")
    path = tmp_path / "w.safetensors"
    write_weights(path, ToyModule())
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(InputError, match="not a whole safetensors file"):
        read_tensors(path)


def test_a_state_goes_on_as_if_never_written(tmp_path):
    whole, module, later = ToyModule(), ToyModule(), ToyModule()
    module.load_state_dict(whole.state_dict())
    straight = build_optimiser(whole, toy_config())
    trained(3, whole, straight)
    first = build_optimiser(module, toy_config())
    write_state(tmp_path, trained(3, module, first), first, {"step": 3})
    second = build_optimiser(later, toy_config())
    state = read_state(tmp_path)
    state.load(later, second)
    assert state.scalars == {"step": 3}
    trained(2, whole, straight), trained(2, later, second)
    assert all(torch.equal(a, b) for a, b in zip(whole.state_dict().values(), later.state_dict().values(), strict=True))


def test_no_state_is_none_and_a_damaged_one_an_error(tmp_path):
    assert read_state(tmp_path) is None
    (tmp_path / "state.safetensors").write_bytes(b"half")
    with pytest.raises(TrainingError, match="starts over"):
        read_state(tmp_path)


def test_a_model_folder_of_another_kind_is_refused(tmp_path):
    with pytest.raises(InputError, match="chiasma pretrain"):
        read_config(tmp_path, "pretrain")
    (tmp_path / "config.json").write_text(json.dumps(WHOLE | {"kind": "finetune"}))
    assert read_config(tmp_path, "finetune") == WHOLE | {"kind": "finetune"}
    with pytest.raises(InputError, match="kind 'finetune', expected one written by `chiasma pretrain`"):
        read_config(tmp_path, "pretrain")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps(WHOLE)[:-9], "not a whole JSON file"),
        ("", "not a whole JSON file"),
        ("[1, 2]", "holds a list, expected keys and values"),
        (json.dumps({key: value for key, value in WHOLE.items() if key != "shape"}), "shape missing, expected family"),
        (json.dumps({"kind": "pretrain"}), "family, parameters, shape, tracks, .* missing"),
        (json.dumps(WHOLE | {"shape": {"tile_bins": 4}}), "shape is {'tile_bins': 4}"),
        (json.dumps(WHOLE | {"shape": 4, "family": None}), "family is None; shape is 4"),
    ],
)
def test_a_damaged_description_of_a_model_is_an_error_that_says_what_to_do(tmp_path, text, said):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(InputError, match=rf"config\.json: .*{said}.*run `chiasma pretrain` again"):
        read_config(tmp_path, "pretrain")


def test_bytes_that_are_no_text_are_no_description_of_a_model(tmp_path):
    (tmp_path / "config.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(InputError, match="not a whole JSON file"):
        read_config(tmp_path, "pretrain")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_weights_that_are_not_finite_are_refused_by_name(tmp_path, value):
    module, other = nn.Linear(2, 2), nn.Linear(2, 2)
    before = other.weight.clone()
    with torch.no_grad():
        module.bias[1] = value
    write_weights(tmp_path / "w.safetensors", module)
    with pytest.raises(InputError, match=r"w\.safetensors: 1 of the tensors hold nan or infinite numbers \(bias\)"):
        load_weights(tmp_path / "w.safetensors", other)
    assert torch.equal(other.weight, before), "nothing was loaded"


class Doubled(nn.Module):
    """A representation that yields twice its input."""

    encoder, width = nn.Identity(), 3

    def forward(self, batch):
        return 2 * batch["x"]


class Added(nn.Module):
    """A head that also reads the batch."""

    def forward(self, features, batch):
        return features + batch["distance"]


def test_the_head_is_given_what_the_family_yields_and_the_batch():
    batch = {"x": torch.ones(2, 3), "distance": torch.tensor([[1.0], [5.0]])}
    assert TaskModule(Doubled(), Added())(batch).tolist() == [[3, 3, 3], [7, 7, 7]]


def bundle(kind, **known):
    return kind(**dict.fromkeys(field.name for field in fields(kind)) | known)


@pytest.fixture
def rooms(monkeypatch):
    """A toy family and a toy task; returns what the family was asked to build."""
    asked, numbers = [], {"needs": "strip", "hides": ("targets",)}

    def build(numbers, shape, need):
        asked.append((shape, need))
        return Doubled()

    def family(name):
        reads = lambda numbers: frozenset({"contacts", "tracks"})  # noqa: E731
        return bundle(
            Family,
            name=name,
            config=Numbers,
            yields=lambda numbers: ("pair", "strip"),
            reads=reads,
            build_representation=build,
        )

    def task(name):
        return bundle(Task, name=name, config=Numbers, build_head=lambda numbers, width: nn.Linear(width, 1), **numbers)

    monkeypatch.setattr(checkpoint, "load_family", family)
    monkeypatch.setattr(checkpoint, "load_task", task)
    return asked, numbers


CONFIG = {
    "family": "toy", "parameters": {}, "task": "signal", "task_parameters": {"size": 7},
    "shape": SHAPE,
}  # fmt: skip


def test_untrained_weights_follow_their_seed_alone(monkeypatch):
    family = bundle(Family, name="toy", config=Numbers, build_model=lambda numbers, shape: nn.Linear(3, numbers.size))
    monkeypatch.setattr(checkpoint, "load_family", lambda name: family)
    first, other = (build_untrained(CONFIG | {"seed": 7}, seed).module.weight for seed in (1, 2))
    torch.manual_seed(9)
    assert torch.equal(build_untrained(CONFIG | {"seed": 8}, 1).module.weight, first)
    assert not torch.equal(first, other)


def test_a_task_model_is_built_for_the_tasks_need(rooms):
    built = build_task_module(CONFIG)
    assert rooms[0] == [(TileShape(4, 8, 1), "strip")]
    assert (built.module.head.in_features, built.task_config.size) == (3, 7)


def test_a_model_that_does_not_yield_what_the_task_needs_is_refused(rooms):
    rooms[1]["needs"] = "grid"
    with pytest.raises(ConfigError, match="task 'signal' needs a grid; family 'toy' yields pair, strip"):
        build_task_module(CONFIG)


def test_a_model_that_reads_what_the_task_predicts_is_refused(rooms):
    rooms[1]["hides"] = ("contacts", "targets")
    with pytest.raises(ConfigError, match="task 'signal' predicts contacts, which this model of family 'toy' reads"):
        build_task_module(CONFIG)
