"""The rules of the verdicts: from an interval, or from what the claim itself says."""

from dataclasses import dataclass

from trialkit.language.told import tell
from trialkit.result.analysis_result import Estimate
from trialkit.study.article import Claim, Reported
from trialkit.study.specification import Margin
from trialkit.terms import NO_DIFFERENCE, Better, Untestable, Verdict

VERDICT_WORDS: dict[Verdict, str] = {
    "supported": tell("supported"),
    "supported, but smaller than the declared margin": tell(
        "supported, but smaller than the declared margin"
    ),
    "inconclusive": tell("inconclusive"),
    "contradicted": tell("contradicted"),
    "mixed": tell("mixed"),
    "adds up": tell("adds up"),
    "does not add up": tell("does not add up"),
    "not testable here": tell("not testable here"),
    "illustration only": tell("illustration only"),
}

# Stated on every page that shows a verdict.
RULES: dict[Verdict, str] = {
    "supported": tell(
        "the interval (after the family's adjustment, where one is declared) lies "
        "wholly on the claimed side of no difference"
    ),
    "supported, but smaller than the declared margin": tell(
        "as supported, and the whole interval lies inside the declared between-group margin"
    ),
    "inconclusive": tell(
        "the interval contains no difference, or the adjusted p-value is above the family's level"
    ),
    "contradicted": tell("the interval lies wholly on the other side"),
    "mixed": tell("linked analyses disagree; all are shown"),
    "adds up": tell("the quoted figures agree with each other"),
    "does not add up": tell("the quoted figures contradict each other"),
    "not testable here": tell("for the reason named"),
    "illustration only": tell(
        "the data are simulated, and simulated data never support or contradict anything"
    ),
}

UNTESTABLE_REASONS: dict[Untestable, str] = {
    "no participant data": tell("no participants and no printed interval are at hand"),
    "no comparator": tell("nobody was compared: an uncontrolled design cannot show a cause"),
    "outcome not measured": tell("the study behind it did not measure this"),
    "animal study": tell(
        "the evidence is from animals or cells; no study of people here bears on it"
    ),
    "figures not published": tell("no figure with an interval is published"),
    "speculation": tell("the author calls it a guess"),
    "no linked study": tell("no study in this collection bears on it"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A verdict and, where it is none, the reason."""

    verdict: Verdict
    untestable: Untestable | None = None


def not_testable(reason: Untestable) -> Ruling:
    """Return the ruling that names why a claim cannot be tested."""
    return Ruling(verdict="not testable here", untestable=reason)


def rule_on_interval(
    row: Estimate, *, expects: Better, alpha: float | None, margin: Margin | None
) -> Ruling:
    """Return what an interval does to a claim that expects one side.

    Parameters
    ----------
    row : Estimate
        A comparison with limits, of a quantity for which no difference has a value.
    expects : "lower" or "higher"
        The side of no difference that the claim predicts.
    alpha : float or None
        Level of the multiplicity family; ``p_adjusted`` above it is inconclusive, because
        the interval adjusted to match would reach no difference.
    margin : Margin or None
        A within-person margin is no threshold for a difference between groups and is
        passed over.
    """
    if row.conf_low is None or row.conf_high is None:
        return not_testable("figures not published")
    null = NO_DIFFERENCE[row.quantity]
    low, high = row.conf_low - null, row.conf_high - null
    if low <= 0 <= high:
        return Ruling(verdict="inconclusive")
    if alpha is not None and row.p_adjusted is not None and row.p_adjusted > alpha:
        return Ruling(verdict="inconclusive")
    if (high < 0) != (expects == "lower"):
        return Ruling(verdict="contradicted")
    if (
        margin is not None
        and margin.kind == "between_group"
        and max(abs(low), abs(high)) < margin.value
    ):
        return Ruling(verdict="supported, but smaller than the declared margin")
    return Ruling(verdict="supported")


def rule_on_facts(claim: Claim) -> Ruling | None:
    """Return the ruling that a claim's own facts force, or None if data must decide."""
    if claim.speculation:
        return not_testable("speculation")
    if claim.subjects in {"animals", "cells"} and claim.claimed_in == "people":
        return not_testable("animal study")
    if claim.outcome_measured is False:
        return not_testable("outcome not measured")
    if claim.kind == "number" and claim.reported is not None and claim.reported.n_arms:
        return rule_on_sum(claim.reported)
    if claim.links:
        return None
    if claim.subjects in {"animals", "cells"}:
        return not_testable("animal study")
    if claim.figures_published is False:
        return not_testable("figures not published")
    return not_testable("no linked study")


def rule_on_sum(reported: Reported) -> Ruling:
    """Return whether the quoted arms add up to the quoted total."""
    if reported.n_total is None:
        return not_testable("figures not published")
    adds_up = sum(reported.n_arms) == reported.n_total
    return Ruling(verdict="adds up" if adds_up else "does not add up")


def rule_on_links(claim: Claim, rulings: tuple[Ruling, ...]) -> Ruling:
    """Return the ruling of a claim from its links.

    Where the source prints no figure and only simulated data are linked, the claim is not
    testable; the illustration stands beside it.
    """
    overall = combine(rulings)
    if overall.verdict == "illustration only" and claim.figures_published is False:
        return not_testable("figures not published")
    return overall


def combine(rulings: tuple[Ruling, ...]) -> Ruling:
    """Return the overall ruling of a claim's links.

    Illustrations never count; links that cannot be tested count only where nothing else
    is left; those that remain agree, or the claim is mixed.
    """
    real = [ruling for ruling in rulings if ruling.verdict != "illustration only"]
    tested = [ruling for ruling in real if ruling.verdict != "not testable here"]
    if tested:
        first = tested[0]
        return first if all(item == first for item in tested) else Ruling(verdict="mixed")
    if real:
        return real[0]
    return Ruling(verdict="illustration only") if rulings else not_testable("no linked study")
