"""The command, and the tables of the outside world it reads."""

import hashlib
from pathlib import Path

import pytest

from chiasma.cli.main import main
from chiasma.io.assembly import read_assembly
from chiasma.schema.samples import DATASET_COLUMNS, kind_of, read_datasets, read_samples

ASSEMBLIES = sorted(Path("resources/assemblies").glob("*.tsv"))


def table(folder, body, processing="verbatim"):
    row = ("thing", "1", "thing.bed", "http://127.0.0.1:9/thing.bed", str(len(body)), hashlib.sha256(body).hexdigest())
    path = folder / "datasets.tsv"
    lines = ["# a comment", "\t".join(DATASET_COLUMNS), "\t".join((*row, "MIT", "nobody", processing))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_file_comes_from_the_mirror(tmp_path):
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "renamed.bed").write_bytes(b"chr1\t0\t1\n")
    words = [
        "--mirror",
        str(tmp_path / "mirror"),
        "--datasets",
        str(table(tmp_path, b"chr1\t0\t1\n", "sorted by hand")),
    ]
    output = tmp_path / "raw" / "thing" / "thing.bed"
    with pytest.raises(SystemExit) as caught:
        main(["fetch", "thing", "--output", str(output), *words])
    assert caught.value.code == 0
    assert output.read_bytes() == b"chr1\t0\t1\n"


def test_an_empty_mirror_is_none(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "thing.bed").write_bytes(b"chr1\t0\t1\n")
    datasets = table(tmp_path, b"chr1\t0\t1\n", "sorted by hand")
    with pytest.raises(SystemExit) as caught:
        main(
            ["fetch", "thing", "--output", str(tmp_path / "x" / "thing.bed"), "--mirror=", "--datasets", str(datasets)]
        )
    assert caught.value.code == 1, "the folder one happens to stand in is no mirror"
    assert "mirror" in capsys.readouterr().err


def test_an_unknown_dataset_names_the_nearest(tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["fetch", "thign", "--output", str(tmp_path / "x"), "--datasets", str(table(tmp_path, b""))])
    assert caught.value.code == 1
    assert "did you mean 'thing'" in capsys.readouterr().err


def test_the_dataset_table_is_whole():
    datasets = read_datasets("resources/datasets.tsv")
    for row in datasets.values():
        assert all((row.version, row.file, row.licence, row.citation, row.processing)), row.name
        for url in row.url.split(" "):
            assert url.startswith("https://"), row.name
        assert "/" not in row.file
        assert row.processing != "verbatim" or " " not in row.url
    sums = [row.sha256 for row in datasets.values() if row.sha256 is not None]
    assert len(set(sums)) == len(sums)


def test_the_k562_sheet_names_files_of_its_table():
    rows = read_samples("config/samples/k562_chr22.tsv", read_datasets("resources/datasets.tsv"), set())
    kinds = {row.assay: row.kind for row in rows}
    assert kinds == {
        "contacts": "contacts", "atac": "signal", "dnase": "signal", "h3k27ac": "signal",
        "hiccups": "loops", "chiapet": "loops", "atac_peaks": "peaks", "cage": "signal", "genes": "genes",
    }  # fmt: skip
    assert all(kind_of(row.path, "here", row.assay) == row.kind for row in rows)


def test_the_arabidopsis_sheet_names_a_map_of_its_table():
    row, *_others = read_samples("config/samples/arabidopsis.tsv", read_datasets("resources/datasets.tsv"), set())
    assert (row.assay, row.kind, row.assembly) == ("contacts", "contacts", "TAIR10")


@pytest.mark.parametrize("path", ASSEMBLIES, ids=lambda path: path.stem)
def test_every_chromosome_answers_to_its_other_names(path):
    assembly = read_assembly(path)
    for chrom in assembly.lengths:
        assert len({alias for alias, of in assembly.aliases.items() if of == chrom}) >= 2
    for alias, chrom in assembly.aliases.items():
        assert assembly.resolve(alias, "test") == chrom


@pytest.mark.parametrize(
    ("name", "known", "total_bp"),
    [
        ("hg38", {"chr22": 50_818_468, "NC_000001.11": 248_956_422, "X": 156_040_895, "MT": 16_569}, 3_088_286_401),
        ("hg19", {"22": 51_304_566, "CM000663.1": 249_250_621, "chrM": 16_571}, 3_095_693_983),
        ("R64", {"chrIV": 1_531_933, "chr16": 948_066, "NC_001133.9": 230_218, "chrM": 85_779}, 12_157_105),
        ("TAIR10", {"Chr1": 30_427_671, "4": 18_585_056, "NC_003076.8": 26_975_502, "Pt": 154_478}, 119_667_750),
        ("IRGSP-1", {"1": 43_270_923, "chr09": 23_012_720, "NC_029267.1": 27_531_856}, 373_245_519),
        ("B73-v4", {"1": 307_041_717, "Chr10": 150_982_314, "NC_024462.2": 246_994_605}, 2_106_338_117),
        ("B73-v5", {"1": 308_452_471, "Chr10": 152_435_371, "NC_050099.1": 250_330_460}, 2_131_846_805),
        ("Wm82-a2", {"1": 56_831_624, "Chr05": 42_234_498, "Gm20": 47_904_181}, 949_183_385),
    ],
)
def test_lengths_are_those_of_the_published_assemblies(name, known, total_bp):
    assembly = read_assembly(f"resources/assemblies/{name}.tsv")
    assert assembly.total_bp == total_bp
    for alias, length_bp in known.items():
        assert assembly.lengths[assembly.resolve(alias, "test")] == length_bp
