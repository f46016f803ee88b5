"""Tokens as rows of their own."""

import numpy as np
import pandas as pd

from chiasma.training.inference import by_token


def test_each_token_of_each_modality_gets_a_row_beside_those_of_its_tile():
    rng = np.random.default_rng(1)
    counts, widths = {"map": 2, "long_strip": 3}, {"shared": 4, "own": 1}
    tokens = {f"{m}_{p}": rng.normal(size=(2, counts[m], widths[p])) for m in counts for p in widths}
    rows, vectors = by_token(pd.DataFrame({"bin1": [5, 6]}, index=[3, 4]), tokens)
    assert rows["bin1"].tolist() == [5] * 5 + [6] * 5
    assert rows["modality"].tolist() == (["map"] * 2 + ["long_strip"] * 3) * 2
    assert rows["token"].tolist() == [0, 1, 0, 1, 2] * 2
    assert {part: values.shape for part, values in vectors.items()} == {"shared": (10, 4), "own": (10, 1)}
    for at, row in rows.iterrows():
        for part, values in vectors.items():
            assert np.array_equal(values[at], tokens[f"{row.modality}_{part}"][row.bin1 - 5, row.token])
