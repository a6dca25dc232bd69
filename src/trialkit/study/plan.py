"""The frozen objects that ``study.toml`` is read into: the planned analyses."""

from typing import Annotated

from pydantic import Field

from trialkit.study.specification import Frozen, Identifier, Limit, Many, Text
from trialkit.terms import (
    AdjustOver,
    Alternative,
    AnalysisData,
    AnalysisRole,
    BaselineModel,
    ClusterCovarianceEstimator,
    ContrastFamily,
    CovarianceName,
    DfMethod,
    HeterogeneityEstimator,
    Information,
    MarginalWeights,
    Method,
    MissingAs,
    OutcomeForm,
    PoolingMethod,
    PredictionRule,
    Procedure,
    ProportionInterval,
    ResampledStatistic,
    SphericityCorrection,
    Stages,
    StandardisedVariance,
    SubgroupHeterogeneity,
    SumsOfSquares,
    TieRule,
    Variances,
    VisitEffects,
    VisitSummary,
    ZeroRule,
)

# A word whose vocabulary depends on the method (``method_rules.RULES``).
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$", max_length=64)]
# Below one half an interval says less than a coin: every claim would be "supported".
ConfidenceLevel = Annotated[float, Field(ge=0.5, lt=1)]
SignificanceLevel = Annotated[float, Field(gt=0, le=0.5)]


class Analysis(Frozen):
    """One planned analysis; it is carried out by exactly one verb (``[[analysis]]``).

    ``contrasts`` is ``"versus_reference"``, ``"pairwise"`` or a list of
    ``"treatment - reference"`` pairs of arm ids. ``data`` says whether participants or
    printed figures are analysed; ``stands_in_for`` names the analysis of participants
    whose place this one takes while the participants are not at hand.

    The other keys are options of the method's verb, under the verb's own names; one that
    is absent has the verb's default. ``method_rules.RULES`` says which method reads which.
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
    contrasts: ContrastFamily | Many[str] = "versus_reference"
    covariates: Text | None = None
    weights: MarginalWeights | None = None
    vcov: Word | None = None
    cluster: Text | None = None
    cluster_vcov: ClusterCovarianceEstimator | None = None
    model: BaselineModel | None = None
    adjust: Word | None = None
    adjust_over: AdjustOver | None = None
    sums_of_squares: SumsOfSquares | None = None
    correction: SphericityCorrection | None = None
    visits: Many[str] | None = None
    covariance: CovarianceName | Many[CovarianceName] | None = None
    df_method: DfMethod | None = None
    reml: bool | None = None
    group_covariance: bool | None = None
    visit_effects: VisitEffects | None = None
    margins: Word | None = None
    summaries: Many[VisitSummary] | None = None
    times: dict[str, float] | None = None
    missing_reason: Text | None = None
    random: Text | None = None
    information: Information | None = None
    predict: Text | None = None
    endpoints: Many[str] | None = None
    procedure: Word | None = None
    responder: str | None = None
    missing_as: MissingAs | None = None
    strata: Text | None = None
    interval: Word | None = None
    proportion_interval: ProportionInterval | None = None
    test: Word | None = None
    distribution: Word | None = None
    zeros: ZeroRule | None = None
    ties: TieRule | None = None
    step: Annotated[float, Field(gt=0, le=100)] | None = None
    thresholds: Many[float] | None = None
    statistic: ResampledStatistic | None = None
    measure: Word | None = None
    variances: Variances | None = None
    alternative: Alternative | None = None
    margin_low: Limit | None = None
    margin_high: Limit | None = None
    prior_scale: Annotated[float, Field(gt=0, le=10)] | None = None
    draws: Annotated[int, Field(ge=99, le=10**7)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    mediators: Many[str] | None = None
    trial: Text | None = None
    stages: Stages | None = None
    tau2: HeterogeneityEstimator | None = None
    prediction: PredictionRule | None = None
    pooling: PoolingMethod | None = None
    smd_variance: StandardisedVariance | None = None
    subgroup_tau2: SubgroupHeterogeneity | None = None
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
