"""Give a thinned biosample a normalised file of its source: a link, so that nothing is computed or stored twice."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def share(
    file: Annotated[Path, typer.Argument(help="normalised file of the biosample that was thinned")],
    output: Annotated[Path, typer.Option(help="link to write; it is relative, so that results can be moved")],
) -> None:
    """Give a thinned biosample a normalised file of its source: a link, so that nothing is computed or stored twice."""
    import os

    from chiasma.core.atomic import writing
    from chiasma.core.errors import InputError

    if not file.is_file():
        raise InputError(f"{file}: no such file; expected a normalised file, which the link is to lead to")
    with writing(output) as part:
        part.symlink_to(os.path.relpath(file.resolve(), output.parent.resolve()))
