"""The summary page: its sentences follow its numbers."""

import base64
import dataclasses
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from chiasma.plots import page, summary, verdicts
from chiasma.plots.score_groups import groups_of
from chiasma.plots.summary import Material, SummaryConfig

LEAKS = pd.DataFrame(
    [("windows", "train", "test", 0, 0, "clean")],
    columns=["table", "first", "second", "shared_bp", "examples", "verdict"],
)
QC = pd.DataFrame([("cell", "contacts", "cis_fraction", 0.71)], columns=["sample", "assay", "metric", "value"])
RECORD = {
    "stage": "pretrain", "task": "", "model": "mixnet", "seed": "1", "device": "cpu", "written": "2026-01-01", "code_revision": "a" * 40 + "+edits",
    "config_sha256": "b" * 64, "versions": {"torch": "2.11"}, "inputs": {"arrays/meta.json": "c" * 64},
}  # fmt: skip


@pytest.fixture
def config(toy):
    return SummaryConfig("demo", "Title <b>", False, toy.BASELINES, 10_000, {"mixnet": "mixnet_scratch"})


@pytest.fixture
def material(toy):
    history = pd.concat(
        [
            toy.history(seed=seed).assign(run="pretrain · mixnet", stage="pretrain", model="mixnet", seed=str(seed))
            for seed in (1, 2)
        ]
    )
    benchmarks = pd.DataFrame(
        {"rule": ["tile", "tile", "pretrain"], "s": [10.0, 5.0, 3700.0], "max_rss": [100.0, np.nan, 900.0]}
    )
    return Material(toy.scores(), history, LEAKS, QC, [RECORD], benchmarks, [], {"loops": "seeds"})


