"""Matrices of the installed JASPAR releases."""

import numpy as np
import pytest

from chiasma.core.errors import InputError
from chiasma.io.jaspar import read_motif


def test_ctcf_is_the_known_motif():
    motif = read_motif("MA0139.1")
    assert motif.shape == (19, 4)
    np.testing.assert_allclose(motif.sum(axis=1), 1)
    consensus = "".join("ACGT"[base] for base in motif.argmax(axis=1))
    assert "CCACCAGG" in consensus or "CCAGCAGG" in consensus  # core of the CTCF motif


def test_a_name_means_the_human_matrix_and_an_id_its_latest_version():
    np.testing.assert_array_equal(read_motif("CTCF"), read_motif("MA0139.2"))
    np.testing.assert_array_equal(read_motif("MA0139"), read_motif("MA0139.2"))


def test_unknown_motif_and_release():
    with pytest.raises(InputError, match="no motif with identifier or factor name 'NOPE1'"):
        read_motif("NOPE1")
    with pytest.raises(InputError, match="release 'JASPAR1999' is not installed"):
        read_motif("CTCF", "JASPAR1999")
