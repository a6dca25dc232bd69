"""The split-plot model of arms and visits as rows of a result."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from trialkit.analysis.estimates import from_inference, number
from trialkit.analysis.profiles import EVERYONE, ProfileSet
from trialkit.design.contrasts import Pair, contrast_pairs
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.contrast import infer
from trialkit.numerics.repeated_measures import (
    FTest,
    MultivariateTest,
    Profiles,
    Sphericity,
    between_test,
    cell_function,
    within_test,
)
from trialkit.result.analysis_result import Estimate
from trialkit.terms import Quantity, SphericityCorrection, SumsOfSquares

CORRECTIONS = {
    "greenhouse_geisser": tell("Greenhouse-Geisser correction"),
    "huynh_feldt": tell("Huynh-Feldt correction"),
    "none": tell("no correction"),
}
ARM, VISIT, CROSSED = "arm", "visit", "arm:visit"
MEANS = tell("mean of the arm at the visit, covariance of visits unstructured")
DIFFERENCES = tell("difference of arms at the visit, covariance of visits unstructured")
CHANGES = tell("change from the first visit, covariance of visits unstructured")
CHANGE_DIFFERENCES = tell("difference of changes from the first visit, covariance unstructured")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """What the rows are made of: profiles, their fit, and the options that touch a number."""

    data: ProfileSet
    profiles: Profiles
    sphericity: Sphericity
    sums_of_squares: SumsOfSquares
    correction: SphericityCorrection
    conf_level: float

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, one nameless group where none is named."""
        return tuple(self.data.samples)

    @property
    def n_subjects(self) -> int:
        """Everyone analysed."""
        return int(self.profiles.n.sum())

    @property
    def within_terms(self) -> tuple[str, ...]:
        """The terms tested within people."""
        return (VISIT, CROSSED) if len(self.arms) > 1 else (VISIT,)


def epsilon_of(model: Model, correction: str) -> float:
    """Return what multiplies the degrees of freedom within people."""
    found = {
        "greenhouse_geisser": model.sphericity.greenhouse_geisser,
        "huynh_feldt": min(model.sphericity.huynh_feldt, 1.0),
        "none": 1.0,
    }[correction]
    return found if found > 0 else float("nan")


def term_tests(model: Model) -> dict[str, FTest]:
    """Return the test of each term under the correction asked for."""
    epsilon = epsilon_of(model, model.correction)
    if np.isnan(epsilon):
        raise NotEstimableError(
            tell(
                "correction {correction!r}: {df} error degrees of freedom are too few for {n} "
                "visits; take 'greenhouse_geisser'",
                correction=model.correction,
                df=model.profiles.df_error,
                n=len(model.data.visits),
            )
        )
    between = {ARM: between_test(model.profiles)} if len(model.arms) > 1 else {}
    return between | {term: corrected(model, term, epsilon) for term in model.within_terms}


def corrected(model: Model, term: str, epsilon: float) -> FTest:
    """Return the test of a term within people with its degrees of freedom corrected."""
    return within_test(model.profiles, term, sums_of_squares=model.sums_of_squares, epsilon=epsilon)


def method_sentence(model: Model) -> str:
    """Return the footnote of the table."""
    return tell(
        "Repeated-measures analysis of variance ({factors}), type {kind} sums of squares, "
        "{correction}, complete profiles",
        factors=tell("arm by visit" if len(model.arms) > 1 else "visits within one group"),
        kind=model.sums_of_squares,
        correction=CORRECTIONS[model.correction],
    )


def all_rows(model: Model, tests: dict[str, FTest], reference: str | None) -> Iterator[Estimate]:
    """Yield every row of the result, in display order."""
    yield from joint_rows(model, tests)
    yield from effect_rows(model, tests)
    yield from mauchly_rows(model)
    yield from mean_rows(model)
    yield from change_rows(model)
    yield from difference_rows(model, reference)


def joint_rows(model: Model, tests: dict[str, FTest]) -> Iterator[Estimate]:
    """Yield the F test of each term."""
    correction = CORRECTIONS[model.correction]
    for term, test in tests.items():
        yield Estimate(
            quantity="joint_test",
            term=term,
            n_subjects=model.n_subjects,
            df_num=test.df_num,
            df=test.df_den,
            statistic=test.statistic,
            p_value=test.p_value,
            method=tell("F test between people")
            if term == ARM
            else tell("F test within people, {correction}", correction=correction),
        )


def effect_rows(model: Model, tests: dict[str, FTest]) -> Iterator[Estimate]:
    """Yield the share of variance of each term, of all variance and beside its own error.

    Generalised eta squared treats arm and visit as manipulated: its denominator is the term
    and every error of the design.
    """
    errors = people_squares(model) + tests[VISIT].error_sum_of_squares
    for term, test in tests.items():
        squares = test.sum_of_squares
        shares = {
            "generalised_eta_squared": squares / (squares + errors),
            "partial_eta_squared": squares / (squares + test.error_sum_of_squares),
        }
        for name, share in shares.items():
            yield Estimate(
                quantity="effect_size",
                term=term,
                n_subjects=model.n_subjects,
                estimate=share,
                method=name,
            )


def people_squares(model: Model) -> float:
    """Return the sum of squares of people's means over visits about those of their arm."""
    return float(np.sum(model.profiles.error)) / len(model.data.visits)


def mauchly_rows(model: Model) -> Iterator[Estimate]:
    """Yield Mauchly's test for each term within people; two visits have none."""
    found = model.sphericity
    if np.isnan(found.p_value):
        return
    for term in model.within_terms:
        yield Estimate(
            quantity="assumption_test",
            term=term,
            n_subjects=model.n_subjects,
            estimate=found.mauchly,
            statistic=found.chi_square,
            df=float(found.df),
            p_value=found.p_value,
            method=tell("Mauchly's test of sphericity (W)"),
        )


