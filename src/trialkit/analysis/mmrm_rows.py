"""Linear functions of a repeated-measures model as labelled rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trialkit.analysis.adjusted_means import with_limits
from trialkit.analysis.estimates import compared, from_inference, number
from trialkit.analysis.mmrm_inference import Tester
from trialkit.analysis.mmrm_options import MmrmOptions
from trialkit.analysis.model_coefficients import readable
from trialkit.analysis.visit_model import VisitModel, visit_times
from trialkit.design.contrasts import Pair
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray, IntArray
from trialkit.numerics.contrast import Inference
from trialkit.numerics.mixed_inference import JointTest
from trialkit.numerics.simultaneous import Family, correlation_of, simultaneous
from trialkit.result.analysis_result import Estimate

INTERACTION, ARM_AT_ANY_VISIT = "arm:visit", "arm"
# A difference with this share of the standard error of its parts is their rounding.
NO_DIFFERENCE = 1e-10
# The share of a row that other rows must leave for it to say something of its own.
DEPENDENT = 1e-7
# On fewer degrees of freedom a bound of the largest t is beyond what doubles resolve.
FEWEST_DF = 0.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Rows of adjusted means of one summary of the visits, shape (a, p), and its labels.

    ``size`` is the largest standard error of what the rows are sums of.
    """

    L: FloatArray
    size: float
    visit: str | None
    term: str | None
    people: IntArray


def summary_cells(model: VisitModel, options: MmrmOptions) -> list[Cells]:
    """Return the adjusted means by visit, and the summaries over visits that are asked for."""
    means = model.cell_means(options.margins)
    size = largest_size(means, model.fit.basis[0])
    by_visit = [
        Cells(
            L=means[:, position],
            size=size,
            visit=visit,
            term=None,
            people=model.totals.people[:, position],
        )
        for position, visit in enumerate(model.visits)
    ]
    over = []
    for summary in options.summaries:
        weights = np.full(len(model.visits), 1 / len(model.visits))
        if summary == "slope":
            times = visit_times(model.visits, options.times)
            weights = (times - times.mean()) / np.sum((times - times.mean()) ** 2)
        over.append(
            Cells(
                L=np.tensordot(means, weights, axes=([1], [0])),
                size=size * float(np.sum(np.abs(weights))),
                visit=None,
                term=summary,
                people=model.totals.arm_people,
            )
        )
    return by_visit + over


def mean_and_difference_rows(
    model: VisitModel,
    tester: Tester,
    pairs: Sequence[Pair],
    *,
    options: MmrmOptions,
    method: str,
) -> tuple[Estimate, ...]:
    """Return adjusted means by visit and arm, then their differences by visit and pair."""
    cells = summary_cells(model, options)
    arms = model.arms
    level = options.conf_level
    place = {arm: position for position, arm in enumerate(arms)}
    L = np.vstack([cell.L for cell in cells])
    sizes = np.array([cell.size for cell in cells])
    L = without_rounding(L, tester.basis, np.repeat(sizes, len(arms)))
    means = tester.infer(L, conf_level=level)
    mean_rows = [
        from_inference(
            means,
            index * len(arms) + position,
            quantity="ls_mean",
            tested=False,
            visit=cell.visit,
            arm=arm,
            term=cell.term,
            n_subjects=int(cell.people[position]),
            conf_level=level,
            method=method,
        )
        for index, cell in enumerate(cells)
        for position, arm in enumerate(arms)
    ]
    if not pairs:
        return tuple(mean_rows)
    L = np.vstack(
        [cell.L[place[one]] - cell.L[place[other]] for cell in cells for one, other in pairs]
    )
    L = without_rounding(L, tester.basis, np.repeat(sizes, len(pairs)))
    differences, p_adjusted = with_family(tester, L, cells=cells, pairs=pairs, options=options)
    limited = with_limits(method, options.adjust)
    difference_rows = [
        from_inference(
            differences,
            index * len(pairs) + position,
            quantity="ls_mean_difference",
            visit=cell.visit,
            arm=one,
            reference_arm=other,
            term=cell.term,
            n_subjects=int(cell.people[place[one]] + cell.people[place[other]]),
            p_adjusted=None
            if p_adjusted is None or cell.visit is None
            else number(p_adjusted[index * len(pairs) + position]),
            conf_level=level,
            method=method if cell.visit is None else limited,
        )
        for index, cell in enumerate(cells)
        for position, (one, other) in enumerate(pairs)
    ]
    return (*mean_rows, *difference_rows)


