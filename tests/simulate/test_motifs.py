from __future__ import annotations

import numpy as np
import pytest

from chiasma.simulate.motifs import matrix, sample_instances


def test_instances_follow_the_matrix():
    frequencies = np.array([[0.7, 0.1, 0.1, 0.1], [0, 0.5, 0.5, 0], [0, 0, 0, 1.0]])
    codes, scores = sample_instances(frequencies, np.ones(4000, int), np.random.default_rng(0))
    for column in range(3):
        assert np.bincount(codes[:, column], minlength=4) / 4000 == pytest.approx(frequencies[column], abs=0.03)
    best = np.log2([0.7 / 0.25, 2, 4]).sum()
    assert scores.max() == pytest.approx(best)


def test_more_draws_give_better_instances():
    ctcf = matrix("MA0139.1")
    rng = np.random.default_rng(0)
    _, one = sample_instances(ctcf, np.ones(500, int), rng)
    _, six = sample_instances(ctcf, np.full(500, 6), rng)
    assert six.mean() > one.mean() + 2


def test_the_planted_motifs_stand_at_their_sites(shared):
    part = shared["chr1"]
    ctcf = part.motifs[part.motifs.name == "MA0139.1"].merge(
        part.sites, left_on="site", right_on="name", suffixes=("", "_site")
    )
    assert len(ctcf) == (part.sites.kind == "ctcf").sum()
    assert (ctcf.start == ctcf.start_site).all()
    assert (ctcf.strand == ctcf.strand_site).all()
    others = part.motifs[part.motifs.name != "MA0139.1"].merge(
        part.sites, left_on="site", right_on="name", suffixes=("", "_site")
    )
    assert ((others.start >= others.start_site) & (others.end <= others.end_site)).all()
    assert others.groupby("site").size().eq(3).all()
    gaps = part.motifs.start.to_numpy()[1:] - part.motifs.end.to_numpy()[:-1]
    assert (gaps >= 0).all()  # no motif overwrites another


def test_enhancers_of_one_cell_type_hold_its_factors(shared):
    part = shared["chr1"]
    enhancers = part.sites[part.sites.kind == "enhancer"]
    alpha = set(enhancers.name[(enhancers.activity_alpha > 0) & (enhancers.activity_beta == 0)])
    beta = set(enhancers.name[(enhancers.activity_alpha == 0) & (enhancers.activity_beta > 0)])
    factors = [set(part.motifs.name[part.motifs.site.isin(names)]) for names in (alpha, beta)]
    assert {"MA0035.5"} <= factors[0]
    assert "MA0035.5" not in factors[1]
    assert {"MA0080.7"} <= factors[1]
    assert "MA0080.7" not in factors[0]
