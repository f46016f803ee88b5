"""Callers of other projects find planted loops by their own threshold, and what goes wrong in them is explained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted_loops import found
from scipy import sparse
from sklearn.metrics import roc_auc_score

from chiasma.core.errors import InputError
from chiasma.schema.tables import CALLS, PIXELS, conform
from chiasma.tasks.loops import callers, outside
from chiasma.tasks.loops.config import Chromosight, Dots, Mustache
from chiasma.tasks.loops.labels import build_examples

# what mustache-hic 1.3.3 printed for the planted map of sample a, all numbers at their defaults
TABLE = Path(__file__).parent / "mustache_planted.tsv"


@pytest.fixture(scope="module")
def cooler_path(planted, tmp_path_factory):
    """Sample a as a balanced cooler, all weights one."""
    cooler = pytest.importorskip("cooler")
    meta, bins, pixels = planted.arrays.meta, [], []
    for chrom in meta.chromosomes:
        count = meta.bins(chrom)
        first = sum(len(own) for own in bins)
        start = np.arange(count) * meta.resolution_bp
        weight = np.where(planted.arrays.valid("a", chrom), 1.0, np.nan)
        bins.append(pd.DataFrame({"chrom": chrom, "start": start, "end": start + meta.resolution_bp, "weight": weight}))
        band_ID = planted.arrays.contacts("a", chrom)
        row, distance = np.nonzero(band_ID)
        values = band_ID[row, distance].astype(int)
        pixels.append(pd.DataFrame({"bin1_id": row + first, "bin2_id": row + distance + first, "count": values}))
    path = tmp_path_factory.mktemp("cool") / "a.cool"
    cooler.create_cooler(
        str(path), pd.concat(bins, ignore_index=True), pd.concat(pixels, ignore_index=True), ordered=True
    )
    return path


@pytest.fixture(scope="module")
def inputs(planted, cooler_path):
    examples = build_examples(planted.config, planted.arrays, planted.splits, planted.labels)
    return callers.Inputs(planted.arrays, planted.splits, examples, "a", cooler_path, 1)


@pytest.fixture(scope="module")
def unbalanced(cooler_path, tmp_path_factory):
    """The same map without weights."""
    import cooler

    source, path = cooler.Cooler(str(cooler_path)), tmp_path_factory.mktemp("cool") / "bare.cool"
    cooler.create_cooler(str(path), source.bins()[:].drop(columns="weight"), source.pixels()[:], ordered=True)
    return path


def check_planted_loops_are_called(planted, pixels, calls, least):
    """The calls of the test split hit planted loops, lie where a model may call, and labelled pairs are ranked."""
    precision, recall = found(planted, calls, "chr3")
    assert precision > least[0]
    assert recall > least[1]
    assert set(calls["chrom1"]) == {"chr2", "chr3"}
    assert (calls["start2"] - calls["start1"]).between(4 * 5000, 60 * 5000).all()
    pairs = pixels[(pixels["label"] >= 0) & (pixels["split"] == "test")]
    assert roc_auc_score(pairs["label"], pairs["score"]) > least[2]
    conform(pixels, PIXELS, "test")
    conform(calls, CALLS, "test")


# -------------------------------------------------------------------------------------------------------- dots


@pytest.mark.filterwarnings("ignore")  # cooltools and cooler warn about their own dependencies
def test_dots_finds_planted_loops_with_its_own_threshold(planted, inputs, cooler_path):
    pixels, calls = callers.run_baseline("dots", planted.config, Dots(), inputs)
    precision, recall = found(planted, calls, "chr3")
    assert precision > 0.9
    assert recall > 0.5
    assert set(calls["chrom1"]) <= {"chr2", "chr3"}
    assert (pixels.loc[pixels["score"] > 0, "score"] >= -np.log10(Dots().fdr) - 1e-9).all()
    conform(calls, CALLS, "test")


@pytest.mark.filterwarnings("ignore")
def test_dots_on_a_cooler_without_weights_says_what_to_do(planted, inputs, cooler_path, tmp_path):
    import cooler

    source = cooler.Cooler(str(cooler_path))
    bare = tmp_path / "bare.cool"
    cooler.create_cooler(str(bare), source.bins()[:].drop(columns="weight"), source.pixels()[:], ordered=True)
    with pytest.raises(InputError, match="no balancing weights"):
        callers.run_baseline("dots", planted.config, Dots(), replace(inputs, contacts=bare))


@pytest.mark.filterwarnings("ignore")
def test_a_crash_of_the_tool_is_one_message(planted, inputs, cooler_path):
    with pytest.raises(InputError, match=r"cooltools dots failed \(ValueError.*lambda"):
        callers.run_baseline("dots", planted.config, Dots(lambda_bins=10), inputs)


@pytest.mark.parametrize(("resolution_bp", "reach"), [(1000, 7), (2000, 7), (5000, 7), (10000, 5), (25000, 3)])
def test_every_fine_resolution_has_the_four_backgrounds_of_dots(resolution_bp, reach):
    kernels = outside.dots_kernels(resolution_bp)
    assert set(kernels) == {"donut", "vertical", "horizontal", "lowleft"}
    assert {kernel.shape for kernel in kernels.values()} == {(2 * reach + 1, 2 * reach + 1)}


# ------------------------------------------------------------------------------------------------- chromosight


@pytest.fixture(scope="module")
def seen(planted, inputs):
    """Pixels and calls of Chromosight for sample a."""
    pytest.importorskip("chromosight")
    return callers.run_baseline("chromosight", planted.config, Chromosight(), inputs)


def test_chromosight_finds_planted_loops_with_its_own_threshold(planted, seen):
    check_planted_loops_are_called(planted, *seen, (0.9, 0.8, 0.95))
    assert (seen[1]["score"] >= Chromosight().correlation).all()
    assert (seen[1]["pixels"] >= 2).all()  # it takes no focus of one pixel


def test_a_pixels_score_is_its_correlation_and_a_call_has_that_of_its_pixel(seen):
    pixels, calls = seen
    assert pixels["score"].between(-1, 1).all()
    scored = pixels.drop_duplicates(["chrom", "bin1", "bin2"]).set_index(["chrom", "bin1", "bin2"])["score"]
    at = pd.MultiIndex.from_arrays([calls["chrom1"], calls["start1"] // 5000, calls["start2"] // 5000])
    shared = scored.reindex(at).to_numpy()
    assert np.isfinite(shared).sum() > 20
    assert np.allclose(shared[np.isfinite(shared)], calls["score"][np.isfinite(shared)])


# the command's option parser is from before such escapes were warned of, which shows when it is first compiled
@pytest.mark.filterwarnings("ignore:invalid escape sequence")
def test_chromosights_own_command_calls_the_same_loops(planted, inputs, seen, tmp_path):
    """What is taken through its modules is what its command line writes."""
    from chromosight.cli import chromosight as command

    words = {"<contact_map>": str(inputs.contacts), "<prefix>": str(tmp_path / "own"), "--max-dist": str(60 * 5000)}
    switches = ("--dump", "--inter", "--kernel-config", "--tsvd", "--smooth-trend")
    auto = (
        "--iterations",
        "--min-dist",
        "--min-separation",
        "--pearson",
        "--perc-zero",
        "--perc-undetected",
        "--win-size",
    )
    fixed = {"--n-mads": "5", "--norm": "auto", "--pattern": "loops", "--subsample": "no", "--threads": "1",
             "--win-fmt": "json", "--no-plotting": True}  # fmt: skip
    with outside.quiet():
        command.cmd_detect(dict.fromkeys(switches) | dict.fromkeys(auto, "auto") | fixed | words)
    own = pd.read_csv(tmp_path / "own.tsv", sep="\t").query("chrom1 == 'chr3'")
    mine = seen[1].query("chrom1 == 'chr3'")
    theirs = set(zip(own["start1"], own["start2"], strict=True))
    assert set(zip(mine["start1"], mine["start2"], strict=True)) <= theirs
    assert len(theirs) - len(mine) <= 3  # those whose windows leave the split or the chromosome


def test_a_higher_correlation_calls_fewer_loops(planted, inputs, seen):
    middle = float(seen[1]["score"].median())
    _, few = callers.run_baseline("chromosight", planted.config, Chromosight(correlation=middle), inputs)
    assert 0 < len(few) < len(seen[1])


def test_a_map_without_loops_gives_scores_and_no_calls(planted, inputs):
    pytest.importorskip("chromosight")
    pixels, calls = callers.run_baseline("chromosight", planted.config, Chromosight(correlation=0.999), inputs)
    assert calls.empty
    assert (pixels["score"] != 0).mean() > 0.9


def test_chromosight_leaves_a_map_without_weights_as_it_is(planted, inputs, unbalanced):
    before = unbalanced.read_bytes()
    with pytest.raises(InputError, match=r"no balancing weights; chromosight needs them.*normalise\.balance"):
        callers.run_baseline("chromosight", planted.config, Chromosight(), replace(inputs, contacts=unbalanced))
    assert unbalanced.read_bytes() == before


def test_warning_filters_survive_chromosight(planted, inputs, seen):
    import warnings

    with pytest.warns(UserWarning, match="still heard"):
        warnings.warn("still heard", UserWarning, stacklevel=1)
    assert ("ignore", None, Warning, None, 0) not in warnings.filters


def test_a_map_is_sampled_once_for_each_pixel():
    corr_II = sparse.csr_matrix(np.array([[0, 0.5, 0], [0, 0, -0.25], [0, 0, 0]]))
    pixels = pd.DataFrame({"chrom": "c", "bin1": [0, 1, 0, 0], "bin2": [1, 2, 1, 2], "label": [1, 0, -1, -1]})
    assert outside.sample_map(corr_II, pixels)["score"].tolist() == [0.5, -0.25, 0]


# ---------------------------------------------------------------------------------------------------- mustache


def test_the_loops_mustache_found_are_called_and_scored(planted, inputs):
    pixels, calls = callers.run_baseline("mustache", planted.config, Mustache(), replace(inputs, contacts=TABLE))
    check_planted_loops_are_called(planted, pixels, calls, (0.9, 0.8, 0.9))
    assert (calls["score"] > -np.log10(Mustache().fdr)).all()
    assert calls["fdr"].between(0, 1).all()


def test_a_score_falls_with_the_bins_to_a_loop_and_the_better_loop_wins():
    loops = pd.DataFrame({"chrom": ["c", "c"], "bin1": [10, 12], "bin2": [20, 20], "score": [6.0, 1.0]})
    near = outside.spread(loops, 2).set_index(["chrom", "bin1", "bin2"])["score"]
    assert near["c", 10, 20] == 6
    assert near["c", 11, 20] == near["c", 9, 19] == 3
    assert near["c", 12, 22] == 2
    assert near["c", 14, 18] == 1 / 3
    assert ("c", 13, 23) not in near.index
    assert len(near) == 25 + 10


def test_no_loops_are_no_calls(planted, inputs, tmp_path):
    empty = tmp_path / "empty.tsv"
    empty.write_text(TABLE.read_text().splitlines()[0] + "\n")
    pixels, calls = callers.run_baseline("mustache", planted.config, Mustache(), replace(inputs, contacts=empty))
    assert calls.empty
    assert (pixels["score"] == 0).all()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("145000\t150000", "140000\t150000", "bins of 10000 bp, the tiles' are 5000 bp"),
        ("chr1\t145000", "1\t145000", "a loop lies on '1', the tiles have chr1, chr2, chr3"),
    ],
)
def test_loops_of_another_map_are_refused(planted, inputs, tmp_path, old, new, message):
    other = tmp_path / "other.tsv"
    other.write_text(TABLE.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        callers.run_baseline("mustache", planted.config, Mustache(), replace(inputs, contacts=other))
