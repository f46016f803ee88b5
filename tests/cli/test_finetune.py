"""``chiasma finetune``: what it writes, what an encoder gives it, and its control."""

import json
import logging

import numpy as np
import pandas as pd
import pytest
import torch
from training_runs import MODEL, VIT, WRITTEN, copied, finetune, names, pretrain, with_numbers, write_index

from chiasma.cli.finetune import count_labels, read_examples
from chiasma.io.tables import read_parquet, read_tsv, write_parquet
from chiasma.schema.tables import EXAMPLES, HISTORY
from chiasma.tiles.dataset import TileDataset
from chiasma.training.batches import plan_batches
from chiasma.training.checkpoint import load_pretrained, load_task_module


@pytest.fixture(scope="module")
def encoder(planted, tmp_path_factory):
    write_index(planted.folder, planted.splits)
    folder = tmp_path_factory.mktemp("pretrain") / "seed1"
    assert pretrain(planted.folder, folder, with_numbers("pretrain", epochs=1, max_examples=16)) == 0
    return folder


@pytest.fixture(scope="module")
def trained(task_files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("finetune") / "seed1"
    assert finetune(task_files, folder) == 0
    return folder


def test_the_model_can_be_rebuilt_from_its_folder_alone(trained, task_files, planted):
    assert names(trained) == WRITTEN
    model = load_task_module(trained)
    frame = read_parquet(task_files.examples, EXAMPLES).head(5)
    batch = model.family.encode(TileDataset(frame, planted.arrays).__getitems__(range(5)), model.family_config, None)
    with torch.no_grad():
        scores = model.task.score(model.module(batch))
    assert scores.shape == (5,) and ((scores >= 0) & (scores <= 1)).all()
    assert torch.equal(scores, model.task.score(load_task_module(trained).module(batch)).detach())


def test_history_holds_the_loss_and_the_ranking_beside_their_chance(trained, task_files):
    history = read_tsv(trained / "history.tsv", HISTORY)
    rows = history[history["split"] == "valid"].set_index("part")
    fraction = read_examples(task_files.examples, "loops")["valid"]["label"].mean()
    entropy = -(fraction * np.log(fraction) + (1 - fraction) * np.log(1 - fraction))
    assert rows["chance"][["total", "cross_entropy", "auroc", "aupr"]].tolist() == pytest.approx(
        [entropy, entropy, 0.5, fraction]
    )


def test_provenance_counts_labels_and_records_the_encoder(encoder, task_files, tmp_path):
    assert finetune(task_files, tmp_path, MODEL, 1, "--encoder", str(encoder)) == 0
    found = json.loads((tmp_path / "provenance.json").read_text())
    for split, frame in read_examples(task_files.examples, "loops").items():
        assert found["examples"][split] == {"0": (frame["label"] == 0).sum(), "1": (frame["label"] == 1).sum()}
    assert str(encoder / "weights.safetensors") in found["inputs"] and found["transductive"] is False
    assert found["config"]["encoder"] == str(encoder)


def test_a_frozen_encoder_keeps_the_pretrained_weights_and_a_free_one_does_not(encoder, task_files, tmp_path):
    pretrained = load_pretrained(encoder).module.state_dict()
    for frozen, same in ((1, True), (0, False)):
        folder = tmp_path / str(frozen)
        assert (
            finetune(
                task_files, folder, with_numbers("finetune", freeze_encoder_epochs=frozen), 1, "--encoder", str(encoder)
            )
            == 0
        )
        found = load_task_module(folder).module.representation.encoder.state_dict()
        assert all(torch.equal(value, found[name]) for name, value in pretrained.items()) is same


def test_freezing_and_scaling_are_for_pretrained_weights_only(trained, task_files, tmp_path):
    numbers = {"freeze_encoder_epochs": 1, "encoder_learning_rate_scale": 0.0}
    assert finetune(task_files, tmp_path, with_numbers("finetune", **numbers)) == 0
    assert (tmp_path / "weights.safetensors").read_bytes() == (trained / "weights.safetensors").read_bytes()


def test_an_encoder_of_another_kind_is_refused(encoder, trained, task_files, tmp_path, capsys):
    wider = MODEL | {"parameters": MODEL["parameters"] | {"width": 8}}
    others = {
        "of another shape": (wider, encoder),
        "trained with tracks ['ctcf']": (MODEL, copied(encoder, tmp_path / "tracks", tracks=["ctcf"])),
        "is of family other": (MODEL, copied(encoder, tmp_path / "family", family="other")),
        "expected one written by `chiasma pretrain`": (MODEL, trained),
        "no such file": (MODEL, tmp_path / "nowhere"),
    }
    for message, (model, folder) in others.items():
        assert finetune(task_files, tmp_path / "out", model, 1, "--encoder", str(folder)) == 1
        assert message in capsys.readouterr().err


def test_the_control_deals_training_targets_and_no_others(task_files, tmp_path, monkeypatch, caplog):
    made, plan = [], plan_batches

    def remember(*words):
        made.append(plan(*words))
        return made[-1]

    monkeypatch.setattr("chiasma.training.finetuning.plan_batches", remember)
    logging.getLogger("chiasma").propagate = True
    for permute in (False, True):
        folder = tmp_path / str(permute)
        assert finetune(task_files, folder, with_numbers("finetune", permute_labels=permute)) == 0
        assert ("control: the training targets are shuffled" in caplog.text) is permute
    plain, control = made
    for split, same in (("train", False), ("valid", True)):
        pairs = list(zip(plain[split].stream(), control[split].stream(), strict=True))
        labels = [torch.cat([run[at].batch["label"] for run in pairs]) for at in (0, 1)]
        assert torch.equal(*labels) is same
        assert labels[0].sum() == labels[1].sum()
        for one, other in pairs:
            assert torch.equal(one.batch["tracks"], other.batch["tracks"])
            assert torch.equal(one.batch["contacts"], other.batch["contacts"])


def test_only_kept_examples_of_train_and_valid_are_read(task_files):
    table = read_parquet(task_files.examples, EXAMPLES)
    for split, frame in read_examples(task_files.examples, "loops").items():
        assert len(frame) == (table["kept"] & (table["split"] == split)).sum() > 0
        assert set(frame["split"]) == {split} and frame["kept"].all()


def test_what_cannot_be_learnt_is_refused(task_files, tmp_path, capsys):
    assert finetune(task_files, tmp_path / "a", MODEL | {"finetune": None}) == 1
    assert "not fine-tuned: its key 'finetune' is null" in capsys.readouterr().err
    assert finetune(task_files, tmp_path / "b", task="loop") == 1
    assert "did you mean 'loops'" in capsys.readouterr().err
    table = read_parquet(task_files.examples, EXAMPLES)
    write_parquet(table[table["label"] == 0], tmp_path / "one.parquet", EXAMPLES)
    one = type(task_files)(task_files.tiles, task_files.splits, task_files.labels, tmp_path / "one.parquet")
    assert finetune(one, tmp_path / "c") == 1
    assert "labels 0, 1 are needed" in capsys.readouterr().err


def test_labels_are_counted_by_split():
    frames = {"train": pd.DataFrame({"label": [1, 0, 0]}), "valid": pd.DataFrame({"label": [1]})}
    assert count_labels(frames) == {"train": {"0": 2, "1": 1}, "valid": {"1": 1}}


def test_without_pre_training_it_starts_from_init_as_from_an_encoder(planted, task_files, tmp_path, capsys):
    assert pretrain(planted.folder, tmp_path / "begun", VIT | {"pretrain": VIT["pretrain"] | {"epochs": 1}}) == 0
    start = {"pretrain": None, "init": str(tmp_path / "begun"), "finetune": VIT["finetune"] | {"lora_rank": 2}}
    assert finetune(task_files, tmp_path / "own", VIT | start) == 0
    found = json.loads((tmp_path / "own/provenance.json").read_text())
    assert found["init"]["kind"] == "our own" and found["lora_layers"] == 4 * 3
    assert str(tmp_path / "begun/weights.safetensors") in found["inputs"]
    encoder = ("--encoder", str(tmp_path / "begun"))
    assert finetune(task_files, tmp_path / "given", VIT | start | {"init": None}, 1, *encoder) == 0
    weights = [(tmp_path / name / "weights.safetensors").read_bytes() for name in ("own", "given")]
    assert weights[0] == weights[1]
    old = load_pretrained(tmp_path / "begun").module.state_dict()
    new = load_task_module(tmp_path / "own").module.representation.encoder.state_dict()
    assert torch.equal(old["encoder.embed.weight"], new["encoder.embed.weight"]), "frozen"
    assert finetune(task_files, tmp_path / "both", VIT | start, 1, *encoder) == 1
    assert "a model starts from one of them" in capsys.readouterr().err