def cell_row(
    model: Model,
    pair: tuple[str, str | None],
    position: int,
    *,
    quantity: Quantity,
    method: str,
    changed: bool = False,
    tested: bool = True,
    term: str | None = None,
) -> Estimate:
    """Return the row of an arm, or of two, at a visit or from the first visit to it.

    A row whose values do not vary within arms has its estimate alone.
    """
    arm, reference = pair
    arms = np.array([float(level == arm) - float(level == reference) for level in model.arms])
    visits = np.zeros(len(model.data.visits))
    visits[position] = 1.0
    if changed:
        visits[0] -= 1.0
    estimate, std_error = cell_function(model.profiles, arms, visits)
    labels: dict[str, Any] = {
        "quantity": quantity,
        "method": method,
        "visit": model.data.visits[position],
        "arm": arm if arm != EVERYONE else None,
        "reference_arm": reference,
        "term": term,
        "n_subjects": sum(len(model.data.samples[level]) for level in filter_none(pair)),
    }
    if std_error == 0:
        return Estimate(estimate=estimate, **labels)
    inference = infer(
        np.array([estimate]),
        np.array([std_error]),
        np.array([float(model.profiles.df_error)]),
        conf_level=model.conf_level,
    )
    return from_inference(inference, 0, conf_level=model.conf_level, tested=tested, **labels)


def filter_none(pair: tuple[str, str | None]) -> tuple[str, ...]:
    """Return the arms of a row."""
    return tuple(level for level in pair if level is not None)


def mean_rows(model: Model) -> Iterator[Estimate]:
    """Yield the mean of each arm at each visit."""
    for position in range(len(model.data.visits)):
        for arm in model.arms:
            yield cell_row(
                model, (arm, None), position, quantity="ls_mean", method=MEANS, tested=False
            )


def change_rows(model: Model) -> Iterator[Estimate]:
    """Yield the change of each arm from the first visit.

    Tested in a single group only: beside a comparison, a change within one arm tests
    nothing that was asked.
    """
    alone = len(model.arms) == 1
    for position in range(1, len(model.data.visits)):
        for arm in model.arms:
            yield cell_row(
                model,
                (arm, None),
                position,
                quantity="change",
                method=CHANGES,
                changed=True,
                tested=alone,
            )


def difference_rows(model: Model, reference: str | None) -> Iterator[Estimate]:
    """Yield the differences of arms at each visit, then those of their changes."""
    pairs = arm_pairs(model.arms, reference)
    visits = range(len(model.data.visits))
    for position in visits:
        for pair in pairs:
            yield cell_row(model, pair, position, quantity="ls_mean_difference", method=DIFFERENCES)
    for position in visits[1:]:
        for pair in pairs:
            yield cell_row(
                model,
                pair,
                position,
                quantity="ls_mean_difference",
                method=CHANGE_DIFFERENCES,
                changed=True,
                term="change",
            )


def arm_pairs(arms: tuple[str, ...], reference: str | None) -> tuple[Pair, ...]:
    """Return who is compared: everyone with the reference, or every pair without one."""
    if len(arms) < 2:  # nobody to compare with
        return ()
    if reference is None:
        return contrast_pairs("pairwise", arms=arms, reference=arms[0])
    return contrast_pairs("versus_reference", arms=arms, reference=reference)


def figures(model: Model, tests: dict[str, FTest]) -> dict[str, float | int | str | None]:
    """Return what the table of other programs holds besides the tests asked for."""
    found: dict[str, float | int | str | None] = {
        "n_subjects": model.n_subjects,
        "n_visits": len(model.data.visits),
        "df_error": model.profiles.df_error,
        "greenhouse_geisser_epsilon": model.sphericity.greenhouse_geisser,
        "huynh_feldt_epsilon": number(model.sphericity.huynh_feldt),
        "error_sum_of_squares_between": people_squares(model),
        "error_sum_of_squares_within": tests[VISIT].error_sum_of_squares,
    }
    for term, test in tests.items():
        found[f"sum_of_squares_{term}"] = test.sum_of_squares
    for term in model.within_terms:
        for correction in CORRECTIONS:
            epsilon = epsilon_of(model, correction)
            found[f"p_value_{correction}_{term}"] = (
                None if np.isnan(epsilon) else corrected(model, term, epsilon).p_value
            )
    return found


def multivariate_figures(
    tests: dict[str, MultivariateTest | None],
) -> dict[str, float | int | str | None]:
    """Return Pillai's trace and Wilks's lambda of each term with their F tests."""
    found: dict[str, float | int | str | None] = {}
    for term, test in tests.items():
        if test is None:
            continue
        for name, value, f in (
            ("pillai", test.pillai, test.pillai_test),
            ("wilks", test.wilks, test.wilks_test),
        ):
            found[f"{name}_{term}"] = value
            labels = ("statistic", "df_num", "df", "p_value")
            found |= {f"{name}_{label}_{term}": x for label, x in zip(labels, f, strict=True)}
    return found


def caveats(model: Model, multivariate: dict[str, MultivariateTest | None]) -> Iterator[str]:
    """Yield what a reader of the table must know."""
    if len(model.data.visits) == 2:  # one difference between visits
        yield tell("With two visits there is one difference between visits: nothing to correct for")
    if model.correction == "huynh_feldt" and model.sphericity.huynh_feldt > 1:
        yield tell(
            "Huynh and Feldt's epsilon is {epsilon:.4f}; 1 is used, so nothing is corrected",
            epsilon=model.sphericity.huynh_feldt,
        )
    if None in multivariate.values():
        yield tell(
            "Mauchly's test and the multivariate tests do not exist here: too few people, or a "
            "difference of visits that does not vary"
        )
