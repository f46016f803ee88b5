"""Logging to standard error, and progress: a bar on a terminal, a line a minute in a log file."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Item = TypeVar("Item")
LINE_EVERY_S = 60.0

log = logging.getLogger("chiasma")


def setup_log(verbose: bool = False) -> None:
    """Send chiasma's log lines to standard error with the time in front."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
    log.handlers[:] = [handler]
    log.setLevel(logging.DEBUG if verbose else logging.INFO)


def progress(items: Iterable[Item], label: str, total: int | None = None) -> Iterator[Item]:
    """Yield ``items``, showing how far the work is.

    On a terminal a bar is drawn; elsewhere one line a minute is logged, so that log files stay short.
    """
    if total is None and hasattr(items, "__len__"):
        total = len(items)  # type: ignore[arg-type]
    if sys.stderr.isatty():
        yield from _bar(items, label, total)
    else:
        yield from _lines(items, label, total)


def _bar(items: Iterable[Item], label: str, total: int | None) -> Iterator[Item]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield from bar.track(items, total=total, description=label)


def _lines(items: Iterable[Item], label: str, total: int | None) -> Iterator[Item]:
    last = time.monotonic()
    for done, item in enumerate(items):
        if time.monotonic() - last > LINE_EVERY_S:
            log.info("%s: %d of %s", label, done, "?" if total is None else total)
            last = time.monotonic()
        yield item
