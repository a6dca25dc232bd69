"""The part on methods: design, people, outcomes, questions, planned analyses."""

from collections.abc import Mapping
from typing import Final

from trialkit.language.speech import later, say
from trialkit.present.conduct import conduct_items
from trialkit.present.figures import flow_figure, has_flow, has_missing, missing_figure
from trialkit.present.format import NO_BREAK
from trialkit.present.grammar import sentence_start
from trialkit.present.model_words import ROUNDING
from trialkit.present.synopsis import (
    MASKINGS,
    METHOD_SENTENCES,
    design_sentence,
    multiplicity_sentences,
)
from trialkit.present.tables import (
    characteristics_table,
    completion_table,
    dictionary_table,
    estimand_sheets,
    flow_table,
    missing_tables,
    other_estimands_table,
)
from trialkit.report.addresses import doi_address
from trialkit.report.captions import figure_block, table_block
from trialkit.report.document import (
    Block,
    Bullets,
    Definitions,
    Heading,
    Run,
    Runs,
    paragraph,
    plain,
)
from trialkit.report.room import SUBTITLE, TITLE, is_long
from trialkit.result.study_results import StudyResults
from trialkit.study.study import Study

HARMS_STATED: Final[Mapping[str | None, str]] = {
    "not_collected": later("harms were not collected"),
    "not_in_data": later("harms are not in the data"),
    None: later("the plan says nothing of them"),
}


def methods_part(results: StudyResults) -> tuple[Block, ...]:
    """Return how the study was done and what was planned of it."""
    study = results.study
    return (
        Heading(text=say("Methods"), role="section", anchor="methods"),
        Heading(text=say("Design"), role="subsection", anchor="design"),
        paragraph(design_sentence(study)),
        Definitions(items=header_items(study)),
        *arms_block(study),
        *conduct_block(study),
        *notes_block(study),
        Heading(text=say("What was measured"), role="subsection", anchor="outcomes"),
        table_block(dictionary_table(results)),
        *questions_block(results),
        *analyses_block(study),
    )


def header_items(study: Study) -> tuple[tuple[str, Runs], ...]:
    """Return what the plan states of the study, in the order of a synopsis."""
    header = study.study
    masking = say(MASKINGS[header.masking][0]) if header.masking else say("not stated")
    plan = {
        "before_data": say("before the data were seen"),
        "after_data": say("after the trial"),
    }
    stated: tuple[tuple[str, str | None], ...] = (
        *head_items(study),
        (say("Participants"), header.participants),
        (say("Setting"), header.setting),
        (say("Masking"), sentence_start(masking)),
        (say("Registration"), registration_words(study)),
        (say("This plan was written"), plan.get(header.plan_written or "")),
        (say("Harms"), harms_words(study)),
        (say("Funding"), header.funding),
        (say("Interests"), header.interests),
    )
    items = [(term, plain(full_stop(text))) for term, text in stated if text]
    if header.citation or header.doi:
        items.append((say("Source"), citation_runs(header.citation, header.doi)))
    return tuple(items)


def head_items(study: Study) -> tuple[tuple[str, str | None], ...]:
    """Return the question, the title and the subtitle that the head of page one had to shorten."""
    header = study.study
    stated = (
        (say("Question"), header.question, TITLE),
        (say("Title"), header.title, TITLE),
        (say("Subtitle"), header.subtitle, SUBTITLE),
    )
    return tuple((term, text) for term, text, most in stated if is_long(text, most))


def registration_words(study: Study) -> str | None:
    """Return the registration and, where it is known, whether it came before the start."""
    header = study.study
    if header.registration is None:
        return None
    if header.registered_before_start is None:
        return header.registration
    if header.registered_before_start:
        return say("{registration}, before the start", registration=header.registration)
    return say("{registration}, after the start", registration=header.registration)


