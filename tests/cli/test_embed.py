"""``chiasma embed``: one row per tile or token of a sample, holding the family's own vectors."""

import anndata
import numpy as np
import pandas as pd
import pytest
from planted_loops import RESOLUTION
from training_runs import copied, pretrain, run, with_numbers, write_index

from chiasma.evaluation.projection import vectors_by_name
from chiasma.io.tables import read_parquet, write_tsv
from chiasma.schema.tables import SPLITS, TILES
from chiasma.tiles.dataset import TileDataset
from chiasma.training.checkpoint import load_pretrained

KEYS = ["sample", "chrom", "bin1", "bin2", "start1", "end1", "start2", "end2", "split"]


@pytest.fixture(scope="module")
def trained(planted, tmp_path_factory):
    write_index(planted.folder, planted.splits)
    folder = tmp_path_factory.mktemp("embed") / "seed1"
    assert pretrain(planted.folder, folder, with_numbers("pretrain", epochs=1, max_examples=16)) == 0
    return folder


@pytest.fixture(scope="module")
def kept(trained, planted):
    """The kept tiles of sample b."""
    index = read_parquet(planted.folder / "index.parquet", TILES)
    return index[index["kept"] & (index["sample"] == "b")].reset_index(drop=True)


@pytest.fixture(scope="module")
def whole(trained, planted, tmp_path_factory):
    """The embedding of sample b."""
    path = tmp_path_factory.mktemp("whole") / "b.parquet"
    assert embed(trained, planted.folder, "b", path) == 0
    return pd.read_parquet(path)


def embed(model, tiles, sample, output, *more):
    words = ["embed", "--model", str(model), "--tiles", str(tiles), "--sample", sample, "--output", str(output)]
    return run([*words, *(str(word) for word in more)])


def test_each_kept_tile_has_the_vectors_of_the_family(trained, planted, kept, whole):
    assert whole[KEYS].equals(kept[KEYS]) and len(whole) > 70, "more than one batch, in the order of the index"
    model, rows = load_pretrained(trained), [len(kept) - 1, 0, 3]
    batch = model.family.encode(TileDataset(kept, planted.arrays).__getitems__(rows), model.family_config, None)
    for name, vectors in model.family.embed(model.module, batch).items():
        columns = [f"{name}_{place}" for place in range(vectors.shape[1])]
        assert np.allclose(whole.loc[rows, columns], vectors.numpy(), atol=1e-5)
    widths = sum(vectors.shape[1] for vectors in model.family.embed(model.module, batch).values())
    assert whole.shape[1] == len(KEYS) + widths


def test_a_split_is_part_of_the_whole(trained, planted, whole, tmp_path):
    assert embed(trained, planted.folder, "b", tmp_path / "b.parquet", "--split", "test") == 0
    found, wanted = pd.read_parquet(tmp_path / "b.parquet"), whole[whole["split"] == "test"].reset_index(drop=True)
    assert 0 < len(found) < len(whole)
    pd.testing.assert_frame_equal(found, wanted, atol=1e-5)


def test_tokens_average_to_the_pooled_vectors(trained, planted, whole, tmp_path):
    assert embed(trained, planted.folder, "b", tmp_path / "b.parquet", "--split", "test", "--level", "tokens") == 0
    tokens = pd.read_parquet(tmp_path / "b.parquet")
    assert not tokens.duplicated([*KEYS, "modality", "token"]).any()
    assert list(tokens.columns[: len(KEYS) + 2]) == [*KEYS, "modality", "token"]
    tiles = whole[whole["split"] == "test"].reset_index(drop=True)
    pooled = vectors_by_name(tiles)
    assert set(tokens["modality"]) == {name.rpartition("_")[0] for name in pooled}
    for name, values in pooled.items():
        modality, _, part = name.rpartition("_")
        columns = [f"{part}_{place}" for place in range(values.shape[1])]
        own = tokens[tokens["modality"] == modality]
        means = own.groupby(["chrom", "bin1", "bin2"])[columns].mean()
        at = pd.MultiIndex.from_frame(tiles[["chrom", "bin1", "bin2"]])
        assert np.allclose(means.loc[at], values, atol=1e-5), name


