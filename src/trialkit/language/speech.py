"""Messages in the language that is spoken, with plurals by rule and numbers by custom.

English stands in the program, every other language in one catalogue ``catalogues/CODE.po``
that translators' tools read. A message is a whole sentence or label: what is put together
from pieces cannot be translated.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.core import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from trialkit.errors import SpecificationError

ENGLISH: Final = "en"
CATALOGUES: Final = Path(__file__).parent / "catalogues"

# The language of a process that is not told another; scripts of analyses read it too.
LANGUAGE_VARIABLE: Final = "TRIALKIT_LANGUAGE"
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
    return said.format(**values) if values else said


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
    return said.format(**values) if values else said


def say_count(count: int, one: str, many: str, /, **values: object) -> str:
    """Return the message of one or of many; ``{n}`` stands for the count unless given.

    >>> say_count(1, "{n} person", "{n} people"), say_count(3, "{n} person", "{n} people")
    ('1 person', '3 people')
    """
    said = translations(spoken()).ngettext(one, many, count)
    return said.format(**{"n": count, **values})


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


def date_words(day: date) -> str:
    """Return a date in the order of the language.

    >>> date_words(date(2025, 10, 21))
    '21 October 2025'
    """
    language = "en_GB" if spoken() == ENGLISH else spoken()
    return format_date(day, format="long", locale=language)
