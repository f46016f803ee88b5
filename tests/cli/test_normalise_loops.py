"""The command from raw loops to BEDPE and quality."""

import pytest

from chiasma.cli.main import main
from chiasma.io.bedpe import ANCHORS, read_bedpe
from chiasma.io.tables import read_tsv
from chiasma.schema.tables import QC


def run(folder, text):
    (folder / "toy.tsv").write_text("chrom\tlength_bp\taliases\nchr1\t1000\t1\n")
    (folder / "l.bedpe").write_text(text)
    words = [
        "normalise_loops",
        str(folder / "l.bedpe"),
        "--sample",
        "s",
        "--assay",
        "ChIAPET",
        "--assembly",
        str(folder / "toy.tsv"),
    ]
    with pytest.raises(SystemExit) as end:
        main(
            [
                *words,
                "--config",
                '{"chromosomes": ["1"]}',
                "--output",
                f"{folder}/out/l.bedpe",
                "--qc",
                f"{folder}/out/l.qc.tsv",
            ]
        )
    return end.value.code


def test_loops_and_quality_are_written(tmp_path):
    assert run(tmp_path, "1\t50\t60\t1\t10\t20\n") == 0
    assert read_bedpe(tmp_path / "out/l.bedpe")[list(ANCHORS)].to_numpy().tolist() == [["chr1", 10, 20, "chr1", 50, 60]]
    assert read_tsv(tmp_path / "out/l.qc.tsv", QC).set_index("metric")["value"]["loops"] == 1


def test_an_error_is_one_message_and_no_file(tmp_path, capsys):
    assert run(tmp_path, "1\t50\t60\t1\t10\n") == 1
    assert "l.bedpe line 1: expected chrom1" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
