"""An assembly's chromosomes, their lengths, and every name a file may use for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chiasma.core.errors import InputError, unknown

SHOWN = 8  # names listed in a message before the rest is counted


@dataclass(frozen=True)
class Assembly:
    """A genome assembly.

    Attributes
    ----------
    name : name for messages
    lengths : chromosome -> length in bp, in the assembly's order
    aliases : any name -> chromosome; a chromosome's own name is among them
    """

    name: str
    lengths: dict[str, int]
    aliases: dict[str, str]

    @property
    def total_bp(self) -> int:
        """The assembly's length in bp."""
        return sum(self.lengths.values())

    def matches(self, name: str) -> set[str]:
        """Return the chromosomes ``name`` may mean: an exact alias, or else every alias equal up to letter case."""
        if name in self.aliases:
            return {self.aliases[name]}
        return {chrom for alias, chrom in self.aliases.items() if alias.casefold() == name.casefold()}

    def resolve(self, name: str, where: str) -> str:
        """Return the assembly's own name of a chromosome; InputError when ``name`` is unknown or ambiguous."""
        found = self.matches(name)
        if len(found) == 1:
            return found.pop()
        if found:
            raise InputError(
                f"{where}: chromosome name '{name}' is ambiguous in {self.name}: {', '.join(sorted(found))}"
            )
        raise InputError(
            unknown("chromosome", name, self.lengths, f"{where}: {self.name}") + "; add it to the assembly's aliases"
        )

    def resolve_file(self, found: Mapping[str, int] | Sequence[str], where: str) -> dict[str, str]:
        """Return the file's name -> the assembly's name for the contigs of a file that are in the assembly.

        Parameters
        ----------
        found : the file's chromosomes, with lengths in bp where the format states them
        where : the file, for messages

        Raises
        ------
        InputError
            When no contig is in the assembly, two contigs mean one chromosome, a name is ambiguous, or a length differs.
        """
        resolved = {name: self.resolve(name, where) for name in found if self.matches(name)}
        if not resolved:
            raise InputError(
                f"{where}: none of its chromosomes is in assembly {self.name}: found {listed(found)}; "
                f"expected {listed(self.lengths)} or an alias of them"
            )
        self._check_distinct(resolved, where)
        if isinstance(found, Mapping):
            self._check_lengths(found, resolved, where)
        return resolved

    def _check_distinct(self, resolved: Mapping[str, str], where: str) -> None:
        first: dict[str, str] = {}
        for name, chrom in resolved.items():
            if chrom in first:
                raise InputError(
                    f"{where}: '{first[chrom]}' and '{name}' both mean chromosome '{chrom}' of {self.name}; "
                    "the file must name each chromosome once"
                )
            first[chrom] = name

    def _check_lengths(self, found: Mapping[str, int], resolved: Mapping[str, str], where: str) -> None:
        for name, chrom in resolved.items():
            if found[name] != self.lengths[chrom]:
                raise InputError(
                    f"{where}: chromosome '{name}' is {found[name]} bp, but '{chrom}' of {self.name} is {self.lengths[chrom]} bp: "
                    "the file is of another assembly; lift it over or correct the study's assembly"
                )


def build_assembly(name: str, lengths: Mapping[str, int], aliases: Mapping[str, Iterable[str]], where: str) -> Assembly:
    """Return the assembly with these lengths and other names by chromosome.

    Raises InputError when a length is not positive or one name is given to two chromosomes.
    """
    names = {chrom: chrom for chrom in lengths}
    for chrom, others in aliases.items():
        for other in others:
            if names.setdefault(other, chrom) != chrom:
                raise InputError(f"{where}: name '{other}' is given to both '{names[other]}' and '{chrom}'")
    for chrom, length in lengths.items():
        if length <= 0:
            raise InputError(f"{where}: chromosome '{chrom}' has length {length}; expected a positive number of bp")
    return Assembly(name, dict(lengths), names)


def study_names(
    assembly: Assembly, found: Mapping[str, int] | Sequence[str], chromosomes: Sequence[str], where: str
) -> dict[str, str]:
    """Return chromosome of the study -> the file's name of it, in the study's order.

    Raises InputError, beside the reasons of `Assembly.resolve_file`, when the file lacks a chromosome of the study.
    """
    held = held_names(assembly, found, chromosomes, where)
    for chrom in (assembly.resolve(name, "study") for name in chromosomes):
        if chrom not in held:
            raise InputError(
                f"{where}: chromosome '{chrom}' of the study is absent; the file has {listed(found)}. "
                "Leave the chromosome out of the study, or give a file that holds it"
            )
    return held


def held_names(
    assembly: Assembly, found: Mapping[str, int] | Sequence[str], chromosomes: Sequence[str], where: str
) -> dict[str, str]:
    """Return chromosome of the study -> the file's name of it, in the study's order, for those that the file holds.

    Raises InputError for the reasons of `Assembly.resolve_file`.
    """
    by_chrom = {chrom: name for name, chrom in assembly.resolve_file(found, where).items()}
    wanted = [assembly.resolve(chrom, "study") for chrom in chromosomes]
    return {chrom: by_chrom[chrom] for chrom in wanted if chrom in by_chrom}


def listed(names: Iterable[str]) -> str:
    """Return the first names joined by commas, with how many more there are."""
    names = [str(name) for name in names]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(names[:SHOWN]) + more) or "none"
