"""One file of each kind: models with their bases, tasks with their baselines, YAML as people write it."""

import dataclasses

import pytest
import yaml

from chiasma.core.errors import ConfigError
from chiasma.schema.rooms import room_module, room_names
from chiasma.schema.run import read_model, read_task, read_yaml

FAMILY, TASK = room_names("families")[0], room_names("tasks")[0]
TRAINING = {"epochs": 1, "batch_size": 2, "learning_rate": 0.1}
MODEL = {"family": FAMILY, "tileset": "w", "pretrain": TRAINING, "finetune": TRAINING}


@pytest.fixture
def write(tmp_path):
    def write(name, values):
        (tmp_path / f"{name}.yaml").write_text(values if isinstance(values, str) else yaml.safe_dump(values))
        return tmp_path

    return write


def test_a_model_takes_over_its_bases_and_overrides_them_key_by_key(write):
    write("one", MODEL)
    write("two", {"base": "one", "pretrain": {"learning_rate": 0.5}})
    folder = write("three", {"base": "two", "finetune": None})
    model = read_model("three", folder)
    assert model.pretrain == TRAINING | {"learning_rate": 0.5}
    assert model.finetune is None
    assert model.base is None


def test_bases_that_lead_in_a_circle_are_named(write):
    write("one", {"base": "two"})
    folder = write("two", {"base": "one"})
    with pytest.raises(ConfigError, match="base 'one' leads back to itself .one -> two -> one."):
        read_model("one", folder)


def test_a_missing_base_is_named(write):
    folder = write("one", {"base": "nowhere"})
    with pytest.raises(ConfigError, match="unknown file 'nowhere'"):
        read_model("one", folder)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"family": FAMILY + "c"}, f"unknown family '{FAMILY}c'; did you mean '{FAMILY}'"),
        ({"parameters": {"widht": 8}}, "parameters: unknown key 'widht'; did you mean 'width'?"),
        ({"parameters": {"width": "broad"}}, "parameters: width: Input should be a valid integer"),
        (
            {"pretrain": TRAINING | {"learning_rat": 1}},
            "pretrain: unknown key 'learning_rat'; did you mean 'learning_rate'?",
        ),
        ({"finetune": {"epochs": 1, "batch_size": 2}}, "finetune: key 'learning_rate' is missing"),
        ({"pretrain": TRAINING | {"batch_size": 3, "accumulate": 2}}, "batch_size 3 is not a multiple of accumulate 2"),
        ({"famly": 1}, "unknown key 'famly'; did you mean 'family'?"),
        ({"pretrain": TRAINING | {"betas": [0.9, 1.5]}}, "betas must be two numbers in [0, 1), found [0.9, 1.5]"),
        (
            {"pretrain": TRAINING | {"lora_rank": 4}},
            "pretrain: layer_decay and lora_rank adapt weights that are pre-trained",
        ),
        ({"pretrain": None, "encoder": "two", "init": "w"}, "encoder and init: fine-tuning starts from one of them"),
    ],
)
def test_a_models_numbers_are_checked_by_family_and_training(write, edit, said):
    folder = write("one", MODEL | edit)
    with pytest.raises(ConfigError) as caught:
        read_model("one", folder)
    assert said in str(caught.value)
    assert "one.yaml" in str(caught.value)


def test_a_tasks_numbers_and_baselines_are_checked(write):
    callers = room_module("tasks", TASK, "config").BASELINES
    name = next(iter(callers))
    folder = write("fine", {"task": TASK, "tileset": "w", "baselines": {name: {}}})
    assert read_task("fine", folder).baselines == {name: {}}
    write("odd", {"task": TASK, "tileset": "w", "baselines": {name + "x": {}}})
    with pytest.raises(ConfigError, match=f"unknown baseline '{name}x'; did you mean '{name}'"):
        read_task("odd", folder)
    write("bad", {"task": TASK, "tileset": "w", "baselines": {name: {"nonsense": 1}}})
    with pytest.raises(ConfigError, match=f"baselines.{name}: unknown key 'nonsense'"):
        read_task("bad", folder)


def test_each_stage_gets_the_numbers_of_a_task_that_it_reads(write):
    room = room_module("tasks", TASK, "config")
    names = dataclasses.asdict(room.Config())
    folder = write("fine", {"task": TASK, "tileset": "w", "parameters": {name: names[name] for name in names}})
    task = read_task("fine", folder)
    assert set(task.numbers("finetune")) == set(room.HEAD)
    assert set(task.numbers("label")) == set(names) - {*room.HEAD, *room.CALLING}
    assert set(task.numbers("predict")) == set(names)


@pytest.mark.parametrize(
    ("text", "said"),
    [("a: [1", "not valid YAML"), ("- 1", "expected keys and values, found list"), ("", "found NoneType")],
)
def test_a_file_that_is_no_mapping_is_refused(write, text, said):
    folder = write("one", text)
    with pytest.raises(ConfigError, match=said):
        read_yaml(folder / "one.yaml")


@pytest.mark.parametrize("name", room_names("tasks"))
def test_what_labelling_shares_with_the_head_reaches_both_and_calling_reaches_neither(write, name):
    room = room_module("tasks", name, "config")
    shared = {*getattr(room, "SHARED", ())}
    names = dataclasses.asdict(room.Config())
    task = read_task("fine", write("fine", {"task": name, "tileset": "w", "parameters": names}))
    label, finetune = {*task.numbers("label")}, {*task.numbers("finetune")}
    assert label & finetune == shared
    assert shared <= {*room.HEAD} and not {*room.CALLING} & (label | finetune)
    assert label | finetune | {*room.CALLING} == {*task.numbers("predict")} == {*names}


def test_some_room_shares_numbers_between_labelling_and_the_head():
    assert any(getattr(room_module("tasks", name, "config"), "SHARED", ()) for name in room_names("tasks"))


def test_a_task_sets_training_numbers_over_those_of_the_models(write):
    folder = write("fine", {"task": TASK, "tileset": "w", "finetune": {"monitor": "pearson", "monitor_mode": "max"}})
    assert read_task("fine", folder).finetune == {"monitor": "pearson", "monitor_mode": "max"}
    assert read_task("plain", write("plain", {"task": TASK, "tileset": "w"})).finetune == {}


@pytest.mark.parametrize(
    ("finetune", "said"),
    [
        ({"monitr": "pearson"}, "odd.yaml: finetune: unknown key 'monitr'; did you mean 'monitor'?"),
        ({"monitor_mode": "largest"}, "odd.yaml: finetune: monitor_mode: Input should be 'min' or 'max'"),
        ({"epochs": 0}, "epochs must be at least 1, found 0"),
        ({"batch_size": 3, "accumulate": 2}, "batch_size 3 is not a multiple of accumulate 2"),
    ],
)
def test_training_numbers_of_a_task_are_checked(write, finetune, said):
    folder = write("odd", {"task": TASK, "tileset": "w", "finetune": finetune})
    with pytest.raises(ConfigError) as caught:
        read_task("odd", folder)
    assert said in str(caught.value)