def without_rounding(L: FloatArray, basis: FloatArray, sizes: FloatArray) -> FloatArray:
    """Return rows with those that are nothing beside the parts they come from as zeros.

    Parameters
    ----------
    L : array, shape (m, p)
    basis : array, shape (p, p)
    sizes : array, shape (m,)
        The largest standard error of the parts of each row.
    """
    length = np.linalg.norm(L @ basis, axis=1)
    return np.where((length > NO_DIFFERENCE * sizes)[:, np.newaxis], L, 0.0)


def constant(row: Estimate) -> bool:
    """Return whether a row is a slope that is 0 whatever the data."""
    return row.term == "slope" and row.estimate == 0 and row.std_error is None


def constant_notes(rows: Sequence[Estimate]) -> tuple[str, ...]:
    """Return the note that some slopes are 0 whatever the data, if so."""
    without = [compared(row) for row in rows if constant(row)]
    if not without:
        return ()
    note = tell(
        "the slope of {arms} is 0 whatever the data, for the model has the same change over the "
        "visits; it has no test",
        arms=tell_list(without),
    )
    return (note,)


def with_family(
    tester: Tester,
    L: FloatArray,
    *,
    cells: Sequence[Cells],
    pairs: Sequence[Pair],
    options: MmrmOptions,
) -> tuple[Inference, FloatArray | None]:
    """Return the differences, with simultaneous limits and p-values where these are asked for.

    A family is the contrasts of one visit, the visits of one contrast, or all of them; the
    averages and slopes stand outside.
    """
    each = tester.infer(L, conf_level=options.conf_level)
    if options.adjust == "none":
        return each, None
    visits = sum(cell.visit is not None for cell in cells)
    index = np.arange(visits * len(pairs)).reshape(visits, len(pairs))
    families = {"arms": list(index), "visits": list(index.T), "all": [index.ravel()]}
    low, high = each.conf_low.copy(), each.conf_high.copy()
    adjusted = np.full(len(L), np.nan)
    arms = len(cells[0].L)
    for family in families[options.adjust_over]:
        # A difference whose error is unknown has no test, and counts in no family.
        rows = family[~np.isnan(each.std_error[family])]
        if not rows.size:
            continue
        members = part(each, rows)
        if options.adjust == "dunnett":
            # One t distribution for all members: the one with the fewest degrees of freedom.
            fewest = float(members.df.min())
            if fewest < FEWEST_DF:
                raise NotEstimableError(
                    tell(
                        "adjust: Dunnett's procedure needs at least {needed:g} degrees of freedom, "
                        "found {found:.2g}; choose a covariance with fewer parameters, or "
                        'adjust="bonferroni"',
                        needed=FEWEST_DF,
                        found=fewest,
                    )
                )
            members = replace(members, df=np.full(rows.size, fewest))
        together = simultaneous(
            members,
            Family(correlation=correlation_of(L[rows] @ tester.basis, tester.middle), arms=arms),
            procedure=options.adjust,
            conf_level=options.conf_level,
        )
        low[rows], high[rows] = together.conf_low, together.conf_high
        adjusted[rows] = together.p_adjusted
    return replace(each, conf_low=low, conf_high=high), adjusted


def part(inference: Inference, rows: IntArray) -> Inference:
    """Return some rows of an inference."""
    return Inference(
        estimate=inference.estimate[rows],
        std_error=inference.std_error[rows],
        df=inference.df[rows],
        statistic=inference.statistic[rows],
        p_value=inference.p_value[rows],
        conf_low=inference.conf_low[rows],
        conf_high=inference.conf_high[rows],
    )


