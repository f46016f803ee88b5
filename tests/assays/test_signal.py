"""Bin means, the three policies for missing values, and a track's quality."""

import numpy as np
import pyBigWig
import pytest

from chiasma.assays.signal import PARTIAL, SignalConfig, bin_means, normalise_track, track_quality
from chiasma.core.errors import ConfigError, InputError
from chiasma.genome.chromosomes import build_assembly
from chiasma.io.bigwig import read_bin_sums, read_chromosomes

ASSEMBLY = build_assembly("toy", {"chr1": 95, "chr2": 40}, {"chr1": ["1"], "chr2": ["2"]}, "test")
SUMS, COVERED, WIDTHS = np.array([30.0, 8.0, 2.0, 0.0]), np.array([10, 5, 4, 0]), np.array([10, 10, 10, 5])


def write_track(path, intervals, lengths=(("1", 95), ("2", 40))):
    if path.suffix == ".bw":
        with pyBigWig.open(str(path), "w") as file:
            file.addHeader(list(lengths))
            for name, start, end, value in intervals:
                file.addEntries([name], [start], ends=[end], values=[value])
    else:
        path.write_text("".join(f"{name}\t{start}\t{end}\t{value}\n" for name, start, end, value in intervals))
    return path


TRACK = [("1", 3, 20, 2.0), ("1", 20, 95, 1.0), ("2", 0, 15, 4.0)]


def test_policies_by_hand():
    np.testing.assert_allclose(bin_means(SUMS, COVERED, WIDTHS, "zero", "f"), [3, 0.8, 0.2, 0])
    np.testing.assert_allclose(bin_means(SUMS, COVERED, WIDTHS, "mask", "f"), [3, 1.6, np.nan, np.nan])
    within = bin_means(np.array([0, 6.0, 0, 4, 0]), np.array([0, 3, 0, 4, 0]), np.full(5, 10), "zero_inside", "f")
    np.testing.assert_allclose(within, [np.nan, 0.6, 0, 0.4, np.nan])
    nothing = bin_means(np.zeros(3), np.zeros(3), np.full(3, 10), "zero_inside", "f")
    assert np.isnan(nothing).all(), "a file without a value on a chromosome says nothing about it"
    with pytest.raises(InputError, match="f: 16 bases have no value, the first in bin 1 of 10 bp"):
        bin_means(SUMS, COVERED, WIDTHS, "error", "f")
    np.testing.assert_allclose(bin_means(SUMS, WIDTHS, WIDTHS, "error", "f"), [3, 0.8, 0.2, 0])


@pytest.mark.parametrize("suffix", ["bw", "bedGraph"])
@pytest.mark.parametrize("policy", ["zero", "mask"])
def test_written_track_is_the_mean_of_the_bases(tmp_path, suffix, policy):
    raw = write_track(tmp_path / f"t.{suffix}", TRACK)
    config = SignalConfig(("chr2", "chr1"), 10, {"ATAC": policy})
    quality = normalise_track(raw, ASSEMBLY, config, ("s", "ATAC"), tmp_path / "o.bw")
    sums, covered = read_bin_sums(tmp_path / "o.bw", "chr1", 10)
    np.testing.assert_allclose(sums[1:] / covered[1:], [2] + [1] * 8)
    assert covered.tolist() == [10] * 9 + [5]
    assert sums[0] / covered[0] == pytest.approx(1.4 if policy == "zero" else 2)
    sums, covered = read_bin_sums(tmp_path / "o.bw", "chr2", 10)
    assert covered.tolist() == ([10] * 4 if policy == "zero" else [10, 10, 0, 0])
    assert sums.tolist() == ([40, 20, 0, 0] if policy == "zero" else [40, 40, 0, 0])
    values = quality.set_index("metric")["value"]
    assert values["covered_fraction"] == pytest.approx((92 + 15) / 135)
    assert values["masked_bin_fraction"] == pytest.approx(0 if policy == "zero" else 2 / 14)


def test_the_policy_is_the_assays_own_and_zero_when_not_named(tmp_path):
    raw = write_track(tmp_path / "t.bw", TRACK)
    config = SignalConfig(("1",), 10, {"DNase": "error"})
    normalise_track(raw, ASSEMBLY, config, ("s", "ATAC"), tmp_path / "o.bw")
    with pytest.raises(InputError, match="DNase on chr1: 3 bases have no value"):
        normalise_track(raw, ASSEMBLY, config, ("s", "DNase"), tmp_path / "d.bw")
    assert not (tmp_path / "d.bw").exists()


