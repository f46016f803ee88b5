"""A study of two genomes: each rule takes splits, chromosomes, bins and tiles of the right one."""

import json

import pytest
from checkout import FAMILIES, STUDY, TRAINING, add_kinds, lay_out

from chiasma.schema.run import Study
from chiasma.schema.study import simulated_paths

ROWS = [("m", "contacts", "a.mcool"), ("m", "atac", "a.bw"), ("m", "loops", "a.bedpe"), ("m", "peaks", "a.narrowPeak")]
MAIZE = {
    "assembly": "corn",
    "chromosomes": ["k1", "k2", "k3"],
    "resolution_bp": 2000,
    "track_bp": 40,
    "splits": {"by": "chromosome", "train": ["k1"], "valid": ["k2"], "test": ["k3"]},
}
OWN, FAR = "results/toy/tiles/splits.tsv", "results/toy/tiles/maize.splits.tsv"


def add_maize(toy, **changed):
    """Give the toy study a second genome with one sample and a tileset, and pre-train on both."""
    sheet = toy.root / "config/samples/toy.tsv"
    sheet.write_text(sheet.read_text() + "".join(f"{s}\t{a}\tresources/raw/given/{f}\tcorn\n" for s, a, f in ROWS))
    table = "chrom\tlength_bp\taliases\nk1\t9\t1\nk2\t9\t2\nk3\t9\t3\n"
    (toy.root / "resources/assemblies/corn.tsv").write_text(table)
    tilesets = {"windows": {"tracks": ["atac"]}, "far": {"genome": "maize", "tracks": ["atac"]}}
    toy.edit("config/config.yaml", **{"genomes": {"maize": MAIZE}, "tilesets": tilesets, **changed})
    toy.edit("config/models/one.yaml", pretrain_tilesets=["windows", "far"])
    return toy


@pytest.fixture
def farm(toy):
    return add_maize(toy)


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """The commands of the whole study of two genomes."""
    return plan(add_maize(lay_out(tmp_path_factory.mktemp("farm"))))


def plan(toy, *words):
    """The commands of a whole plan."""
    text = toy.snakemake("-n", "-p", "--cores", "2", "--forceall", *words).stdout
    return [line[line.index("chiasma ") :] for line in text.splitlines() if "chiasma " in line]


def of(lines, command, *words):
    """The planned lines of a command in which all of these words stand."""
    return [line for line in lines if line.startswith(f"chiasma {command} ") and all(word in line for word in words)]


def config_of(line):
    return json.loads(line.split("--config '")[1].split("'")[0])


def test_each_command_is_given_what_is_of_its_genome(lines):
    (own,), (far,) = of(lines, "normalise_contacts", "--sample a "), of(lines, "normalise_contacts", "--sample m ")
    assert "--assembly resources/assemblies/toy.tsv" in own and "--assembly resources/assemblies/corn.tsv" in far
    assert (config_of(own)["resolution_bp"], config_of(far)["resolution_bp"]) == (5000, 2000)
    assert config_of(far)["chromosomes"] == MAIZE["chromosomes"]
    (signal,) = of(lines, "normalise_signal", "--sample m ")
    assert config_of(signal)["track_bp"] == 40
    splits = {line.split("--output ")[1].split()[0]: config_of(line) for line in of(lines, "split")}
    assert splits.keys() == {OWN, FAR} and splits[FAR]["splits"] == MAIZE["splits"]
    (tile,) = of(lines, "tile", "--output results/toy/tiles/far")
    assert f"--splits {FAR}" in tile and "--samples m " in tile and "assemblies/corn.tsv" in tile
    assert config_of(tile)["track_bp"] == 40 and "genome" not in config_of(tile)
    (tile,) = of(lines, "tile", "--output results/toy/tiles/windows")
    assert f"--splits {OWN}" in tile and "--samples a,b " in tile


def test_each_genome_is_audited_by_itself_and_the_report_shows_all(lines):
    own, far = of(lines, "audit", f"--splits {OWN}"), of(lines, "audit", f"--splits {FAR}")
    assert len(own) == len(far) == 1
    assert "--table windows=" in own[0] and "--table pairs=" in own[0] and "far" not in own[0]
    assert far[0].count("--table") == 1 and "--table far=results/toy/tiles/far/index.parquet" in far[0]
    (summary,) = of(lines, "summarise")
    assert "--leaks results/toy/tiles/leaks.tsv --leaks results/toy/tiles/maize.leaks.tsv" in summary
    (figure,) = of(lines, "draw_splits")
    assert f"--splits {OWN} --splits {FAR} " in figure


def test_a_model_is_pretrained_on_all_its_tilesets_and_fine_tuned_on_its_own(lines):
    pretrained = of(lines, "pretrain")
    assert len(pretrained) == len(STUDY["seeds"])
    for line in pretrained:
        assert "--tiles results/toy/tiles/windows --tiles results/toy/tiles/far --seed" in line
        assert config_of(line)["pretrain_tilesets"] == ["windows", "far"]
    for command in ("finetune", "predict", "evaluate"):
        assert of(lines, command) and all("tiles/far" not in line for line in of(lines, command))
    assert all(f"--splits {OWN}" in line for line in of(lines, "predict") + of(lines, "evaluate"))


