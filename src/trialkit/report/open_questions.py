"""What a study cannot tell: in short on page one, in full further on where that is not all."""

from collections.abc import Sequence
from typing import Final

from trialkit.language.speech import say
from trialkit.present.grammar import mid_sentence
from trialkit.present.synopsis import limits
from trialkit.present.wording import amount, interval_words, outcome_words, side_of
from trialkit.report.choice import MainResult, leading_quantities, main_result
from trialkit.report.document import Block, Bullets, Heading, Place, Run, Runs, plain
from trialkit.report.room import ITEM, letters, more_in, runs_in_room
from trialkit.result.answering import at_asked_visit
from trialkit.result.study_results import StudyResults

# What page one has room for: items, of them outcomes that stay open, and letters in all.
MOST_ITEMS: Final = 7
MOST_OPEN: Final = 2
MOST_LETTERS: Final = 800


def in_full() -> Place:
    """Return where every limit stands, if page one has no room for all."""
    return Place(anchor="limits", text=say("What this study cannot tell, in full"))


def open_questions(results: StudyResults, main: MainResult | None) -> tuple[Runs, ...]:
    """Return the limits of the study, and after the first the outcomes that stay open."""
    said: list[Runs] = [
        (Run(text, "strong" if loud else "plain"),) for text, loud in limits(results.study)
    ]
    return (*said[:1], *open_outcomes(results, main)[:MOST_OPEN], *said[1:])


def questions_in_room(results: StudyResults, main: MainResult | None) -> tuple[Runs, ...]:
    """Return the open questions that page one has room for, and a link to where all stand."""
    asked = open_questions(results, main)
    shown = tuple(runs_in_room(item, ITEM) for item in chosen(asked))
    if shown == asked:
        return shown
    place = in_full()
    absent = len(asked) - len(shown)
    if not absent:
        return (*shown, more_in(place))
    said = say("{n} more in “{section}”", n=absent, section=place.text)
    return (*shown, (Run(said, "muted", href=f"#{place.anchor}"),))


def chosen(items: Sequence[Runs]) -> list[Runs]:
    """Return the items that fit page one, in their order; the first loud one always does."""
    loud = [item for item in items if item[0].style == "strong"][:1]
    left = MOST_LETTERS - sum(min(letters(item), ITEM) for item in loud)
    kept: list[Runs] = []
    for item in items:
        if item in loud:
            continue
        left -= min(letters(item), ITEM)
        if left < 0 or len(kept) + len(loud) == MOST_ITEMS:
            break
        kept.append(item)
    return [item for item in items if item in kept or item in loud]


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
            found.append(
                plain(
                    say(
                        "about {outcome}: {amount}, {limits}",
                        outcome=what,
                        amount=amount(study, row),
                        limits=interval_words(study, row),
                    )
                )
            )
    return found


def limits_part(results: StudyResults) -> tuple[Block, ...]:
    """Return every open question in full, where page one had no room for that."""
    main = main_result(results)
    asked = open_questions(results, main)
    if questions_in_room(results, main) == asked:
        return ()
    place = in_full()
    return (
        Heading(text=place.text, role="section", anchor=place.anchor),
        Bullets(items=asked),
    )
