"""Tests by relabelling as labelled rows, with what was drawn and the limits that do not exist."""

from collections.abc import Sequence
from math import isinf
from typing import Any

from trialkit.analysis.estimates import compared, one_sided, statistics
from trialkit.language.told import tell
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
    if test.draws and seed is not None:
        method = tell(
            "{test}, {draws} random {drawn}, seed {seed}",
            test=name,
            draws=test.draws,
            drawn=drawn,
            seed=seed,
        )
    elif test.enumerated:
        method = tell("{test}, exact, all {n} {drawn}", test=name, n=test.enumerated, drawn=drawn)
    else:
        method = tell("{test}, exact permutation distribution (shift algorithm)", test=name)
    return Estimate(
        estimate=test.estimate,
        statistic=test.statistic,
        p_value=test.p_value,
        conf_low=test.conf_low,
        conf_high=test.conf_high,
        method=one_sided(method, alternative),
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
        tell(
            "{who}: no shift can be rejected at the level {level:g} with so few people, so a "
            "limit is infinite",
            who=compared(row),
            level=row.conf_level,
        )
        for row in rows
        if row.conf_level is not None
        and sum(limit is not None and not isinf(limit) for limit in (row.conf_low, row.conf_high))
        < wanted
    )
