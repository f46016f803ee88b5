"""A whole run, command lines and report in earnest and work by a stub; then what an edit runs again."""

import json
import signal
import subprocess

import pytest
import yaml


def test_a_run_ends_in_a_report_that_shows_every_published_file(finished):
    page = (finished.root / "results/toy/report.html").read_text()
    for name in ("summary.html", "scores.tsv", "leaks.tsv", "called_region.svg", "history.svg", "qc.svg", "a.bedpe"):
        assert name in page
    assert 'src="http' not in page
    assert 'stylesheet" href="http' not in page
    assert "A toy" in json.dumps(yaml.safe_load((finished.root / "results/toy/logs/report/config.json").read_text()))


def test_every_log_and_benchmark_carries_the_identity_of_its_job(finished):
    folder = finished.root / "results/toy"
    assert (folder / "logs/predict/pairs/one/seed2/b.log").exists()
    assert (folder / "benchmarks/predict/pairs/one/seed2/b.tsv").exists()
    assert (folder / "benchmarks/normalise_signal/a/atac.tsv").exists()


def test_a_second_run_has_nothing_to_do(finished):
    assert finished.planned() == {}


def test_each_job_ran_once(finished):
    commands = (finished.root / "commands.log").read_text().splitlines()
    assert len(commands) == len(set(commands))


def test_only_the_test_tiles_are_embedded_for_the_figure(finished):
    commands = [json.loads(line) for line in (finished.root / "commands.log").read_text().splitlines()]
    embedded = [words for command, *words in commands if command == "embed"]
    assert embedded
    for words in embedded:
        assert words[words.index("--split") + 1] == "test"


def change(rerun, path, key, **numbers):
    values = yaml.safe_load((rerun.root / path).read_text())
    rerun.edit(path, **{key: values[key] | numbers})


def test_pretraining_numbers_rerun_what_depends_on_the_encoder(rerun):
    rerun.edit(
        "config/models/scratch.yaml",
        finetune=yaml.safe_load((rerun.root / "config/models/one.yaml").read_text())["finetune"],
    )
    change(rerun, "config/models/one.yaml", "pretrain", learning_rate=0.2)
    planned = rerun.planned()
    assert planned["pretrain"] == 2
    assert planned["finetune"] == 2, "the model without an encoder is left alone"
    assert not {"tile", "label", "normalise_contacts", "draw_qc", "draw_splits"} & set(planned)


def test_finetuning_numbers_leave_the_encoders_alone(rerun):
    change(rerun, "config/models/one.yaml", "finetune", learning_rate=0.2)
    planned = rerun.planned()
    assert "pretrain" not in planned
    assert planned["finetune"] == 4, "both models take these numbers, one through its base"


def test_a_raised_revision_trains_again(rerun):
    rerun.edit("config/models/one.yaml", revision=2)
    assert rerun.planned()["pretrain"] == 2


def test_a_tasks_numbers_leave_tiles_and_encoders_alone(rerun):
    rerun.edit("config/tasks/pairs.yaml", parameters={"seed": 7})
    planned = rerun.planned()
    assert planned["label"] == 1
    assert planned["finetune"] == 4
    assert not {"tile", "pretrain", "embed"} & set(planned)


def test_a_number_of_calling_trains_nothing_again(rerun):
    rerun.edit("config/tasks/pairs.yaml", parameters={"tolerance_bins": 1})
    planned = rerun.planned()
    assert planned["predict"] > 0
    assert not {"label", "pretrain", "finetune"} & set(planned)


def test_a_new_seed_trains_that_seed_only(rerun):
    rerun.edit("config/config.yaml", seeds=[1, 2, 3])
    planned = rerun.planned()
    assert planned["pretrain"] == 1
    assert planned["finetune"] == 2


def test_a_touched_yaml_reruns_nothing(rerun):
    (rerun.root / "config/models/one.yaml").touch()
    (rerun.root / "src/chiasma/evaluation/metrics.py").touch()
    assert rerun.planned() == {}


def append(rerun, *places):
    for place in places:
        path = rerun.root / "src/chiasma" / place
        path.write_text(path.read_text() + "\n# an edit\n")


@pytest.mark.parametrize(
    ("places", "noticed", "spared"),
    [
        (
            ("evaluation/metrics.py", "plots/style.py"),
            {"evaluate", "draw_qc"},
            {"predict", "normalise_contacts", "label"},
        ),
        (("io/tables.py",), {"normalise_contacts", "tile"}, {"split", "fetch"}),
        (("cli/predict.py", "cli/label.py"), {"predict", "label"}, {"pretrain", "tile"}),
    ],
)
def test_an_edit_of_a_cheap_stages_code_is_noticed(rerun, places, noticed, spared):
    append(rerun, *places)
    planned = set(rerun.planned())
    assert noticed <= planned
    assert not spared & planned


def test_training_code_reruns_nothing_without_a_raised_revision(rerun):
    append(rerun, "training/loop.py", "nn/__init__.py", "cli/pretrain.py")
    assert rerun.planned() == {}


def test_a_killed_run_is_completed_by_the_next(rerun):
    append(rerun, "cli/evaluate.py")
    (rerun.root / "kill-at").write_text("evaluate")
    assert rerun.snakemake("--cores", "2", check=False).returncode == -signal.SIGKILL
    assert list((rerun.root / ".snakemake/locks").iterdir())
    (rerun.root / "kill-at").unlink()
    subprocess.run([rerun.root / ".ci/unlock"], check=True, timeout=60)
    rerun.snakemake("--cores", "2", "--rerun-incomplete")
    assert "half" not in (rerun.root / "results/toy/evaluate/pairs/scores.tsv").read_text()
    assert (rerun.root / "results/toy/report.html").exists()
