# Milestones: what a stage of the study has made, by name.


rule tiles:
    input:
        list(example_tables().values()),
        f"{R}/tiles/leaks.tsv",
    """Every tileset and every task's examples, audited."""
    localrule: True


rule encoders:
    input:
        [f"{folder}/weights.safetensors" for folder in encoders()],
    """Every pre-trained encoder, also of models that no task needs."""
    localrule: True


rule predictions:
    input:
        [path for task in STUDY.tasks for path in predicted_files(task)],
    """Every prediction of every model and baseline."""
    localrule: True


rule scores:
    input:
        scored("scores"),
    """Every score table."""
    localrule: True


rule figures:
    input:
        drawn(),
    """Every figure."""
    localrule: True
