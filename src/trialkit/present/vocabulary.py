"""What the words of the vocabularies are called in print, and which quantities are alike."""

from collections.abc import Mapping
from typing import Final

from trialkit.terms import Method, Procedure, Quantity

METHODS: Final[Mapping[Method, str]] = {
    "descriptive": "Descriptive statistics",
    "welch": "Welch's comparison of means",
    "student": "Student's comparison of means",
    "rank_sum": "Rank-sum test",
    "brunner_munzel": "Brunner and Munzel's test",
    "permutation": "Permutation test of means",
    "bootstrap": "Bootstrap comparison",
    "effect_size": "Effect size",
    "bayes_factor": "Bayes factor",
    "equivalence": "Equivalence of means",
    "one_way": "One-way analysis of variance",
    "kruskal_wallis": "Kruskal and Wallis's test",
    "multiple_comparisons": "Multiple comparisons of means",
    "ancova": "Analysis of covariance",
    "model_terms": "Tests of model terms",
    "model_coefficients": "Coefficients of the model",
    "model_diagnostics": "Diagnostics of the model",
    "baseline_balance": "Arms before treatment",
    "assumption_checks": "Checks of assumptions",
    "paired_change": "Change within people",
    "signed_rank": "Signed-rank test of change",
    "sign_test": "Sign test of change",
    "sign_flip": "Sign-flip test of change",
    "paired_bootstrap": "Bootstrap change within people",
    "paired_effect_size": "Effect size of change",
    "paired_bayes_factor": "Bayes factor of change",
    "paired_equivalence": "Equivalence before and after",
    "percent_change": "Percent change of means",
    "correlation": "Correlation of before with after",
    "panel": "Panel of changes",
    "repeated_measures_anova": "Repeated-measures analysis of variance",
    "friedman": "Visits compared by ranks",
    "mmrm": "Mixed model for repeated measures",
    "mixed_model": "Mixed model with random effects",
    "responders": "Responders",
    "stratified_responders": "Responders by stratum",
    "paired_responders": "Responders before and after",
    "cumulative_responders": "Cumulative responders",
    "logistic": "Logistic regression",
    "proportional_odds": "Proportional odds",
    "mediation": "Mediation",
    "pooled_trials": "Pooled trials",
    "meta_analysis": "Meta-analysis",
    "leave_one_out": "Meta-analysis without each trial",
    "trim_and_fill": "Meta-analysis, funnel filled",
    "published_estimate": "Estimate as published",
    "published_p_values": "P-values as published",
}
PROCEDURES: Final[Mapping[Procedure, str]] = {
    "holm": "Holm",
    "hochberg": "Hochberg",
    "hommel": "Hommel",
    "bonferroni": "Bonferroni",
    "sidak": "Šidák",
    "benjamini_hochberg": "Benjamini and Hochberg",
    "benjamini_yekutieli": "Benjamini and Yekutieli",
}
QUANTITIES: Final[Mapping[Quantity, str]] = {
    "mean": "mean",
    "std_dev": "standard deviation",
    "median": "median",
    "quartile_1": "first quartile",
    "quartile_3": "third quartile",
    "change": "mean change",
    "percent_change": "change of the mean",
    "mean_difference": "difference in means",
    "median_difference": "shift (Hodges-Lehmann)",
    "probability_of_superiority": "chance that a person of the first arm scores higher",
    "effect_size": "effect size",
    "bayes_factor": "Bayes factor",
    "equivalence": "difference in means",
    "margin_test": "test against a margin",
    "correlation": "correlation",
    "assumption_test": "check of an assumption",
    "ls_mean": "adjusted mean",
    "ls_mean_difference": "difference in adjusted means",
    "coefficient": "coefficient",
    "joint_test": "joint test",
    "proportion": "responders",
    "risk_difference": "risk difference",
    "risk_ratio": "risk ratio",
    "odds_ratio": "odds ratio",
    "number_needed_to_treat": "number needed to treat",
    "path": "path",
    "total_effect": "whole difference",
    "direct_effect": "difference not through the mediators",
    "indirect_effect": "difference through the mediator",
    "proportion_mediated": "share through the mediator",
    "sensitivity": "sensitivity",
    "trial_estimate": "estimate of one trial",
    "pooled_estimate": "pooled estimate",
    "prediction": "range expected in a new trial",
    "heterogeneity": "heterogeneity",
    "asymmetry_test": "asymmetry of the funnel",
    "p_value": "p-value",
}
# What an effect size is called; its row names it in ``method``.
EFFECT_SIZES: Final[Mapping[str, str]] = {
    "cohen_d_s": "Cohen's d",
    "hedges_g_s": "Hedges' g",
    "glass_delta": "Glass's delta",
    "cohen_d_z": "Cohen's d of the changes",
    "hedges_g_z": "Hedges' g of the changes",
    "cohen_d_av": "Cohen's d, mean SD",
    "cohen_d_rm": "Cohen's d, repeated measures",
    "rank_biserial": "rank-biserial correlation",
    "eta_squared": "eta squared",
    "omega_squared": "omega squared",
    "epsilon_squared": "epsilon squared",
    "partial_eta_squared": "partial eta squared",
    "generalised_eta_squared": "generalised eta squared",
    "kendall_w": "Kendall's W",
}
# What else tells rows of one quantity apart, where no endpoint has that name.
TERMS: Final[Mapping[str, str]] = {
    "change": "",  # the quantity says so, as it does of summaries over visits
    "average": "",
    "slope": "",
    "equal_variances": "equal variances (Breusch-Pagan)",
    "arm": "arm",
    "visit": "visit",
    "arm:visit": "arm × visit",
    "all mediators": "all mediators together",
    "tau_squared": "τ²",
    "tau_squared filled": "τ² with the filled trials",
    "filled": "with the filled trials",
    "tau": "τ",
    "I_squared": "I², %",
    "H_squared": "H²",
    "egger": "Egger",
    "egger_mixed": "Egger, mixed effects",
    "begg": "Begg",
}
OF_CHANGES: Final[Mapping[Quantity, str]] = {
    "mean": "mean change",
    "mean_difference": "difference in mean changes",
    "ls_mean": "adjusted mean change",
    "ls_mean_difference": "difference in adjusted mean changes",
}
# A model of several visits sums them up, and tells the rows apart by their term.
OF_SUMMARIES: Final[Mapping[tuple[str, Quantity], str]] = {
    ("average", "ls_mean"): "adjusted mean, average of the visits",
    ("average", "ls_mean_difference"): "difference in adjusted means, average of the visits",
    ("slope", "ls_mean"): "slope of the adjusted means",
    ("slope", "ls_mean_difference"): "difference in slopes",
}
# A paired analysis returns the means at both visits and tells them apart by their method.
BEFORE_AND_AFTER: Final = ("mean before", "mean after")
# The row that an entry rule puts beside a change of one group.
EXPECTED: Final = "expected regression to the mean"
CONTRASTS: Final[frozenset[Quantity]] = frozenset(
    {
        "change",
        "mean_difference",
        "median_difference",
        "probability_of_superiority",
        "ls_mean_difference",
        "risk_difference",
        "risk_ratio",
        "odds_ratio",
    }
)
DIFFERENCES: Final[frozenset[Quantity]] = frozenset({"mean_difference", "ls_mean_difference"})
RESPONDER_QUANTITIES: Final[frozenset[Quantity]] = frozenset(
    {"proportion", "risk_difference", "risk_ratio", "odds_ratio", "number_needed_to_treat"}
)
# What is printed on the endpoint's own scale; everything else is a ratio, share or statistic.
WITH_UNIT: Final[frozenset[Quantity]] = frozenset(
    {
        "mean",
        "std_dev",
        "median",
        "quartile_1",
        "quartile_3",
        "change",
        "mean_difference",
        "median_difference",
        "equivalence",
        "ls_mean",
        "ls_mean_difference",
        "total_effect",
        "direct_effect",
        "indirect_effect",
    }
)
PERCENTAGES: Final[Mapping[Quantity, str]] = {
    "proportion": "%",
    "percent_change": "%",
    "probability_of_superiority": "%",
    "proportion_mediated": "%",
    "risk_difference": "percentage points",
}
