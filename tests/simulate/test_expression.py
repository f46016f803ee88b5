from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from chiasma.simulate.config import Config
from chiasma.simulate.contacts import decay
from chiasma.simulate.expression import build_expression, build_genes, enhancer_input, per_million

CONFIG = Config({"chr1": 2_000_000}, 1000, expression_noise=0.0)
BAND = np.tile(decay(CONFIG, np.arange(250)), (400, 1)).astype(np.float32)


def table(rows):
    columns = ["start", "kind", "strength", "activity_alpha"]
    sites = pd.DataFrame(rows, columns=columns).assign(chrom="chr1", strand="+")
    return sites.assign(end=sites.start + 400, name=[f"{kind}_{place}" for place, kind in enumerate(sites.kind)])


def test_near_and_active_enhancers_count():
    sites = table([(500_000, "promoter", 1, 1), (550_000, "enhancer", 1, 1), (1_500_000, "promoter", 1, 1)])
    near, far = enhancer_input(CONFIG, sites, "alpha", BAND)
    assert near / far == pytest.approx(decay(CONFIG, np.array([10]))[0] / decay(CONFIG, np.array([190]))[0], rel=1e-4)
    closed = enhancer_input(CONFIG, sites.assign(activity_alpha=[1, 0, 1]), "alpha", BAND)
    assert closed.tolist() == [0, 0]


def test_evenly_spread_enhancers_give_one():
    rows = [(place, "enhancer", 1, 1) for place in range(3000, 1_990_000, CONFIG.enhancer_spacing_bp)]
    usual = enhancer_input(CONFIG, table([*rows, (1_000_000, "promoter", 1, 1)]), "alpha", BAND)
    assert usual[0] == pytest.approx(1, rel=0.1)


def test_expression_needs_the_promoter_and_grows_with_enhancers():
    sites = table(
        [
            (500_000, "promoter", 1, 1),
            (520_000, "enhancer", 2, 1),
            (1_500_000, "promoter", 1, 1),
            (1_800_000, "promoter", 1, 0),
        ]
    )
    genes = build_expression(CONFIG, "chr1", "alpha", sites, BAND)
    assert genes.level[0] > genes.level[1] > 0
    assert genes.level[2] == 0
    assert per_million({"chr1": genes}).tpm.sum() == pytest.approx(1e6, abs=0.01)


def test_genes_are_single_bases_inside_their_promoters():
    genes = build_genes(table([(500_000, "promoter", 1, 1), (520_000, "enhancer", 2, 1)]))
    assert genes[["start", "end"]].to_numpy().tolist() == [[500_200, 500_201]]
    assert genes.name.tolist() == ["gene_0"]
