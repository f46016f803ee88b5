"""Draw which parts of each chromosome are for training, validation and test."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer


def draw_splits(
    splits: Annotated[
        list[Path],
        typer.Option(
            help="splits.tsv; repeat for each genome, whose name stands before the chromosomes' and its file's"
        ),
    ],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
    assembly: Annotated[
        Path | None, typer.Option(help="assembly table, for whole chromosomes; else up to the last region")
    ] = None,
    config: Annotated[str, typer.Option(help="JSON or file: chromosomes")] = "{}",
) -> None:
    """Draw which parts of each chromosome are for training, validation and test."""
    from chiasma.io.assembly import read_assembly
    from chiasma.io.tables import read_tsv
    from chiasma.plots import splits as figure
    from chiasma.plots.style import FigureConfig, save_figure
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.schema.tables import SPLITS

    numbers = build_config(FigureConfig, read_values(config), "--config")
    regions = pd.concat([_named(read_tsv(path, SPLITS), path) for path in splits], ignore_index=True)
    lengths = (
        read_assembly(assembly).lengths if assembly else regions.groupby("chrom", sort=False)["end"].max().to_dict()
    )
    save_figure(*figure.draw(regions, lengths, numbers), output)


def _named(regions: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the regions with the genome that the file is named after before each chromosome's name."""
    genome = path.name.removesuffix("splits.tsv").rstrip(".")
    return regions.assign(chrom=f"{genome} " + regions["chrom"]) if genome else regions
