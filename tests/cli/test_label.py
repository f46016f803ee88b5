"""``chiasma label``: files in, examples out; wrong words are explained."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from chiasma.cli.main import main
from chiasma.io.bedpe import write_bedpe
from chiasma.io.tables import read_parquet
from chiasma.schema.rooms import room_module, room_names
from chiasma.schema.tables import EXAMPLES

PARAMETERS = {"max_distance_bins": 60, "negatives_per_positive": 2}
NUMBERS = json.dumps({"parameters": PARAMETERS})


def run(words: list[str], capsys) -> str:
    """Run a command that fails; return its message."""
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 1
    return capsys.readouterr().err


def words(task_files, *labels: str, task: str = "loops", config: str = NUMBERS) -> list[str]:
    given = [word for label in labels for word in ("--labels", label)]
    where = [
        "--tiles",
        str(task_files.tiles),
        "--splits",
        str(task_files.splits),
        "--output",
        str(task_files.tiles / "made.parquet"),
    ]
    return ["label", task, *where, *given, "--config", config]


def both(task_files) -> list[str]:
    return [f"{sample}={path}" for sample, path in task_files.labels.items()]


def made_of(task_files, *labels: str, **choice) -> pd.DataFrame:
    """Run the command to its end; return the examples."""
    with pytest.raises(SystemExit) as stop:
        main(words(task_files, *labels, config=json.dumps({"parameters": PARAMETERS} | choice)))
    assert stop.value.code == 0
    return read_parquet(task_files.tiles / "made.parquet", EXAMPLES)


def test_several_samples_become_one_table(task_files):
    made = made_of(task_files, *both(task_files))
    assert set(made["sample"]) == {"a", "b"}
    counts = made[made["kept"]].groupby(["sample", "label"]).size()
    assert (counts.xs(0, level="label") == 2 * counts.xs(1, level="label")).all()


def test_a_label_file_without_pairs_of_the_study_is_an_error(task_files, planted, tmp_path, capsys):
    write_bedpe(planted.labels["a"].assign(chrom1="chrX", chrom2="chrX"), tmp_path / "other.bedpe")
    assert "chromosomes found: chrX" in run(words(task_files, f"a={tmp_path}/other.bedpe"), capsys)


@pytest.mark.parametrize(
    ("label", "message"),
    [("a", "expected name=path"), ("a=", "expected name=path"), ("a=missing.bedpe", "no such file 'missing.bedpe'")],
)
def test_wrong_label_words_are_explained(task_files, capsys, label, message):
    assert message in run(words(task_files, label), capsys)


@pytest.mark.parametrize(
    "task", [name for name in room_names("tasks") if not room_module("tasks", name, "config").READS]
)
def test_a_task_that_reads_no_labels_refuses_them(task_files, capsys, task):
    said = run(words(task_files, *both(task_files), task=task, config="{}"), capsys)
    assert f"the task '{task}' learns from the tileset and reads no labels; give none" in said


def test_a_sample_given_twice_is_an_error(task_files, capsys):
    path = task_files.labels["a"]
    assert "'a' is given twice" in run(words(task_files, f"a={path}", f"a={path}"), capsys)


def test_an_unknown_task_or_key_names_the_nearest(task_files, capsys):
    label = f"a={task_files.labels['a']}"
    assert "did you mean 'loops'" in run(words(task_files, label, task="loop"), capsys)
    assert "did you mean 'near_bins'" in run(words(task_files, label, config='{"parameters": {"near_bin": 5}}'), capsys)
    assert "did you mean 'train_samples'" in run(words(task_files, label, config='{"train_sample": ["a"]}'), capsys)


def test_an_unknown_sample_is_an_error(task_files, capsys):
    assert "unknown sample 'aa'; did you mean 'a'" in run(words(task_files, f"aa={task_files.labels['a']}"), capsys)


def test_samples_that_train_and_samples_that_are_tested_are_chosen_apart(task_files):
    every = made_of(task_files, *both(task_files))
    made = made_of(task_files, *both(task_files), train_samples=["a"], test_samples=["b"])
    pd.testing.assert_frame_equal(made.drop(columns=["kept", "reason"]), every.drop(columns=["kept", "reason"]))
    is_own = made["sample"] == made["split"].map({"train": "a", "valid": "a", "test": "b"})
    assert (made["kept"] == (every["kept"] & is_own)).all()
    assert set(made.loc[made["kept"], "split"]) == {"train", "valid", "test"}
    dropped = every["kept"] & ~is_own
    assert dropped.any() and (made.loc[dropped, "reason"] == "other_sample").all()
    assert made.loc[~dropped, "reason"].equals(every.loc[~dropped, "reason"]), "an earlier reason stays"


def test_one_choice_leaves_the_other_splits_alone(task_files):
    made = made_of(task_files, *both(task_files), test_samples=["b"])
    kept = made[made["kept"]]
    assert set(kept.loc[kept["split"] == "test", "sample"]) == {"b"}
    assert set(kept.loc[kept["split"] != "test", "sample"]) == {"a", "b"}


def test_an_unknown_sample_to_train_or_test_on_is_named(task_files, capsys):
    for key in ("train_samples", "test_samples"):
        config = json.dumps({"parameters": PARAMETERS, key: ["bb"]})
        assert "unknown sample 'bb'; did you mean 'b'" in run(
            words(task_files, *both(task_files), config=config), capsys
        )


def test_a_sample_without_labels_may_be_tested_by_its_truth_alone(task_files):
    made = made_of(task_files, f"a={task_files.labels['a']}", train_samples=["a"], test_samples=["b"])
    assert set(made["sample"]) == {"a"}
    assert set(made.loc[made["kept"], "split"]) == {"train", "valid"}
