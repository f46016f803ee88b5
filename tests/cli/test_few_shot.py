"""``chiasma few_shot`` and ``evaluate_few_shot``: growing shares, the task's own metrics, means and differences."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from training_runs import run, with_numbers

from chiasma.cli.few_shot import repeat
from chiasma.io.tables import read_parquet, read_tsv
from chiasma.schema.tables import EXAMPLES, FEW_SHOT

CHOICE = {
    "model": with_numbers("finetune", max_examples=0),
    "task": "loops",
    "parameters": {},
    "fractions": [0.5, 0.1],
    "min_steps": 4,
}


def few_shot(files, output, **changes) -> int:
    options = {"examples": files.examples, "tiles": files.tiles, "seed": 2, "output": output}
    words = [text for key, value in options.items() for text in (f"--{key}", str(value))]
    return run(["few_shot", "--config", json.dumps(CHOICE | changes), *words])


@pytest.fixture(scope="module")
def table(task_files, tmp_path_factory):
    path = tmp_path_factory.mktemp("few_shot") / "near/small/seed2/shares.tsv"
    assert few_shot(task_files, path) == 0
    return path


def test_each_share_is_measured_by_the_tasks_own_metrics(table, task_files):
    rows = read_tsv(table, FEW_SHOT)
    train = read_parquet(task_files.examples, EXAMPLES).query("kept and split == 'train'")
    assert set(rows["metric"]) == {"auroc", "aupr"}
    assert rows["value"].between(0, 1).all()
    assert set(rows["task"]) == {"near"}, "the study's name of the task, not its room"
    assert set(rows["model"]) == {"small"} and set(rows["seed"]) == {"2"}
    counts = rows.groupby("fraction")["examples"].first()
    assert counts[0.5] == pytest.approx(len(train) / 2, abs=1)
    assert counts[0.1] == pytest.approx(len(train) / 10, abs=1)


def test_small_shares_train_for_enough_steps_and_leave_no_checkpoint(table):
    folder = table.parent / "share0.1"
    history = (folder / "history.tsv").read_text().splitlines()
    assert max(int(line.split("\t")[0]) for line in history[1:]) >= CHOICE["min_steps"]
    assert max(int(line.split("\t")[1]) for line in history[1:]) < CHOICE["model"]["finetune"]["epochs"]
    assert not (folder / "checkpoint").exists()


@pytest.mark.parametrize(
    ("examples", "min_steps", "times"), [(3, 300, 320), (960, 300, 1), (961, 1, 1), (100, 300, 10)]
)
def test_a_small_share_is_gone_through_so_often_that_its_epochs_have_the_steps(examples, min_steps, times):
    training = {"epochs": 10, "batch_size": 32}
    repeated = repeat(pd.DataFrame({"bin1": range(examples)}), min_steps, training)
    assert len(repeated) == examples * times
    assert repeated["bin1"].value_counts().eq(times).all(), "every example as often as any other"
    assert 10 * -(-len(repeated) // 32) >= min_steps


def test_a_share_of_nothing_and_an_unknown_key_are_refused(task_files, tmp_path, capsys):
    assert few_shot(task_files, tmp_path / "a.tsv", fractions=[0.0]) == 1
    assert "fractions must lie in (0, 1], found [0.0]" in capsys.readouterr().err
    assert few_shot(task_files, tmp_path / "a.tsv", fraction=[0.1]) == 1
    assert "did you mean 'fractions'" in capsys.readouterr().err
    assert not (tmp_path / "a.tsv").exists()


def test_tables_are_brought_together_and_an_unknown_model_is_named(table, tmp_path, capsys):
    output = tmp_path / "few_shot.tsv"
    assert run(["evaluate_few_shot", "--table", str(table), "--output", str(output)]) == 0
    assert set(read_tsv(output, FEW_SHOT)["seed"]) == {"2", "all"}
    words = [
        "evaluate_few_shot",
        "--table",
        str(table),
        "--output",
        str(output),
        "--config",
        '{"compare": [["small", "other"]]}',
    ]
    assert run(words) == 1
    assert "compare names 'other', found tables of small" in capsys.readouterr().err
    svg = tmp_path / "few_shot.svg"
    assert run(["draw_few_shot", "--scores", str(output), "--output", str(svg)]) == 0
    assert "share of training examples" in svg.read_text()
