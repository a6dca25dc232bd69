"""The part on methods: design, people, outcomes, questions, planned analyses."""

from trialkit.present.format import NO_BREAK
from trialkit.present.grammar import sentence_start
from trialkit.present.synopsis import (
    HARMS,
    MASKINGS,
    METHOD_SENTENCES,
    design_sentence,
    multiplicity_sentences,
)
from trialkit.present.tables import (
    characteristics_table,
    completion_table,
    dictionary_table,
    estimand_table,
    flow_table,
)
from trialkit.report.addresses import doi_address
from trialkit.report.captions import table_block
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
from trialkit.result.study_results import StudyResults
from trialkit.study.study import Study


def methods_part(results: StudyResults) -> tuple[Block, ...]:
    """Return how the study was done and what was planned of it."""
    study = results.study
    return (
        Heading(text="Methods", role="section", anchor="methods"),
        Heading(text="Design", role="subsection", anchor="design"),
        paragraph(design_sentence(study)),
        Definitions(items=header_items(study)),
        *arms_block(study),
        *notes_block(study),
        Heading(text="What was measured", role="subsection", anchor="outcomes"),
        table_block(dictionary_table(results)),
        *questions_block(results),
        *analyses_block(study),
    )


def header_items(study: Study) -> tuple[tuple[str, Runs], ...]:
    """Return what the plan states of the study, in the order of a synopsis."""
    header = study.study
    masking = sentence_start(MASKINGS[header.masking][0]) if header.masking else "not stated"
    plan = {"before_data": "before the data were seen", "after_data": "after the trial"}
    stated: tuple[tuple[str, str | None], ...] = (
        ("Participants", header.participants),
        ("Setting", header.setting),
        ("Masking", masking),
        ("Registration", registration_words(study)),
        ("This plan was written", plan.get(header.plan_written or "")),
        ("Harms", harms_words(study)),
        ("Funding", header.funding),
        ("Interests", header.interests),
    )
    items = [(term, plain(full_stop(text))) for term, text in stated if text]
    if header.citation or header.doi:
        items.append(("Source", citation_runs(header.citation, header.doi)))
    return tuple(items)


def registration_words(study: Study) -> str | None:
    """Return the registration and, where it is known, whether it came before the start."""
    header = study.study
    if header.registration is None:
        return None
    when = {True: ", before the start", False: ", after the start", None: ""}
    return f"{header.registration}{when[header.registered_before_start]}"


def harms_words(study: Study) -> str:
    """Return what is known of harms."""
    if study.study.harms == "collected":
        return "collected"
    return HARMS[study.study.harms].removeprefix("about harms: ")


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
        Heading(text="What was done", role="subsection", anchor="arms"),
        Definitions(items=items),
    )


def notes_block(study: Study) -> tuple[Block, ...]:
    """Return the remarks of the plan's author."""
    if not study.study.notes:
        return ()
    return (
        Heading(text="Notes on the plan", role="subsection", anchor="notes"),
        Bullets(items=tuple(plain(full_stop(note)) for note in study.study.notes)),
    )


def questions_block(results: StudyResults) -> tuple[Block, ...]:
    """Return the estimands."""
    if not results.study.estimand:
        return ()
    table = estimand_table(results)
    return (
        Heading(text="What is asked", role="subsection", anchor="estimands"),
        table_block(table),
    )


def analyses_block(study: Study) -> tuple[Block, ...]:
    """Return what the methods in use do, and what is done about many p-values."""
    methods = dict.fromkeys(item.method for item in study.analysis)
    said = [METHOD_SENTENCES[method] for method in METHOD_SENTENCES if method in methods]
    return (
        Heading(text="How it is analysed", role="subsection", anchor="analyses-planned"),
        Bullets(items=tuple(plain(text) for text in (*said, *multiplicity_sentences(study)))),
    )


def people_part(results: StudyResults) -> tuple[Block, ...]:
    """Return who was studied: flow, characteristics, and whose values are there."""
    status = results.study.participants_status
    tables = [
        *([flow_table(results)] if results.flow else []),
        *([characteristics_table(results)] if results.characteristics else []),
        *([completion_table(results)] if results.certificate else []),
    ]
    if not tables:
        return ()
    return (
        Heading(text="Who was studied", role="section", anchor="people"),
        *(table_block(table, status) for table in tables),
    )
