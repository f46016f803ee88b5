"""Errors meant for users: what was found, what was expected, what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ChiasmaError(ValueError):
    """Base of every error a user can cause and mend; the command line prints it without a traceback."""


class ConfigError(ChiasmaError):
    """A key, value or path in a configuration file is wrong."""


class InputError(ChiasmaError):
    """A data file does not hold what its format or the study promises."""


class FetchError(ChiasmaError):
    """A file could not be obtained, or arrived with the wrong bytes."""


class TrainingError(ChiasmaError):
    """Training cannot go on: non-finite loss, or a checkpoint of another configuration."""


def nearest(name: str, options: Iterable[str]) -> str | None:
    """Return the option most like ``name``, or None when nothing is close."""
    matches = get_close_matches(str(name), [str(option) for option in options], n=1, cutoff=0.6)
    return matches[0] if matches else None


def unknown(kind: str, name: str, options: Iterable[str], where: str) -> str:
    """Phrase "``name`` is not a known ``kind``", with the nearest right one and all that exist."""
    options = sorted(str(option) for option in options)
    guess = nearest(name, options)
    hint = f"; did you mean '{guess}'?" if guess else ""
    known = ", ".join(options) if options else "none"
    return f"{where}: unknown {kind} '{name}'{hint} (known: {known})"


def check_keys(found: Iterable[str], allowed: Iterable[str], where: str) -> None:
    """Raise ConfigError for the first key in ``found`` that is not in ``allowed``."""
    allowed = set(allowed)
    for key in found:
        if key not in allowed:
            raise ConfigError(unknown("key", key, allowed, where))
