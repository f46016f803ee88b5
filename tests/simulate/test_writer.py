"""The planted truth is recovered from the written files, opened by the formats' own libraries."""

from __future__ import annotations

from dataclasses import replace

import cooler
import hictkpy
import numpy as np
import pandas as pd
import pyBigWig
import pytest

from chiasma.io.assembly import read_assembly
from chiasma.io.bedpe import read_bedpe
from chiasma.io.fasta import read_fasta
from chiasma.simulate.config import Config, file_names
from chiasma.simulate.motifs import matrix
from chiasma.simulate.writer import write_study

COMPLEMENT = str.maketrans("ACGT", "TGCA")
BIN = 5000


def log_odds(sequence, name):
    codes = np.array(["ACGT".index(base) for base in sequence])
    return np.log2(np.maximum(matrix(name), 1e-4) / 0.25)[np.arange(len(codes)), codes].sum()


@pytest.fixture(scope="module")
def maps(written):
    """Raw cis contacts, chromosome -> (n_bins, n_bins), of each sample, from .mcool."""
    found = {}
    for sample in written.config.samples:
        clr = cooler.Cooler(f"{written.folder}/{sample}.mcool::resolutions/{BIN}")
        found[sample] = {chrom: clr.matrix(balance=False).fetch(chrom).astype(float) for chrom in clr.chromnames}
    return found


def over_expected(matrix_):
    seen = matrix_.sum(axis=0)
    seen = seen / np.median(seen[seen > 0])
    seen = np.where(seen > 0.2, seen, np.nan)
    flat = matrix_ / np.sqrt(np.outer(seen, seen))
    known = np.isfinite(flat)
    bins = np.arange(len(flat))
    total, pairs = (
        np.bincount(np.abs(np.subtract.outer(bins, bins))[known], weights)
        for weights in (flat[known], np.ones(known.sum()))
    )
    expected = np.divide(total, pairs, out=np.full(len(total), np.nan), where=total > 0)
    expected = np.pad(expected, (0, len(flat) - len(expected)), constant_values=np.nan)
    return flat / expected[np.abs(np.subtract.outer(bins, bins))]


def test_writes_what_it_promises_and_nothing_else(written):
    found = {str(path.relative_to(written.folder)) for path in written.folder.rglob("*") if path.is_file()}
    assert found == set(file_names(written.config))


def test_assembly_knows_both_ways_of_naming(written):
    assembly = read_assembly(written.folder / "assembly.tsv")
    assert assembly.lengths == written.config.chromosomes
    assert assembly.resolve("2", "test") == assembly.resolve("chr2", "test") == "chr2"


def test_ctcf_motifs_in_the_sequence_point_as_the_truth_says(written):
    genome = read_fasta(written.folder / "genome.fa")
    assert {chrom: len(sequence) for chrom, sequence in genome.items()} == written.config.chromosomes
    sites = written.table("truth/sites.bed")
    ctcf = sites[sites.kind == "ctcf"]
    assert len(ctcf) > 40
    assert set(ctcf.strand) == {"+", "-"}
    for site in ctcf.itertuples():
        forward = genome[site.chrom][site.start : site.end]
        reverse = forward.translate(COMPLEMENT)[::-1]
        along, against = (forward, reverse) if site.strand == "+" else (reverse, forward)
        assert log_odds(along, "MA0139.1") > max(0, log_odds(against, "MA0139.1"))


