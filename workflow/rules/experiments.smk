# What only some studies have: figures of the kinds that their tasks predict, and experiments beside the tasks.

if STUDY.tasks:

    include: "score_figures.smk"


if tasks_that_predict("calls"):

    include: "call_figures.smk"


if tasks_that_predict("maps"):

    include: "map_figures.smk"


if tasks_that_predict("profiles"):

    include: "profile_figures.smk"


if tasks_that_predict("similarities"):

    include: "similarity_figures.smk"


if tasks_that_predict("tracks"):

    include: "track_figures.smk"


if STUDY.run.few_shot:

    include: "few_shot.smk"


if STUDY.run.perturb:

    include: "perturb.smk"


if STUDY.run.ablation:

    include: "ablation.smk"


if STUDY.run.probe:

    include: "probe.smk"


if STUDY.run.reported:

    include: "reported.smk"
