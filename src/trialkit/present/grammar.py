"""Numbers and words agree: singular, direction, capitals inside a sentence."""

from typing import Final

from trialkit.present.format import format_integer
from trialkit.terms import Better

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
    return f"{format_integer(count)} {noun(count, 'person', 'people')}"


def count_of(part: int, whole: int) -> str:
    """Return a count out of another: "3 of 4", or "Both", "All 3", "None of the 2".

    >>> count_of(3, 4), count_of(2, 2), count_of(5, 5), count_of(0, 3), count_of(1, 1)
    ('3 of 4', 'Both', 'All 5', 'None of the 3', 'The one')
    """
    if part == whole:
        return {1: "The one", 2: "Both"}.get(whole, f"All {whole}")
    return f"None of the {whole}" if part == 0 else f"{part} of {whole}"


def lower_or_higher(value: float) -> Better:
    """Return the direction of a difference.

    >>> lower_or_higher(-0.75), lower_or_higher(0.2)
    ('lower', 'higher')
    """
    return "lower" if value < 0 else "higher"


def more_or_fewer(value: float) -> str:
    """Return the direction of a difference of counts.

    >>> more_or_fewer(-0.2), more_or_fewer(0.2)
    ('fewer', 'more')
    """
    return "fewer" if value < 0 else "more"


def is_zero(size: str) -> bool:
    """Return whether a printed number is zero.

    >>> is_zero("0.00"), is_zero("0.01")
    (True, False)
    """
    return not size.strip("0.")


def unit_for(unit: str, size: str) -> str:
    """Return a unit without what stands in brackets; its first word loses its s for 1.

    >>> unit_for("points (0-10 numeric rating)", "0.75"), unit_for("days per 28", "1")
    ('points', 'day per 28')
    """
    bare = unit.partition(" (")[0].strip() or unit
    first, space, rest = bare.partition(" ")
    if size == "1" and first.endswith("s") and first not in KEEP_THEIR_S:
        first = first.removesuffix("s")
    return f"{first}{space}{rest}"


def mid_sentence(label: str) -> str:
    """Return a label as it stands inside a sentence; an abbreviation keeps its capitals.

    >>> mid_sentence("Slow breathing"), mid_sentence("MBSR course"), mid_sentence("12 months")
    ('slow breathing', 'MBSR course', '12 months')
    """
    first = label.partition(" ")[0]
    return label if sum(map(str.isupper, first)) > 1 else label[:1].lower() + label[1:]


def sentence_start(text: str) -> str:
    """Return text with a capital at its beginning.

    >>> sentence_start("cannot tell")
    'Cannot tell'
    """
    return text[:1].upper() + text[1:]
