"""A toy study in a copy of the workflow, where ``chiasma`` is a stub: the rules are real, the work is not."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from chiasma.schema.rooms import room_module, room_names

TOP = Path(__file__).parents[2]
STUDY = {
    "study": "toy",
    "title": "A toy",
    "assembly": "toy",
    "chromosomes": ["c1", "c2", "c3"],
    "samples": "config/samples/toy.tsv",
    "splits": {"by": "chromosome", "train": ["c1"], "valid": ["c2"], "test": ["c3"]},
    "tilesets": {"windows": {"tracks": ["atac"]}},
    "models": ["one", "scratch"],
    "tasks": ["pairs"],
    "seeds": [1, 2],
}
FILES = ("a.mcool", "b.hic", "a.bw", "b.bw", "a.bedpe", "b.bedpe", "a.narrowPeak", "a.gff3")
SHEET = [
    ("a", "contacts", "a.mcool"), ("a", "atac", "a.bw"), ("a", "loops", "a.bedpe"), ("a", "peaks", "a.narrowPeak"),
    ("a", "genes", "a.gff3"),
    ("b", "contacts", "b.hic"), ("b", "atac", "b.bw"), ("b", "loops", "b.bedpe"),
]  # fmt: skip
ROOMS = {  # one task of each kind, of maps one whose truth is the map itself
    room_module("tasks", name, "config").PREDICTS: name
    for name in room_names("tasks")
    if getattr(room_module("tasks", name, "config"), "AGAINST", "own") == "own"
}
TASK = ROOMS["calls"]
SUFFIXES = {"calls": ("parquet", "bedpe"), "maps": ("mcool",), "profiles": ("bw",), "tracks": ("tracks",)}
FAMILIES = {room_module("families", name, "config").BASELINE: name for name in room_names("families")}  # is it a rival
TRAINING = {"epochs": 1, "batch_size": 2, "learning_rate": 0.1}


@dataclass
class Checkout:
    """A folder with the workflow in it, and the Snakemake that runs there."""

    root: Path

    def write_yaml(self, path, values):
        (self.root / path).write_text(yaml.safe_dump(values))

    def edit(self, path, **values):
        self.write_yaml(path, yaml.safe_load((self.root / path).read_text()) | values)

    def snakemake(self, *words, check=True):
        environment = os.environ | {"PATH": f"{self.root}/bin:{Path(sys.executable).parent}:{os.environ['PATH']}"}
        environment.pop("SNAKEMAKE_PROFILE", None)
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", *words],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def planned(self, *words):
        """The jobs that a dry run would do: rule -> how many."""
        text = self.snakemake("-n", "--quiet", "rules", "--cores", "2", *words)
        return count_jobs(text.stdout + text.stderr)


def count_jobs(text):
    """Read Snakemake's table of jobs; empty when there is nothing to be done."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.split() == ["job", "count"]:
            next(lines)
            break
    rows = (line.split() for line in lines)
    counts = {}
    for row in rows:
        if len(row) != 2 or row[0] == "total":
            break
        counts[row[0]] = int(row[1])
    return counts


def lay_out(root):
    """Copy the workflow and write the toy study, its models, task and sheet."""
    shutil.copytree(TOP / "workflow", root / "workflow", symlinks=True)
    shutil.copytree(TOP / "src/chiasma", root / "src/chiasma", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(TOP / "envs", root / "envs")
    shutil.copytree(TOP / ".ci", root / ".ci")
    shutil.copy(TOP / "Snakefile", root)
    (root / "slurm").symlink_to("workflow/profiles/slurm")
    for folder in ("config/models", "config/tasks", "config/samples", "resources/raw/given", "bin"):
        (root / folder).mkdir(parents=True)
    (root / "resources/datasets.tsv").write_text(
        "name\tversion\tfile\turl\tbytes\tsha256\tlicence\tcitation\tprocessing\n"
    )
    for name in (*FILES, "assembly.tsv"):
        (root / "resources/raw/given" / name).write_text(name)
    (root / "resources/assemblies").mkdir()
    (root / "resources/assemblies/toy.tsv").write_text("chrom\tlength_bp\taliases\nc1\t9\t1\nc2\t9\t2\nc3\t9\t3\n")
    rows = ["sample\tassay\tdataset\tassembly", *(f"{s}\t{a}\tresources/raw/given/{f}\ttoy" for s, a, f in SHEET)]
    (root / "config/samples/toy.tsv").write_text("\n".join(rows) + "\n")
    (root / "simulated.json").write_text(json.dumps(FILES))
    (root / "predicted.json").write_text(json.dumps({"pairs": SUFFIXES["calls"]}))
    stub = root / "bin/chiasma"
    stub.write_text(f"#!{sys.executable} -S\n" + (Path(__file__).parent / "stub.py").read_text())
    stub.chmod(0o755)
    toy = Checkout(root)
    model = {"family": FAMILIES[False], "tileset": "windows", "pretrain": TRAINING, "finetune": TRAINING}
    task = {"task": TASK, "tileset": "windows", "parameters": {}, "baselines": {}}
    toy.write_yaml("config/config.yaml", STUDY)
    toy.write_yaml("config/models/one.yaml", model)
    toy.write_yaml("config/models/scratch.yaml", {"base": "one", "pretrain": None})
    toy.write_yaml("config/tasks/pairs.yaml", task)
    return toy


def add_kinds(toy):
    """Give the toy study a rival, a task of maps, one of profiles and one of tracks with all their baselines, and experiments beside."""
    sheet = toy.root / "config/samples/toy.tsv"
    rows = [("a", "cage", "a.bw"), ("b", "cage", "b.bw"), ("b", "genes", "a.gff3")]
    sheet.write_text(sheet.read_text() + "".join(f"{s}\t{y}\tresources/raw/given/{f}\ttoy\n" for s, y, f in rows))
    toy.write_yaml(
        "config/models/rival.yaml",
        {"family": FAMILIES[True], "tileset": "windows", "pretrain": None, "finetune": TRAINING},
    )
    for kind in ("maps", "profiles", "tracks"):
        room = room_module("tasks", ROOMS[kind], "config")
        task = {"task": ROOMS[kind], "tileset": "windows", "baselines": {name: {} for name in room.BASELINES}}
        toy.write_yaml(f"config/tasks/{kind}.yaml", task | {"finetune": {"monitor": "pearson", "monitor_mode": "max"}})
    toy.edit(
        "config/config.yaml",
        tilesets={"windows": {"tracks": ["atac"], "targets": ["cage"]}},
        models=["one", "scratch", "rival"],
        tasks=["pairs", "maps", "profiles", "tracks"],
        few_shot={"pairs": {"models": ["one", "scratch"], "seeds": [1, 2, 3], "fractions": [0.1, 1.0]}},
        perturb={"task": "pairs", "models": ["one"]},
        ablation={"task": "pairs", "reference": "one", "groups": {"start": ["scratch"]}},
        probe={"task": "pairs", "models": ["one"]},
    )
    kinds = {"pairs": "calls", "maps": "maps", "profiles": "profiles", "tracks": "tracks"}
    (toy.root / "predicted.json").write_text(json.dumps({task: SUFFIXES[kind] for task, kind in kinds.items()}))
    return toy
