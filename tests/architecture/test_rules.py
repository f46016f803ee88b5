"""Rules, commands and modules share one name; each rule carries what a reader and a cluster need."""

import re
from importlib import import_module
from inspect import signature

import pytest
from checkers import TOP, foreign_imports, rule_violations, rules_of, shell_options, uncaptioned

from chiasma.cli.main import command_names

FILES = [TOP / "Snakefile", *sorted((TOP / "workflow/rules").glob("*.smk"))]
RULES = {rule.name: rule for path in FILES for rule in rules_of(path.read_text())}
WORKING = sorted(name for name, rule in RULES.items() if not rule.is_target and name != "report")
WITHOUT_RULE = {"check", "document"}  # commands for people
GPU = {"pretrain", "finetune", "predict", "embed", "few_shot", "perturb"}
GOOD = '''
rule tile:
    """Cut tiles."""
    input:
        "a",
    output:
        "b",
    log:
        "results/{study}/logs/tile/x.log",
    benchmark:
        "results/{study}/benchmarks/tile/x.tsv"
    conda:
        "e.yaml"
    resources:
        mem_mb=1,
        runtime=1,
    shell:
        "chiasma tile {input} > {log} 2>&1"
'''


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_carries_what_it_should(name):
    lacks = rule_violations(RULES[name], command_names())
    if name == "report":  # Snakemake's own report, written by Snakemake
        lacks = [lack for lack in lacks if "command" not in lack and "chiasma" not in lack]
    assert lacks == []


def test_every_command_has_its_rule():
    assert set(command_names()) - WITHOUT_RULE == set(WORKING)


@pytest.mark.parametrize("name", WORKING)
def test_a_rules_options_are_those_of_its_command(name):
    command = getattr(import_module(f"chiasma.cli.{name}"), name)
    known, needed = options_of(command)
    written = "".join(RULES[name].directives[key] for key in ("shell", "params") if key in RULES[name].directives)
    used = shell_options(written) | ({"--mirror"} if name == "fetch" else set()) | indirect(written)
    assert used - known == set()
    assert needed - used == set()


def indirect(written):
    """Options that a function of the rule file writes."""
    return {"--truth"} if "truth=mapped_truth" in written else set()


def options_of(command):
    known, needed = set(), set()
    for name, parameter in signature(command, eval_str=True).parameters.items():
        if "Argument" in repr(parameter.annotation):
            continue
        option = "--" + name.replace("_", "-")
        known.add(option)
        if parameter.default is parameter.empty:
            needed.add(option)
    return known, needed


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_workflow_imports_the_schema_and_nothing_else_of_the_package(path):
    assert foreign_imports(path.read_text()) == []


@pytest.mark.parametrize("path", FILES[1:], ids=lambda path: path.name)
def test_every_published_file_has_a_caption(path):
    assert uncaptioned(path.read_text(), path.parent) == []


def test_every_figure_is_published_and_every_caption_used():
    text = "".join(path.read_text() for path in FILES)
    for name in (name for name in RULES if name.startswith("draw_")):
        assert "report(" in RULES[name].directives["output"]
    used = set(re.findall(r"report/(\w+)\.rst", text))
    assert used == {path.stem for path in (TOP / "workflow/report").glob("*.rst")}


def test_training_rules_ask_for_a_gpu_and_no_other_does():
    assert {name for name in WORKING if "gpu" in RULES[name].directives["resources"]} == GPU


def test_a_good_rule_has_no_violation():
    (rule,) = rules_of(GOOD)
    assert rule_violations(rule, ["tile"]) == []


@pytest.mark.parametrize(
    ("old", "new", "lack"),
    [
        ('    """Cut tiles."""\n', "", "docstring"),
        ("Cut tiles.", "cuts tiles", "docstring"),
        ('    log:\n        "results/{study}/logs/tile/x.log",\n', "", "log"),
        ("logs/tile/", "logs/cut/", "logs/tile/"),
        ("benchmarks/tile/", "b/", "benchmarks/tile/"),
        ('    conda:\n        "e.yaml"\n', "", "conda"),
        ("        mem_mb=1,\n", "", "mem_mb"),
        ("chiasma tile", "python tile.py", "shell line"),
        ("rule tile", "rule cut", "command of its name"),
        ("    shell:\n", "    run:\n", "no run: block"),
        ("    conda:\n", "    retries: 2\n    conda:\n", "retries"),
    ],
)
def test_a_violation_of_a_rule_is_found(old, new, lack):
    assert old in GOOD
    (rule,) = rules_of(GOOD.replace(old, new))
    assert any(lack in found for found in rule_violations(rule, ["tile"]))


def test_a_foreign_import_and_a_missing_caption_are_found(tmp_path):
    assert foreign_imports(
        "import json\nimport numpy as np\nfrom chiasma.tiles import x\nfrom chiasma.schema.run import y"
    ) == [
        "numpy",
        "chiasma.tiles",
    ]
    call = 'report(\n            "a.svg",\n            caption="a.rst",\n        ),'
    assert uncaptioned(call, tmp_path)
    (tmp_path / "a.rst").write_text("A figure.")
    assert uncaptioned(call, tmp_path) == []
    assert uncaptioned(call.replace('caption="a.rst",', ""), tmp_path)
