"""One table of records to ADaM form: one row a person, endpoint and visit."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.dataset.columns import code_key, code_keys, condition_mask, not_numeric
from trialkit.errors import DataError, Finding
from trialkit.result.study_results import Change
from trialkit.study.specification import Endpoint, Visit
from trialkit.study.study import Study
from trialkit.terms import (
    ADAM_COLUMNS,
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
    population_flag,
)

EXAMPLES = 3
YES_NO = {True: "Y", False: "N"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Derived:
    """Records in ADaM form, people with their own columns, and what was done."""

    records: pd.DataFrame
    subjects: pd.DataFrame
    changes: tuple[Change, ...]


def derive(frame: pd.DataFrame, study: Study) -> Derived:
    """Derive the analysis records of a study from its assembled table.

    Raises
    ------
    DataError
        If people, arms, visits or values are not as the study says; every finding is
        listed and the offending records are in ``error.records``.
    """
    coded = with_codes(frame, study)
    values, changes = analysis_values(coded, study)
    changes += reserved_change(frame, study)
    subjects = subject_table(coded, study)
    subjects = with_population_flags(subjects, values, study)
    records = with_baseline(values, study).merge(
        subjects.drop(columns=[ARM_CODE, ARM_LABEL]), on=USUBJID, how="left", validate="m:1"
    )
    return Derived(records=records, subjects=subjects, changes=tuple(changes))


def with_codes(frame: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Add USUBJID and the arm to each record, refusing people and arms that do not fit."""
    plan = study.data
    coded = frame.assign(**{USUBJID: frame[str(plan.subject)]})
    codes = {code_key(arm.code): arm for arm in study.arm}
    if plan.arm is None:
        only = study.arm[0]
        coded = coded.assign(**{ARM_CODE: only.id, ARM_LABEL: only.label})
    else:
        keys = code_keys(frame[plan.arm])
        coded = coded.assign(
            **{
                ARM_CODE: keys.map({key: arm.id for key, arm in codes.items()}),
                ARM_LABEL: keys.map({key: arm.label for key, arm in codes.items()}),
            }
        )
    findings = [
        *subject_findings(coded, study),
        *arm_findings(coded, study, known=tuple(codes)),
        *wide_subject_findings(coded, study),
    ]
    if findings:
        raise DataError(f"the people of {study.id} are not as study.toml says", findings)
    return coded


def reserved_change(frame: pd.DataFrame, study: Study) -> list[Change]:
    """Return the note that columns with ADaM's derived names were not carried along."""
    plan = study.data
    declared = {plan.subject, plan.arm, plan.visit, plan.parameter, plan.value, plan.baseline}
    declared |= {endpoint.value for endpoint in study.endpoint}
    reserved = [name for name in ADAM_COLUMNS if name in frame and name not in declared]
    if not reserved:
        return []
    reason = "trialkit derives columns of these names itself"
    return [
        Change(
            step="columns not carried",
            where=", ".join(reserved),
            count=len(reserved),
            reason=reason,
        )
    ]


def subject_findings(coded: pd.DataFrame, study: Study) -> list[Finding]:
    """Return what is wrong with the identifiers."""
    nameless = int(coded[USUBJID].isna().sum())
    findings = []
    if nameless:
        findings.append(
            Finding(
                where=f"column {study.data.subject}",
                expected="an identifier in every record",
                found=f"{nameless} records without one",
            )
        )
    arms = coded.dropna(subset=[USUBJID]).groupby(USUBJID)[ARM_CODE].nunique()
    torn = int((arms > 1).sum())
    if torn:
        findings.append(
            Finding(
                where=f"column {study.data.arm}",
                expected="one arm a person",
                found=f"{torn} people in more than one arm",
            )
        )
    return findings


def arm_findings(coded: pd.DataFrame, study: Study, *, known: tuple[str, ...]) -> list[Finding]:
    """Return arm codes that no arm declares, and arms without a person."""
    findings = []
    if study.data.arm is not None:
        unknown = coded[coded[ARM_CODE].isna()]
        if len(unknown):
            seen = code_keys(unknown[study.data.arm]).fillna("a blank").value_counts()
            found = ", ".join(f"{key!r} in {count} records" for key, count in seen.head(3).items())
            findings.append(
                Finding(
                    where=f"column {study.data.arm}",
                    expected="the code of an arm",
                    allowed=known,
                    found=found,
                    remedy="correct arm.value, or leave the records out by a filter",
                )
            )
    present = set(coded[ARM_CODE].dropna())
    empty = [arm.id for arm in study.arm if arm.id not in present]
    if empty:
        findings.append(
            Finding(
                where="arm", expected="people in every arm", found=f"none in {', '.join(empty)}"
            )
        )
    return findings


