"""What a run has to tell: history.tsv and TensorBoard curves, each part beside its chance level and its floor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from chiasma.contracts import Reference
from chiasma.io.tables import write_tsv
from chiasma.schema.tables import HISTORY

NAN = math.nan
UNKNOWN = Reference(NAN, NAN)


def with_total(references: Mapping[str, Reference], parts: Mapping[str, float]) -> Mapping[str, Reference]:
    """Return the references with that of the total added, known when the total is made of one part alone."""
    return {**references, "total": references.get(next(iter(parts)), UNKNOWN)} if len(parts) == 1 else references


class Logbook:
    """Means of parts since the last row, rows of `schema.tables.HISTORY`, and their curves.

    Parameters
    ----------
    folder : where history.tsv and tensorboard/ go
    state : what `state` returned at the checkpoint that the run goes on from; None at the start of a run
    """

    def __init__(self, folder: Path, state: Mapping[str, Any] | None = None) -> None:
        self.folder = folder
        self.rows: list[list] = [list(row) for row in state["rows"]] if state else []
        # split -> part -> [weight, weighted sums of value, chance, floor]
        self.pending: dict[str, dict[str, list[float]]] = {
            split: {part: list(sums) for part, sums in parts.items()}
            for split, parts in (state or {}).get("pending", {}).items()
        }
        self._kept = self.rows[-1][0] if self.rows else -1  # last step whose points stay
        self._writer: Any = None

    def state(self) -> dict[str, Any]:
        """Return rows and unfinished means, JSON-able."""
        return {"rows": self.rows, "pending": self.pending}

    def add(self, split: str, values: Mapping[str, float], weight: float, references: Mapping[str, Reference]) -> None:
        """Take in the values of a batch, each the mean over ``weight`` examples, with the references of such a batch."""
        parts = self.pending.setdefault(split, {})
        for part, value in values.items():
            sums = parts.setdefault(part, [0.0, 0.0, 0.0, 0.0])
            reference = references.get(part, UNKNOWN)
            for place, number in enumerate((1.0, value, reference.chance, reference.floor)):
                sums[place] += weight * number

    def flush(self, split: str, step: int, epoch: int) -> dict[str, float]:
        """Turn the means of ``split`` into rows, and return their values by part."""
        means = {}
        for part, (weight, *sums) in self.pending.pop(split, {}).items():
            value, chance, floor = (total / weight for total in sums)
            means[part] = value
            self.row(step, epoch, split, part, value, Reference(chance, floor))
        return means

    def row(self, step: int, epoch: int, split: str, part: str, value: float, reference: Reference = UNKNOWN) -> None:
        """Add one row and the points of its curves."""
        self.rows.append([step, epoch, split, part, value, reference.chance, reference.floor])
        curves = {split: value, f"{split}_chance": reference.chance, f"{split}_floor": reference.floor}
        for curve, number in curves.items():
            if math.isfinite(number):
                self.writer.add_scalar(f"{part}/{curve}", number, step)

    @property
    def writer(self) -> Any:
        """The TensorBoard writer, opened on first use; points after the last row that was kept are struck out."""
        if self._writer is None:
            from torch.utils.tensorboard import (
                SummaryWriter,  # slow to import, and only the trainer's
            )

            self._writer = SummaryWriter(str(self.folder / "tensorboard"), purge_step=self._kept + 1)
        return self._writer

    def write(self) -> None:
        """Write history.tsv and bring the curves to disk."""
        write_tsv(pd.DataFrame(self.rows, columns=HISTORY.names), self.folder / "history.tsv", HISTORY)
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        """Close the curves."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
