"""Tasks that predict calls, maps, profiles and tracks in one study: what is planned, what a stubbed run makes, what an edit reruns."""

import json
import shutil

import pytest
from checkout import ROOMS, STUDY, Checkout

from chiasma.schema.rooms import room_module

SAMPLES, SEEDS = ("a", "b"), STUDY["seeds"]
BASELINES = {kind: room_module("tasks", name, "config").BASELINES for kind, name in ROOMS.items()}
PROFILE_MODELS = (
    "one",
    "scratch",
    "rival",
)  # the maps hide contacts, which the first two read; the rival yields no pair


def commands(text, command):
    """The lines of a plan that call one command of chiasma."""
    return [line for line in text.splitlines() if f"chiasma {command} " in line]


def config_of(line, flag="--config"):
    """The JSON that a command line hands over."""
    return json.loads(line.split(f"{flag} '")[1].split("'")[0])


def test_each_kind_and_each_experiment_has_its_own_rules_and_figures(kinds):
    planned = kinds.planned()
    cells = len(SAMPLES) * len(SEEDS)
    assert planned["predict"] == 2 * cells
    assert planned["predict_maps"] == 1 * cells
    assert planned["predict_profiles"] == len(PROFILE_MODELS) * cells
    for kind in ("maps", "profiles", "tracks"):
        runs = sum(len(SEEDS) if numbers.SEEDED else 1 for numbers in BASELINES[kind].values())
        assert planned[f"predict_baseline_{kind}"] == runs * len(SAMPLES)
    assert "predict_baseline" not in planned, "the task of calls names none"
    assert planned["evaluate"] == planned["evaluate_maps"] == planned["evaluate_profiles"] == 1
    assert planned["evaluate_tracks"] == 1
    for figure in ("curves", "pileups", "called_region", "predicted_maps", "strata", "profiles", "tracks", "scores"):
        assert planned[f"draw_{figure}"] == 1
    assert planned["finetune"] == (2 + 1 + len(PROFILE_MODELS)) * len(SEEDS)
    assert planned["few_shot"] == 2 * 3, "two models, and seeds of its own"
    assert planned["perturb"] == 1 * len(SEEDS)
    assert planned["evaluate_few_shot"] == planned["draw_few_shot"] == planned["draw_perturbations"] == 1
    assert planned["draw_ablation"] == planned["draw_probe"] == 1
    assert planned["probe"] == 1 * len(SEEDS)


def test_a_study_without_a_kind_plans_nothing_of_it(toy):
    planned = toy.planned()
    absent = {"predict_maps", "predict_profiles", "evaluate_maps", "evaluate_profiles", "few_shot", "perturb", "probe"}
    absent |= {
        "draw_predicted_maps",
        "draw_strata",
        "draw_profiles",
        "evaluate_tracks",
        "draw_tracks",
        "draw_few_shot",
        "draw_perturbations",
        "draw_ablation",
        "draw_probe",
    }
    assert not absent & set(planned)


def test_a_file_of_each_kind_is_a_target_of_its_rule(kinds):
    rules = {
        "predict/pairs/one/seed1/a.bedpe": "predict",
        "predict/maps/rival/seed1/a.hic": "export_hic",
        "predict/profiles/one/seed2/b.bw": "predict_profiles",
        "predict/maps/decay/seed1/b.mcool": "predict_baseline_maps",
        "predict/profiles/mean/seed1/a.bw": "predict_baseline_profiles",
        "predict/tracks/mean/seed1/b.tracks": "predict_baseline_tracks",
    }
    planned = kinds.planned(*(f"results/toy/{target}" for target in rules))
    assert {planned[rule] for rule in rules.values()} == {1}
    assert planned["predict_maps"] == 1, "what the .hic is made of"


def test_no_kind_makes_the_files_of_another(kinds):
    for target in ("predict/maps/rival/seed1/a.bw", "evaluate/maps/genes.tsv"):
        done = kinds.snakemake("-n", "--cores", "1", f"results/toy/{target}", check=False)
        assert "MissingRuleException" in done.stdout + done.stderr


def test_commands_are_told_what_they_read_and_who_is_compared(kinds):
    shown = kinds.snakemake("-n", "-p", "--cores", "1", "--forceall", "figures").stdout
    (scored,) = commands(shown, "evaluate_profiles")
    numbers = config_of(scored)
    assert set(numbers) == {"task", "parameters", "evaluation"} and numbers["task"] == ROOMS["profiles"]
    others = [*BASELINES["profiles"], "rival"]
    compare = [["one", "scratch"], *([own, other] for own in ("one", "scratch") for other in others)]
    assert sorted(numbers["evaluation"]["compare"]) == sorted(compare), "pre-training, and each model with each rival"
    assert "min_distance_bins" not in numbers["evaluation"], "that is of calls"
    for figure in ("scores", "strata", "predicted_maps", "profiles", "curves", "pileups", "called_region"):
        (line,) = commands(shown, f"draw_{figure}")
        grey = {*config_of(line)["baselines"]}
        assert grey == {*BASELINES["maps"], *BASELINES["profiles"], *BASELINES["tracks"], "rival"}, (
            f"{figure}: rivals are grey as baselines are"
        )
    assert config_of(commands(shown, "draw_profiles")[0])["target"] == "cage"
    compare = config_of(commands(shown, "evaluate")[0])["evaluation"]["compare"]
    assert sorted(compare) == [["one", "scratch"], ["scratch", "one"]], "each variant with the ablation's reference"


