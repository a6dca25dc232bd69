"""What the English texts of stored results were made of, so that they can be said again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from numbers import Integral, Real
from typing import Any, Final

from trialkit.language.told import Told, Value
from trialkit.result.made import fault, places_with_format

# The fields of results that verbs, runs and verdicts fill with sentences of their own: no id
# or label is taken for one, even where it reads the same.
SENTENCES: Final = frozenset(
    {
        *("method", "notes", "reason", "reasons", "step", "where", "stage", "findings"),
        *("deviations", "because", "flags", "caveat", "term"),
    }
)
INFINITE: Final = ("Infinity", "-Infinity")  # how JSON has a limit without end


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """One English text: its message with named places, and what stands in them.

    ``messages`` are the message of one and of many where ``number`` decides, and none where
    the text is a list of ``parts``. ``inner`` names the places, and numbers the parts from 0,
    in which a text stands that is stored here too: any other text there is a name.
    """

    text: str
    messages: tuple[str, ...] = ()
    number: int | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    separator: str = ""
    inner: tuple[str, ...] = ()


def told_in(value: object) -> Iterator[Told]:
    """Yield the told texts of results, in the order of their fields, inner ones first."""
    if isinstance(value, Told):
        yield from told_in((*value.values.values(), *value.parts))
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from told_in(item)
    elif is_dataclass(value):
        for each in fields(value):
            yield from told_in(getattr(value, each.name))


def stored_messages(results: object) -> tuple[StoredMessage, ...]:
    """Return what every told text of results was made of, each text once, short ones first.

    A text is longer than the texts in it, so that inner ones come first; the order is the same
    whatever the results were read from.
    """
    told: dict[str, Told] = {}
    for text in told_in(results):
        if text and not is_name(text):
            told.setdefault(str(text), text)
    ordered = sorted(told, key=lambda name: (len(name), name))
    stored: dict[str, StoredMessage] = {}
    for name in ordered:
        message = stored_message(told[name], stored)
        if fault(message, stored) is None:  # else its English stays
            stored[name] = message
    return tuple(stored.values())


def is_name(text: Told) -> bool:
    """Return whether a text is a list of one name, which is that name."""
    return text.parts == (text,) and not isinstance(text.parts[0], Told)


def stored_message(text: Told, shorter: Mapping[str, StoredMessage]) -> StoredMessage:
    """Return what a told text was made of, given those that may stand inside it."""
    standing = {**text.values, **{str(at): part for at, part in enumerate(text.parts)}}
    return StoredMessage(
        text=str(text),
        messages=text.messages,
        number=None if text.number is None else int(text.number),
        values={place: plain(value) for place, value in text.values.items()},
        parts=tuple(map(str, text.parts)),
        separator=text.separator,
        inner=tuple(
            place
            for place, value in standing.items()
            if isinstance(value, Told) and not is_name(value) and str(value) in shorter
        ),
    )


def plain(value: Value) -> Value:
    """Return a value as JSON holds it: numbers of numpy are numbers."""
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else str(value)


def remembering(results: Any, messages: Iterable[StoredMessage]) -> Any:
    """Return results whose sentences remember again what they were made of."""
    known: dict[str, Told] = {}
    for item in messages:  # inner ones come first
        numbers = places_with_format(item.messages) if item.values else set()
        known[item.text] = Told.made(
            item.text,
            messages=item.messages,
            number=item.number,
            values={
                place: standing(value, known, inner=place in item.inner, number=place in numbers)
                for place, value in item.values.items()
            },
            parts=tuple(
                known[part] if str(at) in item.inner else part for at, part in enumerate(item.parts)
            ),
            separator=item.separator,
        )
    return told_again(results, known, sentence=True) if known else results


def standing(value: Value, known: Mapping[str, Told], *, inner: bool, number: bool) -> Value:
    """Return what stands in a place: a text that remembers, a number or a name."""
    if not isinstance(value, str):
        return value
    if inner:
        return known[value]
    return float(value) if number and value in INFINITE else value


def told_again(value: Any, known: Mapping[str, Told], *, sentence: bool = False) -> Any:
    """Return a value with its known sentences in place of equal ones that remember nothing."""
    if isinstance(value, str):
        return known.get(value, value) if sentence else value
    if isinstance(value, tuple):
        items = tuple(told_again(item, known, sentence=sentence) for item in value)
        return value if all(map(same, items, value)) else items
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changed = {}
    for each in fields(value):
        old = getattr(value, each.name)
        new = told_again(old, known, sentence=each.name in SENTENCES)
        if new is not old:
            changed[each.name] = new
    return replace(value, **changed) if changed else value


def same(one: object, other: object) -> bool:
    """Return whether two names stand for one object."""
    return one is other
