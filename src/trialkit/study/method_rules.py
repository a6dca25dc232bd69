"""What each method of a planned analysis does, needs and may be told."""

from collections.abc import Mapping
from typing import Final

from trialkit.study.method_rule import (
    CONTRASTS,
    DRAWS,
    FREE,
    MARGINS,
    ONE_SIDED,
    POOLING,
    WITHIN,
    MethodRule,
)
from trialkit.study.mixed_rules import MIXED_RULES
from trialkit.terms import (
    BaselineModel,
    BootstrapInterval,
    BrunnerMunzelDistribution,
    ClusterCovarianceEstimator,
    CoefficientInterval,
    CorrelationMethod,
    CovarianceEstimator,
    EffectSize,
    HeterogeneityEstimator,
    MarginalWeights,
    MediationInterval,
    Method,
    MissingAs,
    MultipleComparison,
    PairedEffectSize,
    PooledTest,
    PoolingMethod,
    PredictionRule,
    Procedure,
    ProportionInterval,
    ProportionTest,
    RankDistribution,
    ResampledStatistic,
    RiskDifferenceInterval,
    SimultaneousProcedure,
    SphericityCorrection,
    Stages,
    StandardisedVariance,
    StratifiedInterval,
    SubgroupHeterogeneity,
    SumsOfSquares,
    TableTest,
    TieRule,
    Variances,
    ZeroRule,
    allowed,
)

