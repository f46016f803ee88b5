"""``chiasma pretrain``: what it writes, what it learns from, and that stopping it changes nothing."""

import json
import logging
import math
import os
import signal
from dataclasses import replace

import numpy as np
import pytest
import torch
from training_runs import MODEL, VIT, WRITTEN, copied, names, pretrain, run, with_numbers, write_index

from chiasma.core.provenance import file_sha256
from chiasma.io.tables import read_parquet, read_tsv
from chiasma.schema.tables import HISTORY, TILES
from chiasma.tiles.arrays import write_arrays
from chiasma.training import loop
from chiasma.training.checkpoint import load_pretrained


@pytest.fixture(scope="module")
def tiles(planted):
    write_index(planted.folder, planted.splits)
    return planted.folder


@pytest.fixture(scope="module")
def trained(tiles, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pretrain") / "seed1"
    assert pretrain(tiles, folder) == 0
    return folder


def kept(tiles):
    index = read_parquet(tiles / "index.parquet", TILES)
    return index[index["kept"]]["split"].value_counts().to_dict()


def test_the_model_and_its_provenance_are_written_and_the_checkpoint_is_gone(trained, tiles):
    assert names(trained) == WRITTEN
    found, counts = json.loads((trained / "provenance.json").read_text()), kept(tiles)
    assert found["examples"] == {"train": counts["train"], "valid": counts["valid"]}
    assert (
        found["transductive"] is False and found["seed"] == 1 and found["steps"] == 2 * math.ceil(counts["train"] / 16)
    )
    assert found["inputs"][str(tiles / "index.parquet")] == file_sha256(tiles / "index.parquet")
    model = load_pretrained(trained)
    assert found["parameters"] == sum(parameter.numel() for parameter in model.module.parameters())


def test_losses_stand_beside_chance(trained, tiles):
    history = read_tsv(trained / "history.tsv", HISTORY)
    rows = history[history["part"] == "contrastive"]
    assert set(rows["split"]) == {"train", "valid"}
    batches = math.ceil(kept(tiles)["valid"] / 16)
    assert rows[rows["split"] == "valid"]["chance"].to_numpy() == pytest.approx(
        math.log(kept(tiles)["valid"] / batches), rel=0.02
    )
    assert np.isfinite(rows["value"]).all()


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(trained, tiles, tmp_path):
    assert pretrain(tiles, tmp_path / "again") == 0
    assert pretrain(tiles, tmp_path / "other", MODEL, 2) == 0
    weights = [
        (folder / "weights.safetensors").read_bytes() for folder in (trained, tmp_path / "again", tmp_path / "other")
    ]
    assert weights[0] == weights[1] != weights[2]


def test_told_to_stop_it_fails_with_a_message_and_goes_on_to_the_same_weights(
    trained, tiles, tmp_path, monkeypatch, capsys
):
    calls, clip = [], loop.clip_gradients

    def clip_gradients(*args):
        calls.append(1)
        if len(calls) in (2, 5):
            os.kill(os.getpid(), signal.SIGTERM)
        return clip(*args)

    monkeypatch.setattr(loop, "clip_gradients", clip_gradients)
    for _ in range(2):
        assert pretrain(tiles, tmp_path) == 1
        assert "stopped by SIGTERM" in capsys.readouterr().err
        assert "checkpoint" in names(tmp_path) and "weights.safetensors" not in names(tmp_path)
    (tmp_path / "history.tsv").unlink()  # as a workflow does with the outputs of a failed job
    assert pretrain(tiles, tmp_path) == 0
    assert (tmp_path / "weights.safetensors").read_bytes() == (trained / "weights.safetensors").read_bytes()
    assert json.loads((tmp_path / "provenance.json").read_text())["resumed_at_step"] == 5


def test_other_numbers_start_over_and_the_number_of_workers_is_none_of_them(trained, tiles, tmp_path, monkeypatch):
    def stop(*args):
        os.kill(os.getpid(), signal.SIGTERM)
        return torch.ones(())

    with monkeypatch.context() as patch:
        patch.setattr(loop, "clip_gradients", stop)
        assert pretrain(tiles, tmp_path) == 1
    for model, resumed in (
        (with_numbers("pretrain", checkpoint_every_s=7.0), 1),
        (with_numbers("pretrain", epochs=1), 0),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(loop, "remove_checkpoint", lambda folder: None)
            patch.setattr("chiasma.training.outputs.remove_checkpoint", lambda folder: None)
            assert pretrain(tiles, tmp_path, model) == 0
        assert json.loads((tmp_path / "provenance.json").read_text())["resumed_at_step"] == resumed


def test_transductive_learns_from_every_split_and_says_so(tiles, tmp_path):
    assert pretrain(tiles, tmp_path, with_numbers("pretrain", epochs=1, max_examples=16), 1, "--transductive") == 0
    found = json.loads((tmp_path / "provenance.json").read_text())
    assert found["transductive"] is True and found["examples"]["train"] == sum(kept(tiles).values())


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (MODEL | {"pretrain": None}, "not pre-trained: its key 'pretrain' is null"),
        (MODEL | {"family": "mixhick"}, "did you mean 'mixhic'"),
        (MODEL | {"parameters": {"widht": 4}}, "did you mean 'width'"),
        (with_numbers("pretrain", epoch=3), "did you mean 'epochs'"),
        (with_numbers("pretrain", accumulate=3), "not a multiple of accumulate"),
    ],
)
def test_a_model_that_cannot_be_is_refused(tiles, tmp_path, capsys, model, message):
    assert pretrain(tiles, tmp_path, model) == 1
    assert message in capsys.readouterr().err


