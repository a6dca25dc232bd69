"""What the English texts of stored results were made of, so that they can be said again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from numbers import Integral, Real
from typing import Any

from trialkit.language.told import Told, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """One English text: its message with named places, and what stands in them.

    ``messages`` are the message of one and of many where ``number`` decides, and none where
    the text is a list of ``parts``. Values and parts may be texts that are stored here too.
    """

    text: str
    messages: tuple[str, ...] = ()
    number: int | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    separator: str = ""


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
    """Return what every told text of results was made of, each text once."""
    told: dict[str, Told] = {}
    for text in told_in(results):
        if text.parts != (text,):  # a list of one name is that name
            told.setdefault(str(text), text)
    return tuple(
        StoredMessage(
            text=name,
            messages=text.messages,
            number=None if text.number is None else int(text.number),
            values={place: plain(value) for place, value in text.values.items()},
            parts=tuple(map(str, text.parts)),
            separator=text.separator,
        )
        for name, text in told.items()
    )


def plain(value: Value) -> Value:
    """Return a value as JSON holds it: numbers of numpy are numbers."""
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else str(value)


def remembering(results: Any, messages: Iterable[StoredMessage]) -> Any:
    """Return results whose texts remember again what they were made of."""
    known: dict[str, Told] = {}
    for item in messages:  # inner ones come first
        known[item.text] = Told.made(
            item.text,
            messages=item.messages,
            number=item.number,
            values={
                place: known.get(value, value) if isinstance(value, str) else value
                for place, value in item.values.items()
            },
            parts=tuple(known.get(part, part) for part in item.parts),
            separator=item.separator,
        )
    return told_again(results, known) if known else results


def told_again(value: Any, known: Mapping[str, Told]) -> Any:
    """Return a value with its known texts in place of equal ones that remember nothing."""
    if isinstance(value, str):
        return known.get(value, value)
    if isinstance(value, tuple):
        items = tuple(told_again(item, known) for item in value)
        return value if all(map(same, items, value)) else items
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changed = {}
    for each in fields(value):
        old = getattr(value, each.name)
        new = told_again(old, known)
        if new is not old:
            changed[each.name] = new
    return replace(value, **changed) if changed else value


def same(one: object, other: object) -> bool:
    """Return whether two names stand for one object."""
    return one is other
