"""Aligned reads: checked with pysam, turned into a coverage track by deepTools' bamCoverage."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from chiasma.core.errors import InputError


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
    order = file.header.to_dict().get("HD", {}).get("SO", "unknown")
    if order != "coordinate":
        raise InputError(
            f"{where}: sort order is '{order}'; expected 'coordinate': run samtools sort, then samtools index"
        )
    if not file.has_index():
        raise InputError(f"{where}: no index beside it (.bai or .csi); run: samtools index {where}")


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
