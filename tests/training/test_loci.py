"""A locus is encoded once, and the batches of its pairs hold what was made of it."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from chiasma.contracts import LOCI
from chiasma.tiles.arrays import ArraysMeta, write_arrays
from chiasma.training.batches import Encoding, Plan
from chiasma.training.loci import pair_loci, unique_loci

BINS = 40


@pytest.fixture(scope="module")
def arrays(tmp_path_factory):
    """Each track bin holds the number of its contact bin, plus 100 in the second sample."""
    meta = ArraysMeta(1000, 500, 4, 12, ("atac",), ("a", "b"), {"one": BINS * 1000}, {"a": 1.0, "b": 1.0})
    tracks = np.repeat(np.arange(BINS), 2)[:, None].astype(float)
    content = {
        (sample, "one"): {"contacts": np.ones((BINS, 16)), "valid": np.ones(BINS, bool), "tracks": tracks + shift}
        for sample, shift in (("a", 0), ("b", 100))
    }
    return write_arrays(tmp_path_factory.mktemp("loci") / "arrays", meta, content)


@pytest.fixture
def frame():
    rows = [("a", 10, 20), ("b", 10, 20), ("a", 10, 15), ("a", 5, 10), ("a", 10, 10), ("b", 10, 22)]
    table = pd.DataFrame(rows, columns=["sample", "bin1", "bin2"]).assign(chrom="one")
    return table.set_index(np.arange(7, 7 + len(rows)))


class Middle(nn.Module):
    """A locus becomes its own bin's signal; the strips that were asked for are noted."""

    def __init__(self):
        super().__init__()
        self.encoder, self.seen = nn.Linear(1, 1), []

    def encode_loci(self, batch):
        self.seen += batch["tracks"][:, 4, 0].tolist()
        return batch["tracks"][:, 4:5, 0]


class Plain:
    """A family that takes examples as they are."""

    def augment(self, examples, config, rng):
        return examples

    def encode(self, examples, config, rng):
        return {name: torch.from_numpy(array) for name, array in examples.items() if name in ("contacts", "tracks")}


def paired(frame, arrays, batch_size):
    representation = Middle()
    batches = pair_loci(representation, frame, arrays, Encoding(Plain(), None), Plan(batch_size))
    return representation, batches


def test_the_loci_of_pairs_by_hand(frame):
    loci, ends = unique_loci(frame)
    assert loci.to_numpy().tolist() == [
        ["a", "one", 5], ["a", "one", 10], ["a", "one", 15], ["a", "one", 20],
        ["b", "one", 10], ["b", "one", 20], ["b", "one", 22],
    ]  # fmt: skip
    assert ends.tolist() == [[1, 3], [4, 5], [1, 2], [0, 1], [1, 1], [4, 6]]


@pytest.mark.parametrize("batch_size", [1, 4, 100])
def test_each_locus_is_encoded_once_and_each_pair_gets_its_own_two(frame, arrays, batch_size):
    representation, batches = paired(frame, arrays, batch_size)
    assert sorted(representation.seen) == [5, 10, 15, 20, 110, 120, 122]
    found = np.full((len(frame), 2), np.nan)
    for batch, rows in batches.stream():
        assert "tracks" not in batch and batch["contacts"].shape == (len(rows), 4, 4)
        found[rows] = batch[LOCI][..., 0].numpy()
    shift = np.where(frame["sample"] == "b", 100, 0)[:, None]
    assert np.array_equal(found, frame[["bin1", "bin2"]].to_numpy() + shift)
