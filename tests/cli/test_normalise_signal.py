"""The command from raw track to bigWig and quality, from reads too."""

import json

import numpy as np
import pysam
import pytest

from chiasma.cli.main import main
from chiasma.io.bigwig import read_bin_sums
from chiasma.io.tables import read_tsv
from chiasma.schema.tables import QC


@pytest.fixture()
def folder(tmp_path):
    """A folder with an assembly table, a bedGraph, and sorted, indexed reads."""
    (tmp_path / "toy.tsv").write_text("chrom\tlength_bp\taliases\nchr1\t1000\t1\n")
    (tmp_path / "t.bedGraph").write_text("1\t0\t500\t2\n1\t500\t1000\t0\n")
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "1", "LN": 1000}]}
    with pysam.AlignmentFile(str(tmp_path / "r.bam"), "wb", header=header) as file:
        for start in range(0, 500, 50):
            read = pysam.AlignedSegment(file.header)
            read.query_name, read.query_sequence, read.cigarstring = f"r{start}", "A" * 50, "50M"
            read.reference_id, read.reference_start, read.mapping_quality = 0, start, 60
            file.write(read)
    pysam.index(str(tmp_path / "r.bam"))
    return tmp_path


def run(folder, raw, **config):
    out = folder / "out"
    words = [
        "normalise_signal",
        str(folder / raw),
        "--sample",
        "s",
        "--assay",
        "ATAC",
        "--assembly",
        str(folder / "toy.tsv"),
    ]
    words += ["--config", json.dumps({"chromosomes": ["chr1"], "track_bp": 100} | config)]
    with pytest.raises(SystemExit) as end:
        main([*words, "--output", f"{out}/ATAC.bw", "--qc", f"{out}/ATAC.qc.tsv"])
    return end.value.code, out


@pytest.mark.parametrize(("raw", "level"), [("t.bedGraph", 2.0), ("r.bam", 2.0)])
def test_track_and_quality_are_written(folder, raw, level):
    """RPGC scales the reads to a mean coverage of 1: half the chromosome covered means 2 there."""
    code, out = run(folder, raw, effective_genome_bp=1000, missing={"ATAC": "error"})
    assert code == 0
    assert sorted(path.name for path in out.iterdir()) == ["ATAC.bw", "ATAC.qc.tsv"]
    sums, covered = read_bin_sums(out / "ATAC.bw", "chr1", 100)
    assert covered.tolist() == [100] * 10
    np.testing.assert_allclose(sums / covered, [level] * 5 + [0] * 5, rtol=1e-5)
    quality = read_tsv(out / "ATAC.qc.tsv", QC).set_index("metric")["value"]
    assert quality["mean"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("raw", "config", "message"),
    [
        ("absent.bw", {}, "absent.bw: no such file"),
        ("t.bedGraph", {"chromosomes": ["chrX"]}, "unknown chromosome 'chrX'"),
        ("t.bedGraph", {"missing": {"ATAC": "skip"}}, "unknown policy 'skip'"),
        ("t.bedGraph", {"trackbp": 5}, "unknown key 'trackbp'; did you mean 'track_bp'"),
    ],
)
def test_an_error_is_one_message_and_no_file(folder, capsys, raw, config, message):
    code, out = run(folder, raw, **config)
    assert code == 1
    assert message in capsys.readouterr().err
    assert not out.exists() or not list(out.iterdir())
