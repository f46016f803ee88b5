"""What every part of a configuration file has in common: no unknown keys, values that do not change, names of one pattern."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

NamePattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Positive = Annotated[int, Field(gt=0)]


def unique(values: list) -> list:
    """Return the values; ValueError when one of them stands there more than once."""
    repeated = sorted({str(value) for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"'{repeated[0]}' stands there more than once")
    return values


Names = Annotated[list[NamePattern], AfterValidator(unique)]
Fraction = Annotated[float, Field(ge=0, lt=1)]


class Section(BaseModel):
    """A part of a configuration file: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)
