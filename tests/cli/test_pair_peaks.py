"""The command from normalised peaks to loops and quality."""

import pytest

from chiasma.cli.main import main
from chiasma.io.bedpe import ANCHORS, read_bedpe
from chiasma.io.tables import read_tsv
from chiasma.schema.tables import QC


def run(folder, numbers):
    (folder / "p.bed").write_text("chr1\t10\t20\tpeak_1\t5\t.\nchr1\t50\t60\tpeak_2\t1\t.\n")
    words = ["pair_peaks", f"{folder}/p.bed", "--sample", "s", "--assay", "cohesin_pairs", "--config", numbers]
    with pytest.raises(SystemExit) as end:
        main([*words, "--output", f"{folder}/out/l.bedpe", "--qc", f"{folder}/out/l.qc.tsv"])
    return end.value.code


def test_loops_and_quality_are_written(tmp_path):
    assert run(tmp_path, '{"min_distance_bp": 40, "max_distance_bp": 40}') == 0
    assert read_bedpe(tmp_path / "out/l.bedpe")[list(ANCHORS)].to_numpy().tolist() == [["chr1", 10, 20, "chr1", 50, 60]]
    quality = read_tsv(tmp_path / "out/l.qc.tsv", QC)
    assert quality.set_index("metric")["value"]["loops"] == 1
    assert set(quality["assay"]) == {"cohesin_pairs"}


def test_an_error_is_one_message_and_no_file(tmp_path, capsys):
    assert run(tmp_path, '{"min_distance_bp": 41, "max_distance_bp": 90}') == 1
    assert "no pairs of peaks" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
