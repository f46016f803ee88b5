"""``chiasma export_hic``: a map goes in, the same map comes out as .hic."""

from __future__ import annotations

import hictkpy
import numpy as np
import pytest

from chiasma.cli.main import main
from chiasma.io.predicted_maps import write_predicted_map
from chiasma.io.predictions import write_prediction


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as stop:
        main(["export_hic", *(str(word) for word in words)])
    return stop.value.code


def test_a_predicted_map_is_exported(tmp_path):
    band = np.array([[4.0, 2.5], [3.0, 1.0], [7.0, np.nan]])
    write_prediction({"mcool": {"chr1": band}}, tmp_path, "a", ({"chr1": 15_000}, 5000))
    assert run("--map", tmp_path / "a.mcool", "--output", tmp_path / "a.hic") == 0
    found = hictkpy.File(str(tmp_path / "a.hic"), 5000).fetch("chr1", count_type="float64").to_numpy()
    assert found.tolist() == [[4.0, 2.5, 0.0], [2.5, 3.0, 1.0], [0.0, 1.0, 7.0]]


def test_a_missing_map_is_explained(tmp_path, capsys):
    assert run("--map", tmp_path / "no.mcool", "--output", tmp_path / "a.hic") == 1
    assert "no such file" in capsys.readouterr().err


def test_a_map_with_weights_is_exported_at_the_scale_of_its_reads(tmp_path):
    """Juicebox balances by itself: it is to be given raw-scale counts, balanced contacts over the weights of both bins."""
    balanced = np.array([[4.0, 2.0], [3.0, 1.0], [8.0, np.nan]])
    weights = {"chr1": np.array([0.5, 2.0, 0.25])}
    write_predicted_map(tmp_path / "a.mcool", {"chr1": balanced}, {"chr1": 15_000}, 5000, weights=weights)
    assert run("--map", tmp_path / "a.mcool", "--output", tmp_path / "a.hic") == 0
    found = hictkpy.File(str(tmp_path / "a.hic"), 5000).fetch("chr1", count_type="float64").to_numpy()
    assert found.tolist() == [[16.0, 2.0, 0.0], [2.0, 0.75, 2.0], [0.0, 2.0, 128.0]]
