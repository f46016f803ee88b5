"""One small study, simulated and written once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from chiasma.simulate.config import Config
from chiasma.simulate.study import Chromosome, build_genome
from chiasma.simulate.writer import write_study

CONFIG = Config(chromosomes={"chr1": 2_600_000, "chr2": 2_200_000, "chr3": 1_803_000}, contacts=1_000_000, seed=3)


@dataclass(frozen=True)
class Written:
    """A written study and where it lies."""

    config: Config
    folder: Path

    def table(self, name: str) -> pd.DataFrame:
        """Return a file with a header line, the first column's name without '#'."""
        frame = pd.read_csv(self.folder / name, sep="\t")
        return frame.rename(columns={frame.columns[0]: frame.columns[0].lstrip("#")})


@pytest.fixture(scope="session")
def written(tmp_path_factory) -> Written:
    folder = tmp_path_factory.mktemp("study")
    write_study(CONFIG, folder)
    return Written(CONFIG, folder)


@pytest.fixture(scope="session")
def shared() -> dict[str, Chromosome]:
    """The same study's chromosomes in memory."""
    return build_genome(CONFIG)
