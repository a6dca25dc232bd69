"""Tables of the plan: what is measured, what is asked, what was planned and what ran."""

from collections.abc import Mapping
from typing import Final

from trialkit.language.speech import later, say, say_again, say_count
from trialkit.present.exhibit import Column, Table
from trialkit.present.format import MISSING, format_integer, format_ticks
from trialkit.present.labels import (
    analysis_label,
    responder_text,
    scale_text,
    unit_text,
)
from trialkit.present.retold import reason_text, retold
from trialkit.present.vocabulary import (
    METHODS,
    PROCEDURES,
    VERDICTS,
)
from trialkit.result.study_results import AnalysisRecord, ClaimVerdict, StudyResults
from trialkit.study.plan import Analysis
from trialkit.study.specification import Endpoint
from trialkit.study.study import Study
from trialkit.terms import AnalysisRole, DataStatus

DATA_WORDS: Final[Mapping[DataStatus, str]] = {
    "real": later("participants"),
    "simulated": later("simulated participants"),
    "published_figures": later("published figures"),
}
DICTIONARY_HEADS: Final = (
    later("Endpoint"),
    later("Unit"),
    later("Scale"),
    later("Better"),
    later("Margin"),
    later("Responder"),
)
ROLES: Final[Mapping[AnalysisRole, str]] = {
    "main": later("main"),
    "sensitivity": later("sensitivity"),
    "supplementary": later("supplementary"),
    "exploratory": later("exploratory"),
}


def dictionary_table(results: StudyResults) -> Table:
    """Return what is measured: scale, better side, decimals, margin, responder rules."""
    undeclared = all(item.margin is None for item in results.study.endpoint)
    return Table(
        id="dictionary",
        title=say("What was measured"),
        columns=tuple(Column(label=say(label)) for label in DICTIONARY_HEADS),
        rows=tuple(map(dictionary_row, results.study.endpoint)),
        footnotes=(say("No margin is declared."),) if undeclared else (),
    )


def dictionary_row(endpoint: Endpoint) -> tuple[str, ...]:
    """Return one endpoint's line."""
    rules = (sourced(responder_text(rule), rule.source) for rule in endpoint.responder)
    return (
        endpoint.label,
        unit_text(endpoint),
        scale_text(endpoint),
        say("lower") if endpoint.better == "lower" else say("higher"),
        margin_text(endpoint),
        "; ".join(rules) or MISSING,
    )


def margin_text(endpoint: Endpoint) -> str:
    """Return a declared margin with what it is for and who says so."""
    margin = endpoint.margin
    if margin is None:
        return MISSING
    size = format_ticks([margin.value])[0]
    if margin.kind == "between_group":
        return sourced(say("{size} between groups", size=size), margin.source)
    return sourced(say("{size} within a person", size=size), margin.source)


def sourced(text: str, source: str | None) -> str:
    """Return a statement with its source in brackets."""
    return f"{text} ({source or say('no source given')})"


def planned_table(results: StudyResults) -> Table:
    """Return what was planned, what ran, and why the rest did not.

    Analyses that fared alike stand under one head that says how: on what they ran, or the
    reason why they did not.
    """
    study = results.study
    groups: dict[str, list[Analysis]] = {}
    for analysis in study.analysis:
        fate = fate_text(study, results.find_record(analysis.id))
        groups.setdefault(fate, []).append(analysis)
    rows: list[tuple[str, ...]] = []
    inset: list[int] = []
    for fate, members in groups.items():
        count = say_count(len(members), "{n} analysis", "{n} analyses")
        rows.append((say("{fate}: {count}", fate=fate, count=count), "", "", ""))
        for analysis in members:
            inset.append(len(rows))
            rows.append(planned_row(study, analysis))
    return Table(
        id="planned",
        title=say("What was planned, and what ran"),
        columns=(
            Column(label=say("Analysis")),
            Column(label=say("Role")),
            Column(label=say("Method")),
            Column(label=say("Estimand")),
        ),
        rows=tuple(rows),
        footnotes=tuple(
            say("Departure from the plan: {text}", text=text) for text in departures(results)
        ),
        inset=tuple(inset),
    )


