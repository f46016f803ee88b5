"""What a study's sheet knows of a map beside its contacts: which files annotate the maps that a task predicts."""

from __future__ import annotations

from chiasma.schema.study import ResolvedStudy

KINDS = ("states", "loops")  # chromatin states, and pairs known to touch


def annotation(study: ResolvedStudy, task: str) -> list[tuple[str, str, str]]:
    """Return (predicted sample, annotated sample, assay) of all states and loops of the map that is the truth of each prediction.

    The truth of a shallow map is the deeper one; what is known of a thinned map is what is known of the map it was drawn from.
    """
    deeper = study.run.tilesets[study.tasks[task].tileset].deeper if study.against_deeper(task) else {}
    found = []
    for sample in study.predicted_samples(task):
        truth = deeper.get(sample, sample)
        known = study.run.thin[truth].sample if truth in study.run.thin else truth
        found += [(sample, known, assay) for kind in KINDS for assay in study.assays(known, kind)]
    return found
