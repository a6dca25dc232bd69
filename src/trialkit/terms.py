"""The closed vocabularies of trialkit, and the ADaM names of its frames.

Each list stands here once: the type, the check and the error message read it.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

Design = Literal["parallel", "pre_post", "crossover"]
DataStatus = Literal["real", "simulated", "published_figures"]
Masking = Literal["none", "participants", "assessors", "participants_and_assessors"]
ArmRole = Literal["experimental", "active_comparator", "sham", "placebo", "no_treatment"]
ParticipantKind = Literal["patients", "volunteers"]
Better = Literal["lower", "higher"]
Harms = Literal["collected", "not_collected", "not_in_data"]
HarmScope = Literal["one_kind", "any", "any_serious"]
PlanTiming = Literal["before_data", "after_data"]

MarginKind = Literal["between_group", "within_person"]
Operator = Literal["==", "!=", "<", "<=", ">", ">=", "in", "missing", "not_missing"]
Aggregation = Literal["mean"]
CharacteristicKind = Literal["continuous", "categorical"]
VariableKind = Literal["number", "category", "text"]
# The steps of people through a study, in the order of a flow diagram.
FlowStep = Literal[
    "assessed",
    "not_entered",
    "entered",
    "not_in_data",
    "allocated",
    "in_data",
    "received",
    "not_received",
    "discontinued",
    "lost",
    "left_out",
    "outside_population",
    "incomplete",
    "lost_and_analysed",
    "analysed",
    "population",
    "outcome_known",
]
FlowSource = Literal["declared", "counted", "published_figures"]

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
    "rank_sum",
    "brunner_munzel",
    "permutation",
    "bootstrap",
    "effect_size",
    "bayes_factor",
    "equivalence",
    "one_way",
    "kruskal_wallis",
    "multiple_comparisons",
    "ancova",
    "model_terms",
    "model_coefficients",
    "model_diagnostics",
    "baseline_balance",
    "assumption_checks",
    "paired_change",
    "signed_rank",
    "sign_test",
    "sign_flip",
    "paired_bootstrap",
    "paired_effect_size",
    "paired_bayes_factor",
    "paired_equivalence",
    "percent_change",
    "correlation",
    "panel",
    "repeated_measures_anova",
    "friedman",
    "mmrm",
    "mixed_model",
    "responders",
    "stratified_responders",
    "paired_responders",
    "cumulative_responders",
    "logistic",
    "proportional_odds",
    "mediation",
    "pooled_trials",
    "meta_analysis",
    "leave_one_out",
    "trim_and_fill",
    "published_estimate",
    "published_p_values",
]
AnalysisRole = Literal["main", "sensitivity", "supplementary", "exploratory"]
AnalysisData = Literal["participants", "published_figures"]
OutcomeForm = Literal["value", "change"]
ContrastFamily = Literal["versus_reference", "pairwise"]
MissingAs = Literal["non_responder", "observed"]

# Options of the verbs, and of the planned analyses that name them.
Alternative = Literal["two_sided", "less", "greater"]
MeanDifferenceMethod = Literal["welch", "student"]
Variances = Literal["unequal", "equal"]
RankDistribution = Literal["exact", "normal", "normal_corrected"]
BrunnerMunzelDistribution = Literal["t", "permutation"]
ZeroRule = Literal["wilcoxon", "pratt"]
TieRule = Literal["rounded", "bitwise"]
VisitRankTest = Literal["friedman", "quade"]
ResampledStatistic = Literal["mean", "median"]
BootstrapInterval = Literal["bca", "percentile", "basic"]
EffectSize = Literal["hedges_g_s", "cohen_d_s", "glass_delta", "rank_biserial"]
PairedEffectSize = Literal["hedges_g_z", "cohen_d_z", "cohen_d_av", "cohen_d_rm", "rank_biserial"]
CorrelationMethod = Literal["pearson", "spearman"]
MarginalWeights = Literal["equal", "proportional", "counterfactual"]
CovarianceEstimator = Literal["model", "HC0", "HC1", "HC2", "HC3", "HC4", "superpopulation"]
ClusterCovarianceEstimator = Literal["CR0", "CR1", "CR2"]
# The mixed models: one covariance of the visits a structure, one rule of df, one of errors.
CovarianceName = Literal[
    "unstructured",
    "compound_symmetry",
    "heterogeneous_compound_symmetry",
    "ar1",
    "heterogeneous_ar1",
    "toeplitz",
    "heterogeneous_toeplitz",
    "ante_dependence",
    "heterogeneous_ante_dependence",
    "spatial_exponential",
    "spatial_gaussian",
]
DfMethod = Literal[
    "kenward_roger", "kenward_roger_linear", "satterthwaite", "between_within", "residual"
]
Information = Literal["observed", "expected"]
MixedCovarianceEstimator = Literal["model", "CR0", "CR2", "CR3"]
VisitEffects = Literal["by_arm", "common", "none"]
VisitSummary = Literal["average", "slope"]
AdjustOver = Literal["arms", "visits", "all"]
BaselineModel = Literal["ancova", "anhecova"]
SumsOfSquares = Literal["III", "II"]
SphericityCorrection = Literal["greenhouse_geisser", "huynh_feldt", "none"]
RiskDifferenceInterval = Literal["newcombe", "miettinen_nurminen", "wald", "agresti_caffo"]
ProportionInterval = Literal["wilson", "clopper_pearson"]
ProportionTest = Literal["pearson", "fisher"]
StratifiedInterval = Literal["miettinen_nurminen", "wald"]
TableTest = Literal["uncorrected", "corrected", "exact"]
CoefficientInterval = Literal["profile", "wald"]
MediationInterval = Literal["bca", "percentile", "monte_carlo", "delta"]
Stages = Literal["one_stage", "two_stage"]
HeterogeneityEstimator = Literal[
    "equal_effects",
    "dersimonian_laird",
    "restricted_maximum_likelihood",
    "paule_mandel",
    "maximum_likelihood",
    "hedges",
    "hunter_schmidt",
    "sidik_jonkman",
    "empirical_bayes",
]
PooledTest = Literal["hartung_knapp", "hartung_knapp_never_narrower", "t", "z"]
PredictionRule = Literal["as_tested", "higgins"]
SubgroupHeterogeneity = Literal["separate", "common"]
FunnelSide = Literal["left", "right"]
PoolingMethod = Literal["inverse_variance", "mantel_haenszel", "peto"]
StandardisedVariance = Literal["large_sample", "unbiased"]
EffectMeasure = Literal[
    "mean_difference",
    "standardised_mean_difference",
    "risk_ratio",
    "odds_ratio",
    "risk_difference",
]
# Procedures that need the p-values alone, and those that need the model behind them.
Procedure = Literal[
    "holm",
    "hochberg",
    "hommel",
    "bonferroni",
    "sidak",
    "benjamini_hochberg",
    "benjamini_yekutieli",
]
SimultaneousProcedure = Literal["none", "tukey_kramer", "dunnett", "scheffe", "bonferroni", "sidak"]
MultipleComparison = Literal[
    "tukey_kramer", "dunnett", "games_howell", "scheffe", "bonferroni", "sidak"
]

Quantity = Literal[
    "mean",
    "std_dev",
    "median",
    "quartile_1",
    "quartile_3",
    "change",
    "percent_change",
    "mean_difference",
    "median_difference",
    "probability_of_superiority",
    "effect_size",
    "bayes_factor",
    "equivalence",
    "margin_test",
    "correlation",
    "assumption_test",
    "ls_mean",
    "ls_mean_difference",
    "coefficient",
    "joint_test",
    "proportion",
    "risk_difference",
    "risk_ratio",
    "odds_ratio",
    "number_needed_to_treat",
    "path",
    "total_effect",
    "direct_effect",
    "indirect_effect",
    "proportion_mediated",
    "sensitivity",
    "trial_estimate",
    "pooled_estimate",
    "prediction",
    "heterogeneity",
    "asymmetry_test",
    "p_value",
]
# A row of these quantities with a p-value is a test that counts in its family. A row that
# restates another's test (a risk ratio beside its risk difference) has no p-value.
TESTED_QUANTITIES: Final[tuple[Quantity, ...]] = (
    "change",
    "percent_change",
    "mean_difference",
    "median_difference",
    "probability_of_superiority",
    "equivalence",
    "ls_mean_difference",
    "joint_test",
    "proportion",
    "risk_difference",
    "odds_ratio",
    "indirect_effect",
    "pooled_estimate",
    "p_value",
)
# What no difference is: equal means, equal shares, a ratio of one.
NO_DIFFERENCE: Final[Mapping[Quantity, float]] = {
    "change": 0.0,
    "percent_change": 0.0,
    "mean_difference": 0.0,
    "median_difference": 0.0,
    "probability_of_superiority": 0.5,
    "ls_mean_difference": 0.0,
    "risk_difference": 0.0,
    "risk_ratio": 1.0,
    "odds_ratio": 1.0,
    "indirect_effect": 0.0,
    "direct_effect": 0.0,
    "total_effect": 0.0,
    "pooled_estimate": 0.0,
}

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

# The audit of printed figures.
AuditVerdict = Literal["consistent", "inconsistent", "cannot be checked"]
PrintedStatistic = Literal["t", "F", "chi2", "z"]
PrintedEffect = Literal["cohen_d_z", "cohen_d_s", "partial_eta_squared"]
IntervalQuantile = Literal["t", "normal"]

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
# Whether a rule is met, and the baseline of an endpoint in a frame with one row a person.
RESPONSE: Final = "RESPONSE"
BASELINE_OF: Final = "{}_BASE"
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
