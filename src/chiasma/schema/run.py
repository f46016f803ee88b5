"""The keys of a study, a model and a task, and the reading of one file of each.

Field descriptions here are the documentation: ``config/README.md`` is generated from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError, model_validator

from chiasma.core.errors import ConfigError, check_keys, nearest, unknown
from chiasma.schema import rooms
from chiasma.schema.experiments import Ablation, FewShot, Perturb, Probe, Reported
from chiasma.schema.genomes import BlockSplits, ChromosomeSplits, Genome, Splits
from chiasma.schema.section import Fraction, NamePattern, Names, Positive, Section, unique


class Normalise(Section):
    """What a raw value becomes before tiling."""

    balance: Literal["ice", "none", "weight", "KR", "VC", "VC_SQRT", "SCALE"] = Field(
        "ice",
        description="contact weights: ice computes them, weight/KR/VC/VC_SQRT/SCALE takes those in the file, none uses raw counts",
    )
    ice_mad_max: float = Field(
        5.0, description="bins with a coverage this many median absolute deviations below the median are masked (ice)"
    )
    trans: bool = Field(
        False,
        description="keep contacts between chromosomes, for tilesets with trans_per_mb; raw counts, to which the weights balanced within chromosomes apply",
    )
    missing: dict[str, Literal["zero", "zero_inside", "mask", "error"]] = Field(
        default_factory=dict,
        description="per signal assay, what a base without a value is: zero, zero_inside (zero between the first and the last value of a chromosome, masked outside: a file cut to a region), mask (a tile with any is dropped, with the reason; so is each tile of a chromosome that the file lacks), or error; zero when not named",
    )
    bam_normalisation: Literal["RPGC", "CPM"] = Field("RPGC", description="coverage unit of tracks made from BAM files")
    effective_genome_bp: int | None = Field(
        None, description="mappable genome size for RPGC; the assembly's length when null"
    )
    blacklist: str | None = Field(None, description="BED file of regions to leave out of peaks")


class Pairs(Section):
    """A loops assay made of a peaks assay: every two peaks of a chromosome within these distances."""

    peaks: NamePattern = Field(description="peaks assay of the sample sheet")
    min_distance_bp: Positive = Field(description="smallest distance between the peaks' middles, included")
    max_distance_bp: Positive = Field(description="largest distance between the peaks' middles, included")


class Thin(Section):
    """A biosample with some of the reads of another's contacts, drawn one by one without replacement; all else is the other's."""

    sample: NamePattern = Field(description="biosample of the sheet whose contacts are thinned")
    fraction: float = Field(gt=0, lt=1, description="share of its reads that are kept")
    start: Fraction = Field(
        0.0,
        description="ranges [start, start + fraction) that do not meet share no read: 0 and 0.5 are the halves of a map; ranges of one start are nested",
    )
    seed: int = Field(1, description="seed of the draw")

    @model_validator(mode="after")
    def _fits(self) -> Thin:
        """Refuse a range that ends beyond 1."""
        if self.start + self.fraction > 1 + 1e-9:
            raise ValueError(f"start {self.start:g} and fraction {self.fraction:g} add up to more than 1")
        return self


class Tileset(Section):
    """Which windows exist, and the arrays they are cut from."""

    genome: NamePattern | None = Field(
        None, description="genome of the maps, a key of the study's genomes; the study's own when null"
    )
    samples: Names | None = Field(
        None,
        min_length=1,
        description="biosamples that windows are cut from; null for all of the genome that have contacts and every track, those of `thin` only where tracks is []",
    )
    unit: Literal["pair"] = Field("pair", description="what an example is: a pair of bins")
    tile_bins: Positive = Field(50, description="width of a contact window in bins")
    tile_cols: Positive | None = Field(None, description="its columns; null for tile_bins, a square, which tasks need")
    pad: bool = Field(False, description="windows may reach beyond a chromosome's ends, where pixels are invalid")
    max_distance_bins: Positive = Field(
        400, description="largest distance between a pair's bins; the stored band reaches a tile further"
    )
    tracks: list[str] = Field(description="signal assays of the sample sheet, in channel order; [] for contacts alone")
    targets: list[str] = Field(
        default_factory=list,
        description="signal assays that tasks predict, a+b for the sum of two (the strands of one); stored per contact bin, never shown as tracks",
    )
    deeper: dict[NamePattern, NamePattern] = Field(
        default_factory=dict,
        description="biosamples whose windows carry a deeper map of the same, by the biosample that has it: what enhancement predicts",
    )
    diagonal_stride_bins: int | None = Field(
        12, gt=0, description="step between windows on the diagonal; null for none"
    )
    pairs_per_mb: float = Field(
        0.0, ge=0, description="windows off the diagonal, drawn uniformly over distance, per Mb"
    )
    pairs_min_distance_bins: Positive = Field(4, description="smallest distance of those pairs")
    trans_per_mb: float = Field(
        0.0,
        ge=0,
        description="windows between two chromosomes of one split, drawn uniformly, per Mb of all chromosomes; needs normalise.trans",
    )
    min_nonzero_fraction: float = Field(
        0.1, ge=0, le=1, description="tiles with fewer non-zero pixels are dropped, with the reason"
    )
    dense_only: bool = Field(
        False,
        description="draw the pairs of pairs_per_mb among the windows that have enough non-zero pixels, each as likely as any other and none twice, instead of uniformly over distance; nothing is drawn in vain where maps are sparse",
    )
    seed: int = Field(1, description="seed of the drawn pairs")


class Model(Section):
    """A family with its numbers; an ablation is a new file."""

    family: str = Field(description="room under families/")
    tileset: str = Field(description="tileset the model reads, a key of the study's tilesets")
    pretrain_tilesets: Names | None = Field(
        None,
        min_length=1,
        description="tilesets whose tiles pre-training learns from, of tileset's tile_bins and tracks, where they are others, of any genome; null: only tileset",
    )
    base: str | None = Field(None, description="model file whose keys this one takes over and overrides")
    revision: int = Field(1, description="raised by hand when a change of code is meant to change this model's numbers")
    encoder: str | None = Field(
        None, description="model whose pre-trained encoder is fine-tuned; null: its own, or none when pretrain is null"
    )
    init: str | None = Field(
        None,
        description="weights that pre-training starts from, or fine-tuning where pretrain is null: the folder of a model that `chiasma pretrain` wrote (same family, numbers and shape; with the same objective, its pre-training goes on, with a new optimiser and schedule), or one file of released weights; null: random weights",
    )
    parameters: dict[str, Any] = Field(default_factory=dict, description="the family's own numbers")
    pretrain: dict[str, Any] | None = Field(description="training numbers of pre-training; null for none")
    finetune: dict[str, Any] | None = Field(
        description="training numbers of fine-tuning; null when no task uses the model"
    )


class Task(Section):
    """A task with its numbers and the baselines scored beside the models."""

    task: str = Field(description="room under tasks/")
    base: str | None = Field(None, description="task file whose keys this one takes over and overrides")
    tileset: str = Field(description="tileset whose arrays the examples are cut from")
    revision: int = Field(1, description="raised by hand when a change of code is meant to change the task's numbers")
    train_samples: Names | None = Field(
        None,
        description="biosamples whose examples train the task and choose thresholds; null for all that have labels",
    )
    test_samples: Names | None = Field(
        None, description="biosamples that are predicted and scored; null for all that have truth"
    )
    parameters: dict[str, Any] = Field(default_factory=dict, description="the task's own numbers")
    baselines: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="classical callers by name, each with its numbers"
    )
    finetune: dict[str, Any] = Field(
        default_factory=dict,
        description="training numbers of fine-tuning that this task sets, over those of the models",
    )
    evaluation: dict[str, Any] = Field(
        default_factory=dict, description="numbers of the evaluation that differ from its defaults"
    )

    def numbers(self, stage: Literal["label", "finetune", "predict"]) -> dict[str, Any]:
        """Return the task's own numbers that a stage reads, so that editing one of calling trains nothing again."""
        room = rooms.room_module("tasks", self.task, "config")  # HEAD, SHARED and CALLING say who reads what
        shared = getattr(room, "SHARED", ())  # of the head's numbers, those that labelling reads too
        skipped = {
            "label": {*room.HEAD, *room.CALLING} - {*shared},
            "finetune": {*self.parameters} - {*room.HEAD},
            "predict": set(),
        }
        return {key: value for key, value in self.parameters.items() if key not in skipped[stage]}


