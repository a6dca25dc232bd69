"""English sentences that remember what they were made of, so that they can be said again.

A verb tells its method and its notes in English, and they are stored so. A report in another
language needs the message and the values that went into it, not the finished sentence.
"""

from collections.abc import Iterable
from typing import Self

Value = str | int | float


class Told(str):
    """An English text, and the message and values that it was made of.

    It is a ``str`` like any other: compared, joined or formatted it is the text, and the
    result of that is a plain ``str`` that remembers nothing.

    Attributes
    ----------
    messages : tuple of str
        The message, with named places; one and many of it where a count decides; none of a
        list.
    number : int or None
        What decides between one and many.
    values : dict
        What stands in the named places: texts, numbers, or other told texts.
    parts : tuple of str
        The items of a list.
    separator : str
        What stands between the items of a list.
    """

    __slots__ = ("messages", "number", "parts", "separator", "values")

    messages: tuple[str, ...]
    number: int | None
    values: dict[str, Value]
    parts: tuple[str, ...]
    separator: str

    @classmethod
    def made(
        cls,
        text: str,
        *,
        messages: tuple[str, ...] = (),
        number: int | None = None,
        values: dict[str, Value] | None = None,
        parts: tuple[str, ...] = (),
        separator: str = "",
    ) -> Self:
        """Return a text that remembers."""
        told = cls(text)
        told.messages, told.number, told.values = messages, number, values or {}
        told.parts, told.separator = parts, separator
        return told

    def __reduce__(self) -> tuple[object, ...]:
        state = {name: getattr(self, name) for name in self.__slots__}
        return remade, (str(self), state)


def remade(text: str, state: dict[str, object]) -> Told:
    """Return the copy of a told text that another process made."""
    return Told.made(text, **state)  # type: ignore[arg-type]


def tell(message: str, /, **values: Value) -> Told:
    """Return a message with its values in place, in English.

    Messages are collected for translators from calls of this, so they are literal. Numbers
    are passed as they are and formatted by the message, so that another language can set its
    own decimal mark.

    >>> tell("{n} of {total} people did not change", n=3, total=20)
    '3 of 20 people did not change'
    >>> tell("margins {low:g} to {high:g}", low=-0.5, high=0.5)
    'margins -0.5 to 0.5'
    """
    text = message.format(**values) if values else message
    return Told.made(text, messages=(message,), values=values)


def tell_count(count: int, one: str, many: str, /, **values: Value) -> Told:
    """Return the message of one or of many; ``{n}`` stands for the count unless given.

    >>> tell_count(1, "{n} person did not change", "{n} people did not change")
    '1 person did not change'
    """
    values = {"n": count, **values}
    text = (one if count == 1 else many).format(**values)
    return Told.made(text, messages=(one, many), number=count, values=values)


def tell_list(parts: Iterable[str], /, separator: str = ", ") -> Told:
    """Return texts after one another; what is told among them can be said again.

    >>> tell_list([tell("{n} in {arm}", n=2, arm=arm) for arm in ("a", "b")], "; ")
    '2 in a; 2 in b'
    """
    parts = tuple(parts)
    if len(parts) == 1 and isinstance(parts[0], Told):
        return parts[0]
    return Told.made(separator.join(parts), parts=parts, separator=separator)
