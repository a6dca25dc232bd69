"""The room that page one has for what an author types: the rest stands whole further on.

The rule is one of letters, not of a page, so that every format and every paper say the same.
A text too long for its place keeps as many whole sentences as fit it, or where not even the
first fits, whole words. An ellipsis says that there is more, and a link leads to it.
"""

import re
from collections.abc import Sequence
from typing import Final, TypeVar

from trialkit.language.speech import say
from trialkit.report.document import Place, Run, Runs
from trialkit.study.specification import Arm, Endpoint, Visit
from trialkit.study.study import Study

Named = TypeVar("Named", Arm, Visit, Endpoint)

# Letters: of a title of three lines, of a subtitle of two, of a paragraph of half the width,
# of an item of a list, of one cell of the claims.
TITLE: Final = 160
SUBTITLE: Final = 220
PARAGRAPH: Final = 320
ITEM: Final = 180
CELL: Final = 240
NAME: Final = 80

ELLIPSIS: Final = "…"
SENTENCE_END: Final = re.compile(r"[.!?]['\"’”“)\]]*(?=\s)")


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many letters: whole sentences, else words, and an ellipsis.

    Examples
    --------
    >>> shortened("It helps. Nobody knows why.", 20)
    'It helps. …'
    >>> shortened("It helps whoever asks for it.", 20)
    'It helps whoever …'
    """
    if len(text) <= most:
        return text
    room = max(most - 2, 1)
    ends = [end.end() for end in SENTENCE_END.finditer(text) if end.end() <= room]
    if ends:
        return f"{text[: ends[-1]]} {ELLIPSIS}"
    kept = text[:room]
    words = kept if text[room].isspace() else kept.rpartition(" ")[0] or kept
    return f"{words.rstrip(' ,;:–-')} {ELLIPSIS}"


def is_long(text: str | None, most: int) -> bool:
    """Return whether a text has to be shortened."""
    return text is not None and len(text) > most


def more_in(place: Place) -> Runs:
    """Return the link to where a text stands whole; print adds the page."""
    said = say("More in “{section}”", section=place.text)
    return (Run(said, "muted", href=f"#{place.anchor}"),)


def in_room(text: str, most: int, place: Place) -> Runs:
    """Return a text, or what there is room for with a link to the whole."""
    if len(text) <= most:
        return (Run(text),)
    return (Run(f"{shortened(text, most)} "), *more_in(place))


def runs_in_room(runs: Runs, most: int) -> Runs:
    """Return runs of at most so many letters, each shortened by what the others left it."""
    kept: list[Run] = []
    left = most
    for run in runs:
        if left <= 0:
            break
        text = shortened(run.text, left)
        kept.append(Run(text, run.style, run.href))
        left -= len(run.text)
    return tuple(kept)


def with_short_names(study: Study) -> Study:
    """Return a study whose arms, visits and outcomes have names that page one has room for.

    Two that would be called the same are told apart by their ids.
    """
    names = [
        *(arm.label for arm in study.arm),
        *(visit.label for visit in study.visit),
        *(endpoint.label for endpoint in study.endpoint),
    ]
    if not any(is_long(name, NAME) for name in names):
        return study
    return study.model_copy(
        update={
            "arm": with_short_labels(study.arm),
            "visit": with_short_labels(study.visit),
            "endpoint": with_short_labels(study.endpoint),
        }
    )


def with_short_labels(items: tuple[Named, ...]) -> tuple[Named, ...]:
    """Return items whose labels are no longer than a name may be."""
    labels = [shortened(item.label, NAME) for item in items]
    return tuple(
        item
        if label == item.label
        else item.model_copy(
            update={"label": f"{label} ({item.id})" if labels.count(label) > 1 else label}
        )
        for item, label in zip(items, labels, strict=True)
    )


def letters(runs: Sequence[Run]) -> int:
    """Return how many letters runs have."""
    return sum(len(run.text) for run in runs)
