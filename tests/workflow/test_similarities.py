"""A task that predicts similarities: what is planned of it, what its commands are told, and a stubbed run to its page."""

import json

import pytest
from checkout import ROOMS, STUDY, SUFFIXES, TRAINING

from chiasma.schema.rooms import room_module, room_names

BASELINES = room_module("tasks", ROOMS["similarities"], "config").BASELINES
SAMPLES, SEEDS = ("a", "b", "c"), STUDY["seeds"]
REPLICATES = {"one": ["a", "b"], "two": ["c"]}


def is_plain(family):
    """Whether a family is pre-trained and reads no tracks."""
    room = room_module("families", family, "config")
    return room.PRETRAINS and "tracks" not in room.reads(room.Config())


PLAIN = next(filter(is_plain, room_names("families")))  # the toy's other models read tracks, which this task hides


@pytest.fixture
def twins(toy):
    """The toy study with a third sample, a model that reads contacts alone, and a task of similarities beside its own."""
    sheet = toy.root / "config/samples/toy.tsv"
    more = "".join(
        f"c\t{assay}\tresources/raw/given/{name}\ttoy\n" for assay, name in (("contacts", "b.hic"), ("atac", "b.bw"))
    )
    sheet.write_text(sheet.read_text() + more)
    toy.write_yaml(
        "config/tasks/twins.yaml",
        {
            "task": ROOMS["similarities"], "tileset": "windows", "parameters": {"replicates": REPLICATES},
            "baselines": {name: {} for name in BASELINES},
        },
    )  # fmt: skip
    model = {"family": PLAIN, "tileset": "windows", "pretrain": TRAINING, "finetune": TRAINING}
    toy.write_yaml("config/models/plain.yaml", model)
    toy.edit("config/config.yaml", tasks=["pairs", "twins"], models=["one", "scratch", "plain"])
    (toy.root / "predicted.json").write_text(json.dumps({"pairs": SUFFIXES["calls"], "twins": ["tsv"]}))
    return toy


def command(text, name):
    """The words and the JSON configuration of the one call of a command."""
    (line,) = [line for line in text.splitlines() if f"chiasma {name} " in line]
    return line, json.loads(line.split("--config '")[1].split("'")[0])


def test_it_is_planned_by_rules_of_its_kind_and_only_for_models_that_read_no_tracks(twins):
    planned = twins.planned()
    assert planned["predict_similarities"] == 1 * len(SEEDS) * len(SAMPLES)
    assert planned["predict_baseline_similarities"] == len(BASELINES) * len(SAMPLES)
    assert planned["evaluate_similarities"] == planned["draw_similarities"] == 1
    assert planned["finetune"] == (3 + 1) * len(SEEDS), "calls by all models, twins by the one that reads no tracks"


def test_the_commands_are_told_who_is_compared(twins):
    shown = twins.snakemake("-n", "-p", "--cores", "1", "--forceall", "figures").stdout
    line, numbers = command(shown, "evaluate_similarities")
    assert numbers["parameters"]["replicates"] == REPLICATES
    assert ["plain", "scc"] in numbers["evaluation"]["compare"]
    assert all(f"--sample {name}" in line for name in SAMPLES)
    assert line.count("--predictions ") == len(SEEDS) + len(BASELINES)
    line, numbers = command(shown, "draw_similarities")
    assert {*BASELINES} <= {*numbers["baselines"]} and "--pairs results/toy/evaluate/twins/pairs.tsv" in line


def test_a_stubbed_run_ends_in_its_figure(twins):
    twins.snakemake("--cores", "2", "results/toy/figures/similarities.svg")
    for name in ("evaluate/twins/pairs.tsv", "predict/twins/plain/seed2/c.tsv", "predict/twins/scc/seed1/a.tsv"):
        assert (twins.root / "results/toy" / name).exists()
