# Which files the report shows.


def embedded():
    """The pre-trained models whose windows can be told by the mapped task's truth: those of its genome."""
    genomes = [STUDY.task_genome(task) for task in tasks_that_predict("calls")[:1]]
    return [
        name for name, own in STUDY.models.items() if own.pretrain and STUDY.run.tilesets[own.tileset].genome in genomes
    ]


def embeddings():
    """The embeddings that are drawn: the first such model at its first seed, all samples of its tileset but the thinned."""
    name = embedded()[0]
    folder = f"{R}/predict/embed/{name}/seed{STUDY.run.seeds[0]}"
    samples = [sample for sample in STUDY.tileset_samples(STUDY.models[name].tileset) if sample not in RUN["thin"]]
    return [f"{folder}/{sample}.parquet" for sample in samples]


def mapped_calls():
    """All calls of the mapped task on the samples that have truth."""
    return [path for path in predicted_files(mapped_task()) if path.endswith(".bedpe")]


def figures_of(kind, tasks):
    """The names of the figures of a kind: each task that predicts maps has its own, tasks of another kind share theirs."""
    if kind == "maps":
        return [f"{name}.{task}" for name in DRAWN[kind] for task in tasks]
    return list(DRAWN[kind])


def drawn():
    """The figures of this study, in the order of the report."""
    names = ["splits", "qc"] + (["history"] if runs() else []) + (["reported"] if STUDY.run.reported else [])
    names += ["embedding"] if embedded() else []
    names += ["scores"] if STUDY.tasks else []
    shown = {kind: tasks_that_predict(kind) for kind in DRAWN}
    names += [name for kind, tasks in shown.items() if tasks for name in figures_of(kind, tasks)]
    names += [name for name, tasks in EXPERIMENTS.items() if tasks]
    return [f"{R}/figures/{name}.svg" for name in names]


def task_figures(task):
    """The figures that show a task: those of its kind, and of the experiments that name it."""
    names = figures_of(STUDY.task_room(task).PREDICTS, [task])
    names += [name for name, tasks in EXPERIMENTS.items() if task in tasks]
    return [f"{R}/figures/{name}.svg" for name in names]


def called():
    """The calls of every model and baseline on the samples that have truth."""
    tasks = tasks_that_predict("calls")
    return [path for task in tasks for path in predicted_files(task) if path.endswith(".bedpe")]


def published():
    """Every file that the report shows, besides the summary."""
    pages = [f"{R}/reported.html"] if STUDY.run.reported else []
    return [*drawn(), *scored("scores"), *called(), *LEAK_TABLES, *pages]
