"""The one number of page one: headline, what it compares, its interval, or why there is none."""

from typing import Final

from trialkit.language.speech import later, say, say_count
from trialkit.present.contrast import contrast_sentence
from trialkit.present.figures import interval_figure
from trialkit.present.format import format_integer, format_level, format_ticks
from trialkit.present.grammar import mid_sentence, sentence_start
from trialkit.present.retold import retold_of
from trialkit.present.synopsis import (
    adjustment_words,
)
from trialkit.present.vocabulary import (
    PROCEDURES,
)
from trialkit.present.wording import (
    amount,
    comparison,
    declared_endpoint,
    headline,
    interval_words,
    outcome_words,
    scale_words,
    side_of,
)
from trialkit.report.choice import LEADING, MainResult
from trialkit.report.document import (
    KeyResult,
    Run,
    Runs,
    plain,
)
from trialkit.report.phrases import say_runs
from trialkit.result.analysis_result import Estimate
from trialkit.result.answering import at_asked_visit
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.study.study import Study

NO_INTERVAL: Final = later("No interval can be given")


def key_result(results: StudyResults, main: MainResult | None) -> KeyResult:
    """Return the one number of page one, or why there is none."""
    if main is None:
        return without_interval(results)
    study, row = results.study, main.estimate
    certain = side_of(row, alpha=main.record.alpha) != "unclear"
    return KeyResult(
        headline=headline(study, row, alpha=main.record.alpha),
        certain=certain,
        sentences=(
            *(certain_sentences(study, main) if certain else open_sentences(study, main)),
            *stand_in_sentence(study, main),
            *simulated_sentence(main),
        ),
        figure=interval_figure(results, main.record, row),
    )


def simulated_sentence(main: MainResult) -> tuple[Runs, ...]:
    """Return the mark that a simulated number carries wherever it stands."""
    if main.record.data_status != "simulated":
        return ()
    return ((Run(say("SIMULATED: not from people."), "strong"),),)


def certain_sentences(study: Study, main: MainResult) -> tuple[Runs, ...]:
    """Return what the headline compares, on which scale, and its interval."""
    row = main.estimate
    return (
        plain(f"{comparison(study, row)}: {measured(study, main)}."),
        say_runs(
            "{level} interval: {limits}." if row.conf_level is not None else "Interval: {limits}.",
            level=level(row),
            limits=Run(interval_words(study, row), "strong"),
        ),
    )


def open_sentences(study: Study, main: MainResult) -> tuple[Runs, ...]:
    """Return what the study cannot tell, then the estimate and its interval."""
    row = main.estimate
    values = {"compared": comparison(study, row), "measured": measured(study, main)}
    return (
        plain(
            say("whether more or fewer {compared}: {measured}.", **values)
            if row.quantity == "risk_difference"
            else say("whether lower or higher {compared}: {measured}.", **values)
        ),
        say_runs(
            "The estimate is {amount}; {level} interval: {limits}."
            if row.conf_level is not None
            else "The estimate is {amount}; interval: {limits}.",
            amount=Run(amount(study, row), "strong"),
            level=level(row),
            limits=Run(interval_words(study, row), "strong"),
        ),
    )


def level(row: Estimate) -> str:
    """Return the confidence level, if there is one."""
    return format_level(row.conf_level) if row.conf_level is not None else ""


def measured(study: Study, main: MainResult) -> str:
    """Return the outcome of the main result, its scale, and what the arms were made equal in."""
    row = main.estimate
    what = mid_sentence(outcome_words(study, main.record, row))
    endpoint = declared_endpoint(study, row.parameter)
    scale = ""
    if endpoint is not None and row.quantity != "risk_difference":
        scale = f" ({scale_words(endpoint)})"
    planned = next((item for item in study.analysis if item.id == main.record.analysis), None)
    adjusted = adjustment_words(study, planned) if planned is not None else ""
    return f"{what}{scale}{f', {adjusted}' if adjusted else ''}"


def stand_in_sentence(study: Study, main: MainResult) -> tuple[Runs, ...]:
    """Return that printed figures stand in for participants, and how to bring those."""
    if not main.stands_in:
        return ()
    return (
        say_runs(
            "Made from published figures, because the participants are not on this machine: "
            "{command} brings them.",
            style="muted",
            command=Run(f"trialkit fetch {study.id}", "code"),
        ),
    )


def without_interval(results: StudyResults) -> KeyResult:
    """Return a key result that says why no interval stands here."""
    panels = panel_records(results)
    counted = panel_count(panels)
    bare = bare_estimate(results)
    said = [plain(bare or say("Neither an estimate nor its interval is published or at hand."))]
    if counted is not None:
        said = [
            plain(say("Only p-values are published; they say nothing of the size of a change.")),
            plain(counted),
        ]
    else:
        said += [plain(text) for text in reasons(results)]
    return KeyResult(headline=say(NO_INTERVAL), certain=False, sentences=tuple(said))


def bare_estimate(results: StudyResults) -> str | None:
    """Return the first estimate of a question that has no interval, in words."""
    for planned in (*results.study.main_analyses, *results.study.analysis):
        record = results.find_record(planned.id)
        if record is None or record.result is None:
            continue
        for row in at_asked_visit(results.study, record):
            if row.quantity in LEADING and row.estimate is not None:
                return contrast_sentence(results, record, row)
    return None


def reasons(results: StudyResults) -> tuple[str, ...]:
    """Return why the first main analysis has no interval: its reason, or what it left out."""
    planned = (*results.study.main_analyses, *results.study.analysis)
    records = (results.find_record(item.id) for item in planned)
    record = next((item for item in records if item is not None), None)
    if record is None:
        return ()
    notes = record.result.notes if record.result is not None else ()
    said = [
        retold_of(results.study, record.analysis, text) for text in (record.reason, *notes) if text
    ]
    return tuple(f"{sentence_start(text.rstrip('.'))}." for text in said)


def panel_records(results: StudyResults) -> tuple[AnalysisRecord, ...]:
    """Return the records of published p-values of the first family that has any."""
    families: dict[str, list[AnalysisRecord]] = {}
    for item in results.study.analysis:
        record = results.find_record(item.id)
        if item.method == "published_p_values" and record is not None and record.result is not None:
            families.setdefault(item.family or item.id, []).append(record)
    return tuple(next(iter(families.values()), ()))


def panel_count(panels: tuple[AnalysisRecord, ...]) -> str | None:
    """Return how many published p-values stay at or below the level of their family."""
    rows = [
        (row, record.alpha)
        for record in panels
        for row in (record.result.estimates if record.result else ())
        if row.quantity == "p_value" and row.p_adjusted is not None
    ]
    if not rows:
        return None
    kept = sum(
        row.p_adjusted <= (alpha or 0.05) for row, alpha in rows if row.p_adjusted is not None
    )
    alpha = format_ticks([panels[0].alpha or 0.05])[0]
    name = panels[0].procedure
    values = {
        "n": format_integer(kept),
        "total": format_integer(len(rows)),
        "level": alpha,
        "procedure": say(PROCEDURES[name]) if name else "",
    }
    if name is None:
        return say_count(
            kept,
            "Adjusted for their number, {n} of {total} published p-values stays at or below "
            "{level}.",
            "Adjusted for their number, {n} of {total} published p-values stay at or below "
            "{level}.",
            **values,
        )
    return say_count(
        kept,
        "Adjusted for their number by {procedure}, {n} of {total} published p-values stays at or "
        "below {level}.",
        "Adjusted for their number by {procedure}, {n} of {total} published p-values stay at or "
        "below {level}.",
        **values,
    )
