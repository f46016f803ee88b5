import pandas as pd
import pytest

from chiasma.plots import similarities
from chiasma.plots.style import FigureConfig


def pairs(names=("a1", "a2", "b1"), models=("net", "scc"), task="t"):
    """The mean over seeds of every pair, and a seed's and a chromosome's own, which are not drawn."""
    rows = [
        (task, model, "all", one, other, one[0] == other[0], "all", 0.9 if one[0] == other[0] else 0.1, 5)
        for model in models
        for at, one in enumerate(names)
        for other in names[at + 1 :]
    ]
    columns = ["task", "model", "seed", "sample", "other", "replicates", "chrom", "value", "n"]
    table = pd.DataFrame(rows, columns=columns)
    return pd.concat([table, table.assign(seed="1", value=5.0), table.assign(chrom="c1", value=5.0)], ignore_index=True)


def matrices(figure):
    return {axes.get_title("left"): axes for axes in figure.axes if axes.get_images()}


def test_each_method_has_a_symmetric_matrix_with_replicates_outlined():
    figure, source = similarities.draw(pairs(), FigureConfig(baselines=("scc",)))
    drawn = matrices(figure)
    assert list(drawn) == ["net", "scc"]
    values = drawn["net"].get_images()[0].get_array()
    assert values.filled(-1).tolist() == [[-1, 0.9, 0.1], [0.9, -1, 0.1], [0.1, 0.1, -1]]
    assert {patch.get_xy() for patch in drawn["net"].patches} == {(0.5, -0.5), (-0.5, 0.5)}, "both triangles"
    assert [text.get_text() for text in drawn["net"].texts] == ["0.90", "0.10", "0.90", "0.10", "0.10", "0.10"]
    assert [label.get_text() for label in drawn["net"].get_yticklabels()] == ["a1", "a2", "b1"]
    assert not drawn["scc"].get_yticklabels(), "named once a row"
    assert len(source) == 6 and (source["value"] < 1).all()


def test_baselines_come_last_and_a_task_begins_a_row():
    both = pd.concat([pairs(models=("scc", "net")), pairs(models=("scc",), task="u")], ignore_index=True)
    figure, _ = similarities.draw(both, FigureConfig(baselines=("scc",)))
    drawn = matrices(figure)
    assert list(drawn) == ["net\nt", "scc\nt", "scc\nu"]
    tops = {title: axes.get_subplotspec().rowspan.start for title, axes in drawn.items()}
    assert tops == {"net\nt": 0, "scc\nt": 0, "scc\nu": 1}


@pytest.mark.parametrize("count, written", [(6, True), (9, False)])
def test_many_samples_have_a_bar_of_colours_instead_of_numbers(count, written):
    figure, _ = similarities.draw(pairs([f"{'ab'[at % 2]}{at}" for at in range(count)], ("net",)), FigureConfig())
    assert bool(matrices(figure)["net"].texts) == written
    assert any(axes.get_label() == "<colorbar>" for axes in figure.axes) != written


def test_pairs_that_are_all_alike_and_no_pair_are_drawn():
    flat = pairs().assign(value=0.3)
    assert matrices(similarities.draw(flat, FigureConfig())[0])
    figure, source = similarities.draw(pairs()[:0], FigureConfig())
    assert source.empty and "no similarity" in {text.get_text() for text in figure.axes[0].texts}
