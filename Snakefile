# chiasma: from raw genomics files to trained models and a report.
# A study is one YAML file: config/config.yaml, the simulated demo, unless --configfile names another.
# Identity goes in directories, kind in the file name:
#   resources/raw/{dataset}/{file}                                  fetch (or simulate: {dataset} is the study)
#   results/{study}/normalised/{sample}/contacts.cool|{assay}.*     normalise_{contacts,signal,peaks,loops,genes}, pair_peaks, share
#   results/{study}/tiles/{genome}splits.tsv, {genome}leaks.tsv     split, audit (the study's own genome has no prefix)
#   results/{study}/tiles/{tileset}/index.parquet, {task}.parquet   tile, label
#   results/{study}/pretrain/{model}/seed{seed}/                    pretrain
#   results/{study}/finetune/{task}/{model}/seed{seed}/             finetune
#   results/{study}/predict/{task}/{model}/seed{seed}/{sample}.*    predict, predict_baseline, export_hic; {task} embed: embed
#   results/{study}/few_shot/{task}/{model}/seed{seed}/shares.tsv   few_shot
#   results/{study}/perturb/{task}/{model}/seed{seed}/perturbations.tsv  perturb
#   results/{study}/probe/{task}/{model}/seed{seed}/probe.tsv       probe
#   results/{study}/evaluate/{task}/scores.tsv, evaluate/few_shot.tsv    evaluate, evaluate_{maps,profiles,similarities,tracks,few_shot}
#   results/{study}/figures/{figure}.svg, .tsv                      draw_{figure}
#   results/{study}/landmarks/{model}/landmarks.tsv, reported.html  measure_landmarks, summarise_reported
#   results/{study}/summary.html, tasks/{task}.html, report.html    summarise, summarise_task, report
#   results/{study}/logs|benchmarks/{rule}/…                        each rule, by the same identity
# Milestones: tiles, encoders, predictions, scores, figures; any file above is a target too.
from snakemake.utils import min_version

min_version("9.0")

if "study" not in config:

    configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/genomes.smk"
include: "workflow/rules/files.smk"
include: "workflow/rules/shown.smk"
include: "workflow/rules/numbers.smk"
include: "workflow/rules/fetch.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/normalise.smk"
include: "workflow/rules/share.smk"
include: "workflow/rules/tile.smk"
include: "workflow/rules/pretrain.smk"
include: "workflow/rules/finetune.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/export.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/experiments.smk"
include: "workflow/rules/targets.smk"


rule all:
    """The report of the study, and with it everything the report shows."""
    default_target: True
    input:
        f"{R}/report.html",
    localrule: True
