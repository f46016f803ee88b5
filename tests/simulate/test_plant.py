"""The planted truth of a plant-like genome is recovered from the written files, opened by the formats' own libraries."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cooler
import hictkpy
import numpy as np
import pandas as pd
import pyBigWig
import pytest

from chiasma.io.bedpe import read_bedpe
from chiasma.simulate.chromosome import Chromosome
from chiasma.simulate.config import Config, file_names
from chiasma.simulate.landscape import affinity, build_landscape
from chiasma.simulate.study import build_genome
from chiasma.simulate.writer import write_study

BIN = 5000
CONFIG = Config(
    {"Chr1": 3_200_000, "Chr2": 2_600_000}, 3_000_000, biology="plant", samples=("leaf", "root"), contacts_hic=("root",),
    contacts_cis=0.8, signal_bp=100, promoter_spacing_bp=20_000, seed=6,
)  # fmt: skip


@dataclass(frozen=True)
class Plant:
    """A written plant, its chromosomes in memory, and observed over expected of its first sample."""

    folder: Path
    genome: dict[str, Chromosome]
    oe: dict[tuple[str, str], np.ndarray]

    def table(self, name: str) -> pd.DataFrame:
        """Return a file with a header line."""
        frame = pd.read_csv(self.folder / name, sep="\t")
        return frame.rename(columns={frame.columns[0]: frame.columns[0].lstrip("#")})

    def track(self, assay: str, chrom: str) -> np.ndarray:
        """Return a track of the first sample, per base."""
        with pyBigWig.open(str(self.folder / f"leaf.{assay}.bw")) as file:
            return np.nan_to_num(file.values(chrom, 0, CONFIG.chromosomes[chrom], numpy=True))


@pytest.fixture(scope="module")
def plant(tmp_path_factory) -> Plant:
    folder = tmp_path_factory.mktemp("plant")
    write_study(CONFIG, folder)
    genome = build_genome(CONFIG)
    clr = cooler.Cooler(f"{folder}/leaf.mcool::resolutions/{BIN}")
    oe = {(a, b): over_expected(clr, genome, a, b) for a, b in (("Chr1", "Chr1"), ("Chr2", "Chr2"), ("Chr1", "Chr2"))}
    return Plant(folder, genome, oe)


def over_expected(clr, genome, first, second):
    """Return contacts over their mean at each distance, or over all pairs between chromosomes; nan where hardly seen."""
    seen = [np.where(genome[name].visibility > 0.3, genome[name].visibility, np.nan) for name in (first, second)]
    flat = clr.matrix(balance=False).fetch(first, second) / np.outer(*seen)
    if first != second:
        return flat / np.nanmean(flat)
    distance = np.abs(np.subtract.outer(np.arange(len(flat)), np.arange(len(flat))))
    known = np.isfinite(flat)
    total, pairs = (np.bincount(distance[known], weights) for weights in (flat[known], np.ones(known.sum())))
    expected = np.full(len(flat), np.nan)
    expected[: len(total)] = np.divide(total, pairs, out=np.full(len(total), np.nan), where=total > 0)
    return flat / expected[distance]


def in_centre(part):
    """Return which bins are well inside the centre, and which are well on the arms."""
    centre = part.regions[part.regions.kind == "centre"].iloc[0]
    start = np.arange(len(part.visibility)) * BIN
    inside = (start >= centre.start + 80_000) & (start < centre.end - 80_000)
    return inside, (start < centre.start - 80_000) | (start > centre.end + 80_000)


def middle_bins(pairs):
    """Return the middle bins of both ends of pairs, (n, 2)."""
    return np.stack([(pairs.start1 + pairs.end1) // 2 // BIN, (pairs.start2 + pairs.end2) // 2 // BIN], axis=1)


def around(plant, pairs, reach=0, shift=0):
    """Return mean observed over expected within ``reach`` bins of the pairs' middles, both ends moved by ``shift`` bins."""
    values = []
    for (first, second), own in pairs.groupby(["chrom1", "chrom2"]):
        oe = plant.oe[first, second]
        for i, j in middle_bins(own) + shift:
            if reach <= i < oe.shape[0] - reach and reach <= j < oe.shape[1] - reach:
                values.append(oe[i - reach : i + reach + 1, j - reach : j + reach + 1].ravel())
    return np.nanmean(values)


def test_writes_what_it_promises_and_nothing_else(plant):
    found = {str(path.relative_to(plant.folder)) for path in plant.folder.rglob("*") if path.is_file()}
    assert found == set(file_names(CONFIG))
    assert not any("chiapet" in name or "loops" in name or "ctcf" in name for name in found)


