"""The checks of the house, each a function from source text to a list of violations, so that each can be shown to fail."""

import ast
import io
import re
import subprocess
import tokenize
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).parents[2]
PACKAGE = TOP / "src/chiasma"
FUNCTION_LINES, FILE_LINES, ARGUMENTS = 60, 400, 8
EMPTY_NAMES = re.compile(r"^(utils?|helpers?|misc|common|tools?|stuff|new|old)$|(^|_)v\d+$|_(utils?|helpers?)$")
FSTRING = [getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)]  # Python 3.12 cuts f-strings into pieces
MACHINE_PATHS = re.compile("(?<![\\w.])/" + "(work|home|root|Users|opt)" + "/[a-z]")


def tracked(*patterns):
    """The files git tracks and those it would, or all files where there is no git."""
    try:
        words = ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns]
        names = subprocess.run(words, cwd=TOP, capture_output=True, text=True, check=True).stdout.split("\n")
    except (OSError, subprocess.CalledProcessError):
        names = [str(path.relative_to(TOP)) for pattern in patterns for path in TOP.rglob(pattern)]
    return sorted(TOP / name for name in names if name and (TOP / name).is_file())


def code_lines(text, first, last):
    """Lines of ``text`` from ``first`` to ``last``, counted from 1, that are neither blank nor only a comment."""
    lines = text.splitlines()[first - 1 : last]
    return sum(1 for line in lines if line.strip() and not line.strip().startswith("#"))


def body_without_docstring(node):
    return node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body


def functions(text):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]


def long_functions(text, bound=FUNCTION_LINES):
    """Functions with more code lines than the bound, docstring, comments and blank lines left aside."""
    sizes = {}
    for node in functions(text):
        if body := body_without_docstring(node):
            sizes[node.name] = code_lines(text, body[0].lineno, body[-1].end_lineno)
    return [f"{name}: {size} lines of code" for name, size in sizes.items() if size > bound]


def wide_functions(text, bound=ARGUMENTS):
    """Functions with more arguments than the bound, self and cls left aside."""
    found = []
    for node in functions(text):
        names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        count = len([name for name in names if name not in ("self", "cls")])
        if count > bound:
            found.append(f"{node.name}: {count} arguments")
    return found


def undocumented(text):
    """Public functions and classes at the top of a module, and the module itself, without a docstring."""
    tree = ast.parse(text)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    public = [node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]
    missing = [] if ast.get_docstring(tree) or not tree.body else ["the module"]
    return missing + [node.name for node in public if not ast.get_docstring(node)]


def executable_lines(text):
    """Lines of code of a whole module, all docstrings left aside."""
    tree = ast.parse(text)
    total = code_lines(text, 1, len(text.splitlines()))
    for node in ast.walk(tree):
        if _documented(node):
            total -= code_lines(text, node.body[0].lineno, node.body[0].end_lineno)
    return total


def room_words(text, name):
    """Places where code spells a family's name, in an identifier or a string; prose may cite the paper."""
    prose = {node.body[0].value.lineno for node in ast.walk(ast.parse(text)) if _documented(node)}
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    code = [
        token
        for token in tokens
        if token.type in (tokenize.NAME, tokenize.STRING, *FSTRING) and token.start[0] not in prose
    ]
    return [token.string for token in code if name in token.string.lower()]


def _documented(node):
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return isinstance(node, holders) and ast.get_docstring(node, clean=False) is not None


def room_choices(text, name):
    """Places where code decides by a task's name, or reaches into its room.

    A task may be called by a word of the field ("loops"), so the word itself is free; what no module outside the room
    may do is import it, compare a task or family with it, or hand it to a function that looks rooms up.
    """
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom | ast.Import):
            names = [getattr(node, "module", "") or "", *(alias.name for alias in node.names)]
            found += [ast.unparse(node) for module in names if f"tasks.{name}" in module]
            if getattr(node, "module", "") == "chiasma.tasks" and name in names[1:]:
                found.append(ast.unparse(node))
        if isinstance(node, ast.Compare | ast.match_case | ast.Call) and _decides(node, name):
            found.append(ast.unparse(node).splitlines()[0])
    return found


def _decides(node, name):
    if isinstance(node, ast.Call):
        callee = ast.unparse(node.func)
        return bool(re.search("task|famil|room", callee)) and any(_is(arg, name) for arg in node.args)
    if isinstance(node, ast.match_case):
        return any(_is(part, name) for part in ast.walk(node.pattern))
    sides = [node.left, *node.comparators]
    return any(_is(part, name) for part in ast.walk(node)) and any(
        re.search("task|famil", ast.unparse(side)) for side in sides
    )


def _is(node, name):
    return isinstance(node, ast.Constant) and node.value == name


@dataclass(frozen=True)
class Rule:
    """One rule of a .smk file: its name, its lines, and the text of each directive."""

    name: str
    lines: int
    docstring: str
    directives: dict

    @property
    def is_target(self):
        """Whether the rule makes nothing of its own, but names what to make."""
        return set(self.directives) <= {"input", "localrule", "default_target"}


@dataclass(frozen=True)
class Variant:
    """One `use rule … as … with:` of a .smk file: what it overrides of which rule."""

    base: str
    rule: Rule


def rules_of(text):
    """Parse the rules of a Snakefile by their indentation."""
    return [_rule(head[2], block, len(head[1])) for head, block in _blocks(text, r"^(\s*)rule (\w+):$")]