@pytest.fixture(scope="module")
def begun(tiles, tmp_path_factory):
    folder = tmp_path_factory.mktemp("begun") / "seed1"
    assert pretrain(tiles, folder, VIT) == 0
    return folder


def gone_on(tiles, init, output, *more, **numbers):
    """Pre-train one epoch from ``init``; return the provenance."""
    changed = {"pretrain": VIT["pretrain"] | {"epochs": 1, **numbers}, "init": str(init)}
    assert pretrain(tiles, output, VIT | changed, 2, *more) == 0
    return json.loads((output / "provenance.json").read_text())


def test_gone_on_with_at_no_learning_rate_the_loss_and_the_weights_are_those_that_were_left(begun, tiles, tmp_path):
    found = gone_on(tiles, begun, tmp_path, learning_rate=0.0)
    before = json.loads((begun / "provenance.json").read_text())
    assert found["monitor_value"] == pytest.approx(before["monitor_value"], rel=1e-6)
    assert (tmp_path / "weights.safetensors").read_bytes() == (begun / "weights.safetensors").read_bytes()
    assert found["init"]["path"] == str(begun) and found["init"]["missing"] == []
    assert found["init"]["matched"] == len(load_pretrained(begun).module.state_dict())
    assert found["inputs"][str(begun / "weights.safetensors")] == file_sha256(begun / "weights.safetensors")


def test_adapters_leave_a_plain_model_whose_frozen_weights_did_not_move(begun, tiles, tmp_path):
    found = gone_on(tiles, begun, tmp_path, lora_rank=2, layer_decay=0.5)
    old, new = (load_pretrained(folder).module.state_dict() for folder in (begun, tmp_path))
    moved = {name for name in old if not torch.equal(old[name], new[name])}
    linear = {name for name in old if ".layers." in name and name.endswith("weight") and "norm" not in name}
    beyond = {name for name in old if ".blocks.norm." in name or name.startswith(("pixels.", "count."))}
    assert moved == linear | beyond
    assert found["lora_layers"] == len(linear) == 4 * 3 and found["lora_learning"] < found["parameters"] / 2


def test_what_has_seen_every_region_stays_so(begun, tiles, tmp_path):
    seen = copied(begun, tmp_path / "seen", transductive=True)
    assert gone_on(tiles, seen, tmp_path / "out", max_examples=16)["transductive"] is True
    assert json.loads((tmp_path / "out/config.json").read_text())["transductive"] is True


@pytest.mark.parametrize(
    ("model", "init", "message"),
    [
        (VIT, "nowhere", "nowhere: no such file"),
        (VIT | {"parameters": VIT["parameters"] | {"depth": 3}}, "begun", "depth was 2, here it is 3"),
        (MODEL, "begun", "is of family hicfoundation"),
        (MODEL, "file", "family 'mixhic' reads no released weights"),
        (VIT, "file", "unexpected (theirs)"),
        (VIT, "half", "cannot be read as weights"),
        (with_numbers("pretrain", layer_decay=0.5), "trained", "does not say how deep its layers lie"),
        (with_numbers("pretrain", lora_rank=2), None, "name them (init)"),
    ],
)
def test_weights_that_cannot_be_started_from_are_refused(request, tiles, tmp_path, capsys, model, init, message):
    torch.save({"theirs": torch.ones(2)}, tmp_path / "file")
    (tmp_path / "half").write_bytes((tmp_path / "file").read_bytes()[:99])
    path = request.getfixturevalue(init) if init in ("begun", "trained") else init and tmp_path / init
    assert pretrain(tiles, tmp_path / "out", model | {"init": path and str(path)}) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out/weights.safetensors").exists()


