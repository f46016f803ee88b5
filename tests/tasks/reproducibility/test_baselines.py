import dataclasses

import numpy as np
import pytest
from planted_replicates import CONFIG

from chiasma.core.errors import InputError
from chiasma.evaluation.random_walk import genome_disco
from chiasma.tasks.reproducibility.baselines import predict
from chiasma.tasks.reproducibility.config import BASELINES
from chiasma.tasks.reproducibility.decode import predict as predict_model

KEYS = ["other", "chrom", "start", "end", "split"]


def table(name, inputs, **numbers):
    return predict(name, CONFIG, BASELINES[name](**numbers), inputs)["tsv"]


@pytest.mark.parametrize("name", BASELINES)
def test_replicates_are_more_alike_than_another_biosample(name, inputs):
    found = table(name, inputs)
    means = found.groupby("other")["similarity"].mean()
    assert means["a2"] > means["b1"]
    assert np.isfinite(found["similarity"]).all() and found["similarity"].abs().max() <= 1


def test_a_baseline_has_the_windows_of_a_model(inputs):
    model = predict_model(CONFIG, inputs, lambda frame: np.ones((len(frame), 2)))["tsv"]
    assert table("scc", inputs)[KEYS].equals(model[KEYS])


def test_a_window_is_compared_with_the_same_place(inputs):
    """The first test window by hand: bins 0 to 15 of chr2, none of them masked."""
    found = table("genome_disco", inputs, steps=2)
    row = found[(found["other"] == "b1") & (found["start"] == 0)]
    maps = [inputs.arrays.contact_windows(name, "chr2", np.array([8]), np.array([8]))[0] for name in ("a1", "b1")]
    assert row["similarity"].item() == pytest.approx(genome_disco(*maps, 2))


def test_numbers_reach_the_measures_and_an_unknown_name_is_explained(inputs):
    for name, one, other in (("scc", {"smooth_bins": 0}, {"smooth_bins": 2}), ("pearson", {}, {"smooth_bins": 1})):
        assert (table(name, inputs, **one)["similarity"] != table(name, inputs, **other)["similarity"]).any()
    with pytest.raises(InputError, match="unknown baseline 'sc'; did you mean 'scc'"):
        predict("sc", CONFIG, None, inputs)


def test_a_sample_that_is_not_named_has_no_rows(inputs):
    assert table("pearson", dataclasses.replace(inputs, sample="stray")).empty