def planned_row(study: Study, analysis: Analysis) -> tuple[str, ...]:
    """Return one planned analysis's line."""
    return (
        analysis_label(study, analysis.id),
        ", ".join(filter(None, (say(ROLES[analysis.role]), analysis.family))),
        say(METHODS[analysis.method]),
        analysis.estimand,
    )


def fate_text(study: Study, record: AnalysisRecord | None) -> str:
    """Return what an analysis ran on, or that it did not and why."""
    if record is None:
        return say("Not run (no record of it is stored)")
    if record.status == "not_run":
        return say("Not run ({reason})", reason=reason_text(study, record))
    data = say(DATA_WORDS[record.data_status])
    if record.reason:
        return say("Ran on {data} ({reason})", data=data, reason=reason_text(study, record))
    return say("Ran as planned, on {data}", data=data)


def departures(results: StudyResults) -> tuple[str, ...]:
    """Return what was not done as planned, but for analyses that the table says did not run."""
    study = results.study
    listed = {
        f"{study.find_analysis(record.analysis).label or record.analysis}: not run, {record.reason}"
        for record in results.analyses
        if record.status == "not_run"
    }
    return tuple(retold(study, text) for text in results.deviations if text not in listed)


def multiplicity_text(results: StudyResults, record: AnalysisRecord) -> str | None:
    """Return the sentence on a record's multiplicity family, or None without one."""
    planned = [item for item in results.study.analysis if item.id == record.analysis]
    if record.procedure is None or not planned or planned[0].family is None:
        return None
    size = family_size(results, planned[0].family)
    known = [say_count(size, "{n} test", "{n} tests", n=format_integer(size))]
    if record.alpha is not None:
        known.append(say("alpha {level}", level=format_ticks([record.alpha])[0]))
    return say(
        "Adjusted p: {procedure} over the family “{family}” ({known}).",
        procedure=say(PROCEDURES[record.procedure]),
        family=planned[0].family,
        known=", ".join(known),
    )


def family_size(results: StudyResults, family: str) -> int:
    """Return how many tests a multiplicity family holds."""
    members = {item.id for item in results.study.analysis if item.family == family}
    return sum(
        row.p_adjusted is not None
        for record in results.analyses
        if record.analysis in members and record.result is not None
        for row in record.result.estimates
    )


def claims_table(results: StudyResults) -> Table:
    """Return what articles say of these outcomes, and what the results do to it."""
    claims = results.claims
    titles = list(dict.fromkeys(claim.article_title for claim in claims))
    shown = titles if len(titles) > 1 else []
    return Table(
        id="claims",
        title=say("What the articles say, and what these data say"),
        columns=(
            Column(label=say("Claim")),
            *(Column(label=say("Article")) for _ in shown[:1]),
            Column(label=say("Verdict")),
            Column(label=say("Because")),
        ),
        rows=tuple(claim_row(claim, with_article=bool(shown)) for claim in claims),
        footnotes=claim_footnotes(titles),
    )


def claim_row(claim: ClaimVerdict, *, with_article: bool) -> tuple[str, ...]:
    """Return one claim's line; what does not add up stands beside the reason."""
    because = "; ".join(map(say_again, (claim.because, *claim.flags)))
    article = (claim.article_title,) if with_article else ()
    return (claim.text, *article, say(VERDICTS[claim.verdict]), because)


def claim_footnotes(titles: list[str]) -> tuple[str, ...]:
    """Return where the claims come from."""
    if not titles:
        return (say("No article makes a claim about these outcomes."),)
    if len(titles) > 1:
        return ()
    return (say("Claims of “{article}”, in our own words.", article=titles[0]),)
