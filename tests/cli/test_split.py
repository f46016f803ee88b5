"""`chiasma split` writes the SPLITS table of the study's chromosomes."""

import json

import pytest

from chiasma.cli.main import main
from chiasma.io.tables import read_tsv
from chiasma.schema.tables import SPLITS


@pytest.fixture
def assembly(tmp_path):
    path = tmp_path / "toy.tsv"
    path.write_text("chrom\tlength_bp\taliases\nchr1\t900000\t1\nchr2\t500000\t2\nchr3\t400000\t\n")
    return path


def run(assembly, **values):
    config = json.dumps({"chromosomes": ["chr1", "2"], "resolution_bp": 1000, **values})
    with pytest.raises(SystemExit) as stop:
        main(
            ["split", "--assembly", str(assembly), "--config", config, "--output", str(assembly.parent / "splits.tsv")]
        )
    return stop.value.code, assembly.parent / "splits.tsv"


def test_blocks_of_the_chosen_chromosomes(assembly):
    code, path = run(assembly, splits={"by": "block", "block_bp": 100_000, "gap_bp": 20_000, "seed": 3})
    table = read_tsv(path, SPLITS)
    assert code == 0
    assert table.groupby("chrom").end.max().to_dict() == {"chr1": 900_000, "chr2": 500_000}
    assert set(table.split) == {"train", "valid", "test", "gap"}


def test_whole_chromosomes(assembly):
    code, path = run(
        assembly,
        chromosomes=["chr1", "chr2", "chr3"],
        splits={"by": "chromosome", "train": ["chr1"], "valid": ["chr2"], "test": ["chr3"]},
    )
    assert code == 0
    assert read_tsv(path, SPLITS).set_index("chrom").split.to_dict() == {
        "chr1": "train",
        "chr2": "valid",
        "chr3": "test",
    }


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"splits": {"by": "block", "block_bp": 800_000, "gap_bp": 20_000}}, "take block_bp of at most"),
        ({"splits": {"by": "block", "block_pb": 800_000, "gap_bp": 20_000}}, "did you mean 'block_bp'"),
        ({"splits": {"by": "block"}, "chromosome": []}, "did you mean 'chromosomes'"),
        (
            {"splits": {"by": "block", "block_bp": 100_000, "gap_bp": 1}, "chromosomes": ["chr9"]},
            "unknown chromosome 'chr9'",
        ),
    ],
)
def test_a_users_error_is_one_message_and_no_file(assembly, capsys, values, message):
    code, path = run(assembly, **values)
    assert code == 1 and not path.exists()
    assert message in capsys.readouterr().err
