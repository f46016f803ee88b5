"""chiasma summarise: one page from the small files of a study."""

import json

import pandas as pd
import pytest
from scored_study import options, study, write_run  # noqa: F401
from training_runs import run

from chiasma.cli.summarise import read_benchmark
from chiasma.io.tables import write_tsv
from chiasma.schema import tables


@pytest.fixture
def words(study, tmp_path):  # noqa: F811
    """The words of a summarise command."""
    leaks = pd.DataFrame([("windows", "train", "test", 0, 0, "clean")], columns=tables.LEAKS.names)
    write_tsv(leaks, tmp_path / "leaks.tsv", tables.LEAKS)
    quality = pd.DataFrame([("s", "contacts", "cis_fraction", 0.8)], columns=tables.QC.names)
    write_tsv(quality, tmp_path / "qc.tsv", tables.QC)
    (tmp_path / "benchmarks/pretrain/m").mkdir(parents=True)
    (tmp_path / "benchmarks/pretrain/m/seed1.tsv").write_text("s\th:m:s\tmax_rss\n75.2\t0:01:15\t-\n")
    (tmp_path / "scores.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    runs = [write_run(tmp_path / "pretrain/mixnet/seed1")]
    config = {"study": "toy", "title": "Toy study", "baselines": ["donut"], "scratch": {"mixnet": "mixnet_scratch"}}
    return [
        "summarise", "--scores", str(study.scores), *options("--run", runs), "--leaks", str(tmp_path / "leaks.tsv"), "--qc", str(tmp_path / "qc.tsv"),
        "--figure", str(tmp_path / "scores.svg"), "--benchmarks", str(tmp_path / "benchmarks"), "--config", json.dumps(config),
        "--output", str(tmp_path / "summary.html"),
    ]  # fmt: skip


def test_the_page_holds_what_the_files_say(words, tmp_path):
    assert run(words) == 0
    page = (tmp_path / "summary.html").read_text(encoding="utf-8")
    for said in (
        "Toy study",
        "mixnet minus mixnet_scratch",
        "donut",
        "Student&#x27;s t over seeds",
        "c0de",
        "1 min 15 s",
        "data:image/svg+xml",
    ):
        assert said in page
    assert str(tmp_path) not in page


def test_a_benchmark_that_measured_nothing_is_unknown(tmp_path):
    (tmp_path / "tile").mkdir()
    (tmp_path / "tile/x.tsv").write_text("s\th:m:s\tmax_rss\nNA\tNA\tNA\n")
    frame = read_benchmark(tmp_path / "tile/x.tsv", tmp_path)
    assert frame["rule"].tolist() == ["tile"]
    assert frame[["s", "max_rss"]].isna().all(axis=None)


def test_a_run_without_provenance_is_explained(words, tmp_path, capsys):
    (tmp_path / "pretrain/mixnet/seed1/provenance.json").unlink()
    assert run(words) == 1
    assert "provenance.json" in capsys.readouterr().err


def test_the_page_of_a_task_holds_its_scores_and_nothing_of_the_data(study, tmp_path):  # noqa: F811
    config = {"study": "toy", "title": "Toy study", "baselines": ["donut"], "scratch": {"mixnet": "mixnet_scratch"}}
    (tmp_path / "curves.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    words = ["summarise_task", "pairs", "--scores", str(study.scores), "--figure", str(tmp_path / "curves.svg")]
    words += ["--run", str(write_run(tmp_path / "finetune/pairs/mixnet/seed1")), "--config", json.dumps(config)]
    assert run([*words, "--output", str(tmp_path / "pairs.html")]) == 0
    page = (tmp_path / "pairs.html").read_text(encoding="utf-8")
    for said in (
        "Toy study: pairs",
        "mixnet minus mixnet_scratch",
        "donut",
        "data:image/svg+xml",
        "finetune · mixnet · pairs",
    ):
        assert said in page
    for other in ("Leak audit", "Run times", "Sample quality"):
        assert other not in page


def test_the_audits_of_all_genomes_are_shown(words, tmp_path):
    leaks = pd.DataFrame([("far x maize.splits", "train", "test", 12_345, 2, "leak")], columns=tables.LEAKS.names)
    write_tsv(leaks, tmp_path / "maize.leaks.tsv", tables.LEAKS)
    assert run([*words, "--leaks", str(tmp_path / "maize.leaks.tsv")]) == 0
    page = (tmp_path / "summary.html").read_text(encoding="utf-8")
    assert "far x maize.splits" in page and "12,345" in page and "All 2 comparisons" in page
