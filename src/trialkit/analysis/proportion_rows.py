"""How two proportions are compared: the interval, the ratios and the test a verb was told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from trialkit.analysis.estimates import from_interval
from trialkit.analysis.frames import require_conf_level, require_word
from trialkit.language.told import tell
from trialkit.numerics.exact_tables import exact_p_value
from trialkit.numerics.proportions import (
    Counts,
    Interval,
    clopper_pearson,
    number_needed_to_treat,
    odds_ratio,
    odds_ratio_estimate,
    pearson_chi_square,
    risk_difference_agresti_caffo,
    risk_difference_newcombe,
    risk_difference_wald,
    risk_ratio,
    wilson,
)
from trialkit.numerics.score_intervals import (
    odds_ratio_miettinen_nurminen,
    risk_difference_miettinen_nurminen,
    risk_ratio_miettinen_nurminen,
)
from trialkit.result.analysis_result import Estimate
from trialkit.terms import (
    ProportionInterval,
    ProportionTest,
    Quantity,
    RiskDifferenceInterval,
    allowed,
)

RISK_DIFFERENCES: Final[Mapping[str, Callable[..., Interval]]] = {
    "newcombe": risk_difference_newcombe,
    "miettinen_nurminen": risk_difference_miettinen_nurminen,
    "wald": risk_difference_wald,
    "agresti_caffo": risk_difference_agresti_caffo,
}
INTERVAL_NAMES: Final[Mapping[str, str]] = {
    "newcombe": tell("Newcombe"),
    "miettinen_nurminen": tell("Miettinen-Nurminen"),
    "wald": tell("Wald"),
    "agresti_caffo": tell("Agresti-Caffo"),
}
PROPORTIONS: Final[Mapping[str, tuple[Callable[..., Interval], str]]] = {
    "wilson": (wilson, tell("Wilson interval")),
    "clopper_pearson": (clopper_pearson, tell("Clopper-Pearson interval")),
}
TEST_SENTENCES: Final[Mapping[str, str]] = {
    "pearson": tell("Pearson chi-square without continuity correction"),
    "fisher": tell("Fisher exact test"),
}
TEST_NAMES: Final[Mapping[str, str]] = {
    "pearson": tell("Pearson chi-square"),
    "fisher": tell("Fisher exact test"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How proportions are compared, as a verb was told."""

    interval: RiskDifferenceInterval
    proportion_interval: ProportionInterval
    test: ProportionTest
    conf_level: float

    def __post_init__(self) -> None:
        """Refuse unknown words and levels."""
        require_conf_level(self.conf_level)
        require_word(self.interval, allowed(RiskDifferenceInterval), option="interval")
        known = allowed(ProportionInterval)
        require_word(self.proportion_interval, known, option="proportion_interval")
        require_word(self.test, allowed(ProportionTest), option="test")

    def difference(self, treatment: Counts, reference: Counts) -> Interval:
        """Return the risk difference with the interval asked for."""
        return RISK_DIFFERENCES[self.interval](treatment, reference, conf_level=self.conf_level)

    def ratios(
        self, treatment: Counts, reference: Counts
    ) -> tuple[tuple[Quantity, Interval, str], ...]:
        """Return risk ratio and odds ratio, each with the name of its interval."""
        arms, level = (treatment, reference), self.conf_level
        if self.interval == "miettinen_nurminen":
            risks = risk_ratio_miettinen_nurminen(*arms, conf_level=level)
            odds = replace(
                odds_ratio_miettinen_nurminen(*arms, conf_level=level, bias_corrected=True),
                estimate=odds_ratio_estimate(*arms),
            )
            return (
                ("risk_ratio", risks, tell("Miettinen-Nurminen interval")),
                ("odds_ratio", odds, tell("Miettinen-Nurminen interval, bias-corrected (Gart)")),
            )
        return (
            ("risk_ratio", risk_ratio(*arms, conf_level=level), tell("log-Wald interval")),
            ("odds_ratio", odds_ratio(*arms, conf_level=level), tell("log-Wald (Woolf) interval")),
        )

    def p_value(
        self, treatment: Counts, reference: Counts
    ) -> tuple[float | None, float | None, float]:
        """Return the test's statistic and degrees of freedom (if any), and its p-value."""
        if self.test == "fisher":
            return None, None, exact_p_value([(treatment, reference)])
        statistic, p_value = pearson_chi_square(treatment, reference)
        return statistic, 1.0, p_value


def comparison_rows(
    counts: Mapping[str, Counts], *, treatment: str, other: str, comparison: Comparison
) -> tuple[Estimate, ...]:
    """Return risk difference, risk ratio, odds ratio and number needed to treat of two arms."""
    arms = counts[treatment], counts[other]
    difference = comparison.difference(*arms)
    labels: dict[str, Any] = {
        "arm": treatment,
        "reference_arm": other,
        "n_subjects": arms[0].n + arms[1].n,
        "conf_level": comparison.conf_level,
    }
    name, test = INTERVAL_NAMES[comparison.interval], TEST_NAMES[comparison.test]
    statistic, df, p_value = comparison.p_value(*arms)
    tested = replace(
        from_interval(
            difference,
            quantity="risk_difference",
            method=tell("{interval} interval, {test}", interval=name, test=test),
            **labels,
        ),
        statistic=statistic,
        df=df,
        p_value=p_value,
    )
    ratios = [
        from_interval(interval, quantity=quantity, method=method, **labels)
        for quantity, interval, method in comparison.ratios(*arms)
    ]
    needed = from_interval(
        number_needed_to_treat(difference),
        quantity="number_needed_to_treat",
        method=tell("1 / risk difference, {interval} limits", interval=name),
        **labels,
    )
    return (tested, *ratios, needed)