def wide_subject_findings(coded: pd.DataFrame, study: Study) -> list[Finding]:
    """Return people with several rows, where wide data have one row a person."""
    if not any(endpoint.columns for endpoint in study.measured_endpoints):
        return []
    doubled = int(coded[USUBJID].dropna().duplicated(keep=False).sum())
    if not doubled:
        return []
    people = coded.loc[coded[USUBJID].duplicated(keep=False), USUBJID].nunique()
    return [
        Finding(
            where=f"column {study.data.subject}",
            expected="one row a person (wide data)",
            found=f"{doubled} rows for {people} people",
            remedy="keep one row each, or describe long data with `visit` and `value`",
        )
    ]


def analysis_values(coded: pd.DataFrame, study: Study) -> tuple[pd.DataFrame, list[Change]]:
    """Return one value a person, endpoint and visit, and what was averaged.

    Values outside a scale, text where numbers belong, unknown visits and doubled records
    are collected over all endpoints and raised together.
    """
    parts: list[pd.DataFrame] = []
    findings: list[Finding] = []
    offending: list[pd.DataFrame] = []
    changes: list[Change] = []
    for endpoint in study.measured_endpoints:
        long, wrong = long_values(coded, endpoint, study)
        findings += wrong
        if wrong:
            continue
        bad = outside_scale(long, endpoint)
        if len(bad):
            offending.append(bad)
            findings.append(scale_finding(bad, endpoint))
        merged, change, doubled = one_value_each(long, endpoint)
        changes += change
        if len(doubled):
            offending.append(doubled)
            findings.append(doubled_finding(doubled, endpoint))
        parts.append(merged)
    if findings:
        records = pd.concat(offending, ignore_index=True) if offending else None
        raise DataError(
            f"the values of {study.id} are not as study.toml says", findings, records=records
        )
    return pd.concat(parts, ignore_index=True), changes


def long_values(
    coded: pd.DataFrame, endpoint: Endpoint, study: Study
) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the records of one endpoint in long form; missing values stay in."""
    if endpoint.columns:
        return wide_to_long(coded, endpoint, study)
    plan = study.data
    rows, column = coded, endpoint.value
    if endpoint.parameter is not None:
        column = plan.value
        rows = coded[code_keys(coded[str(plan.parameter)]).eq(code_key(endpoint.parameter))]
    findings = [
        *not_numeric(rows[str(column)], where=f"column {column}"),
        *visit_findings(rows, study),
        *baseline_findings(rows, plan.baseline),
    ]
    if findings:
        return rows, findings
    visits = {code_key(visit.code): visit for visit in study.visit}
    keys = code_keys(rows[str(plan.visit)])
    order = keys.map({key: visit.order for key, visit in visits.items()})
    long = labelled(rows, endpoint, order=order, values=rows[str(column)], study=study)
    if plan.baseline is not None:
        long = long.assign(**{BASELINE: rows[plan.baseline].astype("float64")})
    return long, []


def baseline_findings(rows: pd.DataFrame, baseline: str | None) -> list[Finding]:
    """Return what is wrong with a column that repeats the baseline in every record."""
    if baseline is None:
        return []
    findings = not_numeric(rows[baseline], where=f"column {baseline}")
    varying = int((rows.groupby(USUBJID)[baseline].nunique() > 1).sum())
    if varying:
        findings.append(
            Finding(
                where=f"column {baseline}",
                expected="one baseline a person",
                found=f"{varying} people with several",
            )
        )
    return findings


def wide_to_long(
    coded: pd.DataFrame, endpoint: Endpoint, study: Study
) -> tuple[pd.DataFrame, list[Finding]]:
    """Return one row a person and visit from one column a visit."""
    findings = [
        finding
        for column in endpoint.columns.values()
        for finding in not_numeric(coded[column], where=f"column {column}")
    ]
    if findings:
        return coded, findings
    parts = [
        labelled(
            coded, endpoint, order=study.find_visit(visit).order, values=coded[column], study=study
        )
        for visit, column in endpoint.columns.items()
    ]
    return pd.concat(parts, ignore_index=True), []


def labelled(
    rows: pd.DataFrame,
    endpoint: Endpoint,
    *,
    order: int | pd.Series,
    values: pd.Series,
    study: Study,
) -> pd.DataFrame:
    """Return records with ADaM's names for person, arm, endpoint, visit and value."""
    labels = {visit.order: visit.label for visit in study.visit}
    numbers = order if isinstance(order, pd.Series) else pd.Series(order, index=rows.index)
    return pd.DataFrame(
        {
            USUBJID: rows[USUBJID],
            ARM_CODE: rows[ARM_CODE],
            ARM_LABEL: rows[ARM_LABEL],
            PARAMETER_CODE: endpoint.id,
            PARAMETER_LABEL: endpoint.label,
            VISIT_LABEL: numbers.map(labels),
            VISIT_NUMBER: numbers.astype("int64"),
            VALUE: values.astype("float64"),
        }
    )


def visit_findings(rows: pd.DataFrame, study: Study) -> list[Finding]:
    """Return visit codes of long data that no visit declares."""
    known = {code_key(visit.code) for visit in study.visit}
    keys = code_keys(rows[str(study.data.visit)])
    unknown = keys[~keys.isin(known)].fillna("a blank").value_counts()
    if unknown.empty:
        return []
    found = ", ".join(f"{key!r} in {count} records" for key, count in unknown.head(3).items())
    return [
        Finding(
            where=f"column {study.data.visit}",
            expected="the code of a visit",
            allowed=tuple(sorted(known)),
            found=found,
            remedy="declare the visit, or leave the records out by a filter",
        )
    ]


