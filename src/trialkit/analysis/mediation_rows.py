"""The numbers of a mediation as labelled rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from trialkit.analysis.estimates import from_inference, number
from trialkit.errors import NotEstimableError
from trialkit.language.told import Told, tell, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.mediation import (
    MediationData,
    MediationFit,
    Sensitivity,
    interaction_tests,
    path_inference,
    proportions_mediated,
    sensitivity,
)
from trialkit.result.analysis_result import Estimate

ALL_MEDIATORS = tell("all mediators")


@dataclass(frozen=True, slots=True, kw_only=True)
class MediationNames:
    """What the rows are called: arms without the reference, mediators, people by arm."""

    arms: tuple[str, ...]
    reference: str
    mediators: tuple[str, ...]
    people: Mapping[str, int]
    method: str

    @property
    def terms(self) -> tuple[str, ...]:
        """The mediators, and their sum where there are several."""
        return self.mediators if len(self.mediators) == 1 else (*self.mediators, ALL_MEDIATORS)

    def compared(self, arm: int) -> dict[str, Any]:
        """Return the labels of an arm against the reference."""
        name = self.arms[arm]
        n = self.people[name] + self.people[self.reference]
        return {"arm": name, "reference_arm": self.reference, "n_subjects": n}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IndirectRows:
    """Indirect effects with their interval; arrays have shape (arms, mediators + 1)."""

    estimate: FloatArray
    std_error: FloatArray
    statistic: FloatArray | None
    p_value: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    at_end: np.ndarray
    method: str
    redrawn: int | None = None
    limit_error: float | None = None


def mediation_rows(
    fit: MediationFit,
    indirect: IndirectRows,
    data: MediationData,
    *,
    names: MediationNames,
    conf_level: float,
) -> tuple[Estimate, ...]:
    """Return the rows of a mediation: by arm, then what holds for everyone."""
    return (
        *effect_rows(fit, indirect, names, conf_level=conf_level),
        *path_rows(fit, names, conf_level=conf_level),
        *sensitivity_rows(sensitivity(fit, data), names),
        *interaction_rows(data, names),
    )


def effect_rows(
    fit: MediationFit, indirect: IndirectRows, names: MediationNames, *, conf_level: float
) -> Iterator[Estimate]:
    """Yield total, direct and indirect effects and the shares, arm after arm."""
    totals = path_inference(fit.total, fit.total_std_error, fit.df_mediator, conf_level=conf_level)
    directs = path_inference(
        fit.direct, fit.direct_std_error, fit.df_outcome, conf_level=conf_level
    )
    shares = proportions_mediated(fit)
    for arm in range(len(names.arms)):
        shared = {**names.compared(arm), "conf_level": conf_level}
        yield from_inference(totals, arm, quantity="total_effect", method=names.method, **shared)
        yield from_inference(directs, arm, quantity="direct_effect", method=names.method, **shared)
        for position, term in enumerate(names.terms):
            yield indirect_row(indirect, (arm, position), term=term, **shared)
        for position, term in enumerate(names.terms):
            yield Estimate(
                quantity="proportion_mediated",
                term=term,
                estimate=number(shares[arm, position]),
                method=tell("indirect over total effect"),
                **names.compared(arm),
            )


def indirect_row(indirect: IndirectRows, cell: tuple[int, int], **labels: Any) -> Estimate:
    """Return one indirect effect."""
    return Estimate(
        quantity="indirect_effect",
        estimate=float(indirect.estimate[cell]),
        std_error=float(indirect.std_error[cell]),
        statistic=None if indirect.statistic is None else float(indirect.statistic[cell]),
        p_value=number(indirect.p_value[cell]),
        conf_low=number(indirect.conf_low[cell]),
        conf_high=number(indirect.conf_high[cell]),
        method=tell("product of coefficients, {interval}", interval=indirect.method),
        **labels,
    )


def path_rows(fit: MediationFit, names: MediationNames, *, conf_level: float) -> Iterator[Estimate]:
    """Yield arm to mediator (a), arm after arm, then mediator to outcome (b)."""
    a = path_inference(fit.a, fit.a_std_error, fit.df_mediator, conf_level=conf_level)
    b = path_inference(fit.b, fit.b_std_error, fit.df_outcome, conf_level=conf_level)
    for row, (arm, mediator) in enumerate(np.ndindex(fit.a.shape)):
        yield from_inference(
            a,
            row,
            quantity="path",
            term=f"a: {names.mediators[mediator]}",
            conf_level=conf_level,
            method=names.method,
            **names.compared(arm),
        )
    for row, mediator in enumerate(names.mediators):
        yield from_inference(
            b,
            row,
            quantity="path",
            term=f"b: {mediator}",
            conf_level=conf_level,
            method=names.method,
            n_subjects=sum(names.people.values()),
        )


def sensitivity_rows(found: Sensitivity, names: MediationNames) -> Iterator[Estimate]:
    """Yield how strong confounding would have to be, mediator after mediator."""
    n = sum(names.people.values())
    for position, mediator in enumerate(names.mediators):
        rho, share = float(found.rho[position]), float(found.r_squared_total[position])
        for term, value, method in (
            ("rho", rho, tell("error correlation at which the indirect effect is 0")),
            ("R2", share, tell("product of the shares of variance of such a confounder")),
        ):
            yield Estimate(
                quantity="sensitivity",
                term=f"{term}: {mediator}",
                estimate=value,
                n_subjects=n,
                method=method,
            )


def interaction_rows(data: MediationData, names: MediationNames) -> tuple[Estimate, ...]:
    """Return the tests that b is the same in every arm; none where people are too few."""
    try:
        tests = interaction_tests(data)
    except NotEstimableError:
        return ()
    return tuple(
        Estimate(
            quantity="assumption_test",
            term=tell("same b in every arm: {mediator}", mediator=mediator),
            n_subjects=len(data.outcome),
            statistic=test.statistic,
            df_num=float(test.df_num),
            df=float(test.df_den),
            p_value=test.p_value,
            method=tell("F test of arm times mediator in the outcome's model"),
        )
        for mediator, test in zip(names.mediators, tests, strict=True)
    )


def row_notes(fit: MediationFit, indirect: IndirectRows, names: MediationNames) -> tuple[str, ...]:
    """Return notes on rows that lack a share or an interval, and on limits at the last draw."""
    found = (
        (
            tell(
                "no proportion mediated where the indirect effect points away from the total effect"
            ),
            np.isnan(proportions_mediated(fit)),
        ),
        (
            tell(
                "no BCa interval where the effect lies at the edge of its draws "
                "(ask for 'percentile')"
            ),
            np.isnan(indirect.conf_low),
        ),
        (tell("a limit is the most extreme draw, so more draws would move it"), indirect.at_end),
    )
    return tuple(
        tell_list([what, tell_list(where)], ": ")
        for what, cells in found
        if (where := named(cells, names))
    )


def named(cells: np.ndarray, names: MediationNames) -> list[Told]:
    """Return the names of the effects that are marked."""
    return [
        tell("{effect} ({arm} v {reference})", effect=term, arm=arm, reference=names.reference)
        for arm, marks in zip(names.arms, cells, strict=True)
        for term, mark in zip(names.terms, marks, strict=False)
        if mark
    ]
