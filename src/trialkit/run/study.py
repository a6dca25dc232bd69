"""A study from its plan to its results."""

import platform
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeGuard

from trialkit.analysis.multiplicity import adjust_p_values, is_tested
from trialkit.dataset.dataset import Dataset, read_dataset
from trialkit.dataset.files import file_sha256
from trialkit.errors import (
    ConvergenceError,
    DataUnavailableError,
    Finding,
    NotEstimableError,
    SpecificationError,
)
from trialkit.evidence.verdicts import judge_for_study
from trialkit.language.told import tell
from trialkit.result.analysis_result import AnalysisResult
from trialkit.result.answering import answering_rows
from trialkit.result.study_results import AnalysisRecord, Provenance, StudyResults
from trialkit.result.versions import package_version, package_versions, platform_name
from trialkit.run.baseline import balance_rows, characteristic_rows
from trialkit.run.diagnostics import main_diagnostics
from trialkit.run.flow import flow_counts
from trialkit.run.flow_arithmetic import require_flow
from trialkit.run.missing import missing_counts
from trialkit.run.planned import run_planned
from trialkit.run.rare_levels import noted, with_numbered_levels
from trialkit.run.summaries import binned, descriptive_results
from trialkit.run.variables import variable_records
from trialkit.run.visits import visit_completions
from trialkit.study.article import Article
from trialkit.study.plan import Analysis
from trialkit.study.read import STUDY_FILE, read_articles, read_study
from trialkit.study.study import Study
from trialkit.terms import DataStatus

ARTICLES = "articles"


def run_study(
    study: Study | str | Path,
    dataset: Dataset | None = None,
    *,
    articles: Sequence[Article] | None = None,
) -> StudyResults:
    """Carry out every planned analysis of a study.

    Parameters
    ----------
    study : Study, str or Path
        The study, or its folder.
    dataset : Dataset, optional
        Its participants; read from where the study says if not given. Where a public
        source has not been fetched, only the analyses of printed figures run, and the
        results say so.
    articles : sequence of Article, optional
        Whose claims to judge; those of the ``articles`` folder beside the study's folder
        if not given.

    Returns
    -------
    StudyResults
        Every planned analysis, run or not and why not, with adjusted p-values, summaries
        of the participants, verdicts on the claims that link to the study, and the
        provenance of all of it.

    Raises
    ------
    SpecificationError, DataError
        If the plan or the data are not usable; all findings of one kind at once.

    Examples
    --------
    >>> results = tk.run_study("data/licorice-sore-throat")  # doctest: +SKIP
    >>> results.find_record("any-pain-30-min").result.tidy()  # doctest: +SKIP
    """
    if not isinstance(study, Study):
        study = read_study(study)
    notes: tuple[str, ...] = ()
    if dataset is None and study.data.tables:
        try:
            dataset = read_dataset(study)
        except DataUnavailableError as error:
            notes = (error.args[0],)  # not str(error), as below
    records = adjusted(study, carry_out(study, dataset))
    flow = flow_counts(study, dataset, records)
    require_flow(study, flow)
    if articles is None:
        articles = () if study.folder is None else read_articles(study.folder.parent / ARTICLES)
    distributions, transitions = binned(study, dataset) if dataset else ((), ())
    results = StudyResults(
        study=study.model_copy(update={"folder": None}),
        certificate=dataset.certificate if dataset else None,
        flow=flow,
        characteristics=characteristic_rows(study, dataset) if dataset else (),
        balance=balance_rows(study, dataset) if dataset else (),
        missing=missing_counts(study, dataset) if dataset else (),
        descriptives=descriptive_results(study, dataset) if dataset else (),
        distributions=distributions,
        transitions=transitions,
        completions=visit_completions(study, dataset, records) if dataset else (),
        variables=variable_records(study, dataset) if dataset else (),
        analyses=records,
        diagnostics=main_diagnostics(study, dataset, records) if dataset else (),
        deviations=deviations(study, records),
        provenance=provenance(study),
        notes=notes,
    )
    return replace(results, claims=judge_for_study(articles, results))


def carry_out(study: Study, dataset: Dataset | None) -> tuple[AnalysisRecord, ...]:
    """Return the record of every planned analysis; impossible plans are raised together."""
    records: list[AnalysisRecord] = []
    findings: list[Finding] = []
    for position, analysis in enumerate(study.analysis):
        try:
            records.append(carry_out_one(study, analysis, dataset))
        except SpecificationError as error:
            findings.append(
                Finding(
                    where=f"analysis[{position}] ({analysis.id})",
                    expected="an analysis that its verb can carry out",
                    found=str(error),
                )
            )
    if findings:
        raise SpecificationError(f"the plan of {study.id} cannot be carried out", findings)
    return tuple(records)


