"""The draw commands: each writes a picture and its numbers, and says what is wrong with its input."""

import json

import numpy as np
import pandas as pd
import pytest
from scored_study import RUNS, options, study, write_run  # noqa: F401
from training_runs import run

from chiasma.cli.draw_called_region import choose_calls
from chiasma.cli.draw_embedding import aligned, drawn_tiles
from chiasma.evaluation import projection
from chiasma.io.tables import read_tsv, write_tsv
from chiasma.plots.style import FigureConfig
from chiasma.schema import tables

BASELINES = json.dumps({"baselines": ["donut"]})


def written(output) -> pd.DataFrame:
    """The numbers beside a picture."""
    assert output.read_text(encoding="utf-8").startswith("<?xml")
    return pd.read_csv(output.with_suffix(".tsv"), sep="\t")


@pytest.mark.parametrize("figure,table", [("scores", None), ("curves", "curves"), ("pileups", "pileups")])
def test_draw_tables_of_evaluate(study, tmp_path, figure, table):  # noqa: F811
    output = tmp_path / f"{figure}.svg"
    more = ["--" + table, str(study.beside(f"{table}.tsv"))] if table else []
    assert (
        run([f"draw_{figure}", "--scores", str(study.scores), *more, "--config", BASELINES, "--output", str(output)])
        == 0
    )
    assert {"mixnet", "donut"} <= set(written(output)["model"])


def test_draw_called_region(study, tmp_path):  # noqa: F811
    calls = [study.results / f"predict/loops/{model}/seed{seed}/{study.samples[0]}.bedpe" for model, seed in RUNS]
    words = [
        "draw_called_region",
        *options("--calls", calls),
        *options("--truth", study.truth),
        "--scores",
        str(study.scores),
    ]
    words += [
        "--tiles",
        str(study.tiles),
        "--splits",
        str(study.splits),
        "--config",
        BASELINES,
        "--output",
        str(tmp_path / "region.svg"),
    ]
    assert run(words) == 0
    source = written(tmp_path / "region.svg")
    assert set(source["kind"]) == {"contacts", "loop", "track"}
    assert {"true loops", "mixnet"} <= set(source.loc[source["kind"] == "loop", "name"])


def test_the_best_model_and_the_best_baseline_are_chosen_with_their_first_seed(study):  # noqa: F811
    calls = [
        study.results / f"predict/loops/{model}/seed{seed}/{study.samples[0]}.bedpe" for model, seed in reversed(RUNS)
    ]
    chosen = choose_calls(calls, study.samples[0], read_tsv(study.scores, tables.SCORES), ("donut",))
    assert list(chosen) == ["mixnet", "donut"]
    assert chosen["mixnet"].parent.name == "seed1"


