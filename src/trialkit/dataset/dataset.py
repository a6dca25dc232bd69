"""The dataset of a study: checked records, the people, and the certificate of both."""

import hashlib
from dataclasses import dataclass

import pandas as pd

from trialkit.dataset.assembly import assemble
from trialkit.dataset.coarse_decimals import coarse_decimals
from trialkit.dataset.derivation import Derived, derive
from trialkit.errors import DataError
from trialkit.language.told import tell_count
from trialkit.result.study_results import Certificate, Change, FileRecord, VisitCount
from trialkit.study.study import Study
from trialkit.terms import (
    ARM_CODE,
    BASELINE,
    PARAMETER_CODE,
    USUBJID,
    VALUE,
    VISIT_NUMBER,
    population_flag,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """The participants of a study, ready for analysis.

    Attributes
    ----------
    frame : DataFrame
        One row a person, endpoint and visit, with ADaM names: USUBJID, ARMCD (arm id),
        TRT01P (arm label), PARAMCD (endpoint id), PARAM, AVISIT (visit label), AVISITN
        (its order), AVAL, BASE, CHG, PCHG, ABLFL, ANL01FL, one flag a population
        (``ITTFL``), and every column of the data that has one value a person.
    subjects : DataFrame
        One row a person: USUBJID, ARMCD, TRT01P, their columns and flags.
    certificate : Certificate
        What was read and what was done to it; holds no participant's value.
    """

    study: Study
    frame: pd.DataFrame
    subjects: pd.DataFrame
    certificate: Certificate

    def population(
        self, population: str, *, endpoint: str, visit: str | None = None
    ) -> pd.DataFrame:
        """Return the records of an endpoint in a population, at one visit or all."""
        rows = self.frame[
            self.frame[PARAMETER_CODE].eq(endpoint)
            & self.frame[population_flag(population)].eq("Y")
        ]
        if visit is None:
            return rows
        return rows[rows[VISIT_NUMBER].eq(self.study.find_visit(visit).order)]


def read_dataset(study: Study) -> Dataset:
    """Read the participants of a study.

    Parameters
    ----------
    study : Study
        As read by ``read_study``; its folder says where the files are.

    Returns
    -------
    Dataset

    Raises
    ------
    DataUnavailableError
        If a public source has not been fetched yet.
    DataError
        If the files are not as ``study.toml`` says; all findings of one kind at once.
    SpecificationError
        If the study names a file outside its folder, or no participants.

    Examples
    --------
    >>> study = tk.read_study("data/licorice-sore-throat")  # doctest: +SKIP
    >>> tk.read_dataset(study).certificate.n_subjects  # doctest: +SKIP
    235
    """
    if not study.data.tables:
        raise DataError(f"study {study.id} has no participants: [data] names no file or source")
    assembled = assemble(study)
    derived = derive(assembled.frame, study)
    return Dataset(
        study=study,
        frame=derived.records,
        subjects=derived.subjects,
        certificate=certify(
            derived,
            study,
            files=assembled.files,
            changes=(*assembled.changes, *derived.changes),
            n_records=len(assembled.frame),
        ),
    )


def certify(
    derived: Derived,
    study: Study,
    *,
    files: tuple[FileRecord, ...],
    changes: tuple[Change, ...],
    n_records: int,
) -> Certificate:
    """Return the certificate of a dataset."""
    return Certificate(
        files=files,
        fingerprint=fingerprint(derived.records),
        n_records=n_records,
        n_subjects=len(derived.subjects),
        n_values=int(derived.records[VALUE].notna().sum()),
        changes=changes,
        visits=visit_counts(derived, study),
        findings=(*zero_baselines(derived, study), *coarse_decimals(derived.records, study)),
    )


def visit_counts(derived: Derived, study: Study) -> tuple[VisitCount, ...]:
    """Return how many people have a value, by endpoint, visit and arm."""
    values = derived.records[derived.records[VALUE].notna()]
    seen = values.groupby([PARAMETER_CODE, VISIT_NUMBER, ARM_CODE])[USUBJID].nunique()
    planned = derived.records.groupby([PARAMETER_CODE, VISIT_NUMBER]).size()
    people = derived.subjects[ARM_CODE].value_counts()
    return tuple(
        VisitCount(
            endpoint=endpoint.id,
            visit=visit.id,
            arm=arm.id,
            n_subjects=int(people[arm.id]),
            n_with_value=int(seen.get((endpoint.id, visit.order, arm.id), 0)),
        )
        for endpoint in study.measured_endpoints
        for visit in study.visits
        if (endpoint.id, visit.order) in planned.index
        for arm in study.arm
    )


def zero_baselines(derived: Derived, study: Study) -> tuple[str, ...]:
    """Return who has no percent change because the baseline is 0, endpoint by endpoint."""
    people = derived.records.drop_duplicates([USUBJID, PARAMETER_CODE])
    counts = people[people[BASELINE].eq(0)].groupby(PARAMETER_CODE).size()
    return tuple(
        tell_count(
            int(count),
            "{endpoint}: {n} person has a baseline of 0 and so no percent change",
            "{endpoint}: {n} people have a baseline of 0 and so no percent change",
            endpoint=study.find_endpoint(str(endpoint)).label,
        )
        for endpoint, count in counts.items()
    )


def fingerprint(records: pd.DataFrame) -> str:
    """Return the sha256 of the records in canonical order and form.

    The same people, visits and values give the same fingerprint, whatever the order of
    rows and columns in the files.
    """
    columns = [USUBJID, ARM_CODE, PARAMETER_CODE, VISIT_NUMBER, VALUE]
    canonical = records[columns].astype({VISIT_NUMBER: "int64"}).sort_values(columns[:4])
    lines = ("\x1f".join(map(str, row)) for row in canonical.itertuples(index=False, name=None))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
