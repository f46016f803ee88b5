"""`chiasma tile` writes the arrays and the index of a tileset."""

import json

import cooler
import numpy as np
import pandas as pd
import pyBigWig
import pytest

from chiasma.cli.main import main
from chiasma.io.tables import read_parquet
from chiasma.schema.tables import TILES
from chiasma.tiles.arrays import TileArrays

CONFIG = {
    "chromosomes": ["chr1"], "resolution_bp": 1000, "track_bp": 100, "missing": {"atac": "zero"}, "unit": "pair", "tile_bins": 10,
    "max_distance_bins": 30, "tracks": ["atac"], "diagonal_stride_bins": 5, "pairs_per_mb": 500, "pairs_min_distance_bins": 4,
    "min_nonzero_fraction": 0.1, "seed": 1,
}  # fmt: skip


@pytest.fixture
def study(tmp_path):
    """Two normalised samples, the assembly and the splits."""
    bins = cooler.binnify(pd.Series({"chr1": 120_000}), 1000).assign(weight=0.1)
    row, col = np.triu_indices(120)
    for sample in ("a", "b"):
        folder = tmp_path / "normalised" / sample
        folder.mkdir(parents=True)
        pixels = pd.DataFrame({"bin1_id": row, "bin2_id": col, "count": 100 // (1 + col - row) + 1})
        cooler.create_cooler(str(folder / "contacts.cool"), bins, pixels, ordered=True)
        with pyBigWig.open(str(folder / "atac.bw"), "w") as file:
            file.addHeader([("chr1", 120_000)])
            file.addEntries(["chr1"], [5000], ends=[90_000], values=[2.5])
    (tmp_path / "toy.tsv").write_text("chrom\tlength_bp\taliases\nchr1\t120000\t1\n")
    (tmp_path / "splits.tsv").write_text(
        "chrom\tstart\tend\tsplit\nchr1\t0\t60000\ttrain\nchr1\t60000\t70000\tgap\nchr1\t70000\t120000\ttest\n"
    )
    return tmp_path


def run(study, config=CONFIG, samples="a,b"):
    words = ["tile", "--normalised", study / "normalised", "--samples", samples, "--assembly", study / "toy.tsv"]
    words += ["--splits", study / "splits.tsv", "--config", json.dumps(config), "--output", study / "tiles" / "windows"]
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    return stop.value.code


def test_a_tileset_has_arrays_and_an_index_that_fit_each_other(study):
    assert run(study) == 0
    arrays = TileArrays.open(study / "tiles" / "windows" / "arrays")
    index = read_parquet(study / "tiles" / "windows" / "index.parquet", TILES)
    assert arrays.meta.samples == ("a", "b") and arrays.meta.band_bins == 40
    assert index.groupby(["sample", "source"]).size().to_dict() == {
        ("a", "pairs"): 60, ("a", "tiling"): 23, ("b", "pairs"): 60, ("b", "tiling"): 23,
    }  # fmt: skip
    kept = index[index["kept"] & (index["sample"] == "b")]
    assert {"train", "test"} == set(kept["split"])
    found = arrays.windows("b", "chr1", kept["bin1"], kept["bin2"])
    assert (found["contacts"] > 0).all() and set(np.unique(found["tracks"])) <= {0, 2.5}


def test_running_again_gives_the_same_index_and_keeps_other_files(study):
    run(study)
    index = study / "tiles" / "windows" / "index.parquet"
    beside = index.with_name("loops.parquet")
    beside.write_text("labels")
    first = index.read_bytes()
    assert run(study) == 0
    assert index.read_bytes() == first and beside.read_text() == "labels"


@pytest.mark.parametrize(
    ("config", "samples", "message"),
    [
        ({**CONFIG, "tile_bin": 10}, "a", "did you mean 'tile_bins'"),
        ({**CONFIG, "tile_bins": 9}, "a", "even"),
        ({**CONFIG, "tracks": ["dnase"]}, "a", "dnase.bw: no such file"),
        (CONFIG, "a,c", "contacts.cool: no such file"),
        ({**CONFIG, "resolution_bp": 5000}, "a", "5000"),
    ],
    ids=["key", "odd", "track", "sample", "resolution"],
)
def test_a_users_error_is_one_message_and_no_tileset(study, capsys, config, samples, message):
    assert run(study, config, samples) == 1
    assert message in capsys.readouterr().err
    assert not (study / "tiles" / "windows").exists() or not any((study / "tiles" / "windows").iterdir())
