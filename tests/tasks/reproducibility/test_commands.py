"""From labels to scores and a figure, by the commands: a small network on the planted replicates tells them from the other biosample."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from planted_replicates import CONFIG, DEPTH, REPLICATES, splits
from run_command import run

from chiasma.io.tables import read_parquet, read_tsv, write_tsv
from chiasma.schema.rooms import room_module, room_names
from chiasma.schema.run import Model, Task
from chiasma.schema.study import meets
from chiasma.schema.tables import EXAMPLES, HISTORY, PAIRS, SCORES, SIMILARITIES, SPLITS
from chiasma.tasks.reproducibility.config import BASELINES, HEAD

NUMBERS = {"replicates": {name: list(own) for name, own in REPLICATES.items()}}
NUMBERS |= {name: getattr(CONFIG, name) for name in ("stride_bins", "min_nonzero_fraction", *HEAD)}
MODEL = {
    "family": "hicfoundation",
    "revision": 1,
    "parameters": {
        "width": 16, "depth": 1, "heads": 2, "decoder_width": 16, "decoder_depth": 1, "decoder_heads": 2, "patch": 4,
    },
    "finetune": {
        "epochs": 4, "batch_size": 16, "accumulate": 2, "learning_rate": 1e-2, "monitor": "triplet_order",
        "monitor_mode": "max", "max_examples": 60,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def made(arrays, tmp_path_factory):
    """Label, fine-tune, predict every sample by the model and by the baselines, evaluate, draw."""
    folder = tmp_path_factory.mktemp("commands")
    tiles, table, examples = arrays.folder.parent, folder / "splits.tsv", folder / "triplets.parquet"
    write_tsv(splits(), table, SPLITS)
    where = ["--tiles", tiles, "--splits", table]
    run("label", "reproducibility", *where, "--output", examples, "--config", json.dumps({"parameters": NUMBERS}))
    head = json.dumps({name: NUMBERS[name] for name in HEAD})
    run(
        "finetune", "reproducibility", "--config", json.dumps(MODEL), "--task-config", head, "--examples", examples,
        "--tiles", tiles, "--seed", 1, "--output", folder / "model",
    )  # fmt: skip
    for sample in DEPTH:
        shared = ["--examples", examples, *where, "--sample", sample]
        numbers = ["--task-config", json.dumps(NUMBERS)]
        run("predict", "--model", folder / "model", *numbers, *shared, "--output", folder / "predict/net/seed1")
        for name in BASELINES:
            chosen = ["--task-config", json.dumps({"task": "reproducibility", "parameters": NUMBERS})]
            output = ["--contacts", table, "--output", folder / f"predict/{name}/seed1"]
            run("predict_baseline", name, *chosen, *shared, *output)
    identities = [word for name in ("net", *BASELINES) for word in ("--predictions", f"{name}/seed1")]
    samples = [word for name in DEPTH for word in ("--sample", name)]
    compare = {"block_bp": 100_000, "draws": 100, "compare": [["net", "scc"]]}
    chosen = json.dumps({"task": "reproducibility", "parameters": NUMBERS, "evaluation": compare})
    run(
        "evaluate_similarities", "twins", "--folder", folder / "predict", *identities, *samples, "--splits", table,
        "--config", chosen, "--output", folder / "evaluate",
    )  # fmt: skip
    drawn = json.dumps({"baselines": list(BASELINES)})
    pairs = folder / "evaluate/pairs.tsv"
    run("draw_similarities", "--pairs", pairs, "--config", drawn, "--output", folder / "similarities.svg")
    scores = read_tsv(folder / "evaluate/scores.tsv", SCORES)
    return SimpleNamespace(folder=folder, examples=read_parquet(examples, EXAMPLES), scores=scores)


def test_triplets_are_learnt(made):
    history = read_tsv(made.folder / "model/history.tsv", HISTORY)
    valid = history[(history["split"] == "valid")].set_index("part")
    assert valid.loc["triplet_order", "value"].max() > 0.8
    assert (valid.loc["triplet_order", "chance"] == 0.5).all() and (valid.loc["triplet", "chance"] == 1).all()
    assert valid.loc["triplet", "value"].iloc[-1] < 1


def test_every_method_tells_replicates_on_the_test_split_with_an_interval(made):
    own = made.scores[(made.scores["metric"] == "replicate_auc") & (made.scores["seed"] == "all")].set_index("model")
    assert {"net", "permuted_labels", *BASELINES} == set(own.index)
    for model in ("net", *BASELINES):
        assert own.loc[model, "value"] > 0.75 and own.loc[model, "low"] <= own.loc[model, "value"], model
        assert own.loc[model, "n"] == own["n"].iloc[0], "on the same places"
    assert own.loc["permuted_labels", "low"] < 0.5 < own.loc["permuted_labels", "high"]
    assert "replicate_auc_difference_from_scc" in set(made.scores["metric"]) and set(made.scores["task"]) == {"twins"}


def test_tables_hold_the_named_samples_and_the_figure_is_written(made):
    table = read_tsv(made.folder / "predict/net/seed1/b1.tsv", SIMILARITIES)
    assert set(table["other"]) == {"a1", "a2"} and len(table) > 20
    assert read_tsv(made.folder / "predict/net/seed1/stray.tsv", SIMILARITIES).empty
    pairs = read_tsv(made.folder / "evaluate/pairs.tsv", PAIRS)
    assert set(zip(pairs["sample"], pairs["other"], strict=True)) == {("a1", "a2"), ("a1", "b1"), ("a2", "b1")}
    picture = (made.folder / "similarities.svg").read_text()
    assert all(name in picture for name in ("net", "scc", "a1", "b1"))


def test_samples_of_other_splits_drop_whole_triplets(made, arrays, tmp_path):
    write_tsv(splits(), tmp_path / "splits.tsv", SPLITS)
    words = ["--tiles", arrays.folder.parent, "--splits", tmp_path / "splits.tsv", "--output", tmp_path / "one.parquet"]
    chosen = {"parameters": NUMBERS, "test_samples": ["a1", "a2"]}
    run("label", "reproducibility", *words, "--config", json.dumps(chosen))
    found = read_parquet(tmp_path / "one.parquet", EXAMPLES)
    test = found[found["split"] == "test"]
    assert not test["kept"].any() and (test["reason"] == "other_sample").sum() == test["reason"].ne("").sum()
    assert found.loc[found["split"] == "train", "kept"].any()


def test_a_model_that_reads_tracks_does_not_meet_the_task():
    """Replicates may share their tracks: such a model could tell files apart instead of maps."""
    task = Task(task="reproducibility", tileset="windows", parameters=NUMBERS)
    training = {"tileset": "windows", "pretrain": None, "finetune": MODEL["finetune"]}
    for family in room_names("families"):
        room = room_module("families", family, "config")
        if room.PRETRAINS:  # the family's own defaults
            model, config = Model(family=family, **training), room.Config()
            expected = "pair" in room.yields(config) and "tracks" not in room.reads(config)
            assert meets(model, task) == expected
    assert meets(Model(family=MODEL["family"], **training), task)
