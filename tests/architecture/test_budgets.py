"""Sizes: functions, arguments, files, rules. Raising a bound is a commit of its own with a reason."""

import pytest
from checkers import (
    FILE_LINES,
    PACKAGE,
    TOP,
    executable_lines,
    long_functions,
    rules_of,
    tracked,
    undocumented,
    wide_functions,
)

PYTHON = tracked("*.py")
SNAKEFILES = [TOP / "Snakefile", *sorted((TOP / "workflow/rules").glob("*.smk"))]


def label(path):
    return str(path.relative_to(TOP))


@pytest.mark.parametrize("path", PYTHON, ids=label)
def test_functions_and_files_are_short(path):
    text = path.read_text()
    assert long_functions(text) == []
    assert len(text.splitlines()) <= FILE_LINES


@pytest.mark.parametrize("path", [path for path in PYTHON if path.is_relative_to(PACKAGE)], ids=label)
def test_functions_take_few_arguments_and_say_what_they_do(path):
    assert wide_functions(path.read_text()) == []
    assert undocumented(path.read_text()) == []


def test_the_contracts_fit_on_two_screens():
    assert executable_lines((PACKAGE / "contracts.py").read_text()) <= 120


@pytest.mark.parametrize("path", SNAKEFILES, ids=label)
def test_rule_files_and_rules_are_short(path):
    bounds = {"Snakefile": 60, "common.smk": 80}
    text = path.read_text()
    assert len(text.splitlines()) <= bounds.get(path.name, 200)
    assert [rule.name for rule in rules_of(text) if rule.lines > 35] == []


def test_a_long_function_is_found_and_its_docstring_and_comments_are_free():
    body = "\n".join("    x = 1" for _ in range(61))
    assert long_functions(f"def f():\n{body}\n") == ["f: 61 lines of code"]
    prose = '    """' + "\n".join("words" for _ in range(80)) + '"""\n' + "    # why\n" * 30 + "\n" * 30
    assert long_functions(f"def f():\n{prose}    return 1\n") == []


def test_a_wide_function_is_found_and_self_is_free():
    assert wide_functions("def f(a, b, c, d, e, f, g, h, *, i): pass") == ["f: 9 arguments"]
    assert wide_functions("class C:\n    def m(self, a, b, c, d, e, f, g, h): pass") == []


def test_a_missing_docstring_is_found():
    assert undocumented("def f(): pass\ndef _g(): pass") == ["the module", "f"]
    assert undocumented('"""Module."""\ndef f():\n    """Do."""') == []


def test_docstrings_do_not_count_as_code():
    assert executable_lines('"""One\ntwo."""\n\n# why\nx = 1\n\n\ndef f():\n    """Do."""\n    return x\n') == 3


def test_a_long_rule_is_measured_from_its_name_to_its_last_line():
    text = "rule a:\n    shell:\n" + '        "x"\n' * 40 + "\n\nrule b:\n    input:\n        1,\n"
    assert {rule.name: rule.lines for rule in rules_of(text)} == {"a": 42, "b": 3}
