"""How the search for the best fit of a model ended, in a sentence."""

import re
from collections.abc import Mapping
from typing import Final

from trialkit.present.format import format_integer, format_number
from trialkit.present.grammar import noun, people
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
    ended = "converged" if fit["converged"] else "did not converge"
    return (
        f"{people(subjects)}, {counted(values, 'value')}, "
        f"{counted(parameters, 'covariance parameter')}; the fit {ended} in "
        f"{counted(steps, 'step')}.{spread_words(fit)}"
    )


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
    return f" Standard deviations: {', '.join(said)}." if said else ""


def counted(count: int, word: str) -> str:
    """Return a count of something, in its plural unless it is one.

    >>> counted(1, "step"), counted(4, "step")
    ('1 step', '4 steps')
    """
    return f"{format_integer(count)} {noun(count, word, f'{word}s')}"
