"""The genomes of a study: how each is split, and that no two of them tell a model what it is tested on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from chiasma.core.errors import ConfigError, unknown
from chiasma.schema.section import Fraction, NamePattern, Positive, Section, unique

SPLIT_NAMES = ("train", "valid", "test")


class ChromosomeSplits(Section):
    """Whole chromosomes are train, valid or test."""

    by: Literal["chromosome"]
    train: list[str] = Field(min_length=1, description="chromosomes that models learn from, in pre-training and tasks")
    valid: list[str] = Field(min_length=1, description="chromosomes for model selection, thresholds and empirical FDR")
    test: list[str] = Field(
        min_length=1, description="chromosomes that scores are computed on, touched by nothing else"
    )


class BlockSplits(Section):
    """Blocks of each chromosome are train, valid or test, with a gap between blocks of different splits."""

    by: Literal["block"]
    block_bp: Positive = Field(description="length of a block")
    gap_bp: Positive = Field(
        description="bases left out between neighbouring blocks of different splits; at least a tile wide"
    )
    valid_fraction: Fraction = Field(0.15, description="share of blocks for validation")
    test_fraction: Fraction = Field(0.2, description="share of blocks for test")
    seed: int = Field(1, description="seed of the assignment of blocks to splits")


Splits = Annotated[ChromosomeSplits | BlockSplits, Field(discriminator="by")]


class Genome(Section):
    """A genome beside the study's own: maps of another species, or of another assembly, to pre-train or to learn a task on."""

    assembly: NamePattern = Field(
        description="assembly of its rows of the sample sheet, another one than every other genome's"
    )
    species: NamePattern | None = Field(
        None,
        description="genomes of one species must have chromosomes of one name in one split; the assembly's name when null",
    )
    chromosomes: Annotated[list[str], AfterValidator(unique)] = Field(
        min_length=1, description="chromosomes used, by the assembly table's names"
    )
    resolution_bp: Positive = Field(description="bin size of contacts")
    track_bp: Positive | None = Field(
        None, description="bin size of tracks; divides resolution_bp; resolution_bp when null"
    )
    splits: Splits = Field(description="train, valid and test regions; they bind pre-training too")
    simulate: dict[str, Any] | None = Field(None, description="numbers of a simulated genome; null for real data")
    effective_genome_bp: int | None = Field(
        None, description="as that of `normalise`, which is of the study's own genome"
    )
    blacklist: str | None = Field(None, description="as that of `normalise`, which is of the study's own genome")

    @model_validator(mode="before")
    @classmethod
    def _tracks_have_bins(cls, values: Any) -> Any:
        """Give tracks the bins of contacts where none are named."""
        if isinstance(values, Mapping) and values.get("track_bp") is None and "resolution_bp" in values:
            return {**values, "track_bp": values["resolution_bp"]}
        return values

    @property
    def kind(self) -> str:
        """The species, as far as it is known."""
        return self.species or self.assembly


Genomes = Mapping[str | None, Genome]  # by name; the study's own has none


def place_of(name: str | None, where: str) -> str:
    """Return where the keys of a genome stand, for messages."""
    return f"{where}: genomes.{name}" if name else where


def check_names(genome: Genome, known: Mapping[str, Iterable[str]], place: str) -> None:
    """Raise ConfigError when a genome names a chromosome otherwise than its table does, or one that is not there.

    Parameters
    ----------
    known : chromosome -> its aliases
    place : where the genome's keys stand, for messages
    """
    meant = {alias.casefold(): chrom for chrom, aliases in known.items() for alias in (*aliases, chrom)}
    named = {"chromosomes": genome.chromosomes}
    if isinstance(genome.splits, ChromosomeSplits):
        named |= {f"splits.{split}": getattr(genome.splits, split) for split in SPLIT_NAMES}
    for key, chroms in named.items():
        for chrom in chroms:
            if chrom not in known and chrom.casefold() in meant:
                own = meant[chrom.casefold()]
                raise ConfigError(
                    f"{place}: {key}: '{chrom}' is an alias of '{own}' in {genome.assembly}; studies use the first name that the "
                    f"assembly's table gives, so write '{own}'"
                )
    for chrom in genome.chromosomes:
        if chrom not in known:
            raise ConfigError(unknown("chromosome", chrom, known, f"{place}: chromosomes"))


def check_genomes(genomes: Genomes, transductive: bool, where: str) -> None:
    """Raise ConfigError when a genome contradicts itself, or two cannot be told apart or share sequence across splits."""
    for name, genome in genomes.items():
        place = place_of(name, where)
        if genome.resolution_bp % genome.track_bp:
            raise ConfigError(
                f"{place}: track_bp {genome.track_bp} does not divide resolution_bp {genome.resolution_bp}"
            )
        if isinstance(genome.splits, ChromosomeSplits):
            _check_chromosome_splits(genome, place)
    for one, other in combinations(genomes, 2):
        if genomes[one].assembly == genomes[other].assembly:
            raise ConfigError(
                f"{place_of(other, where)}: assembly '{genomes[other].assembly}' is that of {_called(one)} too, and a sample "
                "belongs to the genome of its assembly; put all its chromosomes into one genome, at one bin size"
            )
        if not transductive:
            _check_homologs(genomes, one, other, where)


def _check_chromosome_splits(genome: Genome, place: str) -> None:
    named = [chrom for split in SPLIT_NAMES for chrom in getattr(genome.splits, split)]
    for chrom in named:
        if chrom not in genome.chromosomes:
            raise ConfigError(unknown("chromosome", chrom, genome.chromosomes, f"{place}: splits"))
        if named.count(chrom) > 1:
            raise ConfigError(f"{place}: splits: chromosome '{chrom}' is in more than one split")


def _check_homologs(genomes: Genomes, one: str | None, other: str | None, where: str) -> None:
    """Refuse two assemblies of one species whose chromosomes of one name are not in one split."""
    first, second = genomes[one], genomes[other]
    if first.kind != second.kind:
        return
    theirs = dict(_split_chromosomes(second))
    for chrom, own in _split_chromosomes(first):
        if theirs.get(chrom, own) != own or (own == "blocks" and chrom in theirs):
            raise ConfigError(
                f"{place_of(other, where)}: chromosome '{chrom}' of {first.kind} is in {theirs[chrom]} here and in {own} of "
                f"{_called(one)}, so that a model would learn from what it is tested on; split both by chromosome, each "
                "chromosome in the same split of both, or set transductive: true and see it reported"
            )


def _split_chromosomes(genome: Genome) -> Iterator[tuple[str, str]]:
    """Yield each chromosome that is in a split, without ``chr``, and the split; "blocks" for parts in several."""
    if isinstance(genome.splits, BlockSplits):
        yield from ((_bare(chrom), "blocks") for chrom in genome.chromosomes)
        return
    for split in SPLIT_NAMES:
        yield from ((_bare(chrom), split) for chrom in getattr(genome.splits, split))


def _bare(chrom: str) -> str:
    return chrom.lower().removeprefix("chr")


def _called(name: str | None) -> str:
    return f"genome '{name}'" if name else "the study's own genome"
