"""Small tables of every kind that figures read, made up but of the right shape."""

import numpy as np
import pandas as pd

from chiasma.schema import tables

LEARNED = ("mixnet", "mixnet_scratch")
BASELINES = ("forest", "donut", "dots")
SKILL = {"mixnet": 2.4, "mixnet_scratch": 1.9, "forest": 2.0, "donut": 1.4, "dots": 1.2}


def runs():
    """Every model with its seeds: baselines have one."""
    return [(model, seed) for model in LEARNED for seed in ("1", "2", "3")] + [(model, "1") for model in BASELINES]


def level(model, metric):
    """A plausible value of a metric."""
    skill = SKILL.get(model, 0.0) / 3
    base = {
        "auroc": 0.5 + 0.5 * skill,
        "apa": 1 + 3 * skill,
        "calls": 80 + 40 * skill,
        "median_fdr": 0.1,
        "prevalence": 0.2,
    }
    if "_at_0.01" in metric:
        return 0.6 * skill
    if metric.startswith("loop_"):
        return skill * (0.6 + 0.2 * int(metric[-1]))
    return base.get(metric, skill)


METRICS = ["auroc", "aupr", "f1", "f1_at_0.01", "prevalence", "calls", "median_fdr", "apa"]
METRICS += [f"loop_{name}_{bins}" for name in ("recall", "precision", "f1") for bins in (0, 1, 2)]


def scores(task="loops", sample="cell"):
    """SCORES with seeds, means, the control, the truth's APA and one difference."""
    rng = np.random.default_rng(1)
    rows = []
    for metric in METRICS:
        for model in (*LEARNED, *BASELINES):
            seeds = [(seed, level(model, metric) + 0.02 * rng.normal()) for name, seed in runs() if name == model]
            rows += [
                (task, model, seed, sample, metric, value, value - 0.05, value + 0.05, 500) for seed, value in seeds
            ]
            mean = np.mean([value for _, value in seeds])
            rows.append((task, model, "all", sample, metric, mean, mean - 0.03, mean + 0.03, len(seeds)))
        if metric != "calls":
            gap = level("mixnet", metric) - level("mixnet_scratch", metric)
            rows.append(
                (
                    task,
                    "mixnet",
                    "all",
                    sample,
                    f"{metric}_difference_from_mixnet_scratch",
                    gap,
                    gap - 0.02,
                    gap + 0.02,
                    3,
                )
            )
    rows.append((task, "truth", "all", sample, "apa", 4.4, 4.0, 4.9, 120))
    rows.append((task, "permuted_labels", "all", sample, "auroc", 0.5, 0.46, 0.54, 500))
    rows.append((task, "permuted_labels", "all", sample, "aupr", 0.2, 0.17, 0.24, 500))
    return tables.conform(pd.DataFrame(rows, columns=tables.SCORES.names), tables.SCORES, "toy")


def curves(task="loops", sample="cell"):
    """CURVES of every run and the mean of each model."""
    grid = np.linspace(0, 1, 60)
    frames = []
    for model, seed in [*runs(), *((model, "all") for model in SKILL)]:
        power = 1 / (1 + 2 * SKILL[model] + (0 if seed == "all" else 0.2 * int(seed)))
        for curve, y in (("roc", grid**power), ("pr", 1 - 0.8 * grid ** (1 / power))):
            frames.append(
                pd.DataFrame(
                    {"task": task, "model": model, "seed": seed, "sample": sample, "curve": curve, "x": grid, "y": y}
                )
            )
    return tables.conform(pd.concat(frames), tables.CURVES, "toy")


def pileups(task="loops", sample="cell", half=10):
    """PILEUPS: a peak on a slope, noisier for less skill."""
    rng = np.random.default_rng(2)
    row, col = (grid.ravel() for grid in np.mgrid[-half : half + 1, -half : half + 1])
    frames = []
    for model in (*LEARNED, "forest", "donut", "truth"):
        peak = SKILL.get(model, 3.0) * np.exp(-(row**2 + col**2) / 6)
        value = (1 + peak + 0.02 * (row - col)).clip(0.1) * rng.lognormal(0, 0.08, len(row))
        frames.append(
            pd.DataFrame(
                {"task": task, "model": model, "seed": "all", "sample": sample, "row": row, "col": col, "value": value}
            )
        )
    return tables.conform(pd.concat(frames), tables.PILEUPS, "toy")


def history(parts=("total", "contrastive", "orthogonal", "mapping", "retrieval"), steps=40, seed=1):
    """HISTORY of one run."""
    rng = np.random.default_rng(seed)
    chance = {"contrastive": 4.16, "retrieval": 1 / 64, "mapping": 1.41, "label": 0.5}
    floor = {"contrastive": 0.0, "orthogonal": 0.0, "mapping": 0.0, "retrieval": 1.0, "label": 0.0}
    rows = []
    for part in parts:
        start, end = (
            (0.02, 0.7) if part in ("retrieval", "auroc") else (chance.get(part, 4.0), 0.4 * chance.get(part, 4.0))
        )
        for split, gap in (("train", 0.0), ("valid", 0.15)):
            for step in range(0, steps, 2 if split == "train" else 8):
                value = end + (start - end) * np.exp(-step / 12) + gap * (1 - np.exp(-step / 12)) + 0.03 * rng.normal()
                rows.append(
                    (step * 10, step // 4, split, part, value, chance.get(part, np.nan), floor.get(part, np.nan))
                )
    return tables.conform(pd.DataFrame(rows, columns=tables.HISTORY.names), tables.HISTORY, "toy")