class Study(Section):
    """One study: which biosamples, which assembly, which splits, which models meet which tasks, which seeds."""

    study: NamePattern = Field(description="name of the study; results lie in results/{study}")
    title: str = Field(description="one line for the report")
    assembly: NamePattern = Field(
        description="assembly; its chromosomes stand in resources/assemblies/{assembly}.tsv unless simulated"
    )
    chromosomes: Annotated[list[str], AfterValidator(unique)] = Field(
        min_length=1, description="chromosomes used, by the assembly table's names"
    )
    species: NamePattern | None = Field(
        None, description="species of the assembly, as in `genomes`; the assembly's name when null"
    )
    samples: str = Field(description="sample sheet")
    mirror: str | None = Field(
        None, description="directory that holds the raw files already (matched by SHA-256), instead of downloads"
    )
    resolution_bp: Positive = Field(5000, description="bin size of contacts")
    track_bp: Positive = Field(100, description="bin size of tracks; divides resolution_bp")
    simulate: dict[str, Any] | None = Field(None, description="numbers of a simulated study; null for real data")
    normalise: Normalise = Field(default_factory=Normalise, description="what a raw value becomes")
    thin: dict[NamePattern, Thin] = Field(
        default_factory=dict, description="shallower maps made of deep ones, by the name of the biosample they become"
    )
    pairs: dict[NamePattern, Pairs] = Field(
        default_factory=dict, description="loops assays made of peaks, by the name a task gives them as labels or truth"
    )
    splits: Splits = Field(description="train, valid and test regions; they bind pre-training too")
    genomes: dict[NamePattern, Genome] = Field(
        default_factory=dict,
        description="further genomes by name, beside the study's own, which the keys above are of; a sample belongs to the genome of its assembly",
    )
    transductive: bool = Field(
        False, description="let pre-training see valid and test regions; the report then says so beside each score"
    )
    tilesets: dict[NamePattern, Tileset] = Field(min_length=1, description="windows by name")
    models: Names = Field(description="models, config/models/{model}.yaml")
    tasks: Names = Field(description="tasks, config/tasks/{task}.yaml")
    task_models: dict[NamePattern, Names] = Field(
        default_factory=dict, description="models that meet a task, where it is not to be all that can"
    )
    seeds: Annotated[list[int], AfterValidator(unique)] = Field(
        min_length=1, description="seeds each model is trained with"
    )
    few_shot: dict[NamePattern, FewShot] = Field(
        default_factory=dict, description="learning with few labels, by the task that is learnt"
    )
    perturb: Perturb | None = Field(
        None, description="weakened tracks and missing modalities at test time; null for none"
    )
    ablation: Ablation | None = Field(None, description="variants of one model beside it; null for none")
    probe: Probe | None = Field(
        None, description="linear probes of pre-trained encoders, with the study's seeds; null for none"
    )
    reported: Reported | None = Field(None, description="losses reported elsewhere, and a page on them; null for none")

    @property
    def own_genome(self) -> Genome:
        """The genome that the study's own keys are of."""
        shared = {key: getattr(self, key) for key in Genome.model_fields if key in Study.model_fields}
        own = {key: getattr(self.normalise, key) for key in ("effective_genome_bp", "blacklist")}
        return Genome.model_construct(**shared, **own)