def words(html):
    """The text of a page without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


SEEDS = {"mixnet": 3, "mixnet_scratch": 3}


def gap(value, low, high, metric="aupr", reference="forest"):
    return pd.DataFrame([{"task": "loops", "model": "mixnet", "seed": "all", "sample": "cell", "metric": f"{metric}_difference_from_{reference}",
                          "value": value, "low": low, "high": high, "n": 3}])  # fmt: skip


@pytest.mark.parametrize(
    "bounds,kind,phrase",
    [
        ((0.1, 0.05, 0.15), "good", "clearly above"),
        ((-0.1, -0.15, -0.05), "bad", "clearly below"),
        ((0.1, -0.01, 0.2), "", "no clear difference"),
    ],
)
def test_a_verdict_follows_the_interval_of_the_difference(material, config, bounds, kind, phrase):
    scores = pd.concat([material.scores, gap(*bounds)])
    found = verdicts._against_baselines(scores, verdicts.differences(scores), "aupr", config)
    assert len(found) == 1
    assert found[0][1] == kind
    assert phrase in found[0][0]


def test_the_best_is_told_also_when_it_is_the_baseline(material, config, toy):
    scores = material.scores.copy()
    worse = (scores["model"].isin(toy.LEARNED)) & (scores["metric"] == "aupr")
    scores.loc[worse, ["value", "low", "high"]] -= 0.5
    text = verdicts._against_baselines(scores, verdicts.differences(scores), "aupr", config)[0][0]
    model, baseline = (float(number) for number in re.findall(r"(?:reaches|forest,) ([\d.]+)", text))
    assert model < baseline


@pytest.mark.parametrize(
    "value,low,high,phrase",
    [(0.1, 0.05, 0.15, "helps"), (-0.1, -0.2, -0.05, "hurts"), (0.1, -0.1, 0.3, "no clear effect")],
)
def test_pretraining_is_judged_by_its_interval(config, value, low, high, phrase):
    gaps = verdicts.differences(gap(value, low, high, reference="mixnet_scratch"))
    assert phrase in verdicts._pretraining(gaps, "aupr", config, {}, SEEDS)[0][0]


def test_pretraining_of_one_seed_is_not_called_a_help(config):
    gaps = verdicts.differences(gap(0.1, 0.05, 0.15, reference="mixnet_scratch"))
    several, one = (
        verdicts._pretraining(gaps, "aupr", config, {}, seeds)[0] for seeds in (SEEDS, SEEDS | {"mixnet_scratch": 1})
    )
    assert (several[1], one[1]) == ("good", "")
    assert "several seeds" in one[0] and "several seeds" not in several[0]


def test_an_effect_of_pretraining_that_learned_nothing_is_told_as_such(config):
    gaps = verdicts.differences(gap(0.1, 0.05, 0.15, reference="mixnet_scratch"))
    learned, unlearned = (
        verdicts._pretraining(gaps, "aupr", config, {gaps["model"].iloc[0]: parts} if parts else {}, SEEDS)[0]
        for parts in ([], ["contrastive"])
    )
    assert learned[1] == "good"
    assert "stayed at chance (contrastive)" in unlearned[0]
    assert unlearned[1] == ""


def test_a_difference_without_interval_is_not_called_clear():
    assert verdicts.direction(0.5, np.nan, np.nan) == "no clear difference"


def test_last_values_are_means_over_seeds_of_the_last_evaluation(toy):
    first, second = toy.history(("contrastive",), seed=1), toy.history(("contrastive",), seed=2)
    rows = pd.concat([one.assign(run="r", stage="pretrain", seed=seed) for seed, one in (("1", first), ("2", second))])
    found = verdicts.last_values(rows).iloc[0]
    ends = [one[one["split"] == "valid"].sort_values("step")["value"].iloc[-1] for one in (first, second)]
    assert found["last"] == pytest.approx(np.mean(ends))
    assert (found["chance"], found["seeds"]) == (4.16, 2)


@pytest.mark.parametrize(
    "value,chance,floor,still",
    [
        (4.08, 4.1, 0.0, True),
        (2.0, 4.1, 0.0, False),
        (0.017, 0.016, 1.0, True),
        (0.4, 0.016, 1.0, False),
        (5.0, 4.1, np.nan, True),
    ],
)
def test_a_part_that_learned_nothing_is_told(value, chance, floor, still):
    assert verdicts.is_at_chance(value, chance, floor) == still


def test_a_leak_is_told(material, config):
    leaking = LEAKS.assign(shared_bp=5000, verdict="leak")
    lines = verdicts.lines(Material(**{**vars(material), "leaks": leaking}), config)
    assert any("5,000 bp" in text and kind == "bad" for text, kind in lines)
    assert any("clean" in text for text, _ in verdicts.lines(material, config))


def test_transductive_stands_at_the_top_and_beside_each_score(material, config):
    flagged = SummaryConfig(**{**vars(config), "transductive": True})
    html = summary.build(material, flagged)
    models = material.scores["model"].nunique()
    assert html.count(">transductive<") >= 2 * (models - 2)
    assert "Transductive" in words(html)
    assert "transductive" not in words(summary.build(material, config)).lower()


def test_the_page_tells_everything_and_asks_for_nothing(material, config):
    html = summary.build(material, config)
    for section in (
        "In short",
        "Scores",
        "What pre-training does",
        "Training",
        "Leak audit",
        "Provenance",
        "Run times",
    ):
        assert section in words(html)
    assert not re.search(r"<script|<link|(src|href)=\"(?!data:|#)", html)
    assert "Title &lt;b&gt;" in html
    text = words(html)
    assert "1 h 01 min" in text  # 3700 s
    assert "aaaaaaaaaaaa+edits" in text and "bbbbbbbbbbbb" in text and "c" * 64 in text


def test_the_page_is_well_formed(material, config):
    open_tags, void = [], {"meta", "img"}

    class Balance(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag not in void:
                open_tags.append(tag)

        def handle_endtag(self, tag):
            assert open_tags.pop() == tag

    Balance().feed(summary.build(material, config))
    assert open_tags == []


def test_the_largest_mean_is_bold_once_per_metric(material, config):
    html = summary._score_table(material.scores, ("aupr",), config)
    best = re.findall(r'<td class="best">([\d.]+)', html)
    rows = material.scores.query("metric == 'aupr' and seed == 'all' and model not in ('truth', 'permuted_labels')")
    assert best == [f"{rows['value'].max():.3f}"]


@pytest.mark.parametrize("metric,best", [("mse", "0.200"), ("depth_ratio", "0.900"), ("r2_swapped", None)])
def test_the_best_error_is_the_smallest_and_the_best_ratio_nearest_one(config, metric, best):
    rows = [("m", 0.9), ("n", 0.2), ("o", 1.4)]
    keys = {"task": "t", "seed": "all", "sample": "all", "metric": metric, "low": 0.0, "high": 2.0, "n": 9}
    table = pd.DataFrame([{**keys, "model": model, "value": value} for model, value in rows])
    found = re.findall(r'<td class="best">([\d.]+)', summary._score_table(table, (metric,), config))
    assert found == ([best] if best else [])


def test_a_figure_of_one_task_stands_among_the_scores_and_names_its_task(material, config, tmp_path):
    names = ("predicted_maps.deep", "predicted_maps.far", "strata", "unheard_of")
    files = [tmp_path / f"{name}.svg" for name in names]
    for path in files:
        path.write_text(f"<svg id='{path.stem}'/>")
    html = summary.build(Material(**{**vars(material), "figures": files}), config)
    found = re.findall(r"data:image/svg[+]xml;base64,([^\"']+)", html)
    assert [base64.b64decode(data).decode() for data in found] == [path.read_text() for path in files]
    places = [html.index(data) for data in found]
    assert places[2] < html.index("What pre-training does</h2>") < places[3]
    assert all(f"{task}: A test region" in html for task in ("deep", "far"))


def test_figures_lie_inside_the_page(material, config, tmp_path):
    svg = tmp_path / "scores.svg"
    svg.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    html = summary.build(Material(**{**vars(material), "figures": [svg]}), config)
    assert html.count("data:image/svg+xml;base64,") == 1
    assert str(tmp_path) not in html


def test_an_empty_study_is_still_a_page(config):
    empty = pd.DataFrame(columns=["task", "model", "seed", "sample", "metric", "value", "low", "high", "n"])
    history = pd.DataFrame(
        columns=["step", "epoch", "split", "part", "value", "chance", "floor", "run", "stage", "model", "seed"]
    )
    html = summary.build(
        Material(empty, history, LEAKS, QC[:0], [], pd.DataFrame(columns=["rule", "s", "max_rss"]), [], {}), config
    )
    assert "No model was trained" in words(html)
    assert "No benchmark" in words(html)


@pytest.mark.parametrize("seconds,words_", [(0.4, "0.4 s"), (61, "1 min 01 s"), (7322, "2 h 02 min")])
def test_durations(seconds, words_):
    assert summary.duration(seconds) == words_


@pytest.mark.parametrize(
    "value,text", [(np.nan, "–"), (0.12345, "0.123"), (3.14159, "3.14"), (12345.6, "12,346"), (-0.5, "-0.500")]
)
def test_numbers(value, text):
    assert summary.number(value) == text


def test_cells_are_escaped():
    assert "&lt;i&gt;" in page.table(["a"], [["<i>"]])


def test_many_metrics_stand_in_tables_that_fit_each_metric_once(toy, config):
    group = summary.Group("maps", tuple(f"m{place}" for place in range(12)), (), ())
    rows = [("loops", "mixnet", "all", "cell", name, 0.5, 0.4, 0.6, 9) for name in group.columns[:-1]]
    scores = pd.DataFrame(rows, columns=toy.scores().columns)
    html = summary.score_tables(scores, group, config)
    heads = re.findall(r"<thead>.*?</thead>", html, re.S)
    assert len(heads) == 2 and max(head.count("<th") for head in heads) <= 1 + summary.WIDEST
    assert [words(html).count(f" {name} ") for name in group.columns] == [1] * 11 + [0]
    assert summary.score_tables(scores[scores["sample"] == "other"], group, config) == "", "a sample without them"


def test_a_run_says_what_it_started_from_and_what_it_did_not_learn(material, config):
    init = {
        "path": "weights/w.pth",
        "kind": "pre-trained",
        "matched": 30,
        "missing": ["a", "b"],
        "unexpected": [],
        "notes": [],
    }
    stuck = {"part": "ssim_left", "split": "valid", "value": 0.99, "chance": 1.0, "floor": 0.0, "epochs": 3}
    assert verdicts.run_lines([RECORD]) == []
    (begun, left) = verdicts.run_lines([RECORD | {"init": init, "at_chance": [stuck]}])
    assert begun[0].startswith(
        "pretrain · mixnet, seed 1: started from weights/w.pth (pre-trained weights, 30 tensors matched, 2 kept"
    )
    assert (
        "ssim left of split valid stayed at 0.99, chance is 1: nothing has been learnt" in left[0] and left[1] == "bad"
    )
    told = Material(**vars(material) | {"provenance": [RECORD | {"at_chance": [stuck]}]})
    assert "nothing has been learnt of it" in words(summary.build(told, config))
    assert "nothing has been learnt of it" not in words(summary.build(material, config))


def test_each_track_has_columns_of_its_own_after_their_means(toy, config):
    metrics = [
        "bin_r2_of_ctcf",
        "tracks_r2",
        "bin_r2_of_atac",
        "bin_r2_of_ctcf_difference_from_ridge",
        "bin_mse_of_atac",
    ]
    rows = [("marks", "mixnet", "all", "cell", name, 0.5, 0.4, 0.6, 9) for name in metrics]
    (group,) = groups_of(metrics)
    html = summary.score_tables(pd.DataFrame(rows, columns=toy.scores().columns), group, config)
    heads = re.findall(r"<th>(.*?)</th>", html)
    assert heads == ["model", "R² per bin, mean over tracks", "R² per bin, ctcf", "R² per bin, atac"]


def test_the_summary_leads_to_the_pages_beside_it(material, config):
    told = dataclasses.replace(config, pages={"Losses & all": "reported.html"})
    link = '<a href="reported.html">Losses &amp; all</a>'
    assert link in summary.build(material, told)
    assert "reported.html" not in summary.build(material, config)
