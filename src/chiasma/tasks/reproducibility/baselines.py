"""The baselines of the reproducibility task: the same windows as a model's, compared by their contacts.

Axes: n windows, N bins of a window.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from chiasma.contracts import Inputs
from chiasma.core.errors import InputError, unknown
from chiasma.core.log import progress
from chiasma.evaluation.random_walk import genome_disco
from chiasma.tasks.reproducibility import decode
from chiasma.tasks.reproducibility.config import BASELINES, Config, GenomeDisco, Pearson, Scc
from chiasma.tasks.reproducibility.strata import oe_correlation, stratum_adjusted_correlation
from chiasma.tiles.arrays import TileArrays
from chiasma.tiles.window_grid import in_pieces

Maps = dict[str, np.ndarray]  # one window as a tileset cuts it: contacts (N, N), expected (N, N), valid (N, N)


def predict(name: str, config: Config, numbers: Any, inputs: Inputs) -> dict[str, pd.DataFrame]:
    """Return the similarities of one sample as ``tsv``, as `decode.predict` does, by baseline ``name`` with its ``numbers``.

    InputError names the baselines that exist when ``name`` is none of them.
    """
    measures = {"scc": scc, "genome_disco": disco, "pearson": pearson}
    if name not in BASELINES:
        raise InputError(unknown("baseline", name, BASELINES, "similarities"))
    windows = decode.predicted_windows(config, inputs)

    def compare(shared: pd.DataFrame, other: str) -> np.ndarray:
        return compare_windows(inputs.arrays, shared, other, lambda *pair: measures[name](numbers, *pair))

    return {"tsv": decode.similarities(windows, inputs.sample, compare)}


def compare_windows(
    arrays: TileArrays, shared: pd.DataFrame, other: str, measure: Callable[[Maps, Maps], float]
) -> np.ndarray:
    """Return ``measure`` (n,) of each window with the same place of another sample.

    Parameters
    ----------
    shared : windows of one sample, n rows
    measure : (window, window of the other) -> similarity
    """
    values_n = np.full(len(shared), np.nan)
    sample = shared["sample"].iloc[0]
    for at, (_, chrom), *bins in progress(list(in_pieces(shared)), f"{sample} and {other}"):
        pair = [arrays.windows(name, chrom, *bins, strips=False) for name in (sample, other)]
        for place, row in enumerate(at):
            values_n[row] = measure(*({name: array[place] for name, array in cut.items()} for cut in pair))
    return values_n


def scc(numbers: Scc, first: Maps, second: Maps) -> float:
    """Return the stratum-adjusted correlation of two windows."""
    return stratum_adjusted_correlation(
        (first["contacts"], second["contacts"]),
        first["valid"] & second["valid"],
        numbers.smooth_bins,
        numbers.max_distance_bins,
    )


def disco(numbers: GenomeDisco, first: Maps, second: Maps) -> float:
    """Return GenomeDISCO of two windows; bins that are masked in either map hold no contacts."""
    both_NN = first["valid"] & second["valid"]
    return genome_disco(*(np.where(both_NN, maps["contacts"], 0) for maps in (first, second)), numbers.steps)


def pearson(numbers: Pearson, first: Maps, second: Maps) -> float:
    """Return the correlation of the log of observed over expected of two windows."""
    pairs = [(maps["contacts"], maps["expected"]) for maps in (first, second)]
    both_NN = first["valid"] & second["valid"]
    return oe_correlation(*pairs, both_NN, (numbers.smooth_bins, numbers.pseudo_contacts))
