"""Random walks on two maps: the score by hand, its range, and what it does not see."""

import numpy as np
import pytest

from chiasma.evaluation.map_windows import square
from chiasma.evaluation.random_walk import genome_disco, transitions, walk_scores, walk_windows

FIRST = np.array([[2.0, 2, 0], [2, 0, 2], [0, 2, 2]])
SECOND = np.array([[4.0, 0, 0], [0, 1, 3], [0, 3, 1]])


def symmetric(rng, bins, mean=3.0):
    upper = np.triu(rng.poisson(mean, (bins, bins))).astype(float)
    return upper + np.triu(upper, 1).T


def test_one_step_by_hand():
    # rows of the first: (1/2, 1/2, 0), (1/2, 0, 1/2), (0, 1/2, 1/2); of the second: (1, 0, 0), (0, 1/4, 3/4), (0, 3/4, 1/4)
    np.testing.assert_allclose(transitions(FIRST), [[0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    difference = (0.5 + 0.5) + (0.5 + 0.25 + 0.25) + (0.25 + 0.25)
    assert genome_disco(FIRST, SECOND, 1) == pytest.approx(1 - difference / 3)


def test_three_steps_are_walked_one_by_one():
    rng = np.random.default_rng(1)
    maps = [symmetric(rng, 12) for _ in range(2)]
    after = []
    for own in maps:
        step = own / own.sum(axis=1, keepdims=True)
        chance = np.eye(12)
        for _ in range(3):
            chance = np.array(
                [[sum(chance[i, k] * step[k, j] for k in range(12)) for j in range(12)] for i in range(12)]
            )
        after.append(chance)
    assert genome_disco(*maps) == pytest.approx(1 - np.abs(after[0] - after[1]).sum() / 12)


def test_a_map_is_itself_at_any_depth():
    own = symmetric(np.random.default_rng(2), 20)
    assert genome_disco(own, 7 * own) == pytest.approx(1)


def test_walkers_that_never_meet_score_minus_one():
    half = np.zeros((4, 4))
    half[0, 0] = half[1, 1] = half[2, 2] = half[3, 3] = 1
    swapped = np.array([[0.0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    assert genome_disco(half, swapped, 3) == pytest.approx(-1)


def test_bins_without_contacts_are_not_counted():
    rng = np.random.default_rng(3)
    maps = [symmetric(rng, 8) for _ in range(2)]
    wide = [np.pad(own, (0, 5)) for own in maps]
    assert genome_disco(*wide) == pytest.approx(genome_disco(*maps))
    gone = np.zeros((8, 8))
    assert genome_disco(maps[0], gone) == pytest.approx(1 - 8 / 4)  # each row's chances are lost, 4 rows on average
    assert np.isnan(genome_disco(gone, gone))


def test_deeper_maps_of_one_expectation_are_more_alike():
    rng = np.random.default_rng(4)
    expected = 30 / (1 + np.abs(np.subtract.outer(np.arange(40), np.arange(40))))
    scores = []
    for depth in (0.1, 1, 10):
        uppers = [np.triu(rng.poisson(depth * expected)) for _ in range(2)]
        scores.append(genome_disco(*(upper + np.triu(upper, 1).T for upper in uppers)))
    assert scores == sorted(scores)
    assert scores[-1] - scores[0] > 0.2


@pytest.mark.parametrize("width", [10, 24])
def test_windows_are_the_squares_of_the_band(width):
    rng = np.random.default_rng(5)
    bands = tuple(rng.poisson(3, (40, 9)).astype(np.float32) for _ in range(2))
    found = walk_windows(bands, np.arange(40) // 7, width, 3)
    assert found.start_W.tolist() == list(range(0, 40 - width + 1, width // 2))
    assert found.block_W.tolist() == [start // 7 for start in found.start_W]
    for start, score in zip(found.start_W, found.score_W, strict=True):
        assert score == pytest.approx(genome_disco(*(square(band, start, width) for band in bands)))


def test_a_piece_shorter_than_a_window_is_one():
    bands = tuple(np.random.default_rng(6).poisson(3, (2, 15, 9)).astype(float))
    found = walk_windows(bands, np.zeros(15, np.int64), 128, 3)
    assert found.start_W.tolist() == [0]
    assert found.score_W == pytest.approx([genome_disco(*(square(band, 0, 15) for band in bands))])


def test_the_score_is_one_less_all_differences_over_all_bins_and_draws_repeat_blocks(observe, noisy):
    observed, fields = observe(noisy, walk_bins=50)
    parts = [
        walk_windows((true.contacts_IS, own.contacts_IS), piece.block_I, 50, 3)
        for piece, true, own in zip(observed.pieces, observed.fields, fields, strict=True)
    ]
    difference, rows, block = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("difference_W", "rows_W", "block_W")
    )
    found, n = walk_scores(observed, fields)["genome_disco"]
    assert n == len(block)
    assert 0 < found[0] < 1
    for draw in (0, 7):
        times = observed.bootstrap.weight_DB[draw].astype(int)[block]
        assert found[draw] == pytest.approx(1 - np.repeat(difference, times).sum() / np.repeat(rows, times).sum())


def test_a_perfect_map_scores_one(planted, observe):
    found, _ = walk_scores(*observe(planted.observed))["genome_disco"]
    assert found == pytest.approx(1)
