"""Who made a file, by its folders."""

import pytest

from chiasma.core.errors import InputError
from chiasma.schema.identity import Identity, read_identity


@pytest.mark.parametrize(
    "path,expected",
    [
        ("results/demo/pretrain/m/seed1/history.tsv", Identity("pretrain", "", "m", "1")),
        ("results/demo/finetune/loops/m-2/seed10/history.tsv", Identity("finetune", "loops", "m-2", "10")),
        ("results/demo/predict/embed/m/seed3/cell.parquet", Identity("predict", "embed", "m", "3")),
        (
            "/data/predict/study/results/x/predict/loops/donut/seed1/cell.bedpe",
            Identity("predict", "loops", "donut", "1"),
        ),
    ],
)
def test_the_last_stage_on_the_path_counts(path, expected):
    assert read_identity(path) == expected


@pytest.mark.parametrize("path", ["history.tsv", "pretrain/m/history.tsv", "finetune/m/seed1/history.tsv"])
def test_a_path_without_identity_says_what_is_expected(path):
    with pytest.raises(InputError, match="seed"):
        read_identity(path)