def test_motif_scores_are_those_of_the_sequence(written):
    genome = read_fasta(written.folder / "genome.fa")
    motifs = written.table("truth/motifs.bed")
    for row in motifs.iloc[:: max(1, len(motifs) // 60)].itertuples():
        sequence = genome[row.chrom][row.start : row.end]
        sequence = sequence if row.strand == "+" else sequence.translate(COMPLEMENT)[::-1]
        assert row.score == round(10 * log_odds(sequence, row.name))


def test_true_loops_join_convergent_active_sites(written):
    sites = written.table("truth/sites.bed")
    for sample in written.config.samples:
        loops = written.table(f"truth/{sample}.loops.bedpe")
        assert len(loops) > 15
        assert (loops.strength >= written.config.loop_min_enrichment - 1e-4).all()
        active = sites[(sites.kind == "ctcf") & (sites[f"activity_{sample}"] > 0)]
        held = {(row.chrom, (row.start + row.end) // 2 // BIN, row.strand) for row in active.itertuples()}
        for loop in loops.itertuples():
            assert (loop.chrom1, loop.start1 // BIN, "+") in held
            assert (loop.chrom2, loop.start2 // BIN, "-") in held
            assert loop.start2 - loop.start1 >= written.config.loop_min_distance_bins * BIN
        assert len(read_bedpe(written.folder / f"truth/{sample}.loops.bedpe")) == len(loops)


def test_loops_stand_out_of_the_counts(written, maps):
    for sample in written.config.samples:
        loops = written.table(f"truth/{sample}.loops.bedpe")
        centre, around = [], []
        for chrom in written.config.chromosomes:
            oe = over_expected(maps[sample][chrom])
            here = loops[loops.chrom1 == chrom]
            for i, j in zip(here.start1 // BIN, here.start2 // BIN, strict=True):
                window = oe[i - 8 : i + 9, j - 8 : j + 9]
                if window.shape == (17, 17):
                    centre.append(window[7:10, 7:10])
                    around.append(window[:, :3])
        ratio = np.nanmean(centre) / np.nanmean(around)
        assert ratio > 1.6


def test_contacts_fall_as_about_the_inverse_distance(written, maps):
    rates = np.zeros(200)
    for matrix_ in maps["alpha"].values():
        seen = matrix_.sum(axis=0) > 0.3 * np.median(matrix_.sum(axis=0))
        kept = matrix_[np.ix_(seen, seen)]
        rates += [np.diagonal(kept, d).mean() for d in range(200)]
    distance = np.arange(8, 200)
    slope = np.polyfit(np.log(distance), np.log(rates[8:]), 1)[0]
    assert -1.4 < slope < -0.8


def test_compartments_shape_contacts_and_active_marks(written, maps):
    table = pd.read_csv(
        written.folder / "truth/alpha.compartments.bedgraph", sep="\t", names=["chrom", "start", "end", "value"]
    )
    state = table[table.chrom == "chr1"].value.to_numpy()
    oe = over_expected(maps["alpha"]["chr1"])
    distance = np.abs(np.subtract.outer(np.arange(len(state)), np.arange(len(state))))
    far = (distance > 80) & np.isfinite(oe)
    alike = np.outer(state, state)
    assert oe[far & (alike > 0.3)].mean() > 1.2 * oe[far & (alike < -0.3)].mean()
    with pyBigWig.open(str(written.folder / "alpha.h3k27ac.bw")) as track:
        means = np.array(
            [
                np.nan_to_num(track.values("chr1", int(a), int(b), numpy=True)).mean()
                for a, b in zip(table[table.chrom == "chr1"].start, table[table.chrom == "chr1"].end, strict=True)
            ]
        )
    visible = np.isfinite(np.diagonal(oe))
    assert means[visible & (state > 0.3)].mean() > 1.5 * means[visible & (state < -0.3)].mean()


def test_cell_types_share_most_but_not_all(written):
    sites = written.table("truth/sites.bed")
    ctcf = sites[(sites.kind == "ctcf") & (sites.strength > 0)]
    alpha, beta = (ctcf[f"activity_{sample}"] > 0 for sample in ("alpha", "beta"))
    assert 0.5 < (alpha & beta).sum() / (alpha | beta).sum() < 0.95
    unbound = sites[(sites.kind == "ctcf") & (sites.strength == 0)]
    assert len(unbound)
    assert not unbound[["activity_alpha", "activity_beta"]].any(axis=None)
    loops = [
        set(written.table(f"truth/{sample}.loops.bedpe")[["chrom1", "start1", "start2"]].itertuples(index=False))
        for sample in ("alpha", "beta")
    ]
    assert 0.3 < len(loops[0] & loops[1]) / len(loops[0] | loops[1]) < 0.95


def test_tracks_peak_at_active_sites(written):
    sites = written.table("truth/sites.bed")
    strong = sites[(sites.kind == "ctcf") & (sites.strength > 0.6) & (sites.chrom == "chr1")]
    with pyBigWig.open(str(written.folder / "alpha.ctcf.bw")) as track:
        assert track.chroms() == written.config.chromosomes
        values = np.nan_to_num(track.values("chr1", 0, written.config.chromosomes["chr1"], numpy=True))
    at = np.array([values[row.start - 100 : row.end + 100].mean() for row in strong.itertuples()])
    is_active = strong.activity_alpha.to_numpy() > 0
    assert at[is_active].min() > 3 * values.mean()
    assert at[is_active].mean() > 5 * at[~is_active].mean()


def test_atac_peaks_are_mostly_open_sites_with_some_missed(written):
    columns = ["chrom", "start", "end", "name", "score", "strand", "value", "p", "q", "summit"]
    peaks = pd.read_csv(written.folder / "alpha.atac.narrowPeak", sep="\t", names=columns)
    sites = written.table("truth/sites.bed")
    sites = sites[sites.activity_alpha > 0]
    found = 0
    for site in sites.itertuples():
        near = peaks[(peaks.chrom == site.chrom) & (peaks.start < site.end + 100) & (peaks.end > site.start - 100)]
        found += len(near) > 0
    assert 0.5 < found / len(sites) < 0.98
    assert len(peaks) < 1.3 * len(sites)


def test_cage_follows_expression(written):
    genes = written.table("truth/alpha.expression.tsv").rename(columns={"name": "gene"})
    names = ["chrom", "start", "end", "gene", "score", "strand"]
    assert (pd.read_csv(written.folder / "genes.bed", sep="\t", names=names).gene == genes.gene).all()
    with pyBigWig.open(str(written.folder / "alpha.cage.bw")) as track:
        cage = [
            np.nan_to_num(track.values(row.chrom, row.start - 150, row.start + 150, numpy=True)).sum()
            for row in genes.itertuples()
        ]
    assert np.corrcoef(np.log1p(cage), np.log1p(genes.tpm))[0, 1] > 0.9
    assert genes.enhancers.std() > 0


def test_hic_and_mcool_hold_the_same_contacts(written, maps):
    for sample in written.config.samples:
        for size in written.config.contacts_resolutions_bp:
            hic = hictkpy.File(str(written.folder / f"{sample}.hic"), size)
            clr = cooler.Cooler(f"{written.folder}/{sample}.mcool::resolutions/{size}")
            assert hic.fetch().sum() == clr.info["sum"] == clr.pixels()["count"][:].sum()
        fine = hictkpy.File(str(written.folder / f"{sample}.hic"), BIN)
        np.testing.assert_array_equal(fine.fetch("3").to_numpy(), maps[sample]["chr3"])  # its names lack chr


def test_unmappable_bins_are_empty_for_every_measurement(written, maps, shared):
    hidden = shared["chr1"].visibility == 0
    assert 60 < hidden.sum() < 150
    for sample in written.config.samples:
        assert not maps[sample]["chr1"][hidden].any()


def small(**changes):
    config = Config({"chr1": 1_300_000, "chr2": 1_250_000}, 60_000, samples=("one",), genome_satellite_bp=100_000)
    return replace(config, **changes)


def values(folder, config):
    """Return what each file holds: bytes, or the numbers of a container that carries a date."""
    held = {}
    for name in file_names(config):
        path = folder / name
        if name.endswith(".mcool"):
            held[name] = cooler.Cooler(f"{path}::resolutions/5000").pixels()[:].to_numpy().tobytes()
        elif name.endswith(".hic"):
            held[name] = hictkpy.File(str(path), 5000).fetch().to_numpy().tobytes()
        else:
            held[name] = path.read_bytes()
    return held


def test_the_seed_decides_everything(tmp_path):
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        write_study(small(seed=seed), tmp_path / name)
    first, again, other = (values(tmp_path / name, small()) for name in ("first", "again", "other"))
    assert first == again
    same = {name for name in first if first[name] == other[name]}
    assert same <= {"assembly.tsv", "truth/one.domains.bed"}  # so short a chromosome may be one domain under any seed


def test_the_numbers_of_a_plant_change_nothing_of_a_vertebrate(tmp_path):
    other = {
        name: getattr(small(), name) * 2
        for name in vars(small())
        if name.startswith(("centre_", "arm_", "polycomb_", "knot_"))
    }
    other |= {"centre_fraction": 0.5, "polycomb_specific": 0.6}
    for name, config in (("plain", small()), ("other", small(**other))):
        write_study(config, tmp_path / name)
    assert values(tmp_path / "plain", small()) == values(tmp_path / "other", small())


def test_the_seed_decides_everything_of_a_plant_too(tmp_path):
    config = small(biology="plant")
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        write_study(replace(config, seed=seed), tmp_path / name)
    first, again, other = (values(tmp_path / name, config) for name in ("first", "again", "other"))
    assert first == again
    assert {name for name in first if first[name] == other[name]} <= {"assembly.tsv"}
