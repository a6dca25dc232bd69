"""Linear functions of a repeated-measures model as labelled rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trialkit.analysis.adjusted_means import PROCEDURE_NAMES
from trialkit.analysis.estimates import from_inference, number
from trialkit.analysis.mmrm_inference import Tester
from trialkit.analysis.mmrm_options import MmrmOptions
from trialkit.analysis.model_coefficients import readable
from trialkit.analysis.visit_model import VisitModel, visit_times
from trialkit.design.contrasts import Pair
from trialkit.numerics.arrays import FloatArray, IntArray
from trialkit.numerics.contrast import Inference
from trialkit.numerics.mixed_inference import JointTest
from trialkit.numerics.simultaneous import Family, correlation_of, simultaneous
from trialkit.result.analysis_result import Estimate

INTERACTION, ARM_AT_ANY_VISIT = "arm:visit", "arm"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Rows of adjusted means of one summary of the visits, shape (a, p), and its labels."""

    L: FloatArray
    visit: str | None
    term: str | None
    people: IntArray


def summary_cells(model: VisitModel, options: MmrmOptions) -> list[Cells]:
    """Return the adjusted means by visit, and the summaries over visits that are asked for."""
    means = model.cell_means(options.margins)
    by_visit = [
        Cells(L=means[:, position], visit=visit, term=None, people=model.totals.people[:, position])
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
    means = tester.infer(np.vstack([cell.L for cell in cells]), conf_level=level)
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
    differences, p_adjusted = with_family(tester, L, cells=cells, pairs=pairs, options=options)
    family = "" if options.adjust == "none" else f", {PROCEDURE_NAMES[options.adjust]} limits"
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
            else float(p_adjusted[index * len(pairs) + position]),
            conf_level=level,
            method=method + (family if cell.visit is not None else ""),
        )
        for index, cell in enumerate(cells)
        for position, (one, other) in enumerate(pairs)
    ]
    return (*mean_rows, *difference_rows)


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
    for rows in families[options.adjust_over]:
        members = part(each, rows)
        if options.adjust == "dunnett":
            # One t distribution for all members: the one with the fewest degrees of freedom.
            members = replace(members, df=np.full(rows.size, members.df.min()))
        together = simultaneous(
            members,
            Family(correlation=correlation_of(L[rows], tester.vcov), arms=arms),
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
    means = model.cell_means(options.margins)
    difference = means[1:] - means[:1]
    apart = (difference[:, 1:] - difference[:, :1]).reshape(-1, means.shape[-1])
    # As coefficients stand: at the first visit, and how much it is more at each other one. The
    # Satterthwaite denominator depends on how a hypothesis is split into rows.
    everywhere = np.vstack([difference[:, 0], apart])
    asked = {INTERACTION: apart, ARM_AT_ANY_VISIT: everywhere}
    if options.visit_effects != "by_arm":
        asked = {ARM_AT_ANY_VISIT: difference[:, 0]}
    return tuple(
        joint_row(tester.joint(rows), term=term, n=model.totals.n_subjects, method=method)
        for term, rows in asked.items()
        if len(rows)
    )


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
    note = (
        f"no joint test of {', '.join(without)}: too few subjects for Kenward and Roger's "
        "approximation of its denominator degrees of freedom"
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
