"""The closing parts: claims in detail, plan and what ran, data, provenance, rerunning."""

from trialkit.language.speech import say
from trialkit.present.retold import retold
from trialkit.present.tables import (
    certificate_table,
    changes_table,
    planned_table,
    provenance_table,
    variables_table,
)
from trialkit.report.captions import table_block
from trialkit.report.claim_blocks import all_verdicts, claim_detail, rules_block
from trialkit.report.document import (
    Block,
    Bullets,
    Heading,
    paragraph,
    plain,
)
from trialkit.report.rerun import rerun_blocks
from trialkit.report.room import NAME, is_long
from trialkit.result.study_results import StudyResults


def claims_part(results: StudyResults) -> tuple[Block, ...]:
    """Return every claim that these outcomes bear on, in full, with the rules of verdicts."""
    if not results.claims:
        return ()
    details = [
        block
        for number, claim in enumerate(results.claims, start=1)
        for block in claim_detail(claim, anchor=f"claim-{number}-{claim.claim}")
    ]
    return (
        Heading(text=say("Claims, one by one"), role="section", anchor="claims"),
        *long_titles(results),
        *rules_block(all_verdicts(results.claims)),
        *details,
    )


def long_titles(results: StudyResults) -> tuple[Block, ...]:
    """Return the titles of the articles whole, where page one had to shorten one."""
    titles = tuple(dict.fromkeys(claim.article_title for claim in results.claims))
    if not any(is_long(title, NAME) for title in titles):
        return ()
    return (
        paragraph(say("The articles that make them:"), role="lead"),
        Bullets(items=tuple(map(plain, titles))),
    )


def plan_part(results: StudyResults) -> tuple[Block, ...]:
    """Return what was planned, what ran, and why the rest did not."""
    table = planned_table(results)
    said = tuple(plain(retold(results.study, note)) for note in results.notes)
    notes = (Bullets(items=said),) if said else ()
    return (
        Heading(text=say("Planned, ran, and why"), role="section", anchor="planned"),
        table_block(table),
        *notes,
    )


def data_part(results: StudyResults) -> tuple[Block, ...]:
    """Return the data certificate, what was changed on reading, and every variable."""
    status = results.study.participants_status
    certificate, changes = certificate_table(results), changes_table(results)
    variables = variables_table(results)
    heading = Heading(text=say("Data"), role="section", anchor="data")
    if results.certificate is None:
        said = " ".join(certificate.footnotes)
        return (heading, paragraph(said))
    return (
        heading,
        table_block(certificate, status),
        *(
            (table_block(changes, status),)
            if changes.rows
            else (paragraph(" ".join(changes.footnotes)),)
        ),
        *([table_block(variables, status)] if variables is not None else []),
    )


def provenance_part(results: StudyResults) -> tuple[Block, ...]:
    """Return what made the results and how to make them again."""
    table = provenance_table(results)
    return (
        Heading(text=say("Provenance, and how to rerun"), role="section", anchor="provenance"),
        table_block(table),
        *rerun_blocks(results),
    )
