"""Progress: every item comes through, and a log file gets a line a minute."""

import logging

import pytest

from chiasma.core import log


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves on by 25 s each time it is read."""
    now = iter(range(0, 100_000, 25))
    monkeypatch.setattr(log.time, "monotonic", lambda: next(now))


def test_items_come_through_unchanged_with_or_without_a_length():
    assert list(log.progress([3, 1, 2], "work")) == [3, 1, 2]
    assert list(log.progress((item for item in "ab"), "work")) == ["a", "b"]


def test_a_log_file_gets_a_line_a_minute(clock, caplog):
    with caplog.at_level(logging.INFO, logger="chiasma"):
        assert len(list(log.progress(range(12), "tiles"))) == 12
    lines = [record.getMessage() for record in caplog.records]
    assert 2 <= len(lines) <= 5, "twelve items of 25 s are five minutes"
    assert all(line.startswith("tiles: ") and line.endswith(" of 12") for line in lines)


def test_setting_up_twice_does_not_print_twice(capsys):
    handlers = log.log.handlers[:]
    try:
        log.setup_log()
        log.setup_log()
        log.log.info("once")
        assert capsys.readouterr().err.count("once") == 1
    finally:
        log.log.handlers[:] = handlers
