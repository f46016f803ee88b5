"""The format is told by the name."""

import pytest
from toy_maps import ASSEMBLY, BIN

from chiasma.core.errors import InputError
from chiasma.io.contact_files import open_contacts


def test_each_format_gives_the_same_chromosomes_and_bins(map_files):
    for suffix, path in map_files.items():
        source = open_contacts(path, ASSEMBLY, ["chr1"])
        assert source.chromosomes == ASSEMBLY.lengths, suffix
        assert source.resolutions[0] == BIN


def test_an_unknown_suffix_is_refused(tmp_path):
    with pytest.raises(InputError, match="expected .hic, .cool, .mcool, or .RAWobserved"):
        open_contacts(tmp_path / "x.npz", ASSEMBLY, ["chr1"])
