"""A report in little: one part at chance, one worse than that, and a count that alone falls."""

import pandas as pd

from chiasma.schema.tables import LANDMARKS, REPORTED

VALUES = {"total": (9.93, 3.93), "contrastive": (2.77, 2.77), "ssim": (0.98, 0.98), "count": (6.18, 0.18)}
LEVELS = [
    ("contrastive", "chance", "chance", 2.7726, 2.7726, 2.7726), ("contrastive", "perfect copy", "floor", 2.2726, 2.1, 2.4),
    ("ssim", "mean", "chance", 0.4, 0.3, 0.5), ("ssim", "untrained", "", 0.99, 0.98, 1.0), ("ssim", "perfect copy", "floor", 0.0, 0.0, 0.0),
    ("count", "mean", "", 0.1, 0.0, 0.2),
]  # fmt: skip


def reported():
    rows = [
        ("a lab", "pretrain", epoch, split, part, value[epoch])
        for split in ("train", "valid")
        for part, value in VALUES.items()
        for epoch in (0, 1)
    ]
    return pd.DataFrame(rows, columns=REPORTED.names)


def landmarks(model="theirs"):
    return pd.DataFrame([(model, *row, 3, 32, 16) for row in LEVELS], columns=LANDMARKS.names)


def shares():
    rows = [("a lab", "valid", "ssim", 0, 2.45), ("a lab", "valid", "ssim", 1, 7.0), ("ours", "train", "ssim", 0, 0.9)]
    rows += [("ours", "valid", "ssim", 0, 0.8), ("ours", "valid", "regression", 0, 0.7)]
    return pd.DataFrame(rows, columns=["who", "split", "part", "epoch", "value"])
