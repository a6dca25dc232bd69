"""Printed results taken as they are printed: nothing is recomputed from them."""

from collections.abc import Mapping, Sequence

from trialkit.analysis.estimates import call
from trialkit.language.told import tell
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.study.published import PublishedFigure
from trialkit.terms import FigureOrigin, Quantity

AS: Mapping[FigureOrigin, str] = {
    "published": tell("as published"),
    "recomputed": tell("as recomputed"),
}


def published_estimates(figures: Sequence[PublishedFigure]) -> AnalysisResult:
    """Return printed differences as estimates.

    Parameters
    ----------
    figures : sequence of PublishedFigure
        Rows of quantity ``mean_difference``: arm minus reference arm, with whatever of
        standard error, limits and p-value was printed; the rest stays None.

    Returns
    -------
    AnalysisResult
        ``mean_difference`` rows whose method says that they are as printed.
    """
    return as_printed(figures, quantity="mean_difference", verb="published_estimates")


def published_p_values(figures: Sequence[PublishedFigure]) -> AnalysisResult:
    """Return printed p-values as a result that can enter a multiplicity family.

    Parameters
    ----------
    figures : sequence of PublishedFigure
        Rows of quantity ``p_value``; no estimate or interval is known.

    Returns
    -------
    AnalysisResult
        ``p_value`` rows.
    """
    return as_printed(figures, quantity="p_value", verb="published_p_values")


def as_printed(
    figures: Sequence[PublishedFigure], *, quantity: Quantity, verb: str
) -> AnalysisResult:
    """Return printed figures as rows that say where they were read."""
    sources = dict.fromkeys(figure.source for figure in figures)
    return AnalysisResult(
        method=tell("As printed, not recomputed"),
        estimates=tuple(
            Estimate(
                quantity=quantity,
                arm=figure.arm,
                reference_arm=figure.reference_arm,
                n_subjects=figure.n_subjects,
                estimate=figure.estimate,
                std_error=figure.std_error,
                p_value=figure.p_value,
                conf_low=figure.conf_low,
                conf_high=figure.conf_high,
                conf_level=figure.conf_level,
                method=AS[figure.origin],
            )
            for figure in figures
        ),
        notes=tuple(tell("source: {source}", source=source) for source in sources),
        provenance=call(verb),
    )
