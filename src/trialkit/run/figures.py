"""Planned analyses of printed figures: the rows of an estimand to a verb on summaries."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from trialkit.analysis.before_after import paired_change_from_summary
from trialkit.analysis.effect_sizes import effect_size_from_summary
from trialkit.analysis.meta_analysis import meta_analysis
from trialkit.analysis.meta_from_summary import meta_analysis_from_summary
from trialkit.analysis.meta_sensitivity import leave_one_out, trim_and_fill
from trialkit.analysis.responders import responders_from_summary
from trialkit.analysis.two_arms import mean_difference_from_summary
from trialkit.errors import SpecificationError
from trialkit.language.told import tell
from trialkit.result.analysis_result import AnalysisResult
from trialkit.run.frames import required_reference
from trialkit.run.options import given_for_figures
from trialkit.run.published import published_estimates, published_p_values
from trialkit.study.plan import Analysis
from trialkit.study.published import PublishedFigure
from trialkit.study.specification import Estimand
from trialkit.study.study import Study, responder_rule
from trialkit.terms import FigureOrigin, FigureQuantity, Method

FromFigures = Callable[[Study, Analysis, Estimand], AnalysisResult]
# The columns of a table of printed differences between arms, a row a trial.
OF_DIFFERENCES: Mapping[str, Any] = {"estimate": "mean", "std_error": "std_error", "trial": "trial"}
# Effect measures of people who met a rule; the others are of means.
OF_PEOPLE = ("risk_ratio", "odds_ratio", "risk_difference")
ORIGINS: Mapping[FigureOrigin, str] = {
    "published": tell("published"),
    "recomputed": tell("recomputed"),
}


def figures(
    study: Study, estimand: Estimand, quantity: FigureQuantity, *, responder: str | None = None
) -> tuple[PublishedFigure, ...]:
    """Return the printed figures of an estimand, or say that the table has none."""
    found = tuple(
        figure
        for figure in study.published
        if figure.quantity == quantity
        and figure.endpoint == estimand.endpoint
        and figure.visit == estimand.visit
        and figure.population == estimand.population
        and (responder is None or figure.responder == responder)
    )
    if not found:
        raise SpecificationError(
            f"{study.data.published_figures or 'no table of published figures'}: expected rows of "
            f"quantity '{quantity}' for endpoint {estimand.endpoint!r}, visit {estimand.visit!r}, "
            f"population {estimand.population!r}; found none"
        )
    return found


def figure_table(found: tuple[PublishedFigure, ...]) -> pd.DataFrame:
    """Return printed figures as the frame that the summary verbs take, one row an arm."""
    return pd.DataFrame(
        [
            {
                "arm": figure.arm,
                "n": figure.n_subjects,
                "mean": figure.estimate,
                "std_dev": figure.std_dev,
                "events": figure.events,
                "std_error": figure.std_error,
                "trial": figure.trial,
                "subgroup": figure.subgroup,
            }
            for figure in found
        ]
    )


def sourced(result: AnalysisResult, found: tuple[PublishedFigure, ...]) -> AnalysisResult:
    """Return a result whose notes name where the printed figures were read."""
    sources = dict.fromkeys(
        tell("source: {source} ({origin})", source=figure.source, origin=ORIGINS[figure.origin])
        for figure in found
    )
    return replace(result, notes=(*result.notes, *sources))


def difference_of_figures(study: Study, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Compare printed means, or printed mean changes."""
    found = figures(study, estimand, "change" if analysis.outcome == "change" else "mean")
    result = mean_difference_from_summary(
        figure_table(found),
        reference=required_reference(estimand),
        method="student" if analysis.method == "student" else "welch",
        **given_for_figures(analysis),
    )
    return sourced(result, found)


