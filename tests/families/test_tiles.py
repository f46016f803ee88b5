"""Tiles that no network can be built for: a study is told of them before any job starts, in the words of the network."""

import pytest
from toy import PAIR, toy_config

from chiasma.contracts import TileShape, load_family
from chiasma.core.errors import ConfigError
from chiasma.schema.rooms import room_module, room_names

ROOMS = {name: room_module("families", name, "config") for name in room_names("families")}


@pytest.mark.parametrize("name", [name for name, room in ROOMS.items() if hasattr(room, "check_tile")])
def test_a_study_is_told_of_tiles_that_no_network_can_be_built_for(name):
    config, small = toy_config(name), TileShape(2, 12, 2)
    ROOMS[name].check_tile(config, PAIR)
    with pytest.raises(ConfigError, match="tile_bins 2 must be") as told:
        ROOMS[name].check_tile(config, small)
    with pytest.raises(ConfigError) as built:
        load_family(name).build_model(config, small)
    assert str(built.value) == str(told.value)
