"""What the tilesets of a study must fit: the sample sheet, the genomes, and the models and tasks that read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chiasma.core.errors import ConfigError, unknown
from chiasma.schema.genomes import BlockSplits, place_of
from chiasma.schema.windows import widest_bins

if TYPE_CHECKING:
    from chiasma.schema.study import ResolvedStudy


def check_assemblies(resolved: ResolvedStudy) -> None:
    """Raise ConfigError when a sample is of no genome of the study, or its rows are of several."""
    known = [genome.assembly for genome in resolved.genomes.values()]
    first: dict[str, str] = {}
    for row in resolved.samples:
        place = f"{resolved.run.samples}: sample '{row.sample}' assay '{row.assay}' is {row.assembly}"
        if row.assembly not in known:
            raise ConfigError(f"{place}, the study is {' and '.join(known)}; lift the file over or leave it out")
        if first.setdefault(row.sample, row.assembly) != row.assembly:
            raise ConfigError(
                f"{place}, another assay of it is {first[row.sample]}; give each assembly a sample of its own"
            )


def check_tilesets(resolved: ResolvedStudy, where: str) -> None:
    """Raise ConfigError when a tileset fits no genome or no sample, or a genome has no tileset."""
    for name in resolved.run.tilesets:
        _check_tileset(resolved, name, where)
    for genome in resolved.genomes:
        if genome not in {tileset.genome for tileset in resolved.run.tilesets.values()}:
            raise ConfigError(
                f"{place_of(genome, where)}: no tileset is of this genome; add one, or leave the genome out"
            )


def _check_tileset(resolved: ResolvedStudy, name: str, where: str) -> None:
    study, tileset = resolved.run, resolved.run.tilesets[name]
    if tileset.genome not in resolved.genomes:
        raise ConfigError(unknown("genome", tileset.genome, study.genomes, f"{where}: tilesets.{name}"))
    for sample in tileset.samples or ():
        if sample not in resolved.samples_with(name):
            place = f"{where}: tilesets.{name}: samples: those of its genome with contacts and every track"
            raise ConfigError(unknown("sample", sample, resolved.samples_with(name), place))
    if not resolved.tileset_samples(name):
        genome = f" of assembly {study.genomes[tileset.genome].assembly}" if tileset.genome else ""
        raise ConfigError(
            f"{where}: tilesets.{name}: no sample{genome} in {study.samples} has "
            + " and all of ".join(["contacts", *[", ".join(tileset.tracks)] * bool(tileset.tracks)])
        )
    for sample in resolved.tileset_samples(name):
        for track in tileset.tracks:
            if resolved.kind(sample, track) != "signal":
                raise ConfigError(
                    f"{where}: tilesets.{name}: track '{track}' of sample '{sample}' is {resolved.kind(sample, track)}, not signal"
                )
    for shallow, deep in tileset.deeper.items():
        for one in (shallow, deep):
            if one not in resolved.tileset_samples(name):
                raise ConfigError(
                    unknown("sample", one, resolved.tileset_samples(name), f"{where}: tilesets.{name}: deeper")
                )
        if deep in tileset.deeper:
            raise ConfigError(f"{where}: tilesets.{name}: deeper: '{deep}' is a deeper map and has one itself")
    for target in (assay for name in tileset.targets for assay in name.split("+")):
        if target in tileset.tracks:
            raise ConfigError(
                f"{where}: tilesets.{name}: '{target}' is a track and a target; a model would be shown what it is to predict"
            )
        if target not in resolved.assays_of_kind("signal"):
            raise ConfigError(
                unknown("target", target, resolved.assays_of_kind("signal"), f"{where}: tilesets.{name}: signal assays")
            )
    genome = resolved.genomes[tileset.genome]
    width = widest_bins(tileset) * genome.resolution_bp
    if isinstance(genome.splits, BlockSplits) and genome.splits.gap_bp < width:
        raise ConfigError(
            f"{place_of(tileset.genome, where)}: splits.gap_bp {genome.splits.gap_bp} is narrower than a tile of '{name}', {width} bp"
        )


def check_pretrain_tilesets(resolved: ResolvedStudy, name: str) -> None:
    """Raise ConfigError when a model is to be pre-trained on tiles of another shape than those of its tileset."""
    model, tilesets = resolved.models[name], resolved.run.tilesets
    own = tilesets[model.tileset]
    for other in model.pretrain_tilesets or ():
        if other not in tilesets:
            raise ConfigError(unknown("tileset", other, tilesets, f"model '{name}': pretrain_tilesets"))
        for key in ("tile_bins", "tracks"):
            found, expected = getattr(tilesets[other], key), getattr(own, key)
            if found != expected:
                raise ConfigError(
                    f"model '{name}': pretrain_tilesets: {key} of '{other}' is {found}, that of '{model.tileset}' is {expected}; "
                    "one network reads the tiles of both, so give both tilesets the same"
                )
        strips = {resolved.strip_bins(tileset) for tileset in (other, model.tileset)}
        if len(strips) > 1:
            raise ConfigError(
                f"model '{name}': pretrain_tilesets: a tile of '{other}' has {resolved.strip_bins(other)} track bins, one of "
                f"'{model.tileset}' has {resolved.strip_bins(model.tileset)}; make resolution_bp over track_bp of both genomes the same"
            )


def check_task_bins(resolved: ResolvedStudy, where: str) -> None:
    """Raise ConfigError when tasks, which are drawn together with tolerances in kb, have bins of different sizes."""
    sizes = {name: resolved.genomes[resolved.task_genome(name)].resolution_bp for name in resolved.tasks}
    if len({*sizes.values()}) > 1:
        raise ConfigError(
            f"{where}: tasks: the bins of their genomes differ, "
            + ", ".join(f"{name} {size} bp" for name, size in sizes.items())
            + ", and one figure with tolerances in kb shows them all; learn them in studies of their own"
        )


def check_task_reach(resolved: ResolvedStudy) -> None:
    """Raise ConfigError when a task asks for pairs of bins farther apart than its tileset's."""
    for name, task in resolved.tasks.items():
        asked = getattr(resolved.task_config(name), "max_distance_bins", 0)
        reach = resolved.run.tilesets[task.tileset].max_distance_bins
        if asked > reach:
            raise ConfigError(
                f"task '{name}': max_distance_bins is {asked}, pairs of tileset '{task.tileset}' reach {reach} bins; lower the task's, or "
                "raise the tileset's"
            )
