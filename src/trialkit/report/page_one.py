"""Page one, for the clinician: the question, one number, who was studied, what is open."""

from dataclasses import replace
from typing import Final

from trialkit.present.figures import p_value_figure, people_figure
from trialkit.present.grammar import mid_sentence, noun, people, sentence_start
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
    limits,
    strength,
)
from trialkit.present.wording import (
    amount,
    firmness,
    interval_words,
    margin_words,
    outcome_words,
    sees_visits,
    side_of,
)
from trialkit.report.choice import (
    MainResult,
    leading_quantities,
    main_result,
    responders_beside,
)
from trialkit.report.claim_blocks import verdicts_block
from trialkit.report.document import (
    Badge,
    Badges,
    Block,
    Bullets,
    Callout,
    Columns,
    FigureBlock,
    Heading,
    Run,
    Runs,
    paragraph,
    plain,
)
from trialkit.report.key_result import key_result, panel_records
from trialkit.result.answering import at_asked_visit
from trialkit.result.study_results import StudyResults
from trialkit.study.study import Study

# What a printed page one has room for; the rest stands in full further on.
MOST_CLAIMS: Final = 5
MOST_OPEN: Final = 2


def front_page(results: StudyResults) -> tuple[Block, ...]:
    """Return page one: everything on it follows from the stored results by rule."""
    study, main = results.study, main_result(results)
    return (
        paragraph("For clinicians, one page", role="label"),
        Heading(text=question(study), role="title", anchor="top"),
        *subtitle(study),
        badges_block(study, main),
        *simulated_callout(study),
        key_result(results, main),
        *panel_figure(results, main),
        columns(results, main),
        *claims_in_short(results),
    )


def question(study: Study) -> str:
    """Return the question a study asks, its title where none is put."""
    return study.study.question or study.study.title


def subtitle(study: Study) -> tuple[Block, ...]:
    """Return the line under the question, if there is one."""
    text = study.study.subtitle or (study.study.title if study.study.question else None)
    return (paragraph(text, role="subtitle"),) if text else ()


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
        said = "A computer made every number here. They show the method, not the treatment."
        return (Callout(title="SIMULATED DATA.", runs=plain(said), tone="warning"),)
    said = (
        "The published figures here are real. Whatever is marked SIMULATED further on was made "
        "by a computer to show the method."
    )
    return (Callout(title="SIMULATED PARTICIPANTS.", runs=plain(said), tone="warning"),)


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
        Heading(text="Who was studied", role="minor", anchor="who"),
        paragraph(who_was_studied(results, main)),
    )
    unknown = (
        Heading(text="What this study cannot tell", role="minor", anchor="cannot-tell"),
        Bullets(items=open_questions(results, main)),
    )
    counted = out_of_hundred_people(results, main)
    if not counted:
        return Columns(left=(*who, *firm), right=unknown)
    return Columns(left=(*counted, *firm), right=(*who, *unknown))


def out_of_hundred_people(results: StudyResults, main: MainResult | None) -> tuple[Block, ...]:
    """Return the people out of 100 who meet a rule, in the arms that the main result compares."""
    record = responders_beside(results, main) if main is not None else None
    if main is None or record is None or record.result is None:
        return ()
    rule = analysis_rule(results.study, record.analysis)
    said = (
        f"Out of 100 people: {mid_sentence(responder_text(rule))}" if rule else "Out of 100 people"
    )
    asked = {main.estimate.arm, main.estimate.reference_arm}
    shown = [row for row in record.result.estimates if row.arm in asked]
    narrowed = replace(record, result=record.result.with_estimates(shown))
    return (
        Heading(text=said, role="minor", anchor="out-of-100"),
        FigureBlock(
            caption=SIMULATED_MARK if record.data_status == "simulated" else "",
            figure=people_figure(results, narrowed),
        ),
    )


