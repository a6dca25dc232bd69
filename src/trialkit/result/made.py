"""Whether a stored message makes the very text that it is stored for.

Results may be edited by hand or come from elsewhere. A message is used only if it is English
that gives its text: then it has every place that it needs, stays as short as its text, and
says nothing else in another language.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from string import Formatter
from typing import TYPE_CHECKING, Final

from trialkit.errors import Finding

if TYPE_CHECKING:
    from trialkit.result.messages import StoredMessage

    Messages = Mapping[str, StoredMessage]

NAMED: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Decimals and their kind: no width, by which a short message would fill the memory.
FORMAT: Final = re.compile(r"\+?,?(\.\d{1,2})?[efg%]?")
DEEPEST: Final = 30  # texts inside texts; four are the most that any method makes
LONGEST: Final = 60  # characters of a text that a finding repeats


def impossible_messages(messages: "Iterable[StoredMessage]") -> list[Finding]:
    """Return every stored message that does not make its text, with its place in the file."""
    known: dict[str, StoredMessage] = {}
    depths: dict[str, int] = {}
    found = []
    for at, message in enumerate(messages):
        wrong = fault(message, known)
        depth = 1 + max((depths.get(text, 0) for text in inner_texts(message)), default=0)
        if wrong is None and depth > DEEPEST:
            wrong = f"at most {DEEPEST} texts inside one another"
        if wrong is not None:
            text = message.text
            shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
            found.append(Finding(where=f"messages[{at}]", expected=wrong, found=repr(shown)))
        known.setdefault(message.text, message)
        depths.setdefault(message.text, depth)
    return found


def fault(message: "StoredMessage", known: "Messages") -> str | None:
    """Return what a message should be and is not; None if it makes its text.

    ``known`` are the messages before it, the only ones that may stand inside it.
    """
    if not message.text or message.text in known:
        return "a text that is not empty and stands here once"
    if not set(inner_texts(message)) <= known.keys():
        return "inner texts that are stored before the text they stand in"
    if message.messages:
        return fault_of_sentence(message)
    if message.values or message.number is not None or not message.parts:
        return "either messages with their values, or parts with their separator"
    made = message.separator.join(message.parts)
    return None if made == message.text else "parts that give the text"


def inner_texts(message: "StoredMessage") -> Iterator[str]:
    """Yield the texts inside a message that are stored themselves; "" for a place without one."""
    for place in message.inner:
        if place in message.values:
            value = message.values[place]
            yield value if isinstance(value, str) else ""
        else:
            at = int(place) if place.isdecimal() and len(place) < len("1000000") else -1
            yield message.parts[at] if 0 <= at < len(message.parts) else ""


def fault_of_sentence(message: "StoredMessage") -> str | None:
    """Return what a message with named places should be and is not."""
    if message.parts or len(message.messages) != (1 if message.number is None else 2):
        return "one message, or one and many beside their number, and no parts"
    try:
        texts = message.messages if message.values else ()  # else nothing is put in place
        places = [place for text in texts for place in places_of(text)]
        fitting = all(fits(message.values, *place) for place in places)
        made = [in_english(text, message.values) for text in message.messages] if fitting else []
    except (ValueError, KeyError, IndexError, TypeError, OverflowError):
        made = []
    if not made:
        return "messages whose places are names with a value each, at most with decimals"
    text = made[0] if message.number in (None, 1) else made[1]
    return None if text == message.text else "messages and values that give the text"


def places_of(message: str) -> list[tuple[str, str, str | None]]:
    """Return the name, the format and the conversion of every place of a message."""
    return [
        (name, written or "", conversion)
        for _, name, written, conversion in Formatter().parse(message)
        if name is not None
    ]


def places_with_format(messages: Iterable[str]) -> set[str]:
    """Return the places of messages in which a number stands."""
    return {name for text in messages for name, written, _ in places_of(text) if written}


def fits(
    values: Mapping[str, str | int | float], name: str, written: str, conversion: str | None
) -> bool:
    """Return whether a place is a plain name, with a number where it has a format."""
    if NAMED.fullmatch(name) is None or name not in values or conversion not in (None, "r"):
        return False
    return not written or (FORMAT.fullmatch(written) is not None and is_number(values[name]))


def is_number(value: str | float) -> bool:
    """Return whether a value is a number, or what JSON has in place of an infinite one."""
    return not isinstance(value, str) or value in {"Infinity", "-Infinity"}


def in_english(message: str, values: Mapping[str, str | int | float]) -> str:
    """Return a message with its values in place, as the program told it."""
    if not values:
        return message
    numbers = places_with_format([message])
    return message.format(
        **{
            name: float(value) if name in numbers and isinstance(value, str) else value
            for name, value in values.items()
        }
    )
