"""The frozen objects that ``study.toml`` is read into: the planned analyses."""

from typing import Annotated

from pydantic import Field

from trialkit.study.specification import Frozen, Identifier, Many, Text
from trialkit.terms import (
    AnalysisData,
    AnalysisRole,
    ContrastFamily,
    MarginalWeights,
    Method,
    MissingAs,
    OutcomeForm,
    Procedure,
    RiskDifferenceInterval,
)

# Below one half an interval says less than a coin: every claim would be "supported".
ConfidenceLevel = Annotated[float, Field(ge=0.5, lt=1)]
SignificanceLevel = Annotated[float, Field(gt=0, le=0.5)]


class Analysis(Frozen):
    """One planned analysis; it is carried out by exactly one verb (``[[analysis]]``).

    ``contrasts`` is ``"versus_reference"``, ``"pairwise"`` or a list of
    ``"treatment - reference"`` pairs of arm ids. ``data`` says whether participants or
    printed figures are analysed; ``stands_in_for`` names the analysis of participants
    whose place this one takes while the participants are not at hand.
    """

    id: Identifier
    estimand: str
    method: Method
    role: AnalysisRole = "supplementary"
    label: Text | None = None
    family: str | None = None
    data: AnalysisData = "participants"
    stands_in_for: str | None = None
    outcome: OutcomeForm = "value"
    covariates: Text | None = None
    contrasts: ContrastFamily | Many[str] = "versus_reference"
    weights: MarginalWeights = "equal"
    responder: str | None = None
    missing_as: MissingAs = "non_responder"
    interval: RiskDifferenceInterval = "newcombe"
    conf_level: ConfidenceLevel = 0.95
    note: Text | None = None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The listed contrasts as (treatment, reference); empty for a named family."""
        if isinstance(self.contrasts, str):
            return ()
        return tuple(split_contrast(text) for text in self.contrasts)


class Multiplicity(Frozen):
    """How the p-values of a declared family are adjusted (``[multiplicity.FAMILY]``)."""

    procedure: Procedure
    alpha: SignificanceLevel = 0.05


def split_contrast(text: str) -> tuple[str, str]:
    """Return the two arm ids of a contrast; the second is empty if there is no minus.

    >>> split_contrast("slow-breathing - audiobook")
    ('slow-breathing', 'audiobook')
    """
    treatment, _, reference = text.partition(" - ")
    return treatment.strip(), reference.strip()
