"""Rules, commands and modules share one name; each rule carries what a reader and a cluster need."""

import ast
import re
from importlib import import_module
from inspect import signature

import pytest
from checkers import (
    TOP,
    constraints_of,
    foreign_imports,
    output_suffixes,
    rule_violations,
    rules_of,
    shell_options,
    uncaptioned,
    variant_violations,
    variants_of,
)

from chiasma.cli.main import command_names
from chiasma.schema.rooms import room_module, room_names

FILES = [TOP / "Snakefile", *sorted((TOP / "workflow/rules").glob("*.smk"))]
RULES = {rule.name: rule for path in FILES for rule in rules_of(path.read_text())}
VARIANTS = {variant.rule.name: variant for path in FILES for variant in variants_of(path.read_text())}
COMMON = (TOP / "workflow/rules/common.smk").read_text()
WORKING = sorted(name for name, rule in RULES.items() if not rule.is_target and name != "report")
WITHOUT_RULE = {"check", "document"}  # commands for people
GPU = {"pretrain", "finetune", "predict", "embed", "few_shot", "perturb", "probe"}
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


PREDICTED = ast.literal_eval(
    re.search(r"^PREDICTED = (\{.*?^\})", re.sub("#.*", "", COMMON), re.MULTILINE | re.DOTALL)[1]
)
DRAWN = ast.literal_eval(re.search(r"^DRAWN = (\{.*?^\})", re.sub("#.*", "", COMMON), re.MULTILINE | re.DOTALL)[1])


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_a_variant_overrides_what_its_kind_needs(name):
    assert variant_violations(VARIANTS[name], RULES[VARIANTS[name].base], PREDICTED) == []


@pytest.mark.parametrize("base", ["predict", "predict_baseline"])
def test_every_kind_is_predicted_by_a_rule_of_its_own(base):
    assert output_suffixes(RULES[base]) == PREDICTED["calls"]
    assert constraints_of(RULES[base])["task"] == 'any_of(tasks_that_predict("calls"))'
    assert {f"{base}_{kind}" for kind in PREDICTED} - {f"{base}_calls"} == {
        name for name, variant in VARIANTS.items() if variant.base == base
    }


def test_kinds_are_those_of_the_task_rooms_and_each_has_figures_and_scores():
    kinds = {room_module("tasks", name, "config").PREDICTS for name in room_names("tasks")}
    assert kinds == set(PREDICTED) == set(DRAWN)
    assert {f"draw_{name}" for names in DRAWN.values() for name in names} <= set(RULES)
    for kind in kinds:
        rule = RULES["evaluate" if kind == "calls" else f"evaluate_{kind}"]
        assert constraints_of(rule)["task"] == f'any_of(tasks_that_predict("{kind}"))'


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


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_command_is_no_format_of_names_outside_its_rule(path):
    """Snakemake evaluates the command when the job runs: a name that a loop gave a rule would then be the last rule's."""
    assert not re.search(r"shell:\s+[rR]?[fF]", path.read_text())


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


@pytest.mark.parametrize(
    ("old", "new", "lack"),
    [
        ("as tile_maps", "as tile_mapz", "a name that is tile_ and one of calls, maps"),
        (".mcool", ".bw", "outputs that end in mcool"),
        ("{sample}.mcool", "sample.mcool", "the wildcards of the rule it varies"),
        ('predict("maps")', 'predict("calls")', "tasks bound to those that predict maps"),
        ("        model=any_of(BASELINES),\n", "", "the bound model=any_of(BASELINES) of the rule it varies"),
        ("    output:\n", "    threads: 2\n    output:\n", "and nothing else"),
        ('    output:\n        "a/{sample}.mcool",\n', "", "output and wildcard_constraints overridden"),
    ],
)
def test_a_violation_of_a_variant_is_found(old, new, lack):
    bound = (
        "    wildcard_constraints:\n        model=any_of(BASELINES),\n        task=any_of(tasks_that_predict({})),\n"
    )
    base = 'rule tile:\n    output:\n        "a/{sample}.bedpe",\n' + bound.format('"calls"')
    text = 'use rule tile as tile_maps with:\n    output:\n        "a/{sample}.mcool",\n' + bound.format('"maps"')
    kinds = {"calls": ("bedpe",), "maps": ("mcool",)}
    (rule,), (variant,) = rules_of(base), variants_of(text)
    assert variant_violations(variant, rule, kinds) == []
    assert old in text
    (broken,) = variants_of(text.replace(old, new))
    assert any(lack in found for found in variant_violations(broken, rule, kinds))


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
