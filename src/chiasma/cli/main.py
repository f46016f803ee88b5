"""The ``chiasma`` command: each module of this folder is a subcommand, imported only when it is asked for."""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from pathlib import Path

import typer

from chiasma.core.errors import ChiasmaError, unknown
from chiasma.core.log import setup_log

FOLDER = Path(__file__).parent


def command_names() -> list[str]:
    """Return the names of the commands: the modules of this folder."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in ("__init__", "main"))


def overview() -> str:
    """Return the list of commands with the first sentence of each module, read without importing it."""
    lines = ["Usage: chiasma COMMAND [OPTIONS]; chiasma COMMAND --help explains one command.", "", "Commands:"]
    for name in command_names():
        text = ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))) or ""
        lines.append(f"  {name:<20} {text.splitlines()[0] if text else ''}")
    return "\n".join(lines)


def main(words: list[str] | None = None) -> None:
    """Run the command named by the first word; a user's error is one message on standard error and exit code 1."""
    words = sys.argv[1:] if words is None else words
    if not words or words[0] in ("-h", "--help"):
        print(overview())
        sys.exit(0)
    name = words[0].replace("-", "_")
    if name not in command_names():
        print(unknown("command", words[0], command_names(), "chiasma"), file=sys.stderr)
        sys.exit(2)
    setup_log()
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(getattr(import_module(f"chiasma.cli.{name}"), name))
    try:
        app(words[1:], prog_name=f"chiasma {name}")
    except ChiasmaError as error:
        print(f"chiasma {name}: error: {error}", file=sys.stderr)
        sys.exit(1)
