"""Numbers to labelled rows: the one place where an ``Estimate`` is made from an inference."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from trialkit.language.told import tell, tell_list
from trialkit.numerics.contrast import Inference
from trialkit.numerics.proportions import Interval
from trialkit.numerics.tails import ChiSquare
from trialkit.result.analysis_result import Call, Estimate, FitStatistic
from trialkit.result.versions import package_version
from trialkit.terms import Quantity

T_TESTS: Final = {"welch": tell("Welch t test"), "student": tell("Student t test")}
EVERYONE: Final = tell("everyone")


def from_inference(
    inference: Inference,
    row: int,
    *,
    quantity: Quantity,
    conf_level: float,
    method: str,
    tested: bool = True,
    **labels: Any,
) -> Estimate:
    """Return one row of an inference as an Estimate; an untested one has no p-value."""
    return Estimate(
        quantity=quantity,
        estimate=float(inference.estimate[row]),
        std_error=number(inference.std_error[row]),
        df=number(inference.df[row]),
        statistic=number(inference.statistic[row]) if tested else None,
        p_value=number(inference.p_value[row]) if tested else None,
        conf_low=number(inference.conf_low[row]),
        conf_high=number(inference.conf_high[row]),
        conf_level=conf_level,
        method=method,
        **labels,
    )


def from_interval(
    interval: Interval, *, quantity: Quantity, conf_level: float, method: str, **labels: Any
) -> Estimate:
    """Return an interval without a test as an Estimate; what does not exist is None."""
    return Estimate(
        quantity=quantity,
        estimate=number(interval.estimate),
        std_error=number(interval.std_error),
        conf_low=number(interval.conf_low),
        conf_high=number(interval.conf_high),
        conf_level=conf_level,
        method=method,
        **labels,
    )


def compared(row: Estimate) -> str:
    """Return who a row is about, for a note."""
    if row.arm and row.reference_arm:
        return tell_list((row.arm, row.reference_arm), " - ")
    return row.arm or EVERYONE


def in_arm(arm: str | None) -> str:
    """Return where people are, as a sentence goes on; nothing where arms are not told apart."""
    return "" if arm is None else tell(" in {arm}", arm=arm)


def one_sided(method: str, alternative: str) -> str:
    """Return a method with the side of its test, unless it tests both."""
    if alternative == "two_sided":
        return method
    return tell(
        "{method}, one-sided (less)" if alternative == "less" else "{method}, one-sided (greater)",
        method=method,
    )


def with_chi_square(row: Estimate, test: ChiSquare) -> Estimate:
    """Return a row with its test."""
    return replace(row, statistic=test.statistic, df=float(test.df), p_value=test.p_value)


def number(value: float) -> float | None:
    """Return a float, or None where it does not exist (NaN)."""
    return None if np.isnan(value) else float(value)


def statistics(values: Mapping[str, float | int | str | None]) -> tuple[FitStatistic, ...]:
    """Return figures about a fit as the result stores them."""
    return tuple(
        FitStatistic(
            name=name,
            value=None if isinstance(value, float) and not np.isfinite(value) else value,
        )
        for name, value in values.items()
    )


def call(verb: str, **options: object) -> Call:
    """Return the record of a verb and its options; options that are None were not given."""
    return Call(
        verb=verb,
        options=tuple((name, repr(value)) for name, value in options.items() if value is not None),
        trialkit=package_version("trialkit"),
    )


def plain(
    quantity: Quantity, value: float | None, *, arm: str | None, n: int, method: str
) -> Estimate:
    """Return a figure that has neither a test nor an interval."""
    return Estimate(quantity=quantity, estimate=value, arm=arm, n_subjects=n, method=method)