def joint_rows(
    model: VisitModel, tester: Tester, *, options: MmrmOptions, method: str
) -> tuple[Estimate, ...]:
    """Return the F tests of the arm x visit interaction, and of arm at any visit."""
    asked = joint_hypotheses(model.cell_means(options.margins), tester.basis)
    return tuple(
        joint_row(tester.joint(rows), term=term, n=model.totals.n_subjects, method=method)
        for term, rows in asked.items()
    )


def joint_hypotheses(means: FloatArray, basis: FloatArray) -> dict[str, FloatArray]:
    """Return the rows that are tested together: arm by visit, and arm at any visit.

    These are the differences of the adjusted means, whatever the formula that they come from;
    where it makes them the same at all visits there is no interaction.

    Parameters
    ----------
    means : array, shape (a, v, p)
    basis : array, shape (p, p)
        G with G G' the covariance of the coefficients.

    Returns
    -------
    dict
        From the term to linearly independent rows, shape (l, p).
    """
    difference = means[1:] - means[:1]
    apart = (difference[:, 1:] - difference[:, :1]).reshape(-1, means.shape[-1])
    # As coefficients stand: at the first visit, and how much it is more at each other one. The
    # Satterthwaite denominator depends on how a hypothesis is split into rows.
    everywhere = np.vstack([difference[:, 0], apart])
    size = largest_size(means, basis)
    asked = {
        INTERACTION: independent_rows(apart, basis, size),
        ARM_AT_ANY_VISIT: independent_rows(everywhere, basis, size),
    }
    return {term: rows for term, rows in asked.items() if len(rows)}


def largest_size(means: FloatArray, basis: FloatArray) -> float:
    """Return the largest standard error of adjusted means: beside it, others are rounding."""
    return float(np.sqrt(np.max(np.sum((means @ basis) ** 2, axis=-1))))


def independent_rows(L: FloatArray, basis: FloatArray, size: float) -> FloatArray:
    """Return the rows that are no combination of those before them.

    Parameters
    ----------
    L : array, shape (m, p)
    basis : array, shape (p, p)
        Rows are measured by their standard errors, which do not depend on units.
    size : float
        Of what the rows are differences of.

    Returns
    -------
    array, shape (l, p)
    """
    turned = L @ basis
    length = np.linalg.norm(turned, axis=1)
    candidates = np.flatnonzero(length > NO_DIFFERENCE * size)
    unit = turned[candidates] / length[candidates, np.newaxis]
    kept: list[int] = []
    known = np.zeros((0, basis.shape[1]))
    for place, row in zip(candidates.tolist(), unit, strict=True):
        rest = row - (known @ row) @ known
        rest = rest - (known @ rest) @ known
        left = float(np.linalg.norm(rest))
        if left > DEPENDENT:
            kept.append(place)
            known = np.vstack([known, rest / left])
    return L[kept]


def joint_row(test: JointTest, *, term: str, n: int, method: str) -> Estimate:
    """Return an F test as a row; what does not exist is None."""
    return Estimate(
        quantity="joint_test",
        term=term,
        n_subjects=n,
        df_num=test.df_num,
        df=number(test.df),
        statistic=number(test.statistic),
        p_value=number(test.p_value),
        method=method,
    )


def joint_notes(rows: Sequence[Estimate]) -> tuple[str, ...]:
    """Return the note that some F tests have no degrees of freedom, if so."""
    without = [str(row.term) for row in rows if row.p_value is None]
    if not without:
        return ()
    note = tell(
        "no joint test of {terms}: too few subjects for Kenward and Roger's approximation of its "
        "denominator degrees of freedom",
        terms=tell_list(without),
    )
    return (note,)


def coefficient_rows(
    model: VisitModel, tester: Tester, *, options: MmrmOptions, method: str
) -> tuple[Estimate, ...]:
    """Return the coefficients, of the numbers as given."""
    inference = tester.infer(model.given_coefficients(), conf_level=options.conf_level)
    return tuple(
        from_inference(
            inference,
            position,
            quantity="coefficient",
            term=readable(name),
            n_subjects=model.totals.n_subjects,
            conf_level=options.conf_level,
            method=method,
        )
        for position, name in enumerate(model.coding.names)
    )
