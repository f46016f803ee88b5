"""One map whatever the source, and quality numbers that can be checked by hand."""

import cooler
import numpy as np
import pytest
from toy_maps import ASSEMBLY, BIN, LENGTHS, coarse, dense, of_chromosome, pixels

from chiasma.assays.contact_maps import normalise_map
from chiasma.assays.contacts import ContactsConfig
from chiasma.core.errors import InputError
from chiasma.io.contact_files import open_contacts
from chiasma.io.cooler import write_cool
from chiasma.io.hic import write_hic
from chiasma.io.tables import write_tsv
from chiasma.schema.tables import DECAY, QC


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """The toy map as .cool with names of its own and as .hic, and chromosome 1 as text."""
    folder = tmp_path_factory.mktemp("raw")
    frame = pixels(dense())
    write_cool(folder / "m.cool", {"1": LENGTHS["chr1"], "2": LENGTHS["chr2"]}, BIN, [frame], "toy")
    write_hic(folder / "m.hic", LENGTHS, [BIN], [frame], "toy", compression_level=1)
    block = np.triu(of_chromosome(dense(), "chr1"))
    rows = [f"{a * BIN} {b * BIN} {block[a, b]}.0\n" for a, b in zip(*np.nonzero(block), strict=True)]
    (folder / "m_chr1.RAWobserved").write_text("".join(rows))
    return folder


def normalise(path, out, chromosomes=("chr2", "chr1"), balance="ice", resolution=BIN, assembly=ASSEMBLY, trans=False):
    config = ContactsConfig(tuple(chromosomes), resolution, balance, trans=trans)
    quality, decay = normalise_map(open_contacts(path, assembly, config.chromosomes), assembly, config, "s", out)
    return dict(zip(quality["metric"], quality["value"], strict=True)), decay


@pytest.mark.parametrize("name", ["m.cool", "m.hic"])
def test_the_map_has_the_assemblys_names_the_studys_order_and_raw_counts(raw, tmp_path, name):
    normalise(raw / name, tmp_path / "c.cool", resolution=2 * BIN)
    clr = cooler.Cooler(str(tmp_path / "c.cool"))
    assert clr.chromsizes.to_dict() == {"chr2": 45_000, "chr1": 99_500}
    assert list(clr.chromnames) == ["chr2", "chr1"]
    for chrom in LENGTHS:
        expected = coarse(of_chromosome(dense(), chrom), 2)
        np.testing.assert_array_equal(clr.matrix(balance=False).fetch(chrom), expected)
    assert clr.pixels().dtypes["count"] == np.int32
    assert [path.name for path in tmp_path.iterdir()] == ["c.cool"]


def test_every_format_gives_the_same_weights_and_decay(raw, tmp_path):
    found = {}
    for name in ("m.cool", "m.hic", "m_chr1.RAWobserved"):
        _, decay = normalise(raw / name, tmp_path / "c.cool", ["chr1"])
        found[name] = (cooler.Cooler(str(tmp_path / "c.cool")).bins()[:]["weight"].to_numpy(), decay)
    weights, decay = found["m.cool"]
    assert np.isnan(weights[10:13]).all()
    assert np.isfinite(weights).sum() > 80
    for other, other_decay in found.values():
        np.testing.assert_array_equal(other, weights)
        np.testing.assert_array_equal(other_decay["contacts"], decay["contacts"])


def test_quality_by_hand_without_balancing(raw, tmp_path):
    quality, decay = normalise(raw / "m.cool", tmp_path / "c.cool", balance="none")
    blocks = [of_chromosome(dense(), chrom) for chrom in LENGTHS]
    cis = sum(np.triu(block).sum() for block in blocks)
    coverage = np.concatenate([block.sum(axis=0) for block in blocks])
    assert quality["cis_contacts"] == cis
    assert quality["cis_fraction"] == pytest.approx(cis / np.triu(dense()).sum())
    assert quality["long_range_fraction"] == pytest.approx(sum(np.triu(block, 20).sum() for block in blocks) / cis)
    assert quality["contacts_per_bin_median"] == np.median(coverage[coverage > 0])
    assert quality["masked_bin_fraction"] == pytest.approx((coverage == 0).mean())
    assert quality["empty_bin_fraction"] == pytest.approx((coverage == 0).mean())
    weights = cooler.Cooler(str(tmp_path / "c.cool")).bins()[:]["weight"]
    assert set(weights.dropna()) == {1.0}
    first = decay[decay["chrom"] == "chr1"].set_index("distance_bp")
    seen = blocks[0].sum(axis=0) > 0
    at_3000 = [blocks[0][i, i + 3] for i in range(97) if seen[i] and seen[i + 3]]
    assert first.loc[3000, "pairs"] == len(at_3000)
    assert first.loc[3000, "contacts"] == pytest.approx(np.mean(at_3000))
    assert quality["decay_slope"] == pytest.approx(-1, abs=0.3)  # the toy map falls as 1 / (1 + distance)
    write_tsv(decay, tmp_path / "d.tsv", DECAY)


