"""chiasma evaluate: from predictions to tables."""

import json

import pandas as pd
from scored_study import RUNS, evaluate_words, study  # noqa: F401
from training_runs import run

from chiasma.io.tables import read_tsv
from chiasma.schema import tables


def test_every_run_and_sample_has_its_rows(study):  # noqa: F811
    scores = read_tsv(study.scores, tables.SCORES)
    assert set(scores["task"]) == {"loops"}
    seeds = scores[(scores["metric"] == "auroc") & (scores["sample"] == study.samples[0]) & (scores["seed"] != "all")]
    assert sorted(zip(seeds["model"], seeds["seed"].astype(int), strict=True)) == sorted(RUNS)
    assert set(read_tsv(study.beside("curves.tsv"), tables.CURVES)["curve"]) == {"roc", "pr"}
    assert "truth" in set(read_tsv(study.beside("pileups.tsv"), tables.PILEUPS)["model"])


def test_less_noise_scores_higher_and_the_difference_says_so(study):  # noqa: F811
    scores = read_tsv(study.scores, tables.SCORES)
    mean = scores[scores["seed"] == "all"].groupby(["model", "metric"])["value"].mean()
    assert mean["mixnet", "auroc"] > mean["mixnet_scratch", "auroc"] > mean["donut", "auroc"] > 0.5
    gap = mean["mixnet", "auroc"] - mean["mixnet_scratch", "auroc"]
    assert abs(mean["mixnet", "auroc_difference_from_mixnet_scratch"] - gap) < 1e-9


def test_most_planted_loops_are_found_again_in_every_sample(study):  # noqa: F811
    scores = read_tsv(study.scores, tables.SCORES)
    found = scores[(scores["model"] == "mixnet") & (scores["seed"] == "all") & (scores["metric"] == "loop_recall_0")]
    assert set(found["sample"]) == {*study.samples, "all"}
    assert (found["value"] > 0.7).all()
    assert not scores["metric"].str.contains("_vs_").any()


def test_provenance_says_what_was_compared(study):  # noqa: F811
    record = json.loads(study.beside("provenance.json").read_text())
    assert record["config"]["evaluation"]["interval"] == "seeds"
    assert any(path.endswith("mixnet/seed1/" + study.samples[0] + ".bedpe") for path in record["inputs"])


def test_wrong_words_are_explained(study, capsys):  # noqa: F811
    for words, told in (
        (evaluate_words(study, runs=["mixnet"]), "{model}/seed{seed}"),
        (evaluate_words(study, truth=["loops.bedpe"]), "sample=path"),
        (evaluate_words(study, config={"drawz": 3}), "did you mean 'draws'"),
        (evaluate_words(study, runs=["absent/seed1"]), "no such file"),
    ):
        assert run(words) == 1
        assert told in capsys.readouterr().err


def test_evaluating_again_gives_the_same_tables(study):  # noqa: F811
    before = pd.read_csv(study.scores, sep="\t")
    assert run(evaluate_words(study)) == 0
    pd.testing.assert_frame_equal(before, pd.read_csv(study.scores, sep="\t"))
