"""Weights to start from: taken whole from a folder of ours or a released file, or refused with what is wrong."""

import json
import logging
from dataclasses import dataclass

import pytest
import torch
from torch import nn

from chiasma.contracts import Family, LoadReport
from chiasma.core.errors import ConfigError, InputError
from chiasma.training.checkpoint import write_model, write_tensors
from chiasma.training.start import init_files, start


@dataclass(frozen=True)
class Numbers:
    """The numbers of a toy family."""

    width: int = 3
    noise: float = 0.1


SHAPE = {"tile_bins": 4, "strip_bins": 8, "tracks": 1}
SETTINGS = {"kind": "pretrain", "family": "toy", "parameters": {}, "shape": SHAPE, "tracks": ["atac"], "resolution_bp": 5000,
            "track_bp": 100, "transductive": False}  # fmt: skip


def released(state, model, where):
    if "theirs" not in state:
        raise ConfigError(f"{where}: 1 missing (theirs)")
    model.load_state_dict({"weight": state["theirs"]}, strict=False)
    return LoadReport("pre-trained", ("weight",), ("bias",), ("head",), ("a note",))


def family(**known):
    bare = dict.fromkeys(Family.__dataclass_fields__)
    return Family(**bare | {"name": "toy", "config": Numbers, "any_shape": False, "load_released": released} | known)


@pytest.fixture
def folder(tmp_path):
    """A folder of ours, whose weights are all sevens."""
    path = tmp_path / "ours"
    path.mkdir()
    write_model(
        path, nn.Linear(3, 2).requires_grad_(False).apply(lambda layer: nn.init.constant_(layer.weight, 7.0)), SETTINGS
    )
    return path


def begin(path, room=None, network=None, **changes):
    network = network or nn.Linear(3, 2)
    return start(SETTINGS | {"init": str(path)} | changes, room or family(), network), network


def test_without_init_nothing_is_done():
    network = nn.Linear(3, 2)
    before = network.weight.clone()
    assert start(SETTINGS | {"init": None}, family(), network) is None
    assert init_files({"init": None}) == [] and torch.equal(network.weight, before)


def test_a_folder_of_ours_is_taken_whole(folder):
    begun, network = begin(folder, parameters={"width": 3})
    assert (network.weight == 7).all(), "a default that is written out is the same number"
    assert begun.files == [folder / "weights.safetensors", folder / "config.json"] and not begun.transductive
    assert begun.facts == {
        "path": str(folder),
        "kind": "our own",
        "matched": 2,
        "missing": (),
        "unexpected": (),
        "notes": (),
    }


def test_what_its_weights_have_seen_is_handed_on(folder):
    (folder / "config.json").write_text(json.dumps(SETTINGS | {"transductive": True}))
    assert begin(folder)[0].transductive


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"family": "other"}, "is of family toy, the model of other"),
        ({"parameters": {"noise": 0.5}}, "noise was 0.1, here it is 0.5"),
        ({"shape": SHAPE | {"tile_bins": 6}}, "shape was .*'tile_bins': 4.*, here it is .*'tile_bins': 6"),
        ({"tracks": ["ctcf"]}, r"tracks was \['atac'\], here it is \['ctcf'\]"),
    ],
)
def test_another_model_is_refused_and_says_what_differs(folder, changes, message):
    network = nn.Linear(3, 2)
    before = network.weight.clone()
    with pytest.raises(ConfigError, match=message):
        begin(folder, network=network, **changes)
    assert torch.equal(network.weight, before)


def test_weights_of_another_shape_are_refused(folder):
    with pytest.raises(ConfigError, match=r"weight: file \(2, 3\), model \(2, 4\)"):
        begin(folder, network=nn.Linear(4, 2))


def test_where_the_family_says_so_any_window_and_any_tracks_will_do(folder):
    other = {"shape": SHAPE | {"tile_bins": 96, "tracks": 0}, "tracks": [], "resolution_bp": 10_000}
    assert (begin(folder, family(any_shape=True), **other)[1].weight == 7).all()


def test_fine_tuning_may_read_other_numbers_than_pre_training(folder, caplog):
    logging.getLogger("chiasma").propagate = True
    begin(folder, kind="finetune", parameters={"noise": 0.5}, resolution_bp=10_000)
    assert "noise was 0.1, here it is 0.5" in caplog.text and "resolution_bp was 5000" in caplog.text


def test_a_released_file_goes_through_the_familys_own_reader(tmp_path):
    torch.save({"model": {"theirs": torch.full((2, 3), 5.0)}}, tmp_path / "w.pth")
    begun, network = begin(tmp_path / "w.pth")
    assert (network.weight == 5).all()
    assert begun.facts["missing"] == ("bias",) and begun.facts["matched"] == 1 and begun.facts["notes"] == ("a note",)
    assert json.loads(json.dumps(begun.facts))["unexpected"] == ["head"]
    write_tensors(tmp_path / "w.safetensors", {"ours": torch.ones(1)})
    with pytest.raises(ConfigError, match=r"init .*w.safetensors: 1 missing \(theirs\)"):
        begin(tmp_path / "w.safetensors")


def test_a_family_that_reads_no_released_weights_says_so(tmp_path):
    (tmp_path / "w.pth").touch()
    with pytest.raises(ConfigError, match="family 'toy' reads no released weights"):
        begin(tmp_path / "w.pth", family(load_released=None))


def test_what_is_missing_or_damaged_is_an_error_and_never_a_warning(folder, tmp_path):
    with pytest.raises(ConfigError, match="nowhere: no such file"):
        begin(tmp_path / "nowhere")
    (tmp_path / "w.pth").write_bytes(b"half")
    with pytest.raises(InputError, match="cannot be read as weights"):
        begin(tmp_path / "w.pth")
    whole = (folder / "weights.safetensors").read_bytes()
    (folder / "weights.safetensors").write_bytes(whole[:-3])
    with pytest.raises(InputError, match="not a whole safetensors file"):
        begin(folder)
    (folder / "config.json").unlink()
    with pytest.raises(ConfigError, match=r"config.json: no such file"):
        begin(folder)


def test_weights_that_are_not_finite_are_no_start(folder, tmp_path):
    spoilt = {"weight": torch.full((2, 3), float("nan")), "bias": torch.zeros(2)}
    write_tensors(folder / "weights.safetensors", spoilt)
    torch.save({"theirs": spoilt["weight"]}, tmp_path / "w.pth")
    for path in (folder, tmp_path / "w.pth"):
        with pytest.raises(InputError, match=r"tensors hold nan or infinite numbers \(weight\)"):
            begin(path)


def test_a_fine_tuned_model_is_no_encoder(folder):
    (folder / "config.json").write_text(json.dumps(SETTINGS | {"kind": "finetune"}))
    with pytest.raises(InputError, match="expected one written by `chiasma pretrain`"):
        begin(folder)
