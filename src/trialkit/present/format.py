"""Numbers to text: the only module that rounds.

Half away from zero, as SAS prints, on the shortest decimal that gives back the same float:
2.675 becomes 2.68 although its binary value lies just below. A value that rounds to zero
loses its sign; a minus is the true minus sign (U+2212); a missing number is an en dash; the
decimal mark is that of the language that is spoken; from five digits on a narrow space sets
thousands apart (12 345).

Decimals follow one rule. With d decimals declared for an endpoint, a mean, a median, a
quartile and an adjusted mean print d; a standard deviation, a standard error, a change and
a difference print d + 1, since they are small beside the values they are made of.
Percentages and percentage points print one decimal, ratios, effect sizes and statistics two,
coefficients three, numbers needed to treat one, whatever the endpoint.
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from math import isinf, isnan
from typing import Final

from trialkit.language.speech import as_printed, decimal_mark, say
from trialkit.terms import Quantity

MISSING: Final = "–"
MINUS: Final = "−"
INFINITY: Final = "∞"
NO_BREAK: Final = "\u00a0"

# Wide enough for any float: quantize refuses more digits than the context holds.
EXACT: Final = Context(prec=700, rounding=ROUND_HALF_UP)
FINER: Final[frozenset[Quantity]] = frozenset(
    {
        "std_dev",
        "change",
        "mean_difference",
        "median_difference",
        "equivalence",
        "ls_mean_difference",
        "total_effect",
        "direct_effect",
        "indirect_effect",
    }
)
COARSER: Final[frozenset[Quantity]] = frozenset(
    {"mean", "median", "quartile_1", "quartile_3", "ls_mean"}
)
FRACTIONS: Final[frozenset[Quantity]] = frozenset(
    {"proportion", "risk_difference", "probability_of_superiority", "proportion_mediated"}
)
PERCENT_DECIMALS: Final = 1
RATIO_DECIMALS: Final = 2
COEFFICIENT_DECIMALS: Final = 3
NEEDED_DECIMALS: Final = 1
P_DECIMALS: Final = 4
OTHER_DECIMALS: Final[Mapping[Quantity, int]] = {
    "number_needed_to_treat": NEEDED_DECIMALS,
    "coefficient": COEFFICIENT_DECIMALS,
    "path": COEFFICIENT_DECIMALS,
    "heterogeneity": COEFFICIENT_DECIMALS,
    "p_value": P_DECIMALS,
}


def round_half_away(value: float, decimals: int, *, factor: int = 1) -> Decimal:
    """Round a float times a whole factor, half away from zero.

    >>> round_half_away(2.675, 2), round_half_away(-0.125, 2), round_half_away(0.285, 0, factor=100)
    (Decimal('2.68'), Decimal('-0.13'), Decimal('29'))
    """
    exact = Decimal(repr(float(value))) * factor
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), context=EXACT)
    return rounded or abs(rounded)


def is_missing(value: float | None) -> bool:
    """Return whether there is no number: None or NaN."""
    return value is None or isnan(value)


def format_number(value: float | None, decimals: int, *, factor: int = 1) -> str:
    r"""Write a number with a fixed number of decimals.

    Parameters
    ----------
    value : float or None
        None and NaN give an en dash, infinities their sign.
    decimals : int
        Digits after the point.
    factor : int
        What the value is multiplied with before it is rounded: 100 for percentages.

    Examples
    --------
    >>> format_number(2.675, 2), format_number(0.125, 2), format_number(-1.05, 1)
    ('2.68', '0.13', '−1.1')
    >>> format_number(-0.004, 2), format_number(None, 2), format_number(1234567.5, 0)
    ('0.00', '–', '1\u202f234\u202f568')
    """
    if value is None or isnan(value):
        return MISSING
    if isinf(value):
        return INFINITY if value > 0 else MINUS + INFINITY
    return printed(round_half_away(value, decimals, factor=factor))


def printed(value: Decimal) -> str:
    """Write a decimal as it stands, with the true minus and the marks of the language."""
    return as_printed(f"{value:f}".replace("-", MINUS))


def format_signed(value: float | None, decimals: int, *, factor: int = 1) -> str:
    """Write a number with its sign, plus included; what rounds to zero has none.

    >>> format_signed(0.746, 2), format_signed(-0.746, 2), format_signed(0.001, 2)
    ('+0.75', '−0.75', '0.00')
    """
    text = format_number(value, decimals, factor=factor)
    if value is None or isnan(value) or value <= 0 or is_zero(text):
        return text
    return "+" + text


def is_zero(size: str) -> bool:
    """Return whether a printed number is zero.

    >>> is_zero("0.00"), is_zero("0.01")
    (True, False)
    """
    return not size.strip(f"0{decimal_mark()}")


def format_integer(value: float | None) -> str:
    """Write a count.

    >>> format_integer(235), format_integer(None)
    ('235', '–')
    """
    return format_number(value, 0)


def n_equals(n: float | None) -> str:
    r"""Write a number of people as labels do, in one piece.

    >>> n_equals(117)
    'n\xa0=\xa0117'
    """
    return f"n{NO_BREAK}={NO_BREAK}{format_integer(n)}"


def format_interval(
    low: float | None, high: float | None, decimals: int, *, factor: int = 1
) -> str:
    """Write an interval with the decimals of its estimate.

    >>> format_interval(-1.4768, -0.0162, 2), format_interval(None, None, 2)
    ('−1.48 to −0.02', '–')
    """
    if is_missing(low) and is_missing(high):
        return MISSING
    texts = (format_number(limit, decimals, factor=factor) for limit in (low, high))
    return span(*texts)


def span(low: str, high: str) -> str:
    """Write two printed numbers as a range.

    >>> span("0.44", "1.04")
    '0.44 to 1.04'
    """
    return say("{low} to {high}", low=low, high=high)


def format_p_value(p: float | None) -> str:
    """Write a p-value to four decimals, bounded as in SAS listings.

    0.0000 and 1.0000 are never printed: beyond four decimals a p-value is below or above
    a bound, not equal to it. None, an untested quantity, prints as an en dash.

    >>> format_p_value(0.04996), format_p_value(3e-12), format_p_value(1.0), format_p_value(None)
    ('0.0500', '<0.0001', '>0.9999', '–')
    """
    if p is None or isnan(p):
        return MISSING
    if p < 0.0001:
        return f"<{format_number(0.0001, P_DECIMALS)}"
    return f">{format_number(0.9999, P_DECIMALS)}" if p > 0.9999 else format_number(p, P_DECIMALS)


def format_p_equation(p: float | None, symbol: str = "p") -> str:
    r"""Write a p-value as a statement that no line breaks.

    >>> format_p_equation(0.04512), format_p_equation(3e-12), format_p_equation(None)
    ('p\xa0=\xa00.0451', 'p\xa0<\xa00.0001', 'p not given')
    """
    text = format_p_value(p)
    if text == MISSING:
        return say("{symbol} not given", symbol=symbol)
    sign, number = (text[0], text[1:]) if text[0] in "<>" else ("=", text)
    return NO_BREAK.join((symbol, sign, number))


def format_percent(count: float, n: float, decimals: int = 0) -> str:
    r"""Write a count out of n as a percentage; out of nobody there is none.

    >>> format_percent(8, 17), format_percent(1, 8, 1), format_percent(0, 0)
    ('47\xa0%', '12.5\xa0%', '–')
    """
    return format_proportion(count / n if n else None, decimals)


def format_proportion(proportion: float | None, decimals: int = 0) -> str:
    r"""Write a proportion as a percentage, with a space that does not break.

    >>> format_proportion(0.4705882), format_proportion(0.95), format_proportion(0.975, 1)
    ('47\xa0%', '95\xa0%', '97.5\xa0%')
    """
    text = format_number(proportion, decimals, factor=100)
    return text if text == MISSING else f"{text}{NO_BREAK}%"


def format_level(conf_level: float) -> str:
    r"""Write a confidence level with as many decimals as it has.

    >>> format_level(0.95), format_level(0.975)
    ('95\xa0%', '97.5\xa0%')
    """
    percent = (Decimal(repr(float(conf_level))) * 100).normalize()
    return f"{printed(percent)}{NO_BREAK}%"


def format_count(count: float, n: float) -> str:
    r"""Write a count, its n and the percentage, as a responder table shows them.

    >>> format_count(8, 17)
    '8/17 (47.1\xa0%)'
    """
    shares = f"{format_integer(count)}/{format_integer(n)}"
    return f"{shares} ({format_percent(count, n, PERCENT_DECIMALS)})"


def format_mean_sd(mean: float | None, std_dev: float | None, decimals: int) -> str:
    """Write a mean and, with one decimal more, its standard deviation.

    >>> format_mean_sd(16.2, 13.725, 1), format_mean_sd(16.2, None, 1)
    ('16.2 (13.73)', '16.2 (–)')
    """
    if is_missing(mean):
        return MISSING
    return f"{format_number(mean, decimals)} ({format_number(std_dev, decimals + 1)})"


def format_median_quartiles(
    median: float | None, low: float | None, high: float | None, decimals: int
) -> str:
    """Write a median with its quartiles.

    >>> format_median_quartiles(4.5, 3, 6.25, 1)
    '4.5 [3.0, 6.3]'
    """
    if is_missing(median):
        return MISSING
    # A decimal comma needs another mark between two numbers.
    between = ", " if decimal_mark() == "." else "; "
    quartiles = between.join(format_number(value, decimals) for value in (low, high))
    return f"{format_number(median, decimals)} [{quartiles}]"


def format_degrees_of_freedom(df: float | None, df_num: float | None = None) -> str:
    """Write degrees of freedom: whole ones as such, others to one decimal; of an F both.

    >>> format_degrees_of_freedom(34.0), format_degrees_of_freedom(34.218, 2.0)
    ('34', '2, 34.2')
    """
    texts = [
        format_number(value, 0 if float(value).is_integer() else 1)
        for value in (df_num, df)
        if value is not None and not isnan(value)
    ]
    return (", " if decimal_mark() == "." else "; ").join(texts) or MISSING


def quantity_decimals(quantity: Quantity, decimals: int) -> int:
    """Return the decimals a quantity prints with, given those of its endpoint.

    >>> [quantity_decimals(name, 1) for name in ("mean", "std_dev", "ls_mean_difference")]
    [1, 2, 2]
    """
    if quantity in FINER or quantity in COARSER:
        return decimals + (quantity in FINER)
    if quantity in FRACTIONS or quantity == "percent_change":
        return PERCENT_DECIMALS
    return OTHER_DECIMALS.get(quantity, RATIO_DECIMALS)


def quantity_factor(quantity: Quantity) -> int:
    """Return what a quantity is multiplied with to be printed: 100 for percentages."""
    return 100 if quantity in FRACTIONS else 1


def format_quantity(value: float | None, quantity: Quantity, decimals: int) -> str:
    """Write a value of a quantity, without its unit, by the rule of the module.

    Proportions print as percentages, risk differences as percentage points.

    >>> format_quantity(-0.7463, "ls_mean_difference", 1), format_quantity(0.18803, "proportion", 1)
    ('−0.75', '18.8')
    """
    places = quantity_decimals(quantity, decimals)
    return format_number(value, places, factor=quantity_factor(quantity))


def format_quantity_interval(
    low: float | None, high: float | None, quantity: Quantity, decimals: int
) -> str:
    """Write the interval of a quantity by the rule of the module.

    >>> format_quantity_interval(-1.4768, -0.0162, "mean_difference", 1)
    '−1.48 to −0.02'
    >>> format_quantity_interval(0.2604, 0.6904, "proportion", 1)
    '26.0 to 69.0'
    """
    places = quantity_decimals(quantity, decimals)
    return format_interval(low, high, places, factor=quantity_factor(quantity))


def out_of_hundred(proportion: float) -> int:
    """Return how many people out of 100 a proportion is.

    >>> out_of_hundred(8 / 17), out_of_hundred(0.005)
    (47, 1)
    """
    return int(round_half_away(proportion, 0, factor=100))


def format_ticks(values: Iterable[float]) -> list[str]:
    """Write the ticks of an axis with as many decimals as the finest of them needs.

    >>> format_ticks([-1, -0.5, 0, 0.5]), format_ticks([0, 2, 10])
    (['−1.0', '−0.5', '0.0', '0.5'], ['0', '2', '10'])
    """
    listed = list(values)
    # Ten digits: what a float sum of steps leaves beyond them is not meant.
    clean = [round_half_away(value, 10).normalize() for value in listed]
    places = max((-int(value.as_tuple().exponent) for value in clean), default=0)
    return [format_number(value, max(places, 0)) for value in listed]


def round_outwards(value: float, step: float, *, up: bool) -> float:
    """Return the multiple of a step at or beyond a value: where an axis ends.

    >>> round_outwards(7.2, 2.5, up=True), round_outwards(-0.1, 0.5, up=False)
    (7.5, -0.5)
    """
    exact = Decimal(repr(float(step)))
    whole = (Decimal(repr(float(value))) / exact).to_integral_value(
        rounding=ROUND_CEILING if up else ROUND_FLOOR
    )
    return float(whole * exact)


def format_power(value: float) -> str:
    """Write a power of ten: plain down to 0.0001, then with a caret before its exponent.

    >>> format_power(0.01), format_power(1e-6), format_power(1.0)
    ('0.01', '10^−6', '1')
    """
    exponent = Decimal(repr(float(value))).adjusted()
    return format_ticks([value])[0] if exponent >= -4 else f"10^{MINUS}{-exponent}"
