"""What a printed number may stand for: everything that rounds to it."""

import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from trialkit.errors import SpecificationError

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
BOUND = re.compile(r"(?:p\s*)?([<>≤≥=]?)\s*(.+)", re.IGNORECASE)
# What two programs that agree may still differ by.
SLACK = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A number as it is printed, and what it may have been before it was rounded.

    ``low`` and ``high`` are both possible: which way a five is rounded is not known. A whole
    number of people or events stands for itself alone (``exactly``).
    """

    text: str
    value: Decimal
    decimals: int
    low: float
    high: float

    @property
    def truncated(self) -> tuple[float, float]:
        """What it may have been if its last digits were cut off instead of rounded."""
        step = Decimal(1).scaleb(-self.decimals)
        away = self.value + step if self.value >= 0 else self.value - step
        return float(min(self.value, away)), float(max(self.value, away))


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedP:
    """A printed p-value: a number (``=``), or a bound above (``<``) or below (``>``) it."""

    relation: str
    number: Printed


def printed(text: str, *, name: str) -> Printed:
    """Read a number from print: trailing zeros count, so it must come as text.

    >>> two, three = printed("2.48", name="t"), printed("2.480", name="t")
    >>> (two.low, two.high), (three.low, three.high)
    ((2.475, 2.485), (2.4795, 2.4805))

    Raises
    ------
    SpecificationError
        If it is not text, or not a number.
    """
    if not isinstance(text, str):
        raise SpecificationError(
            f"{name}: expected a number as text, as it is printed ('2.480' says more than "
            f"'2.48'), found {text!r}"
        )
    plain = text.strip().replace("−", "-").replace("–", "-").replace("\N{MIDDLE DOT}", ".")
    if not NUMBER.fullmatch(plain):
        raise SpecificationError(f"{name}: expected a number such as '2.48', found {text!r}")
    value = Decimal(plain)
    decimals = max(-int(value.as_tuple().exponent), 0)
    half = Decimal(5).scaleb(-decimals - 1)
    return Printed(
        text=text.strip(),
        value=value,
        decimals=decimals,
        low=float(value - half),
        high=float(value + half),
    )


def exactly(count: int) -> Printed:
    """Return a count, which nothing was rounded from."""
    return Printed(
        text=str(count), value=Decimal(count), decimals=0, low=float(count), high=float(count)
    )


def printed_p(text: str) -> PrintedP | None:
    """Read a printed p-value: ``".012"``, ``"p < .001"``, ``"> 0.05"``; None for ``"ns"``.

    >>> printed_p("<.001").relation, printed_p("p = .012").number.text, printed_p("n.s.")
    ('<', '.012', None)
    """
    if not isinstance(text, str):
        raise SpecificationError(f"printed: expected a p-value as text, found {text!r}")
    if re.fullmatch(r"n\.?\s*s\.?|not significant", text.strip(), re.IGNORECASE):
        return None
    match = BOUND.fullmatch(text.strip())
    if match is None:
        raise SpecificationError(f"printed: expected a p-value such as '.012', found {text!r}")
    number = printed(match[2], name="printed")
    if not 0 <= number.value <= 1:
        raise SpecificationError(f"printed: expected a p-value in [0, 1], found {text!r}")
    relation = {"": "=", "≤": "<", "≥": ">"}.get(match[1], match[1])
    return PrintedP(relation=relation, number=number)


def overlap(low: float, high: float, other_low: float, other_high: float) -> bool:
    """Return whether two closed intervals share a number, but for rounding of the last digit."""
    slack = SLACK * max(abs(low), abs(high), abs(other_low), abs(other_high))
    return low <= other_high + slack and other_low <= high + slack


def nearest_printed(low: float, high: float, number: Printed) -> str:
    """Return the value nearest to a printed one that, so rounded, fits ``low`` to ``high``.

    >>> nearest_printed(0.01265, 0.01272, printed(".012", name="p"))
    '0.013'
    """
    step = Decimal(1).scaleb(-number.decimals)
    half, slack = step / 2, step * Decimal("1e-9")
    first = ((Decimal(low) - half - slack) / step).to_integral_value(ROUND_CEILING)
    last = ((Decimal(high) + half + slack) / step).to_integral_value(ROUND_FLOOR)
    wanted = (number.value / step).to_integral_value()
    return f"{min(max(wanted, first), last) * step:f}"