def carry_out_one(study: Study, analysis: Analysis, dataset: Dataset | None) -> AnalysisRecord:
    """Return the record of one planned analysis, run or not."""
    status = data_status(study, analysis)
    if analysis.data == "participants" and dataset is None:
        reason = tell("the participants' data have not been fetched")
        return AnalysisRecord(
            analysis=analysis.id, status="not_run", data_status=status, reason=reason
        )
    notes: tuple[str, ...] = ()
    if dataset is not None:
        dataset, notes = with_numbered_levels(dataset, analysis)
    try:
        result = run_planned(study, analysis, dataset)
    except (NotEstimableError, ConvergenceError) as error:
        reason = error.args[0]  # not str(error), which forgets what the message is made of
        return AnalysisRecord(
            analysis=analysis.id, status="not_run", data_status=status, reason=reason
        )
    return AnalysisRecord(
        analysis=analysis.id, status="ran", data_status=status, result=noted(result, notes)
    )


def data_status(study: Study, analysis: Analysis) -> DataStatus:
    """Return whether an analysis rests on real people, simulated ones or printed figures."""
    if analysis.data == "participants":
        return study.participants_status
    return "simulated" if study.study.data_status == "simulated" else "published_figures"


def adjusted(study: Study, records: tuple[AnalysisRecord, ...]) -> tuple[AnalysisRecord, ...]:
    """Return the records with the p-values of each declared family adjusted.

    A family is adjusted over what ran; an analysis of printed figures that stands in for
    one of participants does not enter a family in which that one ran.
    """
    by_id = {record.analysis: record for record in records}
    for family, rule in study.multiplicity.items():
        members = [
            (record, alone)
            for record in family_members(study, family, by_id)
            if has_test(alone := answers(study, record))
        ]
        if not members:
            continue
        tested = adjust_p_values([alone for _, alone in members], procedure=rule.procedure)
        for (record, _), result in zip(members, tested, strict=True):
            by_id[record.analysis] = replace(
                record,
                result=with_adjusted(record, result),
                procedure=rule.procedure,
                alpha=rule.alpha,
            )
    return tuple(by_id[record.analysis] for record in records)


def family_members(
    study: Study, family: str, by_id: dict[str, AnalysisRecord]
) -> list[AnalysisRecord]:
    """Return the records of a family, run or not, without what stands beside its original."""
    return [
        by_id[analysis.id]
        for analysis in study.analysis
        if analysis.family == family and not stands_beside(analysis, by_id)
    ]


def answers(study: Study, record: AnalysisRecord) -> AnalysisResult | None:
    """Return a result with only the rows that answer its method's question."""
    if record.result is None:
        return None
    return record.result.with_estimates(answering_rows(study, record))


def has_test(result: AnalysisResult | None) -> TypeGuard[AnalysisResult]:
    """Return whether a result holds a test that a family can adjust."""
    return result is not None and any(is_tested(row) for row in result.estimates)


def with_adjusted(record: AnalysisRecord, alone: AnalysisResult) -> AnalysisResult | None:
    """Return a record's result with the adjusted rows in their places."""
    if record.result is None:
        return None
    adjusted_rows = {replace(row, p_adjusted=None): row for row in alone.estimates}
    return record.result.with_estimates(
        adjusted_rows.get(replace(row, p_adjusted=None), row) for row in record.result.estimates
    )


def stands_beside(analysis: Analysis, by_id: dict[str, AnalysisRecord]) -> bool:
    """Return whether an analysis stands in for one that ran itself."""
    return analysis.stands_in_for is not None and by_id[analysis.stands_in_for].status == "ran"


def deviations(study: Study, records: tuple[AnalysisRecord, ...]) -> tuple[str, ...]:
    """Return what was planned and not done, a sentence each."""
    not_run = [
        tell(
            "{analysis}: not run, {reason}",
            analysis=study.find_analysis(record.analysis).label or record.analysis,
            reason=record.reason or "",
        )
        for record in records
        if record.status == "not_run"
    ]
    return (*not_run, *shrunk_families(study, records))


def shrunk_families(study: Study, records: tuple[AnalysisRecord, ...]) -> list[str]:
    """Return the families that were adjusted over fewer analyses than planned, a sentence each."""
    by_id = {record.analysis: record for record in records}
    said: list[str] = []
    for family in study.multiplicity:
        members = family_members(study, family, by_id)
        stand_ins = {item.id for item in study.analysis if item.stands_in_for is not None}
        planned = [item for item in members if item.analysis not in stand_ins]
        ran = [item for item in planned if item.result is not None]
        if ran and len(ran) < len(planned):
            said.append(
                tell(
                    "Family '{family}': adjusted over {n} of {total} planned analyses, so its "
                    "adjusted p-values are smaller than those planned",
                    family=family,
                    n=len(ran),
                    total=len(planned),
                )
            )
    return said


def provenance(study: Study) -> Provenance:
    """Return what made the results."""
    plan = study.folder / STUDY_FILE if study.folder is not None else None
    return Provenance(
        trialkit=package_version("trialkit"),
        python=platform.python_version(),
        platform=platform_name(),
        packages=package_versions(),
        command=f"trialkit run data/{study.id}",
        study_sha256=file_sha256(plan) if plan is not None and plan.is_file() else None,
    )
