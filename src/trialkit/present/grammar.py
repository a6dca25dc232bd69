"""Numbers and words agree: singular, direction, capitals inside a sentence."""

from typing import Final

from trialkit.language.speech import say, say_as, say_count
from trialkit.present.format import format_integer

KEEP_THEIR_S: Final = frozenset({"mins", "hrs", "loss", "us", "ms", "gas"})


def noun(count: int | str, one: str, many: str) -> str:
    """Return the singular for 1, else the plural.

    >>> noun(1, "person", "people"), noun(0, "person", "people"), noun("1.0", "point", "points")
    ('person', 'people', 'points')
    """
    return one if str(count) == "1" else many


def people(count: int) -> str:
    """Return a count of people.

    >>> people(1), people(86)
    ('1 person', '86 people')
    """
    return say_count(count, "{n} person", "{n} people", n=format_integer(count))


def lower_or_higher(size: str, value: float) -> str:
    """Return the size of a difference with its direction.

    >>> lower_or_higher("0.75 points", -0.75), lower_or_higher("0.2", 0.2)
    ('0.75 points lower', '0.2 higher')
    """
    if value < 0:
        return say("{size} lower", size=size)
    return say("{size} higher", size=size)


def more_or_fewer(size: str, value: float) -> str:
    """Return the size of a difference of counts out of 100 with its direction.

    >>> more_or_fewer("20", -0.2), more_or_fewer("20", 0.2)
    ('20 fewer in 100', '20 more in 100')
    """
    if value < 0:
        return say("{size} fewer in 100", size=size)
    return say("{size} more in 100", size=size)


def unit_for(unit: str, size: str) -> str:
    """Return a unit without what stands in brackets; its first word loses its s for 1.

    A unit that the catalogue knows is written in the language that is spoken.

    >>> unit_for("points (0-10 numeric rating)", "0.75"), unit_for("days per 28", "1")
    ('points', 'day per 28')
    """
    bare = unit.partition(" (")[0].strip() or unit
    first, space, rest = bare.partition(" ")
    if size == "1" and first.endswith("s") and first not in KEEP_THEIR_S:
        first = first.removesuffix("s")
    return say_as("unit", f"{first}{space}{rest}")


def mid_sentence(label: str) -> str:
    """Return a label as it stands inside a sentence; an abbreviation keeps its capitals.

    >>> mid_sentence("Slow breathing"), mid_sentence("MBSR course"), mid_sentence("12 months")
    ('slow breathing', 'MBSR course', '12 months')
    """
    first = label.partition(" ")[0]
    kept = say_as("custom: capital of a label inside a sentence", "dropped") != "dropped"
    if kept or sum(map(str.isupper, first)) > 1:
        return label
    return label[:1].lower() + label[1:]


def sentence_start(text: str) -> str:
    """Return text with a capital at its beginning.

    >>> sentence_start("cannot tell")
    'Cannot tell'
    """
    return text[:1].upper() + text[1:]
