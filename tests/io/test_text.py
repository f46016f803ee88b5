"""Lines of plain and gzip text, told apart by their bytes."""

import gzip

import pytest

from chiasma.core.errors import InputError
from chiasma.io.text import read_lines


def test_gzip_is_known_by_its_bytes_and_lines_keep_their_numbers(tmp_path):
    (tmp_path / "plain.gz").write_text("#c\na\n\nb\n")
    (tmp_path / "packed.bed").write_bytes(gzip.compress(b"#c\na\n\nb\n"))
    for name in ("plain.gz", "packed.bed"):
        assert list(read_lines(tmp_path / name)) == [(2, "a"), (4, "b")]


def test_missing_and_binary_files(tmp_path):
    with pytest.raises(InputError, match="cannot be read: No such file"):
        list(read_lines(tmp_path / "absent"))
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not a whole text"):
        list(read_lines(tmp_path / "binary"))
