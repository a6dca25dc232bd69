"""What must stand beside a change that nobody was compared in."""

from typing import Final

from trialkit.language.speech import later, say
from trialkit.present.format import format_number, format_ticks
from trialkit.present.grammar import lower_or_higher, mid_sentence
from trialkit.present.vocabulary import EXPECTED
from trialkit.present.wording import amount, unit_words
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.study.method_rules import FROM_BASELINE
from trialkit.study.specification import Endpoint, EntryRule

SEEN: Final = ("change", "median_difference")
NO_COMPARISON: Final = later(
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
    return (say(NO_COMPARISON), regression_sentence(results, endpoint, before))


def regression_sentence(
    results: StudyResults, endpoint: Endpoint, records: list[AnalysisRecord]
) -> str:
    """Return what the entry rule alone would bring, or that nobody can say."""
    rows = [row for record in records if record.result for row in record.result.estimates]
    expected = next((row for row in rows if row.method.startswith(EXPECTED)), None)
    if endpoint.entry is None or expected is None:
        return say(
            "No entry rule is declared, so how much of this change is regression to the mean "
            "cannot be said."
        )
    seen = next(
        (row for row in rows if row.quantity in SEEN and not row.method.startswith(EXPECTED)),
        None,
    )
    said = say(
        "{entered} {screened} Those who entered are expected to score {expected} later with no "
        "treatment at all.",
        entered=entry_words(endpoint, endpoint.entry),
        screened=screened_words(endpoint, endpoint.entry),
        expected=expected_words(results, expected),
    )
    if seen is None:
        return said
    return f"{said} {say('The change seen is {amount}.', amount=amount(results.study, seen))}"


def entry_words(endpoint: Endpoint, rule: EntryRule) -> str:
    """Return who entered."""
    outcome = mid_sentence(endpoint.label)
    if rule.at_least is not None:
        cut = format_ticks([rule.at_least])[0]
        return say("People entered with {outcome} of at least {cut}.", outcome=outcome, cut=cut)
    cut = format_ticks([rule.at_most or 0.0])[0]
    return say("People entered with {outcome} of at most {cut}.", outcome=outcome, cut=cut)


def screened_words(endpoint: Endpoint, rule: EntryRule) -> str:
    """Return the people whom those who entered were chosen from."""
    return say(
        "The people screened had a mean of {mean}, an SD of {std_dev}, and a correlation of two "
        "scores of {correlation} ({source}).",
        mean=format_number(rule.mean, endpoint.decimals),
        std_dev=format_number(rule.std_dev, endpoint.decimals + 1),
        correlation=format_number(rule.correlation, 2),
        source=rule.source,
    )


def expected_words(results: StudyResults, row: Estimate) -> str:
    """Return an expected change with its unit and direction."""
    value = row.estimate or 0.0
    size = format_number(abs(value), 2)
    return lower_or_higher(f"{size} {unit_words(results.study, row.parameter, size)}", value)
