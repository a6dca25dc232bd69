"""Whether a printed effect size fits the statistic printed beside it."""

from dataclasses import dataclass

from trialkit.errors import SpecificationError
from trialkit.evidence.audit_finding import (
    AuditFinding,
    judged,
    magnitude,
    not_negative,
    require_people,
)
from trialkit.evidence.audit_statistics import written_test
from trialkit.evidence.rounding import Printed, printed
from trialkit.numerics.published import (
    independent_effect,
    paired_effect,
    partial_eta_squared,
)
from trialkit.terms import PrintedEffect

SIGNS = "+-−–"


def audit_effect_size(
    printed_effect: str,
    *,
    statistic: str,
    measure: PrintedEffect,
    n: int | None = None,
    n_treatment: int | None = None,
    n_reference: int | None = None,
    df_num: int | None = None,
    df: int | None = None,
) -> AuditFinding:
    """Check a printed effect size against the t or F and the number of people beside it.

    Parameters
    ----------
    printed_effect : str
        As printed. Of Cohen's d without a sign the size alone is compared, since print often
        drops it; a printed sign must be that of t.
    statistic : str
        The paired t, Student's t or F, as printed.
    measure : "cohen_d_z", "cohen_d_s" or "partial_eta_squared"
        t / sqrt(n); t sqrt(1 / n1 + 1 / n0); F a / (F a + b).
    n : int
        People, for ``cohen_d_z``.
    n_treatment, n_reference : int
        People of each arm, for ``cohen_d_s``.
    df_num, df : int
        Degrees of freedom of F, for ``partial_eta_squared``.

    Raises
    ------
    SpecificationError
        If a number cannot be read, what the measure needs is absent or below 1, or F or
        partial eta squared is below zero.

    Examples
    --------
    >>> finding = audit_effect_size(".46", statistic="2.476", measure="cohen_d_z", n=32)
    >>> print(finding)
    t = 2.476 of 32 people gives a Cohen's d_z between 0.4376 and 0.4378; .46 is printed,
    which does not fit. It fits 29 people.
    """
    number = printed(printed_effect, name="printed")
    test = printed(statistic, name="statistic")
    signed = as_signed(number, test)
    if measure == "cohen_d_z" and n is not None:
        require_people(n, at_least=1)
        ends = [paired_effect(end, n) for end in signed.ends]
        return judged(
            "Cohen's d_z",
            number,
            ends,
            value=paired_effect(signed.value, n),
            how=f"t = {statistic} of {n} people",
            remark=people_that_fit(test, number),
        )
    if measure == "cohen_d_s" and n_treatment is not None and n_reference is not None:
        for name, people in (("n_treatment", n_treatment), ("n_reference", n_reference)):
            require_people(people, at_least=1, name=name)
        ends = [independent_effect(end, n_treatment, n_reference) for end in signed.ends]
        how = f"t = {statistic} of {n_treatment} and {n_reference} people"
        value = independent_effect(signed.value, n_treatment, n_reference)
        return judged("Cohen's d_s", number, ends, value=value, how=how)
    if measure == "partial_eta_squared" and df_num is not None and df is not None:
        not_negative(statistic, name="statistic")
        not_negative(printed_effect, name="printed")
        for name, freedom in (("df_num", df_num), ("df", df)):
            require_people(freedom, at_least=1, name=name)
        ends = [partial_eta_squared(max(end, 0.0), df_num, df) for end in (test.low, test.high)]
        how = written_test("F", statistic, df_num=df_num, df=df)
        value = partial_eta_squared(abs(float(test.value)), df_num, df)
        return judged("partial eta squared", number, ends, value=value, how=how)
    needs = {
        "cohen_d_z": "n",
        "cohen_d_s": "n_treatment and n_reference",
        "partial_eta_squared": "df_num and df",
    }
    if measure not in needs:
        raise SpecificationError(f"measure: expected one of {', '.join(needs)}, found {measure!r}")
    raise SpecificationError(f"{measure}: expected {needs[measure]}, found none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A statistic as a printed effect beside it wants it: with its sign, or its size alone."""

    value: float
    ends: tuple[float, float]


def as_signed(effect: Printed, test: Printed) -> Signed:
    """Return t with its sign where the effect is printed with one, else its size."""
    if effect.text[0] in SIGNS:
        return Signed(value=float(test.value), ends=(test.low, test.high))
    return Signed(value=abs(float(test.value)), ends=magnitude(test))


def people_that_fit(test: Printed, effect: Printed) -> str:
    """Return how many people would make a printed d_z of a printed t: (t / d)^2."""
    if effect.text[0] in SIGNS and effect.value * test.value < 0:
        return " The signs differ."
    t, d = magnitude(test), magnitude(effect)
    if t[0] <= 0 or d[0] <= 0:
        return ""
    least, most = (t[0] / d[1]) ** 2, (t[1] / d[0]) ** 2
    first, last = -int(-least // 1), int(most // 1)
    if first > last:
        return " It fits no whole number of people."
    return f" It fits {first} people." if first == last else f" It fits {first} to {last} people."
