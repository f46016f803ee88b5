"""Several genomes in one study: whose a sample is, what is split how, and what must not be in two splits."""

from pathlib import Path

import pytest
from study_house import SHEET, STUDY

from chiasma.schema.genomes import Genome
from chiasma.schema.study import simulated_paths

MAIZE = {
    "assembly": "corn",
    "chromosomes": ["c1", "c2", "c3"],
    "resolution_bp": 2000,
    "splits": {"by": "chromosome", "train": ["c2"], "valid": ["c3"], "test": ["c1"]},
}
TILESETS = STUDY["tilesets"] | {"far": {"genome": "maize", "tracks": [], "tile_bins": 50}}
ROWS = ["m\tcontacts\traw/m.mcool\tcorn", "n\tcontacts\traw/m.mcool\tcorn", "n\tatac\traw/b.bw\tcorn"]


@pytest.fixture
def farm(house):
    """A study with maize beside its own genome: two samples, one of which has a track."""
    (house.root / "raw/m.mcool").touch()
    house.text("resources/assemblies/corn.tsv", "chrom\tlength_bp\taliases\nc1\t9\t1\nc2\t9\t2,NC_2\nc3\t9\t3")
    house.text("config/samples/s.tsv", "\n".join([*SHEET, *ROWS]))
    return house


def read(farm, tilesets=TILESETS, **changed):
    return farm.read(genomes={"maize": MAIZE | changed}, tilesets=tilesets)


def error(farm, tilesets=TILESETS, study=None, **changed):
    return farm.error(genomes={"maize": MAIZE | changed}, tilesets=tilesets, **(study or {}))


def test_a_sample_is_of_the_genome_of_its_assembly(farm):
    study = read(farm)
    assert {name: study.sample_genome(name) for name in study.sample_names} == {
        "a": None, "b": None, "c": None, "m": "maize", "n": "maize",
    }  # fmt: skip
    assert study.tileset_samples("windows") == ["a", "b"], "n has contacts and atac too, of another genome"
    assert study.tileset_samples("far") == ["m", "n"]
    assert study.task_genome("pairs") is None
    assert study.chromosome_table("maize") == Path("resources/assemblies/corn.tsv")
    assert study.chromosome_table(None) == study.assembly_table == Path("resources/assemblies/toy.tsv")


def test_the_studys_own_keys_are_of_a_genome_without_a_name(farm):
    study = read(farm)
    own, maize = study.genomes.values()
    assert (own.assembly, own.resolution_bp, own.track_bp, own.splits.test) == ("toy", 5000, 100, ["c3"])
    assert (maize.resolution_bp, maize.track_bp, maize.splits.test) == (2000, 2000, ["c1"]), (
        "tracks have the bins of contacts"
    )


def test_regions_to_leave_out_are_of_one_genome(farm):
    study = farm.read(genomes={"maize": MAIZE}, tilesets=TILESETS, normalise={"blacklist": "own.bed"})
    assert [genome.blacklist for genome in study.genomes.values()] == ["own.bed", None]


def test_tracks_have_bins_of_their_own_where_they_are_named():
    assert Genome(**MAIZE, track_bp=40).track_bp == 40


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"assembly": "rice"}, "s.yaml: genomes.maize: unknown assembly 'rice'"),
        ({"assembly": "toy"}, "genomes.maize: assembly 'toy' is that of the study's own genome too"),
        ({"chromosomes": ["c1", "c9"]}, "genomes.maize: chromosomes: unknown chromosome 'c9'"),
        (
            {"chromosomes": ["c1", "NC_2"]},
            "genomes.maize: chromosomes: 'NC_2' is an alias of 'c2' in corn; studies use the first name that the assembly's table "
            "gives, so write 'c2'",
        ),
        (
            {"splits": MAIZE["splits"] | {"test": ["C1"]}},
            "genomes.maize: splits.test: 'C1' is an alias of 'c1' in corn",
        ),
        ({"track_bp": 300}, "genomes.maize: track_bp 300 does not divide resolution_bp 2000"),
        ({"resolution_pb": 5}, "unknown key 'genomes.maize.resolution_pb'; did you mean 'resolution_bp'?"),
        ({"splits": MAIZE["splits"] | {"tset": []}}, "unknown key 'genomes.maize.splits.tset'; did you mean 'test'?"),
        (
            {"splits": MAIZE["splits"] | {"train": ["c1", "c2"]}},
            "genomes.maize: splits: chromosome 'c1' is in more than one split",
        ),
        (
            {"splits": {"by": "block", "block_bp": 500_000, "gap_bp": 60_000}},
            "genomes.maize: splits.gap_bp 60000 is narrower than a tile of 'far', 100000 bp",
        ),
    ],
)
def test_what_is_wrong_with_a_genome_is_said_where_it_stands(farm, changed, said):
    assert said in error(farm, **changed)


