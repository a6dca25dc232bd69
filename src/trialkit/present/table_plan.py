"""Tables of the plan: what is measured, what is asked, what was planned and what ran."""

from trialkit.present.exhibit import Column, Table
from trialkit.present.format import MISSING, format_integer, format_ticks
from trialkit.present.labels import (
    analysis_label,
    arm_label,
    endpoint_label,
    responder_text,
    scale_text,
    unit_text,
    visit_label,
)
from trialkit.present.vocabulary import (
    METHODS,
    PROCEDURES,
)
from trialkit.result.study_results import AnalysisRecord, ClaimVerdict, StudyResults
from trialkit.study.plan import Analysis
from trialkit.study.specification import Endpoint, Estimand
from trialkit.study.study import Study

DATA_WORDS = {
    "real": "participants",
    "simulated": "simulated participants",
    "published_figures": "published figures",
}
NOT_RUN = "not run"


def dictionary_table(results: StudyResults) -> Table:
    """Return what is measured: scale, better side, decimals, margin, responder rules."""
    return Table(
        id="dictionary",
        title="What was measured",
        columns=tuple(
            Column(label=label)
            for label in ("Endpoint", "Unit", "Scale", "Better", "Margin", "Responder")
        ),
        rows=tuple(map(dictionary_row, results.study.endpoint)),
    )


def dictionary_row(endpoint: Endpoint) -> tuple[str, ...]:
    """Return one endpoint's line."""
    rules = (sourced(responder_text(rule), rule.source) for rule in endpoint.responder)
    return (
        endpoint.label,
        unit_text(endpoint),
        scale_text(endpoint),
        endpoint.better,
        margin_text(endpoint),
        "; ".join(rules) or MISSING,
    )


def margin_text(endpoint: Endpoint) -> str:
    """Return a declared margin with what it is for and who says so."""
    margin = endpoint.margin
    if margin is None:
        return "none declared"
    kind = {"between_group": "between groups", "within_person": "within a person"}[margin.kind]
    return sourced(f"{format_ticks([margin.value])[0]} {kind}", margin.source)


def sourced(text: str, source: str | None) -> str:
    """Return a statement with its source in brackets."""
    return f"{text} ({source})" if source else f"{text} (no source given)"


def estimand_table(results: StudyResults) -> Table:
    """Return the questions asked, in the five attributes of ICH E9(R1)."""
    study = results.study
    return Table(
        id="estimands",
        title="What is asked",
        columns=tuple(
            Column(label=label)
            for label in (
                "Estimand",
                "Population",
                "Treatments",
                "Variable",
                "Intercurrent events",
                "Summary",
            )
        ),
        rows=tuple(estimand_row(study, estimand) for estimand in study.estimand),
        footnotes=() if study.estimand else ("No estimand is declared.",),
    )


def estimand_row(study: Study, estimand: Estimand) -> tuple[str, ...]:
    """Return one estimand's line."""
    events = "; ".join(
        f"{item.event}: {item.strategy.replace('_', ' ')}" for item in estimand.intercurrent_events
    )
    return (
        estimand.id,
        study.find_population(estimand.population).label,
        treatments_text(study, estimand),
        f"{endpoint_label(study, estimand.endpoint)}, {visit_label(study, estimand.visit)}",
        events or "none declared",
        estimand.summary,
    )


def treatments_text(study: Study, estimand: Estimand) -> str:
    """Return the treatments an estimand compares."""
    named = [arm_label(study, arm) for arm in (estimand.treatment, estimand.reference) if arm]
    return " v ".join(named) or "all arms"


def planned_table(results: StudyResults) -> Table:
    """Return what was planned, what ran, and why the rest did not."""
    study = results.study
    return Table(
        id="planned",
        title="What was planned, and what ran",
        columns=(
            Column(label="Analysis"),
            Column(label="Role"),
            Column(label="Method"),
            Column(label="Estimand"),
            Column(label="Ran on"),
            Column(label="Why"),
        ),
        rows=tuple(
            planned_row(study, analysis, results.find_record(analysis.id))
            for analysis in study.analysis
        ),
        footnotes=tuple(f"Departure from the plan: {text}" for text in results.deviations),
    )


def planned_row(study: Study, analysis: Analysis, record: AnalysisRecord | None) -> tuple[str, ...]:
    """Return one planned analysis's line."""
    return (
        analysis_label(study, analysis.id),
        f"{analysis.role}, {analysis.family}" if analysis.family else analysis.role,
        METHODS[analysis.method],
        analysis.estimand,
        *ran_and_why(record),
    )


def ran_and_why(record: AnalysisRecord | None) -> tuple[str, str]:
    """Return what an analysis ran on, or that it did not, and the reason."""
    if record is None:
        return NOT_RUN, "no record of it is stored"
    if record.status == "not_run":
        return NOT_RUN, record.reason or "no reason is stored"
    return DATA_WORDS[record.data_status], record.reason or "as planned"


def multiplicity_text(results: StudyResults, record: AnalysisRecord) -> str | None:
    """Return the sentence on a record's multiplicity family, or None without one."""
    planned = [item for item in results.study.analysis if item.id == record.analysis]
    if record.procedure is None or not planned or planned[0].family is None:
        return None
    name = PROCEDURES[record.procedure]
    alpha = "" if record.alpha is None else f", alpha {format_ticks([record.alpha])[0]}"
    size = family_size(results, planned[0].family)
    tests = "1 test" if size == 1 else f"{format_integer(size)} tests"
    return f"Adjusted p: {name} over the family “{planned[0].family}” ({tests}{alpha})."


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
        title="What the articles say, and what these data say",
        columns=(
            Column(label="Claim"),
            *(Column(label="Article") for _ in shown[:1]),
            Column(label="Verdict"),
            Column(label="Because"),
        ),
        rows=tuple(claim_row(claim, with_article=bool(shown)) for claim in claims),
        footnotes=claim_footnotes(titles),
    )


def claim_row(claim: ClaimVerdict, *, with_article: bool) -> tuple[str, ...]:
    """Return one claim's line; what does not add up stands beside the reason."""
    because = "; ".join((claim.because, *claim.flags))
    article = (claim.article_title,) if with_article else ()
    return (claim.text, *article, claim.verdict, because)


def claim_footnotes(titles: list[str]) -> tuple[str, ...]:
    """Return where the claims come from."""
    if not titles:
        return ("No article makes a claim about these outcomes.",)
    return (f"Claims of “{titles[0]}”, in our own words.",) if len(titles) == 1 else ()
