"""What an audit says of one printed figure, and how it is judged."""

from collections.abc import Sequence
from dataclasses import dataclass

from trialkit.errors import SpecificationError
from trialkit.evidence.rounding import Printed, nearest_printed, overlap, printed
from trialkit.terms import AuditVerdict

# Digits that a recomputed figure shows beyond the printed one, and those that it shows
# beside a figure that is not printed.
EXTRA_DIGITS = 2
UNPRINTED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """One printed figure beside what the figures around it say.

    Attributes
    ----------
    quantity : str
        What was checked, in words.
    verdict : "consistent", "inconsistent" or "cannot be checked"
    printed : str or None
        As it stands in print; None where it is not printed.
    value : float or None
        The figure recomputed from the others just as they are printed.
    low, high : float or None
        The least and the greatest value that the others, before they were rounded, may
        give. None where nothing can be recomputed.
    nearest : str or None
        The value nearest to the printed one that would be consistent.
    sentence : str
        The finding in words.
    """

    quantity: str
    verdict: AuditVerdict
    printed: str | None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    nearest: str | None = None
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def judged(
    quantity: str,
    number: Printed | None,
    ends: Sequence[float],
    *,
    value: float,
    how: str,
    remark: str = "",
) -> AuditFinding:
    """Return the finding for a figure recomputed as ``ends``; a remark follows a misfit."""
    low, high = min(ends), max(ends)
    if number is None:
        return AuditFinding(
            quantity=quantity,
            verdict="cannot be checked",
            printed=None,
            value=value,
            low=low,
            high=high,
            sentence=f"{how} gives a {quantity} {between(low, high, UNPRINTED)}; none is printed.",
        )
    fits = overlap(low, high, number.low, number.high)
    found = f"{how} gives a {quantity} {between(low, high, number.decimals)}; "
    said = f"{number.text} is printed" + (", which fits." if fits else ", which does not fit.")
    return AuditFinding(
        quantity=quantity,
        verdict="consistent" if fits else "inconsistent",
        printed=number.text,
        value=value,
        low=low,
        high=high,
        nearest=None if fits else nearest_printed(low, high, number),
        sentence=found + said + ("" if fits else remark),
    )


def not_checked(quantity: str, text: str | None, how: str) -> AuditFinding:
    """Return the finding where the printed figures leave everything open."""
    return AuditFinding(
        quantity=quantity,
        verdict="cannot be checked",
        printed=text,
        sentence=f"{how} leave the {quantity} open: before rounding a figure may be zero.",
    )


def magnitude(number: Printed) -> tuple[float, float]:
    """Return the least and greatest absolute value of a printed number."""
    ends = abs(number.low), abs(number.high)
    return (0.0 if number.low <= 0 <= number.high else min(ends)), max(ends)


def optional(text: str | None) -> Printed | None:
    """Return a printed number, if there is one."""
    return None if text is None else printed(text, name="printed")


def require_people(n: int, *, at_least: int, name: str = "n") -> None:
    """Raise unless a number is whole and large enough."""
    if isinstance(n, bool) or not isinstance(n, int) or n < at_least:
        raise SpecificationError(f"{name}: expected a whole number from {at_least}, found {n!r}")


def require_level(conf_level: float) -> None:
    """Raise unless a confidence level is a number strictly between 0 and 1."""
    is_number = isinstance(conf_level, int | float) and not isinstance(conf_level, bool)
    if not is_number or not 0 < conf_level < 1:
        raise SpecificationError(f"conf_level: expected a number in (0, 1), found {conf_level!r}")


def not_negative(text: str, *, name: str) -> Printed:
    """Read a printed number that cannot lie below zero, such as a standard deviation."""
    number = printed(text, name=name)
    if number.value < 0:
        raise SpecificationError(f"{name}: expected a number not below 0, found {text!r}")
    return number


def between(low: float, high: float, decimals: int) -> str:
    """Write a recomputed figure with two digits more than the printed one."""
    texts = [f"{end:.{decimals + EXTRA_DIGITS}f}" for end in (low, high)]
    return f"of {texts[0]}" if texts[0] == texts[1] else f"between {texts[0]} and {texts[1]}"
