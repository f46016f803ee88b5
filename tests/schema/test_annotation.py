"""Which states and loops annotate the map behind a prediction: its own, those of the deeper map, those of a thinned map's source."""

from study_house import SHEET

from chiasma.schema.annotation import annotation
from chiasma.schema.rooms import room_module, room_names

ROOMS = {name: room_module("tasks", name, "config") for name in room_names("tasks")}
DEEPER = next(name for name, room in ROOMS.items() if getattr(room, "AGAINST", "own") == "deeper")
OWN = next(name for name, room in ROOMS.items() if room.PREDICTS == "maps" and name != DEEPER)
KNOWN = [("a", "states"), ("a", "loops")]


def read(house, task, **changed):
    (house.root / "raw/a.bed").touch()
    house.text("config/samples/s.tsv", "\n".join([*SHEET, "a\tstates\traw/a.bed\ttoy"]))
    house.yaml("config/tasks/over.yaml", {"task": task, "tileset": "windows"})
    return house.read(tasks=["over"], **changed)


def test_the_map_itself_is_annotated_by_what_its_own_sample_has(house):
    study = read(house, OWN)
    assert study.predicted_samples("over") == ["a", "b"]
    assert annotation(study, "over") == [("a", *known) for known in KNOWN], "nothing is known of b"


def test_a_shallow_map_is_annotated_by_what_is_known_of_the_deep_one(house):
    thin = {"shallow": {"sample": "a", "fraction": 0.5}, "deep": {"sample": "a", "fraction": 0.9}}
    tilesets = {"windows": {"tracks": [], "tile_bins": 50, "deeper": {"shallow": "a", "b": "deep"}}}
    study = read(house, DEEPER, thin=thin, tilesets=tilesets, models=[])
    found = annotation(study, "over")
    assert [row for row in found if row[0] == "shallow"] == [("shallow", *known) for known in KNOWN]
    assert [row for row in found if row[0] == "b"] == [("b", *known) for known in KNOWN], (
        "of what the deep one was drawn from"
    )
