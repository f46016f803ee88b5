"""chiasma evaluate_profiles: what was measured scores as perfect, a constant as knowing nothing."""

import json

import numpy as np
import pytest
from predicted_signals import CHROMS, FOLDERS, GENE_BINS, RESOLUTION, SAMPLES, profiles_words
from training_runs import run

from chiasma.io.predictions import write_prediction
from chiasma.io.tables import read_tsv
from chiasma.schema import tables


@pytest.fixture(scope="module")
def output(signals, tmp_path_factory):
    """The folder of the tables of all predictions."""
    folder = tmp_path_factory.mktemp("evaluate") / "rna"
    assert run(profiles_words(signals, folder)) == 0
    return folder


def values(output, model, metric):
    scores = read_tsv(output / "scores.tsv", tables.SCORES)
    return scores[(scores["model"] == model) & (scores["metric"] == metric)].set_index(["seed", "sample"])["value"]


@pytest.mark.parametrize("metric", ["bin_pearson", "bin_r2", "gene_pearson", "gene_r2", "gene_auroc"])
def test_a_prediction_that_is_the_measured_signal_is_perfect(output, metric):
    found = values(output, "perfect", metric)
    assert {("1", "a"), ("2", "b"), ("all", "all")} <= set(found.index)
    assert found.to_numpy() == pytest.approx(1, abs=1e-5)


def test_differences_between_samples_are_scored_on_all_samples_together(output):
    found = values(output, "perfect", "gene_difference_pearson")
    assert set(found.index.get_level_values("sample")) == {"all"}
    assert found.to_numpy() == pytest.approx(1, abs=1e-5)


def test_a_constant_knows_nothing(output):
    found = values(output, "flat", "bin_pearson")
    assert found["1", "a"] == pytest.approx(0, abs=1e-6) == found["1", "b"]
    assert values(output, "flat", "gene_r2")["all", "all"] <= 0


def test_the_tables_carry_the_tasks_name_and_the_test_genes_alone(output):
    assert set(read_tsv(output / "scores.tsv", tables.SCORES)["task"]) == {"rna"}
    levels = read_tsv(output / "genes.tsv", tables.GENE_LEVELS)
    assert set(levels["task"]) == {"rna"}
    assert set(levels["chrom"]) == {"chr2"}
    own = levels[(levels["model"] == "perfect") & (levels["seed"] == "1") & (levels["sample"] == "b")]
    assert sorted(own["bin"]) == GENE_BINS.tolist()
    assert own["predicted"].to_numpy() == pytest.approx(own["observed"].to_numpy(), abs=1e-4)


def test_provenance_names_every_file_that_was_compared(output):
    record = json.loads((output / "provenance.json").read_text())
    wanted = [f"{folder}/{sample}.bw" for folder in FOLDERS for sample in SAMPLES] + ["a/genes.bed", "b/genes.bed"]
    for name in wanted:
        assert any(path.endswith(name) for path in record["inputs"])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"target": "cag"}, "unknown target 'cag'; did you mean 'cage'? (known: cage)"),
        ({"predictions": ["perfect"]}, "expected {model}/seed{seed}"),
        ({"predictions": ["absent/seed1"]}, "absent/seed1/a.bw: no such file"),
        ({"truth": ["genes.bed"]}, "--truth genes.bed: expected sample=path"),
        ({"truth": ["a=absent.bed"]}, "absent.bed: cannot be read: No such file"),
        ({"evaluation": {"drawz": 3}}, "did you mean 'draws'"),
    ],
)
def test_wrong_words_are_explained_and_nothing_is_written(signals, tmp_path, capsys, changes, told):
    assert run(profiles_words(signals, tmp_path / "rna", **changes)) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "rna").exists()


def test_profiles_of_another_assembly_are_refused(signals, tmp_path, capsys):
    longer = {name: length + RESOLUTION for name, length in CHROMS.items()}
    profile = {"chr2": np.ones(longer["chr2"] // RESOLUTION)}
    write_prediction({"bw": profile}, tmp_path / "other/seed1", "a", (longer, RESOLUTION))
    words = profiles_words(
        signals, tmp_path / "rna", folder=tmp_path, predictions=["other/seed1"], truth=[f"a={signals.genes['a']}"]
    )
    assert run(words) == 1
    assert "chr1 is 805000, expected 800000 bp; predict again" in capsys.readouterr().err
