"""Toy examples, the shape of what tasks may need of them, and the toy numbers each family's test folder holds."""

from pathlib import Path

import numpy as np

from chiasma.contracts import TileShape, load_family
from chiasma.schema.rooms import build_config, read_values

PAIR = TileShape(tile_bins=16, strip_bins=96, tracks=2)
NEEDS = {  # what a task may need -> the axes before the channels; None where the family chooses how many
    "pair": (None,),
    "strip": (2 * PAIR.tile_bins,),
    "grid": (PAIR.tile_bins, PAIR.tile_bins),
}


def toy_config(family, variant="toy", **changes):
    """Return the family's ``Config`` from ``tests/families/<family>/<variant>.yaml`` with ``changes``."""
    path = Path(__file__).parent / family / f"{variant}.yaml"
    return build_config(load_family(family).config, read_values(str(path)) | changes, str(path))


def toy_variants(family):
    """Return the names of the toy files of a family: the numbers of ``toy.yaml``, and of any ``toy_<variant>.yaml``."""
    return sorted(path.stem for path in (Path(__file__).parent / family).glob("toy*.yaml"))


def pair_examples(count=4, shape=PAIR, seed=0):
    """Return random pair tiles as `chiasma.tiles.dataset` cuts them, a few pixels without a value."""
    rng = np.random.default_rng(seed)
    window = (count, shape.tile_bins, shape.tile_bins)
    return {
        "contacts": rng.poisson(3, window).astype(np.float32),
        "expected": np.full(window, 2.0, np.float32),
        "valid": rng.random(window) > 0.05,
        "tracks": rng.exponential(1, (count, 2 * shape.strip_bins, shape.tracks)).astype(np.float32),
        "distance_bins": rng.integers(4, 40, count),
    }
