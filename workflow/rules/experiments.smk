# Experiments that a study asks for beside its tasks.

if STUDY.run.few_shot:

    include: "few_shot.smk"


if STUDY.run.perturb:

    include: "perturb.smk"