def test_weights_that_changed_start_the_run_over(begun, tiles, tmp_path, monkeypatch):
    init, monkey = copied(begun, tmp_path / "init"), monkeypatch
    monkey.setattr("chiasma.training.outputs.remove_checkpoint", lambda folder: None)
    for changed, resumed in ((False, 0), (False, 4), (True, 0)):
        if changed:
            (init / "config.json").write_text((init / "config.json").read_text() + " ")
        assert gone_on(tiles, init, tmp_path / "out")["resumed_at_step"] == resumed


# ------------------------------------------------------------------------------------------------ several tilesets


@pytest.fixture(scope="module")
def far(planted, tmp_path_factory):
    """A tileset of another genome: one sample of the planted maps, on bins of 2 kb."""
    folder, own = tmp_path_factory.mktemp("far") / "far", planted.arrays
    lengths = {chrom: length * 2 // 5 for chrom, length in own.meta.chromosomes.items()}
    meta = replace(own.meta, resolution_bp=2000, track_bp=200, samples=("m",), chromosomes=lengths, scale={"m": 1.0})
    kinds = ("contacts", "valid", "tracks")
    content = {("m", chrom): {kind: getattr(own, kind)("a", chrom) for kind in kinds} for chrom in lengths}
    write_arrays(folder / "arrays", meta, content)
    write_index(folder, planted.splits.assign(end=planted.splits["end"] * 2 // 5))
    return folder


def mixed(tiles, far, **numbers):
    numbers = {"epochs": 1, "max_examples": 60, "sampling_temperature": 1e6, **numbers}
    return with_numbers("pretrain", **numbers) | {"pretrain_tilesets": [tiles.name, far.name]}


def test_a_model_is_pretrained_on_the_tiles_of_several_tilesets_and_says_which(tiles, far, tmp_path, caplog):
    with caplog.at_level(logging.INFO, logger="chiasma"):
        assert pretrain(tiles, tmp_path / "m", mixed(tiles, far), 1, "--tiles", str(far)) == 0
    for group in (f"{tiles.name} a", f"{tiles.name} b", "far m"):
        assert f"{group} 20 of " in caplog.text, "a third of 60 each"
    found, counts = (
        json.loads((tmp_path / "m/provenance.json").read_text()),
        {tiles.name: kept(tiles), "far": kept(far)},
    )
    assert found["tilesets"] == {
        name: {split: count[split] for split in ("train", "valid")} for name, count in counts.items()
    }
    assert found["examples"]["valid"] == sum(count["valid"] for count in counts.values()), "one stream of both"
    assert {str(far / "index.parquet"), str(tiles / "index.parquet")} <= set(found["inputs"])
    config = json.loads((tmp_path / "m/config.json").read_text())
    assert config["pretrain_tilesets"]["far"] == {"resolution_bp": 2000, "track_bp": 200}
    history = read_tsv(tmp_path / "m/history.tsv", HISTORY)
    assert (history.query("split == 'valid' and part == 'total'")["epoch"] == [0]).all()
    for folder, sample in ((tiles, "a"), (far, "m")):
        words = ["embed", "--model", str(tmp_path / "m"), "--tiles", str(folder), "--sample", sample, "--split", "test"]
        assert run([*words, "--output", str(tmp_path / f"{sample}.parquet")]) == 0, "bins of both are its own"


def test_a_model_of_one_tileset_is_no_model_of_other_bins(trained, far, tmp_path, capsys):
    words = [
        "embed",
        "--model",
        str(trained),
        "--tiles",
        str(far),
        "--sample",
        "m",
        "--output",
        str(tmp_path / "m.parquet"),
    ]
    assert run(words) == 1
    assert "trained with resolution_bp 5000, here it is 2000" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("named", "given", "message"),
    [
        (None, ["far"], "which are none, so of one tileset"),
        (["far"], ["far"], "expected a folder of each of the model's pretrain_tilesets, far"),
        (["tiles", "far"], [], "expected a folder of each of the model's pretrain_tilesets, tiles"),
    ],
)
def test_the_tilesets_given_are_those_that_the_model_names(tiles, far, tmp_path, capsys, named, given, message):
    names = {"tiles": tiles.name, "far": far.name}
    model = MODEL | {"pretrain_tilesets": named and [names[name] for name in named]}
    assert pretrain(tiles, tmp_path, model, 1, *(word for _ in given for word in ("--tiles", str(far)))) == 1
    assert message in capsys.readouterr().err
