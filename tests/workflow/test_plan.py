"""What a dry run plans: the whole study, its milestones, single files; and what it says of a wrong study."""

import json

import pytest
from checkout import STUDY, count_jobs

from chiasma.schema.rooms import room_module, room_names
from chiasma.schema.run import Study
from chiasma.schema.study import simulated_paths

TASK = next(name for name in room_names("tasks") if room_module("tasks", name, "config").PREDICTS == "calls")


def test_the_whole_study_is_planned_from_raw_files_to_report(toy):
    samples, seeds, models = 2, 2, 2
    planned = toy.planned()
    assert planned["normalise_contacts"] == planned["normalise_loops"] == planned["normalise_signal"] == samples
    assert planned["normalise_genes"] == planned["normalise_peaks"] == 1
    assert planned["tile"] == planned["split"] == planned["label"] == planned["audit"] == 1
    assert planned["pretrain"] == seeds
    assert planned["finetune"] == models * seeds
    assert planned["predict"] == models * seeds * samples
    assert planned["evaluate"] == planned["summarise"] == planned["report"] == 1
    assert "simulate" not in planned
    assert "fetch" not in planned
    assert not {"measure_landmarks", "draw_reported", "summarise_reported"} & {*planned}


def test_a_baseline_runs_for_each_seed_only_if_a_seed_changes_it(toy):
    callers = room_module("tasks", TASK, "config").BASELINES
    toy.edit("config/tasks/pairs.yaml", baselines={name: {} for name in callers})
    samples, seeds = 2, len(STUDY["seeds"])
    runs = sum(seeds if caller.SEEDED else 1 for caller in callers.values())
    assert toy.planned()["predict_baseline"] == runs * samples


def test_reported_losses_are_measured_drawn_and_told_where_they_are_named(toy):
    measured = next(
        name for name in room_names("families") if getattr(room_module("families", name, "config"), "LANDMARKS", False)
    )
    toy.edit("config/models/one.yaml", family=measured)
    toy.write_yaml("config/models/other.yaml", {"base": "one"})
    losses = "resources/reported/toy.tsv"
    (toy.root / "resources/reported").mkdir()
    (toy.root / losses).write_text("source\n")
    toy.edit("config/config.yaml", models=["one", "other"], tasks=[], reported={"losses": losses, "model": "other"})
    text = toy.snakemake("-n", "-p").stdout
    planned = count_jobs(text)
    assert planned["measure_landmarks"] == 2
    assert planned["draw_reported"] == planned["summarise_reported"] == planned["report"] == 1
    assert '"pages": {"What the field' in text, "the summary leads to the page"
    assert "--landmarks results/toy/landmarks/other/landmarks.tsv --run" in text, "drawn at the reported objective's"


def test_the_linter_of_snakemake_has_nothing_to_say(toy):
    assert "good condition" in toy.snakemake("--lint").stderr


def test_a_simulated_study_makes_its_raw_files_once(toy):
    numbers = {"chromosomes": dict.fromkeys(STUDY["chromosomes"], 8_000_000), "contacts": 1000, "samples": ["a"]}
    files = sorted(simulated_paths(Study.model_validate(STUDY | {"simulate": numbers})))
    made = {
        suffix: next(str(path) for path in files if path.name.endswith(suffix))
        for suffix in (".mcool", ".bw", ".bedpe")
    }
    rows = [("a", "contacts", made[".mcool"]), ("a", "atac", made[".bw"]), ("a", "loops", made[".bedpe"])]
    lines = ["sample\tassay\tdataset\tassembly", *("\t".join((*row, "toy")) for row in rows)]
    (toy.root / "config/samples/toy.tsv").write_text("\n".join(lines) + "\n")
    toy.edit("config/config.yaml", simulate=numbers)
    planned = toy.planned()
    assert planned["simulate"] == planned["normalise_contacts"] == 1


@pytest.mark.parametrize(
    ("milestones", "last", "absent"),
    [
        (("tiles", "encoders"), "pretrain", "finetune"),
        (("predictions",), "predict", "evaluate"),
        (("scores", "figures"), "draw_called_region", "summarise"),
    ],
)
def test_milestones_plan_their_stage_and_none_after_it(toy, milestones, last, absent):
    planned = toy.planned(*milestones)
    assert set(milestones) <= set(planned)
    assert last in planned
    assert absent not in planned