def test_a_task_is_learnt_on_the_named_genome(toy):
    farm = add_maize(
        add_kinds(toy), models=["one", "scratch"], tasks=["pairs", "maps", "tracks"], few_shot={}, perturb=None
    )
    tilesets = {"windows": {"tracks": ["atac"]}, "far": {"genome": "maize", "tracks": ["atac"], "targets": ["cage"]}}
    farm.edit("config/config.yaml", tilesets=tilesets)
    farm.edit("config/models/one.yaml", tileset="far")
    for task in ("pairs", "maps", "tracks"):
        farm.edit(f"config/tasks/{task}.yaml", tileset="far")
    lines = plan(farm)
    commands = (
        "label",
        "predict",
        "predict_baseline",
        "evaluate",
        "evaluate_maps",
        "evaluate_tracks",
        "draw_called_region",
        "draw_predicted_maps",
        "draw_tracks",
    )
    for command in commands:
        assert of(lines, command) and all(f"--splits {FAR}" in line for line in of(lines, command)), command
    for command in ("draw_scores", "draw_probe", "draw_ablation", "summarise"):
        assert [config_of(line)["resolution_bp"] for line in of(lines, command)] == [2000], command
    assert all("--sample m " in line for line in of(lines, "predict"))


def test_a_study_of_two_genomes_runs_and_is_then_done(farm):
    farm.snakemake("--cores", "2", "results/toy/pretrain/one/seed1/weights.safetensors")
    tiles = {path.name for path in (farm.root / "results/toy/tiles").iterdir()}
    assert tiles == {"windows", "far", "splits.tsv", "maize.splits.tsv", "leaks.tsv", "maize.leaks.tsv"}
    assert tiles >= {"leaks.tsv", "maize.leaks.tsv"}, "no training before each is audited"
    farm.edit(
        "config/config.yaml", genomes={"maize": MAIZE | {"splits": MAIZE["splits"] | {"valid": ["k3"], "test": ["k2"]}}}
    )
    planned = farm.planned("results/toy/pretrain/one/seed1/weights.safetensors")
    assert planned["split"] == planned["tile"] == planned["audit"] == 1, "the study's own genome stays as it is"
    assert planned["pretrain"] == 1
    assert "normalise_contacts" not in planned


def test_a_simulated_animal_and_a_simulated_plant_are_each_made_once(toy):
    numbers = {"contacts": 1000, "contacts_hic": []}
    animal = numbers | {"chromosomes": dict.fromkeys(STUDY["chromosomes"], 8_000_000), "samples": ["a"]}
    plant = numbers | {
        "chromosomes": dict.fromkeys(MAIZE["chromosomes"], 8_000_000), "samples": ["m"], "biology": "plant",
    }  # fmt: skip
    bins = {"resolution_bp": 5000, "track_bp": 100, "simulate": plant}
    tilesets = {"windows": {"tracks": ["atac"]}, "far": {"genome": "maize", "tracks": ["atac"]}}
    changed = {"simulate": animal, "genomes": {"maize": MAIZE | bins}, "tilesets": tilesets}
    study = Study.model_validate(STUDY | changed)
    rows = ["sample\tassay\tdataset\tassembly"]
    for sample, assembly, genome in (("a", "toy", None), ("m", "corn", "maize")):
        files = {path.name: path for path in simulated_paths(study, genome)}
        named = (("contacts", "mcool"), ("atac", "atac.bw"))
        rows += [f"{sample}\t{assay}\t{files[f'{sample}.{suffix}']}\t{assembly}" for assay, suffix in named]
    (toy.root / "config/samples/toy.tsv").write_text("\n".join(rows) + "\n")
    toy.edit("config/config.yaml", **changed, tasks=[], models=["one"])
    toy.write_yaml(
        "config/models/one.yaml",
        {
            "family": FAMILIES[False], "tileset": "far", "pretrain_tilesets": ["far", "windows"],
            "pretrain": TRAINING | {"sampling_temperature": 2.0}, "finetune": None,
        },
    )  # fmt: skip
    lines = plan(toy)
    for command in ("normalise_contacts", "tile", "split", "audit"):
        assert len(of(lines, command)) == 2, command
    made = {line.split("--output ")[1].split()[0]: config_of(line) for line in of(lines, "simulate")}
    assert len(of(lines, "simulate")) == 2
    assert made == {"resources/raw/toy": animal, "resources/raw/toy/maize": plant}
    (far,) = of(lines, "normalise_contacts", "--sample m ")
    assert "resources/raw/toy/maize/m.mcool" in far and "--assembly resources/raw/toy/maize/assembly.tsv" in far
