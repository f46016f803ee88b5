"""The baselines of the loops task, as the command line calls them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from chiasma.contracts import Inputs
from chiasma.tasks.loops.callers import run_baseline
from chiasma.tasks.loops.config import Config


def predict(name: str, config: Config, numbers: Any, inputs: Inputs) -> dict[str, pd.DataFrame]:
    """Return the PIXELS of one sample as ``parquet`` and its CALLS as ``bedpe``, by baseline ``name`` with its ``numbers``."""
    pixels, calls = run_baseline(name, config, numbers, inputs)
    return {"parquet": pixels, "bedpe": calls}
