"""Half precision is widened exactly, and refuses what it cannot hold."""

import numpy as np
import pytest

from chiasma.core.errors import InputError
from chiasma.tiles.half import as_float16, as_float32

EVERY = np.arange(1 << 16, dtype=np.uint16).view(np.float16)


def test_every_half_widens_to_its_own_value():
    finite = EVERY[np.isfinite(EVERY)]
    assert np.array_equal(as_float32(finite), finite.astype(np.float32))


def test_nan_stays_nan_among_other_values():
    row = np.array([1.5, np.nan, -np.nan, 65504, -65504, 0], np.float16)
    assert np.array_equal(as_float32(row), row.astype(np.float32), equal_nan=True)


def test_widening_keeps_the_shape_and_an_empty_array():
    assert as_float32(np.zeros((3, 0, 2), np.float16)).shape == (3, 0, 2)
    assert as_float32(EVERY.reshape(256, 256)[:, :4].copy()).shape == (256, 4)


@pytest.mark.parametrize("value", [65_520.0, 1e9, -1e9, np.inf])
def test_a_value_too_large_is_an_error_that_names_it(value):
    with pytest.raises(InputError, match="sample chr1 contacts.*does not fit.*finer resolution"):
        as_float16(np.array([1.0, value]), "sample chr1 contacts")


def test_a_unit_too_small_for_half_precision_is_an_error():
    with pytest.raises(InputError, match="too small"):
        as_float16(np.array([1e-7, 2e-6]), "track")


def test_nan_and_zeros_are_stored_as_they_are():
    assert np.array_equal(
        as_float16(np.array([np.nan, 0.0]), "track"), np.array([np.nan, 0], np.float16), equal_nan=True
    )
    assert not as_float16(np.zeros(3), "track").any()
