"""Embed the tiles of a sample with a pre-trained model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from chiasma.core.atomic import writing
from chiasma.core.errors import InputError, unknown
from chiasma.io.tables import read_parquet
from chiasma.schema.tables import TILES
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.dataset import TileDataset
from chiasma.training.batches import Batches, Encoding, Plan
from chiasma.training.checkpoint import load_pretrained
from chiasma.training.inference import infer
from chiasma.training.optimisation import choose_device
from chiasma.training.outputs import check_same_data, data_of

if TYPE_CHECKING:
    import numpy as np

KEYS = ["sample", "chrom", "bin1", "bin2", "split"]
BATCH = 64


def embed(
    model: Annotated[Path, typer.Option(help="folder of a pre-trained model")],
    tiles: Annotated[Path, typer.Option(help="folder of the tileset: index.parquet and arrays/")],
    sample: Annotated[str, typer.Option(help="biosample")],
    output: Annotated[Path, typer.Option(help="Parquet file: one row per kept tile, one column per dimension")],
) -> None:
    """Embed the kept tiles of a sample; columns sample, chrom, bin1, bin2, split, then {name}_0, {name}_1, ... of each vector."""
    arrays, trained, device = TileArrays.open(tiles / "arrays"), load_pretrained(model), choose_device()
    check_same_data(trained.config, data_of(arrays.meta), f"--tiles {tiles}")
    frame = _frame(tiles / "index.parquet", sample)
    encoding = Encoding(trained.family, trained.family_config)
    batches = Batches(TileDataset(frame, arrays), frame, encoding, Plan(BATCH))
    trained.module.to(device)
    vectors = infer(lambda batch: trained.family.embed(trained.module, batch), batches, device, f"embedding {sample}")
    with writing(output) as part:
        with_columns(frame[KEYS], vectors).to_parquet(part, engine="pyarrow", compression="zstd", index=False)


def _frame(index: Path, sample: str) -> pd.DataFrame:
    """Return the kept tiles of a sample."""
    table = read_parquet(index, TILES)
    if sample not in set(table["sample"]):
        raise InputError(unknown("sample", sample, set(table["sample"]), str(index)))
    frame = table[table["kept"] & (table["sample"] == sample)].reset_index(drop=True)
    if frame.empty:
        raise InputError(f"{index}: no tile of sample '{sample}' is kept; see the reasons in its column 'reason'")
    return frame


def with_columns(keys: pd.DataFrame, vectors: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return the keys (n rows) with a column ``{name}_{dimension}`` for each vector (n, D)."""
    blocks = [
        pd.DataFrame(values, columns=[f"{name}_{place}" for place in range(values.shape[1])], index=keys.index)
        for name, values in vectors.items()
    ]
    return pd.concat([keys, *blocks], axis=1)
