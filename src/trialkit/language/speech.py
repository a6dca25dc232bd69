"""Messages in the language that is spoken, with plurals by rule and numbers by custom.

English stands in the program, every other language in one catalogue ``catalogues/CODE.po``
that translators' tools read. A message is a whole sentence or label: what is put together
from pieces cannot be translated.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Final

from babel.core import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from trialkit.errors import SpecificationError
from trialkit.language.told import Told, Value

ENGLISH: Final = "en"
CATALOGUES: Final = Path(__file__).parent / "catalogues"

# The language of a process that is not told another; scripts of analyses read it too.
LANGUAGE_VARIABLE: Final = "TRIALKIT_LANGUAGE"
NO_NAMES: Final[Mapping[str, str]] = {}
# Places of told texts in which levels of data, files or codes stand, never an id of the plan.
OF_DATA: Final = frozenset(
    {
        *("trial", "trials", "stratum", "strata", "subgroup", "subgroups"),
        *("level", "levels", "file", "sizes", "source", "value"),
    }
)
# A narrow space that does not break sets thousands apart, from five digits on: the custom of
# the SI units, of journals and of German type alike, and never taken for a decimal mark.
THOUSANDS: Final = "\u202f"
LONG: Final = re.compile(r"(?<![\d.])\d{5,}")
SPOKEN: ContextVar[str | None] = ContextVar("language", default=None)


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages that a report can speak, English first."""
    return (ENGLISH, *sorted(path.stem for path in CATALOGUES.glob("*.po")))


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language inside a ``with`` block: the reports made there are in it.

    Parameters
    ----------
    language : str
        The code of a language: "en", "de".

    Raises
    ------
    SpecificationError
        If there is no catalogue of it.

    Examples
    --------
    >>> with speaking("de"):
    ...     say("{low} to {high}", low="0,4", high="1,0")
    '0,4 bis 1,0'
    """
    token = SPOKEN.set(known(language))
    try:
        yield
    finally:
        SPOKEN.reset(token)


def known(language: str) -> str:
    """Return a language that has a catalogue, or refuse it."""
    if language not in languages():
        raise SpecificationError(
            f"language: expected one of {', '.join(languages())}, found {language!r}"
        )
    return language


def spoken() -> str:
    """Return the code of the language that is spoken: "en" unless told.

    Told it is by ``speaking``, or by the environment variable ``TRIALKIT_LANGUAGE``.
    """
    return SPOKEN.get() or known(os.environ.get(LANGUAGE_VARIABLE) or ENGLISH)


@cache
def translations(language: str) -> NullTranslations:
    """Return the catalogue of a language; English speaks for itself."""
    if language == ENGLISH:
        return NullTranslations()
    with (CATALOGUES / f"{language}.po").open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def say(message: str, /, **values: object) -> str:
    """Return a message with its values in place.

    >>> say("{n} took part", n=12)
    '12 took part'
    """
    said = translations(spoken()).gettext(message)
    return NUMBERS.vformat(said, (), values) if values else said


def later(message: str) -> str:
    """Return a message as it is, for a table from which it is said later.

    Catalogues are filled with what stands in calls of this and of the functions below.
    """
    return message


def later_count(one: str, many: str) -> tuple[str, str]:
    """Return the messages of one and of many, to be said later by ``say_count``."""
    return one, many


def say_as(context: str, message: str, /, **values: object) -> str:
    """Return a message that another language needs to tell from the same English elsewhere.

    >>> say_as("direction", "lower")
    'lower'
    """
    said = translations(spoken()).pgettext(context, message)
    return NUMBERS.vformat(said, (), values) if values else said


def say_count(count: int, one: str, many: str, /, **values: object) -> str:
    """Return the message of one or of many; ``{n}`` stands for the count unless given.

    >>> say_count(1, "{n} person", "{n} people"), say_count(3, "{n} person", "{n} people")
    ('1 person', '3 people')
    """
    said = translations(spoken()).ngettext(one, many, count)
    return NUMBERS.vformat(said, (), {"n": count, **values})


class Numbers(Formatter):
    """Puts values in place, numbers with the decimal mark of the language."""

    def format_field(self, value: object, format_spec: str) -> str:
        """Return a value as its place in the message asks for it."""
        if isinstance(value, str) and format_spec:
            value = float(value)  # an infinite limit is stored as text
        text = format(value, format_spec)
        return as_printed(text) if isinstance(value, int | float) else text

    def get_value(
        self, key: int | str, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> object:
        """Return a value; a seed is a name, not a size, and stands as it is typed."""
        value = super().get_value(key, args, kwargs)
        return str(value) if key == "seed" else value


NUMBERS: Final = Numbers()


def say_again(text: str, names: Mapping[str, str] = NO_NAMES) -> str:
    """Return a told text in the language that is spoken; any other text as it is.

    Parameters
    ----------
    text : str
        What a verb told in English.
    names : mapping
        Ids to labels: what stands by its id in the text, an arm say, is called by its label.

    Examples
    --------
    >>> from trialkit.language.told import tell
    >>> say_again(tell("{level:.1f} % of {arm}", level=12.5, arm="sham"), {"sham": "the control"})
    '12.5 % of the control'
    """
    if not isinstance(text, Told):
        return text
    if not text.messages:
        return text.separator.join(str(part_again(part, text, names)) for part in text.parts)
    if text.number is None:
        said = translations(spoken()).gettext(text.messages[0])
    else:
        one, many = text.messages
        said = translations(spoken()).ngettext(one, many, text.number)
    if not text.values:
        return said
    needed = {place for _, place, _, _ in NUMBERS.parse(said) if place}
    values = {
        place: value_again(text.values[place], NO_NAMES if place in OF_DATA else names)
        for place in needed
    }
    return NUMBERS.vformat(said, (), values)


def part_again(part: str, text: Told, names: Mapping[str, str]) -> Value:
    """Return a part of a list; the 1 of a formula is no arm, though one may be called so."""
    in_formula = not text.separator
    return part if in_formula and part.isdecimal() else value_again(part, names)


def value_again(value: Value, names: Mapping[str, str]) -> Value:
    """Return what stands in a place of a message, in the language that is spoken."""
    if isinstance(value, Told):
        return say_again(value, names)
    return names.get(value, value) if isinstance(value, str) else value


@cache
def locale_of(language: str) -> Locale:
    """Return the customs of a language."""
    return Locale.parse(language)


def decimal_mark() -> str:
    """Return what stands between whole and decimal digits.

    >>> decimal_mark()
    '.'
    """
    return str(locale_of(spoken()).number_symbols["latn"]["decimal"])


def as_printed(number: str) -> str:
    r"""Return a plain number with the decimal mark of the language, its thousands set apart.

    A number of four digits needs no such mark; decimals never have one.

    >>> as_printed("1234"), as_printed("12345.67"), as_printed("0.12345"), as_printed("1e-05")
    ('1234', '12\u202f345.67', '0.12345', '1e-05')
    """
    apart = LONG.sub(lambda whole: f"{int(whole[0]):_}".replace("_", THOUSANDS), number)
    return apart.replace(".", decimal_mark())


def date_words(day: date) -> str:
    """Return a date in the order of the language.

    >>> date_words(date(2025, 10, 21))
    '21 October 2025'
    """
    language = "en_GB" if spoken() == ENGLISH else spoken()
    return format_date(day, format="long", locale=language)
