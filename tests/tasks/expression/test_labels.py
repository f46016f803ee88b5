"""Which windows are learnt from: one per bin where transcription starts, a grid between them, each drop with its reason."""

import dataclasses
import logging

import numpy as np
import pandas as pd
import pytest
from planted_profiles import BINS, CONFIG, LENGTH, RESOLUTION, STARTS, TILE, chromosome_arrays, genes, write

from chiasma.core.errors import ConfigError, InputError
from chiasma.schema.tables import EXAMPLES
from chiasma.tasks.expression.labels import build_examples, read, start_bins

NO_GRID = dataclasses.replace(CONFIG, background_stride_bins=None)


def starts(*places):
    """Return genes that start at these (chromosome, base)."""
    frame = pd.DataFrame(places, columns=["chrom", "start"])
    return frame.assign(end=frame["start"] + 1, name="gene", score=0.0, strand="+")


def reasons(arrays, splits, *bins, chrom="chr1", sample="a"):
    """Return the reason of the window at each of some bins where transcription starts."""
    places = [(chrom, bin_ * RESOLUTION) for bin_ in bins]
    found = build_examples(NO_GRID, arrays, splits, {sample: starts(*places, ("chr1", 70 * RESOLUTION))})
    own = found[found["chrom"] == chrom].set_index("bin1")
    return [own["reason"][bin_] for bin_ in bins]


def test_a_start_at_base_p_is_the_diagonal_window_of_its_bin(arrays, splits):
    found = build_examples(
        NO_GRID, arrays, splits, {"a": starts(("chr1", 40 * RESOLUTION), ("chr1", 60 * RESOLUTION - 1))}
    )
    assert list(found.columns) == EXAMPLES.names
    assert found[["bin1", "bin2"]].values.tolist() == [[40, 40], [59, 59]]
    assert found["source"].tolist() == ["tss", "tss"] and (found["label"] == 1).all() and found["kept"].all()
    assert (found["split"] == "train").all()


def test_genes_that_start_in_one_bin_share_a_window(arrays):
    found = start_bins(arrays, "a", genes())
    assert {chrom: bins.tolist() for chrom, bins in found.items()} == {
        chrom: sorted(set(bins)) for chrom, bins in STARTS.items()
    }


def test_the_grid_covers_each_chromosome_and_takes_no_bin_twice(examples):
    own = examples[(examples["sample"] == "a") & (examples["chrom"] == "chr1")]
    grid = set(range(TILE // 2, BINS, CONFIG.background_stride_bins))
    assert 40 in grid and 40 in STARTS["chr1"], "the toy has a start in a bin of the grid"
    assert set(own.loc[own["source"] == "background", "bin1"]) == grid - {40}
    assert not own.duplicated(["bin1"]).any()


def test_without_a_stride_there_is_no_grid(arrays, splits):
    assert set(build_examples(NO_GRID, arrays, splits, {"a": genes()})["source"]) == {"tss"}


@pytest.mark.parametrize(
    ("chrom", "bin_", "reason"),
    [
        ("chr1", 3, "leaves_chromosome"),
        ("chr1", BINS - 8, "leaves_chromosome"),  # the last bin is cut short
        ("chr1", 30, "masked_centre"),
        ("chr2", 100, "gap"),
        ("chr2", 85, "crosses_split"),
        ("chr1", 8, ""),
    ],
)
def test_windows_are_filtered_as_those_of_a_tileset(arrays, splits, chrom, bin_, reason):
    assert reasons(arrays, splits, bin_, chrom=chrom) == [reason]


def test_a_window_without_contacts_is_sparse(arrays, splits):
    strict = dataclasses.replace(NO_GRID, min_nonzero_fraction=1.0)
    place = {"a": starts(("chr1", 31 * RESOLUTION + 5 * RESOLUTION), ("chr1", 50 * RESOLUTION))}
    found = build_examples(strict, arrays, splits, place).set_index("bin1")
    assert found["reason"].to_dict() == {36: "sparse", 50: ""}  # bins 30 and 31 are masked


def test_a_sample_or_window_without_a_measurement_has_no_target(examples, tmp_path, splits):
    assert set(examples.loc[examples["sample"] == "c", "reason"]) >= {"no_target"}
    assert not examples.loc[examples["sample"] == "c", "kept"].any()
    assert examples.loc[examples["sample"] == "b", "kept"].any()
    made = chromosome_arrays()
    made["a", "chr1"]["targets"][42:58, 1] = np.nan
    arrays = write(tmp_path, made)
    assert reasons(arrays, splits, 50, 51) == ["no_target", ""]  # one bin of the second window is known


def test_the_rows_are_in_genomic_order(examples):
    keys = ["sample", "chrom", "bin1", "bin2"]
    pd.testing.assert_frame_equal(examples[keys], examples[keys].sort_values(keys).reset_index(drop=True))


def test_the_file_of_genes_is_read_with_its_starts(tmp_path):
    (tmp_path / "genes.bed").write_text("chr1\t12500\t12501\tALPHA\t0\t+\nchr1\t99\t100\tBETA\t0\t-\n")
    assert read(tmp_path / "genes.bed")[["chrom", "start", "end"]].values.tolist() == [
        ["chr1", 12500, 12501],
        ["chr1", 99, 100],
    ]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (starts(("chrX", 5)), r"sample 'a': no gene lies on chr1, chr2 \(chromosomes found: chrX\)"),
        (starts(("chr1", 5)).iloc[:0], "none: the file has no genes"),
        (starts(("chr1", LENGTH)), f"chr1:{LENGTH}-{LENGTH + 1} lies beyond the chromosome's end"),
        (starts(("chr1", 5)).assign(end=50), "chr1:5-50 is longer than the one base"),
    ],
)
def test_genes_that_cannot_be_placed_are_refused(arrays, splits, frame, said):
    with pytest.raises(InputError, match=said):
        build_examples(CONFIG, arrays, splits, {"a": frame})


def test_a_target_that_the_tileset_lacks_is_refused_with_those_it_has(arrays, splits):
    other = dataclasses.replace(CONFIG, target="cagee")
    with pytest.raises(ConfigError, match=r"unknown target 'cagee'; did you mean 'cage'\? \(known: cage, rna\)"):
        build_examples(other, arrays, splits, {"a": genes()})


@pytest.mark.parametrize("channel", [0, 2])
def test_a_channel_that_is_not_the_targets_is_refused(arrays, splits, channel):
    other = dataclasses.replace(CONFIG, channel=channel)
    with pytest.raises(
        ConfigError, match=rf"'cage' is number 1 of rna, cage, .* but channel is {channel}; set channel to 1"
    ):
        build_examples(other, arrays, splits, {"a": genes()})


def test_negative_signal_is_refused(tmp_path, splits):
    made = chromosome_arrays()
    made["b", "chr2"]["targets"][7, 1] = -0.5
    with pytest.raises(InputError, match=r"b chr2: cage is -0.5 in a bin"):
        build_examples(CONFIG, write(tmp_path, made), splits, {"b": genes()})


def test_without_a_window_to_train_on_the_reasons_are_said(arrays, splits):
    with pytest.raises(InputError, match=r"no window is left to train on \(of .*'no_target': .* has cage"):
        build_examples(CONFIG, arrays, splits, {"c": genes()})


def test_a_split_without_windows_is_warned_of(arrays, splits, caplog):
    logging.getLogger("chiasma").propagate = True
    with caplog.at_level(logging.WARNING, "chiasma"):
        build_examples(NO_GRID, arrays, splits, {"a": starts(("chr1", 250_000))})
    assert "no window lies in the valid split" in caplog.text and "in the test split" in caplog.text
