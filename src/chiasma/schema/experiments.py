"""The keys of a study's experiments: few labels, changed inputs, left-out parts, linear probes, losses reported elsewhere."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from chiasma.schema.section import NamePattern, Names, Positive, Section, unique


class FewShot(Section):
    """How models do with few labels: each is fine-tuned on ever larger shares of a task's training examples."""

    models: Names = Field(
        min_length=1,
        description="models of this study, compared with the same model without pre-training where it is named too",
    )
    fractions: Annotated[list[Annotated[float, Field(gt=0, le=1)]], AfterValidator(unique)] = Field(
        [0.01, 0.05, 0.1, 0.25, 0.5, 1.0],
        min_length=1,
        description="shares of the training examples, each drawn within the larger ones",
    )
    seeds: Annotated[list[int], AfterValidator(unique)] = Field(
        [1, 2, 3, 4, 5], min_length=1, description="seeds of weights and of the examples drawn"
    )
    min_steps: Positive = Field(
        300,
        description="a small share is gone through several times an epoch, so that a run has at least so many optimiser steps",
    )


class Perturb(Section):
    """Changes of the test examples of a task that is called, and what models then say."""

    task: NamePattern = Field(description="task of this study")
    models: Names = Field(min_length=1, description="models of this study")
    attenuation: list[Annotated[float, Field(ge=0, le=1)]] = Field(
        [0.0, 0.25, 0.5, 0.7, 0.8, 0.9, 1.0],
        description="shares of the tracks' signal taken away at both bins of a pair",
    )
    reach_bins: int = Field(1, ge=0, description="contact bins on either side of them that are changed too")
    control_bins: Positive = Field(10, description="as a control the same is done this far outwards of both bins")
    missing: list[Literal["contacts", "tracks"]] = Field(
        ["contacts", "tracks"], description="modalities left out; a model that reads both infers the missing one"
    )

    @model_validator(mode="after")
    def _control_lies_beyond(self) -> Perturb:
        """Refuse a control whose bins meet those that are changed."""
        if self.control_bins <= 2 * self.reach_bins:
            raise ValueError(
                f"control_bins {self.control_bins} must be farther than the changed bins reach, 2 x reach_bins {self.reach_bins}"
            )
        return self


class Ablation(Section):
    """What parts of a model are worth: variants of one model, each scored beside it on a task."""

    task: NamePattern = Field(description="task of this study")
    reference: NamePattern = Field(description="model of this study that the variants depart from")
    groups: dict[str, Names] = Field(
        min_length=1, description="what is varied, in words, with the models of this study that vary it"
    )

    @property
    def models(self) -> list[str]:
        """The reference, then every variant."""
        return [self.reference, *(name for names in self.groups.values() for name in names)]

    @model_validator(mode="after")
    def _each_model_once(self) -> Ablation:
        """Refuse a variant that stands in two groups or is the reference."""
        unique(self.models)
        return self


class Probe(Section):
    """What a pre-trained encoder's tokens say linearly about a task's labels, beside random weights and the raw inputs."""

    task: NamePattern = Field(description="task of this study that predicts calls")
    models: Names = Field(
        min_length=1, description="pre-trained models of this study, whose encoders are read as they are"
    )


class Reported(Section):
    """Losses that somebody else reported, put beside what they say of networks that know nothing or everything, and beside ours."""

    losses: str = Field(description="table of the losses, resources/reported/{name}.tsv")
    model: NamePattern = Field(
        description="pre-trained model of this study, by the objective that was reported; its family measures the landmarks"
    )
    window_bins: Positive = Field(448, description="width of the windows of the reported training")
    patch: Positive = Field(16, description="width of a patch of the reported training, in bins")

    @model_validator(mode="after")
    def _whole_patches(self) -> Reported:
        """Refuse a window that is no whole number of patches."""
        if self.window_bins % self.patch:
            raise ValueError(f"window_bins {self.window_bins} is not a multiple of patch {self.patch}")
        return self
