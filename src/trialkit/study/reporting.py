"""What a plan says for the readers of a report: how the study was carried out, and its harms.

Everything here is optional. A checklist asks for it; what is left out is named there as
unknown and is never filled in.
"""

from typing import Annotated

from pydantic import Field, model_validator

from trialkit.study.specification import Frozen, People, Text
from trialkit.terms import HarmScope


class Reporting(Frozen):
    """What reporting guidelines ask of a study that no data show (``[reporting]``)."""

    protocol: Text | None = None
    data_sharing: Text | None = None
    background: Text | None = None
    objectives: Text | None = None
    patient_involvement: Text | None = None
    framework: Text | None = None
    changes: Text | None = None
    eligibility: Text | None = None
    recruitment: Text | None = None
    sites: Text | None = None
    measures: Text | None = None
    harms_assessment: Text | None = None
    sample_size: Text | None = None
    interim_looks: Text | None = None
    sequence: Text | None = None
    restriction: Text | None = None
    concealment: Text | None = None
    implementation: Text | None = None
    assignment: Text | None = None
    blinding: Text | None = None
    dates: Text | None = None
    stopping: Text | None = None
    delivery: Text | None = None
    concomitant_care: Text | None = None
    interpretation: Text | None = None
    generalisability: Text | None = None
    other_evidence: Text | None = None
    source: Text | None = None


class Harm(Frozen):
    """How many people of each arm had a kind of harm, or any harm at all (``[[harm]]``).

    ``of`` says out of how many; without it, out of those who came into the arm.
    """

    label: Text
    covers: HarmScope = "one_kind"
    serious: bool | None = None
    people: Annotated[dict[str, People], Field(min_length=1)]
    of: dict[str, People] = Field(default_factory=dict)
    source: Text

    @model_validator(mode="after")
    def _no_more_than_all(self) -> "Harm":
        for arm, whole in self.of.items():
            if self.people.get(arm, 0) > whole:
                raise ValueError(f"{self.people[arm]} people of {whole} in arm {arm!r}")
        return self

    @model_validator(mode="after")
    def _any_serious_harm_is_serious(self) -> "Harm":
        if self.covers == "any_serious" and self.serious is False:
            raise ValueError("covers 'any_serious' goes with serious = true")
        return self
