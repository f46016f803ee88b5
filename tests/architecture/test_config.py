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
