"""Which models meet which tasks, which are rivals, and the experiments beside the tasks: checked before any job starts."""

import pytest
from study_house import STUDY, TRAINING, House

from chiasma.schema.rooms import room_module, room_names

KINDS = {  # a task of each kind, of maps one whose truth is the map itself
    room_module("tasks", name, "config").PREDICTS: name
    for name in room_names("tasks")
    if getattr(room_module("tasks", name, "config"), "AGAINST", "own") == "own"
}
RIVAL = next(name for name in room_names("families") if room_module("families", name, "config").BASELINE)
BOTH = {"models": ["one", "scratch", "rival"], "tasks": ["pairs", "maps"]}


@pytest.fixture
def full(house: House) -> House:
    """A house with a rival and a task of maps beside."""
    house.yaml(
        "config/models/rival.yaml",
        {"family": RIVAL, "tileset": "windows", "pretrain": None, "finetune": TRAINING},
    )
    house.yaml("config/tasks/maps.yaml", {"task": KINDS["maps"], "tileset": "windows"})
    return house


def test_a_family_says_whether_it_is_there_to_be_compared_with(full):
    study = full.read(**BOTH)
    assert [study.is_rival(name) for name in ("one", "scratch", "rival")] == [False, False, True]


def test_a_rival_reads_what_the_maps_hide_or_not_as_its_numbers_say(full):
    hides = {*room_module("tasks", KINDS["maps"], "config").HIDES}
    config = room_module("families", RIVAL, "config")
    study = full.read(**BOTH)
    assert not config.reads(config.Config()) & hides
    assert "rival" in study.task_models("maps")
    assert "one" not in study.task_models("maps"), "by default it reads the contacts, which the task predicts"


def test_all_that_can_meet_a_task_do_unless_the_study_names_some(full):
    assert full.read(**BOTH).task_models("pairs") == ["one", "scratch"], "the rival yields no pair"
    study = full.read(**BOTH, task_models={"pairs": ["scratch"]})
    assert study.task_models("pairs") == ["scratch"]
    assert study.task_models("maps") == ["rival"], "a task that is not named keeps all"
    assert {name for name, _ in study.predictors("pairs")} == {"scratch"}


def test_a_task_may_be_met_by_no_model(full):
    assert full.read(**BOTH, task_models={"pairs": []}).predictors("pairs") == []


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"pair": ["one"]}, "s.yaml: task_models: unknown task 'pair'; did you mean 'pairs'?"),
        ({"pairs": ["scratches"]}, "s.yaml: task_models.pairs: unknown model 'scratches'; did you mean 'scratch'?"),
        ({"pairs": ["one", "one"]}, "task_models.pairs: Value error, 'one' stands there more than once"),
        ({"maps": ["one"]}, "s.yaml: task_models.maps: 'one' cannot meet this task"),
        ({"pairs": ["rival"]}, "s.yaml: task_models.pairs: 'rival' cannot meet this task"),
    ],
)
def test_models_of_a_task_are_checked_by_name_and_by_what_they_read_and_yield(full, chosen, said):
    assert said in full.error(**BOTH, task_models=chosen)


def test_a_model_that_is_not_fine_tuned_or_of_another_tileset_meets_no_task(full):
    full.yaml("config/models/frozen.yaml", {"base": "one", "finetune": None})
    full.yaml("config/models/narrow.yaml", {"base": "one", "tileset": "narrow"})
    models = ["one", "frozen", "narrow"]
    tilesets = STUDY["tilesets"] | {"narrow": {"tracks": ["atac"], "tile_bins": 40}}
    assert full.read(models=models, tilesets=tilesets).task_models("pairs") == ["one"]
    for name in models[1:]:
        chosen = {"pairs": [name]}
        assert f"'{name}' cannot meet this task" in full.error(models=models, tilesets=tilesets, task_models=chosen)


def test_the_evaluation_of_a_task_is_handed_over_as_it_stands(full):
    full.yaml("config/tasks/maps.yaml", {"task": KINDS["maps"], "tileset": "windows", "evaluation": {"draws": 9}})
    study = full.read(**BOTH)
    assert (study.tasks["maps"].evaluation, study.tasks["pairs"].evaluation) == ({"draws": 9}, {})
    full.yaml("config/tasks/maps.yaml", {"task": KINDS["maps"], "tileset": "windows", "evaluations": {}})
    assert "maps.yaml: unknown key 'evaluations'; did you mean 'evaluation'?" in full.error(**BOTH)


def test_the_parts_of_a_study_have_defaults_and_are_absent_unless_named(full):
    bare = full.read(**BOTH).run
    assert bare.few_shot == {} and bare.perturb is None is bare.probe
    part = {"task": "pairs", "models": ["one"]}
    study = full.read(**BOTH, few_shot={"pairs": {"models": ["one"]}}, perturb=part, probe=part).run
    assert study.probe.models == ["one"]
    assert study.few_shot["pairs"].fractions[-1] == 1 and study.few_shot["pairs"].seeds == [1, 2, 3, 4, 5]
    assert study.perturb.attenuation[0] == 0 and study.perturb.control_bins > 2 * study.perturb.reach_bins


PART = {"task": "pairs", "models": ["one"]}


def part_of(part, changed):
    """A part of a study with some keys changed: few_shot's are by task."""
    return {part: {"pairs": {"models": ["one"]} | changed} if part == "few_shot" else PART | changed}


