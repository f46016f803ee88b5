"""``chiasma embed``: one row per kept tile of a sample, holding the family's own vectors."""

import numpy as np
import pandas as pd
import pytest
from training_runs import copied, pretrain, run, with_numbers, write_index

from chiasma.io.tables import read_parquet
from chiasma.schema.tables import TILES
from chiasma.tiles.dataset import TileDataset
from chiasma.training.checkpoint import load_pretrained

KEYS = ["sample", "chrom", "bin1", "bin2", "split"]


@pytest.fixture(scope="module")
def trained(planted, tmp_path_factory):
    write_index(planted.folder, planted.splits)
    folder = tmp_path_factory.mktemp("embed") / "seed1"
    assert pretrain(planted.folder, folder, with_numbers("pretrain", epochs=1, max_examples=16)) == 0
    return folder


def embed(model, tiles, sample, output):
    return run(["embed", "--model", str(model), "--tiles", str(tiles), "--sample", sample, "--output", str(output)])


def test_each_kept_tile_has_the_vectors_of_the_family(trained, planted, tmp_path):
    assert embed(trained, planted.folder, "b", tmp_path / "b.parquet") == 0
    found, index = pd.read_parquet(tmp_path / "b.parquet"), read_parquet(planted.folder / "index.parquet", TILES)
    kept = index[index["kept"] & (index["sample"] == "b")].reset_index(drop=True)
    assert found[KEYS].equals(kept[KEYS]) and len(found) > 70, "more than one batch, in the order of the index"
    model, rows = load_pretrained(trained), [len(kept) - 1, 0, 3]
    batch = model.family.encode(TileDataset(kept, planted.arrays).__getitems__(rows), model.family_config, None)
    for name, vectors in model.family.embed(model.module, batch).items():
        columns = [f"{name}_{place}" for place in range(vectors.shape[1])]
        assert np.allclose(found.loc[rows, columns], vectors.numpy(), atol=1e-5)
    widths = sum(vectors.shape[1] for vectors in model.family.embed(model.module, batch).values())
    assert found.shape[1] == len(KEYS) + widths


def test_what_cannot_be_embedded_is_refused(trained, planted, tmp_path, capsys):
    assert embed(trained, planted.folder, "c", tmp_path / "c.parquet") == 1
    assert "unknown sample 'c'" in capsys.readouterr().err
    other = copied(trained, tmp_path / "other", tracks=["ctcf"])
    assert embed(other, planted.folder, "a", tmp_path / "a.parquet") == 1
    assert "trained with tracks ['ctcf']" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.parquet"))
