import dataclasses

import numpy as np
import pytest
from planted_replicates import CONFIG, RESOLUTION, TILE

from chiasma.core.errors import InputError
from chiasma.schema.tables import SIMILARITIES, conform
from chiasma.tasks.reproducibility.decode import predict

DIRECTIONS = {"a1": 0.0, "a2": 60.0, "b1": 90.0}


def by_sample(frame):
    """Embeddings that point where `DIRECTIONS` says, and grow along the chromosome."""
    angle = np.deg2rad(frame["sample"].map(DIRECTIONS).to_numpy(float))
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * (1 + frame["bin1"].to_numpy()[:, None])


def test_each_place_has_the_cosine_with_every_other_named_sample(inputs):
    table = predict(CONFIG, inputs, by_sample)["tsv"]
    conform(table, SIMILARITIES, "similarities")
    assert set(table["sample"]) == {"a1"} and set(table["other"]) == {"a2", "b1"}, "not with the stray one"
    assert table.loc[table["other"] == "a2", "similarity"].to_numpy() == pytest.approx(0.5)
    assert table.loc[table["other"] == "b1", "similarity"].to_numpy() == pytest.approx(0.0, abs=1e-9)


def test_windows_lie_in_valid_and_test_regions_alone(inputs):
    table = predict(CONFIG, inputs, by_sample)["tsv"]
    assert set(table["split"]) == {"valid", "test"} and set(table["chrom"]) == {"chr2"}
    assert (table["end"] - table["start"] == TILE * RESOLUTION).all()
    test = table[table["split"] == "test"]
    assert test["end"].max() <= 90 * RESOLUTION and test["start"].min() == 0
    assert not table.duplicated(["sample", "other", "chrom", "start"]).any()


def test_windows_are_matched_by_place(inputs):
    """One sample's windows are scored in another order than the other's: what counts is where they lie."""
    whole = predict(CONFIG, inputs, lambda frame: np.eye(400)[frame["bin1"].to_numpy()])["tsv"]
    assert (whole["similarity"] == 1).all(), "the same bin, the same vector"


def test_similarity_is_the_same_from_both_sides(inputs):
    def mixed(frame):
        rng = np.random.default_rng(3)
        base = rng.standard_normal((400, 5))[frame["bin1"].to_numpy()]
        return base + frame["sample"].map(DIRECTIONS).to_numpy(float)[:, None] / 50

    one = predict(CONFIG, inputs, mixed)["tsv"]
    other = predict(CONFIG, dataclasses.replace(inputs, sample="b1"), mixed)["tsv"]
    there = one[one["other"] == "b1"].set_index(["chrom", "start"])["similarity"]
    back = other[other["other"] == "a1"].set_index(["chrom", "start"])["similarity"]
    assert there.to_numpy() == pytest.approx(back.loc[there.index].to_numpy()) and len(there) > 10


def test_a_sample_that_is_not_named_is_compared_with_none_and_an_unknown_one_is_an_error(inputs):
    stray = predict(CONFIG, dataclasses.replace(inputs, sample="stray"), by_sample)["tsv"]
    assert stray.empty and list(stray.columns) == SIMILARITIES.names
    with pytest.raises(InputError, match="unknown sample 'z'"):
        predict(CONFIG, dataclasses.replace(inputs, sample="z"), by_sample)
    with pytest.raises(InputError, match="no window of 16 bins is left in valid and test"):
        bare = dataclasses.replace(inputs, splits=inputs.splits[inputs.splits["split"] == "train"])
        predict(CONFIG, bare, by_sample)
