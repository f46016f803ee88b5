"""Every shipped configuration is valid, and its documentation is what the schema says."""

import pytest
import yaml
from checkers import TOP

from chiasma.schema.document import document
from chiasma.schema.run import Study, read_model, read_task, read_yaml
from chiasma.schema.study import read_study

STUDIES = sorted((TOP / "config").glob("*.yaml"))
MODELS = sorted((TOP / "config/models").glob("*.yaml"))
TASKS = sorted((TOP / "config/tasks").glob("*.yaml"))
ON_REQUEST = {  # what no study runs unasked, and why it is kept
    "models": {
        "hicfoundation_base": "a ViT-B, for a GPU of 24 GB",
        "hicfoundation_large": "the published size, corrected",
        "hicfoundation_official": "the published objective and size; released weights fit it",
        "mixhic_256": "the paper's width for CAGE, for a machine with a GPU",
        "mixhic_published": "the released code with its defects, for comparison with published numbers",
    },
    "tasks": {
        "loops_k562_hiccups": "training on loops called from the map; its first lines say how to run it",
    },
}


def stem(path):
    return path.stem


@pytest.mark.parametrize("path", STUDIES, ids=stem)
def test_a_shipped_study_is_valid_with_its_sheet_models_and_tasks(path):
    study = read_study(read_yaml(path), str(path), TOP)
    assert study.run.study == ("demo" if path.stem == "config" else path.stem)
    assert study.sample_names


@pytest.mark.parametrize("path", MODELS, ids=stem)
def test_a_shipped_model_is_valid(path):
    assert read_model(path.stem, TOP / "config/models").family


@pytest.mark.parametrize("path", TASKS, ids=stem)
def test_a_shipped_task_is_valid(path):
    assert read_task(path.stem, TOP / "config/tasks").task


def in_studies(kind):
    """Return the models or tasks that studies name, with those that they are based on or take an encoder from."""
    waiting, found = {name for path in STUDIES for name in read_yaml(path)[kind]}, set()
    while waiting:
        found.add(name := waiting.pop())
        values = read_yaml(TOP / "config" / kind / f"{name}.yaml")
        waiting |= {values[key] for key in ("base", "encoder") if values.get(key)} - found
    return found


@pytest.mark.parametrize(("kind", "paths"), [("models", MODELS), ("tasks", TASKS)])
def test_every_model_and_task_is_run_by_a_study_or_kept_for_a_reason(kind, paths):
    """A file that nothing names is never run, and so never seen to break; one that is run needs no excuse."""
    idle = {path.stem for path in paths} - in_studies(kind)
    assert idle == set(ON_REQUEST[kind]), f"config/{kind}: name it in a study, or say in ON_REQUEST why it is kept"


def test_the_demo_is_the_default_and_simulated():
    demo = yaml.safe_load((TOP / "config/config.yaml").read_text())
    assert demo["study"] == "demo"
    assert demo["simulate"]


def test_the_documentation_is_what_the_schema_says():
    assert (TOP / "config/README.md").read_text() == document(), "run: chiasma document --output config/README.md"


def test_every_key_of_a_study_is_documented_with_its_meaning():
    text = document()
    for name, field in Study.model_fields.items():
        assert f"`{name}`" in text
        assert field.description
        assert field.description in text