def harms_words(study: Study) -> str:
    """Return what is known of harms."""
    if study.study.harms == "collected":
        return say("collected")
    return say(HARMS_STATED[study.study.harms])


def citation_runs(citation: str | None, doi: str | None) -> Runs:
    """Return a citation, its DOI as a link."""
    runs: tuple[Run, ...] = (Run(full_stop(citation) + " "),) if citation else ()
    if doi is None:
        return runs
    return (*runs, Run(f"doi:{NO_BREAK}{doi}", href=doi_address(doi)), Run("."))


def full_stop(text: str) -> str:
    """Return text that ends as a sentence does."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def arms_block(study: Study) -> tuple[Block, ...]:
    """Return what was done in each arm, where the plan describes it."""
    items = tuple(
        (arm.label, plain(full_stop(arm.description))) for arm in study.arm if arm.description
    )
    if not items:
        return ()
    return (
        Heading(text=say("What was done"), role="subsection", anchor="arms"),
        Definitions(items=items),
    )


def conduct_block(study: Study) -> tuple[Block, ...]:
    """Return how the study was carried out, as far as the plan says."""
    items = conduct_items(study)
    if not items:
        return ()
    return (
        Heading(text=say("How it was carried out"), role="subsection", anchor="conduct"),
        Definitions(items=tuple((term, plain(full_stop(text))) for term, text in items)),
    )


def notes_block(study: Study) -> tuple[Block, ...]:
    """Return the remarks of the plan's author."""
    if not study.study.notes:
        return ()
    return (
        Heading(text=say("Notes on the plan"), role="subsection", anchor="notes"),
        Bullets(items=tuple(plain(full_stop(note)) for note in study.study.notes)),
    )


def questions_block(results: StudyResults) -> tuple[Block, ...]:
    """Return the estimands."""
    if not results.study.estimand:
        return ()
    others = other_estimands_table(results)
    return (
        Heading(text=say("What is asked"), role="subsection", anchor="estimands"),
        *map(table_block, estimand_sheets(results)),
        *([table_block(others)] if others is not None else []),
    )


def analyses_block(study: Study) -> tuple[Block, ...]:
    """Return what the methods in use do, and what is done about many p-values."""
    methods = dict.fromkeys(item.method for item in study.analysis)
    said = [METHOD_SENTENCES[method] for method in METHOD_SENTENCES if method in methods]
    return (
        Heading(text=say("How it is analysed"), role="subsection", anchor="analyses-planned"),
        Bullets(
            items=tuple(
                plain(text)
                for text in (*map(say, said), *multiplicity_sentences(study), say(ROUNDING))
            )
        ),
    )


def people_part(results: StudyResults) -> tuple[Block, ...]:
    """Return who was studied: flow, characteristics, and whose values are there."""
    status = results.study.participants_status
    table = characteristics_table(results)
    who = (table_block(table, status),) if results.characteristics else ()
    blocks = (*flow_blocks(results), *who, *missing_blocks(results))
    if not blocks:
        return ()
    return (Heading(text=say("Who was studied"), role="section", anchor="people"), *blocks)


def missing_blocks(results: StudyResults) -> tuple[Block, ...]:
    """Return whose values are there: main endpoints with reasons, the others in one table."""
    status = results.study.participants_status
    blocks: list[Block] = []
    for endpoint, table in missing_tables(results).items():
        blocks.append(table_block(table, status))
        if has_missing(results, endpoint):
            blocks.append(figure_block(missing_figure(results, endpoint), status))
    others = completion_table(results)
    return (*blocks, *([table_block(others, status)] if others.rows else []))


def flow_blocks(results: StudyResults) -> tuple[Block, ...]:
    """Return the flow diagram; a table where the stored counts name no step of it."""
    if has_flow(results):
        return (figure_block(flow_figure(results), results.study.study.data_status),)
    if any(count.step is None for count in results.flow):
        return (table_block(flow_table(results), results.study.participants_status),)
    return ()
