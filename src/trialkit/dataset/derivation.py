"""One table of records to ADaM form: one row a person, endpoint and visit."""

from dataclasses import dataclass

import pandas as pd

from trialkit.dataset.people import subject_table, with_codes, with_population_flags
from trialkit.dataset.values import analysis_values, with_baseline
from trialkit.language.told import tell
from trialkit.result.study_results import Change
from trialkit.study.study import Study
from trialkit.terms import ADAM_COLUMNS, ARM_CODE, ARM_LABEL, USUBJID


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
    subjects, own = subject_table(frame, coded)
    subjects = with_population_flags(subjects, own, values, study)
    records = with_baseline(values, study).merge(
        subjects.drop(columns=[ARM_CODE, ARM_LABEL]), on=USUBJID, how="left", validate="m:1"
    )
    return Derived(records=records, subjects=subjects, changes=tuple(changes))


def reserved_change(frame: pd.DataFrame, study: Study) -> list[Change]:
    """Return the note that columns with ADaM's derived names were not carried along."""
    plan = study.data
    declared = {plan.subject, plan.arm, plan.visit, plan.parameter, plan.value, plan.baseline}
    declared |= {endpoint.value for endpoint in study.endpoint}
    declared |= {column for endpoint in study.endpoint for column in endpoint.columns.values()}
    reserved = [name for name in ADAM_COLUMNS if name in frame and name not in declared]
    if not reserved:
        return []
    return [
        Change(
            step=tell("columns not carried"),
            where=", ".join(reserved),
            count=len(reserved),
            reason=tell("trialkit derives columns of these names itself"),
        )
    ]