@pytest.mark.parametrize("chrom", CONFIG.chromosomes)
def test_centres_are_dense_inside_and_shun_the_arms(plant, chrom):
    inside, arm = in_centre(plant.genome[chrom])
    oe = plant.oe[chrom, chrom]
    place = np.arange(len(oe))
    distance = np.abs(np.subtract.outer(place, place)) * BIN
    far = (distance > 200_000) & (distance < 500_000)
    within, across, arms = (
        np.nanmean(oe[far & pairs])
        for pairs in (np.outer(inside, inside), np.outer(inside, arm) | np.outer(arm, inside), np.outer(arm, arm))
    )
    assert within > 1.4 * arms
    assert across < 0.75 * arms
    assert within > 2.0 * across


def test_centres_of_two_chromosomes_touch_and_shun_the_other_arms(plant):
    (centre1, arm1), (centre2, arm2) = (in_centre(part) for part in plant.genome.values())
    oe = plant.oe["Chr1", "Chr2"]
    arms = np.nanmean(oe[np.ix_(arm1, arm2)])
    assert np.nanmean(oe[np.ix_(centre1, centre2)]) > 0.8 * CONFIG.centre_trans * arms
    assert np.nanmean(oe[np.ix_(centre1, arm2)]) < 1.25 * CONFIG.centre_depletion * arms


def test_polycomb_pairs_stand_out_of_their_distance_within_and_between_chromosomes(plant):
    pairs = plant.table("truth/leaf.polycomb.bedpe")
    cis = pairs.chrom1 == pairs.chrom2
    assert cis.sum() > 15
    assert (~cis).sum() > 15
    for own in (pairs[cis], pairs[~cis]):
        beside = np.mean([around(plant, own, shift=shift) for shift in (-12, -8, 8, 12)])
        assert around(plant, own) > 1.8 * beside
    assert around(plant, pairs[cis & (pairs.start2 - pairs.start1 > 500_000)]) > 1.8  # as well over a long range


def test_a_pairs_strength_is_what_its_network_adds_to_the_expected_map(plant):
    pairs = plant.table("truth/leaf.polycomb.bedpe")
    place = np.arange(len(plant.genome["Chr1"].visibility))
    distance = np.abs(np.subtract.outer(place, place)) * float(BIN)
    part = plant.genome["Chr1"]
    with_it, without = (
        build_landscape(
            CONFIG, "leaf", part.regions.assign(strength=part.regions.strength * scale), np.zeros(len(place))
        )
        for scale in (1, 0)
    )
    ratio = affinity(CONFIG, with_it, with_it, distance) / affinity(CONFIG, without, without, distance)
    wide = (pairs.end1 - pairs.start1 >= 2 * BIN) & (
        pairs.end2 - pairs.start2 >= 2 * BIN
    )  # each holds a whole bin's middle
    own = pairs[wide & (pairs.chrom1 == "Chr1") & (pairs.chrom2 == "Chr1")]
    assert len(own) > 5
    found = [ratio[i - 1 : i + 2, j - 1 : j + 2].max() for i, j in middle_bins(own)]
    np.testing.assert_allclose(found, own.strength, rtol=0.15)
    assert np.corrcoef(found, own.strength)[0, 1] > 0.9


def test_a_domain_of_the_other_cell_type_touches_nothing(plant):
    leaf, root = (plant.table(f"truth/{sample}.polycomb.bedpe") for sample in CONFIG.samples)
    columns = ["chrom1", "start1", "chrom2", "start2"]
    only = root.merge(leaf[columns], on=columns, how="left", indicator=True).query("_merge == 'left_only'")
    assert len(only) > 10
    assert around(plant, only) == pytest.approx(
        np.mean([around(plant, only, shift=shift) for shift in (-8, 8)]), rel=0.25
    )


def test_knots_are_the_strongest_long_range_contacts(plant):
    knots = plant.table("truth/leaf.knots.bedpe")
    cis = knots[knots.chrom1 == knots.chrom2]
    assert len(cis) == 2
    assert len(knots) == 6
    assert around(plant, knots) > 4
    assert around(plant, knots) > 1.5 * around(plant, plant.table("truth/leaf.polycomb.bedpe"))


def test_ctcf_like_motifs_are_there_and_bring_no_contacts(plant):
    sites = plant.table("truth/sites.bed")
    motifs = plant.table("truth/motifs.bed")
    ctcf = sites[sites.kind == "ctcf"]
    assert len(ctcf) > 40
    assert (motifs.name == CONFIG.motif_ctcf).sum() == len(ctcf)
    assert not ctcf[["strength", "activity_leaf", "activity_root"]].to_numpy().any()
    rows = []
    for chrom, own in ctcf.groupby("chrom"):
        forward, reverse = (own.start[own.strand == strand].to_numpy() for strand in "+-")
        rows += [(chrom, a, a, chrom, b, b) for a in forward for b in reverse if 50_000 < b - a < 600_000]
    pairs = pd.DataFrame(rows, columns=["chrom1", "start1", "end1", "chrom2", "start2", "end2"])
    assert len(pairs) > 100
    beside = np.mean([around(plant, pairs, 1, shift) for shift in (-8, 8)])
    assert around(plant, pairs, 1) == pytest.approx(beside, rel=0.12)  # a vertebrate's loops: 1.6 times as many
    atac = {chrom: plant.track("atac", chrom) for chrom in CONFIG.chromosomes}
    closed = [atac[row.chrom][row.start - 100 : row.end + 100].mean() for row in ctcf.itertuples()]
    assert np.median(closed) < 1.5


