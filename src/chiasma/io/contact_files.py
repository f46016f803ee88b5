"""Contacts of any format, chosen by the file's name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chiasma.core.errors import InputError
from chiasma.genome.chromosomes import Assembly
from chiasma.io.contact_text import TextSource
from chiasma.io.cooler import CoolerSource
from chiasma.io.hic import HicSource
from chiasma.io.pixels import ContactSource


def open_contacts(path: str | Path, assembly: Assembly, chromosomes: Sequence[str]) -> ContactSource:
    """Open a .hic, .cool, .mcool or .RAWobserved(.gz) file; InputError for any other, a missing or a damaged one."""
    name = Path(path).name.lower().removesuffix(".gz")
    if name.endswith(".hic"):
        return HicSource(path)
    if name.endswith((".cool", ".mcool")):
        return CoolerSource(path)
    if name.endswith(".rawobserved"):
        return TextSource(path, assembly, chromosomes)
    raise InputError(
        f"{path}: not a known contact file; expected .hic, .cool, .mcool, or .RAWobserved with or without .gz"
    )
