"""Tables for the data manager: what was read, what was done to it, what made the results."""

from trialkit.present.exhibit import Column, Table
from trialkit.present.format import MISSING, format_integer
from trialkit.present.table_people import NO_PARTICIPANTS
from trialkit.result.study_results import FileRecord, StudyResults


def certificate_table(results: StudyResults) -> Table:
    """Return the files that were read and what proves them; totals stand under the table."""
    certificate = results.certificate
    files = certificate.files if certificate else ()
    return Table(
        id="certificate",
        title="Data certificate",
        columns=(
            Column(label="File"),
            Column(label="Rows", align="right"),
            Column(label="Columns", align="right"),
            Column(label="sha256"),
            Column(label="Source and licence"),
        ),
        rows=tuple(map(file_row, files)),
        footnotes=certificate_notes(results),
    )


def file_row(file: FileRecord) -> tuple[str, ...]:
    """Return one file's line."""
    origin = "; ".join(filter(None, (file.url, file.licence)))
    return (
        file.name,
        format_integer(file.rows),
        format_integer(file.columns),
        file.sha256,
        origin or "study folder",
    )


def certificate_notes(results: StudyResults) -> tuple[str, ...]:
    """Return the totals of a certificate, its fingerprint and its findings."""
    certificate = results.certificate
    if certificate is None:
        return (NO_PARTICIPANTS,)
    totals = (
        f"{format_integer(certificate.n_records)} records of "
        f"{format_integer(certificate.n_subjects)} people, "
        f"{format_integer(certificate.n_values)} values."
    )
    fingerprint = f"Fingerprint of the analysis dataset: {certificate.fingerprint}."
    return (totals, fingerprint, *(f"Finding: {text}" for text in certificate.findings))


def changes_table(results: StudyResults) -> Table:
    """Return what was done to the data on reading: each step, to how many, and why."""
    changes = results.certificate.changes if results.certificate else ()
    nothing = "Nothing was changed on reading." if results.certificate else NO_PARTICIPANTS
    return Table(
        id="changes",
        title="What was done to the data on reading",
        columns=(
            Column(label="Step"),
            Column(label="Where"),
            Column(label="Count", align="right"),
            Column(label="Why"),
        ),
        rows=tuple(
            (change.step, change.where, format_integer(change.count), change.reason)
            for change in changes
        ),
        footnotes=() if changes else (nothing,),
    )


def provenance_table(results: StudyResults) -> Table:
    """Return what made the results, line by line."""
    made = results.provenance
    seed = MISSING if made.seed is None else format_integer(made.seed)
    lines = (
        ("trialkit", made.trialkit),
        ("Python", made.python),
        ("Platform", made.platform),
        *made.packages,
        ("Command", made.command),
        ("Plan, sha256", made.study_sha256 or MISSING),
        ("Seed", seed),
        ("Results, sha256", results.sha256),
    )
    return Table(
        id="provenance",
        title="What made these results",
        columns=(Column(label="What"), Column(label="Version or value")),
        rows=lines,
    )