def test_broad_marks_cover_their_regions(plant):
    regions = plant.table("truth/regions.bed")
    for chrom in CONFIG.chromosomes:
        polycomb, h3k9 = plant.track("h3k27me3", chrom), plant.track("h3k9me2", chrom)
        own = regions[regions.chrom == chrom]
        inside, arm = (np.repeat(bins, BIN)[: len(h3k9)] for bins in in_centre(plant.genome[chrom]))
        seen = np.repeat(plant.genome[chrom].visibility > 0, BIN)[: len(h3k9)]
        assert h3k9[inside & seen].mean() > 2 * h3k9[arm & seen].mean()
        for row in own[own.kind == "knot"].itertuples():
            assert h3k9[row.start : row.end].mean() > 2 * h3k9[arm & seen].mean()
        domains = own[own.kind == "polycomb"]
        level = np.array([polycomb[row.start : row.end].mean() for row in domains.itertuples()])
        there = domains.activity_leaf.to_numpy() > 0
        assert np.median(level[there]) > 3 * np.median(polycomb[arm & seen])
        assert there.all() or level[~there].mean() < 0.5 * level[there].mean()


def test_genes_are_rare_in_the_centre_and_silent_in_polycomb_domains(plant):
    genes, regions = plant.table("truth/leaf.expression.tsv"), plant.table("truth/regions.bed")

    def lie_in(kind):
        own = regions[(regions.kind == kind) & (regions.activity_leaf > 0)]
        return np.array(
            [
                ((own.chrom == row.chrom) & (own.start <= row.start) & (row.start < own.end)).any()
                for row in genes.itertuples()
            ]
        )

    centre, silent = lie_in("centre"), lie_in("polycomb")
    share = (regions.end - regions.start)[regions.kind == "centre"].sum() / sum(CONFIG.chromosomes.values())
    assert centre.mean() < 0.3 * share
    assert silent.sum() > 5
    assert genes.tpm[silent].median() < 0.3 * genes.tpm[~silent & ~centre].median()


def test_states_name_every_bin_once(plant):
    names = ["chrom", "start", "end", "state"]
    states = pd.read_csv(plant.folder / "truth/leaf.states.bed", sep="\t", names=names)
    assert set(states.state) == {"Active", "Heterochromatin", "Polycomb_like", "Telomere", "Undetermined"}
    for chrom, own in states.groupby("chrom"):
        assert own.start.tolist() == list(range(0, CONFIG.chromosomes[chrom], BIN))
        assert own.end.iloc[-1] == CONFIG.chromosomes[chrom]
        inside, _ = in_centre(plant.genome[chrom])
        assert (own.state.to_numpy()[inside] == "Heterochromatin").all()


def test_true_pairs_are_far_enough_apart_of_one_network_and_readable(plant):
    regions = plant.table("truth/regions.bed").set_index(["chrom", "start"])
    for name in ("polycomb", "knots"):
        path = f"truth/leaf.{name}.bedpe"
        pairs = plant.table(path)
        assert len(read_bedpe(plant.folder / path)) == len(pairs)
        cis = pairs[pairs.chrom1 == pairs.chrom2]
        assert ((cis.start2 + cis.end2 - cis.start1 - cis.end1) / 2 >= CONFIG.polycomb_min_distance_bp).all()
        for row in pairs.itertuples():
            first, second = regions.loc[row.chrom1, row.start1], regions.loc[row.chrom2, row.start2]
            assert first.network == second.network == row.network
            assert first.activity_leaf == second.activity_leaf == 1


def test_hic_and_mcool_hold_the_same_contacts(plant):
    clr = cooler.Cooler(f"{plant.folder}/root.mcool::resolutions/{BIN}")
    assert clr.info["sum"] == hictkpy.File(str(plant.folder / "root.hic"), BIN).fetch().sum()
    cis = sum(clr.matrix(balance=False, sparse=True).fetch(chrom).sum() for chrom in clr.chromnames)
    diagonal = sum(np.trace(clr.matrix(balance=False).fetch(chrom)) for chrom in clr.chromnames)
    assert (cis + diagonal) / 2 / clr.info["sum"] == pytest.approx(CONFIG.contacts_cis, abs=0.01)
    assert clr.info["sum"] == pytest.approx(CONFIG.contacts, rel=0.02)