def test_balanced_decay_keeps_the_total_of_valid_pixels(raw, tmp_path):
    _, decay = normalise(raw / "m.cool", tmp_path / "c.cool", ["chr1"])
    weights = cooler.Cooler(str(tmp_path / "c.cool")).bins()[:]["weight"].to_numpy()
    both = np.outer(np.isfinite(weights), np.isfinite(weights))
    assert (decay["contacts"] * decay["pairs"]).sum() == pytest.approx(
        np.triu(of_chromosome(dense(), "chr1") * both).sum()
    )


def test_fractions_that_a_format_does_not_know_are_nan(raw, tmp_path):
    quality, _ = normalise(raw / "m_chr1.RAWobserved", tmp_path / "c.cool", ["chr1"])
    assert np.isnan(quality["cis_fraction"])
    assert quality["balance_variation"] < 1e-9


def test_weights_of_the_file_are_taken_over(raw, tmp_path):
    normalise(raw / "m.cool", tmp_path / "first.cool", ["chr2"])
    normalise(tmp_path / "first.cool", tmp_path / "second.cool", ["chr2"], balance="weight")
    first, second = (cooler.Cooler(str(tmp_path / name)).bins()[:]["weight"] for name in ("first.cool", "second.cool"))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"balance": "KR"}, r"no 'KR' weights in the file \(found: none\)"),
        ({"resolution": 1500}, "no bin size divides the study's resolution of 1500 bp; found 1000"),
        ({"chromosomes": ["chr3"]}, "unknown chromosome 'chr3'"),
        ({"resolution": 9000, "chromosomes": ["chr2"]}, "too few contacts on chromosome 'chr2' to balance at 9000 bp"),
    ],
)
def test_what_cannot_be_done_is_told_and_leaves_nothing(raw, tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        normalise(raw / "m.cool", tmp_path / "c.cool", **options)
    assert not list(tmp_path.iterdir())


def test_a_chromosome_in_the_header_without_contacts_is_refused(tmp_path):
    frame = pixels(dense())
    write_cool(tmp_path / "m.cool", LENGTHS, BIN, [frame[frame["bin2_id"] < 100]], "toy")
    with pytest.raises(InputError, match="no contacts on chromosome 'chr2'"):
        normalise(tmp_path / "m.cool", tmp_path / "c.cool")
    assert not (tmp_path / "c.cool").exists()


def test_quality_is_a_table(raw, tmp_path):
    config = ContactsConfig(("chr1",), BIN)
    source = open_contacts(raw / "m.cool", ASSEMBLY, config.chromosomes)
    quality, _ = normalise_map(source, ASSEMBLY, config, "s", tmp_path / "c.cool")
    write_tsv(quality, tmp_path / "q.tsv", QC)
    assert (tmp_path / "q.tsv").is_file()


@pytest.mark.parametrize("name", ["m.cool", "m.hic"])
def test_contacts_between_chromosomes_are_kept_on_request_and_change_nothing_within(raw, tmp_path, name):
    """The study's order of chromosomes is not the file's, so what lies above the diagonal there is below it here."""
    without, with_trans = (normalise(raw / name, tmp_path / f"{trans}.cool", trans=trans) for trans in (False, True))
    plain, whole = (cooler.Cooler(str(tmp_path / f"{trans}.cool")) for trans in (False, True))
    first = len(of_chromosome(dense(), "chr1"))
    turned = np.concatenate([np.arange(first, len(dense())), np.arange(first)])
    np.testing.assert_array_equal(whole.matrix(balance=False)[:], dense()[np.ix_(turned, turned)])
    assert not plain.matrix(balance=False).fetch("chr1", "chr2").any()
    for chrom in LENGTHS:
        found, expected = (clr.matrix(balance=True).fetch(chrom) for clr in (whole, plain))
        np.testing.assert_array_equal(found, expected)
    assert with_trans[0] == pytest.approx(without[0], nan_ok=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["False.cool", "True.cool"]


def test_asking_for_contacts_between_chromosomes_that_are_not_there_is_refused(raw, tmp_path):
    with pytest.raises(InputError, match="within one chromosome; set normalise.trans to false"):
        normalise(raw / "m_chr1.RAWobserved", tmp_path / "c.cool", ["chr1"], trans=True)
    with pytest.raises(InputError, match="no contacts between the study's chromosomes"):
        normalise(raw / "m.cool", tmp_path / "c.cool", ["chr1"], trans=True)
