"""Windows that a study's models or tasks cannot read, or for which nothing is kept, are refused before any job starts."""

import pytest
from study_house import FAMILY

from chiasma.core.errors import ConfigError
from chiasma.schema.rooms import room_module
from chiasma.schema.run import Tileset
from chiasma.schema.windows import TileShape, window_kinds

ROOM = room_module("families", FAMILY, "config")

TRANS = {"tracks": ["atac"], "trans_per_mb": 1.0}
KEPT = {"trans": True}


@pytest.fixture
def family(monkeypatch):
    """Lets the study's family read the kinds given."""
    return lambda *kinds: monkeypatch.setattr(ROOM, "WINDOWS", kinds, raising=False)


def test_kinds_are_those_asked_for():
    assert window_kinds(Tileset(tracks=["atac"])) == []
    assert window_kinds(Tileset(tracks=["atac"], tile_bins=8, tile_cols=8)) == [], "a square in other words"
    every = Tileset(tracks=["atac"], tile_bins=8, tile_cols=12, pad=True, trans_per_mb=1)
    assert window_kinds(every) == ["trans", "rectangular", "padded"]


def test_windows_between_chromosomes_need_their_contacts_and_a_family_that_reads_them(house, family):
    family("trans")
    assert "set normalise.trans to true" in house.error(tilesets={"windows": TRANS})
    house.read(tilesets={"windows": TRANS}, normalise=KEPT)
    family()
    assert f"tileset 'windows' has trans windows, which family '{FAMILY}' does not read" in house.error(
        tilesets={"windows": TRANS}, normalise=KEPT
    )


@pytest.mark.parametrize(("key", "value", "kind"), [("tile_cols", 20, "rectangular"), ("pad", True, "padded")])
def test_rectangles_and_padding_need_a_family_that_reads_them_and_no_task(house, family, key, value, kind):
    family()
    tilesets = {"windows": {"tracks": ["atac"], key: value}}
    family()
    assert f"has {kind} windows, which family" in house.error(tilesets=tilesets)
    family("rectangular", "padded")
    assert "tasks need squares inside a chromosome" in house.error(tilesets=tilesets)
    house.read(tilesets=tilesets, tasks=[], few_shot={}, task_models={})


@pytest.mark.parametrize("key", ["tile_bins", "tile_cols"])
def test_a_window_is_centred_on_a_bin_so_its_sides_are_even(house, key):
    assert f"{key} is 21; a window is centred" in house.error(tilesets={"windows": {"tracks": ["atac"], key: 21}})


def test_a_family_is_asked_whether_its_model_can_cut_up_the_windows(house, monkeypatch):
    asked = []

    def check_tile(config, shape):
        asked.append((type(config), shape))
        if shape.tile_bins % 8:
            raise ConfigError(f"patches of 8 do not fill {shape.tile_bins} bins")

    monkeypatch.setattr(ROOM, "check_tile", check_tile, raising=False)
    tracks = {"resolution_bp": 5000, "track_bp": 1000}
    house.read(tilesets={"windows": {"tracks": ["atac"], "tile_bins": 16}}, **tracks)
    assert set(asked) == {(ROOM.Config, TileShape(16, 80, 1))}
    assert "model 'one' cannot read the windows of tileset 'windows': patches of 8 do not fill 12 bins" in house.error(
        tilesets={"windows": {"tracks": ["atac"], "tile_bins": 12}}, **tracks
    )
