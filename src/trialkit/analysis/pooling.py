"""How trials are pooled: the estimator, the test and the rest of what a verb was told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.analysis.trial_rows import Trials
from trialkit.language.told import tell, tell_list
from trialkit.numerics.meta_analysis import EQUAL_EFFECTS, MetaFit, fit_meta
from trialkit.terms import (
    EffectMeasure,
    HeterogeneityEstimator,
    PooledTest,
    PredictionRule,
    Quantity,
    SubgroupHeterogeneity,
    allowed,
)

ESTIMATOR_NAMES: Final[Mapping[str, str]] = {
    "equal_effects": tell("equal effects"),
    "dersimonian_laird": tell("DerSimonian-Laird"),
    "restricted_maximum_likelihood": tell("restricted maximum likelihood"),
    "paule_mandel": tell("Paule-Mandel"),
    "maximum_likelihood": tell("maximum likelihood"),
    "hedges": tell("Hedges"),
    "hunter_schmidt": tell("Hunter-Schmidt"),
    "sidik_jonkman": tell("Sidik-Jonkman"),
    "empirical_bayes": tell("empirical Bayes"),
}
TEST_NAMES: Final[Mapping[str, str]] = {
    "z": tell("normal test"),
    "t": tell("t test"),
    "hartung_knapp": tell("Hartung-Knapp test"),
    "hartung_knapp_never_narrower": tell("Hartung-Knapp test, never narrower"),
}
MEASURE_NAMES: Final[Mapping[str, str]] = {
    "mean_difference": tell("mean difference"),
    "standardised_mean_difference": tell("standardised mean difference"),
    "risk_ratio": tell("risk ratio"),
    "odds_ratio": tell("odds ratio"),
    "risk_difference": tell("risk difference"),
}
RATIOS: Final[Mapping[str, Quantity]] = {"risk_ratio": "risk_ratio", "odds_ratio": "odds_ratio"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooling:
    """How trials are pooled; every word is checked when it is made.

    Raises
    ------
    SpecificationError
        If a word is unknown or the level is none.
    """

    tau2: HeterogeneityEstimator
    test: PooledTest
    prediction: PredictionRule = "as_tested"
    subgroup_tau2: SubgroupHeterogeneity = "separate"
    measure: EffectMeasure | None = None
    conf_level: float

    def __post_init__(self) -> None:
        """Refuse an unknown word, naming those that are known."""
        require_conf_level(self.conf_level)
        require_word(self.tau2, allowed(HeterogeneityEstimator), option="tau2")
        require_word(self.test, allowed(PooledTest), option="test")
        require_word(self.prediction, allowed(PredictionRule), option="prediction")
        require_word(self.subgroup_tau2, allowed(SubgroupHeterogeneity), option="subgroup_tau2")
        if self.measure is not None:
            require_word(self.measure, allowed(EffectMeasure), option="measure")

    def fit(self, trials: Trials, *, moderated: bool = False) -> MetaFit:
        """Pool the trials."""
        return fit_meta(
            trials.estimate,
            trials.variance,
            X=trials.X if moderated else None,
            estimator=self.tau2,
            test=self.test,
            conf_level=self.conf_level,
        )

    @property
    def ratio(self) -> Quantity | None:
        """The ratio whose logarithms are pooled, or None."""
        return RATIOS.get(self.measure) if self.measure else None

    @property
    def text(self) -> str:
        """The method in words."""
        parts = [ESTIMATOR_NAMES[self.tau2], TEST_NAMES[self.test]]
        if self.tau2 != EQUAL_EFFECTS:
            parts.insert(0, tell("random effects"))
        if self.ratio:
            parts.append(tell("log {ratio}", ratio=MEASURE_NAMES[self.ratio]))
        return tell_list(parts)
