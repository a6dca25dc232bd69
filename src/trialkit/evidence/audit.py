"""Whether printed figures fit together, allowing for how they were rounded.

Every number comes as the text that is printed, since ``"2.480"`` says more than ``"2.48"``.
A figure is recomputed from every value that the printed ones may stand for; it is
consistent if the interval so found holds a value that rounds to what is printed.
"""

from itertools import product

from trialkit.errors import SpecificationError
from trialkit.evidence.audit_finding import (
    UNPRINTED,
    AuditFinding,
    between,
    judged,
    magnitude,
    not_checked,
    not_negative,
    optional,
    require_level,
    require_people,
)
from trialkit.evidence.rounding import nearest_printed, overlap, printed
from trialkit.numerics.published import (
    correlation_of_changes,
    std_dev_of_changes,
    std_dev_of_interval,
)
from trialkit.terms import IntervalQuantile, allowed


def audit_std_dev(
    *,
    conf_low: str,
    conf_high: str,
    n: int,
    printed_std_dev: str | None = None,
    conf_level: float = 0.95,
    quantile: IntervalQuantile = "t",
) -> AuditFinding:
    """Recover a standard deviation from the confidence interval of a mean, and check it.

    Parameters
    ----------
    conf_low, conf_high : str
        The limits as printed.
    n : int
        People behind the mean.
    printed_std_dev : str, optional
        As printed; without it the figure is recovered and nothing is checked.
    conf_level : float
        Of the interval, in (0, 1).
    quantile : "t" or "normal"
        What the half width was made with: n - 1 degrees of freedom, or the normal.

    Examples
    --------
    >>> finding = audit_std_dev(conf_low="6.9", conf_high="8.8", n=50)
    >>> round(finding.low, 2), round(finding.high, 2)
    (3.17, 3.52)
    """
    if quantile not in allowed(IntervalQuantile):
        raise SpecificationError(
            f"quantile: expected one of {', '.join(allowed(IntervalQuantile))}, found {quantile!r}"
        )
    require_people(n, at_least=2)
    require_level(conf_level)
    low, high = printed(conf_low, name="conf_low"), printed(conf_high, name="conf_high")
    middle = float(high.value - low.value) / 2
    half = (max((high.low - low.high) / 2, 0.0), middle, (high.high - low.low) / 2)
    if half[2] <= 0:
        raise SpecificationError(
            f"conf_low, conf_high: expected the first below the second, found {conf_low!r} and "
            f"{conf_high!r}"
        )
    ends = [
        std_dev_of_interval(width, n, conf_level=conf_level, normal=quantile == "normal")
        for width in half
    ]
    how = f"An interval from {low.text} to {high.text} of {n} people"
    number = optional(printed_std_dev)
    return judged("standard deviation", number, ends, value=ends[1], how=how)


def audit_std_error(printed_std_error: str, *, std_dev: str, n: int) -> AuditFinding:
    """Check a standard error of a mean against the standard deviation and n.

    Examples
    --------
    >>> audit_std_error("0.18", std_dev="1.04", n=32).verdict
    'consistent'
    """
    require_people(n, at_least=2)
    spread = not_negative(std_dev, name="std_dev")
    ends = [max(end, 0.0) / n**0.5 for end in (spread.low, spread.high)]
    number, value = printed(printed_std_error, name="printed"), float(spread.value) / n**0.5
    how = f"A standard deviation of {spread.text} of {n} people"
    return judged("standard error", number, ends, value=value, how=how)


def audit_change_std_dev(
    *,
    mean_before: str,
    mean_after: str,
    statistic: str,
    n: int,
    printed_std_dev: str | None = None,
) -> AuditFinding:
    """Recover the standard deviation of changes from two means and their paired t.

    Examples
    --------
    >>> finding = audit_change_std_dev(
    ...     mean_before="6.86", mean_after="6.41", statistic="2.476", n=32)
    >>> round(finding.low, 2), round(finding.high, 2)
    (1.01, 1.05)
    """
    ends = change_ends(mean_before, mean_after, statistic, n)
    how = f"Means of {mean_before} and {mean_after} with t = {statistic} of {n} people"
    if ends is None:
        return not_checked("standard deviation of the changes", printed_std_dev, how)
    value = change_value(mean_before, mean_after, statistic, n)
    number = optional(printed_std_dev)
    return judged("standard deviation of the changes", number, ends, value=value, how=how)