def test_what_the_sheet_knows_of_a_map_beside_its_contacts_is_handed_over(kinds):
    sheet = kinds.root / "config/samples/toy.tsv"
    (kinds.root / "resources/raw/given/a.bed").write_text("states")
    sheet.write_text(sheet.read_text() + "b\tstates\tresources/raw/given/a.bed\ttoy\n")
    shown = kinds.snakemake("-n", "-p", "--cores", "1", "--forceall", "scores").stdout
    (line,) = commands(shown, "evaluate_maps")
    known = [words.split()[0].strip("'") for words in line.split("--annotation ")[1:]]
    named = (("a", "loops.bedpe"), ("b", "states.bed"), ("b", "loops.bedpe"))
    assert known == [f"{sample}=results/toy/normalised/{sample}/{file}" for sample, file in named]
    assert len(commands(shown, "normalise_states")) == 1


def test_a_task_hands_its_evaluation_and_its_training_numbers_over(kinds):
    kinds.edit("config/tasks/maps.yaml", evaluation={"draws": 17})
    shown = kinds.snakemake("-n", "-p", "--cores", "1", "--forceall", "scores").stdout
    assert config_of(commands(shown, "evaluate_maps")[0])["evaluation"]["draws"] == 17
    assert "draws" not in config_of(commands(shown, "evaluate_profiles")[0])["evaluation"]
    trained = {line.split("chiasma finetune ")[1].split()[0]: config_of(line) for line in commands(shown, "finetune")}
    assert trained[ROOMS["maps"]]["finetune"]["monitor"] == "pearson"
    assert "monitor" not in trained[ROOMS["calls"]]["finetune"]


@pytest.fixture
def copied(finished_kinds, tmp_path):
    """A copy of the finished checkout, to be edited."""
    shutil.copytree(finished_kinds.root, tmp_path / "copy", symlinks=True)
    return Checkout(tmp_path / "copy")


def test_a_run_with_every_kind_ends_in_its_report_with_nothing_left_to_do(finished_kinds):
    page = (finished_kinds.root / "results/toy/report.html").read_text()
    for name in (
        "predicted_maps.maps.svg",
        "strata.maps.svg",
        "profiles.svg",
        "tracks.svg",
        "few_shot.svg",
        "perturbations.svg",
        "ablation.svg",
        "probe.svg",
        "curves.svg",
    ):
        assert name in page
    results = finished_kinds.root / "results/toy"
    for name in (
        "maps/rival/seed2/b.mcool",
        "profiles/one/seed1/a.bw",
        "maps/decay/seed1/a.mcool",
        "tracks/ridge/seed1/a.tracks/signal.bw",
        "pairs/one/seed1/a.bedpe",
    ):
        assert (results / "predict" / name).exists()
    assert finished_kinds.planned() == {}


def test_variants_of_a_rule_keep_the_identity_of_their_jobs(finished_kinds):
    folder = finished_kinds.root / "results/toy"
    for name in ("predict/maps/rival/seed1/a", "predict/profiles/one/seed2/b", "predict_baseline/maps/decay/seed1/a"):
        assert (folder / f"logs/{name}.log").exists() and (folder / f"benchmarks/{name}.tsv").exists()


def test_another_monitor_of_a_task_trains_that_task_again_and_no_other(copied):
    copied.edit("config/tasks/maps.yaml", finetune={"monitor": "total"})
    planned = copied.planned()
    assert planned["finetune"] == len(SEEDS), "the rival, the only model of the maps"
    assert planned["predict_maps"] == len(SEEDS) * len(SAMPLES)
    assert planned["evaluate_maps"] == planned["draw_strata"] == 1
    spared = {
        "pretrain",
        "label",
        "predict",
        "predict_profiles",
        "evaluate",
        "evaluate_profiles",
        "few_shot",
        "perturb",
        "probe",
    }
    assert not (spared | {"predict_baseline_maps"}) & set(planned)


def test_numbers_of_an_experiment_run_it_again_and_nothing_else(copied):
    copied.edit("config/config.yaml", perturb={"task": "pairs", "models": ["one"], "attenuation": [0.0, 0.5]})
    planned = copied.planned()
    assert planned["perturb"] == len(SEEDS) and planned["draw_perturbations"] == 1
    assert not {"finetune", "few_shot", "predict", "evaluate", "probe"} & set(planned)


def test_a_probe_reads_an_encoder_and_waits_for_no_fine_tuning(kinds):
    planned = kinds.planned("results/toy/figures/probe.svg")
    assert planned["pretrain"] == planned["probe"] == len(SEEDS) and planned["draw_probe"] == 1
    assert not {"finetune", "predict", "evaluate"} & set(planned)
    shown = kinds.snakemake("-n", "-p", "--cores", "1", "results/toy/figures/probe.svg").stdout
    for seed, line in zip(SEEDS, sorted(commands(shown, "probe")), strict=True):
        assert config_of(line) == {"task": ROOMS["calls"]}
        assert f"--seed {seed} --encoder $(dirname results/toy/pretrain/one/seed{seed}/weights.safetensors)" in line
    (drawn,) = commands(shown, "draw_probe")
    assert drawn.count("--table ") == len(SEEDS) and set(config_of(drawn)) == {"resolution_bp"}
