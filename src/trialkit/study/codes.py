"""Codes of arms and visits: when two of them are the same, and what counts as a number."""

import math
import re
from typing import Final

NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
# Beyond this a square overflows; no measured value comes near.
LARGEST: Final = 1e100


def is_number(text: str) -> bool:
    """Return whether a text is a finite number of a size that can be computed with.

    >>> is_number("1.50"), is_number("1e400"), is_number("nan"), is_number("1,5")
    (True, False, False, False)
    """
    return NUMBER.fullmatch(text) is not None and abs(float(text)) <= LARGEST


def code_key(value: object) -> str:
    """Return a code in the form in which codes are compared: 1, 1.0 and "1" are one code.

    >>> code_key(1), code_key("1.0"), code_key(" m ")
    ('1', '1', 'm')
    """
    text = str(value).strip()
    if not is_number(text):
        return text
    number = float(text)
    return str(int(number)) if math.floor(number) == number else repr(number)
