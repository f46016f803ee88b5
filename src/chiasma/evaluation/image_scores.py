"""How alike two contact maps are as images: structural similarity and peak signal-to-noise ratio, window by window.

Both look at log(1 + contacts) at matched depth, over squares on the diagonal with both triangles. They are what the field of
resolution enhancement reports, and hardly move while loops are won or lost; let them stand beside structure, never alone.

Axes: I bins of a piece, S distance in bins, N bins of a window, W windows, D draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from chiasma.evaluation.map_config import SSIM_BINS
from chiasma.evaluation.map_depth import matched_logs
from chiasma.evaluation.map_fields import Fields
from chiasma.evaluation.map_metrics import Observed, Scores
from chiasma.evaluation.map_moments import weighted_mean
from chiasma.evaluation.map_windows import known_windows, square

Array = NDArray[np.float64]
SIGMA = 1.5  # bins, of the Gaussian neighbourhood
STABLE = 0.01, 0.03  # K1 and K2, of the data range: what keeps empty neighbourhoods from deciding
EDGE = SSIM_BINS // 2
CEILING_DB = 100.0  # of the signal-to-noise ratio, so that a perfect window has a value that can be averaged


@dataclass(frozen=True)
class ImageWindows:
    """The scores of each window (W,), nan where none can be told.

    Attributes
    ----------
    start_W : first bin of the window, counted from the piece's
    block_W : block of that bin
    ssim_W : structural similarity, -1 to 1
    psnr_W : peak signal-to-noise ratio, in dB, at most `CEILING_DB`
    """

    start_W: NDArray[np.int64]
    block_W: NDArray[np.int64]
    ssim_W: Array
    psnr_W: Array


def image_scores(observed: Observed, fields: list[Fields]) -> Scores:
    """Return ``ssim`` and ``psnr``, each the mean over windows on the diagonal, half a window apart.

    The data range is the sample's largest observed log(1 + contacts), the same for every window and every prediction.
    """
    ranges = data_ranges(observed)
    parts = [
        image_windows(
            (true.log_IS, log_IS, piece.counted_IS), piece.block_I, observed.config.image_bins, ranges[piece.sample]
        )
        for piece, true, log_IS in zip(observed.pieces, observed.fields, matched_logs(observed, fields), strict=True)
    ]
    weight_DW = observed.bootstrap.weight_DB[:, np.concatenate([part.block_W for part in parts])]
    values = {name: np.concatenate([getattr(part, f"{name}_W") for part in parts]) for name in ("ssim", "psnr")}
    return {
        name: (weighted_mean(value_W[None], weight_DW), int(np.isfinite(value_W).sum()))
        for name, value_W in values.items()
    }


def data_ranges(observed: Observed) -> dict[str, float]:
    """Return for each sample the range that its log(1 + contacts) span, from 0 to the largest observed one."""
    ranges: dict[str, float] = {}
    for piece, true in zip(observed.pieces, observed.fields, strict=True):
        ranges[piece.sample] = max(ranges.get(piece.sample, 0.0), float(true.log_IS.max(initial=0)))
    return ranges


def image_windows(
    bands: tuple[NDArray, NDArray, NDArray[np.bool_]], block_I: NDArray[np.int64], width: int, data_range: float
) -> ImageWindows:
    """Compare the windows of ``width`` bins that lie in a piece, every half width, as images.

    A window is left out where less than half of the pairs that the band reaches count.

    Parameters
    ----------
    bands : truth (I, S), prediction (I, S) and which pixels count (I, S)
    block_I : block of each bin
    width : at least `SSIM_BINS`
    data_range : difference between the largest and the smallest value there can be; all is nan where it is 0
    """
    start_W = known_windows(bands[2], width)
    found = np.full((len(start_W), 2), np.nan)
    if data_range > 0:
        for place, start in enumerate(start_W):
            images = tuple(square(band, int(start), width) for band in bands)
            found[place] = structural_similarity(*images, data_range), peak_signal_to_noise(*images, data_range)
    return ImageWindows(start_W, block_I[start_W], found[:, 0], found[:, 1])


def structural_similarity(
    first_NN: NDArray, second_NN: NDArray, counted_NN: NDArray[np.bool_], data_range: float
) -> float:
    """Return the mean structural similarity of two images (Wang et al. 2004, equation 13).

    Means, variances and the covariance are taken under a Gaussian of `SIGMA` over `SSIM_BINS` bins, as population moments,
    and only over counted pixels, the Gaussian scaled up to them: a masked bin is no structure that both maps share. Averaged
    are the counted pixels that lie so far from the edge that the neighbourhood fits, and of which at least half counts. Where
    all pixels count, this is what scikit-image gives with Gaussian weights; nan where there is no such pixel.
    """
    first, second = (np.where(counted_NN, image, 0.0) for image in (first_NN, second_NN))
    stack = np.stack([counted_NN.astype(float), first, second, first**2, second**2, first * second])
    stack = gaussian_filter(stack, (0, SIGMA, SIGMA), mode="constant", radius=(0, EDGE, EDGE))
    inner = slice(EDGE, len(counted_NN) - EDGE)
    stack, counted = stack[:, inner, inner], counted_NN[inner, inner]
    known = counted & (stack[0] >= 0.5 - 1e-9)
    if not known.any():
        return float("nan")
    mean1, mean2, square1, square2, product = (each[known] / stack[0][known] for each in stack[1:])
    variance1, variance2 = (np.maximum(own - mean**2, 0) for own, mean in ((square1, mean1), (square2, mean2)))
    small1, small2 = ((constant * data_range) ** 2 for constant in STABLE)
    alike = (2 * mean1 * mean2 + small1) * (2 * (product - mean1 * mean2) + small2)
    return float(np.mean(alike / ((mean1**2 + mean2**2 + small1) * (variance1 + variance2 + small2))))


def peak_signal_to_noise(
    first_NN: NDArray, second_NN: NDArray, counted_NN: NDArray[np.bool_], data_range: float
) -> float:
    """Return 10 log10(data_range^2 / mean squared error) in dB over counted pixels, at most `CEILING_DB`; nan without any."""
    if not counted_NN.any():
        return float("nan")
    error = float(np.mean((first_NN[counted_NN].astype(float) - second_NN[counted_NN]) ** 2))
    return -10 * float(np.log10(max(error / data_range**2, 10 ** (-CEILING_DB / 10))))
