"""Page one, for the clinician: the question, one number, who was studied, what is open."""

from dataclasses import replace
from typing import Final

from trialkit.language.speech import say, say_count
from trialkit.present.diagnostics import fragility_sentence
from trialkit.present.figures import (
    flow_steps_figure,
    has_steps,
    p_value_figure,
    people_figure,
)
from trialkit.present.flow import stored_flow
from trialkit.present.flow_words import losses_sentence, outside_sentence
from trialkit.present.grammar import mid_sentence, people, sentence_start
from trialkit.present.harms import harms_sentences
from trialkit.present.labels import (
    analysis_rule,
    arm_label,
    list_in_words,
    responder_text,
    visit_label,
)
from trialkit.present.synopsis import (
    SIMULATED_MARK,
    badges,
    flow_sentence,
)
from trialkit.present.word_choice import strength
from trialkit.present.wording import (
    firmness,
    margin_words,
    sees_visits,
    side_of,
)
from trialkit.report.choice import (
    MainResult,
    main_result,
    responders_beside,
)
from trialkit.report.claim_blocks import verdicts_block, verdicts_in_room
from trialkit.report.document import (
    Badge,
    Badges,
    Block,
    Bullets,
    Callout,
    Columns,
    FigureBlock,
    Heading,
    Paragraph,
    Place,
    Run,
    paragraph,
    plain,
)
from trialkit.report.key_result import key_result, panel_records
from trialkit.report.open_questions import questions_in_room
from trialkit.report.room import (
    PARAGRAPH,
    SUBTITLE,
    TITLE,
    in_room,
    is_long,
    more_in,
    shortened,
    with_short_names,
)
from trialkit.result.answering import at_asked_visit
from trialkit.result.flow import people_at
from trialkit.result.study_results import StudyResults
from trialkit.study.study import Study

# What a printed page one has room for; the rest stands in full further on.
MOST_CLAIMS: Final = 5


def front_page(results: StudyResults) -> tuple[Block, ...]:
    """Return page one: everything on it follows from the stored results by rule."""
    whole, results = results.study, for_page_one(results)
    study, main = results.study, main_result(results)
    return (
        paragraph(say("For clinicians, one page"), role="label"),
        Heading(text=shortened(question(study), TITLE), role="title", anchor="top"),
        *subtitle(study),
        badges_block(study, main),
        *simulated_callout(study),
        key_result(results, main),
        *panel_figure(results, main),
        columns(results, main),
        *claims_in_short(results),
        *([] if study is whole else [names_in_full()]),
    )


def names_in_full() -> Paragraph:
    """Return where the names stand whole that page one has shortened."""
    place = design_place()
    said = say("Long names are shortened here. In full in “{section}”", section=place.text)
    return paragraph(Run(said, "muted", href=f"#{place.anchor}"), role="small")


def for_page_one(results: StudyResults) -> StudyResults:
    """Return results whose arms, visits and outcomes have names that page one has room for."""
    short = with_short_names(results.study)
    return results if short is results.study else replace(results, study=short)


def question(study: Study) -> str:
    """Return the question a study asks, its title where none is put."""
    return study.study.question or study.study.title


def subtitle(study: Study) -> tuple[Block, ...]:
    """Return the line under the question, if there is one."""
    text = study.study.subtitle or (study.study.title if study.study.question else None)
    place = design_place()
    said = in_room(text, SUBTITLE, place) if text else ()
    if is_long(question(study), TITLE) and not is_long(text, SUBTITLE):
        said = (*said, *((Run(" "),) if said else ()), *more_in(place))
    return (paragraph(*said, role="subtitle"),) if said else ()


def design_place() -> Place:
    """Return where the question, the subtitle and the people stand in full."""
    return Place(anchor="design", text=say("Design"))


def badges_block(study: Study, main: MainResult | None) -> Badges:
    """Return the badges of a study."""
    stand_in = main is not None and main.stands_in
    return Badges(
        badges=tuple(Badge(text=text, tone=tone) for text, tone in badges(study, stand_in=stand_in))
    )