def test_h5ad_holds_what_parquet_holds(trained, planted, whole, tmp_path):
    assert embed(trained, planted.folder, "b", tmp_path / "b.h5ad") == 0
    found, vectors = anndata.read_h5ad(tmp_path / "b.h5ad"), vectors_by_name(whole)
    for key in KEYS:
        assert found.obs[key].tolist() == whole[key].tolist()
    assert set(found.obsm) == {f"X_{name}" for name in vectors}
    for name, values in vectors.items():
        assert np.allclose(found.obsm[f"X_{name}"], values, atol=1e-5)


def test_regions_on_tiles_of_the_index_have_the_same_vectors(trained, planted, whole, tmp_path):
    write_tsv(planted.splits, tmp_path / "splits.tsv", SPLITS)
    rows = whole.iloc[[40, 2, 60]].reset_index(drop=True)
    lines = [
        f"{row.chrom}\t{row.start1}\t{row.end1}\t{row.chrom}\t{row.start2}\t{row.end2}" for row in rows.itertuples()
    ]
    lines.insert(1, "chr1\t0\t500\tchr1\t0\t500")
    (tmp_path / "mine.bedpe").write_text("\n".join(lines))
    words = ("--regions", tmp_path / "mine.bedpe", "--splits", tmp_path / "splits.tsv")
    assert embed(trained, planted.folder, "b", tmp_path / "b.parquet", *words) == 0
    found = pd.read_parquet(tmp_path / "b.parquet")
    assert found["region"].tolist() == [0, 2, 3], "the row of the file; the second has no tile"
    pd.testing.assert_frame_equal(found.drop(columns="region"), rows, atol=1e-5)


def test_a_locus_is_a_tile_on_the_diagonal_and_needs_no_index(trained, planted, tmp_path):
    tiles = tmp_path / "elsewhere"
    tiles.mkdir()
    (tiles / "arrays").symlink_to(planted.folder / "arrays")
    (tmp_path / "mine.bed").write_text(f"chr2\t{100 * RESOLUTION}\t{101 * RESOLUTION}\tpeak\n")
    assert embed(trained, tiles, "a", tmp_path / "a.parquet", "--regions", tmp_path / "mine.bed") == 0
    found = pd.read_parquet(tmp_path / "a.parquet")
    assert found[["chrom", "bin1", "bin2", "split"]].to_numpy().tolist() == [["chr2", 100, 100, "none"]]
    assert np.isfinite(np.concatenate(list(vectors_by_name(found).values()), axis=1)).all()


def test_what_cannot_be_embedded_is_refused(trained, planted, tmp_path, capsys):
    assert embed(trained, planted.folder, "c", tmp_path / "c.parquet") == 1
    assert "unknown sample 'c'" in capsys.readouterr().err
    other = copied(trained, tmp_path / "other", tracks=["ctcf"])
    assert embed(other, planted.folder, "a", tmp_path / "a.parquet") == 1
    assert "trained with tracks ['ctcf']" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.parquet"))


@pytest.mark.parametrize(
    ("name", "more", "message"),
    [
        ("a.parquet", ["--level", "token"], "--level: unknown level 'token'; did you mean 'tokens'?"),
        ("a.parquet", ["--split", "tset"], "--split: unknown split 'tset'; did you mean 'test'?"),
        ("a.parquet", ["--split", "none"], "--split none: sample 'a' has no tile in it"),
        ("a.csv", [], "expected a name that ends in .parquet or .h5ad"),
        ("a.parquet", ["--regions", "mine.txt"], "mine.txt: expected a name that ends in .bedpe, .bed"),
        (
            "a.parquet",
            ["--regions", "away.bed"],
            "none of the 1 regions has a tile in this tileset: {'unknown_chromosome': 1}",
        ),
        ("a.parquet", ["--regions", "here.bed", "--split", "test"], "sample 'a' (no --splits given) has no tile in it"),
    ],
)
def test_wrong_words_are_explained(trained, planted, tmp_path, monkeypatch, capsys, name, more, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "away.bed").write_text("chr9\t0\t900\n")
    (tmp_path / "here.bed").write_text("chr2\t500000\t505000\n")
    assert embed(trained, planted.folder, "a", name, *more) == 1
    assert message in capsys.readouterr().err
    assert not list(tmp_path.glob("a.*"))
