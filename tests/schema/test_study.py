"""A study is checked whole: what is wrong, where, and what would be right."""

from pathlib import Path

import pytest
from study_house import FAMILY, SHEET, STUDY, TASK

from chiasma.core.errors import ConfigError
from chiasma.schema.rooms import room_module
from chiasma.schema.study import read_study


def test_a_right_study_knows_its_samples_models_and_files(house):
    study = house.read()
    assert study.sample_names == ["a", "b", "c"]
    assert study.tileset_samples("windows") == ["a", "b"], "c has no contacts"
    assert study.raw("a", "contacts") == Path("resources/raw/far_hic/far.hic")
    assert study.raw("b", "contacts") == Path("raw/b.mcool")
    assert study.labels("pairs") == {"a": "loops"}
    assert study.truth("pairs") == [("a", "loops")]
    assert study.task_models("pairs") == ["one", "scratch"]
    assert study.assembly_table == Path("resources/assemblies/toy.tsv")
    assert (study.encoder_of("one"), study.encoder_of("scratch")) == ("one", None)


def test_every_predictor_has_each_seed_or_the_first_one(house):
    callers = room_module("tasks", TASK, "config").BASELINES
    house.yaml(
        "config/tasks/pairs.yaml", {"task": TASK, "tileset": "windows", "baselines": {name: {} for name in callers}}
    )
    predictors = house.read().predictors("pairs")
    for name, caller in callers.items():
        assert [seed for other, seed in predictors if other == name] == ([1, 2] if caller.SEEDED else [1])
    assert ("scratch", 2) in predictors


def test_a_target_needs_one_sample_that_has_it(house):
    house.text("config/samples/s.tsv", "\n".join([*SHEET, "b\tdnase\traw/b.bw\ttoy"]))
    study = house.read(tilesets={"windows": {"tracks": ["atac"], "targets": ["dnase"]}})
    assert study.tileset_samples("windows") == ["a", "b"], "a lacks the target, and stays to learn inputs from"


def test_a_model_that_reads_what_a_task_hides_does_not_meet_it(house, monkeypatch):
    room = room_module("tasks", TASK, "config")
    family = room_module("families", FAMILY, "config")
    study = house.read()
    monkeypatch.setattr(room, "HIDES", ("contacts",))
    monkeypatch.setattr(family, "reads", lambda numbers: frozenset({"tracks"}))
    assert study.task_models("pairs") == ["one", "scratch"]
    monkeypatch.setattr(family, "reads", lambda numbers: frozenset({"contacts", "tracks"}))
    assert study.task_models("pairs") == []
    monkeypatch.setattr(room, "HIDES", ())
    assert study.task_models("pairs") == ["one", "scratch"]
    monkeypatch.setattr(room, "NEEDS", "a smell")
    assert study.task_models("pairs") == []


def give_truth_to_b(house):
    house.text("config/samples/s.tsv", "\n".join([*SHEET, "b\tloops\traw/a.bedpe\ttoy"]))


def test_a_task_may_train_on_some_samples_and_test_on_others(house):
    give_truth_to_b(house)
    assert house.read().predicted_samples("pairs") == ["a", "b"]
    task = {"task": TASK, "tileset": "windows", "train_samples": ["a"], "test_samples": ["b"]}
    house.yaml("config/tasks/pairs.yaml", task)
    study = house.read()
    assert study.truth("pairs") == [("b", "loops")]
    assert study.predicted_samples("pairs") == ["b"]
    assert study.labels("pairs") == {"a": "loops", "b": "loops"}, (
        "labels of both are read; the command drops the others"
    )


def test_a_task_whose_truth_is_in_the_arrays_is_predicted_for_each_sample(house, monkeypatch):
    room = room_module("tasks", TASK, "config")
    monkeypatch.setattr(room, "TRUTH", None)
    monkeypatch.setattr(room, "READS", None)
    study = house.read()
    assert (study.labels("pairs"), study.truth("pairs")) == ({}, [])
    assert study.predicted_samples("pairs") == ["a", "b"]
    house.yaml("config/tasks/pairs.yaml", {"task": TASK, "tileset": "windows", "test_samples": ["b"]})
    assert house.read().predicted_samples("pairs") == ["b"]