def simulated_callout(study: Study) -> tuple[Block, ...]:
    """Return the loud remark that page one must carry where anything was simulated."""
    if not study.has_simulated_data:
        return ()
    if study.study.data_status == "simulated":
        said = say("A computer made every number here. They show the method, not the treatment.")
        return (Callout(title=say("SIMULATED DATA."), runs=plain(said), tone="warning"),)
    said = say(
        "The published figures here are real. Whatever is marked SIMULATED further on was made by "
        "a computer to show the method."
    )
    return (Callout(title=say("SIMULATED PARTICIPANTS."), runs=plain(said), tone="warning"),)


def panel_figure(results: StudyResults, main: MainResult | None) -> tuple[Block, ...]:
    """Return the panel of published p-values where it is all that page one can show."""
    panels = panel_records(results)
    if main is not None or not panels:
        return ()
    return (FigureBlock(caption="", figure=p_value_figure(results, panels)),)


def columns(results: StudyResults, main: MainResult | None) -> Columns:
    """Return people out of 100 and how firm the result is, beside who was studied and what is open.

    Where nobody is counted out of 100, who was studied stands on the left.
    """
    firm = firmness_block(results, main)
    who = (
        Heading(text=say("Who was studied"), role="minor", anchor="who"),
        *who_was_studied(results, main),
    )
    open_ = questions_in_room(results, main)
    unknown = (
        Heading(text=say("What this study cannot tell"), role="minor", anchor="cannot-tell"),
        Bullets(items=open_),
    ) * bool(open_)
    counted, harmed = out_of_hundred_people(results, main), harms_in_short(results, main)
    if not counted:
        return Columns(left=(*who, *firm), right=(*harmed, *unknown))
    return Columns(left=(*counted, *firm), right=(*who, *harmed, *unknown))


def harms_in_short(results: StudyResults, main: MainResult | None) -> tuple[Block, ...]:
    """Return people with any harm, and with a serious one; who is silent says so elsewhere."""
    said = harms_sentences(results, arms_asked(main))
    if not said:
        return ()
    return (
        Heading(text=say("Harms"), role="minor", anchor="harms-in-short"),
        paragraph(" ".join(said)),
    )


def arms_asked(main: MainResult | None) -> tuple[str, ...]:
    """Return the arms that the main result compares; none where no number leads."""
    asked = () if main is None else (main.estimate.arm, main.estimate.reference_arm)
    return tuple(arm for arm in asked if arm is not None)


def out_of_hundred_people(results: StudyResults, main: MainResult | None) -> tuple[Block, ...]:
    """Return the people out of 100 who meet a rule, in the arms that the main result compares."""
    record = responders_beside(results, main) if main is not None else None
    if main is None or record is None or record.result is None:
        return ()
    rule = analysis_rule(results.study, record.analysis)
    said = (
        say("Out of 100 people: {rule}", rule=mid_sentence(responder_text(rule)))
        if rule
        else say("Out of 100 people")
    )
    asked = {main.estimate.arm, main.estimate.reference_arm}
    shown = [row for row in record.result.estimates if row.arm in asked]
    narrowed = replace(record, result=record.result.with_estimates(shown))
    return (
        Heading(text=said, role="minor", anchor="out-of-100"),
        FigureBlock(
            caption=say(SIMULATED_MARK) if record.data_status == "simulated" else "",
            figure=people_figure(results, narrowed),
        ),
    )


def who_was_studied(results: StudyResults, main: MainResult | None) -> tuple[Block, ...]:
    """Return whom the study is about, how far they came, who was lost, and who is counted."""
    study = results.study
    stated = study.study.participants
    who = in_room(f"{stated.rstrip('.')}.", PARAGRAPH, design_place()) if stated else ()
    counted = counted_here(study, main) if main is not None else ""
    if not has_steps(results):
        said = " ".join(filter(None, (sentence_start(flow_sentence(results)), counted)))
        between = (Run(" "),) if who and said else ()
        return (paragraph(*who, *between, said),)
    lost = losses_sentence(results, arms_asked(main))
    drawn = main is not None and is_drawn(results, main)
    below = " ".join(filter(None, (lost, outside_sentence(results), "" if drawn else counted)))
    simulated = study.study.data_status == "simulated"
    return (
        *([paragraph(*who)] if who else []),
        FigureBlock(
            caption=say(SIMULATED_MARK) if simulated else "", figure=flow_steps_figure(results)
        ),
        *([paragraph(below)] if below else []),
    )


