"""Loop callers of other projects as baselines: each finds loops by its own statistic, threshold and clustering.

They score the same pixels as a model; of their loops those count that lie where a model may call.

Axes: n pixels or loops, I bins of a chromosome.
"""

from __future__ import annotations

import io
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from chiasma.contracts import Inputs
from chiasma.core.errors import InputError
from chiasma.core.log import log, progress
from chiasma.tasks.loops.config import Chromosight, Config, Dots, Mustache
from chiasma.tasks.loops.decode import as_calls, fit_curve, score_pixels, select_pixels, valid_labels
from chiasma.tasks.loops.labels import pair_splits
from chiasma.tiles.index import window_splits
from chiasma.tiles.splits import NONE

TINY = 1e-300
FINEST_RECOMMENDED_BP = 4000  # below it cooltools recommends no backgrounds and stops
AT = ["chrom", "bin1", "bin2"]


def own_pixels(config: Config, inputs: Inputs) -> pd.DataFrame:
    """Return the pixels of the sample itself that a model would score; a threshold of one's own needs no other sample's labels."""
    pixels = select_pixels(config, inputs.arrays, inputs.splits, inputs.examples, inputs.sample)
    return pixels[pixels["sample"] == inputs.sample].reset_index(drop=True)


def conclude(
    config: Config, inputs: Inputs, pixels: pd.DataFrame, scores: pd.DataFrame, loops: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the PIXELS and CALLS tables of a caller that has a threshold of its own.

    Parameters
    ----------
    pixels : what to score, as `own_pixels` gives it
    scores : chrom bin1 bin2 score, each pixel once; a pixel that is not among them scores 0
    loops : chrom bin1 bin2 score pixels, the caller's own; those in valid or test at the task's distances become calls

    Notes
    -----
    The validation split sets no threshold here; it gives the calls their empirical FDR, as it does for a model.
    """
    lookup = scores.set_index(AT)["score"]

    def score(frame: pd.DataFrame) -> np.ndarray:
        return lookup.reindex(pd.MultiIndex.from_frame(frame[AT])).fillna(0).to_numpy()

    scored = score_pixels(pixels, score)
    calls = loops.assign(sample=inputs.sample, split=loop_splits(inputs, loops))
    distance = calls["bin2"] - calls["bin1"]
    calls = calls[
        calls["split"].isin(["valid", "test"]) & distance.between(config.min_distance_bins, config.max_distance_bins)
    ]
    curve = fit_curve(calls[calls["split"] == "valid"], valid_labels(scored), config.tolerance_bins)
    return scored, as_calls(calls, curve, inputs.arrays.meta)


def loop_splits(inputs: Inputs, loops: pd.DataFrame) -> np.ndarray:
    """Return the split of each loop (n,), "none" where its windows lie in no single one."""
    found = np.full(len(loops), NONE, object)
    for chrom, rows in loops.groupby("chrom").indices.items():
        own = loops.iloc[rows]
        found[rows] = pair_splits(
            window_splits(inputs.arrays, inputs.splits, chrom), own["bin1"].to_numpy(), own["bin2"].to_numpy()
        )
    return found


def open_balanced(path: Path, caller: str) -> Any:
    """Return the cooler at ``path``; InputError when it has no balancing weights, which ``caller`` needs."""
    import cooler

    source = cooler.Cooler(str(path))
    if "weight" not in source.bins().columns:
        raise InputError(
            f"{path}: no balancing weights; {caller} needs them, so balance the study (normalise.balance) or leave {caller} out"
        )
    return source


# -------------------------------------------------------------------------------------------------------- dots


def run_dots(config: Config, numbers: Dots, inputs: Inputs) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run cooltools dots on the chromosomes with valid or test regions, with its own threshold, clustering and filters.

    A pixel's score is -log10 of its largest q-value over the backgrounds where the tool finds it significant, else 0.
    """
    pixels = own_pixels(config, inputs)
    significant, centroids = significant_dots(config, numbers, inputs, sorted(pixels["chrom"].unique()))
    return conclude(config, inputs, pixels, significant, centroids)


def significant_dots(
    config: Config, numbers: Dots, inputs: Inputs, chroms: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return cooltools' significant pixels and its clustered, filtered calls, both with chrom bin1 bin2 score pixels.

    InputError when the cooler is not balanced or cooltools fails on it.
    """
    from cooltools.api import dotfinder

    pixels = run_cooltools(config, numbers, inputs, chroms)
    if pixels.empty:
        log.warning("dots: cooltools finds no significant pixel in sample '%s'", inputs.sample)
        return as_pixels(pixels, inputs.arrays.meta.resolution_bp), as_pixels(pixels, inputs.arrays.meta.resolution_bp)
    clusters = dotfinder.clustering_step(
        pixels.assign(region=pixels["chrom1"]), numbers.clustering_bins * inputs.arrays.meta.resolution_bp
    )
    calls = dotfinder.cluster_filtering_hiccups(clusters.reset_index(drop=True))
    return as_pixels(pixels, inputs.arrays.meta.resolution_bp), as_pixels(calls, inputs.arrays.meta.resolution_bp)


def run_cooltools(config: Config, numbers: Dots, inputs: Inputs, chroms: list[str]) -> pd.DataFrame:
    """Return cooltools' significant pixels before clustering; InputError explains the ways in which the tool is known to fail."""
    import cooltools

    source = open_balanced(inputs.contacts, "dots")
    sizes = source.chromsizes.loc[[chrom for chrom in source.chromnames if chrom in set(chroms)]]
    view = pd.DataFrame({"chrom": sizes.index, "start": 0, "end": sizes.to_numpy(), "name": sizes.index})
    limit = config.max_distance_bins * inputs.arrays.meta.resolution_bp
    try:
        expected = cooltools.expected_cis(source, view_df=view, nproc=numbers.processes)
        return cooltools.dots(
            source, expected, view_df=view, kernels=dots_kernels(source.binsize), max_loci_separation=limit, max_nans_tolerated=numbers.max_missing,
            n_lambda_bins=numbers.lambda_bins, lambda_bin_fdr=numbers.fdr, clustering_radius=None, nproc=numbers.processes,
        )  # fmt: skip
    except (ValueError, KeyError, IndexError, RuntimeError, AssertionError) as error:
        raise InputError(
            f"{inputs.contacts}: cooltools dots failed ({type(error).__name__}: {error}). It is known to fail on counts beyond its "
            "largest lambda bin (raise lambda_bins, at most 50) and on maps with hardly any valid bin; or leave dots out of the task's baselines"
        ) from error


def dots_kernels(resolution_bp: int) -> dict[str, np.ndarray]:
    """Return the four backgrounds that cooltools recommends; bins below 4 kb, on which it has no word, get its widest."""
    from cooltools.api.dotfinder import recommend_kernels

    return recommend_kernels(max(resolution_bp, FINEST_RECOMMENDED_BP))


def as_pixels(frame: pd.DataFrame, resolution_bp: int) -> pd.DataFrame:
    """Return cooltools' rows as chrom bin1 bin2 score pixels; the score is -log10 of the largest q-value of the backgrounds."""
    largest = frame.filter(regex=r"^la_exp\..*\.qval$").max(axis=1).to_numpy(np.float64)
    return pd.DataFrame(
        {
            "chrom": frame["chrom1"].astype(str).to_numpy(),
            "bin1": frame["start1"].to_numpy(np.int64) // resolution_bp,
            "bin2": frame["start2"].to_numpy(np.int64) // resolution_bp,
            "score": -np.log10(np.maximum(largest, TINY)),
            "pixels": frame["c_size"].to_numpy(np.int64) if "c_size" in frame else 1,
        }
    )


# ------------------------------------------------------------------------------------------------- chromosight


def run_chromosight(config: Config, numbers: Chromosight, inputs: Inputs) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run Chromosight's detection on the chromosomes with valid or test regions (Matthey-Doret et al. 2020).

    A pixel's score is the correlation of the map around it with the kernel, which the tool takes at every pixel; its loops are
    the best pixels of the foci beyond its threshold, less those it drops for too many empty or masked pixels around them.
    """
    pixels = own_pixels(config, inputs)
    open_balanced(inputs.contacts, "chromosight")  # without weights the tool balances the map and writes into the file
    chroms = sorted(pixels["chrom"].unique())
    try:
        with quiet():
            maps, limits, separation = chromosight_maps(config, numbers, inputs, chroms)
            found = [correlate(maps[chrom], limits, separation) for chrom in progress(chroms, "chromosight")]
    except (ValueError, KeyError, IndexError, TypeError, RuntimeError) as error:
        raise InputError(
            f"{inputs.contacts}: chromosight failed ({type(error).__name__}: {error}); it needs pandas below 3 and maps wider than its "
            "kernel, or leave chromosight out of the task's baselines"
        ) from error
    scores = [
        sample_map(corr_II, own)
        for (corr_II, _), (_, own) in zip(found, pixels.groupby("chrom", sort=True), strict=True)
    ]
    loops = [own.assign(chrom=chrom) for chrom, (_, own) in zip(chroms, found, strict=True)]
    return conclude(config, inputs, pixels, pd.concat(scores), pd.concat(loops, ignore_index=True))


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Chromosight's progress bars out of the log, and its change of all warning filters to itself."""
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        import chromosight.utils.detection  # noqa: F401  (it sets a filter on its first import)

        warnings.simplefilter("ignore")
        yield


def chromosight_maps(
    config: Config, numbers: Chromosight, inputs: Inputs, chroms: list[str]
) -> tuple[dict[str, Any], dict[str, Any], int]:
    """Return Chromosight's maps by chromosome, its kernel with all its limits, and the least separation of loops in bins."""
    from chromosight.utils.contacts_map import HicGenome
    from chromosight.utils.io import load_kernel_config

    resolution = inputs.arrays.meta.resolution_bp
    limits = load_kernel_config(numbers.kernel, False) | {
        "max_dist": config.max_distance_bins * resolution,
        "pearson": numbers.correlation,
        "max_perc_zero": numbers.max_zero_percent,
        "max_perc_undetected": numbers.max_masked_percent,
    }
    genome = HicGenome(str(inputs.contacts), kernel_config=limits)
    genome.normalize()
    genome.make_sub_matrices()
    maps = {row.chr1: row.contact_map for row in genome.sub_mats.itertuples() if row.chr1 in set(chroms)}
    return maps, limits, max(numbers.min_separation_bp // resolution, 1)


def correlate(contact_map: Any, limits: dict[str, Any], separation: int) -> tuple[sparse.csr_matrix, pd.DataFrame]:
    """Return one chromosome's correlation with the kernel (I, I), 0 off the band, and its loops: bin1 bin2 score pixels.

    The tool hands out the map only as a dump of its steps; a map without foci, or no wider than the kernel, has no loops.
    """
    from chromosight.utils.detection import pattern_detector, remove_neighbours

    contact_map.create_mat()
    with tempfile.TemporaryDirectory() as folder:
        kernel = limits["kernels"][0]
        loops, _ = pattern_detector(contact_map, limits, kernel, dump=folder, full=True)
        steps = {path.stem.rsplit("_", 1)[-1]: sparse.load_npz(path) for path in Path(folder).glob("*.npz")}
    corr_II = steps.get("normxcorr2", sparse.csr_matrix(contact_map.matrix.shape)).tocsr()
    corr_II.data = np.nan_to_num(corr_II.data)
    contact_map.destroy_mat()
    if loops is None or loops.empty:
        return corr_II, pd.DataFrame({"bin1": [], "bin2": [], "score": [], "pixels": []}, dtype=np.int64)
    loops = loops.reset_index(drop=True)
    loops = loops[remove_neighbours(loops, separation) & loops["pvalue"].notna()]
    sizes, focus_II = np.bincount(steps["foci"].data), steps["foci"].tocsr()
    focus = np.asarray(focus_II[loops["bin1"].to_numpy(), loops["bin2"].to_numpy()]).ravel()
    return corr_II, loops[["bin1", "bin2", "score"]].assign(pixels=sizes[focus])


def sample_map(corr_II: sparse.csr_matrix, pixels: pd.DataFrame) -> pd.DataFrame:
    """Return chrom bin1 bin2 score of one chromosome's ``pixels``, each once."""
    once = pixels[AT].drop_duplicates()
    return once.assign(score=np.asarray(corr_II[once["bin1"].to_numpy(), once["bin2"].to_numpy()]).ravel())


# ---------------------------------------------------------------------------------------------------- mustache


def run_mustache(config: Config, numbers: Mustache, inputs: Inputs) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take the loops that Mustache found, as `chiasma call_mustache` left them (Roayaei Ardakany et al. 2020).

    The program tells no more than the best pixel of each loop and its FDR. A loop's score is -log10 of that; a pixel within
    the task's tolerance of a loop has the loop's score divided by one more than the bins between them, any other 0.
    """
    pixels = own_pixels(config, inputs)
    loops = mustache_loops(inputs)
    loops = loops[loops["chrom"].isin(pixels["chrom"])]
    return conclude(config, inputs, pixels, spread(loops, config.tolerance_bins), loops)


def mustache_loops(inputs: Inputs) -> pd.DataFrame:
    """Return Mustache's loops as chrom bin1 bin2 score pixels, each one pixel; InputError when they are of another map."""
    from chiasma.io.mustache import read_mustache

    found, meta = read_mustache(inputs.contacts), inputs.arrays.meta
    widths = sorted({*(found["end1"] - found["start1"]), *(found["end2"] - found["start2"])} - {meta.resolution_bp})
    if widths:
        raise InputError(
            f"{inputs.contacts}: bins of {widths[0]} bp, the tiles' are {meta.resolution_bp} bp: call again on the study's own map"
        )
    strange = sorted({*found["chrom1"], *found["chrom2"]} - set(meta.chromosomes))
    if strange:
        raise InputError(
            f"{inputs.contacts}: a loop lies on '{strange[0]}', the tiles have {', '.join(meta.chromosomes)}: call again on the study's own map"
        )
    bins = np.sort(found[["start1", "start2"]].to_numpy() // meta.resolution_bp, axis=1)
    score = -np.log10(np.maximum(found["fdr"].to_numpy(), TINY))
    frame = pd.DataFrame(
        {"chrom": found["chrom1"], "bin1": bins[:, 0], "bin2": bins[:, 1], "score": score, "pixels": 1}
    )
    return frame[(found["chrom1"] == found["chrom2"])].reset_index(drop=True)


def spread(loops: pd.DataFrame, reach: int) -> pd.DataFrame:
    """Return chrom bin1 bin2 score of the pixels within ``reach`` bins of a loop in both anchors, the best where loops meet."""
    side = np.arange(-reach, reach + 1)
    frames = [
        loops.assign(
            bin1=loops["bin1"] + row, bin2=loops["bin2"] + col, score=loops["score"] / (1 + max(abs(row), abs(col)))
        )
        for row in side
        for col in side
    ]
    return pd.concat(frames).groupby(AT, as_index=False)["score"].max()
