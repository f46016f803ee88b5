import json
import math

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from chiasma.contracts import Reference
from chiasma.io.tables import read_tsv
from chiasma.schema.tables import HISTORY
from chiasma.training.logbook import Logbook, with_total


def test_means_are_weighted_by_examples_and_stand_beside_their_references(tmp_path):
    book = Logbook(tmp_path)
    book.add("train", {"loss": 1.0}, 3, {"loss": Reference(2.0, 0.0)})
    book.add("train", {"loss": 5.0}, 1, {"loss": Reference(4.0, 0.0)})
    assert book.flush("train", 2, 0) == {"loss": 2.0}
    assert book.rows == [[2, 0, "train", "loss", 2.0, 2.5, 0.0]]
    assert book.flush("train", 2, 0) == {}
    book.close()


def test_the_written_history_is_the_promised_table(tmp_path):
    book = Logbook(tmp_path)
    book.row(4, 1, "valid", "auroc", 0.75, Reference(0.5, 1.0))
    book.row(4, 1, "train", "gradient_norm", 3.0)
    book.write()
    book.close()
    table = read_tsv(tmp_path / "history.tsv", HISTORY)
    assert table["value"].tolist() == [0.75, 3.0]
    assert table["chance"][0] == 0.5 and math.isnan(table["chance"][1])


def test_a_state_restores_rows_and_unfinished_means_and_strikes_out_later_points(tmp_path):
    book = Logbook(tmp_path)
    book.row(1, 0, "train", "loss", 1.0)
    book.add("train", {"loss": 2.0}, 1, {})
    state = json.loads(json.dumps(book.state()))
    book.add("train", {"loss": 100.0}, 1, {})
    book.flush("train", 2, 0)
    book.close()
    again = Logbook(tmp_path, state)
    again.add("train", {"loss": 4.0}, 1, {})
    again.flush("train", 2, 0)
    assert [row[4] for row in again.rows] == [1.0, 3.0]
    again.close()
    curves = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [(point.step, point.value) for point in curves.Scalars("loss/train")] == [(1, 1.0), (2, 3.0)]


def test_a_curve_lies_beside_its_chance_level(tmp_path):
    book = Logbook(tmp_path)
    book.row(7, 0, "valid", "loss", 0.5, Reference(0.7, math.nan))
    book.close()
    curves = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert curves.Scalars("loss/valid_chance")[0].value == pytest.approx(0.7)
    assert sorted(curves.Tags()["scalars"]) == ["loss/valid", "loss/valid_chance"]


def test_the_total_of_one_part_has_that_part_s_references():
    one = {"loss": Reference(1.0, 0.0)}
    assert with_total(one, {"loss": 0.3})["total"] == Reference(1.0, 0.0)
    assert "total" not in with_total(one, {"loss": 0.3, "other": 0.1})