def test_every_tileset_has_a_genome_and_every_genome_a_tileset(farm):
    assert "tilesets.far: unknown genome 'maise'" in error(farm, TILESETS | {"far": {"genome": "maise", "tracks": []}})
    assert "genomes.maize: no tileset is of this genome" in error(farm, STUDY["tilesets"])
    assert "no sample of assembly corn in config/samples/s.tsv has contacts and all of dnase" in error(
        farm, TILESETS | {"far": {"genome": "maize", "tracks": ["dnase"]}}
    )


def test_a_sample_of_no_genome_or_of_two_is_refused(farm):
    farm.text("config/samples/s.tsv", "\n".join([*SHEET, *ROWS, "x\tcontacts\traw/m.mcool\tRice7"]))
    assert "sample 'x' assay 'contacts' is Rice7, the study is toy and corn" in error(farm)
    farm.text("config/samples/s.tsv", "\n".join([*SHEET, *ROWS, "m\tatac\traw/b.bw\ttoy"]))
    assert "sample 'm' assay 'atac' is toy, another assay of it is corn" in error(farm)


# ------------------------------------------------------------------------------------------------------- homologs

SAME = {"species": "grass"}  # of the study; its c1 trains, c2 chooses, c3 tests


def test_homologs_in_different_splits_are_refused_with_a_way_out(farm):
    text = error(farm, study=SAME, **SAME)
    assert "genomes.maize: chromosome 'c1' of grass is in test here and in train of the study's own genome" in text
    assert "each chromosome in the same split of both" in text


def test_genomes_of_two_species_may_be_split_each_its_own_way(farm):
    assert read(farm, species="maize").genomes["maize"].kind == "maize"
    assert read(farm).genomes["maize"].kind == "corn", "without a name it is the assembly's"


def test_homologs_in_one_split_pass_and_one_that_is_in_none(farm):
    alike = {"by": "chromosome", "train": ["c1"], "valid": ["c2"], "test": ["c3"]}
    assert farm.read(genomes={"maize": MAIZE | SAME | {"splits": alike}}, tilesets=TILESETS, **SAME)
    farm.text("resources/assemblies/corn.tsv", "chrom\tlength_bp\taliases\nc1\t9\t1\nchrC2\t9\t2\nC3\t9\t3\nc4\t9\t4")
    other = {"by": "chromosome", "train": ["c4"], "valid": ["chrC2"], "test": ["C3"]}
    named = {"chromosomes": ["c1", "chrC2", "C3", "c4"], "splits": other}
    assert farm.read(genomes={"maize": MAIZE | SAME | named}, tilesets=TILESETS, **SAME), "c1 is in no split of maize"
    wrong = named | {"splits": other | {"train": ["chrC2"], "valid": ["c4"]}}
    assert "chromosome 'c2' of grass is in train here and in valid of" in error(farm, study=SAME, **SAME, **wrong)


def test_blocks_of_homologs_cannot_be_told_apart(farm):
    blocks = {"splits": {"by": "block", "block_bp": 500_000, "gap_bp": 200_000}}
    assert "chromosome 'c1' of grass is in blocks here and in train of" in error(farm, study=SAME, **SAME, **blocks)
    own = {"splits": {"by": "block", "block_bp": 900_000, "gap_bp": 300_000}}
    assert "is in blocks here and in blocks of" in error(farm, study=SAME | own, **SAME, **blocks)


def test_a_leak_that_is_declared_passes(farm):
    assert farm.read(genomes={"maize": MAIZE | SAME}, tilesets=TILESETS, transductive=True, **SAME)


# ------------------------------------------------------------------------------------------------------ simulation


def test_a_simulated_genome_has_a_folder_of_its_own(house):
    numbers = {"chromosomes": dict.fromkeys(MAIZE["chromosomes"], 8_000_000), "contacts": 1000, "samples": ["m"]}
    maize = MAIZE | {"simulate": numbers | {"biology": "plant"}}
    raw = "resources/raw/s/maize/m.mcool"
    house.text("config/samples/s.tsv", "\n".join([*SHEET, f"m\tcontacts\t{raw}\tcorn"]))
    study = house.read(genomes={"maize": maize}, tilesets=TILESETS)
    assert Path(raw) in simulated_paths(study.run, "maize")
    assert simulated_paths(study.run) == set(), "the study's own maps are real"
    assert study.chromosome_table("maize") == Path("resources/raw/s/maize/assembly.tsv")
    assert study.raw("m", "contacts") == Path(raw)
    assert "genomes.maize: chromosomes: unknown chromosome 'c4'" in house.error(
        genomes={"maize": maize | {"chromosomes": ["c1", "c2", "c3", "c4"]}}, tilesets=TILESETS
    )
