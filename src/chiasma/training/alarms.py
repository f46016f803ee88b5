"""What a run warns of: a learning rate too low to learn by, and parts of the loss of which nothing was learnt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import NamedTuple

from chiasma.core.log import log

LOWEST_RATE = 1e-5  # of AdamW, below which networks of this kind hardly move
NEAR = 0.02  # share of the way from chance to floor below which a part counts as at chance
EPOCHS = 3  # a part is judged by so many epochs at the end of a run, or by all of a shorter one
LEFT = "_left"  # ending of parts that are what is left between chance, 1, and floor, 0


class AtChance(NamedTuple):
    """A part of the loss, or a metric, that stayed at chance: its last mean, its references, and the epochs it was judged by."""

    part: str
    split: str
    value: float
    chance: float
    floor: float
    epochs: int

    def __str__(self) -> str:
        return (
            f"{self.part} of split {self.split} is {self.value:.4g}, chance is {self.chance:.4g} (best possible {self.floor:.4g}): "
            f"over {self.epochs} epochs nothing has been learnt of it"
        )


def warn_of_rate(learning_rate: float) -> None:
    """Log a warning when the highest learning rate of a run is too low for anything to be learnt."""
    if learning_rate < LOWEST_RATE:
        log.warning(
            "the learning rate is never above %.2g; below %.0e a network hardly moves: raise learning_rate (was it scaled by a small batch?)",
            learning_rate, LOWEST_RATE,
        )  # fmt: skip


def find_at_chance(rows: Sequence[Sequence]) -> list[AtChance]:
    """Return the parts that were at chance in each of the last `EPOCHS` epochs, or in all of a shorter run.

    Validation is judged where a part has it, else training. A part is at chance when it has covered less than `NEAR` of the
    way from chance to floor, or went the other way; it is not judged when a value or a reference is unknown.

    Parameters
    ----------
    rows : step, epoch, split, part, value, chance, floor, as in `schema.tables.HISTORY`, in the order of the epochs
    """
    recent = [row for row in rows if row[1] > rows[-1][1] - EPOCHS and row[3] != "total"]
    found = []
    for part in dict.fromkeys(row[3] for row in recent):
        splits = {row[2] for row in recent if row[3] == part}
        split = "valid" if "valid" in splits else "train"
        means = _epoch_means([row for row in recent if (row[2], row[3]) == (split, part)])
        if all(_covered(*mean) < NEAR for mean in means):
            found.append(AtChance(part, split, *means[-1], len(means)))
    return found


def _epoch_means(rows: Sequence[Sequence]) -> list[tuple[float, float, float]]:
    """Return the means of value, chance and floor of each epoch; a part that is what is left has references in any case."""
    means = []
    for epoch in dict.fromkeys(row[1] for row in rows):
        value, chance, floor = (
            fmean(column) for column in zip(*(row[4:7] for row in rows if row[1] == epoch), strict=True)
        )
        if rows[0][3].endswith(LEFT):
            chance, floor = 1.0, 0.0
        means.append((value, chance, floor))
    return means


def _covered(value: float, chance: float, floor: float) -> float:
    """Return the share of the way from chance to floor; nan when it is unknown or there is none."""
    return (chance - value) / (chance - floor) if chance != floor else math.nan


class ChanceWatch:
    """Warns once of each part that stays at chance while a run goes on.

    Parameters
    ----------
    epochs : of the whole run
    warmup_fraction : share of them in which the learning rate still rises, and nothing is judged
    """

    def __init__(self, epochs: int, warmup_fraction: float) -> None:
        self.first = math.ceil(warmup_fraction * epochs) + EPOCHS
        self._told: set[str] = set()

    def look(self, rows: Sequence[Sequence], epochs: int, is_last: bool) -> tuple[AtChance, ...]:
        """Return what is at chance after so many epochs, and log what was not told before."""
        if epochs < self.first and not is_last:
            return ()
        found = find_at_chance(rows)
        self._tell(found)
        return tuple(found)

    def _tell(self, found: Iterable[AtChance]) -> None:
        for one in found:
            if one.part not in self._told:
                log.warning("at chance: %s", one)
                self._told.add(one.part)
