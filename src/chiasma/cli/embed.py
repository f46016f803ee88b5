"""Embed tiles of a sample with a pre-trained model: those of the tileset, or those of regions of your own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from chiasma.core.atomic import writing
from chiasma.core.errors import InputError, unknown
from chiasma.core.log import log
from chiasma.io.bed import read_loci
from chiasma.io.bedpe import read_bedpe
from chiasma.io.h5ad import check_can_write, write_h5ad
from chiasma.io.tables import read_parquet, read_tsv
from chiasma.schema.tables import SPLITS, TILES
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.regions import place_regions, report_regions
from chiasma.training.checkpoint import PretrainedModel, load_pretrained
from chiasma.training.embedding import embed_chromosomes, embed_rows
from chiasma.training.inference import by_token
from chiasma.training.outputs import check_same_data, data_of

if TYPE_CHECKING:
    import numpy as np

KEYS = ["sample", "chrom", "bin1", "bin2", "start1", "end1", "start2", "end2", "split"]
LEVELS = ("pooled", "tokens", "chromosome")
FORMATS = (".parquet", ".h5ad")
PAIRS, LOCI = (".bedpe",), (".bed", ".narrowpeak", ".broadpeak")
SPLIT_NAMES = ("all", "train", "valid", "test", "none")


def embed(
    model: Annotated[Path, typer.Option(help="folder of a pre-trained model")],
    tiles: Annotated[Path, typer.Option(help="folder of the tileset: index.parquet and arrays/")],
    sample: Annotated[str, typer.Option(help="biosample of the tileset, one the model was trained on or not")],
    output: Annotated[Path, typer.Option(help="file to write, .parquet or .h5ad (AnnData)")],
    regions: Annotated[
        Path | None,
        typer.Option(help="BEDPE (pairs of loci) or BED (loci): embed the tiles at their middles, not the index's"),
    ] = None,
    splits: Annotated[Path | None, typer.Option(help="splits.tsv, which says the split of each region")] = None,
    split: Annotated[str, typer.Option(help="tiles of this split only: train, valid, test or none")] = "all",
    level: Annotated[
        str,
        typer.Option(
            help="pooled: a row per tile; tokens: a row per token of each modality; chromosome: a row per chromosome, the mean of its tiles"
        ),
    ] = "pooled",
) -> None:
    """Embed tiles of a sample with a pre-trained model.

    The rows' keys are sample, chrom, bin1, bin2, start1, end1, start2, end2, split; with --regions first region, the row
    of the file from 0; with --level tokens also modality and token; with --level chromosome they are sample, chrom and tiles,
    how many tiles the mean is of. In Parquet the columns {name}_0, {name}_1, ... follow
    for each set of vectors; in .h5ad the keys are obs, and each set is obsm X_{name}.
    """
    check_words(output, split, level)
    arrays, trained = TileArrays.open(tiles / "arrays"), load_pretrained(model)
    check_same_data(trained.config, data_of(arrays.meta), f"--tiles {tiles}")
    if regions is None:
        frame = kept_tiles(tiles / "index.parquet", sample)
    else:
        frame = region_tiles(regions, splits, arrays, sample)
    frame = of_split(frame, split, f"sample '{sample}'" + ("" if splits or not regions else " (no --splits given)"))
    write_vectors(*embed_frame(trained, arrays, frame, level), output)
    log.info("%s: %d tiles embedded", sample, len(frame))


def check_words(output: Path, split: str, level: str) -> None:
    """Raise InputError for an unknown level, split or format, before any work is done."""
    for option, word, known in (("level", level, LEVELS), ("split", split, SPLIT_NAMES)):
        if word not in known:
            raise InputError(unknown(option, word, known, f"--{option}"))
    if output.suffix not in FORMATS:
        raise InputError(f"--output {output}: expected a name that ends in {' or '.join(FORMATS)}")
    if output.suffix == ".h5ad":
        check_can_write(output)


def kept_tiles(index: Path, sample: str) -> pd.DataFrame:
    """Return the kept tiles of a sample within chromosomes, columns `KEYS`."""
    table = read_parquet(index, TILES)
    if sample not in set(table["sample"]):
        raise InputError(unknown("sample", sample, set(table["sample"]), str(index)))
    wanted = table["kept"] & (table["sample"] == sample) & (table["chrom"] == table["chrom2"])
    frame = table.loc[wanted, KEYS].reset_index(drop=True)
    if frame.empty:
        raise InputError(f"{index}: no tile of sample '{sample}' is kept; see the reasons in its column 'reason'")
    return frame


def region_tiles(path: Path, splits: Path | None, arrays: TileArrays, sample: str) -> pd.DataFrame:
    """Return the tiles of a file's regions, columns region and `KEYS`; those without a tile are logged with the reason."""
    placed = place_regions(arrays, sample, read_regions(path), read_tsv(splits, SPLITS) if splits else None)
    report_regions(placed, f"{path}, {sample}")
    return placed.loc[placed["kept"], ["region", *KEYS]].reset_index(drop=True)


def read_regions(path: Path) -> pd.DataFrame:
    """Read the anchors of BEDPE, or the loci of BED as both anchors; the name's suffix says which."""
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    if suffix in PAIRS:
        return read_bedpe(path)
    if suffix in LOCI:
        loci = read_loci(path)
        return pd.concat([loci.add_suffix("1"), loci.add_suffix("2")], axis=1)
    raise InputError(
        f"--regions {path}: expected a name that ends in {', '.join((*PAIRS, *LOCI))}, with or without .gz"
    )


def of_split(frame: pd.DataFrame, split: str, who: str) -> pd.DataFrame:
    """Return the rows of a split, all for "all"; InputError when there is none."""
    chosen = frame if split == "all" else frame[frame["split"] == split].reset_index(drop=True)
    if chosen.empty:
        found = frame["split"].value_counts().to_dict()
        raise InputError(f"--split {split}: {who} has no tile in it; its {len(frame)} tiles lie in {found}")
    return chosen


def embed_frame(
    trained: PretrainedModel, arrays: TileArrays, frame: pd.DataFrame, level: str
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Return the keys of each row, and name -> vectors (rows, D) float32, a row being a tile, one of its tokens, or a chromosome."""
    label = f"embedding {frame['sample'].iloc[0]}"
    if level == "chromosome":
        return embed_chromosomes(trained, arrays, frame, label)
    vectors = embed_rows(trained, arrays, frame, level, label)
    return by_token(frame, vectors) if level == "tokens" else (frame, vectors)


def write_vectors(keys: pd.DataFrame, vectors: Mapping[str, np.ndarray], output: Path) -> None:
    """Write keys and vectors in the format of the name's suffix."""
    if output.suffix == ".h5ad":
        write_h5ad(keys, vectors, output)
        return
    with writing(output) as part:
        with_columns(keys, vectors).to_parquet(part, engine="pyarrow", compression="zstd", index=False)


def with_columns(keys: pd.DataFrame, vectors: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return the keys (n rows) with a column ``{name}_{dimension}`` for each vector (n, D)."""
    blocks = [
        pd.DataFrame(values, columns=[f"{name}_{place}" for place in range(values.shape[1])], index=keys.index)
        for name, values in vectors.items()
    ]
    return pd.concat([keys, *blocks], axis=1)
