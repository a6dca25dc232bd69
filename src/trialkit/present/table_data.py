"""Tables for the data manager: what was read, what was done to it, what made the results."""

from trialkit.language.speech import say, say_count
from trialkit.present.exhibit import Column, Table
from trialkit.present.format import MISSING, format_integer
from trialkit.present.grammar import people
from trialkit.present.retold import retold
from trialkit.present.table_people import NO_PARTICIPANTS
from trialkit.result.study_results import FileRecord, StudyResults


def certificate_table(results: StudyResults) -> Table:
    """Return the files that were read and what proves them; totals stand under the table."""
    certificate = results.certificate
    files = certificate.files if certificate else ()
    return Table(
        id="certificate",
        title=say("Data certificate"),
        columns=(
            Column(label=say("File")),
            Column(label=say("Rows"), align="right"),
            Column(label=say("Columns"), align="right"),
            Column(label="sha256"),
            Column(label=say("Source and licence")),
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
        origin or say("study folder"),
    )


def certificate_notes(results: StudyResults) -> tuple[str, ...]:
    """Return the totals of a certificate, its fingerprint and its findings."""
    certificate = results.certificate
    if certificate is None:
        return (say(NO_PARTICIPANTS),)
    totals = say(
        "{records} of {people}, {values}.",
        records=say_count(certificate.n_records, "{n} record", "{n} records"),
        people=people(certificate.n_subjects),
        values=say_count(certificate.n_values, "{n} value", "{n} values"),
    )
    proof = say("Fingerprint of the analysis dataset: {sha256}.", sha256=certificate.fingerprint)
    findings = (
        say("Finding: {text}", text=retold(results.study, text)) for text in certificate.findings
    )
    return (totals, proof, *findings)


def changes_table(results: StudyResults) -> Table:
    """Return what was done to the data on reading: each step, to how many, and why."""
    changes = results.certificate.changes if results.certificate else ()
    nothing = (
        say("Nothing was changed on reading.") if results.certificate else say(NO_PARTICIPANTS)
    )
    return Table(
        id="changes",
        title=say("What was done to the data on reading"),
        columns=(
            Column(label=say("Step")),
            Column(label=say("Where")),
            Column(label=say("Count"), align="right"),
            Column(label=say("Why")),
        ),
        rows=tuple(
            (
                retold(results.study, change.step),
                retold(results.study, change.where),
                format_integer(change.count),
                retold(results.study, change.reason),
            )
            for change in changes
        ),
        footnotes=() if changes else (nothing,),
    )


def provenance_table(results: StudyResults) -> Table:
    """Return what made the results, line by line."""
    made = results.provenance
    seed = MISSING if made.seed is None else str(made.seed)
    lines = (
        ("trialkit", made.trialkit),
        ("Python", made.python),
        (say("Platform"), made.platform),
        *made.packages,
        (say("Command"), made.command),
        (say("Plan, sha256"), made.study_sha256 or MISSING),
        (say("Seed"), seed),
        (say("Results, sha256"), results.sha256),
    )
    return Table(
        id="provenance",
        title=say("What made these results"),
        columns=(Column(label=say("What")), Column(label=say("Version or value"))),
        rows=lines,
    )
