"""The dictionary of the analysis dataset: every variable, its codes, where it comes from."""

from collections.abc import Sequence
from typing import Final

from trialkit.language.speech import later, say
from trialkit.present.exhibit import Column, Table
from trialkit.present.format import MINUS, MISSING, format_integer
from trialkit.present.grammar import mid_sentence
from trialkit.present.labels import (
    endpoint_label,
    list_in_words,
    scale_text,
    short_unit,
    visit_label,
)
from trialkit.result.people import VariableRecord
from trialkit.result.study_results import Certificate, StudyResults, VisitCount
from trialkit.study.specification import Endpoint
from trialkit.study.study import Study
from trialkit.terms import (
    ANALYSIS_FLAG,
    ARM_CODE,
    ARM_LABEL,
    BASELINE,
    BASELINE_FLAG,
    CHANGE,
    PARAMETER_CODE,
    PARAMETER_LABEL,
    PERCENT_CHANGE,
    USUBJID,
    VALUE,
    VISIT_LABEL,
    VISIT_NUMBER,
    VariableKind,
    population_flag,
)

KINDS: Final[dict[VariableKind, str]] = {
    "number": later("number"),
    "category": later("category"),
    "text": later("text"),
}
MOST_LEVELS: Final = 12  # codes named in a cell
HEADS: Final = (
    later("Variable"),
    later("What it is"),
    later("Type and values"),
    later("Where it comes from"),
    later("No value"),
)
FLAG: Final = later("flag, Y or N")
DERIVED: Final = later("derived")
UNSHOWN: Final = later("Codes that neither the plan declares nor three people share have no name.")

Row = tuple[str, ...]
Group = tuple[str, list[Row]]


def variables_table(results: StudyResults) -> Table | None:
    """Return every variable of the analysis dataset; None without participants.

    Values by endpoint and visit, what is derived from them, who is who, and the people's own
    columns that the plan uses; columns that it does not use are named under the table.
    """
    certificate = results.certificate
    if certificate is None:
        return None
    study = results.study
    used = [record for record in results.variables if record.used]
    groups: list[Group] = [
        (say("Values: a row a person, outcome and visit"), value_rows(study, certificate)),
        (say("Derived from the values"), derived_rows(study)),
        (say("Who, what and when"), key_rows(study)),
        (say("The people's own columns"), [person_row(study, record) for record in used]),
    ]
    rows: list[Row] = []
    inset: list[int] = []
    for head, members in groups:
        if members:
            rows.append((head, *("" for _ in HEADS[1:])))
            inset.extend(range(len(rows), len(rows) + len(members)))
            rows.extend(members)
    return Table(
        id="variables",
        title=say("The variables of the analysis dataset"),
        columns=(
            *(Column(label=say(head)) for head in HEADS[:-1]),
            Column(label=say(HEADS[-1]), align="right"),
        ),
        rows=tuple(rows),
        footnotes=variable_notes(results),
        inset=tuple(inset),
    )


def value_rows(study: Study, certificate: Certificate) -> list[Row]:
    """Return a line for each endpoint and visit at which values were planned."""
    places = dict.fromkeys((count.endpoint, count.visit) for count in certificate.visits)
    order = {visit.id: visit.order for visit in study.visit}
    endpoints = list(dict.fromkeys(endpoint for endpoint, _ in places))
    ordered = sorted(places, key=lambda place: (endpoints.index(place[0]), order[place[1]]))
    return [
        value_row(
            study,
            [item for item in certificate.visits if (item.endpoint, item.visit) == place],
            study.find_endpoint(place[0]),
        )
        for place in ordered
    ]


def value_row(study: Study, counts: Sequence[VisitCount], endpoint: Endpoint) -> Row:
    """Return the line of one endpoint at one visit."""
    visit = counts[0].visit
    everyone = sum(count.n_subjects for count in counts)
    known = sum(count.n_with_value for count in counts)
    return (
        VALUE,
        say(
            "{outcome}, {visit}",
            outcome=endpoint_label(study, endpoint.id),
            visit=mid_sentence(visit_label(study, visit)),
        ),
        say("number, {unit}; {limits}", unit=short_unit(endpoint), limits=scale_text(endpoint)),
        source_text(study, endpoint, visit),
        without_value(everyone - known, everyone),
    )


def without_value(missing: int, everyone: int) -> str:
    """Return the people without a value, of all; no share, which other tables show by arm."""
    return f"{format_integer(missing)}/{format_integer(everyone)}"


