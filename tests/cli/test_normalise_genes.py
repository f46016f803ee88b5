"""The command from an annotation to starts of transcription and quality."""

import json

import pytest

from chiasma.cli.main import main
from chiasma.io.tables import read_tsv
from chiasma.schema.tables import QC


def run(folder, *chromosomes):
    (folder / "toy.tsv").write_text("chrom\tlength_bp\taliases\nchr1\t1000\t1\nchr2\t1000\t2\n")
    (folder / "g.gtf").write_text('1\tx\ttranscript\t11\t50\t.\t-\t.\tgene_id "G1"; gene_name "ALPHA";\n')
    words = ["normalise_genes", str(folder / "g.gtf"), "--sample", "s", "--assay", "genes"]
    words += ["--assembly", str(folder / "toy.tsv"), "--config", json.dumps({"chromosomes": chromosomes})]
    with pytest.raises(SystemExit) as end:
        main([*words, "--output", f"{folder}/out/genes.bed", "--qc", f"{folder}/out/genes.qc.tsv"])
    return end.value.code


def test_starts_and_quality_are_written(tmp_path):
    assert run(tmp_path, "chr1") == 0
    assert (tmp_path / "out/genes.bed").read_text() == "chr1\t49\t50\tALPHA\t0\t-\n"
    quality = read_tsv(tmp_path / "out/genes.qc.tsv", QC)
    assert quality.set_index("metric")["value"]["genes"] == 1
    assert set(quality["assay"]) == {"genes"}


def test_an_error_is_one_message_and_no_file(tmp_path, capsys):
    assert run(tmp_path, "chr2") == 1
    assert "no genes on any chromosome of the study (chr2); its genes lie on 1" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