def _explain(error: ValidationError, where: str, cls: type) -> ConfigError:
    """Turn pydantic's report into one line per problem, with the nearest right key for an unknown one."""
    lines = []
    for problem in error.errors():
        place = ".".join(str(part) for part in problem["loc"] if part not in ("chromosome", "block"))
        if problem["type"] == "extra_forbidden":
            guess = nearest(str(problem["loc"][-1]), known_keys(cls, problem["loc"][:-1]))
            lines.append(f"{where}: unknown key '{place}'" + (f"; did you mean '{guess}'?" if guess else ""))
        elif problem["type"] in ("missing", "missing_argument"):
            lines.append(f"{where}: key '{place}' is missing")
        else:
            lines.append(f"{where}: {place}: {problem['msg']}; found {problem['input']!r}")
    return ConfigError("\n".join(lines))


def known_keys(cls: type[BaseModel], loc: tuple) -> list[str]:
    """Return the keys allowed at ``loc`` of a section, for the nearest-key hint."""
    nested = {
        "splits": [*ChromosomeSplits.model_fields, *BlockSplits.model_fields],
        "genomes": list(Genome.model_fields),
        "normalise": list(Normalise.model_fields),
        "pairs": list(Pairs.model_fields),
        "thin": list(Thin.model_fields),
        "tilesets": list(Tileset.model_fields),
        "few_shot": list(FewShot.model_fields),
        "perturb": list(Perturb.model_fields),
        "ablation": list(Ablation.model_fields),
        "probe": list(Probe.model_fields),
        "reported": list(Reported.model_fields),
    }
    part = "splits" if "splits" in loc else next(iter(loc), None)
    return nested.get(str(part), []) if loc else list(cls.model_fields)


