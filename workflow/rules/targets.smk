# Milestones: what a stage of the study has made, by name.


rule tiles:
    """Every tileset and every task's examples, audited."""
    input:
        list(example_tables().values()),
        LEAK_TABLES,
    localrule: True


rule encoders:
    """Every pre-trained encoder, also of models that no task needs."""
    input:
        [f"{folder}/weights.safetensors" for folder in encoders()],
    localrule: True


rule predictions:
    """Every prediction of every model and baseline."""
    input:
        [path for task in STUDY.tasks for path in predicted_files(task)],
    localrule: True


rule scores:
    """Every score table."""
    input:
        scored("scores"),
    localrule: True


rule figures:
    """Every figure."""
    input:
        drawn(),
    localrule: True
