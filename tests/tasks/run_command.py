"""Commands run to their end, as a test of several in a row wants them."""

import pytest

from chiasma.cli.main import main


def run(*words: object) -> None:
    """Run ``chiasma`` with these words; it must succeed."""
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    assert stop.value.code == 0