def source_text(study: Study, endpoint: Endpoint, visit: str) -> str:
    """Return the column of the data that holds an endpoint's values at a visit."""
    plan = study.data
    found = study.find_visit(visit)
    if not endpoint.is_in_data:
        return MISSING
    if endpoint.columns:
        said = say("column {column}", column=endpoint.columns[visit])
    elif endpoint.parameter is not None:
        said = say(
            "column {column} where {parameter} is {code} and {visit} is {time}",
            column=plan.value,
            parameter=plan.parameter,
            code=endpoint.parameter,
            visit=plan.visit,
            time=found.code,
        )
    else:
        said = say(
            "column {column} where {visit} is {time}",
            column=endpoint.value,
            visit=plan.visit,
            time=found.code,
        )
    if endpoint.aggregate is None:
        return said
    return say("{source}, the mean of a person's records", source=said)


def derived_rows(study: Study) -> list[Row]:
    """Return the lines of what is computed from the values."""
    number, flag = say("number"), say(FLAG)
    rows: list[Row] = [(ANALYSIS_FLAG, say("has a value"), flag, say(DERIVED), MISSING)]
    if not study.has_baseline:
        return rows
    before = study.baseline_visit
    origin = (
        say("column {column}", column=study.data.baseline)
        if before is None
        else say("{value} at {visit}", value=VALUE, visit=mid_sentence(before.label))
    )
    percent = say(
        "100 × {change} / {baseline}; none where {baseline} is 0", change=CHANGE, baseline=BASELINE
    )
    return [
        (BASELINE, say("value before treatment"), number, origin, MISSING),
        (CHANGE, say("change"), number, f"{VALUE} {MINUS} {BASELINE}", MISSING),
        (PERCENT_CHANGE, say("change in percent"), number, percent, MISSING),
        (BASELINE_FLAG, say("is the value before treatment"), flag, say(DERIVED), MISSING),
        *rows,
    ]


def key_rows(study: Study) -> list[Row]:
    """Return the lines of what says whose value it is, of what and when."""
    plan = study.data
    derived = say(DERIVED)
    arms = "; ".join(f"{arm.id} = {arm.label}" for arm in study.arm)
    visits = "; ".join(f"{visit.order} = {visit.label}" for visit in study.visits)
    measured = [f"{item.id} = {item.label}" for item in study.measured_endpoints]
    outcomes = "; ".join(measured) or MISSING
    arm = say("column {column}", column=plan.arm) if plan.arm else say("the only arm")
    when = say("column {column}", column=plan.visit) if plan.visit else say("the values' columns")
    what = (
        say("column {column}", column=plan.parameter)
        if plan.parameter
        else say("the values' columns")
    )
    who = say("column {column}", column=plan.subject)
    return [
        (USUBJID, say("the person"), say("text, not shown"), who, MISSING),
        (f"{ARM_CODE}, {ARM_LABEL}", say("arm: code, label"), arms, arm, MISSING),
        (
            f"{PARAMETER_CODE}, {PARAMETER_LABEL}",
            say("outcome: code, label"),
            outcomes,
            what,
            MISSING,
        ),
        (f"{VISIT_NUMBER}, {VISIT_LABEL}", say("visit: order, label"), visits, when, MISSING),
        *(
            (population_flag(item.id), item.label, say(FLAG), derived, MISSING)
            for item in study.population
        ),
    ]


def person_row(study: Study, record: VariableRecord) -> Row:
    """Return the line of one column of the people."""
    declared = [item for item in study.characteristic if item.column == record.column]
    label = declared[0].label if declared else say("named in the plan, without a label")
    unit = declared[0].unit if declared else None
    return (
        record.column,
        label,
        values_text(record, unit),
        say("column {column}", column=record.column),
        without_value(record.n_missing, record.n_subjects),
    )


def values_text(record: VariableRecord, unit: str | None) -> str:
    """Return what kind of column it is, with its unit or its codes."""
    kind = say(KINDS[record.kind])
    if unit:
        return say("{kind}, {unit}", kind=kind, unit=unit)
    codes = levels_text(record)
    return say("{kind}: {codes}", kind=kind, codes=codes) if codes else kind


def levels_text(record: VariableRecord) -> str:
    """Return the codes of a category with their labels, the first of very many."""
    shown = record.levels[:MOST_LEVELS]
    named = [f"{code} = {label}" if label else code for code, label in shown]
    more = len(record.levels) - len(shown) + record.n_unnamed
    if more:
        named.append(say("and {n} more", n=format_integer(more)))
    return "; ".join(named)


def variable_notes(results: StudyResults) -> tuple[str, ...]:
    """Return what is carried along and not used, and which codes have no name."""
    unused = [record.column for record in results.variables if not record.used]
    notes = []
    if any(record.n_unnamed for record in results.variables):
        notes.append(say(UNSHOWN))
    if unused:
        notes.append(
            say("Carried along and not used by the plan: {columns}.", columns=list_in_words(unused))
        )
    return tuple(notes)
