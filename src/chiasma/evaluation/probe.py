"""What features say linearly about a task's labels (Alain and Bengio 2016, arXiv 1610.01644): a probe, and means over seeds.

Axes: n examples, F features, T tokens, D channels of a token, B example of a batch, N contact bin, S track bin of both strips,
C track, P bin in the middle of a window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from chiasma.assays.scales import fill_missing, log2_oe, log2_signal
from chiasma.core.errors import InputError
from chiasma.evaluation.intervals import t_interval
from chiasma.evaluation.metrics import average_precision, rank

Array = NDArray[np.floating]
PRETRAINED, UNTRAINED, INPUTS = "pre-trained", "untrained", "inputs"
BOTH, POOLED = "both", "all"
KEYS = ["task", "model", "features", "modality", "metric"]
COMPONENTS = 256  # principal components that stand for more features
PENALTIES = (1e2, 1e1, 1.0, 1e-1, 1e-2, 1e-3, 1e-4)  # of squared weights, per training example; a tie: strongest
MIDDLE_BINS = 11  # of a window, around the bin or pixel that a pair task's example is
PSEUDO_CONTACTS, BOUND = 1.0, 4.0  # added to observed and expected contacts, and largest absolute log2 of their ratio


@dataclass(frozen=True)
class Probe:
    """A fitted linear probe.

    Attributes
    ----------
    reduction : features (n, F) to standardised ones, or to principal components of these
    regression : logistic regression of the label on the reduced features
    penalty : chosen of `PENALTIES`
    """

    reduction: Pipeline
    regression: LogisticRegression
    penalty: float

    def score(self, x_nF: Array) -> Array:
        """Return the probability of label 1 (n,)."""
        return _positive(self.regression, self.reduction.transform(x_nF))


def fit_probe(train: tuple[Array, NDArray], valid: tuple[Array, NDArray]) -> Probe:
    """Return the probe fitted to ``train`` with the penalty whose average precision on ``valid`` is largest.

    Parameters
    ----------
    train, valid : features (n, F) and labels (n,), 1 or 0, both of which occur
    """
    wide = train[0].shape[1] > COMPONENTS
    components = [PCA(min(COMPONENTS, len(train[0])), random_state=0)] if wide else []
    reduction = make_pipeline(StandardScaler(), *components)
    learnt, chosen_by = reduction.fit_transform(train[0]), reduction.transform(valid[0])
    fits = {penalty: _regression(penalty, learnt, train[1]) for penalty in PENALTIES}
    found = {
        penalty: float(average_precision(rank(valid[1], _positive(fit, chosen_by)))[0]) for penalty, fit in fits.items()
    }
    best = max(found, key=found.__getitem__)
    return Probe(reduction, fits[best], best)


def _regression(penalty: float, x_nF: Array, label_n: NDArray) -> LogisticRegression:
    return LogisticRegression(C=1 / (penalty * len(label_n)), solver="newton-cholesky").fit(x_nF, label_n)


def _positive(regression: LogisticRegression, x_nF: Array) -> Array:
    return regression.predict_proba(x_nF)[:, 1]


def probe_test(x_nF: Array, label_n: NDArray, split_n: NDArray) -> Array:
    """Return the scores of the test rows, in their order, by a probe of the rows of train and valid."""
    train, valid = ((x_nF[split_n == split], label_n[split_n == split]) for split in ("train", "valid"))
    return fit_probe(train, valid).score(x_nF[split_n == "test"])


def token_features(tokens: Mapping[str, Array]) -> dict[str, Array]:
    """Return modality -> its tokens flattened one after the other (n, T D), their parts side by side in each token.

    Parameters
    ----------
    tokens : ``{modality}_{part}`` -> (n, T, D), as `chiasma.contracts.Family` says of ``embed_tokens``
    """
    parts: dict[str, list[Array]] = {}
    for name, values_nTD in tokens.items():
        parts.setdefault(name.rpartition("_")[0], []).append(values_nTD)
    return {name: np.concatenate(own, axis=2).reshape(len(own[0]), -1) for name, own in parts.items()}


def with_both(features: Mapping[str, Array]) -> dict[str, Array]:
    """Return the features of each modality (n, F), and those of all side by side where there are several."""
    joined = {BOTH: np.concatenate(list(features.values()), axis=1)} if len(features) > 1 else {}
    return {**features, **joined}


def middle_inputs(examples: Mapping[str, NDArray]) -> dict[str, Array]:
    """Return what lies in the middle of a tile, where a pair's bins meet, by modality.

    Parameters
    ----------
    examples : contacts, expected and valid (B, N, N), tracks (B, S, C), as `chiasma.tiles.dataset` cuts them

    Returns
    -------
    dict
        ``contacts`` (B, P P), log2 of observed over expected of the `MIDDLE_BINS` x `MIDDLE_BINS` pixels around the centre, a
        pixel without a value as expected; ``tracks`` (B, 2 P C), log2 of one plus each track's mean in the bins of the
        middle, the first strip's before the second's, where the examples have tracks.

    Raises
    ------
    InputError
        When the window has fewer bins.
    """
    bins, half, reach = examples["contacts"].shape[1], examples["contacts"].shape[1] // 2, MIDDLE_BINS // 2
    if half < reach or half + reach >= bins:
        raise InputError(
            f"windows of {bins} bins do not reach {reach} bins to either side of their centre, which the inputs of a probe "
            f"take; raise tile_bins of the tileset to {MIDDLE_BINS + 1} or more"
        )
    middle = slice(half - reach, half + reach + 1)
    contacts_BPP, expected_BPP, valid_BPP = (
        examples[name][:, middle, middle] for name in ("contacts", "expected", "valid")
    )
    ratio_BPP = log2_oe(fill_missing(contacts_BPP, expected_BPP, valid_BPP), expected_BPP, PSEUDO_CONTACTS, BOUND)
    count, found = len(ratio_BPP), {"contacts": ratio_BPP.reshape(len(ratio_BPP), -1)}
    if "tracks" in examples:
        tracks = np.asarray(examples["tracks"], np.float32)
        means = tracks.reshape(count, 2, bins, -1, tracks.shape[2]).mean(axis=3)[:, :, middle]
        found["tracks"] = log2_signal(means).reshape(count, -1)
    return found


def summarise_probes(table: pd.DataFrame) -> pd.DataFrame:
    """Return PROBE rows of each seed, their means as seed ``all`` with 95 % t intervals, and paired differences.

    Differences are pre-trained minus untrained and pre-trained minus inputs, by seed; their features are named
    ``{one} - {other}``, and their chance is 0.

    Parameters
    ----------
    table : PROBE rows, one per seed
    """
    gaps = [_difference(table, PRETRAINED, other) for other in (UNTRAINED, INPUTS)]
    each = pd.concat([table, *gaps], ignore_index=True)
    groups = each.groupby(KEYS, sort=False)
    means = groups[["value", "chance"]].mean().reset_index()
    bounds = [t_interval(own) for _, own in groups["value"]]
    means = means.assign(seed=POOLED, low=[low for low, _ in bounds], high=[high for _, high in bounds])
    return pd.concat([each, means[list(each.columns)]], ignore_index=True)


def _difference(table: pd.DataFrame, one: str, other: str) -> pd.DataFrame:
    """Return the rows of ``one`` less those of ``other`` of the same seed; a seed that either lacks has none."""
    own, reference = (
        table[table["features"] == name].set_index(["task", "model", "seed", "modality", "metric"])
        for name in (one, other)
    )
    gap = own.assign(value=own["value"] - reference["value"].reindex(own.index), chance=0.0).dropna(subset="value")
    return gap.assign(features=f"{one} - {other}").reset_index()[list(table.columns)]
