"""Numbers needed to treat, with their direction: NNTB to benefit, NNTH to harm."""

from math import isinf, isnan

from trialkit.present.format import (
    INFINITY,
    MISSING,
    NEEDED_DECIMALS,
    format_interval,
    format_number,
    span,
)


def format_number_needed(value: float | None, *, more_is_benefit: bool = True) -> str:
    """Write a number needed to treat with its direction (Altman 1998): NNTB or NNTH.

    Parameters
    ----------
    value : float or None
        1 / risk difference; negative where the treatment has fewer responders.
    more_is_benefit : bool
        Whether a responder is a person who fares well.

    Examples
    --------
    >>> format_number_needed(5.86), format_number_needed(-7.87), format_number_needed(float("inf"))
    ('NNTB 5.9', 'NNTH 7.9', '∞')
    >>> format_number_needed(-5.6, more_is_benefit=False)
    'NNTB 5.6'
    """
    if value is None or isnan(value):
        return MISSING
    if isinf(value):
        return INFINITY
    name = "NNTB" if (value > 0) == more_is_benefit else "NNTH"
    return f"{name} {format_number(abs(value), NEEDED_DECIMALS)}"


def format_number_needed_interval(
    low: float | None, high: float | None, *, more_is_benefit: bool = True
) -> str:
    """Write the limits of a number needed to treat, through infinity where they differ in sign.

    Parameters
    ----------
    low, high : float or None
        Reciprocals of the upper and the lower limit of the risk difference.
    more_is_benefit : bool
        Whether a responder is a person who fares well.

    Examples
    --------
    >>> format_number_needed_interval(3.05, 9.11), format_number_needed_interval(2.28, -7.87)
    ('NNTB 3.1 to 9.1', 'NNTB 2.3 to ∞ to NNTH 7.9')
    >>> format_number_needed_interval(-20.0, -3.0, more_is_benefit=False)
    'NNTB 3.0 to 20.0'
    >>> format_number_needed_interval(float("inf"), -3.3)
    'NNTH 3.3 to ∞'
    """
    if low is None or high is None:
        return MISSING
    finite = [value for value in (low, high) if not isinf(value)]
    if not finite:
        return INFINITY
    written = [format_number_needed(v, more_is_benefit=more_is_benefit) for v in finite]
    if len(finite) == 1:
        return span(written[0], INFINITY)
    if low * high < 0:
        benefit, harm = sorted(written)
        return span(span(benefit, INFINITY), harm)
    near, far = sorted(map(abs, finite))
    return f"{written[0][:4]} {format_interval(near, far, NEEDED_DECIMALS)}"