def is_drawn(results: StudyResults, main: MainResult) -> bool:
    """Return whether the flow ends in the very people that the main result counts."""
    if people_in_model(results.study, main) is not None:
        return False  # of a model of several visits more has to be said
    row, sizes = main.estimate, arm_sizes(results.study, main)
    arms = [arm for arm in (row.arm, row.reference_arm) if arm is not None]
    analysed = {arm: people_at(stored_flow(results), "analysed", arm=arm) for arm in arms}
    if all(arm in sizes for arm in arms):
        return bool(arms) and all(sizes[arm] == analysed[arm] for arm in arms)
    return row.n_subjects == sum(n or 0 for n in analysed.values())


def arm_sizes(study: Study, main: MainResult) -> dict[str | None, int]:
    """Return how many people of each arm the main result counts."""
    return {
        item.arm: item.n_subjects
        for item in at_asked_visit(study, main.record)
        if item.reference_arm is None and item.n_subjects is not None
    }


def counted_here(study: Study, main: MainResult) -> str:
    """Return how many people of each arm the main result counts, if it says."""
    row = main.estimate
    sizes = arm_sizes(study, main)
    arms = [arm for arm in (row.arm, row.reference_arm) if arm in sizes]
    if len(arms) == 2:
        counts = [
            say("{n} with {arm}", n=sizes[arm], arm=mid_sentence(arm_label(study, arm)))
            for arm in arms
        ]
        together = people_in_model(study, main)
        if together is not None:
            visit = visit_label(study, row.visit)
            return say(
                "{people} are in the model, each with the visits they came to; seen at the visit "
                "“{visit}” were {counts}.",
                people=people(together),
                visit=visit,
                counts=list_in_words(counts),
            )
        return say("This result counts {counts}.", counts=list_in_words(counts))
    if not row.n_subjects:
        return ""
    return say("This result counts {counts}.", counts=people(row.n_subjects))


def people_in_model(study: Study, main: MainResult) -> int | None:
    """Return how many people a model of several visits has; None for any other analysis."""
    if main.record.result is None or not sees_visits(study, main.record):
        return None
    counts = [item.value for item in main.record.result.fit if item.name == "n_subjects"]
    return int(counts[0]) if counts and isinstance(counts[0], int | float) else None


def claims_in_short(results: StudyResults) -> tuple[Block, ...]:
    """Return the claims these outcomes bear on, as many as page one has room for."""
    if not results.claims:
        return ()
    block = verdicts_block(
        results.claims[:MOST_CLAIMS],
        caption=say("What the articles say, and what these data say"),
        anchor="claims-in-short",
    )
    short = verdicts_in_room(block)
    more = len(results.claims) - MOST_CLAIMS
    if more > 0:
        rest = say_count(
            more,
            "{n} more claim in the part on claims, with the reasons.",
            "{n} more claims in the part on claims, with the reasons.",
        )
        return (short, paragraph(Run(rest, href="#claims"), role="small"))
    if short == block:
        return (block,)
    whole = more_in(Place(anchor="claims", text=say("Claims, one by one")))
    return (short, paragraph(*whole, role="small"))


def firmness_block(results: StudyResults, main: MainResult | None) -> tuple[Block, ...]:
    """Return how far the result carries, by rule."""
    if main is None:
        return ()
    study, row = results.study, main.estimate
    certain = side_of(row, alpha=main.record.alpha) != "unclear"
    status = main.record.data_status
    said = [strength(study, certain=certain, data_status=status)]
    if status != "simulated":
        others = [
            record
            for record in results.analyses
            if record.analysis != main.record.analysis and record.data_status == status
        ]
        fragile = fragility_sentence(results, main.record, row)
        said += [fragile or "", firmness(study, others, row) or "", margin_words(study, row) or ""]
    return (
        Heading(text=say("How firm is it?"), role="minor", anchor="firm"),
        paragraph(" ".join(filter(None, said))),
    )