RULES: Final[Mapping[Method, MethodRule]] = {
    "descriptive": MethodRule(compares="nobody", options={"outcome": FREE, "conf_level": FREE}),
    "welch": MethodRule(
        compares="arms",
        answers=("mean_difference",),
        options=CONTRASTS | ONE_SIDED,
        on_figures=True,
    ),
    "student": MethodRule(
        compares="arms",
        answers=("mean_difference",),
        options=CONTRASTS | ONE_SIDED,
        on_figures=True,
    ),
    "rank_sum": MethodRule(
        compares="arms",
        answers=("median_difference",),
        options=CONTRASTS | ONE_SIDED | {"distribution": allowed(RankDistribution)},
    ),
    "brunner_munzel": MethodRule(
        compares="arms",
        answers=("probability_of_superiority",),
        options=CONTRASTS | DRAWS | {"distribution": allowed(BrunnerMunzelDistribution)},
    ),
    "permutation": MethodRule(
        compares="arms", answers=("mean_difference",), options=CONTRASTS | ONE_SIDED | DRAWS
    ),
    "bootstrap": MethodRule(
        compares="arms",
        options=CONTRASTS
        | DRAWS
        | {"statistic": allowed(ResampledStatistic), "interval": allowed(BootstrapInterval)},
        required=("seed",),
    ),
    "effect_size": MethodRule(
        compares="arms",
        options=CONTRASTS | {"measure": allowed(EffectSize)},
        on_figures=True,
    ),
    "bayes_factor": MethodRule(
        compares="arms",
        options={"contrasts": FREE, "outcome": FREE, "prior_scale": FREE} | ONE_SIDED,
    ),
    "equivalence": MethodRule(
        compares="arms",
        answers=("equivalence",),
        options=CONTRASTS | MARGINS | {"variances": allowed(Variances)},
        required=("margin_low", "margin_high"),
    ),
    "one_way": MethodRule(
        compares="all_arms",
        answers=("joint_test",),
        options={"outcome": FREE, "variances": allowed(Variances)},
    ),
    "kruskal_wallis": MethodRule(
        compares="all_arms", answers=("joint_test",), options={"outcome": FREE}
    ),
    "ancova": MethodRule(
        compares="arms",
        answers=("ls_mean_difference",),
        options=CONTRASTS
        | {
            "covariates": FREE,
            "weights": allowed(MarginalWeights),
            "vcov": allowed(CovarianceEstimator),
            "model": allowed(BaselineModel),
            "adjust": allowed(SimultaneousProcedure),
        },
    ),
    "multiple_comparisons": MethodRule(
        compares="arms",
        answers=("mean_difference",),
        options=CONTRASTS | {"procedure": allowed(MultipleComparison)},
    ),
    "model_terms": MethodRule(
        compares="arms",
        answers=("joint_test",),
        terms=("arm",),
        options={
            "outcome": FREE,
            "covariates": FREE,
            "sums_of_squares": allowed(SumsOfSquares),
            "vcov": ("model", "HC0", "HC1", "HC2", "HC3", "HC4"),
        },
    ),
    "model_coefficients": MethodRule(
        compares="arms",
        options={
            "outcome": FREE,
            "covariates": FREE,
            "vcov": ("model", "HC0", "HC1", "HC2", "HC3", "HC4"),
            "cluster": FREE,
            "cluster_vcov": allowed(ClusterCovarianceEstimator),
            "conf_level": FREE,
        },
    ),
    "model_diagnostics": MethodRule(compares="arms", options={"outcome": FREE, "covariates": FREE}),
    "baseline_balance": MethodRule(compares="arms", options={"contrasts": FREE}),
    "assumption_checks": MethodRule(compares="all_arms", options={"outcome": FREE}),
    "paired_change": MethodRule(
        compares="before", answers=("change",), options=WITHIN, on_figures=True
    ),
    "sign_test": MethodRule(compares="before", answers=("proportion",), options=WITHIN),
    "signed_rank": MethodRule(
        compares="before",
        answers=("median_difference",),
        options=WITHIN
        | ONE_SIDED
        | {
            "distribution": allowed(RankDistribution),
            "zeros": allowed(ZeroRule),
            "ties": allowed(TieRule),
        },
    ),
    "sign_flip": MethodRule(
        compares="before", answers=("change",), options=WITHIN | ONE_SIDED | DRAWS
    ),
    "paired_bootstrap": MethodRule(
        compares="before",
        options=WITHIN
        | DRAWS
        | {"statistic": allowed(ResampledStatistic), "interval": allowed(BootstrapInterval)},
        required=("seed",),
    ),
    "paired_effect_size": MethodRule(
        compares="before", options=WITHIN | {"measure": allowed(PairedEffectSize)}
    ),
    "paired_bayes_factor": MethodRule(compares="before", options={"prior_scale": FREE} | ONE_SIDED),
    "paired_equivalence": MethodRule(
        compares="before",
        answers=("equivalence",),
        options=WITHIN | MARGINS,
        required=("margin_low", "margin_high"),
    ),
    "percent_change": MethodRule(compares="before", answers=("percent_change",), options=WITHIN),
    "correlation": MethodRule(
        compares="before", options=WITHIN | {"measure": allowed(CorrelationMethod)}
    ),
    "panel": MethodRule(
        compares="arms_if_several",
        answers=("change", "mean_difference"),
        options=WITHIN | {"endpoints": FREE, "procedure": allowed(Procedure)},
    ),
    "repeated_measures_anova": MethodRule(
        compares="visits",
        answers=("joint_test",),
        terms=("arm:visit", "visit"),
        options={
            "visits": FREE,
            "sums_of_squares": allowed(SumsOfSquares),
            "correction": allowed(SphericityCorrection),
            "conf_level": FREE,
        },
    ),
    "friedman": MethodRule(
        compares="visits",
        answers=("joint_test",),
        options={"visits": FREE, "test": ("friedman", "quade"), "ties": allowed(TieRule)},
    ),
    **MIXED_RULES,
    "responders": MethodRule(
        compares="arms_if_several",
        answers=("risk_difference",),
        options={
            "contrasts": FREE,
            "conf_level": FREE,
            "responder": FREE,
            "interval": allowed(RiskDifferenceInterval),
            "proportion_interval": allowed(ProportionInterval),
            "test": allowed(ProportionTest),
            "missing_as": allowed(MissingAs),
        },
        on_figures=True,
    ),
    "stratified_responders": MethodRule(
        compares="arms",
        answers=("risk_difference",),
        options={
            "contrasts": FREE,
            "conf_level": FREE,
            "responder": FREE,
            "strata": FREE,
            "interval": allowed(StratifiedInterval),
            "test": allowed(TableTest),
            "missing_as": allowed(MissingAs),
        },
        required=("strata",),
    ),
    "paired_responders": MethodRule(
        compares="before",
        answers=("risk_difference",),
        options={
            "conf_level": FREE,
            "responder": FREE,
            "test": allowed(TableTest),
        },
    ),
    "cumulative_responders": MethodRule(
        compares="arms_if_several",
        answers=("joint_test",),
        options={
            "contrasts": FREE,
            "conf_level": FREE,
            "missing_as": allowed(MissingAs),
            "step": FREE,
            "thresholds": FREE,
        },
    ),
    "logistic": MethodRule(
        compares="arms",
        answers=("odds_ratio",),
        options={
            "contrasts": FREE,
            "conf_level": FREE,
            "covariates": FREE,
            "responder": FREE,
            "missing_as": allowed(MissingAs),
            "interval": allowed(CoefficientInterval),
        },
    ),
    "proportional_odds": MethodRule(
        compares="arms",
        answers=("odds_ratio",),
        options={
            "contrasts": FREE,
            "conf_level": FREE,
            "covariates": FREE,
            "interval": allowed(CoefficientInterval),
        },
    ),
    "mediation": MethodRule(
        compares="arms",
        answers=("indirect_effect",),
        options={
            "outcome": FREE,
            "conf_level": FREE,
            "mediators": FREE,
            "covariates": FREE,
            "interval": allowed(MediationInterval),
        }
        | DRAWS,
        required=("mediators",),
    ),
    "pooled_trials": MethodRule(
        compares="arms",
        answers=("ls_mean_difference", "pooled_estimate"),
        options=CONTRASTS
        | {
            "trial": FREE,
            "stages": allowed(Stages),
            "covariates": FREE,
            "tau2": allowed(HeterogeneityEstimator),
            "test": allowed(PooledTest),
        },
        required=("trial",),
    ),
    "meta_analysis": MethodRule(
        compares="arms",
        answers=("pooled_estimate",),
        options=POOLING
        | {
            "prediction": allowed(PredictionRule),
            "pooling": allowed(PoolingMethod),
            "smd_variance": allowed(StandardisedVariance),
            "subgroup_tau2": allowed(SubgroupHeterogeneity),
        },
        on_participants=False,
        on_figures=True,
    ),
    "leave_one_out": MethodRule(
        compares="arms",
        answers=("pooled_estimate",),
        options=POOLING,
        on_participants=False,
        on_figures=True,
    ),
    "trim_and_fill": MethodRule(
        compares="arms", options=POOLING, on_participants=False, on_figures=True
    ),
    "published_estimate": MethodRule(
        compares="nobody",
        answers=("mean_difference",),
        options={"contrasts": FREE, "outcome": FREE},
        on_participants=False,
        on_figures=True,
    ),
    "published_p_values": MethodRule(
        compares="nobody", answers=("p_value",), on_participants=False, on_figures=True
    ),
}
# Every key of a planned analysis that some method reads and another does not.
OPTIONS: Final = tuple(dict.fromkeys(key for rule in RULES.values() for key in rule.options))
# The keys whose words depend on the method; the others have one vocabulary.
WORDS_BY_METHOD: Final = (
    "adjust",
    "vcov",
    "procedure",
    "interval",
    "test",
    "distribution",
    "measure",
    "margins",
    "df_method",
)
# Methods that pool the printed figures of trials; a rule only where they are of responders.
OF_TRIALS: Final = ("meta_analysis", "leave_one_out", "trim_and_fill")
# Methods that apply a responder rule of the endpoint.
BY_RULE: Final = tuple(name for name, rule in RULES.items() if "responder" in rule.options)
# Methods that compare each person with their own baseline, whether or not arms are compared.
FROM_BASELINE: Final = (
    *(name for name, rule in RULES.items() if rule.compares == "before"),
    "panel",
    "cumulative_responders",
    "baseline_balance",
)
# Methods that adjust their own p-values for their number; a family would do it twice.
ADJUST_THEMSELVES: Final = ("multiple_comparisons", "panel")
