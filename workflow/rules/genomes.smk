# Which genome a file is of, and the numbers of that genome. The study's own has no name, and its files have no prefix.


def prefix(genome):
    """What the names of a genome's own files begin with."""
    return f"{genome}." if genome else ""


def splits_table(genome):
    """The table of a genome's train, valid and test regions."""
    return f"{R}/tiles/{prefix(genome)}splits.tsv"


def leak_table(genome):
    """The leak audit of a genome's tables."""
    return f"{R}/tiles/{prefix(genome)}leaks.tsv"


def tileset_genome(wildcards):
    """The genome of a tileset."""
    return STUDY.run.tilesets[wildcards.tileset].genome


def prefixed_genome(wildcards):
    """The genome whose files have this prefix."""
    return wildcards.genome.removesuffix(".") or None


def genome_keys(genome, *names):
    """The values of these keys of a genome."""
    chosen = STUDY.genomes[genome].model_dump(mode="json")
    return {name: chosen[name] for name in names}


def sample_keys(wildcards, *names):
    """The values of these keys of the genome of a sample."""
    return genome_keys(STUDY.sample_genome(wildcards.sample), *names)


def sample_assembly(wildcards):
    """The chromosome table of a sample's genome."""
    return str(STUDY.chromosome_table(STUDY.sample_genome(wildcards.sample)))


def tileset_assembly(wildcards):
    """The chromosome table of a tileset's genome."""
    return str(STUDY.chromosome_table(tileset_genome(wildcards)))


def tileset_splits(wildcards):
    """The regions of a tileset's genome."""
    return splits_table(tileset_genome(wildcards))


def task_splits(wildcards):
    """The regions of the genome that a task is learnt on."""
    return splits_table(STUDY.task_genome(wildcards.task))


def genome_tables(wildcards):
    """The tables of examples that are cut from one genome, by the name the audit gives them."""
    tilesets = {name for name, tileset in STUDY.run.tilesets.items() if tileset.genome == prefixed_genome(wildcards)}
    return {name: path for name, path in example_tables().items() if Path(path).parent.name in tilesets}


def pretrain_tiles(wildcards):
    """The tilesets a model is pre-trained on."""
    return [f"{R}/tiles/{name}" for name in STUDY.pretrain_tilesets(wildcards.model)]


def pretrain_audits(wildcards):
    """The leak audits of the genomes that a model is pre-trained on."""
    tilesets = STUDY.pretrain_tilesets(wildcards.model)
    return list(dict.fromkeys(leak_table(STUDY.run.tilesets[name].genome) for name in tilesets))


def task_audit(wildcards):
    """The leak audit of the genome that a task is learnt on."""
    return leak_table(STUDY.task_genome(wildcards.task))


def shown_bp():
    """The bins of the tasks' genomes, which are of one size; those of the study's own where there is no task."""
    genomes = [STUDY.task_genome(task) for task in STUDY.tasks] or [None]
    return genome_keys(genomes[0], "resolution_bp")


SPLIT_TABLES = [splits_table(genome) for genome in STUDY.genomes]
LEAK_TABLES = [leak_table(genome) for genome in STUDY.genomes]
SIMULATED = {name: genome.simulate for name, genome in STUDY.genomes.items() if genome.simulate is not None}


def normalised(sample, assay):
    """The normalised file of one sample's assay."""
    return f"{R}/normalised/{sample}/{assay}.{SUFFIX[STUDY.kind(sample, assay)]}"


def landmark_tables():
    """What the loss of each model says that is measured beside reported losses, the reported objective's first."""
    return [f"{R}/landmarks/{name}/landmarks.tsv" for name in landmark_models(STUDY)]


def shown_deeper(wildcards):
    """The sample with the deeper map that a task predicts of its first sample; none where maps are their own truth."""
    if not STUDY.against_deeper(wildcards.task):
        return []
    return [STUDY.run.tilesets[STUDY.tasks[wildcards.task].tileset].deeper[STUDY.predicted_samples(wildcards.task)[0]]]
