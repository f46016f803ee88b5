"""``chiasma label``: files in, examples out; wrong words are explained."""

from __future__ import annotations

import json

import pytest

from chiasma.cli.main import main
from chiasma.io.bedpe import write_bedpe
from chiasma.io.tables import read_parquet
from chiasma.schema.tables import EXAMPLES

NUMBERS = json.dumps({"max_distance_bins": 60, "negatives_per_positive": 2})


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


def test_several_samples_become_one_table(task_files):
    with pytest.raises(SystemExit) as stop:
        main(words(task_files, *(f"{sample}={path}" for sample, path in task_files.labels.items())))
    assert stop.value.code == 0
    made = read_parquet(task_files.tiles / "made.parquet", EXAMPLES)
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


def test_a_sample_given_twice_is_an_error(task_files, capsys):
    path = task_files.labels["a"]
    assert "'a' is given twice" in run(words(task_files, f"a={path}", f"a={path}"), capsys)


def test_an_unknown_task_or_key_names_the_nearest(task_files, capsys):
    label = f"a={task_files.labels['a']}"
    assert "did you mean 'loops'" in run(words(task_files, label, task="loop"), capsys)
    assert "did you mean 'near_bins'" in run(words(task_files, label, config='{"near_bin": 5}'), capsys)


def test_an_unknown_sample_is_an_error(task_files, capsys):
    assert "unknown sample 'aa'; did you mean 'a'" in run(words(task_files, f"aa={task_files.labels['a']}"), capsys)
