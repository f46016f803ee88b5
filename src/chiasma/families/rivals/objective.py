"""There is no pre-training here."""

from __future__ import annotations

from typing import NoReturn

from chiasma.families.rivals.config import Config
from chiasma.families.rivals.model import refuse


def build_objective(config: Config) -> NoReturn:
    """Raise ConfigError: the rivals are not pre-trained."""
    refuse(config)
