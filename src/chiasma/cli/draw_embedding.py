"""Draw embeddings of tiles in two dimensions, coloured by modality, compartment, cell type, loops and distance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from chiasma.core.errors import InputError
from chiasma.core.seed import generator

if TYPE_CHECKING:
    import numpy as np

    from chiasma.plots.style import FigureConfig
    from chiasma.tiles.arrays import TileArrays

SHARED = "_shared"  # vectors that a family aligns between modalities end in this


def draw_embedding(
    embeddings: Annotated[
        list[Path], typer.Option(help="embedding of a sample in its run's folder; the first run's samples are drawn")
    ],
    truth: Annotated[list[str], typer.Option(help="sample=path of its true loops; repeat for each sample")],
    tiles: Annotated[Path, typer.Option(help="tileset folder")],
    output: Annotated[Path, typer.Option(help="picture to write; its numbers go to the .tsv beside")],
    config: Annotated[str, typer.Option(help="JSON or file: points, seed")] = "{}",
) -> None:
    """Draw embeddings of the test tiles in two dimensions, coloured by modality, compartment, cell type, loops and distance."""
    from chiasma.evaluation import projection
    from chiasma.plots import embedding as figure
    from chiasma.plots.style import FigureConfig, save_figure
    from chiasma.schema.identity import read_identity
    from chiasma.schema.rooms import build_config, read_values
    from chiasma.tiles.arrays import TileArrays

    numbers = build_config(FigureConfig, read_values(config), "--config")
    who = read_identity(embeddings[0])
    frame = pd.concat([pd.read_parquet(path) for path in embeddings if read_identity(path) == who], ignore_index=True)
    tested = (frame["split"] == "test").any()
    frame = drawn_tiles(frame[frame["split"] == "test"] if tested else frame, numbers)
    vectors = projection.vectors_by_name(frame)
    if not vectors or len(frame) < 3:
        raise InputError(
            f"{embeddings[0]}: expected at least 3 tiles with columns {{name}}_{{channel}}, found {len(frame)} tiles"
        )
    described = describe_tiles(frame, truth, TileArrays.open(tiles / "arrays"))
    places_n2 = projection.manifold_places(vectors, numbers.seed)
    placed = described.assign(umap1=places_n2[:, 0], umap2=places_n2[:, 1])
    title = f"{who.model}, seed {who.seed}: {len(frame)}{' test' if tested else ''} tiles"
    save_figure(*figure.draw(projection.joint_components(aligned(vectors)), placed, title, numbers), output)


def drawn_tiles(frame: pd.DataFrame, config: FigureConfig) -> pd.DataFrame:
    """Return the tiles drawn, at random where there are too many, and shuffled, so that no group lies on top of another."""
    order = generator(config.seed, "embedding").permutation(len(frame))[: config.points]
    return frame.iloc[order].reset_index(drop=True)


def aligned(vectors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the vectors aligned between modalities, or all of the commonest width when none is named so."""
    shared = {name: own for name, own in vectors.items() if name.endswith(SHARED)}
    chosen = shared or vectors
    widths = [own.shape[1] for own in chosen.values()]
    return {name: own for name, own in chosen.items() if own.shape[1] == max(widths, key=widths.count)}


def describe_tiles(frame: pd.DataFrame, truth: list[str], arrays: TileArrays) -> pd.DataFrame:
    """Return the tiles with their compartment, loops and distance."""
    from chiasma.cli.evaluate import read_truths, truth_paths
    from chiasma.evaluation import projection

    loops = next(iter(read_truths(truth_paths(truth), arrays.meta.resolution_bp).values()))
    keys = frame[["sample", "chrom", "bin1", "bin2", "split"]]
    return keys.assign(
        compartment=projection.tile_compartments(arrays, keys),
        holds_loop=projection.holds_loop(keys, loops, arrays.meta.half_bins),
        distance_kb=(keys["bin2"] - keys["bin1"]) * arrays.meta.resolution_bp / 1000,
    )
