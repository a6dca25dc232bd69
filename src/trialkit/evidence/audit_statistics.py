"""Whether a printed p-value fits the statistic, or the intervals, printed beside it."""

from collections.abc import Sequence
from itertools import product

from trialkit.errors import SpecificationError
from trialkit.evidence.audit_finding import (
    AuditFinding,
    between,
    magnitude,
    require_level,
)
from trialkit.evidence.rounding import (
    Printed,
    PrintedP,
    nearest_printed,
    overlap,
    printed,
    printed_p,
)
from trialkit.numerics.published import (
    p_value_of_chi_square,
    p_value_of_f,
    p_value_of_t,
    std_error_of_interval,
)
from trialkit.terms import PrintedStatistic, allowed

Df = int | str | None
INFINITE = float("inf")


def audit_p_value(
    printed_p_value: str,
    *,
    statistic: str,
    kind: PrintedStatistic = "t",
    df: Df = None,
    df_num: Df = None,
) -> AuditFinding:
    """Check a printed p-value against the test statistic and degrees of freedom beside it.

    Parameters
    ----------
    printed_p_value : str
        ``".012"``, ``"p < .001"``, ``"> 0.05"``; ``"ns"`` cannot be checked.
    statistic : str
        As printed; the sign of t and z does not matter, since p is two-sided.
    kind : "t", "F", "chi2" or "z"
    df : int or str
        Degrees of freedom, of F those of the denominator; text where they are rounded, as
        Welch's are (``"23.4"``). None for z.
    df_num : int or str
        Degrees of freedom of the numerator of F.

    Returns
    -------
    AuditFinding
        ``low`` and ``high`` are the least and greatest p that the printed statistic allows.
        A p that fits only if its digits were cut off, or only one-sided, is inconsistent
        and the sentence says so.

    Raises
    ------
    SpecificationError
        If a number cannot be read, degrees of freedom are absent or too many, or F or
        chi-square is below zero.

    References
    ----------
    Nuijten MB, et al. (2016). Behav Res Methods 48:1205-1226. R: package ``statcheck``.

    Examples
    --------
    >>> finding = audit_p_value(".012", statistic="6.47", kind="F", df_num=1, df=88)
    >>> finding.verdict, finding.nearest
    ('inconsistent', '0.013')
    >>> audit_p_value("<.001", statistic="3.746", kind="t", df=31).verdict
    'consistent'
    """
    if kind not in allowed(PrintedStatistic):
        raise SpecificationError(
            f"kind: expected one of {', '.join(allowed(PrintedStatistic))}, found {kind!r}"
        )
    number = printed(statistic, name="statistic")
    freedoms = degrees(kind, df_num=df_num, df=df)
    low, high = p_limits(kind, number, freedoms)
    middles = [(first + last) / 2 for first, last in freedoms]
    value = p_of(kind, float(number.value), middles)
    named = written_test(kind, statistic, df_num=df_num, df=df)
    return p_finding(printed_p_value, value, (low, high), how=named, two_sided=kind in {"t", "z"})


def audit_difference(
    printed_p_value: str,
    *,
    treatment: tuple[str, str, str],
    reference: tuple[str, str, str],
    conf_level: float = 0.95,
) -> AuditFinding:
    """Check the p-value of a difference against the estimate and interval of each arm.

    By the normal approximation, with the standard errors behind the intervals: good for
    arms of some size that are analysed apart; a model with covariates gives a smaller p.

    Parameters
    ----------
    printed_p_value : str
        As printed.
    treatment, reference : (str, str, str)
        Estimate, lower and upper limit of each arm, as printed.
    conf_level : float
        Of the intervals, in (0, 1).

    Examples
    --------
    >>> finding = audit_difference(
    ...     ".51", treatment=("-1.6", "-2.5", "-0.7"), reference=("-2.0", "-2.9", "-1.1"))
    >>> finding.verdict, round(finding.value, 2)
    ('consistent', 0.54)
    """
    require_level(conf_level)
    arms = [
        estimate_and_limits(texts, name=name)
        for name, texts in (("treatment", treatment), ("reference", reference))
    ]
    (one, _, _), (other, _, _) = arms
    value = difference_p(
        float(one.value - other.value),
        [float(high.value - low.value) / 2 for _, low, high in arms],
        conf_level,
    )
    gap = (one.low - other.high, one.high - other.low)
    least = 0.0 if gap[0] <= 0 <= gap[1] else min(map(abs, gap))
    narrow = [max((high.low - low.high) / 2, 0.0) for _, low, high in arms]
    wide = [(high.high - low.low) / 2 for _, low, high in arms]
    ends = (
        difference_p(max(map(abs, gap)), narrow, conf_level),
        difference_p(least, wide, conf_level),
    )
    told = [f"{estimate} ({low} to {high})" for estimate, low, high in (treatment, reference)]
    return p_finding(printed_p_value, value, ends, how=" against ".join(told), two_sided=True)


def estimate_and_limits(texts: Sequence[str], *, name: str) -> list[Printed]:
    """Read the estimate and the two limits of an arm, or say what is amiss."""
    if isinstance(texts, str) or not isinstance(texts, Sequence) or len(texts) != 3:
        raise SpecificationError(
            f"{name}: expected the estimate, the lower and the upper limit, found {texts!r}"
        )
    numbers = [printed(text, name=name) for text in texts]
    if numbers[2].high < numbers[1].low:
        raise SpecificationError(f"{name}: expected the lower limit first, found {texts!r}")
    return numbers


