"""The options of a planned analysis, as its verb takes them."""

from typing import Any

from trialkit.study.method_rules import RULES
from trialkit.study.plan import Analysis

# Keys that say which records a verb is given; the verb itself does not know them.
ABOUT_RECORDS = ("outcome", "responder", "visits", "endpoints", "mediators", "strata", "trial")


def given(analysis: Analysis) -> dict[str, Any]:
    """Return the options that the plan gives; the verb's own defaults hold for the others."""
    options = {
        key: getattr(analysis, key)
        for key in RULES[analysis.method].options
        if key not in ABOUT_RECORDS
    }
    return {key: value for key, value in options.items() if value is not None}


def given_for_figures(analysis: Analysis) -> dict[str, Any]:
    """Return the options for a verb on printed figures, which no longer know who is missing."""
    return {key: value for key, value in given(analysis).items() if key != "missing_as"}
