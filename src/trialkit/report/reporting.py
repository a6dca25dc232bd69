"""The parts for whoever audits a report: harms by arm, the checklist, the glossary."""

from collections.abc import Sequence
from typing import Final

from trialkit.language.speech import later, say
from trialkit.present.checklist import (
    STATES,
    Line,
    checklist,
    checklist_summary,
    guideline_of,
)
from trialkit.present.exhibit import Column, Table
from trialkit.present.glossary import glossary
from trialkit.present.harms import harms_table, silence
from trialkit.report.addresses import doi_address
from trialkit.report.captions import table_block
from trialkit.report.document import (
    Block,
    Callout,
    Definitions,
    Heading,
    Paragraph,
    Place,
    Run,
    TableBlock,
    every_block,
    plain,
)
from trialkit.report.phrases import say_runs
from trialkit.result.study_results import StudyResults

FILLED_MEANS: Final = later(
    "Filled means that the report speaks of the item, found by rule in the plan and the stored "
    "results; whether it says enough is for the reader to judge."
)


def harms_part(results: StudyResults) -> tuple[Block, ...]:
    """Return the harms by arm; where nothing is known of them, that this is so."""
    heading = Heading(text=say("Harms"), role="section", anchor="harms")
    why = silence(results)
    if why is None:
        return (heading, table_block(harms_table(results), results.study.study.data_status))
    meant = say("That none are shown here does not mean that there were none.")
    return (heading, Callout(title=why, runs=plain(meant)))


def checklist_part(results: StudyResults, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return the reporting checklist, each item with where it stands among the blocks."""
    headings = {
        block.anchor: say("Page one") if block.role == "title" else block.text
        for block in every_block(blocks)
        if isinstance(block, Heading)
    }
    guideline = guideline_of(results.study)
    reference = say("{paper} {issue}", paper=guideline.paper, issue=guideline.issue)
    doi = guideline.doi
    return (
        Heading(text=say("Reporting checklist"), role="section", anchor="checklist"),
        Paragraph(
            runs=say_runs(
                "{guideline} ({paper}) asks what a report of {designs} has to say; its items are "
                "told here in our own words. {counts}",
                guideline=guideline.name,
                paper=Run(reference, href=doi_address(doi) if doi else None),
                designs=say(guideline.designs),
                counts=checklist_summary(results),
            )
        ),
        checklist_block(results, headings),
    )


def checklist_block(results: StudyResults, headings: dict[str, str]) -> TableBlock:
    """Return the items under their headings, each with its answer and its places."""
    rows: list[tuple[str, ...]] = []
    places: list[tuple[Place, ...]] = []
    inset: list[int] = []
    for heading, lines in checklist(results):
        rows.append((heading, "", "", ""))
        places.append(())
        for line in lines:
            inset.append(len(rows))
            rows.append((line.number, line.topic, say(STATES[line.answer.state]), line.answer.said))
            places.append(places_of(line, headings))
    guideline = guideline_of(results.study)
    table = Table(
        id="checklist",
        title=say("{guideline}, item by item", guideline=guideline.name),
        columns=(
            Column(label=say("Item")),
            Column(label=say("What is asked")),
            Column(label=say("Here")),
            Column(label=say("Remark")),
        ),
        rows=tuple(rows),
        footnotes=(say(FILLED_MEANS), say(guideline.remark)),
        inset=tuple(inset),
    )
    return TableBlock(
        caption=table.title,
        table=table,
        place_head=say("Where"),
        places=tuple(places),
    )


def places_of(line: Line, headings: dict[str, str]) -> tuple[Place, ...]:
    """Return the headings under which an item stands, of those that the report has."""
    wanted = dict.fromkeys(line.answer.places)
    return tuple(
        Place(anchor=anchor, text=headings[anchor]) for anchor in wanted if anchor in headings
    )


def glossary_part(results: StudyResults) -> tuple[Block, ...]:
    """Return what the words of this report mean."""
    return (
        Heading(text=say("Glossary"), role="section", anchor="glossary"),
        Definitions(items=tuple((word, plain(meaning)) for word, meaning in glossary(results))),
    )
