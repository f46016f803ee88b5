"""Windows of simulated maps: contacts that fall with distance and follow compartments, drawn as Poisson counts."""

import numpy as np


def expected_of(bins, depth, distance=0):
    """Return the mean contacts (bins, bins) of a window whose diagonal runs ``distance`` rows below the corner."""
    row, col = np.arange(bins)[:, None], np.arange(bins)
    return depth / (1 + np.abs(row - col - distance)).astype(np.float32)


def window(bins, depth, seed=1):
    """Return one window on the diagonal as an example."""
    side = np.sign(np.sin(np.arange(bins) * 6 / bins + seed))
    expected = expected_of(bins, depth)
    upper = np.triu(np.random.default_rng(seed).poisson(expected * np.exp(0.5 * np.outer(side, side))))
    return {
        "contacts": (upper + np.triu(upper, 1).T)[None].astype(np.float32),
        "expected": expected[None],
        "valid": np.ones((1, bins, bins), bool),
        "distance_bins": np.zeros(1, np.int64),
    }


def cut(symmetric, bins, first, distance):
    """Return the window (bins, bins) of a whole map: rows from ``first``, columns from ``distance`` bins farther on."""
    return symmetric[first : first + bins, first + distance : first + distance + bins]
