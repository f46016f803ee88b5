"""The command from raw map to three files, and what a user is told."""

import json

import pandas as pd
import pytest

from chiasma.cli.main import main
from chiasma.io.cooler import CoolerSource, write_cool
from chiasma.io.tables import read_tsv
from chiasma.schema.tables import DECAY, QC


@pytest.fixture()
def folder(tmp_path):
    """A folder with an assembly table and a map whose chromosome is named otherwise."""
    (tmp_path / "toy.tsv").write_text("chrom\tlength_bp\taliases\nchr1\t60000\t1,I\n")
    pairs = [(a, b) for a in range(60) for b in range(a, min(a + 20, 60))]
    frame = pd.DataFrame(pairs, columns=["bin1_id", "bin2_id"]).assign(
        count=lambda t: 40 // (1 + t.bin2_id - t.bin1_id)
    )
    write_cool(tmp_path / "m.cool", {"I": 60_000}, 1000, [frame], "toy")
    (tmp_path / "broken.hic").write_bytes(b"HIC\0" + b"\0" * 50)
    return tmp_path


def run(folder, raw, **config):
    out = folder / "out"
    words = ["normalise_contacts", str(folder / raw), "--sample", "s", "--assembly", str(folder / "toy.tsv")]
    words += ["--config", json.dumps({"chromosomes": ["chr1"], "resolution_bp": 2000} | config)]
    words += ["--output", f"{out}/c.cool", "--qc", f"{out}/c.qc.tsv", "--decay", f"{out}/c.decay.tsv"]
    with pytest.raises(SystemExit) as end:
        main(words)
    return end.value.code, out


def test_map_quality_and_decay_are_written(folder):
    code, out = run(folder, "m.cool", ice_mad_max=4.0)
    assert code == 0
    assert sorted(path.name for path in out.iterdir()) == ["c.cool", "c.decay.tsv", "c.qc.tsv"]
    assert CoolerSource(out / "c.cool").chromosomes == {"chr1": 60_000}
    quality = read_tsv(out / "c.qc.tsv", QC)
    assert set(quality["sample"]) == {"s"}
    assert set(quality["assay"]) == {"contacts"}
    assert read_tsv(out / "c.decay.tsv", DECAY)["distance_bp"].tolist()[:3] == [0, 2000, 4000]


@pytest.mark.parametrize(
    ("raw", "config", "message"),
    [
        ("broken.hic", {}, "broken.hic: "),
        ("absent.mcool", {}, "absent.mcool: no such file"),
        ("m.cool", {"balance": "VC", "resolution_bp": 1000}, "no 'VC' weights in the file (found: none)"),
        ("m.cool", {"resolution": 5000}, "unknown key 'resolution'; did you mean 'resolution_bp'"),
        ("m.cool", {"balance": "icee"}, "unknown balance 'icee'; did you mean 'ice'"),
    ],
)
def test_an_error_is_one_message_and_no_file(folder, capsys, raw, config, message):
    code, out = run(folder, raw, **config)
    assert code == 1
    assert message in capsys.readouterr().err
    assert not out.exists() or not list(out.iterdir())
