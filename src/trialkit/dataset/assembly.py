"""The tables of a study to one table: stacked, joined, missing values set, records kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import pandas as pd

from trialkit.dataset.columns import (
    absent,
    condition_findings,
    condition_mask,
    not_finite,
    numbers_where_possible,
)
from trialkit.dataset.files import table_path
from trialkit.dataset.reading import TextTable, read_text_table
from trialkit.errors import DataError, Finding
from trialkit.language.told import tell
from trialkit.result.study_results import Change, FileRecord
from trialkit.study.records import DataPlan, Filter
from trialkit.study.specification import Condition
from trialkit.study.study import Study


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assembled:
    """One table of typed columns, one row a record as it stands in the files."""

    frame: pd.DataFrame
    files: tuple[FileRecord, ...]
    changes: tuple[Change, ...]


def assemble(study: Study) -> Assembled:
    """Read every table of a study into one, with the declared rules and filters applied.

    Raises
    ------
    SpecificationError, DataUnavailableError
        If a file is not where it should be.
    DataError
        If a file is no table, or a column that the plan names does not exist.
    """
    plan = study.data
    tables = [
        (table.role, read_text_table(table_path(study, table), table, plan))
        for table in plan.tables
    ]
    records = [read for role, read in tables if role == "records"]
    people = [read for role, read in tables if role == "subjects"]
    if not records:
        raise DataError("data.table: expected a table of role 'records', found none")
    frame = pd.concat([read.frame for read in records], ignore_index=True)
    assembled = Assembled(
        frame=frame,
        files=tuple(read.record for _, read in tables),
        changes=tuple(change for _, read in tables for change in read.changes),
    )
    if people:
        assembled = join_subjects(assembled, people, str(plan.subject))
    typed = typed_columns(assembled, plan)
    require_columns(typed.frame, study)
    return apply_filters(apply_rules(typed, plan), plan)


def join_subjects(records: Assembled, people: list[TextTable], subject: str) -> Assembled:
    """Add the columns of subject tables to the records, by the subject column."""
    table = pd.concat([read.frame for read in people], ignore_index=True)
    findings = [
        absent(subject, frame, where=f"data.subject in the {name} tables")
        for name, frame in (("records", records.frame), ("subjects", table))
        if subject not in frame
    ]
    if findings:
        raise DataError("the subject tables cannot be joined", findings)
    doubled = table[table.duplicated(subject, keep=False)]
    if not doubled.empty:
        raise DataError(
            f"expected one row a person in the subject tables, found {len(doubled)} rows for "
            f"{doubled[subject].nunique()} people; keep one row each (all are in error.records)",
            records=doubled,
        )
    known = [name for name in table if name == subject or name not in records.frame]
    joined = records.frame.merge(table[known], on=subject, how="left", validate="many_to_one")
    without_record = int((~table[subject].isin(records.frame[subject])).sum())
    without_row = int((~records.frame[subject].drop_duplicates().isin(table[subject])).sum())
    reason = tell("joined by the subject column")
    changes = [
        Change(step=step, where=tell("subject tables"), count=count, reason=reason)
        for step, count in (
            (tell("people of the subject tables without a record"), without_record),
            (tell("people with records and no row in the subject tables"), without_row),
        )
        if count
    ]
    return replace(records, frame=joined, changes=(*records.changes, *changes))


def typed_columns(assembled: Assembled, plan: DataPlan) -> Assembled:
    """Turn columns of numbers into numbers; codes of people, arms and visits stay text."""
    codes = [
        name
        for name in (plan.subject, plan.arm, plan.visit, plan.parameter)
        if name in assembled.frame
    ]
    others = assembled.frame.drop(columns=codes)
    findings = not_finite(others)
    if findings:
        raise DataError("the data hold numbers that are not finite", findings)
    numbers = numbers_where_possible(others, decimal=plan.decimal)
    frame = pd.concat([assembled.frame[codes], numbers], axis=1)[assembled.frame.columns]
    converted = [str(name) for name in numbers if pd.api.types.is_numeric_dtype(numbers[name])]
    change = Change(
        step=tell("columns read as numbers"),
        where=", ".join(converted) or tell("none"),
        count=len(converted),
        reason=tell("every value is a number (decimal sign '{sign}')", sign=plan.decimal),
    )
    return replace(assembled, frame=frame, changes=(*assembled.changes, change))


def require_columns(frame: pd.DataFrame, study: Study) -> None:
    """Raise unless every column that the plan names exists; all absent ones are listed."""
    plan = study.data
    findings = [
        absent(column, frame, where=where)
        for where, column in named_columns(study)
        if column not in frame
    ]
    findings += text_as_numbers(frame, study)
    for position, rule in enumerate(plan.rule):
        findings += condition_findings(frame, rule.when, where=f"data.rule[{position}].when")
    for position, step in enumerate(plan.filter):
        findings += condition_findings(frame, step.where, where=f"data.filter[{position}].where")
        findings += condition_findings(frame, step.keep, where=f"data.filter[{position}].keep")
    for position, population in enumerate(study.population):
        findings += condition_findings(
            frame, population.where, where=f"population[{position}].where"
        )
    if findings:
        raise DataError("the data do not have what study.toml names", findings)


def named_columns(study: Study) -> list[tuple[str, str]]:
    """Return every column that a plan names, each with the place that names it."""
    plan = study.data
    named = [
        (f"data.{key}", getattr(plan, key))
        for key in (
            "subject",
            "arm",
            "visit",
            "parameter",
            "value",
            "baseline",
            "missing_reason",
        )
        if getattr(plan, key) is not None
    ]
    for position, endpoint in enumerate(study.endpoint):
        where = f"endpoint[{position}]"
        named += [(f"{where}.columns.{key}", column) for key, column in endpoint.columns.items()]
        named += [(f"{where}.value", endpoint.value)] if endpoint.value else []
    named += [
        (f"characteristic[{position}].column", item.column)
        for position, item in enumerate(study.characteristic)
    ]
    named += [
        (f"data.rule[{position}].columns", column)
        for position, rule in enumerate(plan.rule)
        for column in rule.columns
    ]
    return named


def text_as_numbers(frame: pd.DataFrame, study: Study) -> list[Finding]:
    """Return a finding for each column of text that is declared as a number."""
    findings = []
    for position, item in enumerate(study.characteristic):
        text = item.column in frame and not pd.api.types.is_numeric_dtype(frame[item.column])
        if item.kind == "continuous" and text:
            # No example is quoted: a column of text may hold names.
            findings.append(
                Finding(
                    where=f"characteristic[{position}].kind",
                    expected="'categorical' for a column of text",
                    found=f"'continuous' for column {item.column!r}",
                )
            )
    return findings


def apply_rules(assembled: Assembled, plan: DataPlan) -> Assembled:
    """Set values to missing where a declared rule says so, and count them.

    Every rule looks at the values as they were read, so their order does not matter.
    """
    frame = assembled.frame.copy()
    changes = []
    for rule in plan.rule:
        mask = condition_mask(assembled.frame, rule.when)
        for column in rule.columns:
            count = int((mask & assembled.frame[column].notna()).sum())
            frame[column] = frame[column].mask(mask)
            changes.append(
                Change(
                    step=tell("set to missing by rule '{rule}'", rule=rule.id),
                    where=column,
                    count=count,
                    reason=tell(
                        "{condition}: {reason}", condition=all_of(rule.when), reason=rule.reason
                    ),
                )
            )
    return replace(assembled, frame=frame, changes=(*assembled.changes, *changes))


def apply_filters(assembled: Assembled, plan: DataPlan) -> Assembled:
    """Keep the records that the declared filters keep, and count the others."""
    frame = assembled.frame
    changes = []
    for step in plan.filter:
        spoken_of = condition_mask(frame, step.where)
        left_out = spoken_of & ~condition_mask(frame, step.keep)
        changes.append(
            Change(
                step=tell("records left out by filter '{filter}'", filter=step.id),
                where=kept_words(step),
                count=int(left_out.sum()),
                reason=step.reason,
            )
        )
        frame = frame[~left_out]
    if frame.empty:
        raise DataError("the filters of study.toml leave no record")
    frame = frame.reset_index(drop=True)
    return replace(assembled, frame=frame, changes=(*assembled.changes, *changes))


def kept_words(step: Filter) -> str:
    """Return which records a filter keeps, and of which."""
    kept = all_of(step.keep)
    if not step.where:
        return tell("keep {condition}", condition=kept)
    return tell("keep {condition} (where {scope})", condition=kept, scope=all_of(step.where))


def all_of(conditions: Sequence[Condition]) -> str:
    """Return conditions that hold together, in words."""
    first, *others = map(condition_words, conditions) if conditions else ("",)
    return reduce(
        lambda said, other: tell("{one} and {other}", one=said, other=other), others, first
    )


def condition_words(condition: Condition) -> str:
    """Return a condition as the study file has it, but for what has words."""
    match condition.operator:
        case "missing":
            return tell("{column} is missing", column=condition.column)
        case "not_missing":
            return tell("{column} is not missing", column=condition.column)
        case _:
            return str(condition)
