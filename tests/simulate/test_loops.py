"""The exact steady state is compared with cohesins walked one by one."""

from __future__ import annotations

import numpy as np
import pytest

from chiasma.core.seed import generator
from chiasma.simulate.config import Config
from chiasma.simulate.loops import Barriers, extrude, free_density

CONFIG = Config({"chr1": 2_000_000}, 1000, contacts_band_bp=150_000, loop_processivity_bp=60_000, loop_stability=0.5)
FALL = 2 * 5000 / 60_000


def test_free_cohesin_spreads_as_a_geometric_law_and_none_is_lost():
    free = Barriers(np.zeros(80), np.zeros(80))
    cohesin = extrude(Config({"chr1": 2_000_000}, 1000, contacts_band_bp=600_000, loop_processivity_bp=60_000), free)
    assert not cohesin.paired.any()
    for distance in (0, 1, 7):
        assert cohesin.moving[40, distance] == pytest.approx(free_density(CONFIG, distance * 5000), rel=1e-5)
    assert (cohesin.moving[40:].sum() / 40 * FALL) < 1  # some walk off the end
    distance = np.arange(120)
    densities = [free_density(CONFIG, int(d) * 5000) for d in distance]
    assert sum(densities) * FALL == pytest.approx(1, rel=1e-3)  # as many fall off as load


def test_perfect_barriers_trap_cohesin_between_them():
    left, right = np.zeros(60), np.zeros(60)
    left[[20, 34]] = right[35] = 1  # the one at 34 keeps out what loads to the right
    cohesin = extrude(CONFIG, Barriers(left, right))
    assert np.argwhere(cohesin.paired).tolist() == [[20, 15]]
    for i in range(21, 34):  # no leg passes 35 while the other is inside
        assert cohesin.moving[i, : 36 - i].all()
        assert not cohesin.moving[i, 36 - i :].any()


def test_orientation_decides():
    left, right = np.zeros(60), np.zeros(60)
    left[35] = right[20] = 1  # pointing away from each other
    assert not extrude(CONFIG, Barriers(left, right)).paired.any()


def walk(barriers, fall, stability, rng):
    """Return time spent by one cohesin in each state: (i, j, both stalled) -> time."""
    i = j = int(rng.integers(len(barriers.left)))
    stalled = [False, False]
    while True:
        legs = [leg for leg in (0, 1) if not stalled[leg]]
        rate = len(legs) + (fall if legs else fall / stability)
        yield i, j, not legs, 1 / rate
        if rng.random() * rate >= len(legs):
            return
        if legs[int(rng.integers(len(legs)))] == 0:
            i -= 1
            if i < 0:
                return
            stalled[0] = rng.random() < barriers.left[i]
        else:
            j += 1
            if j == len(barriers.right):
                return
            stalled[1] = rng.random() < barriers.right[j]


def test_equals_cohesins_walked_one_by_one():
    left, right = np.zeros(24), np.zeros(24)
    left[[5, 8]], right[[14, 18]] = (0.9, 0.5), (0.4, 0.8)
    barriers = Barriers(left, right)
    rng, walks = generator("walks"), 12_000
    moving, paired = np.zeros((24, 24)), np.zeros((24, 24))
    for _ in range(walks):
        for i, j, both, time in walk(barriers, FALL, 0.5, rng):
            (paired if both else moving)[i, j] += time * 24 / walks
    cohesin = extrude(CONFIG, barriers)
    for i, j in ((5, 14), (5, 18), (8, 14), (8, 18)):
        assert cohesin.paired[i, j - i] == pytest.approx(paired[i, j], rel=0.2)
    assert cohesin.moving[:24, :24].sum() == pytest.approx(moving.sum(), rel=0.03)
    assert cohesin.moving[5, 1:9].sum() == pytest.approx(
        moving[5, 6:14].sum(), rel=0.1
    )  # the stripe of a stalled left leg
