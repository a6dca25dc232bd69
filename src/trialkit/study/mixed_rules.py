"""What the methods of mixed models need and may be told."""

from collections.abc import Mapping
from typing import Final

from trialkit.study.method_rule import CONTRASTS, FREE, MethodRule
from trialkit.terms import (
    AdjustOver,
    CovarianceName,
    DfMethod,
    Information,
    MarginalWeights,
    Method,
    MixedCovarianceEstimator,
    SimultaneousProcedure,
    VisitEffects,
    VisitSummary,
    allowed,
)

MIXED_RULES: Final[Mapping[Method, MethodRule]] = {
    "mmrm": MethodRule(
        compares="arms_by_visit",
        answers=("ls_mean_difference",),
        options=CONTRASTS
        | {
            "visits": FREE,
            "covariates": FREE,
            "covariance": allowed(CovarianceName),
            "group_covariance": FREE,
            "times": FREE,
            "df_method": allowed(DfMethod),
            "reml": FREE,
            "visit_effects": allowed(VisitEffects),
            "vcov": allowed(MixedCovarianceEstimator),
            "margins": ("equal", "proportional"),
            "summaries": allowed(VisitSummary),
            "adjust": allowed(SimultaneousProcedure),
            "adjust_over": allowed(AdjustOver),
            "missing_reason": FREE,
        },
    ),
    "mixed_model": MethodRule(
        compares="arms",
        answers=("ls_mean_difference",),
        options=CONTRASTS
        | {
            "random": FREE,
            "covariates": FREE,
            "df_method": ("satterthwaite", "kenward_roger", "kenward_roger_linear", "residual"),
            "information": allowed(Information),
            "reml": FREE,
            "margins": allowed(MarginalWeights),
            "predict": FREE,
        },
        required=("random",),
    ),
}
