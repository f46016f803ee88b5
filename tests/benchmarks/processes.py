"""Work in a process of its own, and the memory that it takes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

MB = 1e6


def apart(function: Callable[..., Any], *values: Any) -> Any:
    """Return what a function gives in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *values).result()


def resident_mb(name: str) -> float:
    """Return a line of this process's memory in MB: VmRSS (now) or VmHWM (its peak)."""
    line = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith(name))
    return int(line.split()[1]) * 1024 / MB


def forget_peak() -> float:
    """Let the peak start again from what is held now, and return that in MB; ``ru_maxrss`` would keep that of imports."""
    Path("/proc/self/clear_refs").write_text("5")
    return resident_mb("VmRSS")
