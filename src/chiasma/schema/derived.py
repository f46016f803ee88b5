"""Rows that a study adds to its sample sheet: loops made of peaks, and biosamples with some of the reads of another."""

from __future__ import annotations

from dataclasses import replace

from chiasma.core.errors import ConfigError, unknown
from chiasma.schema.run import Study
from chiasma.schema.samples import Sample


def derived_samples(study: Study, samples: list[Sample], where: str) -> list[Sample]:
    """Return the rows that a study makes of those of its sheet; ConfigError when a name is taken or a source is missing."""
    paired = paired_samples(study, samples, where)
    return paired + thinned_samples(study, samples + paired, where)


def paired_samples(study: Study, samples: list[Sample], where: str) -> list[Sample]:
    """Return one row of kind loops for each biosample's peaks that the study pairs; ConfigError when no peaks are there."""
    found = []
    for assay, pairs in study.pairs.items():
        place = f"{where}: pairs.{assay}"
        if assay == "contacts" or any(row.assay == assay for row in samples):
            raise ConfigError(f"{place}: {study.samples} has an assay of that name already; give the pairs another")
        if pairs.min_distance_bp > pairs.max_distance_bp:
            raise ConfigError(
                f"{place}: min_distance_bp {pairs.min_distance_bp} exceeds max_distance_bp {pairs.max_distance_bp}"
            )
        peaks = [row for row in samples if row.kind == "peaks" and row.assay == pairs.peaks]
        if not peaks:
            known = dict.fromkeys(row.assay for row in samples if row.kind == "peaks")
            raise ConfigError(unknown("peaks assay", pairs.peaks, known, place))
        found += [replace(row, assay=assay, kind="loops") for row in peaks]
    return found


def thinned_samples(study: Study, samples: list[Sample], where: str) -> list[Sample]:
    """Return the rows of each biosample that the study makes by thinning: its source's, by its own name.

    Its contacts are thinned; tracks, peaks, loops, genes and states are those of its source.

    Raises
    ------
    ConfigError
        When the sheet has a biosample of that name, or the source has no contacts.
    """
    deep = {row.sample for row in samples if row.assay == "contacts"}
    for name, thin in study.thin.items():
        if any(row.sample == name for row in samples):
            raise ConfigError(f"{where}: thin.{name}: {study.samples} has a biosample of that name; give another")
        if thin.sample not in deep:
            raise ConfigError(unknown("sample", thin.sample, deep, f"{where}: thin.{name}: biosamples with contacts"))
    return [
        replace(row, sample=name) for name, thin in study.thin.items() for row in samples if row.sample == thin.sample
    ]
