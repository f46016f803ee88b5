"""Metrics of labelled pairs, against scikit-learn, hand counts and invariants."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from chiasma.evaluation import metrics


@pytest.fixture
def pairs():
    rng = np.random.default_rng(1)
    label = (rng.random(300) < 0.3).astype(int)
    return label, np.round(rng.normal(size=300) + label, 1)  # rounded: many ties


def test_areas_agree_with_scikit_learn_with_ties_and_weights(pairs):
    label, score = pairs
    weights = np.random.default_rng(2).integers(0, 4, (3, 300)).astype(float)
    ranking = metrics.rank(label, score, weights)
    for draw, weight in enumerate(weights):
        assert metrics.auroc(ranking)[draw] == pytest.approx(roc_auc_score(label, score, sample_weight=weight))
        assert metrics.average_precision(ranking)[draw] == pytest.approx(
            average_precision_score(label, score, sample_weight=weight)
        )


def test_a_weight_of_two_is_the_example_twice(pairs):
    label, score = pairs
    weight = np.where(np.arange(300) % 3 == 0, 2.0, 1.0)
    doubled = np.repeat(np.arange(300), weight.astype(int))
    once, twice = metrics.rank(label, score, weight[None]), metrics.rank(label[doubled], score[doubled])
    assert metrics.auroc(once) == pytest.approx(metrics.auroc(twice))
    assert metrics.average_precision(once) == pytest.approx(metrics.average_precision(twice))


def test_all_scores_equal_is_chance():
    ranking = metrics.rank(np.array([1, 0, 0, 0]), np.zeros(4))
    assert metrics.auroc(ranking)[0] == 0.5
    assert metrics.average_precision(ranking)[0] == 0.25


def test_reversing_the_scores_mirrors_auroc(pairs):
    label, score = pairs
    assert metrics.auroc(metrics.rank(label, -score))[0] == pytest.approx(
        1 - metrics.auroc(metrics.rank(label, score))[0]
    )


def test_precision_at_a_stated_prevalence_is_bayes_rule():
    # 2 positives and 4 negatives; at the score 3, one of each is called: recall 1/2, false positive rate 1/4
    ranking = metrics.rank(np.array([1, 0, 1, 0, 0, 0]), np.array([3.0, 3, 2, 1, 1, 0]))
    assert metrics.precision(ranking, 0.01)[0, 0] == pytest.approx(0.01 * 0.5 / (0.01 * 0.5 + 0.99 * 0.25))
    assert metrics.precision(ranking)[0, 0] == pytest.approx(0.5)


def test_stating_the_prevalence_found_changes_nothing(pairs):
    ranking = metrics.rank(*pairs)
    found = float(ranking.prevalence_D[0])
    assert metrics.average_precision(ranking, found) == pytest.approx(metrics.average_precision(ranking))
    assert metrics.f1(ranking, found) == pytest.approx(metrics.f1(ranking))


def test_rarer_positives_ask_for_a_higher_threshold_and_give_less_precision(pairs):
    ranking = metrics.rank(*pairs)
    thresholds = [metrics.best_threshold(ranking, prevalence) for prevalence in (0.5, 0.1, 0.01)]
    areas = [metrics.average_precision(ranking, prevalence)[0] for prevalence in (0.5, 0.1, 0.01)]
    assert thresholds == sorted(thresholds)
    assert areas == sorted(areas, reverse=True)


def test_f1_is_taken_at_the_threshold_given_not_at_the_best_of_the_test(pairs):
    label, score = pairs
    values = metrics.pair_metrics(metrics.rank(label, score), {None: -0.95})
    assert values["f1"][0] == pytest.approx(f1_score(label, score >= -0.95))
    assert values["f1"][0] < metrics.f1(metrics.rank(label, score)).max()


def test_a_threshold_above_every_score_calls_nothing(pairs):
    values = metrics.pair_metrics(metrics.rank(*pairs), {None: 99.0})
    assert (values["f1"][0], values["recall"][0], values["precision"][0]) == (0.0, 0.0, 1.0)


def test_no_threshold_or_no_positives_is_unknown_not_zero(pairs):
    label, score = pairs
    assert np.isnan(metrics.pair_metrics(metrics.rank(label, score), {None: np.nan})["f1"][0])
    empty = metrics.pair_metrics(metrics.rank(np.zeros(3), np.arange(3.0)), {None: 1.0})
    assert np.isnan(empty["auroc"][0]) and np.isnan(empty["aupr"][0]) and np.isnan(empty["f1"][0])
    assert np.isnan(metrics.best_threshold(metrics.rank(np.zeros(3), np.arange(3.0))))


def test_scores_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="finite"):
        metrics.rank(np.array([1, 0]), np.array([1.0, np.nan]))


def test_permuted_labels_lie_about_chance(pairs):
    draws = metrics.permuted(*pairs, 100, np.random.default_rng(3))
    assert abs(draws["auroc"].mean() - 0.5) < 3 * draws["auroc"].std() / 10
    assert draws["auroc"].std() > 0


def test_curves_keep_their_ends_and_their_area(pairs):
    curves = metrics.curve_points(metrics.rank(*pairs), points=60)
    x, y = curves["roc"]
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    assert len(x) <= 62
    assert np.trapezoid(y, x) == pytest.approx(roc_auc_score(*pairs), abs=0.01)
    recall, precision = curves["pr"]
    assert recall[-1] == 1
    assert precision[-1] == pytest.approx(pairs[0].mean())


def test_the_mean_of_a_curve_and_its_mirror_is_the_diagonal():
    up, down = (np.array([0.0, 0, 1]), np.array([0.0, 1, 1])), (np.array([0.0, 1, 1]), np.array([0.0, 0, 1]))
    x, y = metrics.mean_curve([up, down])
    assert y[1:-1] == pytest.approx(np.full(len(x) - 2, 0.5))