def test_pairs_of_peaks_are_made_for_the_biosamples_that_have_peaks(toy):
    toy.edit("config/config.yaml", pairs={"between": {"peaks": "peaks", "min_distance_bp": 1, "max_distance_bp": 9}})
    toy.edit("config/tasks/pairs.yaml", parameters={"labels": "between", "truth": ["between", "loops"]})
    planned = toy.planned("tiles")
    assert planned["pair_peaks"] == planned["normalise_peaks"] == planned["label"] == 1
    assert "normalise_loops" not in planned
    assert toy.planned("scores")["normalise_loops"] == 2


def test_of_a_thinned_biosample_contacts_alone_are_normalised_and_all_else_is_its_sources(toy):
    toy.edit(
        "config/config.yaml",
        thin={"a_2": {"sample": "a", "fraction": 0.5}},
        tilesets={"windows": {"tracks": ["atac"], "samples": ["a", "a_2"]}},
    )
    shown = toy.snakemake("-n", "-p", "--cores", "1").stdout
    planned = count_jobs(shown)
    assert planned["normalise_contacts"] == 3
    assert planned["normalise_signal"] == planned["normalise_loops"] == 2, "as many as the sheet has"
    assert planned["share"] == 2, "the track, and the loops that are labels and truth"
    (line,) = (line for line in shown.splitlines() if "chiasma tile " in line)
    assert "--samples a,a_2 " in line and '"samples"' not in line
    assert "chiasma share results/toy/normalised/a/atac.bw --output results/toy/normalised/a_2/atac.bw" in shown


def test_a_link_to_a_sources_file_is_made_once(toy):
    toy.edit("config/config.yaml", thin={"a_2": {"sample": "a", "fraction": 0.5}})
    link = toy.root / "results/toy/normalised/a_2/atac.bw"
    target = str(link.relative_to(toy.root))
    toy.snakemake("--cores", "1", target)
    assert link.is_symlink() and link.read_text() == (link.parents[1] / "a/atac.bw").read_text()
    assert toy.planned(target) == {}


def test_a_single_file_is_a_target(toy):
    planned = toy.planned("results/toy/normalised/b/contacts.cool")
    assert planned == {"normalise_contacts": 1}


def test_a_predicted_map_is_exported_when_asked_for(toy):
    folder = toy.root / "results/toy/predict/pairs/one/seed1"
    folder.mkdir(parents=True)
    (folder / "a.mcool").touch()
    assert toy.planned("results/toy/predict/pairs/one/seed1/a.hic") == {"export_hic": 1}


def test_a_model_without_its_own_encoder_takes_the_named_one(toy):
    toy.edit("config/models/scratch.yaml", encoder="one")
    planned = toy.planned("results/toy/finetune/pairs/scratch/seed1/weights.safetensors")
    assert planned["pretrain"] == planned["finetune"] == 1


def test_labelling_is_given_the_samples_a_task_trains_and_is_tested_on(toy):
    toy.edit("config/tasks/pairs.yaml", train_samples=["a"], test_samples=["b"])
    shown = toy.snakemake("-n", "-p", "--cores", "1", "--forceall", "predictions").stdout
    line = next(line for line in shown.splitlines() if "chiasma label" in line)
    numbers = json.loads(line.split("--config '")[1].split("'")[0])
    assert numbers == {"parameters": {}, "train_samples": ["a"], "test_samples": ["b"]}
    runs = [line for line in shown.splitlines() if "chiasma predict " in line]
    assert runs and all("--sample b" in line for line in runs), "what is not tested is not predicted"


def test_targets_are_normalised_for_the_samples_that_have_them(toy):
    sheet = toy.root / "config/samples/toy.tsv"
    sheet.write_text(sheet.read_text() + "a\tdnase\tresources/raw/given/a.bw\ttoy\n")
    toy.edit("config/config.yaml", tilesets={"windows": {"tracks": ["atac"], "targets": ["dnase"]}})
    target = "results/toy/tiles/windows/index.parquet"
    assert toy.planned(target)["normalise_signal"] == 3, "atac of both samples, dnase of one"
    line = next(
        line for line in toy.snakemake("-n", "-p", "--cores", "1", target).stdout.splitlines() if "chiasma tile" in line
    )
    numbers = json.loads(line.split("--config '")[1].split("'")[0])
    assert numbers["targets"] == ["dnase"] and numbers["missing"] == {"atac": "zero", "dnase": "zero"}


def test_a_study_without_tasks_or_models_still_has_a_report(toy):
    toy.edit("config/config.yaml", tasks=[], models=[])
    planned = toy.planned()
    assert planned["report"] == 1
    assert not {"pretrain", "finetune", "evaluate", "draw_scores", "label"} & set(planned)


def test_the_slurm_profile_works_as_typed(toy):
    assert toy.planned("--profile", "slurm")["report"] == 1


