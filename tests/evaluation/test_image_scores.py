"""Scores of images against scikit-image, by hand, and where pixels do not count."""

import numpy as np
import pytest

from chiasma.evaluation.image_scores import (
    CEILING_DB,
    SIGMA,
    data_ranges,
    image_scores,
    image_windows,
    peak_signal_to_noise,
    structural_similarity,
)
from chiasma.evaluation.map_config import SSIM_BINS
from chiasma.evaluation.map_depth import matched_logs
from chiasma.evaluation.map_windows import square


def images(seed, bins=32):
    rng = np.random.default_rng(seed)
    first = np.log1p(rng.poisson(20 / (1 + np.abs(np.subtract.outer(np.arange(bins), np.arange(bins))))))
    return first, np.maximum(first + rng.normal(0, 0.3, first.shape), 0)


@pytest.mark.parametrize(("bins", "data_range"), [(11, 1.0), (32, 5.0)])
def test_where_everything_counts_scores_are_those_of_scikit_image(bins, data_range):
    metrics = pytest.importorskip("skimage.metrics")
    first, second = images(1, bins)
    everything = np.ones(first.shape, bool)
    expected = metrics.structural_similarity(
        first, second, data_range=data_range, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert structural_similarity(first, second, everything, data_range) == pytest.approx(expected)
    expected = metrics.peak_signal_noise_ratio(first, second, data_range=data_range)
    assert peak_signal_to_noise(first, second, everything, data_range) == pytest.approx(expected)


def test_structural_similarity_is_its_formula_over_the_counted_pixels():
    first, second = images(2)
    counted = np.random.default_rng(3).random(first.shape) < 0.7
    reach = np.arange(SSIM_BINS) - SSIM_BINS // 2
    gauss = np.exp(-(reach**2) / (2 * SIGMA**2))
    gauss = np.outer(gauss, gauss) / gauss.sum() ** 2
    found, edge = [], SSIM_BINS // 2
    for i in range(edge, 32 - edge):
        for j in range(edge, 32 - edge):
            around = (slice(i - edge, i + edge + 1), slice(j - edge, j + edge + 1))
            weight = gauss * counted[around]
            if counted[i, j] and weight.sum() >= 0.5:
                weight = weight / weight.sum()
                x, y = first[around], second[around]
                mx, my = (weight * x).sum(), (weight * y).sum()
                vx, vy = (weight * (x - mx) ** 2).sum(), (weight * (y - my) ** 2).sum()
                both = (weight * (x - mx) * (y - my)).sum()
                c1, c2 = (0.01 * 4) ** 2, (0.03 * 4) ** 2
                found.append((2 * mx * my + c1) * (2 * both + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2)))
    assert len(found) > 50
    assert structural_similarity(first, second, counted, 4.0) == pytest.approx(np.mean(found))


def test_what_does_not_count_changes_nothing_and_is_no_likeness():
    first, second = images(4)
    counted = np.ones(first.shape, bool)
    counted[13:16] = counted[:, 13:16] = False
    found = structural_similarity(first, second, counted, 5.0), peak_signal_to_noise(first, second, counted, 5.0)
    for wrong in (1e6, np.nan):
        changed = [np.where(counted, image, wrong) for image in (first, second)]
        assert (structural_similarity(*changed, counted, 5.0), peak_signal_to_noise(*changed, counted, 5.0)) == found
    shared_zeros = [np.where(counted, image, 0) for image in (first, second)]
    assert found[0] < structural_similarity(*shared_zeros, np.ones(first.shape, bool), 5.0)


def test_by_hand_a_constant_difference():
    # no variance: (2 x y + C1) / (x^2 + y^2 + C1); an error of 1 in a range of 10 is 20 dB
    first, second, everything = np.full((20, 20), 3.0), np.full((20, 20), 2.0), np.ones((20, 20), bool)
    assert structural_similarity(first, second, everything, 10.0) == pytest.approx((12 + 0.01) / (13 + 0.01))
    assert peak_signal_to_noise(first, second, everything, 10.0) == pytest.approx(20)


def test_equal_images_are_perfect_and_empty_ones_unknown():
    first, _ = images(5)
    everything = np.ones(first.shape, bool)
    assert structural_similarity(first, first, everything, 4.0) == pytest.approx(1)
    assert peak_signal_to_noise(first, first, everything, 4.0) == pytest.approx(CEILING_DB)
    assert np.isnan(structural_similarity(first, first, ~everything, 4.0))
    assert np.isnan(peak_signal_to_noise(first, first, ~everything, 4.0))


def test_windows_are_squares_with_places():
    rng = np.random.default_rng(6)
    truth, predicted = rng.poisson(4, (2, 60, 15)).astype(np.float32)
    counted = np.arange(60)[:, None] + np.arange(15) < 60
    counted[:9] = False
    found = image_windows((truth, predicted, counted), np.arange(60) // 8, 20, 12.0)
    assert found.start_W.tolist() == [10, 20, 30, 40]  # of the first, 9 of 20 rows do not count
    assert found.block_W.tolist() == [start // 8 for start in found.start_W]
    for place, start in enumerate(found.start_W):
        own = [square(band, start, 20) for band in (truth, predicted, counted)]
        assert found.ssim_W[place] == pytest.approx(structural_similarity(*own, 12.0))
        assert found.psnr_W[place] == pytest.approx(peak_signal_to_noise(*own, 12.0))
    nothing = image_windows((0 * truth, predicted, counted), np.zeros(60, int), 20, 0.0)
    assert np.isnan(nothing.ssim_W).all()


def test_scores_are_means_over_the_windows_of_all_pieces_and_draws_repeat_blocks(observe, noisy):
    observed, fields = observe(noisy, image_bins=30)
    ranges = data_ranges(observed)
    parts = [
        image_windows((true.log_IS, own, piece.counted_IS), piece.block_I, 30, ranges[piece.sample])
        for piece, true, own in zip(observed.pieces, observed.fields, matched_logs(observed, fields), strict=True)
    ]
    block = np.concatenate([part.block_W for part in parts])
    found = image_scores(observed, fields)
    for name in ("ssim", "psnr"):
        values = np.concatenate([getattr(part, f"{name}_W") for part in parts])
        draws, n = found[name]
        assert n == len(values) == 2 * (19 + 5)  # 300 and 100 bins in two samples
        for draw in (0, 7):
            times = observed.bootstrap.weight_DB[draw].astype(int)[block]
            assert draws[draw] == pytest.approx(np.repeat(values, times).mean())
    assert 0 < found["ssim"][0][0] < 0.99


def test_the_range_is_each_samples_largest_observed_value(planted, observe, noisy):
    observed, _ = observe(noisy)
    for sample in "ab":
        largest = max(
            true.log_IS.max()
            for piece, true in zip(observed.pieces, observed.fields, strict=True)
            if piece.sample == sample
        )
        assert data_ranges(observed)[sample] == pytest.approx(largest)
        assert largest == pytest.approx(
            np.log1p(max(planted.observed[sample, "c"][100:].max(), planted.observed[sample, "d"][:100].max()))
        )


def test_a_map_of_another_depth_is_the_same_image_and_more_noise_another(planted, observe, noisy):
    near, far = (
        {name: draws[0] for name, (draws, _) in image_scores(*observe(bands)).items()}
        for bands in ({place: 8 * band for place, band in planted.observed.items()}, noisy)
    )
    assert near["ssim"] == pytest.approx(1, abs=1e-6)
    assert near["psnr"] > 90
    assert far["ssim"] < near["ssim"]
    assert far["psnr"] < 40