def outside_scale(long: pd.DataFrame, endpoint: Endpoint) -> pd.DataFrame:
    """Return the records whose value lies outside the endpoint's scale."""
    low = -np.inf if endpoint.scale.minimum is None else endpoint.scale.minimum
    high = np.inf if endpoint.scale.maximum is None else endpoint.scale.maximum
    return long[long[VALUE].notna() & ~long[VALUE].between(low, high)]


def scale_finding(bad: pd.DataFrame, endpoint: Endpoint) -> Finding:
    """Return the finding that values lie outside a scale."""
    examples = ", ".join(f"{value:g}" for value in bad[VALUE].drop_duplicates().head(EXAMPLES))
    return Finding(
        where=f"endpoint {endpoint.id}",
        expected=f"values from {endpoint.scale.minimum} to {endpoint.scale.maximum}",
        found=f"{len(bad)} outside, e.g. {examples}",
        remedy="correct them, declare their code under [data] missing, or correct the scale",
    )


def doubled_finding(doubled: pd.DataFrame, endpoint: Endpoint) -> Finding:
    """Return the finding that a person has several values at one visit."""
    pairs = doubled[[USUBJID, VISIT_LABEL]].drop_duplicates()
    return Finding(
        where=f"endpoint {endpoint.id}",
        expected="one value a person and visit",
        found=f"{len(doubled)} records for {len(pairs)} pairs of person and visit",
        remedy='keep one record each, or declare `aggregate = "mean"`',
    )


def one_value_each(
    long: pd.DataFrame, endpoint: Endpoint
) -> tuple[pd.DataFrame, list[Change], pd.DataFrame]:
    """Average several records of a person and visit if declared; else return the doubles."""
    keys = [column for column in long.columns if column != VALUE]
    doubled = long[long.duplicated(keys, keep=False)]
    if doubled.empty:
        return long, [], doubled
    if endpoint.aggregate is None:
        return long, [], doubled
    # A person's missing records do not enter the mean; all missing stays missing.
    merged = long.groupby(keys, sort=False, dropna=False)[VALUE].mean().reset_index()
    change = Change(
        step="records of one person and visit averaged",
        where=endpoint.id,
        count=len(long) - len(merged),
        reason=f'{len(long)} records became {len(merged)} means (aggregate = "mean")',
    )
    return merged, [change], doubled.iloc[0:0]


def with_baseline(values: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Add BASE, CHG, PCHG and the flags; a person with baseline 0 has no percent change."""
    visit: Visit | None = study.baseline_visit
    at_baseline = pd.Series(data=False, index=values.index)
    if visit is not None:
        at_baseline = values[VISIT_NUMBER].eq(visit.order)
    if BASELINE in values:
        records = values
    else:
        base = values[at_baseline].set_index([USUBJID, PARAMETER_CODE])[VALUE].rename(BASELINE)
        records = values.join(base, on=[USUBJID, PARAMETER_CODE])
    change = (records[VALUE] - records[BASELINE]).where(~at_baseline)
    percent = 100 * change / records[BASELINE].where(records[BASELINE].ne(0))
    derived = {
        CHANGE: change,
        PERCENT_CHANGE: percent,
        BASELINE_FLAG: at_baseline.map(YES_NO),
        ANALYSIS_FLAG: records[VALUE].notna().map(YES_NO),
    }
    return records.assign(**derived)


def subject_table(coded: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return one row a person with every column that is the same in all their records."""
    plan = study.data
    taken = {*ADAM_COLUMNS, plan.subject}
    others = [name for name in coded.columns if name not in taken]
    grouped = coded.groupby(USUBJID, sort=False)
    constant = [name for name in others if grouped[name].nunique().le(1).all()]
    return grouped[[ARM_CODE, ARM_LABEL, *constant]].first().reset_index()


def with_population_flags(
    subjects: pd.DataFrame, values: pd.DataFrame, study: Study
) -> pd.DataFrame:
    """Add one flag a population: Y for its members."""
    flagged = subjects.copy()
    present = values[values[VALUE].notna()]
    for position, population in enumerate(study.population):
        lacking = [item.column for item in population.where if item.column not in subjects]
        if lacking:
            raise DataError(
                f"population[{position}].where: expected columns with one value a person, "
                f"found {', '.join(lacking)}, which vary within a person"
            )
        member = condition_mask(subjects, population.where)
        for visit in population.requires_visits:
            order = study.find_visit(visit).order
            seen = present.loc[present[VISIT_NUMBER].eq(order), USUBJID]
            member &= subjects[USUBJID].isin(seen)
        if not member.any():
            raise DataError(f"population {population.id}: nobody belongs to it")
        flagged[population_flag(population.id)] = member.map(YES_NO)
    return flagged
