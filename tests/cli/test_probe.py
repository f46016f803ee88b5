"""``chiasma probe``: three kinds of features, each as its own room makes them, measured by the task's metrics; the picture."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from training_runs import copied, pretrain, run, with_numbers, write_index

from chiasma.evaluation.probe import probe_test, token_features
from chiasma.io.tables import read_parquet, read_tsv, write_parquet
from chiasma.schema.tables import EXAMPLES, PROBE
from chiasma.tiles.dataset import TileDataset
from chiasma.training.checkpoint import load_pretrained

KEYS = ["features", "modality", "metric"]


def probe(files, encoder, output, examples=None, seed=1, **config) -> int:
    options = {"examples": examples or files.examples, "tiles": files.tiles, "encoder": encoder, "seed": seed}
    words = [text for key, value in {**options, "output": output}.items() for text in (f"--{key}", str(value))]
    return run(["probe", "--config", json.dumps({"task": "loops"} | config), *words])


@pytest.fixture(scope="module")
def encoder(planted, tmp_path_factory):
    write_index(planted.folder, planted.splits)
    folder = tmp_path_factory.mktemp("probe_encoder") / "seed1"
    assert pretrain(planted.folder, folder, with_numbers("pretrain", epochs=1, max_examples=16)) == 0
    return folder


@pytest.fixture(scope="module")
def tables(encoder, task_files, tmp_path_factory):
    """The tables of two seeds of the random weights."""
    folder = tmp_path_factory.mktemp("probe") / "pairs/small"
    for seed in (1, 2):
        assert probe(task_files, encoder, folder / f"seed{seed}/probe.tsv", seed=seed) == 0
    return [folder / f"seed{seed}/probe.tsv" for seed in (1, 2)]


def test_each_kind_of_features_is_measured_for_each_modality(tables, task_files):
    rows = read_tsv(tables[1], PROBE)
    assert {tuple(row) for row in rows[["task", "model", "seed"]].to_numpy()} == {("pairs", "small", "2")}
    kinds = [(features, modality, metric) for features in ("pre-trained", "untrained", "inputs")
             for modality in ("contacts", "tracks", "both") for metric in ("auroc", "aupr")]  # fmt: skip
    assert sorted(map(tuple, rows[KEYS].to_numpy())) == sorted(kinds)
    test = read_parquet(task_files.examples, EXAMPLES).query("kept and split == 'test'")
    chance = rows.groupby("metric")["chance"].unique()
    assert chance["auroc"].tolist() == [0.5] and chance["aupr"] == pytest.approx([test["label"].mean()])
    value = rows.set_index(KEYS)["value"]
    assert value["inputs", "contacts", "auroc"] > 0.8, "planted loops lift their contacts sixfold"
    assert value["inputs", "tracks", "auroc"] > 0.7, "and have peaks at both anchors"


def test_another_seed_draws_other_random_weights_and_changes_nothing_else(tables):
    first, second = (read_tsv(path, PROBE).set_index(KEYS)["value"] for path in tables)
    for features in ("pre-trained", "inputs"):
        pd.testing.assert_series_equal(first[features], second[features])
    assert not np.allclose(first["untrained"], second["untrained"])


def test_pre_trained_features_are_the_family_s_tokens_of_the_kept_examples(tables, encoder, task_files, planted):
    examples = read_parquet(task_files.examples, EXAMPLES)
    kept = examples[examples["kept"] & (examples["split"] != "none")].reset_index(drop=True)
    model = load_pretrained(encoder)
    batch = model.family.encode(
        TileDataset(kept, planted.arrays).__getitems__(range(len(kept))), model.family_config, None
    )
    tokens = {name: values.numpy() for name, values in model.family.embed_tokens(model.module, batch).items()}
    labels, splits = kept["label"].to_numpy(), kept["split"].to_numpy()
    scores = probe_test(token_features(tokens)["tracks"], labels, splits)
    test = labels[splits == "test"]
    wins = (scores[test == 1][:, None] > scores[test == 0]).mean()
    found = read_tsv(tables[0], PROBE).set_index(KEYS)["value"]
    assert found["pre-trained", "tracks", "auroc"] == pytest.approx(wins, abs=0.01)


def test_the_picture_shows_every_seed_and_its_table_the_differences(tables, tmp_path):
    svg = tmp_path / "probe.svg"
    assert run(["draw_probe", *[f"--table={path}" for path in tables], "--output", str(svg)]) == 0
    text = svg.read_text()
    assert all(word in text for word in ("pre-trained", "untrained", "inputs", "chance", "AUPR", "tracks"))
    rows = read_tsv(svg.with_suffix(".tsv"), PROBE)
    assert set(rows["seed"]) == {"1", "2", "all"}
    assert {"pre-trained - untrained", "pre-trained - inputs"} < set(rows["features"])


@pytest.mark.parametrize(
    ("split", "kept", "said"),
    [
        (
            "valid",
            "label == 0",
            "the kept examples of split valid by label are {{'0': {count}}}; a probe needs both labels",
        ),
        ("test", "label > 1", "the kept examples of split test by label are none; a probe needs both labels"),
        ("train", "label == 1", "the kept examples of split train are {{'1': {count}}}; labels 0, 1 are needed"),
    ],
)
def test_a_split_that_lacks_a_label_is_told_with_its_numbers(encoder, task_files, tmp_path, capsys, split, kept, said):
    table = read_parquet(task_files.examples, EXAMPLES)
    own = table[table["kept"] & (table["split"] == split)].query(kept)
    write_parquet(pd.concat([table[table["split"] != split], own]), tmp_path / "some.parquet", EXAMPLES)
    assert probe(task_files, encoder, tmp_path / "a.tsv", examples=tmp_path / "some.parquet") == 1
    assert said.format(count=len(own)) in capsys.readouterr().err
    assert not (tmp_path / "a.tsv").exists()


def test_what_cannot_be_probed_is_refused(encoder, task_files, tmp_path, capsys):
    assert probe(task_files, encoder, tmp_path / "a.tsv", task="expression") == 1
    assert "task 'expression' predicts profiles; probes are of labels of calls" in capsys.readouterr().err
    assert probe(task_files, encoder, tmp_path / "a.tsv", tasks="loops") == 1
    assert "did you mean 'task'" in capsys.readouterr().err
    other = copied(encoder, tmp_path / "other", tracks=["ctcf"])
    assert probe(task_files, other, tmp_path / "a.tsv") == 1
    assert "trained with tracks ['ctcf']" in capsys.readouterr().err
    assert not (tmp_path / "a.tsv").exists()
