# The study, checked before any job starts, and what every rule file asks of it.
import json
import re
from pathlib import Path

from snakemake.exceptions import WorkflowError

from chiasma.schema.annotation import annotation
from chiasma.schema.reported import landmark_models
from chiasma.schema.study import ConfigError, read_study, simulated_paths
from chiasma.schema.weights import init_of, weight_files

try:
    STUDY = read_study(config, where=f"study '{config.get('study')}'")
except ConfigError as error:
    raise WorkflowError(str(error)) from None

RUN = STUDY.run.model_dump(mode="json")
R = f"results/{RUN['study']}"
PREDICTED = {  # suffixes of a prediction; that of tracks is a folder, with a .bw for each
    "calls": ("parquet", "bedpe"),
    "maps": ("mcool",),
    "profiles": ("bw",),
    "similarities": ("tsv",),
    "tracks": ("tracks",),
}
DRAWN = {  # figures of each kind
    "calls": ("curves", "pileups", "called_region"),
    "maps": ("predicted_maps", "strata"),
    "profiles": ("profiles",),
    "similarities": ("similarities",),
    "tracks": ("tracks",),
}
# suffix of a normalised file
SUFFIX = {"contacts": "cool", "signal": "bw", "peaks": "bed", "loops": "bedpe", "genes": "bed", "states": "bed"}


def any_of(names):
    """A wildcard constraint that matches these names and nothing else."""
    return "|".join(re.escape(str(name)) for name in names) or "(?!)"


def code(*places):
    """The Python files of rooms or modules of the package: as inputs, they make an edit of the code noticed."""
    roots = [Path("src/chiasma") / place for place in places]
    return sorted(str(path) for root in roots for path in ([root] if root.suffix else root.rglob("*.py")))


def inline(values):
    """JSON for a command's --config: narrow, so that an edit of the study re-runs only what reads the edited key."""
    return json.dumps(values, sort_keys=True)


def keys(*names):
    """The study's values of these keys."""
    return {name: RUN[name] for name in names}


def options(flag, values):
    """One command-line option per value."""
    return [word for value in values for word in (flag, value)]


def scaled(amount):
    """A resource that grows with each attempt (only a profile allows more than one)."""
    return lambda wildcards, attempt: amount * attempt


wildcard_constraints:
    study=re.escape(RUN["study"]),
    genome="(" + "|".join(["", *(re.escape(f"{name}.") for name in STUDY.run.genomes)]) + ")",
    dataset=any_of(STUDY.datasets),
    file=any_of({dataset.file for dataset in STUDY.datasets.values()}),
    sample=any_of(STUDY.sample_names),
    tileset=any_of(STUDY.run.tilesets),
    model=any_of(STUDY.models),
    task=any_of(STUDY.tasks),
    seed=any_of(STUDY.run.seeds),
