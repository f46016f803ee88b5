"""A right study in little, on disk, with all that it refers to: a test changes one thing of it."""

import copy
from pathlib import Path

import pytest
import yaml

from chiasma.core.errors import ConfigError
from chiasma.schema.rooms import room_module, room_names
from chiasma.schema.study import read_study

FAMILY = room_names("families")[0]
TASK = next(name for name in room_names("tasks") if room_module("tasks", name, "config").PREDICTS == "calls")
TRAINING = {"epochs": 1, "batch_size": 2, "learning_rate": 0.1}
STUDY = {
    "study": "s",
    "title": "t",
    "assembly": "toy",
    "chromosomes": ["c1", "c2", "c3"],
    "samples": "config/samples/s.tsv",
    "splits": {"by": "chromosome", "train": ["c1"], "valid": ["c2"], "test": ["c3"]},
    "tilesets": {"windows": {"tracks": ["atac"], "tile_bins": 50}},
    "models": ["one", "scratch"],
    "tasks": ["pairs"],
    "seeds": [1, 2],
}
SHEET = [
    "sample\tassay\tdataset\tassembly",
    "a\tcontacts\tfar_hic\ttoy",
    "a\tatac\traw/a.bw\ttoy",
    "a\tloops\traw/a.bedpe\ttoy",
    "b\tcontacts\traw/b.mcool\ttoy",
    "b\tatac\traw/b.bw\ttoy",
    "c\tatac\traw/a.bw\ttoy",
]


class House:
    """A folder with all that a study refers to."""

    def __init__(self, root: Path):
        self.root = root
        for folder in ("config/models", "config/tasks", "config/samples", "resources/assemblies", "raw"):
            (root / folder).mkdir(parents=True)
        for name in ("a.bw", "a.bedpe", "b.mcool", "b.bw"):
            (root / "raw" / name).touch()
        dataset = ["far_hic", "1", "far.hic", "https://example.org/far.hic", "9", "0" * 64, "CC0", "none", "verbatim"]
        columns = "name\tversion\tfile\turl\tbytes\tsha256\tlicence\tcitation\tprocessing"
        self.text("resources/datasets.tsv", columns + "\n" + "\t".join(dataset))
        self.text("resources/assemblies/toy.tsv", "chrom\tlength_bp\taliases\nc1\t9\t1\nc2\t9\t2\nc3\t9\t3")
        self.text("config/samples/s.tsv", "\n".join(SHEET))
        model = {"family": FAMILY, "tileset": "windows", "pretrain": TRAINING, "finetune": TRAINING}
        self.yaml("config/models/one.yaml", model)
        self.yaml("config/models/scratch.yaml", {"base": "one", "pretrain": None})
        self.yaml("config/tasks/pairs.yaml", {"task": TASK, "tileset": "windows"})

    def text(self, path, text):
        (self.root / path).write_text(text + "\n")

    def yaml(self, path, values):
        self.text(path, yaml.safe_dump(values))

    def read(self, **changed):
        return read_study(copy.deepcopy(STUDY) | changed, "s.yaml", self.root)

    def error(self, **changed):
        with pytest.raises(ConfigError) as caught:
            self.read(**changed)
        return str(caught.value)
