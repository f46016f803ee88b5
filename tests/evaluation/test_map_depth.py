"""Depth of a predicted map: totals, the slope of its decay, and the error at matched depth."""

import numpy as np
import pytest

from chiasma.assays.contacts import decay_table
from chiasma.evaluation.map_depth import decay_slopes, depth_scores, matched_logs


def times(planted, factors):
    return {place: factors[place[0]] * band for place, band in planted.observed.items()}


def values(found):
    return {name: draws[0] for name, (draws, _) in found.items()}


def test_each_sample_is_brought_to_its_own_depth(planted, observe):
    observed, fields = observe(times(planted, {"a": 4.0, "b": 0.5}))
    for true, own in zip(observed.fields, matched_logs(observed, fields), strict=True):
        np.testing.assert_allclose(own, true.log_IS, rtol=1e-5)


def test_an_empty_prediction_stays_empty(planted, observe):
    observed, fields = observe(times(planted, {"a": 0.0, "b": 0.0}))
    found = depth_scores(observed, fields)
    assert found["depth_ratio"][0] == pytest.approx(0)
    assert np.isnan(found["decay_calibration"][0]).all()
    assert np.isfinite(found["matched_mse"][0]).all()


def test_a_map_of_another_depth_errs_in_its_total_alone(planted, observe):
    found = values(depth_scores(*observe(times(planted, {"a": 3.0, "b": 3.0}))))
    assert found["depth_ratio"] == pytest.approx(3)
    assert found["decay_calibration"] == pytest.approx(1)
    assert found["matched_mse"] == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("power", [0.5, 1.4])
def test_a_decay_raised_to_a_power_has_it_for_a_slope(power):
    distance = np.arange(60)
    pixels, decay = 500.0 - distance, 200 / (1 + distance) ** 0.9
    sums = np.zeros((1, 60, 6))
    sums[0, :, :3] = np.stack([pixels, pixels * decay, pixels * 3 * decay**power], axis=-1)
    slope, classes = decay_slopes(sums, 50)
    assert slope == pytest.approx([power], abs=0.01)  # a class holds several distances
    assert classes > 20


def test_the_slope_is_least_squares_over_classes_of_distance(observe, noisy):
    observed, fields = observe(noisy)
    pixels = observed.counted_IS.sum(axis=0)
    curves = []
    for each in (observed.fields, fields):
        sums = sum(own.contacts_IS.sum(axis=0, dtype=float) for own in each)
        curves.append(np.log(decay_table(sums, pixels)[1][1:]))  # without distance 0
    found, n = depth_scores(observed, fields)["decay_calibration"]
    assert n == len(curves[0])
    assert found[0] == pytest.approx(np.polyfit(*curves, 1)[0])


def test_classes_with_few_pixels_have_no_say_and_too_few_classes_no_slope():
    distance = np.arange(30)
    sums = np.zeros((1, 30, 6))
    sums[0, :, 0] = np.where(distance < 8, 1000, 3)
    sums[0, :, 1] = sums[0, :, 0] / (1 + distance)
    sums[0, :, 2] = np.where(distance < 8, 2 * sums[0, :, 1], 50)
    slope, classes = decay_slopes(sums, 50)
    assert slope == pytest.approx([1])
    assert classes == 7
    assert np.isnan(decay_slopes(sums[:, :3], 50)[0]).all()
    flat = sums.copy()
    flat[0, :, 1] = flat[0, :, 0]
    assert np.isnan(decay_slopes(flat, 50)[0]).all()


def test_errors_and_totals_by_hand_and_in_a_draw(observe, noisy):
    observed, fields = observe(noisy)
    found = depth_scores(observed, fields)
    counted = observed.counted_IS
    truth, predicted = (
        np.concatenate([own.contacts_IS for own in each])[counted].astype(float) for each in (observed.fields, fields)
    )
    logs = np.concatenate(matched_logs(observed, fields))[counted].astype(float)
    block = np.repeat(observed.block_I, counted.sum(axis=1))
    for draw in (0, 4):
        weight = observed.bootstrap.weight_DB[draw][block]
        error = np.average((np.log1p(truth) - logs) ** 2, weights=weight)
        assert found["matched_mse"][0][draw] == pytest.approx(error, rel=1e-4)
        assert found["depth_ratio"][0][draw] == pytest.approx((weight @ predicted) / (weight @ truth))
    assert found["matched_mse"][1] == found["depth_ratio"][1] == counted.sum()
