"""What a metric of the score table is called in words."""

from __future__ import annotations

import re

WORDS = {
    "auroc": "AUROC",
    "aupr": "AUPR",
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
    "prevalence": "Prevalence",
    "loop_precision": "Precision of calls",
    "loop_recall": "Recall of true loops",
    "loop_f1": "F1 of calls",
    "loop_f1_on_map": "F1 of loops called on the map",
    "calls": "Number of calls",
    "median_fdr": "Median empirical FDR",
    "bin_r2": "R² per bin",
    "bin_r2_swapped": "R² per bin, truth and prediction exchanged",
    "bin_pearson": "Pearson's r per bin",
    "bin_spearman": "Spearman's ρ per bin",
    "bin_mse": "Mean squared error per bin, log2(1 + signal)",
    "tracks_r2": "R² per bin, mean over tracks",
    "tracks_r2_swapped": "R² per bin, truth and prediction exchanged, mean over tracks",
    "tracks_pearson": "Pearson's r per bin, mean over tracks",
    "tracks_spearman": "Spearman's ρ per bin, mean over tracks",
    "tracks_mse": "Mean squared error per bin, log2(1 + signal), mean over tracks",
    "gene_r2": "R² at genes",
    "gene_pearson": "Pearson's r at genes",
    "gene_spearman": "Spearman's ρ at genes",
    "gene_auroc": "AUROC of expressed genes",
    "gene_difference_pearson": "Pearson's r of gene differences between samples",
    "apa": "APA (centre / lower left)",
    "apa_corners": "APA (3 × 3 centre / corners)",
    "r2": "R²",
    "r2_swapped": "R², truth and prediction exchanged",
    "mse": "Mean squared error of log contacts",
    "pearson": "Pearson",
    "spearman": "Spearman",
    "window_pearson": "Pearson within windows",
    "window_spearman": "Spearman within windows",
    "distance_pearson": "Pearson at equal distance",
    "oe_pearson": "Pearson of observed / expected",
    "insulation_pearson": "Pearson of insulation",
    "compartment_r": "Compartments, |r|",
    "states_r": "Compartments told by chromatin states, R",
    "pair_auc": "AUC of known pairs over random pairs at their distance",
    "pair_enrichment": "Known pairs, centre over surround",
    "distance_spearman": "Spearman at equal distance",
    "scc": "Stratum-adjusted correlation (SCC)",
    "genome_disco": "Random walks (GenomeDISCO)",
    "boundary_precision": "Precision of boundaries",
    "boundary_recall": "Recall of boundaries",
    "boundary_f1": "F1 of boundaries",
    "ssim": "Structural similarity (SSIM)",
    "psnr": "Peak signal-to-noise ratio (PSNR), dB",
    "matched_mse": "Mean squared error of log contacts at equal depth",
    "depth_ratio": "Predicted / observed contacts (1 is right)",
    "decay_calibration": "Slope of predicted against observed P(s) (1 is right)",
    "replicate_auc": "AUC of replicates over other pairs, same place",
    "replicate_margin": "Least similar replicates less most similar others",
    "replicate_similarity": "Mean similarity of replicates",
    "other_similarity": "Mean similarity of other pairs",
}
ON_MAPS = {  # without a tolerance: loops called on the predicted map, against those called on the observed one
    "loop_precision": "Precision of loops called on the map",
    "loop_recall": "Recall of loops called on the map",
    "loop_f1": "F1 of loops called on the map",
}
DIFFERENCE = "_difference_from_"
OF = "_of_"  # between a metric and the track that it speaks of
RANKED = r"loop_recall_at_([\d.]+)_(\d+)"


def split_difference(metric: str) -> tuple[str, str]:
    """Return the metric and the reference model of a difference; the reference is empty for a plain metric."""
    name, _, reference = metric.partition(DIFFERENCE)
    return name, reference


def metric_words(metric: str, resolution_bp: int) -> str:
    """Return a plain metric in words, a tolerance in kb and a prevalence in per cent, and the one track it is of."""
    plain, _, track = metric.partition(OF)
    if track:
        return f"{metric_words(plain, resolution_bp)}, {track}"
    name, _, truth = metric.partition("_vs_")
    against = f", against {truth}" if truth else ""
    if found := re.fullmatch(RANKED, name):
        where = tolerance_words(int(found[2]), resolution_bp)
        return f"{WORDS['loop_recall']} at precision {found[1]} {where}{against}"
    if found := re.fullmatch(r"(loop_\w+?)_(\d+)", name):
        return f"{WORDS.get(found[1], found[1])} {tolerance_words(int(found[2]), resolution_bp)}{against}"
    if found := re.fullmatch(r"(\w+)_at_([\d.e-]+)", name):
        return f"{WORDS.get(found[1], found[1])} at {100 * float(found[2]):.4g} % positives{against}"
    return (WORDS | ON_MAPS).get(name, name) + against


def metric_label(metric: str, resolution_bp: int) -> str:
    """Return a metric in few words, for the head of a column under a title that says what is scored."""
    found = re.fullmatch(r"loop_(recall|precision|f1)_(\d+)", metric)
    ranked = re.fullmatch(RANKED, metric)
    if found or ranked:
        bins = int((found or ranked)[2])
        where = "same bin" if bins == 0 else f"±\N{NO-BREAK SPACE}{bins * resolution_bp / 1000:g}\N{NO-BREAK SPACE}kb"
        return f"{WORDS[found[1]] if found else f'Recall at precision {ranked[1]}'}, {where}"
    return {"calls": "Calls", "apa": "APA"}.get(metric) or metric_words(metric, resolution_bp)


def tolerance_words(bins: int, resolution_bp: int) -> str:
    """Return a tolerance in words: same bin, or within so many kb."""
    return "in the same bin" if bins == 0 else f"within {bins * resolution_bp / 1000:g} kb"
