"""Numbers of 2 x 2 tables, strata and ordered outcomes that no verb gives as a row."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

import trialkit as tk
from reference_cases import ReferenceCase
from reference_runners import Finder, finder
from trialkit.numerics import (
    distribution_band,
    exact_tables,
    ordinal,
    paired_proportions,
    proportions,
    score_intervals,
    stratified,
)
from trialkit.numerics.logistic import fit_logistic
from trialkit.numerics.proportions import Counts

LEVEL = 0.95


def by_name(numbers: dict[tuple[str, str], Callable[[], Any]]) -> Finder:
    """Return a finder among named numbers; each is computed when it is asked for."""
    return lambda names: numbers[names["quantity"], names["term"]]()


def two_arms(case: ReferenceCase) -> tuple[Counts, Counts]:
    """Return the treated and the control arm of a table of counts."""
    rows = case.data.set_index("arm")
    treated, control = (
        Counts(events=int(rows.loc[arm, "events"]), n=int(rows.loc[arm, "n"]))
        for arm in ("treated", "control")
    )
    return treated, control


def p_value(value: float) -> SimpleNamespace:
    return SimpleNamespace(p_value=value)


def chi_square(found: tuple[float, float]) -> SimpleNamespace:
    return SimpleNamespace(statistic=found[0], df=1, p_value=found[1])


def table_numbers(case: ReferenceCase) -> Finder:
    one, zero = two_arms(case)
    # The table's own cells read as answers before (rows) and after (columns).
    pairs = paired_proportions.PairedCounts(
        both=one.events, gained=zero.events, lost=one.n - one.events, neither=zero.n - zero.events
    )
    score, exact = score_intervals, exact_tables
    return by_name(
        {
            ("score_interval", "miettinen_nurminen_rd"): lambda: (
                score.risk_difference_miettinen_nurminen(one, zero, conf_level=LEVEL)
            ),
            ("score_interval", "miettinen_nurminen_rr"): lambda: (
                score.risk_ratio_miettinen_nurminen(one, zero, conf_level=LEVEL)
            ),
            ("score_interval", "miettinen_nurminen_or"): lambda: (
                score.odds_ratio_miettinen_nurminen(
                    one, zero, conf_level=LEVEL, bias_corrected=True
                )
            ),
            ("score_interval", "uncorrected_or"): lambda: score.odds_ratio_miettinen_nurminen(
                one, zero, conf_level=LEVEL
            ),
            ("score_interval", "mee_rd"): lambda: score.risk_difference_mee(
                one, zero, conf_level=LEVEL
            ),
            ("score_interval", "scas_rd"): lambda: score.risk_difference_skewness_corrected(
                one, zero, conf_level=LEVEL
            ),
            ("score_interval", "tango"): lambda: paired_proportions.paired_difference(
                pairs, conf_level=LEVEL
            ),
            ("fisher", "odds_ratio"): lambda: exact.conditional_odds_ratio(
                [(one, zero)], conf_level=LEVEL
            ),
            **{
                ("fisher", side): lambda side=side: p_value(
                    exact.exact_p_value([(one, zero)], side)
                )
                for side in ("two_sided", "less", "greater")
            },
            ("chi_square", "chisq_yates"): lambda: chi_square(
                proportions.yates_chi_square(one, zero)
            ),
            ("chi_square", "mcnemar"): lambda: paired_proportions.mcnemar(pairs, corrected=True),
            ("chi_square", "mcnemar_nocc"): lambda: paired_proportions.mcnemar(pairs),
            ("chi_square", "mcnemar_exact"): lambda: p_value(
                paired_proportions.mcnemar_exact(pairs)
            ),
            ("logistic", "arm"): lambda: log_odds_ratio(one, zero),
        }
    )


def log_odds_ratio(one: Counts, zero: Counts) -> SimpleNamespace:
    """Fit the two arms' people by logistic regression."""
    X = np.column_stack([np.ones(one.n + zero.n), np.repeat([1.0, 0.0], [one.n, zero.n])])
    y = np.concatenate([np.arange(arm.n) < arm.events for arm in (one, zero)]).astype(float)
    fit = fit_logistic(X, y, ["Intercept", "arm"])
    return SimpleNamespace(estimate=fit.beta[1], std_error=np.sqrt(fit.vcov[1, 1]))


def stratum_numbers(case: ReferenceCase) -> Finder:
    cells = case.data.groupby(["stratum", "arm"])["resp"].agg(["sum", "count"])
    strata = case.data["stratum"].drop_duplicates().sort_values()
    tables = [
        tuple(
            Counts(events=int(cells.loc[(s, arm), "sum"]), n=int(cells.loc[(s, arm), "count"]))
            for arm in ("1", "0")
        )
        for s in strata
    ]
    counts = {
        f"{stratum}{cell}": count
        for stratum, (one, zero) in zip(strata, tables, strict=True)
        for cell, count in zip(
            "abcd",
            (one.events, one.n - one.events, zero.events, zero.n - zero.events),
            strict=True,
        )
    }
    return by_name(
        {
            ("exact", "odds_ratio"): lambda: exact_tables.conditional_odds_ratio(
                tables, conf_level=LEVEL
            ),
            ("exact", "two_sided"): lambda: p_value(exact_tables.exact_p_value(tables)),
            ("exact", "treated_events"): lambda: SimpleNamespace(
                statistic=exact_tables.condition_on_margins(tables).observed
            ),
            ("chi_square", "breslow_day"): lambda: stratified.breslow_day(tables),
            **{
                ("cell", name): lambda count=count: SimpleNamespace(statistic=count)
                for name, count in counts.items()
            },
        }
    )


def mantel_trend(case: ReferenceCase) -> Finder:
    """Test the trend of the outcome's categories over the arms' numbers."""
    options = case.options
    x = case.data[options["arm"]].astype(float).to_numpy()
    y = case.data[options["outcome"]].astype(float).to_numpy()
    return lambda _: ordinal.mantel_trend(x, y)


def largest_gap(case: ReferenceCase) -> Finder:
    """Compare the cumulative curves of the two arms' values."""
    values: pd.Series = case.data["y"].astype(float)
    one, zero = (values[case.data["arm"].eq(arm)].to_numpy() for arm in ("1", "0"))
    distance, p = distribution_band.largest_gap(one, zero)
    return lambda _: SimpleNamespace(statistic=distance, p_value=p)


def better_by_logistic(case: ReferenceCase) -> Finder:
    """Fit the odds of a relief of at least 3."""
    people = case.data.assign(better=case.data["relief"].ge(3))
    return finder(tk.logistic(people, response="better", **case.options))