def check_section(cls: type, values: Any, where: str) -> Any:
    """Validate ``values`` against a section or a dataclass; ConfigError says where, what was found and what was expected."""
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where}: expected keys and values, found {values!r}")
    if not issubclass(cls, BaseModel):
        check_keys(values, cls.__dataclass_fields__, where)  # pydantic lets a dataclass's unknown keys pass
    try:
        if issubclass(cls, BaseModel):
            return cls.model_validate(values)
        return TypeAdapter(cls, config=None).validate_python(dict(values))
    except ValidationError as error:
        raise _explain(error, where, cls) from error


def read_yaml(path: str | Path) -> dict[str, Any]:
    """Read a YAML mapping; ConfigError when the file is missing, malformed, or not a mapping."""
    try:
        values = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        others = sorted(other.stem for other in Path(path).parent.glob("*.yaml"))
        raise ConfigError(unknown("file", Path(path).stem, others, str(path))) from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: expected keys and values, found {type(values).__name__}")
    return values


def read_model(name: str, folder: Path = Path("config/models")) -> Model:
    """Read ``{folder}/{name}.yaml`` with its bases, check the family's numbers and the training numbers."""
    path = folder / f"{name}.yaml"
    model: Model = check_section(Model, rooms.read_based(path, read_yaml), str(path))
    room = rooms.room_module("families", model.family, "config", str(path))
    check_section(room.Config, model.parameters, f"{path}: parameters")
    for key in ("pretrain", "encoder", "init"):
        if not room.PRETRAINS and getattr(model, key) is not None:
            raise ConfigError(f"{path}: {key}: family '{model.family}' has no pre-training; make it null")
    if model.init and model.encoder and model.pretrain is None:
        raise ConfigError(f"{path}: encoder and init: fine-tuning starts from one of them; make the other null")
    training = import_module("chiasma.training.config")
    for stage in ("pretrain", "finetune"):
        if getattr(model, stage) is not None:
            numbers = check_section(training.TrainingConfig, getattr(model, stage), f"{path}: {stage}")
            if stage == "pretrain":
                training.check_pretraining(numbers, model.init, f"{path}: {stage}")
    return model


def read_task(name: str, folder: Path = Path("config/tasks")) -> Task:
    """Read ``{folder}/{name}.yaml`` with its bases, check the task's numbers and its baselines' names and numbers."""
    path = folder / f"{name}.yaml"
    task: Task = check_section(Task, rooms.read_based(path, read_yaml), str(path))
    room = rooms.room_module("tasks", task.task, "config", str(path))
    check_section(room.Config, task.parameters, f"{path}: parameters")
    training = import_module("chiasma.training.config").TrainingConfig
    check_section(training, {"epochs": 1, "batch_size": 1, "learning_rate": 1.0, **task.finetune}, f"{path}: finetune")
    for baseline, numbers in task.baselines.items():
        if baseline not in room.BASELINES:
            raise ConfigError(unknown("baseline", baseline, room.BASELINES, f"{path}: baselines"))
        check_section(room.BASELINES[baseline], numbers, f"{path}: baselines.{baseline}")
    return task
