"""The closed vocabularies of trialkit, and the ADaM names of its frames.

Each list stands here once: the type, the check and the error message read it.
"""

from typing import Any, Final, Literal, get_args

Design = Literal["parallel", "pre_post", "crossover"]
DataStatus = Literal["real", "simulated", "published_figures"]
Masking = Literal["none", "participants", "assessors", "participants_and_assessors"]
ArmRole = Literal["experimental", "active_comparator", "sham", "placebo", "no_treatment"]
ParticipantKind = Literal["patients", "volunteers"]
Better = Literal["lower", "higher"]
Harms = Literal["collected", "not_collected", "not_in_data"]
PlanTiming = Literal["before_data", "after_data"]

MarginKind = Literal["between_group", "within_person"]
Operator = Literal["==", "!=", "<", "<=", ">", ">=", "in", "missing", "not_missing"]
Aggregation = Literal["mean"]
CharacteristicKind = Literal["continuous", "categorical"]

IntercurrentStrategy = Literal[
    "treatment_policy", "composite", "hypothetical", "principal_stratum", "while_on_treatment"
]
Summary = Literal[
    "difference in means",
    "difference in mean changes",
    "mean change",
    "difference in proportions",
    "means",
]

Method = Literal[
    "descriptive",
    "welch",
    "student",
    "paired_change",
    "ancova",
    "responders",
    "published_estimate",
    "published_p_values",
]
AnalysisRole = Literal["main", "sensitivity", "supplementary", "exploratory"]
AnalysisData = Literal["participants", "published_figures"]
OutcomeForm = Literal["value", "change"]
ContrastFamily = Literal["versus_reference", "pairwise"]
MarginalWeights = Literal["equal", "counterfactual"]
MissingAs = Literal["non_responder", "observed"]
RiskDifferenceInterval = Literal["newcombe", "wald"]
MeanDifferenceMethod = Literal["welch", "student"]
Procedure = Literal["holm", "benjamini_hochberg"]

Quantity = Literal[
    "mean",
    "std_dev",
    "median",
    "quartile_1",
    "quartile_3",
    "change",
    "mean_difference",
    "ls_mean",
    "ls_mean_difference",
    "proportion",
    "risk_difference",
    "risk_ratio",
    "number_needed_to_treat",
    "p_value",
]
# One of these rows carries the test of a contrast; a risk ratio or a number needed to
# treat restates the test of its risk difference and must not be counted twice.
TESTED_QUANTITIES: Final[tuple[Quantity, ...]] = (
    "change",
    "mean_difference",
    "ls_mean_difference",
    "risk_difference",
    "p_value",
)

FigureQuantity = Literal["mean", "change", "responders", "mean_difference", "p_value"]
FigureOrigin = Literal["published", "recomputed"]

ClaimKind = Literal["comparison", "change", "mechanism", "number", "causal", "background"]
Verdict = Literal[
    "supported",
    "supported, but smaller than the declared margin",
    "inconclusive",
    "contradicted",
    "mixed",
    "adds up",
    "does not add up",
    "not testable here",
    "illustration only",
]
Untestable = Literal[
    "no participant data",
    "no comparator",
    "outcome not measured",
    "animal study",
    "figures not published",
    "speculation",
    "no linked study",
]
Subjects = Literal["people", "animals", "cells"]

AnalysisStatus = Literal["ran", "not_run"]

# ADaM names of the analysis dataset.
USUBJID: Final = "USUBJID"
ARM_LABEL: Final = "TRT01P"
ARM_CODE: Final = "ARMCD"
VISIT_LABEL: Final = "AVISIT"
VISIT_NUMBER: Final = "AVISITN"
PARAMETER_CODE: Final = "PARAMCD"
PARAMETER_LABEL: Final = "PARAM"
VALUE: Final = "AVAL"
BASELINE: Final = "BASE"
CHANGE: Final = "CHG"
PERCENT_CHANGE: Final = "PCHG"
BASELINE_FLAG: Final = "ABLFL"
ANALYSIS_FLAG: Final = "ANL01FL"
# How ADaM writes a flag.
YES_NO: Final = {True: "Y", False: "N"}
ADAM_COLUMNS: Final = (
    USUBJID,
    ARM_CODE,
    ARM_LABEL,
    PARAMETER_CODE,
    PARAMETER_LABEL,
    VISIT_LABEL,
    VISIT_NUMBER,
    VALUE,
    BASELINE,
    CHANGE,
    PERCENT_CHANGE,
    BASELINE_FLAG,
    ANALYSIS_FLAG,
)


def allowed(vocabulary: Any) -> tuple[str, ...]:
    """Return the words of a closed vocabulary, in the order they are declared.

    >>> allowed(Better)
    ('lower', 'higher')
    """
    return get_args(vocabulary)


def population_flag(population: str) -> str:
    """Return the ADaM flag column of a population.

    >>> population_flag("itt"), population_flag("with-diary")
    ('ITTFL', 'WITH_DIARYFL')
    """
    return population.upper().replace("-", "_") + "FL"
