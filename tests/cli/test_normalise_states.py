"""The command from an annotation to the study's states and their quality."""

import json

import pytest

from chiasma.cli.main import main
from chiasma.io.tables import read_tsv
from chiasma.schema.tables import QC


def run(folder, *chromosomes):
    (folder / "toy.tsv").write_text("chrom\tlength_bp\taliases\nchr1\t1000\t1\nchr2\t1000\t2\n")
    (folder / "s.bed").write_text("1\t0\t500\tActive\n1\t500\t1000\tActive\n")
    words = ["normalise_states", str(folder / "s.bed"), "--sample", "s", "--assay", "states"]
    words += ["--assembly", str(folder / "toy.tsv"), "--config", json.dumps({"chromosomes": chromosomes})]
    with pytest.raises(SystemExit) as end:
        main([*words, "--output", f"{folder}/out/states.bed", "--qc", f"{folder}/out/states.qc.tsv"])
    return end.value.code


def test_states_and_quality_are_written(tmp_path):
    assert run(tmp_path, "chr1") == 0
    assert (tmp_path / "out/states.bed").read_text() == "chr1\t0\t1000\tActive\n"
    quality = read_tsv(tmp_path / "out/states.qc.tsv", QC)
    assert quality.set_index("metric")["value"]["fraction_Active"] == 1
    assert set(quality["assay"]) == {"states"}


def test_an_error_is_one_message_and_no_file(tmp_path, capsys):
    assert run(tmp_path, "chr2") == 1
    assert "no states on any chromosome of the study (chr2)" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
