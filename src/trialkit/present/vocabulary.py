"""What the words of the vocabularies are called in print, and which quantities are alike."""

from collections.abc import Mapping
from typing import Final

from trialkit.language.speech import later
from trialkit.terms import IntercurrentStrategy, Method, Procedure, Quantity, Summary, Verdict

METHODS: Final[Mapping[Method, str]] = {
    "descriptive": later("Descriptive statistics"),
    "welch": later("Welch's comparison of means"),
    "student": later("Student's comparison of means"),
    "rank_sum": later("Rank-sum test"),
    "brunner_munzel": later("Brunner and Munzel's test"),
    "permutation": later("Permutation test of means"),
    "bootstrap": later("Bootstrap comparison"),
    "effect_size": later("Effect size"),
    "bayes_factor": later("Bayes factor"),
    "equivalence": later("Equivalence of means"),
    "one_way": later("One-way analysis of variance"),
    "kruskal_wallis": later("Kruskal and Wallis's test"),
    "multiple_comparisons": later("Multiple comparisons of means"),
    "ancova": later("Analysis of covariance"),
    "model_terms": later("Tests of model terms"),
    "model_coefficients": later("Coefficients of the model"),
    "model_diagnostics": later("Diagnostics of the model"),
    "baseline_balance": later("Arms before treatment"),
    "assumption_checks": later("Checks of assumptions"),
    "paired_change": later("Change within people"),
    "signed_rank": later("Signed-rank test of change"),
    "sign_test": later("Sign test of change"),
    "sign_flip": later("Sign-flip test of change"),
    "paired_bootstrap": later("Bootstrap change within people"),
    "paired_effect_size": later("Effect size of change"),
    "paired_bayes_factor": later("Bayes factor of change"),
    "paired_equivalence": later("Equivalence before and after"),
    "percent_change": later("Percent change of means"),
    "correlation": later("Correlation of before with after"),
    "panel": later("Panel of changes"),
    "repeated_measures_anova": later("Repeated-measures analysis of variance"),
    "friedman": later("Visits compared by ranks"),
    "mmrm": later("Mixed model for repeated measures"),
    "mixed_model": later("Mixed model with random effects"),
    "responders": later("Responders"),
    "stratified_responders": later("Responders by stratum"),
    "paired_responders": later("Responders before and after"),
    "cumulative_responders": later("Cumulative responders"),
    "logistic": later("Logistic regression"),
    "proportional_odds": later("Proportional odds"),
    "mediation": later("Mediation"),
    "pooled_trials": later("Pooled trials"),
    "meta_analysis": later("Meta-analysis"),
    "leave_one_out": later("Meta-analysis without each trial"),
    "trim_and_fill": later("Meta-analysis, funnel filled"),
    "published_estimate": later("Estimate as published"),
    "published_p_values": later("P-values as published"),
}
# Words of closed vocabularies that stand for themselves.
VERDICTS: Final[Mapping[Verdict, str]] = {
    "supported": later("supported"),
    "supported, but smaller than the declared margin": later(
        "supported, but smaller than the declared margin"
    ),
    "inconclusive": later("inconclusive"),
    "contradicted": later("contradicted"),
    "mixed": later("mixed"),
    "adds up": later("adds up"),
    "does not add up": later("does not add up"),
    "not testable here": later("not testable here"),
    "illustration only": later("illustration only"),
}
SUMMARIES: Final[Mapping[Summary, str]] = {
    "difference in means": later("difference in means"),
    "difference in mean changes": later("difference in mean changes"),
    "mean change": later("mean change"),
    "difference in proportions": later("difference in proportions"),
    "means": later("means"),
}
STRATEGIES: Final[Mapping[IntercurrentStrategy, str]] = {
    "treatment_policy": later("treatment policy"),
    "composite": later("composite"),
    "hypothetical": later("hypothetical"),
    "principal_stratum": later("principal stratum"),
    "while_on_treatment": later("while on treatment"),
}
PROCEDURES: Final[Mapping[Procedure, str]] = {
    "holm": later("Holm"),
    "hochberg": later("Hochberg"),
    "hommel": later("Hommel"),
    "bonferroni": later("Bonferroni"),
    "sidak": later("Šidák"),
    "benjamini_hochberg": later("Benjamini and Hochberg"),
    "benjamini_yekutieli": later("Benjamini and Yekutieli"),
}
QUANTITIES: Final[Mapping[Quantity, str]] = {
    "mean": later("mean"),
    "std_dev": later("standard deviation"),
    "median": later("median"),
    "quartile_1": later("first quartile"),
    "quartile_3": later("third quartile"),
    "change": later("mean change"),
    "percent_change": later("change of the mean"),
    "mean_difference": later("difference in means"),
    "median_difference": later("shift (Hodges-Lehmann)"),
    "probability_of_superiority": later("chance that a person of the first arm scores higher"),
    "effect_size": later("effect size"),
    "bayes_factor": later("Bayes factor"),
    "equivalence": later("difference in means"),
    "margin_test": later("test against a margin"),
    "correlation": later("correlation"),
    "assumption_test": later("check of an assumption"),
    "ls_mean": later("adjusted mean"),
    "ls_mean_difference": later("difference in adjusted means"),
    "coefficient": later("coefficient"),
    "joint_test": later("joint test"),
    "proportion": later("responders"),
    "risk_difference": later("risk difference"),
    "risk_ratio": later("risk ratio"),
    "odds_ratio": later("odds ratio"),
    "number_needed_to_treat": later("number needed to treat"),
    "path": later("path"),
    "total_effect": later("whole difference"),
    "direct_effect": later("difference not through the mediators"),
    "indirect_effect": later("difference through the mediator"),
    "proportion_mediated": later("share through the mediator"),
    "sensitivity": later("sensitivity"),
    "trial_estimate": later("estimate of one trial"),
    "pooled_estimate": later("pooled estimate"),
    "prediction": later("range expected in a new trial"),
    "heterogeneity": later("heterogeneity"),
    "asymmetry_test": later("asymmetry of the funnel"),
    "p_value": later("p-value"),
}
# What an effect size is called; its row names it in ``method``.
EFFECT_SIZES: Final[Mapping[str, str]] = {
    "cohen_d_s": later("Cohen's d"),
    "hedges_g_s": later("Hedges' g"),
    "glass_delta": later("Glass's delta"),
    "cohen_d_z": later("Cohen's d of the changes"),
    "hedges_g_z": later("Hedges' g of the changes"),
    "cohen_d_av": later("Cohen's d, mean SD"),
    "cohen_d_rm": later("Cohen's d, repeated measures"),
    "rank_biserial": later("rank-biserial correlation"),
    "eta_squared": later("eta squared"),
    "omega_squared": later("omega squared"),
    "epsilon_squared": later("epsilon squared"),
    "partial_eta_squared": later("partial eta squared"),
    "generalised_eta_squared": later("generalised eta squared"),
    "kendall_w": later("Kendall's W"),
}
# What else tells rows of one quantity apart, where no endpoint has that name.
TERMS: Final[Mapping[str, str]] = {
    "change": "",  # the quantity says so, as it does of summaries over visits
    "average": "",
    "slope": "",
    "equal_variances": later("equal variances (Breusch-Pagan)"),
    "normal_residuals": later("normal residuals (Shapiro-Wilk)"),
    "arm": later("arm"),
    "visit": later("visit"),
    "arm:visit": later("arm × visit"),
    "arm:trial": later("arm × trial"),
    "all mediators": later("all mediators together"),
    "tau_squared": later("τ²"),
    "tau_squared filled": later("τ² with the filled trials"),
    "filled": later("with the filled trials"),
    "tau": later("τ"),
    "I_squared": later("I², %"),
    "H_squared": later("H²"),
    "egger": later("Egger"),
    "egger_mixed": later("Egger, mixed effects"),
    "begg": later("Begg"),
}
OF_CHANGES: Final[Mapping[Quantity, str]] = {
    "mean": later("mean change"),
    "mean_difference": later("difference in mean changes"),
    "ls_mean": later("adjusted mean change"),
    "ls_mean_difference": later("difference in adjusted mean changes"),
}
# A model of several visits sums them up, and tells the rows apart by their term.
OF_SUMMARIES: Final[Mapping[tuple[str, Quantity], str]] = {
    ("average", "ls_mean"): later("adjusted mean, average of the visits"),
    ("average", "ls_mean_difference"): later("difference in adjusted means, average of the visits"),
    ("slope", "ls_mean"): later("slope of the adjusted means"),
    ("slope", "ls_mean_difference"): later("difference in slopes"),
}
# A paired analysis returns the means at both visits and tells them apart by their method.
BEFORE_AND_AFTER: Final = (later("mean before"), later("mean after"))
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
