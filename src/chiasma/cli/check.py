"""Check a study with its sheet, models and tasks, and say what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from chiasma.schema.study import ResolvedStudy


def check(
    config: Annotated[Path, typer.Option(help="study YAML")] = Path("config/config.yaml"),
    mirror: Annotated[str | None, typer.Option(help="directory that holds the raw files already")] = None,
) -> None:
    """Check a study with its sheet, models and tasks, and say what it holds; an error exits with code 1."""
    from chiasma.schema.run import read_yaml
    from chiasma.schema.study import read_study

    values = read_yaml(config) | ({"mirror": mirror} if mirror else {})
    for line in describe(read_study(values, str(config))):
        print(line)


def describe(study: ResolvedStudy) -> Iterator[str]:
    """Yield one line for each part of a study."""
    run = study.run
    yield f"{run.study}: {run.title}"
    for name, genome in study.genomes.items():
        called = f"genome {name}: " if name else ""
        yield (
            f"  {called}assembly {genome.assembly}, {', '.join(genome.chromosomes)}; "
            f"contacts at {genome.resolution_bp} bp, tracks at {genome.track_bp} bp"
        )
    for sample in study.sample_names:
        yield f"  sample {sample}: {', '.join(row.assay for row in study.samples if row.sample == sample)}"
    for name, tileset in run.tilesets.items():
        tracks = ", ".join(tileset.tracks) or "no tracks"
        yield f"  tileset {name}: {tileset.tile_bins} bins, {tracks}; samples {', '.join(study.tileset_samples(name))}"
    for name in study.models:
        start = study.encoder_of(name)
        yield f"  model {name}: family {study.models[name].family}, " + (
            f"encoder of {start}" if start else "not pre-trained"
        )
    for name in study.tasks:
        yield f"  task {name}: {', '.join(dict.fromkeys(predictor for predictor, _ in study.predictors(name)))}"
    yield f"  seeds {', '.join(map(str, run.seeds))}"
