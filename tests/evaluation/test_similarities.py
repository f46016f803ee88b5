"""Whether replicates are more alike than others: by hand on a few places, and what a control and a comparison must show."""

import numpy as np
import pandas as pd
import pytest

from chiasma.core.errors import InputError
from chiasma.evaluation.config import IntervalConfig
from chiasma.evaluation.scoring import CONTROL
from chiasma.evaluation.similarities import SimilarityPrediction, SimilaritySetting, build_groups, score_similarities
from chiasma.schema.tables import PAIRS, SCORES, conform

SPLITS = pd.DataFrame(
    [("c1", 0, 100, "train"), ("c2", 0, 100, "test"), ("c3", 0, 40, "test"), ("c3", 50, 90, "valid")],
    columns=["chrom", "start", "end", "split"],
)
THREE = {"a": ["a1", "a2"], "b": ["b1"]}
FOUR = {"a": ["a1", "a2"], "b": ["b1", "b2"], "c": ["c1"]}


def setting(replicates=THREE, **numbers):
    return SimilaritySetting(SPLITS, IntervalConfig(**{"block_bp": 20, "draws": 50} | numbers), replicates)


def rows(pair, chrom, values, split="test"):
    """Rows of one pair in both orders, a window every 10 bases."""
    start = 10 * np.arange(len(values))
    own = pd.DataFrame({"chrom": chrom, "start": start, "end": start + 10, "split": split, "similarity": values})
    return pd.concat([own.assign(sample=a, other=b) for a, b in (pair, pair[::-1])])


def prediction(*frames, model="m", seed="1"):
    return SimilarityPrediction(model, seed, pd.concat(frames, ignore_index=True))


def hand():
    return prediction(
        rows(("a1", "a2"), "c2", [0.9, 0.5, 0.4]), rows(("a1", "b1"), "c2", [0.1, 0.5, 0.6]),
        rows(("a2", "b1"), "c2", [0.2, 0.3, np.nan]), rows(("a1", "a2"), "c3", [0.8]), rows(("a1", "b1"), "c3", [0.0]),
    )  # fmt: skip


def value(scored, metric, model="m", sample="all"):
    own = scored.scores
    found = own[(own["model"] == model) & (own["metric"] == metric) & (own["seed"] == "all")]
    return found.loc[found["sample"] == sample, "value"].item()


def test_scores_by_hand():
    scored = score_similarities([hand()], setting())
    conform(scored.scores.assign(task="t"), SCORES, "scores")
    wins = [
        1,
        0.5,
        0,
        1,
        1,
        1,
    ]  # with (a1, b1) at three places, with (a2, b1) at the two it is known, with (a1, b1) on c3
    assert value(scored, "replicate_auc") == pytest.approx(np.mean(wins))
    mean = {"a1+a2": (0.6 + 0.8) / 2, "a1+b1": (0.4 + 0.0) / 2, "a2+b1": 0.25}
    assert value(scored, "replicate_similarity") == pytest.approx(mean["a1+a2"])
    assert value(scored, "other_similarity") == pytest.approx((mean["a1+b1"] + mean["a2+b1"]) / 2)
    assert value(scored, "replicate_margin") == pytest.approx(mean["a1+a2"] - 0.25)
    assert set(scored.scores["sample"]) == {"all"}, "one biosample with replicates: no row of its own"


def test_means_of_pairs_by_chromosome():
    found = score_similarities([hand()], setting()).pairs
    conform(found.assign(task="t"), PAIRS, "pairs")
    own = found[found["seed"] == "all"].set_index(["sample", "other", "chrom"])
    assert own.loc[("a1", "b1", "c2"), ["value", "n", "replicates"]].tolist() == pytest.approx([0.4, 3, False])
    assert own.loc[("a1", "a2", "all"), ["value", "n", "replicates"]].tolist() == pytest.approx([0.7, 4, True])
    assert ("a2", "b1", "c3") not in own.index, "no window there"


def test_regions_other_than_test_do_not_count():
    more = prediction(hand().table, rows(("a1", "b1"), "c3", [5.0, 5.0], split="valid"))
    pd.testing.assert_frame_equal(
        score_similarities([hand()], setting()).scores, score_similarities([more], setting()).scores
    )


