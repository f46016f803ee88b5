"""Names: no family's or task's name outside its room, no empty module names, no path of one machine."""

import pytest
from checkers import EMPTY_NAMES, MACHINE_PATHS, PACKAGE, TOP, room_choices, room_words, tracked

from chiasma.schema.rooms import room_names

SOURCES = sorted(PACKAGE.rglob("*.py"))
RULES = [TOP / "Snakefile", *sorted((TOP / "workflow").rglob("*.smk"))]
FAMILIES, TASKS = room_names("families"), room_names("tasks")


def outside(kind, name):
    return [path for path in SOURCES if not path.is_relative_to(PACKAGE / kind / name)]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_familys_name_stands_in_its_room_only(name):
    found = {str(path.relative_to(TOP)): room_words(path.read_text(), name) for path in outside("families", name)}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.parametrize("name", [*FAMILIES, *TASKS])
def test_the_rules_name_no_room(name):
    roads = [f"{kind}/{name}" for kind in ("families", "tasks", "models")] + [f"/{name}/", f"chiasma.tasks.{name}"]
    assert {str(path.relative_to(TOP)): word for path in RULES for word in roads if word in path.read_text()} == {}


@pytest.mark.parametrize("name", TASKS)
def test_nothing_outside_a_tasks_room_decides_by_its_name(name):
    paths = outside("tasks", name)
    assert {
        str(path.relative_to(TOP)): found for path in paths if (found := room_choices(path.read_text(), name))
    } == {}


def test_no_module_has_an_empty_name():
    assert [
        str(path)
        for path in SOURCES
        if any(EMPTY_NAMES.search(part) for part in path.relative_to(PACKAGE).with_suffix("").parts)
    ] == []


def test_no_tracked_file_holds_a_path_of_one_machine():
    own = TOP / "tests/architecture"
    texts = {path: path.read_text(errors="ignore") for path in tracked("*") if not path.is_relative_to(own)}
    assert {
        str(path.relative_to(TOP)): found.group()
        for path, text in texts.items()
        if (found := MACHINE_PATHS.search(text))
    } == {}


@pytest.mark.parametrize("text", ["import mixhic", "class MixHic: pass", "load('mixhic_small')", "x = f'{a}/mixhic'"])
def test_a_familys_name_is_found_in_identifiers_and_strings(text):
    assert room_words(text, "mixhic")


def test_a_citation_in_prose_is_free():
    assert room_words('"""As in mixhic."""\n\n# mixhic does this too\ndef f():\n    """Mixhic."""\n', "mixhic") == []


@pytest.mark.parametrize(
    "text",
    [
        "from chiasma.tasks.loops.config import Config",
        "from chiasma.tasks import loops",
        "import chiasma.tasks.loops.head",
        "if task == 'loops': pass",
        "if run.task in ('loops', 'other'): pass",
        "load_task('loops')",
        "room_module('tasks', 'loops', 'config')",
        "match task:\n    case 'loops': pass",
    ],
)
def test_deciding_by_a_tasks_name_is_found(text):
    assert room_choices(text, "loops")


@pytest.mark.parametrize(
    "text", ["kinds = {'loops': '.bedpe'}", "def read_loops(path): pass", "if kind == 'loops': pass"]
)
def test_the_word_of_the_field_is_free(text):
    assert room_choices(text, "loops") == []


@pytest.mark.parametrize("name", ["utils", "helpers", "misc", "common", "model_v2", "hic_utils", "new"])
def test_an_empty_name_is_found(name):
    assert EMPTY_NAMES.search(name)


@pytest.mark.parametrize("name", ["tiles", "commons_law", "helpful", "conversion", "renewal"])
def test_a_name_with_a_noun_is_not(name):
    assert not EMPTY_NAMES.search(name)


def test_a_machine_path_is_found_and_a_relative_one_is_not():
    assert MACHINE_PATHS.search("open('/" + "home/ada/data.hic')")
    inner = [
        "results",
        "work",
        "tests",
        "root",
        "https://example.org",
        "home",
        "x",
    ]  # such a folder below another is no machine's
    assert not MACHINE_PATHS.search("/".join(inner))