@pytest.mark.parametrize("key", ["train_samples", "test_samples"])
def test_a_task_names_samples_of_its_tileset(house, key):
    house.yaml("config/tasks/pairs.yaml", {"task": TASK, "tileset": "windows", key: ["a", "c"]})
    assert f"task 'pairs': {key}: unknown sample 'c'" in house.error()


def test_tests_on_samples_without_truth_are_refused(house):
    house.yaml("config/tasks/pairs.yaml", {"task": TASK, "tileset": "windows", "test_samples": ["b"]})
    assert "task 'pairs': truth is" in house.error()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"seed": [1]}, "s.yaml: unknown key 'seed'; did you mean 'seeds'?"),
        ({"normalise": {"balanse": "ice"}}, "unknown key 'normalise.balanse'; did you mean 'balance'?"),
        (
            {"tilesets": {"windows": {"tracks": ["atac"], "tile_bin": 9}}},
            "'tilesets.windows.tile_bin'; did you mean 'tile_bins'?",
        ),
        ({"splits": STUDY["splits"] | {"tset": ["c3"]}}, "unknown key 'splits.tset'; did you mean 'test'?"),
        ({"resolution_bp": "five"}, "s.yaml: resolution_bp: Input should be a valid integer"),
        ({"resolution_bp": "five"}, "found 'five'"),
        ({"resolution_bp": 0}, "resolution_bp: Input should be greater than 0"),
        ({"normalise": {"balance": "ICE"}}, "normalise.balance: Input should be 'ice'"),
        ({"study": "a study"}, "study: String should match pattern"),
        ({"seeds": [1, 2, 1]}, "seeds: Value error, '1' stands there more than once"),
        ({"models": ["one", "one"]}, "models: Value error, 'one' stands there more than once"),
        ({"seeds": []}, "seeds: List should have at least 1 item"),
        ({"track_bp": 300}, "track_bp 300 does not divide resolution_bp 5000"),
        ({"samples": "config/samples/t.tsv"}, "config/samples/t.tsv: no such file"),
        ({"models": ["onee"]}, "unknown file 'onee'; did you mean 'one'?"),
        ({"tasks": ["pair"]}, "did you mean 'pairs'?"),
        ({"assembly": "toi"}, "unknown assembly 'toi'; did you mean 'toy'?"),
        ({"chromosomes": ["c1", "c2", "c3", "c4"]}, "s.yaml: chromosomes: unknown chromosome 'c4'"),
        ({"splits": STUDY["splits"] | {"test": ["c4"]}}, "splits: unknown chromosome 'c4'"),
        ({"splits": STUDY["splits"] | {"test": ["c1"]}}, "chromosome 'c1' is in more than one split"),
        (
            {"tilesets": {"windows": {"tracks": ["dnase"]}}},
            "no sample in config/samples/s.tsv has contacts and all of dnase",
        ),
        ({"tilesets": {"narrow": {"tracks": ["atac"]}}}, "model 'one': unknown tileset 'windows'"),
        ({"tilesets": {"windows": {"tracks": ["loops"]}}}, "track 'loops' of sample 'a' is loops, not signal"),
        (
            {"tilesets": {"windows": {"tracks": ["atac"], "targets": ["atac"]}}},
            "tilesets.windows: 'atac' is a track and a target; a model would be shown what it is to predict",
        ),
        (
            {"tilesets": {"windows": {"tracks": ["atac"], "targets": ["dnas"]}}},
            "tilesets.windows: signal assays: unknown target 'dnas'",
        ),
        (
            {"tilesets": {"windows": {"tracks": ["atac"], "targets": ["loops"]}}},
            "unknown target 'loops'",
        ),
        ({"models": ["scratch"], "tasks": []}, None),
    ],
)
def test_what_is_wrong_is_said_with_its_place(house, changed, said):
    if said is None:
        assert house.read(**changed).models["scratch"].pretrain is None
    else:
        assert said in house.error(**changed)


def test_every_problem_of_a_file_is_listed_at_once(house):
    message = house.error(resolution_bp="x", seeds="y")
    assert "resolution_bp" in message
    assert "seeds" in message


