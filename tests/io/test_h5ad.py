"""AnnData files, read back by anndata itself."""

import sys

import anndata
import numpy as np
import pandas as pd
import pytest

from chiasma.core.errors import InputError
from chiasma.io.h5ad import write_h5ad

ROWS = pd.DataFrame({"sample": ["a", "b", "a"], "bin1": [3, 4, 5], "kept": [True, False, True]}, index=[7, 8, 9])


def test_rows_are_obs_and_each_set_of_vectors_is_in_obsm(tmp_path):
    vectors = {"map_shared": np.arange(6.0).reshape(3, 2), "strip": np.ones((3, 4), np.float32)}
    write_h5ad(ROWS, vectors, tmp_path / "x.h5ad")
    found = anndata.read_h5ad(tmp_path / "x.h5ad")
    assert found.obs_names.tolist() == ["0", "1", "2"]
    assert found.obs["sample"].tolist() == ["a", "b", "a"]
    assert found.obs["bin1"].tolist() == [3, 4, 5] and found.obs["bin1"].dtype == np.int64
    assert set(found.obsm) == {"X_map_shared", "X_strip"}
    assert np.array_equal(found.obsm["X_map_shared"], vectors["map_shared"])
    assert found.obsm["X_map_shared"].dtype == np.float32
    assert ROWS.index.tolist() == [7, 8, 9], "the caller's table stays as it was"
    assert [path.name for path in tmp_path.iterdir()] == ["x.h5ad"]


def test_without_the_package_its_name_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "anndata", None)
    with pytest.raises(InputError, match="takes the package anndata, which is not installed here.*or write .parquet"):
        write_h5ad(ROWS, {}, tmp_path / "x.h5ad")
    assert not list(tmp_path.iterdir())
