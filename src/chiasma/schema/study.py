"""A study with its sheet, models, tasks and datasets read, and checked against each other before any job starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from chiasma.core.errors import ConfigError, unknown
from chiasma.schema import rooms
from chiasma.schema.derived import derived_samples
from chiasma.schema.genomes import Genome, check_genomes, check_names, place_of
from chiasma.schema.reported import check_reported
from chiasma.schema.run import Model, Study, Task, check_section, read_model, read_task
from chiasma.schema.samples import RAW, Dataset, Sample, read_chromosomes, read_datasets, read_samples
from chiasma.schema.tilesets import (
    check_assemblies,
    check_pretrain_tilesets,
    check_task_bins,
    check_task_reach,
    check_tilesets,
)
from chiasma.schema.weights import weight_files
from chiasma.schema.windows import check_windows

DATASETS = Path("resources/datasets.tsv")
ASSEMBLIES = Path("resources/assemblies")


@dataclass(frozen=True)
class ResolvedStudy:
    """A study with its sheet, models, tasks and datasets read and checked against each other."""

    run: Study
    samples: list[Sample]
    datasets: dict[str, Dataset]
    models: dict[str, Model]
    tasks: dict[str, Task]

    @property
    def assembly_table(self) -> Path:
        """The table of chromosome names, lengths and aliases of the study's own genome."""
        return self.chromosome_table(None)

    @property
    def genomes(self) -> dict[str | None, Genome]:
        """The genomes by name; the study's own, which has none, is the first."""
        return {None: self.run.own_genome, **self.run.genomes}

    def chromosome_table(self, genome: str | None) -> Path:
        """The table of chromosome names, lengths and aliases of a genome."""
        if self.genomes[genome].simulate is not None:
            return simulated_folder(self.run, genome) / "assembly.tsv"
        return ASSEMBLIES / f"{self.genomes[genome].assembly}.tsv"

    def sample_genome(self, sample: str) -> str | None:
        """The name of the genome of a biosample, which has its assembly; None for the study's own."""
        assembly = next(row.assembly for row in self.samples if row.sample == sample)
        return next(name for name, genome in self.genomes.items() if genome.assembly == assembly)

    def task_genome(self, task: str) -> str | None:
        """The name of the genome that a task is learnt on; None for the study's own."""
        return self.run.tilesets[self.tasks[task].tileset].genome

    def strip_bins(self, tileset: str) -> int:
        """The track bins of a tile along one side; none where the tileset has no tracks."""
        chosen = self.run.tilesets[tileset]
        genome = self.genomes[chosen.genome]
        return chosen.tile_bins * (genome.resolution_bp // genome.track_bp) if chosen.tracks else 0

    def pretrain_tilesets(self, model: str) -> list[str]:
        """The tilesets whose tiles a model is pre-trained on."""
        return self.models[model].pretrain_tilesets or [self.models[model].tileset]

    @property
    def sample_names(self) -> list[str]:
        """The biosamples in the order of the sheet."""
        return list(dict.fromkeys(sample.sample for sample in self.samples))

    def assays(self, sample: str, kind: str) -> list[str]:
        """The assays of one biosample that are of ``kind``."""
        return [row.assay for row in self.samples if row.sample == sample and row.kind == kind]

    def assays_of_kind(self, kind: str) -> list[str]:
        """The assays of any biosample that are of ``kind`` and have a raw file."""
        found = dict.fromkeys(row.assay for row in self.samples if row.kind == kind)
        return [assay for assay in found if assay not in self.run.pairs]

    def kind(self, sample: str, assay: str) -> str:
        """The kind of one biosample's assay; KeyError when there is none."""
        return {(row.sample, row.assay): row.kind for row in self.samples}[sample, assay]

    def raw(self, sample: str, assay: str) -> Path:
        """The raw file of one biosample's assay, that of the peaks for their pairs; KeyError when there is none."""
        return {(row.sample, row.assay): row.path for row in self.samples}[sample, assay]

    def samples_with(self, tileset: str) -> list[str]:
        """The biosamples of a tileset's genome that have contacts and every one of its tracks."""
        chosen = self.run.tilesets[tileset]
        needed, assembly = {"contacts", *chosen.tracks}, self.genomes[chosen.genome].assembly
        return [
            name
            for name in self.sample_names
            if needed <= {row.assay for row in self.samples if (row.sample, row.assembly) == (name, assembly)}
        ]

    def tileset_samples(self, tileset: str) -> list[str]:
        """The biosamples of a tileset: those it names, or all that can be in it, thinned ones only where it has no tracks."""
        chosen = self.run.tilesets[tileset]
        if chosen.samples is not None:
            return [name for name in self.samples_with(tileset) if name in chosen.samples]
        return [name for name in self.samples_with(tileset) if not chosen.tracks or name not in self.run.thin]

    def shared_with(self, sample: str, assay: str) -> str | None:
        """The biosample whose normalised file a thinned one has as its own; None where the file is not shared."""
        return self.run.thin[sample].sample if sample in self.run.thin and assay != "contacts" else None

    def task_models(self, task: str) -> list[str]:
        """The models that meet a task: fine-tuned, cut from its tileset, of a family that yields what the task needs.

        A model that reads what the task predicts does not meet it.
        """
        chosen = self.run.task_models.get(task, list(self.models))
        return [
            name
            for name, model in self.models.items()
            if name in chosen and model.finetune is not None and meets(model, self.tasks[task])
        ]

    def is_rival(self, model: str) -> bool:
        """Whether a model is a network of the field, trained to be compared with."""
        return rooms.room_module("families", self.models[model].family, "config").BASELINE

    def task_room(self, task: str) -> Any:
        """The ``config`` module of the task's room."""
        return rooms.room_module("tasks", self.tasks[task].task, "config")

    def task_config(self, task: str) -> Any:
        """The task's own numbers with the defaults of its room."""
        chosen = self.tasks[task]
        return rooms.build_config(
            rooms.room_module("tasks", chosen.task, "config").Config, chosen.parameters, f"task '{task}'"
        )

    def labels(self, task: str) -> dict[str, str]:
        """The assay that labelling reads, by each biosample of its tileset that has it; empty when it reads the arrays alone."""
        key = self.task_room(task).READS
        if key is None:
            return {}
        assay = getattr(self.task_config(task), key)
        return {name: assay for name in self.tileset_samples(self.tasks[task].tileset) if (name, assay) in self._assays}

    def truth(self, task: str) -> list[tuple[str, str]]:
        """The (sample, assay) pairs that evaluation compares the task's predictions with; empty when the arrays hold the truth."""
        key = self.task_room(task).TRUTH
        assays = getattr(self.task_config(task), key) if key else ()
        return [(name, assay) for name in self._test_samples(task) for assay in assays if (name, assay) in self._assays]

    def predicted_samples(self, task: str) -> list[str]:
        """The biosamples that a task is predicted for and scored on: those that have its truth."""
        if self.task_room(task).TRUTH is None:
            return self._test_samples(task)
        return list(dict.fromkeys(name for name, _ in self.truth(task)))

    def _test_samples(self, task: str) -> list[str]:
        chosen = self.tasks[task]
        return [
            name
            for name in self.tileset_samples(chosen.tileset)
            if chosen.test_samples is None or name in chosen.test_samples
            if not self.against_deeper(task) or name in self.run.tilesets[chosen.tileset].deeper
        ]

    def against_deeper(self, task: str) -> bool:
        """Whether the task predicts of a map its deeper one, and not of other data the map itself."""
        return getattr(self.task_room(task), "AGAINST", "own") == "deeper"

    def predictors(self, task: str) -> list[tuple[str, int]]:
        """The (model or baseline, seed) pairs scored on a task; a baseline that draws nothing at random has the first seed only."""
        callers = self.task_room(task).BASELINES
        seeds = {
            name: self.run.seeds if callers[name].SEEDED else self.run.seeds[:1] for name in self.tasks[task].baselines
        }
        seeds = dict.fromkeys(self.task_models(task), self.run.seeds) | seeds
        return [(name, seed) for name in seeds for seed in seeds[name]]

    @property
    def _assays(self) -> set[tuple[str, str]]:
        return {(row.sample, row.assay) for row in self.samples}

    def encoder_of(self, model: str) -> str | None:
        """The model whose pre-training this model starts from, or None when it starts from random weights."""
        chosen = self.models[model]
        return chosen.encoder or (model if chosen.pretrain is not None else None)

    def is_pretrained(self, model: str) -> bool:
        """Whether fine-tuning of this model starts from any weights but random ones."""
        return bool(self.encoder_of(model) or self.models[model].init)


def meets(model: Model, task: Task) -> bool:
    """Return whether a model is cut from a task's tileset, yields what it needs, and reads nothing that it predicts."""
    room = rooms.room_module("tasks", task.task, "config")
    family = rooms.room_module("families", model.family, "config")
    numbers = rooms.build_config(family.Config, model.parameters, f"family '{model.family}'")
    does_yield, is_shown = room.NEEDS in family.yields(numbers), family.reads(numbers) & {*room.HIDES}
    return model.tileset == task.tileset and does_yield and not is_shown


def simulated_folder(study: Study, genome: str | None) -> Path:
    """Return the folder that ``simulate`` writes a genome's files into."""
    return RAW / study.study / (genome or "")


def simulated_paths(study: Study, genome: str | None = None) -> set[Path]:
    """Return the files that ``simulate`` makes of a genome, relative to the working directory; empty for real data."""
    numbers = study.genomes[genome].simulate if genome else study.simulate
    if numbers is None:
        return set()
    room = import_module("chiasma.simulate.config")
    config = check_section(room.Config, numbers, f"genomes.{genome}.simulate" if genome else "simulate")
    return {simulated_folder(study, genome) / name for name in room.file_names(config)}


def read_study(values: Mapping[str, Any], where: str = "config", root: Path = Path(".")) -> ResolvedStudy:
    """Check a whole study before any job starts.

    Parameters
    ----------
    values : the study's keys and values, as YAML gives them
    where : name of the file for messages
    root : directory that relative paths start from

    Raises
    ------
    ConfigError
        For any wrong key, type, name or missing file in the study, its sheet, models and tasks.
    """
    study: Study = check_section(Study, values, where)
    datasets = read_datasets(root / DATASETS)
    made = set().union(*(simulated_paths(study, genome) for genome in (None, *study.genomes)))
    samples = read_samples(study.samples, datasets, made, root)
    samples += derived_samples(study, samples, where)
    models = {name: read_model(name, root / "config/models") for name in study.models}
    tasks = {name: read_task(name, root / "config/tasks") for name in study.tasks}
    resolved = ResolvedStudy(study, samples, datasets, models, tasks)
    check_chromosomes(resolved, where, root)
    check_study(resolved, where)
    for name, model in models.items():
        if model.init:
            weight_files(root / model.init, f"model '{name}'")
    check_reported(resolved, where, root)
    return resolved


def check_chromosomes(resolved: ResolvedStudy, where: str, root: Path = Path(".")) -> None:
    """Raise ConfigError when an assembly has no table, or a genome names a chromosome that its table does not."""
    for name, genome in resolved.genomes.items():
        place, table = place_of(name, where), root / resolved.chromosome_table(name)
        if genome.simulate is not None:
            known: dict[str, list[str]] = {chrom: [] for chrom in genome.simulate.get("chromosomes", ())}
        elif table.is_file():
            known = read_chromosomes(table)
        else:
            tables = sorted(path.stem for path in (root / ASSEMBLIES).glob("*.tsv"))
            raise ConfigError(
                unknown("assembly", genome.assembly, tables, place)
                + f"; expected its table, {resolved.chromosome_table(name)}"
            )
        check_names(genome, known, place)


def check_study(resolved: ResolvedStudy, where: str) -> None:
    """Raise ConfigError when the parts of a study contradict each other."""
    study = resolved.run
    check_genomes(resolved.genomes, study.transductive, where)
    check_assemblies(resolved)
    check_tilesets(resolved, where)
    for kind, chosen in (("model", resolved.models), ("task", resolved.tasks)):
        for name, item in chosen.items():
            if item.tileset not in study.tilesets:
                raise ConfigError(unknown("tileset", item.tileset, study.tilesets, f"{kind} '{name}'"))
    check_windows(resolved, where)
    for name in resolved.tasks:
        _check_task(resolved, name)
    check_task_bins(resolved, where)
    check_task_reach(resolved)
    for name in resolved.models:
        check_pretrain_tilesets(resolved, name)
        _check_encoder(resolved, name)
    _check_task_models(resolved, where)
    for task, chosen in study.few_shot.items():
        _check_meeting(resolved, task, chosen.models, f"{where}: few_shot")
    for part in ("perturb", "ablation", "probe"):
        if (chosen := getattr(study, part)) is None:
            continue
        _check_meeting(resolved, chosen.task, chosen.models, f"{where}: {part}")
        if part == "perturb" and not study.tilesets[resolved.tasks[chosen.task].tileset].tracks:
            raise ConfigError(f"{where}: perturb: the tileset of task '{chosen.task}' has no tracks to be weakened")
        if part != "ablation" and resolved.task_room(chosen.task).PREDICTS != "calls":
            raise ConfigError(f"{where}: {part}: task '{chosen.task}' predicts no calls; name a task that does")
    if study.probe:
        _check_probed(resolved, where)


def _check_encoder(resolved: ResolvedStudy, name: str) -> None:
    encoder = resolved.encoder_of(name)
    if encoder is None:
        return
    if encoder not in resolved.models or resolved.models[encoder].pretrain is None:
        raise ConfigError(f"model '{name}': encoder '{encoder}' is not a pre-trained model of this study")
    for key in ("family", "tileset"):
        own, other = getattr(resolved.models[name], key), getattr(resolved.models[encoder], key)
        if own != other:
            raise ConfigError(
                f"model '{name}': {key} is '{own}', that of its encoder '{encoder}' is '{other}'; they must be the same"
            )


def _check_task_models(resolved: ResolvedStudy, where: str) -> None:
    """Raise ConfigError when task_models names what the study does not have, or a model that cannot meet its task."""
    for task, models in resolved.run.task_models.items():
        if task not in resolved.tasks:
            raise ConfigError(unknown("task", task, resolved.tasks, f"{where}: task_models"))
        for name in models:
            if name not in resolved.models:
                raise ConfigError(unknown("model", name, resolved.models, f"{where}: task_models.{task}"))
            if name not in resolved.task_models(task):
                raise ConfigError(
                    f"{where}: task_models.{task}: '{name}' cannot meet this task: it is not fine-tuned, reads another tileset, "
                    "does not yield what the task needs, or reads what the task predicts"
                )


def _check_meeting(resolved: ResolvedStudy, task: str, models: Sequence[str], where: str) -> None:
    """Raise ConfigError when an experiment names a task that the study does not have, or a model that does not meet it."""
    if task not in resolved.tasks:
        raise ConfigError(unknown("task", task, resolved.tasks, where))
    for name in models:
        if name not in resolved.task_models(task):
            raise ConfigError(unknown("model", name, resolved.task_models(task), where))


def _check_probed(resolved: ResolvedStudy, where: str) -> None:
    """Raise ConfigError when a probe names a model that is not pre-trained itself."""
    chosen = resolved.run.probe
    trained = [name for name in resolved.task_models(chosen.task) if resolved.models[name].pretrain is not None]
    for name in chosen.models:
        if name not in trained:
            raise ConfigError(
                f"{where}: probe: model '{name}' is not pre-trained: its key 'pretrain' is null; name models that are "
                f"(of this task: {', '.join(trained) or 'none'})"
            )


def _check_task(resolved: ResolvedStudy, name: str) -> None:
    task, config, room = resolved.tasks[name], resolved.task_config(name), resolved.task_room(name)
    if resolved.against_deeper(name) and not resolved.predicted_samples(name):
        raise ConfigError(
            f"task '{name}' predicts deeper maps, and tileset '{task.tileset}' names none for a sample that is tested; "
            "set its key 'deeper', as in {shallow: deep}"
        )
    for field, found in ((room.READS, resolved.labels(name)), (room.TRUTH, resolved.truth(name))):
        if field is not None and not found:
            raise ConfigError(
                f"task '{name}': {field} is {getattr(config, field)!r}, but no sample of tileset '{task.tileset}' has that assay "
                f"in {resolved.run.samples}"
            )
    for field in ("train_samples", "test_samples"):
        for sample in getattr(task, field) or ():
            if sample not in resolved.tileset_samples(task.tileset):
                raise ConfigError(
                    unknown("sample", sample, resolved.tileset_samples(task.tileset), f"task '{name}': {field}")
                )
    for baseline in task.baselines:
        if baseline in resolved.models:
            raise ConfigError(f"task '{name}': baseline '{baseline}' has the name of a model of this study")
