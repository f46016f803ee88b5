from __future__ import annotations

import pytest

from chiasma.core.errors import ConfigError
from chiasma.schema.rooms import build_config
from chiasma.simulate.config import Config, file_names

CHROMOSOMES = {"chr1": 2_000_000}


def test_names_every_sample_and_keeps_truth_apart():
    names = file_names(Config(CHROMOSOMES, 1000, samples=("liver", "brain")))
    assert len(names) == len(set(names))
    for sample in ("liver", "brain"):
        assert {f"{sample}.mcool", f"{sample}.hic", f"{sample}.atac.bw", f"{sample}.chiapet.bedpe"} <= set(names)
        assert f"truth/{sample}.loops.bedpe" in names
    assert {"assembly.tsv", "genome.fa", "genes.bed", "truth/sites.bed"} <= set(names)


def test_hic_files_only_for_the_samples_asked_for():
    names = file_names(Config(CHROMOSOMES, 1000, contacts_hic=("beta",)))
    assert "beta.hic" in names
    assert "alpha.hic" not in names


def test_a_plant_has_its_own_tracks_and_truth_and_none_of_cohesins():
    names = file_names(Config(CHROMOSOMES, 1000, biology="plant", samples=("leaf",)))
    assert {"leaf.h3k27me3.bw", "leaf.h3k9me2.bw", "leaf.atac.bw", "truth/regions.bed"} <= set(names)
    assert {"truth/leaf.polycomb.bedpe", "truth/leaf.knots.bedpe", "truth/leaf.states.bed"} <= set(names)
    assert not any(word in name for name in names for word in ("ctcf", "chiapet", "loops", "domains"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"chromosomes": {"chr1": 100_000}}, "chr1"),
        ({"samples": ["a", "a"]}, "different names"),
        ({"contacts_hic": ["gamma"]}, "gamma"),
        ({"contacts_resolutions_bp": [10_000]}, "must hold resolution_bp 5000"),
        ({"contacts_resolutions_bp": [5000, 12_000]}, "12000"),
        ({"signal_bp": 30}, "does not divide"),
        ({"contacts_cis": 1.1}, "contacts_cis: expected a fraction"),
        ({"contacts_cis": 0.0}, "more than 0"),
        ({"label_false": 1.0}, "less than 1"),
        ({"ctcf_specific": -0.1}, "ctcf_specific"),
        ({"chromosomes": {}}, "found none"),
        ({"biology": "fungus"}, "biology"),
        ({"biology": "plant", "knot_gain": 0.5}, "knot_gain: expected at least 1"),
        ({"biology": "plant", "centre_fraction": 0.9}, "at most 0.6"),
        ({"biology": "plant", "centre_depletion": 0.0}, "centre_depletion"),
        ({"biology": "plant", "polycomb_networks": 0}, "polycomb_networks"),
        ({"biology": "plant", "chromosomes": {"chr1": 70_000_000}}, "14000 bins"),
        ({"depth": 3}, "unknown key 'depth'"),
    ],
)
def test_refuses_contradictions(values, message):
    with pytest.raises(ConfigError, match=message):
        build_config(Config, {"chromosomes": CHROMOSOMES, "contacts": 1000, **values}, "simulate")
