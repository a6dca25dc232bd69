"""Tests by relabelling as labelled rows, with what was drawn and the limits that do not exist."""

from collections.abc import Sequence
from math import isinf
from typing import Any

from trialkit.analysis.estimates import compared, statistics
from trialkit.numerics.relabelling import RelabellingTest
from trialkit.result.analysis_result import Estimate, FitStatistic
from trialkit.terms import Alternative


def relabelling_row(
    test: RelabellingTest,
    *,
    name: str,
    drawn: str,
    seed: int | None,
    alternative: Alternative,
    **labels: Any,
) -> Estimate:
    """Return a test as an Estimate; its method says how the distribution was come by."""
    if test.draws:
        how = f"{test.draws} random {drawn}, seed {seed}"
    elif test.enumerated:
        how = f"exact, all {test.enumerated} {drawn}"
    else:
        how = "exact permutation distribution (shift algorithm)"
    side = "" if alternative == "two_sided" else f", one-sided ({alternative})"
    return Estimate(
        estimate=test.estimate,
        statistic=test.statistic,
        p_value=test.p_value,
        conf_low=test.conf_low,
        conf_high=test.conf_high,
        method=f"{name}, {how}{side}",
        **labels,
    )


def relabelling_figures(
    names: Sequence[str], tests: Sequence[RelabellingTest], *, seed: int | None
) -> tuple[FitStatistic, ...]:
    """Return draws, seed and Monte-Carlo error of the tests that were drawn."""
    figures: dict[str, float | int | str | None] = {}
    for name, test in zip(names, tests, strict=True):
        which = f" ({name})" if len(tests) > 1 else ""
        if test.draws:
            figures |= {
                "seed": seed,
                f"draws{which}": test.draws,
                f"p_value_std_error{which}": test.p_value_error,
            }
        else:
            figures |= {f"distribution{which}": "exact"}
    return statistics(figures)


def unbounded(rows: Sequence[Estimate], *, alternative: Alternative) -> tuple[str, ...]:
    """Return a note for each test whose interval should have a limit and has none."""
    wanted = {"two_sided": 2, "less": 1, "greater": 1}[alternative]
    return tuple(
        f"{compared(row)}: no shift can be rejected at the level {row.conf_level:g} with so few "
        "people, so a limit is infinite"
        for row in rows
        if sum(limit is not None and not isinf(limit) for limit in (row.conf_low, row.conf_high))
        < wanted
    )
