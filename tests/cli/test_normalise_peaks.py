"""The command from raw peaks to BED and quality."""

import json

import pytest

from chiasma.cli.main import main
from chiasma.io.tables import read_tsv
from chiasma.schema.tables import QC


def run(folder, **config):
    (folder / "toy.tsv").write_text("chrom\tlength_bp\taliases\nchr1\t1000\t1\n")
    (folder / "p.bed").write_text("1\t20\t30\n1\t25\t40\n1\t1\t5\n")
    (folder / "b.bed").write_text("chr1\t0\t2\n")
    words = [
        "normalise_peaks",
        str(folder / "p.bed"),
        "--sample",
        "s",
        "--assay",
        "peaks",
        "--assembly",
        str(folder / "toy.tsv"),
    ]
    words += ["--config", json.dumps({"chromosomes": ["chr1"]} | config)]
    with pytest.raises(SystemExit) as end:
        main([*words, "--output", f"{folder}/out/p.bed", "--qc", f"{folder}/out/p.qc.tsv"])
    return end.value.code


def test_peaks_and_quality_are_written(tmp_path):
    assert run(tmp_path, blacklist=str(tmp_path / "b.bed")) == 0
    assert (tmp_path / "out/p.bed").read_text() == "chr1\t20\t40\tpeak_1\t0.0\t.\n"
    assert read_tsv(tmp_path / "out/p.qc.tsv", QC).set_index("metric")["value"]["rows_blacklisted"] == 1


def test_an_error_is_one_message_and_no_file(tmp_path, capsys):
    assert run(tmp_path, blacklist="absent.bed") == 1
    assert "absent.bed: no such file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
