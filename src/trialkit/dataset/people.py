"""The people of a study: their arm, their own columns, the populations they belong to."""

import pandas as pd

from trialkit.dataset.columns import code_keys, condition_mask
from trialkit.errors import DataError, Finding
from trialkit.study.codes import code_key
from trialkit.study.study import Study
from trialkit.terms import (
    ADAM_COLUMNS,
    ARM_CODE,
    ARM_LABEL,
    USUBJID,
    VALUE,
    VISIT_NUMBER,
    YES_NO,
    population_flag,
)


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
        *arm_findings(frame, coded, study, known=tuple(codes)),
        *wide_subject_findings(coded, study),
    ]
    if findings:
        raise DataError(f"the people of {study.id} are not as study.toml says", findings)
    return coded


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


def arm_findings(
    frame: pd.DataFrame, coded: pd.DataFrame, study: Study, *, known: tuple[str, ...]
) -> list[Finding]:
    """Return arm codes that no arm declares, and arms without a person."""
    findings = []
    if study.data.arm is not None:
        unknown = frame[coded[ARM_CODE].isna()]
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


def subject_table(frame: pd.DataFrame, coded: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row a person, and the columns of the data that are the same in all records.

    Both are in the same order. The second holds the columns as they were read, under
    their own names; the first leaves out those whose names are derived.
    """
    people = coded[USUBJID]
    grouped = frame.groupby(people, sort=False)
    constant = [name for name in frame.columns if grouped[name].nunique().le(1).all()]
    own = grouped[constant].first()
    derived = coded.groupby(people, sort=False)[[ARM_CODE, ARM_LABEL]].first()
    kept = own.drop(columns=[name for name in constant if name in ADAM_COLUMNS])
    return derived.join(kept).reset_index(), own.reset_index(drop=True)


def with_population_flags(
    subjects: pd.DataFrame, own: pd.DataFrame, values: pd.DataFrame, study: Study
) -> pd.DataFrame:
    """Add one flag a population: Y for its members.

    Conditions look at the columns as they stand in the data (``own``).
    """
    flagged = subjects.copy()
    present = values[values[VALUE].notna()]
    for position, population in enumerate(study.population):
        lacking = [item.column for item in population.where if item.column not in own]
        if lacking:
            raise DataError(
                f"population[{position}].where: expected columns with one value a person, "
                f"found {', '.join(lacking)}, which vary within a person"
            )
        member = condition_mask(own, population.where)
        for visit in population.requires_visits:
            order = study.find_visit(visit).order
            seen = present.loc[present[VISIT_NUMBER].eq(order), USUBJID]
            member &= subjects[USUBJID].isin(seen)
        if not member.any():
            raise DataError(f"population {population.id}: nobody belongs to it")
        flagged[population_flag(population.id)] = member.map(YES_NO)
    return flagged
