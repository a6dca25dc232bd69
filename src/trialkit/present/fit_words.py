"""How the search for the best fit of a model ended, in a sentence."""

import re
from collections.abc import Mapping
from typing import Final

from trialkit.language.speech import say, say_count
from trialkit.present.format import format_number
from trialkit.present.grammar import people
from trialkit.result.analysis_result import AnalysisResult

SPREAD: Final = re.compile(r"std_dev\[(?P<effect>.+)\]")


def fit_note(result: AnalysisResult) -> str | None:
    """Return who is in a fitted likelihood and how its search ended; None for other results.

    The steps are those of the search for the covariance, the parameters those that it holds.
    """
    fit = {item.name: item.value for item in result.fit}
    if fit.get("converged") is None or "iterations" not in fit:
        return None
    subjects, values, parameters, steps = (
        int(fit.get(name) or 0)
        for name in ("n_subjects", "n_records", "n_parameters", "iterations")
    )
    held = {
        "people": people(subjects),
        "values": say_count(values, "{n} value", "{n} values"),
        "parameters": say_count(
            parameters, "{n} covariance parameter", "{n} covariance parameters"
        ),
        "steps": say_count(steps, "{n} step", "{n} steps"),
    }
    said = (
        say("{people}, {values}, {parameters}; the fit converged in {steps}.", **held)
        if fit["converged"]
        else say("{people}, {values}, {parameters}; the fit did not converge in {steps}.", **held)
    )
    return said + spread_words(fit)


def spread_words(fit: Mapping[str, object]) -> str:
    """Return the standard deviations of random effects, if a fit has any; with a space before.

    >>> spread_words({"std_dev[trial]": 0.158, "std_dev[residual]": 1.11})
    ' Standard deviations: trial 0.16, residual 1.11.'
    """
    named = {name: SPREAD.fullmatch(name) for name in fit}
    said = [
        f"{found['effect']} {format_number(value, 2)}"
        for name, found in named.items()
        if found is not None and isinstance(value := fit[name], int | float)
    ]
    if not said:
        return ""
    return " " + say("Standard deviations: {named}.", named=", ".join(said))
