"""Whether printed counts, percentages and means of whole numbers are possible."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from trialkit.errors import SpecificationError
from trialkit.evidence.audit_finding import AuditFinding, require_people
from trialkit.evidence.rounding import Printed, exactly, nearest_printed, overlap, printed


def audit_sum(parts: Sequence[str | int], total: str | int) -> AuditFinding:
    """Check that parts add up to their total: arms to everyone, percentages to 100.

    Parameters
    ----------
    parts, total : str or int
        Whole numbers are counts and stand for themselves; with a decimal point they are
        rounded figures.

    Examples
    --------
    >>> print(audit_sum([113, 73, 60], 245))
    113 + 73 + 60 = 246, but 245 is printed.
    """
    if isinstance(parts, str) or not isinstance(parts, Iterable):
        raise SpecificationError(
            f"parts: expected a list of numbers such as [113, 73, 60], found {parts!r}"
        )
    numbers = [count_or_printed(part, name=f"parts[{i}]") for i, part in enumerate(parts)]
    if not numbers:
        raise SpecificationError("parts: expected one number or more, found none")
    whole = count_or_printed(total, name="total")
    low, high = sum(part.low for part in numbers), sum(part.high for part in numbers)
    fits = overlap(low, high, whole.low, whole.high)
    added = " + ".join(part.text for part in numbers)
    exact = sum((part.value for part in numbers), start=whole.value * 0)
    printed_so = "as printed" if fits and exact == whole.value else f"{whole.text} is printed"
    if fits and exact != whole.value:
        sentence = f"{added} = {exact}; {printed_so}, which rounding allows."
    else:
        sentence = f"{added} = {exact}, {'' if fits else 'but '}{printed_so}."
    return AuditFinding(
        quantity="sum",
        verdict="consistent" if fits else "inconsistent",
        printed=whole.text,
        value=float(exact),
        low=low,
        high=high,
        nearest=None if fits else nearest_printed(low, high, whole),
        sentence=sentence,
    )


def grim(mean: str, *, n: int, items: int = 1) -> AuditFinding:
    """Check that a mean of whole-number scores can be the mean of n people (GRIM).

    The sum of n x items whole numbers is whole, so their mean is a multiple of
    1 / (n items). Where these lie closer together than the printed decimals tell apart,
    every mean is possible and nothing can be checked.

    Parameters
    ----------
    mean : str
        As printed.
    n : int
        People.
    items : int
        Whole-number items that are averaged within each person.

    References
    ----------
    Brown NJL, Heathers JAJ (2017). Soc Psychol Personal Sci 8:363-369.

    Examples
    --------
    >>> grim("5.19", n=28).verdict, grim("5.18", n=28).verdict, grim("5.19", n=250).verdict
    ('inconsistent', 'consistent', 'cannot be checked')
    """
    require_people(n, at_least=1)
    require_people(items, at_least=1, name="items")
    number = printed(mean, name="mean")
    pieces = n * items
    of = f"{n} people" if items == 1 else f"{n} people with {items} items"
    if pieces >= 10**number.decimals:
        return AuditFinding(
            quantity="mean of whole numbers",
            verdict="cannot be checked",
            printed=number.text,
            sentence=f"A mean of whole numbers of {of} can be any number of "
            f"{number.decimals} decimals, so {number.text} cannot be checked.",
        )
    exact, half = Fraction(number.value), Fraction(5, 10 ** (number.decimals + 1))
    below = Fraction((exact * pieces).__floor__(), pieces)
    candidates = (below, below + Fraction(1, pieces))
    closest = min(candidates, key=lambda candidate: abs(candidate - exact))
    fits = abs(closest - exact) <= half
    nearest = nearest_printed(float(closest), float(closest), number)
    return AuditFinding(
        quantity="mean of whole numbers",
        verdict="consistent" if fits else "inconsistent",
        printed=number.text,
        value=float(closest),
        low=float(closest),
        high=float(closest),
        nearest=None if fits else nearest,
        sentence=f"{number.text} can be the mean of whole numbers of {of}: "
        f"{closest.numerator * (pieces // closest.denominator)} / {pieces}."
        if fits
        else f"{number.text} cannot be the mean of whole numbers of {of}; the nearest is "
        f"{nearest}.",
    )


def audit_percentage(printed_percentage: str, *, n: int, events: int | None = None) -> AuditFinding:
    """Check that a printed percentage is that of some, or of the printed, number of people.

    Parameters
    ----------
    printed_percentage : str
        As printed, without the sign: ``"52"``, ``"43.6"``.
    n : int
        People that it is a percentage of.
    events : int, optional
        The people counted, where they are printed too.

    Raises
    ------
    SpecificationError
        If a number cannot be read, or there are more events than people.

    Examples
    --------
    >>> print(audit_percentage("23", n=48))
    23 % of 48 people are 11 (22.92 %).
    >>> audit_percentage("24", n=48).verdict
    'inconsistent'
    """
    require_people(n, at_least=1)
    number = printed(printed_percentage, name="printed")
    if events is not None:
        require_people(events, at_least=0, name="events")
        if events > n:
            raise SpecificationError(f"events: expected at most the {n} people, found {events}")
    wanted = Fraction(number.value) * n / 100
    below = wanted.__floor__()
    # Nobody makes a negative percentage, and no more than everyone one above 100.
    possible = (min(max(count, 0), n) for count in (below, below + 1))
    counts = tuple(possible) if events is None else (events,)
    closest = min(counts, key=lambda count: abs(count - wanted))
    share = float(Fraction(100 * closest, n))
    fits = 0 <= closest <= n and overlap(share, share, number.low, number.high)
    if fits:
        sentence = f"{number.text} % of {n} people are {closest} ({share:.2f} %)."
    elif events is None:
        sentence = f"No number of {n} people is {number.text} %; {closest} are {share:.2f} %."
    else:
        sentence = f"{events} of {n} people are {share:.2f} %, but {number.text} % is printed."
    return AuditFinding(
        quantity="percentage",
        verdict="consistent" if fits else "inconsistent",
        printed=number.text,
        value=share,
        low=share,
        high=share,
        nearest=None if fits else nearest_printed(share, share, number),
        sentence=sentence,
    )


def count_or_printed(number: str | int, *, name: str) -> Printed:
    """Return a whole number as it is, and one with decimals as what rounds to it."""
    if isinstance(number, int):
        return exactly(number)
    read = printed(number, name=name)
    return exactly(int(read.value)) if read.decimals == 0 else read