def test_methods_are_judged_on_what_all_of_them_know():
    gaps = prediction(
        hand().table.assign(similarity=lambda table: table["similarity"].where(table["start"] > 0)), model="n"
    )
    both = score_similarities([hand(), gaps], setting(compare=(("m", "n"),)))
    assert value(both, "replicate_auc") == value(both, "replicate_auc", "n") == pytest.approx(np.mean([0.5, 0, 1]))
    assert value(both, "replicate_auc_difference_from_n") == 0
    nothing = prediction(hand().table.assign(similarity=np.nan), model="n")
    with pytest.raises(InputError, match="no pair of samples has a similarity by every method"):
        score_similarities([hand(), nothing], setting())


def planted(strength, seed, model="m", count=4):
    """Noise at many places, to which replicates add ``strength``."""
    rng = np.random.default_rng(seed)
    names = [(name, own) for name, own in FOUR.items() for name in own]
    frames = [
        rows((one, other), chrom, rng.normal(0, 0.1, places) + (strength if own is theirs else 0))
        for at, (one, own) in enumerate(names)
        for other, theirs in names[at + 1 :]
        for chrom, places in (("c2", 10), ("c3", count))
    ]
    return prediction(*frames, model=model)


def test_a_method_that_knows_replicates_stands_above_its_control_and_one_that_does_not_within():
    knows = score_similarities([planted(1.0, 1)], setting(FOUR, permutations=100))
    assert value(knows, "replicate_auc") == 1 and value(knows, "replicate_margin") > 0.7
    assert value(knows, "replicate_auc", CONTROL) == pytest.approx(0.5, abs=0.1)
    own = knows.scores[knows.scores["model"] == CONTROL].iloc[0]
    assert own["low"] < 0.5 < own["high"] < 1
    blind = score_similarities([planted(0.0, 2)], setting(FOUR, permutations=100))
    low, high = blind.scores.loc[blind.scores["model"] == CONTROL, ["low", "high"]].iloc[0]
    assert low < value(blind, "replicate_auc") < high
    assert not (score_similarities([planted(1.0, 1)], setting(FOUR, permutations=0)).scores["model"] == CONTROL).any()


def test_each_biosample_with_replicates_has_scores_of_its_own():
    scored = score_similarities([planted(0.3, 3)], setting(FOUR))
    assert set(scored.scores["sample"]) == {"all", "a", "b"}
    pairs = [("a1", "a2"), ("a1", "b1"), ("b1", "c1"), ("b1", "b2")]
    biosample = {name: key for key, own in FOUR.items() for name in own}
    groups = build_groups(pairs, biosample)
    assert {name: [side.tolist() for side in sides] for name, sides in groups.items()} == {
        "all": [[0, 3], [1, 2]],
        "a": [[0], [1]],
        "b": [[3], [1, 2]],
    }


def test_seeds_are_averaged_and_intervals_hold_the_value():
    seeds = [planted(0.1, seed) for seed in (4, 5)]
    seeds = [SimilarityPrediction("m", str(at), one.table) for at, one in enumerate(seeds, 1)]
    scored = score_similarities(seeds, setting(FOUR))
    own = scored.scores[(scored.scores["metric"] == "replicate_auc") & (scored.scores["sample"] == "all")]
    own = own[own["model"] == "m"].set_index("seed")["value"]
    assert own["all"] == pytest.approx((own["1"] + own["2"]) / 2)
    assert set(scored.pairs["seed"]) == {"1", "2", "all"}
    whole = scored.scores[scored.scores["seed"] == "all"].dropna(subset=["low"])
    assert (whole["low"] <= whole["value"] + 1e-9).all() and (whole["value"] <= whole["high"] + 1e-9).all()


def test_without_replicates_or_others_there_is_nothing_to_tell():
    one = prediction(rows(("a1", "a2"), "c2", [0.9]))
    with pytest.raises(InputError, match="a1\\+a2.* all are replicates"):
        score_similarities([one], setting())
    with pytest.raises(InputError, match="none are replicates"):
        score_similarities([prediction(rows(("a1", "b1"), "c2", [0.9]))], setting())
    assert score_similarities([], setting()).scores.empty
