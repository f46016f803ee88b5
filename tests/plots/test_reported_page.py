"""The page on reported losses: its sentences follow its numbers."""

import pandas as pd
import pytest
from reported_tables import landmarks, reported

from chiasma.plots.reported_page import Findings, ReportedConfig, build, causes, readings
from chiasma.schema.tables import SCORES

CONFIG = ReportedConfig("s", "Title <b>", "theirs", 32, 8, 10_000, ("raw",), {"theirs": {"epochs": 4, "batch_size": 64, "learning_rate": 5e-4}}, "c2", "c4")  # fmt: skip
FACTS = {
    "base_learning_rate": "1.5e-4", "batch_size": "1", "accumulate": "4", "batch_of_base_rate": "256",
    "published_batch_size": "1024", "warmup_epochs_planned": "50", "epochs_planned": "100", "epochs_stated": "1",
    "finetune_encoder": "frozen", "finetune_weights": "read elsewhere",
}  # fmt: skip


def said(table, marks=None):
    return {text.split(" (")[0].split(":")[0]: (text, kind) for text, kind in readings(table, landmarks() if marks is None else marks, CONFIG)}  # fmt: skip


def test_a_part_at_chance_learnt_nothing_and_a_guess_costs_the_log_of_the_patches():
    text, kind = said(reported())["Contrast between patches"]
    assert "2.77 at every epoch" in text and "4 × 4 = 16 patches of 8" in text and "ln 16 = 2.773" in text
    assert "there is room for 0.500" in text and text.endswith("stand at chance: nothing of it was learnt.")
    assert kind == "bad"


def test_a_part_beyond_chance_is_called_worse_and_is_noise():
    text, kind = said(reported())["1 − SSIM"]
    assert "Noise has 0.990." in text and text.endswith("The reported values are worse than that.") and kind == "bad"


def test_a_part_that_fell_is_not_called_bad():
    better = reported()
    better.loc[better["part"] == "ssim", "value"] = 0.1
    text, kind = said(better)["1 − SSIM"]
    assert text.endswith("Of it 75% were used.") and kind == "" and "Noise" not in text


def test_without_a_chance_of_its_own_a_part_is_not_judged():
    text, kind = said(reported())["Count read-out"]
    assert "between 0.18 and 6.18" in text and "none is given" in text and kind == ""


def test_the_fall_of_the_total_is_given_to_the_part_that_fell():
    text, _ = readings(reported(), landmarks(), CONFIG)[0]
    assert text.startswith("The total fell from 9.93 to 3.93 in training; 100% of that is the part count read-out")
    rising = reported().assign(epoch=1 - reported()["epoch"])
    assert not any("The total fell" in text for text, _ in readings(rising, landmarks(), CONFIG))


def test_causes_are_computed_from_what_is_stated_and_hypotheses_are_marked():
    lines = [text for text, _ in causes(reported(), FACTS)]
    assert "1.5e-4 × 1 × 4 / 256 = 2.34e-06: 0.39% of the 6.0e-04 of the published batch of 1024." in lines[0]
    assert lines[1].startswith("Hypothesis") and "9.4e-08 (0.02%)" in lines[1], "2 of 50 epochs of warm-up"
    tuned = causes(reported(), FACTS | {"finetune_base_learning_rate": "1e-3", "finetune_epochs": "1"})
    assert ("In fine-tuning the rate in effect is 1.56e-05, for 1 epoch(s).", "") in tuned
    assert "1 epoch is stated where 100 were planned, and the table has 2." in lines
    assert lines[-1].startswith("Hypothesis, not shown by the report: in fine-tuning the encoder is frozen")
    assert causes(reported(), {}) == []


@pytest.fixture
def scores():
    rows = [
        ("deeper", model, seed, sample, "scc", value, value - 0.1, value + 0.1, 9)
        for model, value in (("theirs", 0.5), ("raw", 0.75))
        for sample in ("all", "deep_4", "deep_16")
        for seed in ("1", "all")
    ]
    return pd.DataFrame(rows, columns=SCORES.names)


def test_the_page_holds_losses_landmarks_trainings_and_scores(scores, tmp_path):
    (tmp_path / "reported.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    html = build(Findings(reported(), FACTS, landmarks(), scores, [tmp_path / "reported.svg"]), CONFIG)
    for text in (
        "<td>validation, epoch 1</td><td>3.93</td><td>2.77</td><td>0.98</td><td>0.18</td>",
        "Title &lt;b&gt;", 'href="summary.html"', "floor, 2.100 to 2.400", "2.3e-06", "0.0005", "contrast between patches 0.500",
        "data:image/svg+xml", "Pre-training is validated on c2", "scores on c4", "0.650 to 0.850", "Sample deep_16",
    ):  # fmt: skip
        assert text in html, text


def test_a_study_without_maps_says_that_nothing_is_scored():
    html = build(Findings(reported(), {}, landmarks(), pd.DataFrame(columns=SCORES.names), []), CONFIG)
    assert "No task of this study predicts maps." in html
