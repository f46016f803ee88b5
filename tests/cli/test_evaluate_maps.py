"""chiasma evaluate_maps: what was measured scores as perfect, a decay as knowing nothing but distance."""

import json

import pytest
from predicted_signals import BINS, FOLDERS, RESOLUTION, SAMPLES, maps_words
from training_runs import run

from chiasma.io.predictions import write_prediction
from chiasma.io.tables import read_tsv
from chiasma.schema import tables


@pytest.fixture(scope="module")
def output(signals, tmp_path_factory):
    """The folder of the tables of all predictions."""
    folder = tmp_path_factory.mktemp("evaluate") / "hic"
    assert run(maps_words(signals, folder)) == 0
    return folder


def values(output, model, metric):
    scores = read_tsv(output / "scores.tsv", tables.SCORES)
    return scores[(scores["model"] == model) & (scores["metric"] == metric)].set_index(["seed", "sample"])["value"]


@pytest.mark.parametrize("metric", ["r2", "pearson", "distance_pearson", "oe_pearson"])
def test_a_prediction_that_is_the_measured_map_is_perfect(output, metric):
    found = values(output, "perfect", metric)
    assert {("1", "a"), ("2", "b"), ("all", "all")} <= set(found.index)
    assert found.to_numpy() == pytest.approx(1, abs=1e-6)


def test_a_decay_knows_the_distance_and_no_more(output):
    assert values(output, "flat", "r2")["all", "all"] > 0.3
    assert values(output, "flat", "oe_pearson").abs().max() < 0.1
    gap = values(output, "perfect", "oe_pearson_difference_from_flat")
    assert gap["all", "all"] == pytest.approx(1 - values(output, "flat", "oe_pearson")["all", "all"], abs=1e-6)


def test_the_tables_carry_the_tasks_name_and_every_run(output):
    for name, table in (("scores", tables.SCORES), ("strata", tables.STRATA)):
        frame = read_tsv(output / f"{name}.tsv", table)
        assert set(frame["task"]) == {"hic"}
        assert {"perfect", "flat"} <= set(frame["model"])
        assert {*SAMPLES, "all"} <= set(frame["sample"])
    strata = read_tsv(output / "strata.tsv", tables.STRATA)
    own = strata[(strata["model"] == "perfect") & (strata["metric"] == "pearson")]
    assert own["value"].dropna().to_numpy() == pytest.approx(1, abs=1e-6)


def test_provenance_names_every_file_that_was_compared(output):
    record = json.loads((output / "provenance.json").read_text())
    assert record["config"]["evaluation"]["interval"] == "blocks"
    for folder in FOLDERS:
        for sample in SAMPLES:
            assert any(path.endswith(f"{folder}/{sample}.mcool") for path in record["inputs"])


def test_what_is_known_of_the_genome_scores_predictions_and_the_observed_map(signals, tmp_path):
    stretch = range(0, BINS * RESOLUTION, 50_000)
    states, loops = tmp_path / "states.bed", tmp_path / "loops.bedpe"
    states.write_text("".join(f"chr2\t{s}\t{s + 50_000}\t{'AB'[s // 50_000 % 2]}\n" for s in stretch))
    anchors = [(first * RESOLUTION, (first + 20) * RESOLUTION) for first in range(20, 120, 10)]
    loops.write_text("".join(f"chr2\t{s}\t{s + 5000}\tchr2\t{e}\t{e + 5000}\n" for s, e in anchors))
    known = [f"{sample}={path}" for sample in SAMPLES for path in (states, loops)]
    assert run(maps_words(signals, tmp_path / "hic", annotation=known)) == 0
    for metric in ("states_r", "pair_auc", "pair_enrichment"):
        truth, perfect = (values(tmp_path / "hic", model, metric)["all", "all"] for model in ("truth", "perfect"))
        assert truth == pytest.approx(perfect)
    assert values(tmp_path / "hic", "truth", "pearson").empty
    record = json.loads((tmp_path / "hic/provenance.json").read_text())
    assert {str(states), str(loops)} <= {*record["inputs"]}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"predictions": ["perfect"]}, "expected {model}/seed{seed}"),
        ({"predictions": ["absent/seed1"]}, "absent/seed1/a.mcool: no such file"),
        ({"annotation": ["a.bed"]}, "--annotation a.bed: expected sample=path"),
        ({"annotation": ["a=absent.bed"]}, "absent.bed: cannot be read: No such file"),
        ({"evaluation": {"drawz": 3}}, "did you mean 'draws'"),
    ],
)
def test_wrong_words_are_explained_and_nothing_is_written(signals, tmp_path, capsys, changes, told):
    assert run(maps_words(signals, tmp_path / "hic", **changes)) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "hic").exists()


def test_maps_of_other_bins_are_refused(signals, tmp_path, capsys):
    band = {"chr2": signals.arrays.contacts("a", "chr2").astype(float)[:80]}
    write_prediction({"mcool": band}, tmp_path / "coarse/seed1", "a", ({"chr1": 800_000, "chr2": 800_000}, 10_000))
    words = maps_words(signals, tmp_path / "hic", predictions=[tmp_path / "coarse/seed1"], sample=["a"])
    assert run(words) == 1
    assert "no map of 'chr2' at 5000 bp; it holds chr1, chr2 at 10000" in capsys.readouterr().err
