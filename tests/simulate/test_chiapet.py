from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from chiasma.simulate.chiapet import draw_pairs
from chiasma.simulate.config import Config
from chiasma.simulate.contacts import decay

CONFIG = Config({"chr1": 60_000_000}, 1000, label_recall=0.8, label_false=0.2, label_jitter_bp=0)
COUNT = 300


@pytest.fixture
def truth():
    """Loops of strength 4 and of 1.2 in turn, each joining two sites, 100 kb apart, 190 kb from the next."""
    start = 500_000 + np.arange(COUNT) * 190_000
    loops = pd.DataFrame({"start1": start, "end1": start + 5000, "start2": start + 100_000, "end2": start + 105_000})
    loops = loops.assign(strength=np.where(np.arange(COUNT) % 2 == 0, 4.0, 1.2))
    sites = pd.DataFrame(
        {"start": np.sort(np.concatenate([start, start + 100_000])) + 2490, "kind": "ctcf", "strength": 0.8}
    )
    sites = sites.assign(end=sites.start + 19, activity_alpha=1.0)
    band = np.tile(decay(CONFIG, np.arange(250)), (12_000, 1)).astype(np.float32)
    return sites, loops, band


def test_strong_loops_are_found_more_often_and_some_pairs_are_false(truth):
    sites, loops, band = truth
    pairs = draw_pairs(CONFIG, "chr1", "alpha", sites, loops, band)
    middle = (pairs[["start1", "start2"]].to_numpy() + pairs[["end1", "end2"]].to_numpy()) / 2
    bins = {(int(a // 5000), int(b // 5000)) for a, b in middle}
    true = [(a // 5000, b // 5000) in bins for a, b in zip(loops.start1, loops.start2, strict=True)]
    assert np.mean(true[::2]) == pytest.approx(0.8, abs=0.1)
    assert np.mean(true[1::2]) == pytest.approx(0.2, abs=0.1)
    assert 1 - sum(true) / len(pairs) == pytest.approx(CONFIG.label_false, abs=0.02)


def test_pairs_are_ordered_within_the_chromosome(truth):
    pairs = draw_pairs(CONFIG, "chr1", "alpha", *truth)
    assert (pairs.end1 > pairs.start1).all()
    assert (pairs.end2 > pairs.start2).all()
    assert (pairs.start1 < pairs.start2).all()
    assert pairs.start1.is_monotonic_increasing
    assert (pairs.score >= 2).all()


def test_without_loops_there_are_no_pairs(truth):
    sites, loops, band = truth
    assert draw_pairs(CONFIG, "chr1", "alpha", sites, loops[:0], band).empty
