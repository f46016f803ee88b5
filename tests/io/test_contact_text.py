"""Juicer's text form: one chromosome, said by the name or by the study."""

import gzip

import numpy as np
import pytest
from toy_maps import ASSEMBLY, BIN, dense, of_chromosome, rebuilt

from chiasma.core.errors import InputError
from chiasma.genome.chromosomes import build_assembly
from chiasma.io.contact_text import TextSource, find_chromosome


def write(path, rows):
    text = "".join(f"{a}\t{b}\t{c}\n" for a, b, c in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def rows_of(matrix, lower):
    """Return the text rows of a map: below the diagonal if ``lower``, in shuffled order."""
    bin1, bin2 = np.nonzero(np.triu(matrix))
    order = np.random.default_rng(0).permutation(len(bin1))
    first, second = (bin2, bin1) if lower else (bin1, bin2)
    return [(first[i] * BIN, second[i] * BIN, float(matrix[bin1[i], bin2[i]])) for i in order]


@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_either_triangle_in_any_order_is_the_map(tmp_path, lower, suffix):
    matrix = of_chromosome(dense(), "chr1")
    source = TextSource(
        write(tmp_path / f"s_chr1_1kb.RAWobserved{suffix}", rows_of(matrix, lower)), ASSEMBLY, ["chr1", "chr2"]
    )
    assert source.chromosomes == {"chr1": 99_500}
    assert source.resolutions == [BIN]
    assert source.integral
    np.testing.assert_array_equal(rebuilt(source.stripes("chr1", BIN), 100), matrix)
    assert source.totals(["chr1"])[0] == np.triu(matrix).sum()
    with pytest.raises(InputError, match="no 'KR' weights"):
        source.weights("chr1", BIN, "KR")


def test_the_chromosome_is_the_names_or_the_studys_only_one():
    human = build_assembly("h", {"chr2": 1, "chr22": 1}, {"chr2": ["2"], "chr22": ["22"]}, "test")
    assert find_chromosome("K562_chr22_5kb.RAWobserved.gz", human, ["chr2", "chr22"]) == "chr22"
    assert find_chromosome("K562.RAWobserved", human, ["22"]) == "chr22"
    with pytest.raises(InputError, match="the file name mentions none, and the study has chr2, chr22"):
        find_chromosome("K562.RAWobserved", human, ["chr2", "chr22"])
    with pytest.raises(InputError, match="the file name mentions chr2, chr22"):
        find_chromosome("chr22_rep_2.RAWobserved", human, ["chr22"])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no contacts in the file"),
        ([(0, 1000, 2), (1000, 0, 3)], "the pair 0 1000 stands there twice"),
        ([(0, 101_000, 2)], "position 101000 lies outside chromosome 'chr1' of 99500 bp"),
        ([(0, 1000, -2)], "a count is negative"),
        ([(0, 1000, "nan")], "not a number"),
        ([(0, 1001, 1), (3, 2000, 1)], "not multiples of a bin size"),
        ([(0, "x", 1)], "expected lines 'position1 position2 count'"),
        ([(0, 1000, "1\t7")], "expected lines|fields"),
    ],
)
def test_malformed_text_is_refused(tmp_path, rows, message):
    with pytest.raises(InputError, match=message):
        TextSource(write(tmp_path / "s_chr1.RAWobserved", rows), ASSEMBLY, ["chr1"])


def test_truncated_gzip_is_refused(tmp_path):
    path = write(tmp_path / "s_chr1.RAWobserved.gz", rows_of(of_chromosome(dense(), "chr1"), False))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match="whole gzip"):
        TextSource(path, ASSEMBLY, ["chr1"])