@pytest.mark.parametrize(
    ("name", "track", "lengths", "message"),
    [
        ("t.bw", TRACK[:2], (("1", 95),), "chromosome 'chr2' of the study is absent"),
        ("t.bw", TRACK[:2], (("1", 95), ("2", 40)), "no value on chromosome 'chr2'"),
        ("t.bw", TRACK, (("1", 96), ("2", 40)), "'1' is 96 bp, but 'chr1' of toy is 95 bp"),
        ("t.bedGraph", TRACK[:2], (), "chromosome 'chr2' of the study is absent"),
        ("t.bedGraph", [*TRACK, ("2", 14, 20, 1.0)], (), "overlap"),
        ("t.bedGraph", [*TRACK, ("2", 30, 50, 1.0)], (), "chr2:30-50 ends beyond the chromosome's 40 bp"),
        ("t.wig", TRACK, (), "not a known signal file"),
    ],
)
def test_no_track_is_silently_empty_or_of_another_assembly(tmp_path, name, track, lengths, message):
    raw = write_track(tmp_path / name, track, lengths)
    with pytest.raises(InputError, match=message):
        normalise_track(raw, ASSEMBLY, SignalConfig(("chr1", "chr2"), 10), ("s", "ATAC"), tmp_path / "o.bw")
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("policy", PARTIAL)
@pytest.mark.parametrize(
    ("name", "lengths"),
    [("t.bw", (("1", 95),)), ("t.bw", (("1", 95), ("2", 40))), ("t.bedGraph", ())],
    ids=["not in the header", "without a value", "bedGraph"],
)
def test_a_chromosome_without_a_value_is_masked_when_the_policy_says_so(tmp_path, caplog, name, lengths, policy):
    raw = write_track(tmp_path / name, TRACK[:2], lengths)
    config = SignalConfig(("chr1", "chr2"), 10, {"ATAC": policy})
    quality = normalise_track(raw, ASSEMBLY, config, ("s", "ATAC"), tmp_path / "o.bw")
    assert read_chromosomes(tmp_path / "o.bw") == {"chr1": 95, "chr2": 40}
    assert read_bin_sums(tmp_path / "o.bw", "chr1", 10)[1].tolist() == [10] * 9 + [5]
    assert read_bin_sums(tmp_path / "o.bw", "chr2", 10)[1].tolist() == [0] * 4, "a zero would be a measurement"
    assert quality.set_index("metric")["value"]["chromosomes_without_values"] == 1
    assert "no value on chr2: masked" in caplog.text


def test_a_masked_track_still_has_a_value_somewhere_and_the_right_assembly(tmp_path):
    config = SignalConfig(("chr2",), 10, {"ATAC": "mask"})
    with pytest.raises(InputError, match="ATAC: no value on any chromosome of the study .chr2."):
        normalise_track(write_track(tmp_path / "t.bw", TRACK[:2]), ASSEMBLY, config, ("s", "ATAC"), tmp_path / "o.bw")
    raw = write_track(tmp_path / "u.bw", TRACK[:2], (("1", 96),))
    with pytest.raises(InputError, match="'1' is 96 bp, but 'chr1' of toy is 95 bp"):
        normalise_track(raw, ASSEMBLY, config, ("s", "ATAC"), tmp_path / "o.bw")
    assert not (tmp_path / "o.bw").exists()


def test_quality_of_a_track_by_hand():
    means = {"a": np.array([0.0] * 150 + [1.0] * 48 + [26.0] * 2), "b": np.full(50, np.nan)}
    quality = track_quality(means)
    assert quality == pytest.approx(
        {"masked_bin_fraction": 0.2, "zero_bin_fraction": 0.75, "mean": 0.5, "max": 26.0, "top_1_percent_share": 0.52}
    )
    assert np.isnan(track_quality({"a": np.array([-1.0, 1.0])})["top_1_percent_share"])


def test_unknown_policy_and_unit_name_the_nearest():
    with pytest.raises(ConfigError, match="unknown policy 'zeros'; did you mean 'zero'"):
        SignalConfig(("a",), 10, {"ATAC": "zeros"})
    with pytest.raises(ConfigError, match="unknown normalisation 'RPKM'"):
        SignalConfig(("a",), 10, bam_normalisation="RPKM")
