"""Write the documentation of every configuration key, from the schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def document(output: Annotated[Path, typer.Option(help="Markdown file to write")] = Path("config/README.md")) -> None:
    """Write the documentation of every configuration key, from the schema."""
    from chiasma.core.atomic import write_text
    from chiasma.schema.document import document as text

    write_text(output, text())
