"""Being told to stop: a signal raises a flag, and the loop saves itself before it heeds it."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any


class StopSignals:
    """Context in which SIGTERM and a first SIGINT only raise a flag; outside the main thread it does nothing."""

    def __init__(self) -> None:
        self.flag: list[str] = []
        self._old: dict[int, Any] = {}

    def _raise_flag(self, number: int, frame: FrameType | None) -> None:
        self.flag.append(signal.Signals(number).name)
        signal.signal(number, self._old[number])  # a second one acts at once

    def __enter__(self) -> list[str]:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._old[number] = signal.signal(number, self._raise_flag)
        return self.flag

    def __exit__(self, *_: object) -> None:
        for number, old in self._old.items():
            signal.signal(number, old)