@pytest.mark.parametrize(
    ("part", "place"), [("few_shot", "few_shot.pairs"), ("perturb", "perturb"), ("probe", "probe")]
)
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"models": ["scratches"]}, "s.yaml: {part}: unknown model 'scratches'; did you mean 'scratch'?"),
        ({"models": ["rival"]}, "s.yaml: {part}: unknown model 'rival' (known: one, scratch)"),
        ({"models": []}, "{place}.models: List should have at least 1 item"),
        ({"model": ["one"]}, "unknown key '{place}.model'; did you mean 'models'?"),
    ],
)
def test_a_part_names_models_that_meet_its_task(full, part, place, changed, said):
    assert said.format(part=part, place=place) in full.error(**BOTH, **part_of(part, changed))


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"few_shot": {"pair": {"models": ["one"]}}}, "s.yaml: few_shot: unknown task 'pair'; did you mean 'pairs'?"),
        ({"few_shot": {"task": "pairs", "models": ["one"]}}, "few_shot.task: Input should be a valid dictionary"),
        ({"perturb": PART | {"task": "pair"}}, "s.yaml: perturb: unknown task 'pair'; did you mean 'pairs'?"),
        ({"perturb": PART | {"task": None}}, "perturb.task: Input should be a valid string"),
    ],
)
def test_a_part_names_a_task_of_the_study(full, part, said):
    assert said in full.error(**BOTH, **part)


@pytest.mark.parametrize(
    ("part", "changed", "said"),
    [
        ("few_shot", {"fractions": [0.0]}, "few_shot.pairs.fractions.0: Input should be greater than 0"),
        ("few_shot", {"fractions": [0.5, 1.1]}, "few_shot.pairs.fractions.1: Input should be less than or equal to 1"),
        ("few_shot", {"fractions": []}, "few_shot.pairs.fractions: List should have at least 1 item"),
        (
            "few_shot",
            {"fractions": [0.5, 0.5]},
            "few_shot.pairs.fractions: Value error, '0.5' stands there more than once",
        ),
        ("few_shot", {"seeds": [1, 1]}, "few_shot.pairs.seeds: Value error, '1' stands there more than once"),
        ("few_shot", {"min_steps": 0}, "few_shot.pairs.min_steps: Input should be greater than 0"),
        ("perturb", {"attenuation": [0.5, 1.5]}, "perturb.attenuation.1: Input should be less than or equal to 1"),
        ("perturb", {"attenuation": [-0.1]}, "perturb.attenuation.0: Input should be greater than or equal to 0"),
        ("perturb", {"missing": ["peaks"]}, "perturb.missing.0: Input should be 'contacts' or 'tracks'"),
        ("perturb", {"reach_bins": -1}, "perturb.reach_bins: Input should be greater than or equal to 0"),
        (
            "perturb",
            {"control_bins": 6, "reach_bins": 3},
            "control_bins 6 must be farther than the changed bins reach, 2 x reach_bins 3",
        ),
    ],
)
def test_numbers_of_a_part_are_in_range(full, part, changed, said):
    assert said in full.error(**BOTH, **part_of(part, changed))


def test_a_task_that_predicts_no_calls_cannot_be_perturbed_or_probed_but_learned_from_little(full):
    part = {"task": "maps", "models": ["rival"]}
    for name in ("perturb", "probe"):
        message = full.error(**BOTH, **{name: part})
        assert f"s.yaml: {name}: task 'maps' predicts no calls; name a task that does" in message
    assert full.read(**BOTH, few_shot={"maps": {"models": ["rival"]}}).run.few_shot["maps"].models == ["rival"]


ABLATION = {"task": "pairs", "reference": "one", "groups": {"start": ["scratch"]}}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"task": "pair"}, "s.yaml: ablation: unknown task 'pair'; did you mean 'pairs'?"),
        ({"reference": "on"}, "s.yaml: ablation: unknown model 'on'; did you mean 'one'?"),
        ({"groups": {"start": ["scratches"]}}, "s.yaml: ablation: unknown model 'scratches'; did you mean 'scratch'?"),
        ({"groups": {"method": ["rival"]}}, "s.yaml: ablation: unknown model 'rival' (known: one, scratch)"),
        ({"groups": {"start": ["one"]}}, "ablation: Value error, 'one' stands there more than once"),
        ({"groups": {"a": ["scratch"], "b": ["scratch"]}}, "'scratch' stands there more than once"),
        ({"groups": {}}, "ablation.groups: Dictionary should have at least 1 item"),
        ({"group": {}}, "unknown key 'ablation.group'; did you mean 'groups'?"),
    ],
)
def test_an_ablation_names_a_task_a_reference_and_variants_that_meet_it(full, changed, said):
    assert full.read(**BOTH, ablation=ABLATION).run.ablation.models == ["one", "scratch"]
    assert said in full.error(**BOTH, ablation=ABLATION | changed)


def test_only_a_model_that_is_pre_trained_itself_is_probed(full):
    """A model that starts from the encoder of another has none of its own to be read."""
    full.yaml("config/models/taken.yaml", {"base": "one", "encoder": "one", "pretrain": None})
    models = ["one", "scratch", "taken"]
    for name in ("scratch", "taken"):
        message = full.error(models=models, probe={"task": "pairs", "models": ["one", name]})
        said = f"s.yaml: probe: model '{name}' is not pre-trained: its key 'pretrain' is null; name models that are"
        assert f"{said} (of this task: one)" in message
