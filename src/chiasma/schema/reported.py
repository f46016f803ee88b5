"""Whether a study can show losses that were reported elsewhere: their table is there, and a model's family can measure landmarks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chiasma.core.errors import ConfigError, unknown
from chiasma.schema import rooms

if TYPE_CHECKING:
    from chiasma.schema.study import ResolvedStudy


def check_reported(resolved: ResolvedStudy, where: str, root: Path = Path(".")) -> None:
    """Raise ConfigError when the reported losses have no table, or name a model whose family cannot say what they mean."""
    chosen, place = resolved.run.reported, f"{where}: reported"
    if chosen is None:
        return
    if not (root / chosen.losses).is_file():
        raise ConfigError(f"{place}: losses: {chosen.losses}: no such file; give the table of the reported losses")
    if chosen.model not in resolved.models:
        raise ConfigError(unknown("model", chosen.model, resolved.models, place))
    if resolved.models[chosen.model].pretrain is None:
        raise ConfigError(
            f"{place}: model '{chosen.model}' is not pre-trained; name one whose key 'pretrain' is not null"
        )
    for name in landmark_models(resolved):
        family = resolved.models[name].family
        room = rooms.room_module("families", family, "config")
        if not getattr(room, "LANDMARKS", False):
            raise ConfigError(
                f"{place}: model '{name}': family '{family}' measures no landmarks of its loss; name a model of a family that does"
            )
        rooms.build_config(
            room.Config, resolved.models[name].parameters | {"patch": chosen.patch}, f"{place}: model '{name}'"
        )


def landmark_models(resolved: ResolvedStudy) -> list[str]:
    """Return the models whose landmarks are measured: that of the reported objective, then the others pre-trained of its family."""
    chosen = resolved.run.reported
    if chosen is None:
        return []
    alike = [
        name
        for name, model in resolved.models.items()
        if model.pretrain is not None and model.family == resolved.models[chosen.model].family
    ]
    return [chosen.model, *(name for name in alike if name != chosen.model)]
