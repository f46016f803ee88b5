"""AnnData in HDF5: sets of vectors beside what each row is, as scanpy and its like read them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chiasma.core.atomic import writing
from chiasma.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def check_can_write(path: str | Path) -> None:
    """Raise InputError, which names the package, where anndata is not installed."""
    try:
        import anndata  # noqa: F401
    except ImportError as error:
        raise InputError(
            f"{path}: writing .h5ad takes the package anndata, which is not installed here ({error}); "
            "`pip install anndata`, or write .parquet"
        ) from error


def write_h5ad(rows: pd.DataFrame, vectors: Mapping[str, np.ndarray], path: str | Path) -> None:
    """Write an AnnData file, atomically and compressed.

    Parameters
    ----------
    rows : what each of the n rows is; becomes ``obs``, its rows named by their number from 0
    vectors : name -> (n, D); each becomes ``obsm["X_{name}"]`` in float32. There is no ``X``: the sets are no features of
        one table, and what takes a matrix takes one of them by name (scanpy: ``use_rep="X_{name}"``)
    """
    check_can_write(path)
    from anndata import AnnData

    obs = rows.set_axis(np.arange(len(rows)).astype(str), axis=0)
    sets = {f"X_{name}": np.asarray(values, np.float32) for name, values in vectors.items()}
    with writing(path) as part:
        AnnData(obs=obs, obsm=sets).write_h5ad(part, compression="gzip")