def change_of_figures(study: Study, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Test printed mean changes."""
    found = figures(study, estimand, "change")
    result = paired_change_from_summary(
        figure_table(found), arm="arm", conf_level=analysis.conf_level
    )
    return sourced(result, found)


def effect_size_of_figures(study: Study, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Express printed differences in standard deviations."""
    found = figures(study, estimand, "change" if analysis.outcome == "change" else "mean")
    result = effect_size_from_summary(
        figure_table(found), reference=required_reference(estimand), **given_for_figures(analysis)
    )
    return sourced(result, found)


def responders_of_figures(study: Study, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Compare printed counts."""
    rule = responder_rule(study.find_endpoint(estimand.endpoint), analysis.responder)
    found = figures(study, estimand, "responders", responder=rule.key)
    result = responders_from_summary(
        figure_table(found),
        reference=estimand.reference,
        **given_for_figures(analysis),
    )
    return sourced(result, found)


def estimates_of_figures(study: Study, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Take printed differences as they are; ``contrasts`` may pick some of them."""
    found = figures(study, estimand, "mean_difference")
    if analysis.pairs:
        found = tuple(
            figure for figure in found if (figure.arm, figure.reference_arm) in analysis.pairs
        )
    return published_estimates(found)


def p_values_of_figures(study: Study, _: Analysis, estimand: Estimand) -> AnalysisResult:
    """Take printed p-values as they are."""
    return published_p_values(figures(study, estimand, "p_value"))


def meta_of_figures(study: Study, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Pool printed figures of several trials: of their arms, or their printed differences."""
    if analysis.measure is not None:
        return pooled_arms(study, analysis, estimand, **given_for_figures(analysis))
    found = of_trials(figures(study, estimand, "mean_difference"))
    result = meta_analysis(
        figure_table(found),
        **OF_DIFFERENCES,
        n="n",
        arm=estimand.treatment,
        reference=estimand.reference,
        **by_subgroup(analysis, found),
        **given_for_figures(analysis),
    )
    return sourced(result, found)


def by_subgroup(analysis: Analysis, found: tuple[PublishedFigure, ...]) -> dict[str, Any]:
    """Return the column of subgroups, where the plan asks for them."""
    if analysis.subgroup_tau2 is None:
        return {}
    bare = sorted({str(figure.trial) for figure in found if figure.subgroup is None})
    if bare:
        raise SpecificationError(
            f"subgroup_tau2: expected a `subgroup` in the row of every trial, found none for "
            f"{', '.join(bare[:3])}"
        )
    return {"subgroup": "subgroup"}


def pooled_arms(
    study: Study, analysis: Analysis, estimand: Estimand, **options: Any
) -> AnalysisResult:
    """Pool trials of which the arms' own figures are printed."""
    responder = None
    quantity: FigureQuantity = "change" if analysis.outcome == "change" else "mean"
    if analysis.measure in OF_PEOPLE:
        quantity = "responders"
        endpoint = study.find_endpoint(estimand.endpoint)
        responder = responder_rule(endpoint, analysis.responder).key
    found = of_trials(figures(study, estimand, quantity, responder=responder))
    result = meta_analysis_from_summary(
        figure_table(found),
        reference=required_reference(estimand),
        **by_subgroup(analysis, found),
        **options,
    )
    return sourced(result, found)


def pooled_again(verb: Callable[..., AnalysisResult]) -> FromFigures:
    """Return how the trials are pooled again, to see how firm their average is."""

    def carry_out(study: Study, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
        first = meta_of_figures(study, analysis, estimand)
        trials = pd.DataFrame(
            [
                {"trial": row.term, "mean": row.estimate, "std_error": row.std_error}
                for row in first.select(quantity="trial_estimate")
                if row.arm == estimand.treatment
            ]
        )
        again = verb(trials, **OF_DIFFERENCES, **given_for_figures(analysis))
        rows = (
            replace(row, arm=estimand.treatment, reference_arm=estimand.reference)
            for row in again.estimates
        )
        return replace(again.with_estimates(rows), notes=(*first.notes, *again.notes))

    return carry_out


def of_trials(found: tuple[PublishedFigure, ...]) -> tuple[PublishedFigure, ...]:
    """Return the figures that name their trial, or say that none does."""
    named = tuple(figure for figure in found if figure.trial is not None)
    if not named:
        raise SpecificationError(
            "published figures: expected rows that name their `trial`, found none"
        )
    return named


FROM_FIGURES: Mapping[Method, FromFigures] = {
    "welch": difference_of_figures,
    "student": difference_of_figures,
    "paired_change": change_of_figures,
    "responders": responders_of_figures,
    "effect_size": effect_size_of_figures,
    "meta_analysis": meta_of_figures,
    "leave_one_out": pooled_again(leave_one_out),
    "trim_and_fill": pooled_again(trim_and_fill),
    "published_estimate": estimates_of_figures,
    "published_p_values": p_values_of_figures,
}
