"""A trained model reads what it was trained on; bins of another size only where its pre-training was meant to be mixed."""

import logging
from dataclasses import replace

import pytest

from chiasma.core.errors import ConfigError
from chiasma.tiles.arrays import ArraysMeta
from chiasma.training.outputs import arrays_sha256, check_alike, check_same_data, data_of

META = ArraysMeta(5000, 100, 10, 30, ("atac",), ("a",), {"c": 100_000}, {"a": 1.0})
FINE = replace(META, resolution_bp=2000, track_bp=40)  # as many track bins in a contact bin
BINS = {"resolution_bp": 2000, "track_bp": 40}


def test_other_bins_are_refused_unless_the_model_was_pretrained_on_named_tilesets(caplog):
    with pytest.raises(ConfigError, match="trained with resolution_bp 5000, here it is 2000"):
        check_same_data(data_of(META), data_of(FINE), "--encoder e")
    mixed = data_of(META) | {"pretrain_tilesets": {"own": {"resolution_bp": 5000, "track_bp": 100}, "far": BINS}}
    with caplog.at_level(logging.WARNING, logger="chiasma"):
        check_same_data(mixed, data_of(FINE), "--encoder e")
        assert not caplog.text
        check_same_data(mixed, data_of(replace(META, resolution_bp=10_000, track_bp=200)), "--encoder e")
        assert "pre-trained on bins of" in caplog.text and "10000" in caplog.text


@pytest.mark.parametrize("changed", [{"tile_bins": 12}, {"tracks": ("dnase",)}, {"track_bp": 50}])
def test_shape_and_tracks_are_the_same_however_mixed(changed):
    mixed = data_of(META) | {"pretrain_tilesets": {"far": BINS}}
    with pytest.raises(ConfigError, match="trained with (shape|tracks)"):
        check_same_data(mixed, data_of(replace(META, **changed)), "--encoder e")


def test_tilesets_that_one_network_cannot_read_are_named():
    check_alike({"own": META, "far": FINE})
    with pytest.raises(ConfigError, match="shape of tileset 'far' is .* that of 'own' is"):
        check_alike({"own": META, "far": replace(META, tile_bins=12)})
    with pytest.raises(ConfigError, match="tracks of tileset 'far'"):
        check_alike({"own": META, "far": replace(META, tracks=("dnase",))})


def test_tilesets_without_tracks_have_one_shape_whatever_their_bins():
    check_alike(
        {"own": replace(META, tracks=()), "far": replace(META, tracks=(), resolution_bp=30_000, track_bp=30_000)}
    )


def test_the_sum_is_over_the_arrays_of_all_folders_in_their_order(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "c.npy").write_text(name)
    one, two = tmp_path / "one", tmp_path / "two"
    assert len({arrays_sha256(one), arrays_sha256(two), arrays_sha256(one, two), arrays_sha256(two, one)}) == 4
