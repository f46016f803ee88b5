from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from chiasma.simulate import signal
from chiasma.simulate.config import Config

CONFIG = Config({"chr1": 2_000_000}, 1000)


def site(start, kind, strand="+", active=1.0, length=400):
    return {
        "chrom": "chr1",
        "start": start,
        "end": start + length,
        "kind": kind,
        "strand": strand,
        "strength": 1.0,
        "activity_alpha": active,
    }


def test_closed_sites_give_nothing_and_ctcf_chip_is_of_ctcf():
    sites = pd.DataFrame([site(100_000, "ctcf"), site(200_000, "ctcf", active=0.0), site(300_000, "enhancer")])
    heights = signal.site_heights(CONFIG, "chr1", "alpha", "ctcf", sites)
    assert heights[1] == 0
    assert heights[0] > 10 * heights[2]
    assert signal.site_heights(CONFIG, "chr1", "alpha", "h3k27ac", sites)[0] == 0


def test_peaks_hold_their_fragments_where_the_site_is():
    sites = pd.DataFrame([site(100_000, "enhancer")])
    background = np.full(40_000, 0.1)
    track = signal.expect_track(CONFIG, "h3k27ac", sites, np.array([80.0]), background) - background
    assert track.sum() == pytest.approx(80)
    assert track[2000 - 30 : 2000 + 40].sum() == pytest.approx(80)
    summits = np.flatnonzero(track == track.max()) * 50
    assert abs(summits - 100_200).min() > 200  # histones flank the open site


@pytest.mark.parametrize("assay", ["atac", "dnase", "ctcf", "h3k27ac"])
def test_orientation_leaves_no_mark(shared, assay):
    part = shared["chr1"]
    config = Config({"chr1": 2_600_000}, 1000, seed=3)
    turned = part.sites.assign(strand=part.sites.strand.map({"+": "-", "-": "+"}))
    background = signal.build_background(config, "chr1", "alpha", assay, part.compartments["alpha"], part.visibility)
    first, second = (
        signal.expect_track(
            config, assay, sites, signal.site_heights(config, "chr1", "alpha", assay, sites), background
        )
        for sites in (part.sites, turned)
    )
    np.testing.assert_array_equal(first, second)


def test_tracks_are_multiples_of_the_genome_mean():
    scaled = signal.scale_tracks({"chr1": np.array([1.0, 3]), "chr2": np.array([2.0, 2])})
    assert scaled["chr1"].tolist() == [0.5, 1.5]
    assert scaled["chr2"].tolist() == [1, 1]


def test_peak_calls_find_a_peak_and_leave_even_noise_alone():
    expected = np.full(40_000, 0.4)
    assert len(signal.call_peaks(CONFIG, "chr1", signal.draw_track(CONFIG, "chr1", "alpha", "atac", expected))) <= 6
    expected[20_000:20_006] += 8
    expected[30_000:30_006] += 8
    peaks = signal.call_peaks(CONFIG, "chr1", np.asarray(signal.draw_track(CONFIG, "chr1", "alpha", "atac", expected)))
    for place in (20_000, 30_000):
        hit = peaks[(peaks.start <= place * 50 + 150) & (peaks.end > place * 50 + 150)]
        assert len(hit) == 1
        assert 0 <= hit.summit.iloc[0] < hit.end.iloc[0] - hit.start.iloc[0]
    assert (peaks.start.to_numpy()[1:] > peaks.end.to_numpy()[:-1]).all()