def who_was_studied(results: StudyResults, main: MainResult | None) -> str:
    """Return whom the study is about, how far they came, and how many this result counts."""
    stated = results.study.study.participants
    said = [f"{stated.rstrip('.')}."] if stated else []
    said.append(sentence_start(flow_sentence(results)))
    if main is not None:
        said.append(counted_here(results.study, main))
    return " ".join(filter(None, said))


def counted_here(study: Study, main: MainResult) -> str:
    """Return how many people of each arm the main result counts, if it says."""
    row = main.estimate
    sizes = {
        item.arm: item.n_subjects
        for item in at_asked_visit(study, main.record)
        if item.reference_arm is None and item.n_subjects is not None
    }
    arms = [arm for arm in (row.arm, row.reference_arm) if arm in sizes]
    if len(arms) == 2:
        counts = [f"{sizes[arm]} with {mid_sentence(arm_label(study, arm))}" for arm in arms]
        together = people_in_model(study, main)
        if together is not None:
            visit = visit_label(study, row.visit)
            return (
                f"{people(together)} are in the model, each with the visits they came to; seen at "
                f"the visit “{visit}” were {list_in_words(counts)}."
            )
        return f"This result counts {list_in_words(counts)}."
    return f"This result counts {people(row.n_subjects)}." if row.n_subjects else ""


def people_in_model(study: Study, main: MainResult) -> int | None:
    """Return how many people a model of several visits has; None for any other analysis."""
    if main.record.result is None or not sees_visits(study, main.record):
        return None
    counts = [item.value for item in main.record.result.fit if item.name == "n_subjects"]
    return int(counts[0]) if counts and isinstance(counts[0], int | float) else None


def open_questions(results: StudyResults, main: MainResult | None) -> tuple[Runs, ...]:
    """Return the limits of the study, then the outcomes whose interval leaves them open."""
    said: list[Runs] = [
        (Run(text, "strong" if loud else "plain"),) for text, loud in limits(results.study)
    ]
    return (
        (*said[:1], *open_outcomes(results, main), *said[1:])
        if said
        else tuple(open_outcomes(results, main))
    )


def open_outcomes(results: StudyResults, main: MainResult | None) -> list[Runs]:
    """Return the other planned questions of the same arms that stay open, with intervals."""
    if main is None:
        return []
    study, asked = results.study, main.estimate
    seen = {(asked.parameter, asked.visit)}
    found: list[Runs] = []
    for record in results.analyses:
        for row in at_asked_visit(study, record):
            same_arms = (row.arm, row.reference_arm) == (asked.arm, asked.reference_arm)
            answers = row.quantity in leading_quantities(results, record)
            is_open = answers and row.quantity == asked.quantity
            if (
                not (same_arms and is_open)
                or record.data_status != main.record.data_status
                or (row.parameter, row.visit) in seen
                or side_of(row, alpha=record.alpha) != "unclear"
            ):
                continue
            seen.add((row.parameter, row.visit))
            what = mid_sentence(outcome_words(study, record, row))
            found.append(plain(f"about {what}: {amount(study, row)}, {interval_words(study, row)}"))
    return found[:MOST_OPEN]


def claims_in_short(results: StudyResults) -> tuple[Block, ...]:
    """Return the claims these outcomes bear on, as many as page one has room for."""
    if not results.claims:
        return ()
    more = len(results.claims) - MOST_CLAIMS
    block = verdicts_block(
        results.claims[:MOST_CLAIMS],
        caption="What the articles say, and what these data say",
        anchor="claims-in-short",
    )
    if more <= 0:
        return (block,)
    rest = f"{more} more {noun(more, 'claim', 'claims')} in the part on claims, with the reasons."
    return (block, paragraph(rest, role="small"))


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
        said += [firmness(study, others, row) or "", margin_words(study, row) or ""]
    return (
        Heading(text="How firm is it?", role="minor", anchor="firm"),
        paragraph(" ".join(filter(None, said))),
    )
