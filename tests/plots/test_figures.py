"""Every other figure: its lines are the numbers of its table, and odd tables are no error."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection

from chiasma.plots import called_region, curves, embedding, history, pileups, profiles, qc, splits
from chiasma.plots.style import FigureConfig


@pytest.fixture
def config(toy):
    return FigureConfig(baselines=toy.BASELINES, resolution_bp=10_000, points=50)


def texts(figure):
    return [text.get_text() for axes in figure.get_axes() for text in axes.texts]


# curves


def test_curves_draw_each_seed_and_the_mean(toy, config):
    table = toy.curves()
    figure, source = curves.draw(table, toy.scores(), config)
    roc = figure.get_axes()[0]
    drawn = [line for line in roc.lines if len(line.get_xdata()) == 60]
    assert len(drawn) == len(toy.runs()) + len(toy.SKILL)
    assert len(source) == len(table)


def test_curves_say_the_area_and_chance(toy, config):
    figure, _ = curves.draw(toy.curves(), toy.scores(), config)
    words = [text.get_text() for text in figure.get_axes()[2].get_legend().get_texts()]
    area = toy.scores().query("metric == 'auroc' and model == 'forest' and seed == 'all'")["value"].iloc[0]
    assert any(word.startswith("forest") and f"{area:.3f}" in word for word in words)
    assert any(word.startswith("chance") and "0.500" in word for word in words)


def test_no_curves_is_said(toy, config):
    figure, _ = curves.draw(toy.curves()[:0], toy.scores(), config)
    assert any("no labelled pairs" in text for text in texts(figure))


# pile-ups


def test_a_pile_is_drawn_as_it_stands(toy, config):
    table = toy.pileups(half=4)
    figure, _ = pileups.draw(table, toy.scores(), config)
    axes = next(axes for axes in figure.get_axes() if axes.get_title(loc="left") == "forest")
    own = table[table["model"] == "forest"].pivot(index="row", columns="col", values="value")
    assert np.asarray(axes.images[0].get_array()) == pytest.approx(np.log2(own.to_numpy()))
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # rows run down, so the lower left corner is nearest to the diagonal


def test_a_model_without_calls_has_an_empty_panel(toy, config):
    figure, _ = pileups.draw(toy.pileups(half=4), toy.scores(), config)
    assert "no calls" in texts(figure)


def test_empty_and_zero_pixels_are_no_error(toy, config):
    table = toy.pileups(half=4)
    table.loc[:5, "value"] = np.nan
    table.loc[6:9, "value"] = 0.0
    drawn, empty = (pileups.draw(own, toy.scores(), config)[0] for own in (table, table[:0]))
    for figure in (drawn, empty):
        figure.canvas.draw()
    values = np.concatenate(
        [
            np.ma.filled(image.get_array().astype(float), np.nan).ravel()
            for axes in drawn.get_axes()
            for image in axes.get_images()
        ]
    )
    assert 0 < np.isnan(values).sum() <= 10, "only what is unknown or zero is left blank"
    assert not any(axes.get_images() for axes in empty.get_axes())


# history


def runs_of(toy):
    first = [toy.history(seed=seed).assign(run="pretrain · m", seed=str(seed)) for seed in (1, 2)]
    return pd.concat([*first, toy.history(("total",)).assign(run="finetune · m", seed="1")], ignore_index=True)


def test_each_part_has_its_panel_with_chance_and_floor(toy):
    figure, _ = history.draw(runs_of(toy))
    axes = next(axes for axes in figure.get_axes() if axes.get_title(loc="left").strip() == "contrastive")
    levels = {
        line.get_ydata()[0] for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linestyle() in ("--", ":")
    }
    assert levels == {4.16, 0.0}
    assert {"pretrain · m", "finetune · m"} <= set(texts(figure))


def test_bookkeeping_is_not_a_loss(toy):
    _, source = history.draw(pd.concat([runs_of(toy), runs_of(toy).assign(part="learning_rate")]))
    assert "learning_rate" not in set(source["part"])


def test_runs_that_do_not_fit_a_row_begin_a_new_one(toy):
    places = history._panels(runs_of(toy))
    assert len({(row, column) for row, column, _, _ in places}) == len(places)
    assert max(column for _, column, _, _ in places) < history.COLUMNS


def test_no_run_is_said(toy):
    figure, _ = history.draw(runs_of(toy)[:0])
    assert "no training run" in texts(figure)


# called region


@pytest.fixture
def view():
    bin1, bin2 = np.triu_indices(40)
    pixels = pd.DataFrame({"bin1": bin1 + 100, "bin2": bin2 + 100, "contacts": 100.0 / (1 + bin2 - bin1)})
    pixels.loc[pixels["bin1"] == 110, "contacts"] = np.nan
    tracks = pd.DataFrame({"start": np.arange(0, 400_000, 1000) + 1_000_000}).assign(track="atac", value=1.0)
    loops = pd.DataFrame({"bin1": [105, 90], "bin2": [120, 95]})
    return called_region.RegionView(
        "cell", ("c", 1_000_000, 1_400_000), 10_000, pixels, tracks.assign(end=tracks["start"] + 1000),
        {"true loops": loops, "m": loops[:1], "donut": loops[:0]},
    )  # fmt: skip


def test_a_loop_stands_between_its_anchors_at_their_distance(view):
    figure, _ = called_region.draw(view)
    rings = [
        np.asarray(own.get_offsets()) for own in figure.get_axes()[0].collections if isinstance(own, PathCollection)
    ]
    assert rings[0] == pytest.approx(np.array([[(105 + 120 + 1) / 2 * 0.01, 150]]))


def test_loops_outside_the_region_are_left_out(view):
    _, source = called_region.draw(view)
    loops = source[source["kind"] == "loop"]
    assert loops["name"].tolist() == ["true loops", "m"]
    assert (loops["start1"] == 1_050_000).all()
    assert set(source["kind"]) == {"contacts", "loop", "track"}


def test_every_caller_is_counted(view):
    figure, _ = called_region.draw(view)
    names = [axes.get_ylabel() for axes in figure.get_axes()]
    assert {"true loops (1)", "m (1)", "donut (0)", "atac"} <= set(names)


# embedding


@pytest.fixture
def places():
    rng = np.random.default_rng(1)
    joint = pd.DataFrame({"name": ["a_shared", "b_shared"] * 30, "row": np.repeat(np.arange(30), 2)})
    joint = joint.assign(pc1=rng.normal(size=60), pc2=rng.normal(size=60))
    tiles = pd.DataFrame({"sample": ["s"] * 30, "compartment": rng.normal(size=30), "holds_loop": rng.random(30) < 0.5})
    tiles = tiles.assign(distance_kb=rng.random(30), umap1=rng.normal(size=30), umap2=rng.normal(size=30))
    return joint, tiles


def test_embedding_has_a_panel_per_question_and_one_for_cell_types_when_several(places, config):
    joint, tiles = places
    figure, source = embedding.draw(joint, tiles, "m", config)
    titles = [axes.get_title(loc="left") for axes in figure.get_axes() if axes.get_title(loc="left")]
    assert titles == ["Modality", "Compartment", "Loop in the window", "Distance of the anchors"]
    assert len(source) == len(joint) + len(tiles)
    figure, _ = embedding.draw(joint, tiles.assign(sample=["s", "t"] * 15), "m", config)
    assert "Cell type" in [axes.get_title(loc="left") for axes in figure.get_axes()]


def test_all_panels_but_the_first_show_the_same_places(places, config):
    _, tiles = places
    figure, _ = embedding.draw(*places, "m", config)
    panels = [axes for axes in figure.get_axes() if axes.get_xlabel() == "UMAP 1"]
    assert len(panels) == 3
    for axes in panels:
        drawn = next(dots.get_offsets() for dots in axes.collections if len(dots.get_offsets()) == len(tiles))
        assert np.allclose(np.sort(np.asarray(drawn), axis=0), np.sort(tiles[["umap1", "umap2"]].to_numpy(), axis=0))


def test_a_study_without_contacts_has_no_compartments(places, config):
    joint, tiles = places
    figure, _ = embedding.draw(joint, tiles.assign(compartment=np.nan), "m", config)
    assert "no contacts or tracks" in texts(figure)


# quality and splits


def test_decay_and_fractions_are_drawn_by_sample():
    distance = np.arange(0, 2_000_000, 10_000)
    decay = pd.DataFrame({"chrom": "c", "distance_bp": distance, "contacts": 1e4 / (distance + 1), "pairs": 9})
    decay = pd.concat([decay.assign(sample=name) for name in ("a", "b")])
    quality = pd.DataFrame(
        {
            "sample": ["a", "b", "a"],
            "assay": "contacts",
            "metric": ["cis_fraction"] * 2 + ["depth"],
            "value": [0.7, np.nan, 5],
        }
    )
    figure, source = qc.draw(decay, quality)
    assert source[source["panel"] == "fractions"]["value"].tolist() == [0.7]
    assert len(figure.get_axes()[0].lines) >= 2
    qc.draw(decay[:0], quality[:0])[0].canvas.draw()


def test_splits_are_drawn_in_the_order_asked(toy):
    table = pd.DataFrame({"chrom": ["a", "b"], "start": [0, 5], "end": [10, 20], "split": ["train", "test"]})
    figure, _ = splits.draw(table, {"a": 10, "b": 30, "c": 5}, FigureConfig(chromosomes=("b", "a")))
    assert [label.get_text() for label in figure.get_axes()[0].get_yticklabels()] == ["b", "a"]


# profiles


def profile_view(genes=40, samples=("alpha", "beta"), named=3):
    rng = np.random.default_rng(2)
    level = {"sample": np.repeat(samples, genes), "chrom": "c", "bin": np.tile(np.arange(genes), len(samples))}
    frame = pd.DataFrame(level).assign(task="t", name="g", observed=rng.gamma(2, 1, genes * len(samples)))
    levels = [frame.assign(model=model, seed=seed, predicted=frame["observed"] * scale)
              for model, scale in (("mixnet", 0.9), ("ridge", 0.5)) for seed in ("1", "all")]  # fmt: skip
    start = np.arange(20) * 10_000
    height = np.where(start == 50_000, np.nan, 1.0 + start / 1e5)
    bins = [pd.DataFrame({"profile": name, "start": start, "end": start + 10_000, "value": own})
            for name, own in (("measured", 1.0 + start / 1e5), ("mixnet", height), ("ridge", height / 2))]  # fmt: skip
    scores = pd.DataFrame(
        [("mixnet", "all", "all", "gene_pearson", 0.91, 0.88, 0.93), ("mixnet", "1", "all", "gene_pearson", 0.1, 0, 1),
         ("mixnet", "all", "alpha", "gene_pearson", 0.2, 0, 1), ("ridge", "all", "all", "gene_r2", 0.31, np.nan, np.nan)],
        columns=["model", "seed", "sample", "metric", "value", "low", "high"],
    )  # fmt: skip
    starts = pd.DataFrame({"start": 20_000 + 60_000 * np.arange(named), "name": [f"GENE{n}" for n in range(named)]})
    return profiles.ProfileView(
        pd.concat(levels), scores, ("mixnet", "ridge"), "here", ("c", 0, 200_000), pd.concat(bins), starts
    )


def drawn_profiles(**changes):
    view = profile_view(**changes)
    figure, source = profiles.draw(view, FigureConfig(baselines=("ridge",)))
    figure.canvas.draw()
    panels = {axes.get_title(loc="left"): axes for axes in figure.get_axes() if axes.get_title(loc="left")}
    return figure, panels, source


def test_profiles_show_each_gene_once_with_the_words_of_the_score_table():
    _, panels, source = drawn_profiles()
    points = [item for item in panels["mixnet"].collections if len(item.get_offsets()) == 80]
    found = np.sort(np.asarray(points[0].get_offsets())[:, 1])
    own = source.query("panel == 'genes' and model == 'mixnet'")
    assert found == pytest.approx(np.sort(own["predicted"]))
    assert [text.get_text() for text in panels["mixnet"].texts] == ["r 0.91  (0.88 to 0.93)"]
    assert [text.get_text() for text in panels["ridge"].texts] == ["R² 0.31"]


def test_profiles_of_models_have_the_same_axes():
    _, panels, _ = drawn_profiles()
    assert panels["mixnet"].get_xlim() == panels["mixnet"].get_ylim() == panels["ridge"].get_ylim()


def test_too_many_genes_are_drawn_as_their_density():
    _, panels, _ = drawn_profiles(genes=profiles.CROWDED)
    counts = [item.get_array() for item in panels["mixnet"].collections if item.get_array() is not None]
    assert sum(own.sum() for own in counts) == 2 * profiles.CROWDED


def test_an_unknown_bin_of_a_profile_is_marked_and_not_drawn_as_a_value():
    figure, _, source = drawn_profiles()
    axes = next(axes for axes in figure.get_axes() if axes.get_ylabel() == "mixnet")
    marked = [patch for patch in axes.patches if patch.get_facecolor()[:3] == pytest.approx((0.937,) * 3, abs=0.01)]
    assert [(patch.get_x(), patch.get_width()) for patch in marked] == [(pytest.approx(0.05), pytest.approx(0.01))]
    assert source.query("panel == 'profiles' and profile == 'mixnet'")["value"].isna().sum() == 1


def test_genes_have_names_where_there_is_room():
    few, many = (drawn_profiles(named=named)[0] for named in (3, profiles.NAMED + 1))
    assert [word for word in texts(few) if word.startswith("GENE")] == ["GENE0", "GENE1", "GENE2"]
    assert not [word for word in texts(many) if word.startswith("GENE")]


def test_no_genes_is_said():
    view = profile_view()
    empty = profiles.ProfileView(
        view.levels[:0],
        view.scores,
        *[getattr(view, name) for name in ("models", "title", "region", "profiles", "genes")],
    )
    figure, _ = profiles.draw(empty, FigureConfig(baselines=("ridge",)))
    assert texts(figure).count("no genes in the test regions") == 2