def test_a_missing_key_is_named(house):
    values = {key: value for key, value in STUDY.items() if key != "title"}
    with pytest.raises(ConfigError, match="key 'title' is missing"):
        read_study(values, "s.yaml", house.root)


@pytest.mark.parametrize(("gap_bp", "right"), [(249_999, False), (250_000, True)])
def test_a_gap_is_at_least_a_tile_wide(house, gap_bp, right):
    splits = {"by": "block", "block_bp": 1_000_000, "gap_bp": gap_bp}
    if right:
        assert house.read(splits=splits).run.splits.gap_bp == gap_bp
    else:
        assert "splits.gap_bp 249999 is narrower than a tile of 'windows', 250000 bp" in house.error(splits=splits)


def test_a_row_of_another_assembly_is_refused(house):
    house.text("config/samples/s.tsv", "\n".join(SHEET[:-1] + ["b\tdnase\traw/b.bw\thg19"]))
    assert "sample 'b' assay 'dnase' is hg19, the study is toy" in house.error()


def test_labels_that_no_sample_has_are_refused(house):
    house.text("config/samples/s.tsv", "\n".join(line for line in SHEET if "loops" not in line))
    assert "task 'pairs': labels is 'loops', but no sample of tileset 'windows' has that assay" in house.error()


def test_a_baseline_may_not_take_a_models_name(house):
    name = next(iter(room_module("tasks", TASK, "config").BASELINES))
    house.yaml("config/tasks/pairs.yaml", {"task": TASK, "tileset": "windows", "baselines": {name: {}}})
    house.yaml(f"config/models/{name}.yaml", {"base": "one"})
    assert f"baseline '{name}' has the name of a model" in house.error(models=["one", name])


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"encoder": "scratch"}, "encoder 'scratch' is not a pre-trained model of this study"),
        ({"encoder": "nobody"}, "encoder 'nobody' is not a pre-trained model"),
        ({"encoder": "one", "tileset": "other"}, "tileset is 'other', that of its encoder 'one' is 'windows'"),
    ],
)
def test_an_encoder_must_be_there_and_fit(house, edit, said):
    house.yaml("config/models/third.yaml", {"base": "scratch"} | edit)
    tilesets = STUDY["tilesets"] | {"other": {"tracks": ["atac"]}}
    assert said in house.error(models=["one", "scratch", "third"], tilesets=tilesets)


def test_a_simulated_study_needs_no_files_of_the_outside_world(house):
    room = room_module_simulate()
    numbers = {"chromosomes": {"c1": 8_000_000, "c2": 8_000_000, "c3": 8_000_000}, "contacts": 1000, "samples": ["a"]}
    names = {Path(name).suffix: name for name in room.file_names(room.Config(**numbers))}
    made = {"contacts": names[".mcool"], "atac": names[".bw"], "loops": names[".bedpe"]}
    rows = [f"a\t{assay}\tresources/raw/s/{name}\ttoy" for assay, name in made.items()]
    house.text("config/samples/s.tsv", "\n".join([SHEET[0], *rows]))
    study = house.read(simulate=numbers)
    assert study.assembly_table == Path("resources/raw/s/assembly.tsv")
    assert "unknown chromosome 'c9'" in house.error(simulate=numbers, chromosomes=["c1", "c2", "c3", "c9"])
    assert "unknown key 'contact'; did you mean 'contacts'?" in house.error(simulate=numbers | {"contact": 1})


def room_module_simulate():
    from chiasma.simulate import config

    return config


@pytest.mark.parametrize("at_start", [True, False])
def test_weights_to_start_from_must_be_there(house, at_start):
    edit = {"base": "one", "pretrain": None, "init": "w.pth"} if at_start else {"base": "one", "init": "w.pth"}
    house.yaml("config/models/scratch.yaml", edit)
    assert "model 'scratch': init: " in (said := house.error()) and "w.pth: no such file" in said
    house.text("w.pth", "weights")
    found = house.read()
    assert found.is_pretrained("scratch") and found.is_pretrained("one")


def test_a_model_of_random_weights_is_not_pretrained(house):
    assert not house.read().is_pretrained("scratch")