def difference_p(gap: float, half_widths: Sequence[float], conf_level: float) -> float:
    """Return the p of a difference of two estimates with intervals of these half widths."""
    spread = sum(std_error_of_interval(half, conf_level) ** 2 for half in half_widths) ** 0.5
    return p_value_of_t(gap / spread, INFINITE) if spread > 0 else 0.0


def p_finding(
    text: str, value: float, ends: tuple[float, float], *, how: str, two_sided: bool
) -> AuditFinding:
    """Return the finding for a p-value recomputed as ``ends``."""
    low, high = ends
    said = printed_p(text)
    if said is None:
        return AuditFinding(
            quantity="p-value",
            verdict="cannot be checked",
            printed=text,
            value=value,
            low=low,
            high=high,
            sentence=f"{how} gives p {p_between(low, high, 2)}; {text} is no number.",
        )
    fits = p_fits(said, low, high)
    found = f"{how} gives p {p_between(low, high, said.number.decimals)}; "
    shown = said.number.text if said.relation == "=" else f"p {said.relation} {said.number.text}"
    return AuditFinding(
        quantity="p-value",
        verdict="consistent" if fits else "inconsistent",
        printed=text,
        value=value,
        low=low,
        high=high,
        nearest=None if fits else nearest_printed(low, high, said.number),
        sentence=found
        + f"{shown} is printed, which {'fits' if fits else 'does not fit'}."
        + ("" if fits else p_remark(said, low, high, two_sided=two_sided)),
    )


def degrees(kind: PrintedStatistic, *, df_num: Df, df: Df) -> tuple[tuple[float, float], ...]:
    """Return the least and greatest of each degrees of freedom that the statistic has."""
    wanted = {"t": (df,), "F": (df_num, df), "chi2": (df,), "z": ()}[kind]
    given = sum(item is not None for item in (df_num, df))
    if None in wanted or given != len(wanted):
        needs = {"t": "df", "F": "df_num and df", "chi2": "df", "z": "neither"}[kind]
        raise SpecificationError(
            f"df, df_num: expected {needs} for {kind}, found df={df!r}, df_num={df_num!r}"
        )
    return tuple(freedom_limits(item) for item in wanted)


def freedom_limits(df: Df) -> tuple[float, float]:
    """Return what degrees of freedom may be: a whole number itself, others as rounded."""
    if isinstance(df, int):
        low = high = float(df)
    else:
        number = printed(df, name="df")  # type: ignore[arg-type]
        whole = number.decimals == 0
        low, high = (float(number.value),) * 2 if whole else (number.low, number.high)
    if low <= 0:
        raise SpecificationError(f"df: expected a number above 0, found {df!r}")
    return low, high


def p_limits(
    kind: PrintedStatistic, number: Printed, freedoms: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """Return the least and greatest p of a rounded statistic."""
    if kind not in {"t", "z"} and number.value < 0:
        raise SpecificationError(f"statistic: expected {kind} not below 0, found {number.text!r}")
    ends = magnitude(number) if kind in {"t", "z"} else (max(number.low, 0.0), number.high)
    values = [p_of(kind, end, freedom) for end in ends for freedom in product(*freedoms)]
    return min(values), max(values)


def p_of(kind: PrintedStatistic, statistic: float, freedom: Sequence[float]) -> float:
    """Return the p of a statistic with its degrees of freedom."""
    if kind == "F":
        return p_value_of_f(statistic, *freedom)
    if kind == "chi2":
        return p_value_of_chi_square(statistic, *freedom)
    return p_value_of_t(statistic, freedom[0] if freedom else INFINITE)


def p_fits(said: PrintedP, low: float, high: float) -> bool:
    """Return whether a printed p-value or bound allows a p between ``low`` and ``high``."""
    number = said.number
    if said.relation == "<":
        return low < float(number.value)
    if said.relation == ">":
        return high > float(number.value)
    return overlap(low, high, number.low, number.high)


def p_remark(said: PrintedP, low: float, high: float, *, two_sided: bool) -> str:
    """Return what would explain a p-value that does not fit."""
    remarks = ""
    number = said.number
    if said.relation == "=" and overlap(low, high, *number.truncated):
        rounded = nearest_printed(low, high, number)
        remarks += f" Its digits were cut off instead of rounded: rounded it is {rounded}."
    if two_sided and p_fits(said, low / 2, high / 2):
        remarks += " It fits a one-sided test."
    return remarks


def written_test(kind: PrintedStatistic, statistic: str, *, df_num: Df, df: Df) -> str:
    """Return a test as print writes it.

    >>> written_test("F", "6.47", df_num=1, df=88)
    'F(1, 88) = 6.47'
    """
    freedom = ", ".join(str(item) for item in (df_num, df) if item is not None)
    return f"{kind}({freedom}) = {statistic}" if freedom else f"{kind} = {statistic}"


def p_between(low: float, high: float, decimals: int) -> str:
    """Write recomputed p-values; very small ones with their power of ten."""
    if high < 10.0 ** -(decimals + 2):
        return f"between {low:.2g} and {high:.2g}"
    return between(low, high, decimals)
