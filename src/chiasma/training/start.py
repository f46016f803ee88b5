"""Starting from weights: a model that we pre-trained, gone on with, or weights that others released."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from torch import nn

from chiasma.contracts import Family, LoadReport
from chiasma.core.errors import ConfigError
from chiasma.core.log import log
from chiasma.schema.rooms import build_config
from chiasma.schema.weights import CONFIG, WEIGHTS, weight_files
from chiasma.training.checkpoint import check_finite, load_weights, read_config
from chiasma.training.foreign import read_foreign_weights

SHAPE_KEYS = ("shape", "tracks")  # what the shapes of weights follow from, beside the family's numbers
BIN_KEYS = ("resolution_bp", "track_bp")  # what weights fit whatever it is, and may not be good for


class Start(NamedTuple):
    """What a run started from.

    Attributes
    ----------
    path : as the model's key ``init`` names it
    files : all that was read
    report : what became of each tensor
    transductive : whether the weights are known to have seen validation and test regions of their own study
    """

    path: str
    files: list[Path]
    report: LoadReport
    transductive: bool

    @property
    def facts(self) -> dict[str, Any]:
        """What provenance says of it: names are counted when they matched, and listed when not."""
        report = dataclasses.asdict(self.report)
        return {"path": self.path, **report, "matched": len(self.report.matched)}


def init_files(settings: Mapping[str, Any]) -> list[Path]:
    """Return the files that a run starts from, none without ``init``; ConfigError when one is missing."""
    return weight_files(Path(settings["init"]), "--config") if settings["init"] else []


def start(settings: Mapping[str, Any], family: Family, network: nn.Module) -> Start | None:
    """Put the weights that ``settings`` name as ``init`` into ``network``; None, and nothing done, when they name none.

    Started from a folder of our own with the same objective, pre-training goes on, with a new optimiser and schedule.

    Parameters
    ----------
    settings : content of config.json of the run to come
    network : as `Family.build_model` returns it

    Raises
    ------
    ConfigError
        When a file is missing, or the weights are of another family, other numbers or another shape.
    InputError
        When a file is damaged, or no weights are in it, or they are not finite.
    """
    if not settings["init"]:
        return None
    path, files = Path(settings["init"]), init_files(settings)
    where, transductive = f"init {path}", False
    if path.is_dir():
        found = read_config(path, "pretrain")
        check_same_model(found, settings, family, where)
        load_weights(path / WEIGHTS, network)
        report, transductive = LoadReport("our own", tuple(network.state_dict())), bool(found["transductive"])
    elif family.load_released is None:
        raise ConfigError(
            f"{where}: family '{family.name}' reads no released weights; expected the folder of a model that `chiasma pretrain` "
            f"wrote ({WEIGHTS} and {CONFIG})"
        )
    else:
        report = family.load_released(read_foreign_weights(path), network, where)
        check_finite(network.state_dict(), where)
    log.info("%s: %s", where, report)
    log.warning(
        "%s: which regions these weights were trained on is not checked against this study's splits; scores on regions that were "
        "among them are transductive",
        where,
    )
    return Start(str(settings["init"]), files, report, transductive)


def check_same_model(found: Mapping[str, Any], wanted: Mapping[str, Any], family: Family, where: str) -> None:
    """Raise ConfigError when weights are of another model than is wanted, naming all that differs.

    Other numbers of the family are an error in pre-training, which they would change, and a warning in fine-tuning, which
    reads some that pre-training does not; other bin sizes are a warning.
    """
    if found["family"] != wanted["family"]:
        raise ConfigError(f"{where}: is of family {found['family']}, the model of {wanted['family']}")
    shapes = () if family.any_shape else SHAPE_KEYS
    other = [_differs(key, found[key], wanted[key]) for key in shapes if found[key] != wanted[key]]
    theirs, ours = (
        dataclasses.asdict(build_config(family.config, values["parameters"], f"{where}: parameters"))
        for values in (found, wanted)
    )
    numbers = [_differs(name, theirs[name], ours[name]) for name in ours if theirs[name] != ours[name]]
    milder = [_differs(key, found[key], wanted[key]) for key in BIN_KEYS if found[key] != wanted[key]]
    if wanted["kind"] == "pretrain":
        other += numbers
    else:
        milder += numbers
    if other:
        raise ConfigError(f"{where}: the weights are of another model: {'; '.join(other)}; make them the same")
    for difference in milder:
        log.warning("%s: %s", where, difference)


def _differs(name: str, theirs: Any, ours: Any) -> str:
    return f"{name} was {theirs}, here it is {ours}"