def test_draw_embedding(study, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr(projection, "manifold_places", first_two)
    rng = np.random.default_rng(1)
    paths = []
    for model in ("first", "second"):
        for sample in study.samples:
            frame = pd.read_parquet(study.results / f"predict/loops/mixnet/seed1/{sample}.parquet")[
                ["sample", "chrom", "bin1", "bin2", "split"]
            ]
            vectors = {
                f"{name}_{place}": rng.normal(size=len(frame))
                for name in ("map_shared", "strip_shared", "map_own")
                for place in range(4)
            }
            path = tmp_path / "predict/embed" / model / "seed1" / f"{sample}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pd.concat([frame.reset_index(drop=True), pd.DataFrame(vectors)], axis=1).to_parquet(path)
            paths.append(path)
    words = [
        "draw_embedding",
        *options("--embeddings", paths),
        *options("--truth", study.truth),
        "--tiles",
        str(study.tiles),
    ]
    assert run([*words, "--output", str(tmp_path / "embedding.svg")]) == 0
    source = written(tmp_path / "embedding.svg")
    tiles = source[source["panel"] == "tiles"]
    vectors = pd.concat(pd.read_parquet(path) for path in paths[: len(study.samples)])
    places = tiles.merge(vectors, on=["sample", "chrom", "bin1", "bin2"], validate="one_to_one")
    assert np.allclose(places["umap1"], places["map_shared_0"], atol=1e-4), "each tile at its own vectors' place"
    assert set(tiles["split"]) == {"test"}
    assert not tiles.duplicated(["sample", "chrom", "bin1", "bin2"]).any()  # the first model's alone
    assert set(source["name"].dropna()) == {"map_shared", "strip_shared"}


def first_two(vectors, seed):
    """Stands in for UMAP, whose compilation takes long."""
    return vectors["map_shared"][:, :2]


def test_more_tiles_than_asked_for_are_drawn_from_at_random():
    frame = pd.DataFrame({"bin1": range(100)})
    few = drawn_tiles(frame, FigureConfig(points=10))
    assert len(set(few["bin1"])) == 10 and few.index.tolist() == list(range(10))
    assert few["bin1"].max() > 20, "not the first ones"
    every = drawn_tiles(frame, FigureConfig(points=1000))["bin1"].tolist()
    assert sorted(every) == list(range(100)) != every


def test_without_aligned_vectors_all_of_the_commonest_width_are_compared():
    found = aligned({"a": np.zeros((3, 4)), "b": np.zeros((3, 4)), "c": np.zeros((3, 9))})
    assert list(found) == ["a", "b"]


def test_an_embedding_without_vectors_is_explained(study, tmp_path, capsys):  # noqa: F811
    path = tmp_path / "predict/embed/m/seed1/s.parquet"
    path.parent.mkdir(parents=True)
    pd.DataFrame({"sample": ["s"], "split": ["test"]}).to_parquet(path)
    words = [
        "draw_embedding",
        "--embeddings",
        str(path),
        "--truth",
        study.truth[0],
        "--tiles",
        str(study.tiles),
        "--output",
        "x.svg",
    ]
    assert run(words) == 1
    assert "at least 3 tiles" in capsys.readouterr().err


def test_draw_history_names_runs_by_their_folders(tmp_path):
    folders = [write_run(tmp_path / "pretrain" / "m" / f"seed{seed}") for seed in (1, 2)]
    folders.append(write_run(tmp_path / "finetune" / "loops" / "m" / "seed1"))
    histories = [folder / "history.tsv" for folder in folders]
    assert run(["draw_history", *options("--history", histories), "--output", str(tmp_path / "history.svg")]) == 0
    source = written(tmp_path / "history.svg")
    assert set(source["run"]) == {"pretrain · m", "finetune · m · loops"}
    assert set(source.loc[source["run"] == "pretrain · m", "seed"]) == {1, 2}


def test_draw_qc(tmp_path):
    decay = pd.DataFrame(
        {"sample": "s", "chrom": "c", "distance_bp": [0, 5000, 10000], "contacts": [9.0, 5, 2], "pairs": [9, 8, 7]}
    )
    quality = pd.DataFrame({"sample": ["s"], "assay": ["contacts"], "metric": ["cis_fraction"], "value": [0.8]})
    write_tsv(decay, tmp_path / "d.tsv", tables.DECAY)
    write_tsv(quality, tmp_path / "q.tsv", tables.QC)
    assert (
        run(
            [
                "draw_qc",
                "--decay",
                str(tmp_path / "d.tsv"),
                "--qc",
                str(tmp_path / "q.tsv"),
                "--output",
                str(tmp_path / "qc.svg"),
            ]
        )
        == 0
    )
    assert set(written(tmp_path / "qc.svg")["panel"]) == {"decay", "fractions"}


def test_draw_splits(study, tmp_path):  # noqa: F811
    splits = read_tsv(study.splits, tables.SPLITS)
    lengths = splits.groupby("chrom", sort=False)["end"].max()
    frame = pd.DataFrame({"chrom": lengths.index, "length_bp": lengths.to_numpy(), "aliases": ""})
    write_tsv(frame, tmp_path / "assembly.tsv", tables.ASSEMBLY)
    words = [
        "draw_splits",
        "--splits",
        str(study.splits),
        "--assembly",
        str(tmp_path / "assembly.tsv"),
        "--output",
        str(tmp_path / "splits.svg"),
    ]
    assert run(words) == 0
    assert len(written(tmp_path / "splits.svg")) == len(splits)
    assert run(["draw_splits", "--splits", str(study.splits), "--output", str(tmp_path / "short.svg")]) == 0
    assert written(tmp_path / "short.svg").equals(written(tmp_path / "splits.svg"))


def test_draw_splits_of_several_genomes(study, tmp_path):  # noqa: F811
    own = read_tsv(study.splits, tables.SPLITS)
    for name in ("splits.tsv", "maize.splits.tsv"):
        write_tsv(own, tmp_path / name, tables.SPLITS)
    files = options("--splits", [tmp_path / "splits.tsv", tmp_path / "maize.splits.tsv"])
    assert run(["draw_splits", *files, "--output", str(tmp_path / "both.svg")]) == 0
    drawn = written(tmp_path / "both.svg")["chrom"].tolist()
    assert drawn == [*own["chrom"], *("maize " + own["chrom"])]


def test_draw_ablation(study, tmp_path):  # noqa: F811
    output = tmp_path / "ablation.svg"
    config = json.dumps({"reference": "mixnet", "groups": {"method": ["donut"]}})
    assert run(["draw_ablation", "--scores", str(study.scores), "--config", config, "--output", str(output)]) == 0
    assert list(dict.fromkeys(written(output)["model"])) == ["mixnet", "donut"]