def audit_correlation(
    *,
    mean_before: str,
    mean_after: str,
    std_dev_before: str,
    std_dev_after: str,
    statistic: str,
    n: int,
    printed_correlation: str | None = None,
) -> AuditFinding:
    """Recover the correlation before and after from means, standard deviations and paired t.

    Without a printed correlation the finding is inconsistent where no correlation between
    -1 and 1 gives the printed figures.

    Examples
    --------
    >>> finding = audit_correlation(
    ...     mean_before="6.86", mean_after="6.41", std_dev_before="1.04", std_dev_after="1.32",
    ...     statistic="2.476", n=32)
    >>> finding.verdict, round((finding.low + finding.high) / 2, 2)
    ('consistent', 0.64)
    """
    how = (
        f"Means of {mean_before} and {mean_after}, standard deviations of {std_dev_before} and "
        f"{std_dev_after} and t = {statistic} of {n} people"
    )
    changes = change_ends(mean_before, mean_after, statistic, n)
    before = not_negative(std_dev_before, name="std_dev_before")
    after = not_negative(std_dev_after, name="std_dev_after")
    if changes is None or before.low <= 0 or after.low <= 0:
        return not_checked("correlation", printed_correlation, how)
    ends = correlation_ends((before.low, before.high), (after.low, after.high), changes)
    value = correlation_of_changes(
        float(before.value),
        float(after.value),
        change_value(mean_before, mean_after, statistic, n),
    )
    if printed_correlation is not None:
        number = optional(printed_correlation)
        return judged("correlation", number, ends, value=value, how=how)
    low, high = min(ends), max(ends)
    possible = overlap(low, high, -1.0, 1.0)
    return AuditFinding(
        quantity="correlation",
        verdict="consistent" if possible else "inconsistent",
        printed=None,
        value=value,
        low=low,
        high=high,
        sentence=f"{how} need a correlation between before and after "
        f"{between(low, high, UNPRINTED)}, which "
        + ("is possible." if possible else "no data can have."),
    )


def audit_interval(estimate: str, *, conf_low: str, conf_high: str) -> AuditFinding:
    """Check that an estimate lies within its own confidence interval.

    Examples
    --------
    >>> print(audit_interval("0.439", conf_low="-0.164", conf_high="0.419"))
    The estimate 0.439 lies outside its own interval from -0.164 to 0.419.
    """
    number = printed(estimate, name="estimate")
    low, high = printed(conf_low, name="conf_low"), printed(conf_high, name="conf_high")
    inside = overlap(low.low, high.high, number.low, number.high)
    return AuditFinding(
        quantity="estimate within its interval",
        verdict="consistent" if inside else "inconsistent",
        printed=number.text,
        low=low.low,
        high=high.high,
        nearest=None if inside else nearest_printed(float(low.value), float(high.value), number),
        sentence=f"The estimate {number.text} lies {'within' if inside else 'outside'} its own "
        f"interval from {low.text} to {high.text}.",
    )


def change_ends(
    mean_before: str, mean_after: str, statistic: str, n: int
) -> tuple[float, float] | None:
    """Return the least and greatest standard deviation of changes; None where t may be 0."""
    require_people(n, at_least=2)
    before = printed(mean_before, name="mean_before")
    after = printed(mean_after, name="mean_after")
    t = magnitude(printed(statistic, name="statistic"))
    if t[0] <= 0:
        return None
    change = (after.low - before.high, after.high - before.low)
    least = 0.0 if change[0] <= 0 <= change[1] else min(map(abs, change))
    ends = std_dev_of_changes(least, t[1], n), std_dev_of_changes(max(map(abs, change)), t[0], n)
    return min(ends), max(ends)


def change_value(mean_before: str, mean_after: str, statistic: str, n: int) -> float:
    """Return the standard deviation of changes from the figures just as printed."""
    before, after, t = (
        float(printed(text, name="figure").value) for text in (mean_before, mean_after, statistic)
    )
    return std_dev_of_changes(after - before, t, n)


def correlation_ends(
    before: tuple[float, float], after: tuple[float, float], changes: tuple[float, float]
) -> list[float]:
    """Return correlations among which are the least and the greatest possible.

    The correlation falls as the changes spread. In each of the two standard deviations it
    has its least value where the square of that one is the difference of the other squares.
    """
    ends = [
        correlation_of_changes(s0, s1, change) for s0, s1, change in product(before, after, changes)
    ]
    for one, other in ((before, after), (after, before)):
        for fixed in other:
            square = fixed**2 - changes[1] ** 2
            if square > 0 and one[0] < square**0.5 < one[1]:
                ends.append(correlation_of_changes(square**0.5, fixed, changes[1]))
    return ends
