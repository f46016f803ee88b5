"""The ridge's sums give the fit and the errors that the pixels themselves would, and it finds what was planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_maps import CONFIG
from sklearn.linear_model import Ridge as SklearnRidge

from chiasma.core.errors import InputError
from chiasma.nn.ridge import fit_line, line_error
from chiasma.tasks.contact_map import baselines, head, ridge
from chiasma.tasks.contact_map.config import Ridge
from chiasma.tiles.dataset import TileDataset
from chiasma.tiles.window_grid import evenly_spread

NUMBERS = Ridge(reach=1)


@pytest.fixture(scope="module")
def features(arrays):
    return ridge.PixelFeatures(NUMBERS, arrays)


def pixels_of(features, windows):
    """Return features (P, F) and r (P,) of all valid pixels of windows, at once."""
    cut = head.encode(TileDataset(windows, features.arrays).__getitems__(range(len(windows))), CONFIG)["target"]
    x, r = [], []
    for row, target_NN in zip(windows.itertuples(), cut, strict=True):
        own = features.of_windows((row.sample, row.chrom), np.array([row.bin1]), np.array([row.bin2]))[0]
        x.append(own[np.isfinite(target_NN)])
        r.append(target_NN[np.isfinite(target_NN)])
    return np.concatenate(x).astype(float), np.concatenate(r).astype(float)


def some(examples, split, count=30):
    return evenly_spread(examples[examples["kept"] & (examples["split"] == split)], count)


def test_a_pixels_features_by_hand(features, arrays):
    """Bins 40 and 47 of the first track: 5 track bins of one value x, so the signal is log2(1 + x)."""
    raw = arrays.tracks("a", "chr1").astype(np.float32).reshape(arrays.meta.bins("chr1"), 5, 2)
    signal = np.log2(1 + raw.mean(axis=1))
    found = features.of_pixels(("a", "chr1"), np.array([40]), np.array([47]))[0]
    wanted = [signal[39:42].ravel(), signal[46:49].ravel(), np.outer(signal[40], signal[47]).ravel()]
    far = np.log(8)
    assert found == pytest.approx(np.concatenate([*wanted, [far, far**2]]), rel=1e-5)


def test_a_pixel_has_its_mirror_images_features(features):
    x_NNF = features.of_windows(("a", "chr1"), np.array([60]), np.array([60]))[0]
    assert np.array_equal(x_NNF, x_NNF.swapaxes(0, 1))


@pytest.mark.parametrize("alpha", [1e-3, 0.5])
def test_the_fit_is_that_of_scikit_learn(features, examples, alpha):
    windows = some(examples, "train")
    x_PF, r_P = pixels_of(features, windows)
    scaled = (x_PF - x_PF.mean(axis=0)) / x_PF.std(axis=0)
    oracle = SklearnRidge(alpha=alpha * len(r_P)).fit(scaled, r_P)
    sums_GG = ridge.products(CONFIG, features, windows)
    weights = fit_line(sums_GG, alpha)
    assert sums_GG[0, 0] == len(r_P)
    assert weights[0] + x_PF @ weights[1:] == pytest.approx(oracle.predict(scaled), abs=2e-4)
    assert line_error(weights, sums_GG) == pytest.approx(np.mean((r_P - oracle.predict(scaled)) ** 2), rel=1e-3)


def test_the_penalty_with_the_least_validation_error_is_taken(features, examples, inputs):
    train, valid = some(examples, "train"), some(examples, "valid")
    numbers = replace(NUMBERS, alphas=(1e-4, 0.1, 100.0), max_examples=30)
    x_PF, r_P = pixels_of(features, valid)
    fits = [fit_line(ridge.products(CONFIG, features, train), alpha) for alpha in numbers.alphas]
    errors = [np.mean((r_P - weights[0] - x_PF @ weights[1:]) ** 2) for weights in fits]
    assert len({round(error, 4) for error in errors}) == 3
    found = ridge.fit_ridge(CONFIG, numbers, inputs, features)
    assert np.allclose(found, fits[int(np.argmin(errors))])


def test_the_planted_relation_is_learned(inputs):
    """On windows of other chromosomes the ridge explains what the signal's product does, and nearly all that counts allow."""
    windows = some(inputs.examples[inputs.examples["sample"] == "a"], "test", 0)
    truth = head.encode(TileDataset(windows, inputs.arrays).__getitems__(range(len(windows))), CONFIG)["target"]
    found = head.metrics(baselines.build_ridge(CONFIG, NUMBERS, inputs)(windows), truth)
    features = ridge.PixelFeatures(NUMBERS, inputs.arrays)
    planted = np.stack(
        [
            features.of_windows(("a", row.chrom), np.array([row.bin1]), np.array([row.bin2]))[0][..., -6]
            for row in windows.itertuples()
        ]
    )  # the product of the first track at both bins: what the counts were drawn with
    ceiling = head.metrics(planted, truth)["pearson"]
    assert ceiling > 0.5
    assert found["pearson"] > 0.95 * ceiling
    assert found["r2"] > 0.25


def test_without_training_windows_there_is_no_fit(inputs, features):
    none = replace(inputs, examples=inputs.examples.assign(kept=False))
    with pytest.raises(InputError, match="no windows to learn from"):
        ridge.fit_ridge(CONFIG, NUMBERS, none, features)


def test_without_validation_windows_the_first_penalty_is_taken(inputs, features, caplog):
    train = replace(inputs, examples=inputs.examples[inputs.examples["split"] == "train"])
    numbers = replace(NUMBERS, max_examples=20)
    found = ridge.fit_ridge(CONFIG, numbers, train, features)
    sums_GG = ridge.products(CONFIG, features, some(inputs.examples, "train", 20))
    assert np.array_equal(found, fit_line(sums_GG, numbers.alphas[0]))
    assert "nothing in validation" in caplog.text
