"""What must stand beside a change that nobody was compared in."""

from typing import Final

from trialkit.present.format import format_number, format_ticks
from trialkit.present.grammar import lower_or_higher, mid_sentence
from trialkit.present.vocabulary import EXPECTED
from trialkit.present.wording import amount, unit_words
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.study.method_rules import FROM_BASELINE
from trialkit.study.specification import Endpoint, EntryRule

SEEN: Final = ("change", "median_difference")
NO_COMPARISON: Final = (
    "One group has no comparison: time, expectation and regression to the mean are in this change "
    "as much as the treatment."
)


def guard_rails(
    results: StudyResults, endpoint: Endpoint, records: tuple[AnalysisRecord, ...]
) -> tuple[str, ...]:
    """Return the sentences that belong to the changes of a single arm in one endpoint."""
    before = [
        record
        for record in records
        if results.study.find_analysis(record.analysis).method in FROM_BASELINE
    ]
    if not results.study.is_single_arm or not before:
        return ()
    return (NO_COMPARISON, regression_sentence(results, endpoint, before))


def regression_sentence(
    results: StudyResults, endpoint: Endpoint, records: list[AnalysisRecord]
) -> str:
    """Return what the entry rule alone would bring, or that nobody can say."""
    rows = [row for record in records if record.result for row in record.result.estimates]
    expected = next((row for row in rows if row.method.startswith(EXPECTED)), None)
    if endpoint.entry is None or expected is None:
        return (
            "No entry rule is declared, so how much of this change is regression to the mean "
            "cannot be said."
        )
    seen = next(
        (row for row in rows if row.quantity in SEEN and not row.method.startswith(EXPECTED)),
        None,
    )
    observed = f" The change seen is {amount(results.study, seen)}." if seen is not None else ""
    return (
        f"{entry_words(endpoint, endpoint.entry)} are expected to score "
        f"{expected_words(results, expected)} later with no treatment at all.{observed}"
    )


def entry_words(endpoint: Endpoint, rule: EntryRule) -> str:
    """Return who entered, and the people they were chosen from."""
    cut, side = (
        (rule.at_least, "at least") if rule.at_least is not None else (rule.at_most, "at most")
    )
    decimals = endpoint.decimals
    return (
        f"People entered with {mid_sentence(endpoint.label)} of {side} "
        f"{format_ticks([cut or 0.0])[0]}. In the people screened (mean "
        f"{format_number(rule.mean, decimals)}, SD {format_number(rule.std_dev, decimals + 1)}, "
        f"correlation of two scores {format_number(rule.correlation, 2)}; {rule.source}) those"
    )


def expected_words(results: StudyResults, row: Estimate) -> str:
    """Return an expected change with its unit and direction."""
    value = row.estimate or 0.0
    size = format_number(abs(value), 2)
    return f"{size} {unit_words(results.study, row.parameter, size)} {lower_or_higher(value)}"
