"""The table of a model of several visits: how far values spread, and how they go together."""

import re
from typing import Final

from trialkit.language.speech import later, say
from trialkit.present.exhibit import Column, Table
from trialkit.present.format import MISSING, format_number
from trialkit.present.labels import (
    analysis_endpoint,
    analysis_label,
    arm_label,
    short_unit,
    visit_label,
)
from trialkit.present.wording import sees_visits
from trialkit.result.study_results import AnalysisRecord, StudyResults

# How a fit names the entries of its matrices: "covariance[week_4, week_8 | licorice]".
ENTRY: Final = re.compile(
    r"(?P<kind>covariance|correlation)\[(?P<one>[^,|]+), (?P<other>[^,|]+)(?: \| (?P<arm>.+))?\]"
)
NOTE: Final = later(
    "What the model leaves: the standard deviation of people's values around it at each visit, "
    "and the correlation r of one person's values with those at an earlier visit."
)
Entries = dict[tuple[str, str | None, str, str], float]


def covariance_table(results: StudyResults, record: AnalysisRecord) -> Table | None:
    """Return the spread at each visit and the correlations of visits; None without a matrix.

    A row a visit (of each arm, where each has its own), with the standard deviation and the
    correlations with the visits before it.
    """
    study, entries = results.study, matrix_entries(record)
    if not entries or not sees_visits(study, record):
        return None
    visits = list(dict.fromkeys(other for kind, _, _, other in entries if kind == "covariance"))
    arms = list(dict.fromkeys(arm for _, arm, _, _ in entries))
    endpoint = analysis_endpoint(study, study.find_analysis(record.analysis))
    by_arm = arms != [None]
    return Table(
        id=f"covariance-{record.analysis}",
        title=say(
            "{analysis}: spread and correlation of the visits",
            analysis=analysis_label(study, record.analysis),
        ),
        columns=(
            *(Column(label=say("Arm")) for _ in range(by_arm)),
            Column(label=say("Visit")),
            Column(label=say("Std deviation, {unit}", unit=short_unit(endpoint)), align="decimal"),
            *(
                Column(label=f"r, {visit_label(study, visit)}", align="decimal")
                for visit in visits[:-1]
            ),
        ),
        rows=tuple(
            (
                *(arm_label(study, arm) for _ in range(by_arm)),
                visit_label(study, visit),
                format_number(
                    entries["covariance", arm, visit, visit] ** 0.5, endpoint.decimals + 1
                ),
                *(correlation_cell(entries, arm, before, visit) for before in visits[:-1]),
            )
            for arm in arms
            for visit in visits
        ),
        footnotes=(say(NOTE),),
    )


def matrix_entries(record: AnalysisRecord) -> Entries:
    """Return the entries of a fit's matrices by kind, arm (None: all arms) and two visits."""
    found: Entries = {}
    for item in record.result.fit if record.result is not None else ():
        entry = ENTRY.fullmatch(item.name)
        if entry is not None and isinstance(item.value, int | float):
            key = (entry["kind"], entry["arm"], entry["one"], entry["other"])
            found[key] = float(item.value)
    return found


def correlation_cell(entries: Entries, arm: str | None, before: str, visit: str) -> str:
    """Return the correlation of a visit with one before it."""
    value = entries.get(("correlation", arm, before, visit))
    return MISSING if value is None else format_number(value, 2)
