"""Tables of reported losses: rows, what the comments state, and errors; every shipped one is read."""

import pytest

from chiasma.core.errors import InputError
from chiasma.io.reported import read_reported

HEAD = "source\tstage\tepoch\tsplit\tpart\tvalue\n"
ROW = "a lab\tpretrain\t0\ttrain\ttotal\t9.5\n"


def test_rows_and_what_the_comments_state_are_read(tmp_path):
    path = tmp_path / "x.tsv"
    path.write_text("# A note: no key, for it has words.\n# window_bins: 448\n# rate: 1e-4 at batch: 4\n" + HEAD + ROW)
    table, facts = read_reported(path)
    assert table.to_numpy().tolist() == [["a lab", "pretrain", 0, "train", "total", 9.5]]
    assert facts == {"window_bins": "448", "rate": "1e-4 at batch: 4"}


@pytest.mark.parametrize(
    ("text", "said"),
    [(HEAD, "no loss is reported"), ("# a: 1\n# a: 2\n" + HEAD + ROW, "'a' is stated twice"), ("x\n1\n", "not a reported table")],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path, text, said):
    (tmp_path / "x.tsv").write_text(text)
    with pytest.raises(InputError, match=said):
        read_reported(tmp_path / "x.tsv")


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.tsv: no such file"):
        read_reported(tmp_path / "none.tsv")


def test_the_shipped_table_adds_up_within_its_rounding():
    table, facts = read_reported("resources/reported/arabidopsis.tsv")
    cells = table.pivot_table(index=["split", "epoch"], columns="part", values="value")
    assert len(cells) == 8 and not cells.isna().any(axis=None)
    assert (cells["total"] - cells.drop(columns="total").sum(axis=1)).abs().max() < 0.02
    assert facts["window_bins"] == "448"
