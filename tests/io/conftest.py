"""Makes the toy map importable, and writes it in each format once a session."""

import os
import sys
from pathlib import Path

import cooler
import pytest

from chiasma.io.cooler import write_cool
from chiasma.io.hic import write_hic

sys.path.insert(0, str(Path(__file__).parent))

from toy_maps import ASSEMBLY, BIN, LENGTHS, dense, pixels  # noqa: E402


@pytest.fixture(scope="session")
def map_files(tmp_path_factory):
    """Return paths of the toy map as .cool, .mcool and .hic."""
    folder = tmp_path_factory.mktemp("maps")
    frame = pixels(dense())
    write_cool(folder / "toy.cool", LENGTHS, BIN, [frame.iloc[:500], frame.iloc[500:]], ASSEMBLY.name)
    cooler.zoomify_cooler(str(folder / "toy.cool"), str(folder / "toy.mcool"), [BIN, 2 * BIN], chunksize=10**6)
    cooler.balance_cooler(cooler.Cooler(f"{folder}/toy.mcool::resolutions/{BIN}"), store=True, tol=1e-2, max_iters=500)
    write_hic(folder / "toy.hic", LENGTHS, [BIN, 2 * BIN, 10 * BIN], [frame], ASSEMBLY.name, compression_level=1)
    return {suffix: folder / f"toy.{suffix}" for suffix in ("cool", "mcool", "hic")}


@pytest.fixture()
def real_data():
    """Return a function from a path below the real data to the file; the test is skipped where there is none."""
    folder = Path(os.environ.get("CHIASMA_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))

    def find(name):
        if not (folder / name).is_file():
            pytest.skip(f"no {name} in {folder}")
        return folder / name

    return find
