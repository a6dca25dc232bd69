"""The options of a planned analysis, as its verb takes them."""

from typing import Any

from trialkit.study.method_rules import RULES
from trialkit.study.plan import Analysis
from trialkit.terms import ARM_CODE

# Keys that say which records a verb is given; the verb itself does not know them.
ABOUT_RECORDS = (
    "outcome",
    "responder",
    "visits",
    "endpoints",
    "mediators",
    "strata",
    "trial",
    "missing_reason",
)


def given(analysis: Analysis) -> dict[str, Any]:
    """Return the options that the plan gives; the verb's own defaults hold for the others."""
    options = {
        key: getattr(analysis, key)
        for key in RULES[analysis.method].options
        if key not in ABOUT_RECORDS
    }
    if "group_covariance" in options:
        # A plan says whether each arm has a covariance of its own; the verb wants the column.
        options["group_covariance"] = ARM_CODE if analysis.group_covariance else None
    return {key: value for key, value in options.items() if value is not None}


def given_for_figures(analysis: Analysis) -> dict[str, Any]:
    """Return the options for a verb on printed figures, which no longer know who is missing."""
    return {key: value for key, value in given(analysis).items() if key != "missing_as"}
