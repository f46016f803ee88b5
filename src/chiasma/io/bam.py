"""Aligned reads: checked with pysam, turned into a coverage track by deepTools' bamCoverage."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from chiasma.core.errors import InputError


def indexed(path: str | Path, folder: Path) -> Path:
    """Return a path to the same reads that has an index: ``path`` itself, or a link in ``folder`` with a new index beside it.

    Archives serve reads without their index. A file that is not sorted, or not a BAM file, is returned as it is, for
    `read_chromosomes` to refuse.
    """
    import pysam

    quiet = pysam.set_verbosity(0)
    try:
        with pysam.AlignmentFile(str(path), "rb") as file:
            if file.has_index() or _order(file) != "coordinate":
                return Path(path)
        link = folder / Path(path).name
        link.symlink_to(Path(path).resolve())
        pysam.index(str(link))
        return link
    except (OSError, ValueError, pysam.SamtoolsError):
        return Path(path)
    finally:
        pysam.set_verbosity(quiet)


def read_chromosomes(path: str | Path) -> dict[str, int]:
    """Return the reference names and lengths of a BAM file that is sorted by coordinate and indexed.

    Raises InputError with the command that mends it when the file is not sorted or has no index, or cannot be read.
    """
    import pysam

    if not Path(path).is_file():
        raise InputError(f"{path}: no such file")
    quiet = pysam.set_verbosity(0)
    try:
        with pysam.AlignmentFile(str(path), "rb") as file:
            _check(file, str(path))
            return dict(zip(file.references, file.lengths, strict=True))
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a whole BAM file: {error}") from error
    finally:
        pysam.set_verbosity(quiet)


def _check(file, where: str) -> None:
    order = _order(file)
    if order != "coordinate":
        raise InputError(
            f"{where}: sort order is '{order}'; expected 'coordinate': run samtools sort, then samtools index"
        )
    if not file.has_index():
        raise InputError(f"{where}: no index beside it (.bai or .csi); run: samtools index {where}")


def _order(file) -> str:
    return file.header.to_dict().get("HD", {}).get("SO", "unknown")


def write_coverage(
    path: str | Path, output: str | Path, bin_bp: int, normalisation: str, effective_genome_bp: int
) -> None:
    """Write the coverage of a BAM file as bigWig through ``bamCoverage``: in each bin the scaled number of reads that touch it.

    Parameters
    ----------
    normalisation : RPGC (reads per genomic content: mean coverage 1) or CPM (reads per million)
    effective_genome_bp : mappable bases, used by RPGC
    """
    beside = Path(sys.executable).parent / "bamCoverage"
    program = str(beside) if beside.is_file() else shutil.which("bamCoverage")
    if program is None:
        raise InputError("bamCoverage is not installed; it comes with deepTools: pip install deeptools")
    words = [program, "--bam", path, "--outFileName", output, "--outFileFormat", "bigwig", "--binSize", bin_bp]
    words += ["--normalizeUsing", normalisation, "--numberOfProcessors", 1]
    words += ["--effectiveGenomeSize", effective_genome_bp] if normalisation == "RPGC" else []
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode or not Path(output).is_file():
        raise InputError(f"{path}: bamCoverage failed: {done.stderr.strip()[-500:]}")