def test_another_study_is_one_option_away_and_takes_nothing_from_the_demo(toy):
    tilesets = {"narrow": {"tracks": ["atac"], "tile_bins": 20}}
    toy.write_yaml("config/other.yaml", STUDY | {"study": "other", "seeds": [5], "tilesets": tilesets})
    toy.edit("config/models/one.yaml", tileset="narrow")
    toy.edit("config/tasks/pairs.yaml", tileset="narrow")
    planned = toy.planned("--configfile", "config/other.yaml")
    assert planned["tile"] == planned["pretrain"] == 1


@pytest.mark.parametrize("words", [(), ("--configfile", "config/config.yaml")])
def test_the_mirror_is_given_on_the_command_line_with_and_without_a_study(toy, words):
    row = ["far", "1", "far.mcool", "https://example.org/far.mcool", "3", "0" * 64, "CC0", "none", "verbatim"]
    table = toy.root / "resources/datasets.tsv"
    table.write_text(table.read_text() + "\t".join(row) + "\n")
    sheet = toy.root / "config/samples/toy.tsv"
    sheet.write_text(sheet.read_text().replace("resources/raw/given/a.mcool", "far"))
    target = "resources/raw/far/far.mcool"
    shown = toy.snakemake("-n", "-p", "--cores", "1", *words, "--config", "mirror=../far data", "--", target)
    assert (
        "chiasma fetch far --output resources/raw/far/far.mcool --mirror='../far data'" in shown.stdout + shown.stderr
    )


def test_stating_the_sum_that_a_first_download_recorded_fetches_nothing_again(toy):
    def state(sha256):
        row = ["far", "1", "far.mcool", "https://example.org/far.mcool", "3", sha256, "CC0", "none", "verbatim"]
        table.write_text(head + "\t".join(row) + "\n")

    table, sheet = toy.root / "resources/datasets.tsv", toy.root / "config/samples/toy.tsv"
    head, target = table.read_text(), "resources/raw/far/far.mcool"
    sheet.write_text(sheet.read_text().replace("resources/raw/given/a.mcool", "far"))
    state("unknown")
    toy.snakemake("--cores", "1", target)
    (toy.root / f"{target}.sha256").write_text("a" * 64 + "  far.mcool\n")
    state("a" * 64)
    assert toy.planned(target) == {}
    state("b" * 64)
    assert toy.planned(target) == {"fetch": 1}


def test_a_wrong_study_stops_before_any_job_with_one_readable_message(toy):
    toy.edit("config/config.yaml", resolution_pb=5000)
    done = toy.snakemake("--cores", "1", check=False)
    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert "study 'toy': unknown key 'resolution_pb'; did you mean 'resolution_bp'?" in output
    assert "Traceback" not in output
    assert not (toy.root / "commands.log").exists()


def test_the_inline_numbers_are_narrow(toy):
    shown = toy.snakemake(
        "-n", "-p", "--cores", "1", "--forceall", "results/toy/pretrain/one/seed1/weights.safetensors"
    ).stdout
    line = next(line for line in shown.splitlines() if "chiasma pretrain" in line)
    numbers = json.loads(line.split("--config '")[1].split("' --")[0])
    assert set(numbers) == {"family", "revision", "parameters", "pretrain"}


def command(toy, name, target):
    """The first command line of that name that a dry run shows, and the inputs of its rule."""
    shown = toy.snakemake("-n", "-p", "--cores", "1", target).stdout
    job = next(part for part in shown.split("\n\n") if f"chiasma {name} " in part)
    return json.loads(job.split("--config '")[1].split("'")[0]), job


def test_the_first_stage_of_a_model_reads_the_weights_it_starts_from(toy):
    weights = toy.root / "resources/raw/given/w.pth"
    weights.write_text("weights")
    name, target = "resources/raw/given/w.pth", "results/toy/finetune/pairs/scratch/seed1/weights.safetensors"
    for model in ("one", "scratch"):
        toy.edit(f"config/models/{model}.yaml", init=name)
    numbers, job = command(toy, "pretrain", "results/toy/pretrain/one/seed1/weights.safetensors")
    assert numbers["init"] == name and name in job.split("output:")[0]
    numbers, job = command(toy, "finetune", target)
    assert numbers["init"] == name and name in job.split("output:")[0]
    assert "init" not in command(toy, "finetune", target.replace("scratch", "one"))[0]
    weights.unlink()
    refused = toy.snakemake("-n", "--cores", "1", check=False)
    assert refused.returncode == 1 and "w.pth: no such file" in refused.stdout + refused.stderr
