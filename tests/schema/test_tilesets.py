"""The tilesets that a model is pre-trained on have one shape, and tasks that are drawn together one size of bins."""

import pytest
from study_house import FAMILY, TASK, TRAINING

TWO = {
    "windows": {"tracks": ["atac"], "tile_bins": 50},
    "dense": {"tracks": ["atac"], "tile_bins": 50, "pairs_per_mb": 9},
}


def model(house, **keys):
    values = {"family": FAMILY, "tileset": "windows", "pretrain": TRAINING, "finetune": TRAINING}
    house.yaml("config/models/one.yaml", values | keys)


def test_a_model_is_pretrained_on_its_own_tileset_unless_it_names_others(house):
    assert house.read(tilesets=TWO).pretrain_tilesets("one") == ["windows"]
    model(house, pretrain_tilesets=["dense", "windows"])
    study = house.read(tilesets=TWO)
    assert study.pretrain_tilesets("one") == ["dense", "windows"]
    assert study.models["scratch"].pretrain is None, "a variant that is not pre-trained need not take the key back"
    model(house, pretrain_tilesets=["dense"])
    assert house.read(tilesets=TWO).pretrain_tilesets("one") == ["dense"], "as when it learns from other species alone"


@pytest.mark.parametrize(
    ("keys", "dense", "said"),
    [
        (
            {"pretrain_tilesets": ["dence"]},
            {},
            "model 'one': pretrain_tilesets: unknown tileset 'dence'; did you mean 'dense'?",
        ),
        ({"pretrain_tilesets": ["dense"]}, {"tile_bins": 40}, "tile_bins of 'dense' is 40, that of 'windows' is 50"),
        ({"pretrain_tilesets": ["dense"]}, {"tracks": []}, "tracks of 'dense' is [], that of 'windows' is ['atac']"),
        ({"pretrain_tilesets": []}, {}, "pretrain_tilesets: Value should have at least 1 item"),
        ({"pretrain_tilesets": ["dense", "dense"]}, {}, "'dense' stands there more than once"),
    ],
)
def test_pretraining_on_tiles_of_another_shape_is_refused(house, keys, dense, said):
    model(house, **keys)
    assert said in house.error(tilesets=TWO | {"dense": TWO["dense"] | dense})


def other_genome(house):
    """A study with a genome of other bins, and a tileset on it."""
    house.text("resources/assemblies/corn.tsv", "chrom\tlength_bp\taliases\nc1\t9\t1\nc2\t9\t2\nc3\t9\t3")
    sheet = (house.root / "config/samples/s.tsv").read_text().rstrip()
    rows = [
        f"m\t{assay}\traw/{file}\tcorn"
        for assay, file in (("contacts", "b.mcool"), ("atac", "b.bw"), ("loops", "a.bedpe"))
    ]
    house.text("config/samples/s.tsv", "\n".join([sheet, *rows]))
    splits = {"by": "chromosome", "train": ["c1"], "valid": ["c2"], "test": ["c3"]}
    genome = {"assembly": "corn", "chromosomes": ["c1", "c2", "c3"], "resolution_bp": 2000, "splits": splits}
    return {"genomes": {"maize": genome}, "tilesets": TWO | {"far": TWO["windows"] | {"genome": "maize"}}}


def test_strips_of_one_network_have_one_length(house):
    model(house, pretrain_tilesets=["windows", "far"])
    changed = other_genome(house)
    assert "a tile of 'far' has 50 track bins, one of 'windows' has 2500" in house.error(**changed)
    changed["genomes"]["maize"]["track_bp"] = 40
    assert house.read(**changed).pretrain_tilesets("one") == ["windows", "far"]


def test_contacts_alone_have_no_strips_that_could_differ(house):
    changed = other_genome(house)
    for tileset in changed["tilesets"].values():
        tileset["tracks"] = []
    model(house, pretrain_tilesets=["windows", "far"])
    study = house.read(**changed)
    assert study.strip_bins("windows") == study.strip_bins("far") == 0


def test_tasks_that_one_figure_shows_have_bins_of_one_size(house):
    house.yaml("config/tasks/over.yaml", {"task": TASK, "tileset": "far"})
    changed = other_genome(house)
    assert "tasks: the bins of their genomes differ, pairs 5000 bp, over 2000 bp" in house.error(
        tasks=["pairs", "over"], **changed
    )
    assert house.read(tasks=["over"], **changed).task_genome("over") == "maize"


def test_tracks_that_are_not_there_cannot_be_weakened(house):
    without = {"windows": TWO["windows"] | {"tracks": []}}
    assert "perturb: the tileset of task 'pairs' has no tracks" in house.error(
        tilesets=without, perturb={"task": "pairs", "models": ["one"]}
    )


def test_a_task_reaches_no_farther_than_its_tileset(house):
    tilesets = {"windows": {"tracks": ["atac"], "max_distance_bins": 30}}
    task = {"task": TASK, "tileset": "windows", "parameters": {"max_distance_bins": 31}}
    house.yaml("config/tasks/pairs.yaml", task)
    said = "task 'pairs': max_distance_bins is 31, pairs of tileset 'windows' reach 30 bins"
    assert said in house.error(tilesets=tilesets)
    house.yaml("config/tasks/pairs.yaml", task | {"parameters": {"max_distance_bins": 30}})
    assert house.read(tilesets=tilesets)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (
            ["c"],
            "s.yaml: tilesets.windows: samples: those of its genome with contacts and every track: unknown sample 'c'",
        ),
        (["a", "d"], "unknown sample 'd' (known: a, b)"),
        (["a", "a"], "'a' stands there more than once"),
        ([], "tilesets.windows.samples: Value should have at least 1 item"),
    ],
)
def test_a_tileset_names_biosamples_that_can_be_in_it(house, samples, said):
    assert said in house.error(tilesets={"windows": TWO["windows"] | {"samples": samples}})