def variants_of(text):
    """Parse the rules of a Snakefile that are another rule with something overridden."""
    blocks = _blocks(text, r"^(\s*)use rule (\w+) as (\w+) with:$")
    return [Variant(head[2], _rule(head[3], block, len(head[1]))) for head, block in blocks]


def _blocks(text, pattern):
    """The lines that begin as ``pattern`` says, each with the deeper lines that follow it."""
    lines = text.splitlines()
    found = []
    for start, line in enumerate(lines):
        if head := re.match(pattern, line):
            block = [line]
            for follower in lines[start + 1 :]:
                if follower.strip() and len(follower) - len(follower.lstrip()) <= len(head[1]):
                    break
                block.append(follower)
            while not block[-1].strip():
                block.pop()
            found.append((head, block))
    return found


def _rule(name, block, depth):
    docstring, directives, current = "", {}, None
    for line in block[1:]:
        own = line[depth + 4 :]
        if match := re.match(r"^(\w+):(.*)$", own):
            current = match[1]
            directives[current] = match[2]
        elif current is None and own.startswith('"""'):
            docstring = own.strip().strip('"')
        elif current is not None:
            directives[current] += "\n" + own
    return Rule(name, len(block), docstring, directives)


def rule_violations(rule, commands):
    """What a rule lacks: a sentence for a docstring, log, benchmark, environment, resources, a command of its own name."""
    lacks = [] if re.match(r"^[A-Z].*\.$", rule.docstring) else ["a docstring that is a sentence"]
    if rule.is_target:
        return lacks
    lacks += [
        name for name in ("output", "log", "benchmark", "conda", "resources", "shell") if name not in rule.directives
    ]
    lacks += [
        f"{key} among its resources" for key in ("mem_mb", "runtime") if key not in rule.directives.get("resources", "")
    ]
    lacks += [f"no {name}: block" for name in ("run", "script", "notebook", "wrapper") if name in rule.directives]
    if "retries" in rule.directives and "localrule" not in rule.directives:
        lacks.append("no retries of its own (they belong to a profile)")
    if rule.name not in commands:
        lacks.append("a command of its name")
    if f"chiasma {rule.name} " not in rule.directives.get("shell", ""):
        lacks.append(f"a shell line that calls chiasma {rule.name}")
    if "{log}" not in rule.directives.get("shell", "") or f"/logs/{rule.name}/" not in rule.directives.get("log", ""):
        lacks.append(f"its output in logs/{rule.name}/")
    if f"/benchmarks/{rule.name}/" not in rule.directives.get("benchmark", ""):
        lacks.append(f"its benchmark in benchmarks/{rule.name}/")
    return lacks


def output_suffixes(rule):
    """The suffixes of a rule's outputs, in order."""
    return tuple(re.findall(r'/[^"/]*\.(\w+)"', rule.directives["output"]))


def constraints_of(rule):
    """What each wildcard of a rule is bound to."""
    return dict(re.findall(r"^\s*(\w+)=(.+?),?$", rule.directives.get("wildcard_constraints", ""), re.MULTILINE))


def variant_violations(variant, base, suffixes):
    """What a variant that predicts another kind lacks: its name's suffixes, the base's wildcards, and a bound for each.

    Parameters
    ----------
    base : the rule it varies
    suffixes : kind -> suffixes of a prediction of that kind
    """
    own, lacks = variant.rule, []
    kind = own.name.removeprefix(f"{variant.base}_")
    if kind not in suffixes or own.name == variant.base:
        return [f"a name that is {variant.base}_ and one of {', '.join(suffixes)}"]
    if set(own.directives) != {"output", "wildcard_constraints"}:
        return ["output and wildcard_constraints overridden, and nothing else"]
    if output_suffixes(own) != suffixes[kind]:
        lacks.append(f"outputs that end in {', '.join(suffixes[kind])}")
    if set(re.findall(r"{(\w+)}", own.directives["output"])) != set(re.findall(r"{(\w+)}", base.directives["output"])):
        lacks.append("the wildcards of the rule it varies")
    bound = constraints_of(own)
    if bound.get("task") != f'any_of(tasks_that_predict("{kind}"))':
        lacks.append(f"tasks bound to those that predict {kind}")
    lost = {name: value for name, value in constraints_of(base).items() if name != "task" and bound.get(name) != value}
    return lacks + [f"the bound {name}={value} of the rule it varies" for name, value in lost.items()]


def shell_options(shell):
    """The long options of a shell line."""
    return set(re.findall(r"(--[a-z][a-z-]*)", shell))


def foreign_imports(text):
    """Imports of a Snakefile beyond the standard library's few, Snakemake and chiasma.schema."""
    free = ("json", "re", "pathlib", "snakemake", "chiasma.schema")
    names = re.findall(r"^(?:from|import) ([\w.]+)", text, re.MULTILINE)
    return [name for name in names if not any(name == one or name.startswith(one + ".") for one in free)]


def uncaptioned(text, folder):
    """Calls of `report` without a caption that exists; a caption may stand in a dictionary of the same file."""
    shared = dict(re.findall(r'^(\w+) = \{\n    "caption": "([^"]+)"', text, re.MULTILINE))
    found = []
    for call in re.findall(r"\breport\((\n.*?\n\s*|[^\n]*)\),(?:\n|$)", text, re.DOTALL):
        own = re.search(r'caption="([^"]+)"', call)
        named = re.search(r"\*\*(\w+)", call)
        caption = own[1] if own else shared.get(named[1]) if named else None
        if not caption or not (folder / caption).is_file():
            found.append(call.strip())
    return found
