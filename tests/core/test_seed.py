"""Random numbers hang on their keys alone."""

import subprocess
import sys

import numpy as np
import pytest

from chiasma.core.seed import derive_seed, generator


def test_equal_keys_give_equal_numbers_whatever_was_drawn_before():
    first = generator(1, "negatives", "chr1").random(5)
    generator(2).random(100)
    assert np.array_equal(first, generator(1, "negatives", "chr1").random(5))


@pytest.mark.parametrize("keys", [(2, "a", "b"), (1, "b", "a"), (1, "ab"), (1, "a"), (1, "a", "b", ""), ("1a", "b")])
def test_other_keys_give_other_numbers(keys):
    assert derive_seed(*keys) != derive_seed(1, "a", "b")


def test_a_seed_is_the_same_in_another_process():
    code = "from chiasma.core.seed import derive_seed; print(derive_seed(1, 'a'))"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == derive_seed(1, "a")


def test_a_seed_fits_torch_and_numpy():
    seeds = [derive_seed(number) for number in range(200)]
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert len(set(seeds)) == 200
