"""The values of a study: one a person, endpoint and visit, with baseline and change."""

import numpy as np
import pandas as pd

from trialkit.dataset.columns import code_keys, not_numeric
from trialkit.errors import DataError, Finding
from trialkit.language.told import tell
from trialkit.result.study_results import Change
from trialkit.study.codes import code_key
from trialkit.study.specification import Endpoint, Visit
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
    YES_NO,
)

EXAMPLES = 3


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
        # A blank in one record of a person takes the baseline of the others.
        known = rows.groupby(USUBJID)[plan.baseline].transform("first")
        long = long.assign(**{BASELINE: known.astype("float64")})
    return long, []


def baseline_findings(rows: pd.DataFrame, baseline: str | None) -> list[Finding]:
    """Return what is wrong with a column that repeats the baseline in every record."""
    if baseline is None:
        return []
    findings = not_numeric(rows[baseline], where=f"column {baseline}")
    varying = int(rows.groupby(USUBJID)[baseline].nunique().gt(1).sum())
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
        expected=f"values {scale_words(endpoint)}",
        found=f"{len(bad)} outside, e.g. {examples}",
        remedy="correct them, declare their code under [data] missing, or correct the scale",
    )


def scale_words(endpoint: Endpoint) -> str:
    """Return the limits of a scale in words; it may have one only."""
    low, high = endpoint.scale.minimum, endpoint.scale.maximum
    if low is None:
        return f"of at most {high}"
    return f"of at least {low}" if high is None else f"from {low} to {high}"


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
    keys = [column for column in long.columns if column not in (VALUE, BASELINE)]
    doubled = long[long.duplicated(keys, keep=False)]
    if doubled.empty:
        return long, [], doubled
    if endpoint.aggregate is None:
        return long, [], doubled
    # A person's missing records do not enter the mean; all missing stays missing.
    figures = {VALUE: "mean"} | ({BASELINE: "first"} if BASELINE in long else {})
    merged = long.groupby(keys, sort=False, dropna=False).agg(figures).reset_index()
    change = Change(
        step=tell("records of one person and visit averaged"),
        where=endpoint.id,
        count=len(long) - len(merged),
        reason=tell(
            '{records} records became {means} means (aggregate = "mean")',
            records=len(long),
            means=len(merged),
        ),
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
