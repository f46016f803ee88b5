"""Metrics in words."""

import pytest

from chiasma.plots.metric_names import metric_label, metric_words, split_difference


@pytest.mark.parametrize(
    "metric,words",
    [
        ("aupr", "AUPR"),
        ("loop_recall_0", "Recall of true loops in the same bin"),
        ("loop_f1_2", "F1 of calls within 10 kb"),
        ("loop_f1_1_vs_hiccups", "F1 of calls within 5 kb, against hiccups"),
        ("loop_f1_on_map_0", "F1 of loops called on the map in the same bin"),
        ("loop_f1_on_map_2", "F1 of loops called on the map within 10 kb"),
        ("loop_recall_at_0.7_1", "Recall of true loops at precision 0.7 within 5 kb"),
        ("f1_at_0.01", "F1 at 1 % positives"),
        ("r2_swapped", "R², truth and prediction exchanged"),
        ("oe_pearson", "Pearson of observed / expected"),
        ("bin_r2_swapped", "R² per bin, truth and prediction exchanged"),
        ("gene_difference_pearson", "Pearson's r of gene differences between samples"),
        ("bin_r2_of_ctcf", "R² per bin, ctcf"),
        ("tracks_r2", "R² per bin, mean over tracks"),
        ("something_else", "something_else"),
    ],
)
def test_words_carry_units(metric, words):
    assert metric_words(metric, 5000) == words


def test_a_label_is_short_and_keeps_the_tolerance():
    assert metric_label("loop_recall_0", 5000) == "Recall, same bin"
    assert metric_label("loop_f1_2", 5000) == "F1, ±\N{NO-BREAK SPACE}10\N{NO-BREAK SPACE}kb"
    assert (
        metric_label("loop_recall_at_0.7_1", 5000)
        == "Recall at precision 0.7, ±\N{NO-BREAK SPACE}5\N{NO-BREAK SPACE}kb"
    )
    assert metric_label("auroc", 5000) == "AUROC"


def test_a_difference_names_its_reference():
    assert split_difference("aupr_at_0.1_difference_from_mixnet_scratch") == ("aupr_at_0.1", "mixnet_scratch")
    assert split_difference("aupr") == ("aupr", "")
    assert split_difference("bin_r2_of_ctcf_difference_from_ridge") == ("bin_r2_of_ctcf", "ridge")
    assert split_difference("gene_difference_pearson_difference_from_ridge") == ("gene_difference_pearson", "ridge")
