"""Weights of other programs are read as tensors, and nothing else of such a file is run."""

import argparse
import os
from pathlib import Path

import pytest
import torch

from chiasma.core.errors import InputError
from chiasma.training.checkpoint import write_tensors
from chiasma.training.foreign import read_foreign_weights

WEIGHTS = {"a.weight": torch.arange(6.0).reshape(2, 3), "b": torch.ones(1)}


def same(found):
    return found.keys() == WEIGHTS.keys() and all(torch.equal(tensor, WEIGHTS[name]) for name, tensor in found.items())


@pytest.mark.parametrize(
    "content",
    [
        WEIGHTS,
        {"state_dict": WEIGHTS},
        {"model": WEIGHTS, "epoch": 3, "args": argparse.Namespace(lr=0.1, name="x"), "scaler": {"scale": 2.0}},
        {"model": {f"module.{name}": tensor for name, tensor in WEIGHTS.items()}},
        {"model": {f"module._orig_mod.{name}": tensor for name, tensor in WEIGHTS.items()}},
    ],
)
def test_weights_are_found_where_programs_keep_them(tmp_path, content):
    torch.save(content, tmp_path / "w.pth.tar")
    assert same(read_foreign_weights(tmp_path / "w.pth.tar"))


def test_safetensors_are_read_too(tmp_path):
    write_tensors(tmp_path / "w.safetensors", WEIGHTS)
    assert same(read_foreign_weights(tmp_path / "w.safetensors"))


def test_a_file_that_would_run_something_is_refused_and_runs_nothing(tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "run"),)

    torch.save({"model": WEIGHTS, "args": Evil()}, tmp_path / "w.pth")
    with pytest.raises(InputError, match=r"cannot be read as weights \(it holds \w+\.mkdir, an object") as caught:
        read_foreign_weights(tmp_path / "w.pth")
    assert not (tmp_path / "run").exists()
    assert "weights_only" not in str(caught.value), "nobody is told to run the file after all"


def test_an_object_of_a_program_of_theirs_is_named_and_no_advice_to_run_it_given(tmp_path):
    torch.save({"model": WEIGHTS, "folder": Path("x")}, tmp_path / "w.pth")
    with pytest.raises(InputError, match=r"it holds pathlib[\w.]*\.PosixPath") as caught:
        read_foreign_weights(tmp_path / "w.pth")
    assert "weights_only" not in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_a_damaged_file_is_refused(tmp_path):
    torch.save(WEIGHTS, tmp_path / "w.pth")
    whole = (tmp_path / "w.pth").read_bytes()
    for part in (b"", whole[: len(whole) // 2], b"no weights", b"half", b"(", b"R."):
        (tmp_path / "w.pth").write_bytes(part)
        with pytest.raises(InputError, match=r"cannot be read as weights \(damaged") as caught:
            read_foreign_weights(tmp_path / "w.pth")
        assert "weights_only" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "holds"),
    [({"epoch": 1, "lr": 2.0}, "epoch, lr"), ({}, "it holds"), ([1, 2], "list"), ({"model": {}}, "model")],
)
def test_a_file_without_weights_says_what_it_holds(tmp_path, content, holds):
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(InputError, match=f"no weights found.*{holds}"):
        read_foreign_weights(tmp_path / "w.pth")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"w\.pth: no such file"):
        read_foreign_weights(tmp_path / "w.pth")
