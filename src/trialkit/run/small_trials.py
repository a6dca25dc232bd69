"""Trials that would show what one or two people of an arm of a trial scored.

Pooled in two stages each trial is compared by itself, and the average is made of these
comparisons: from it, the weights and the other trials the one that is withheld follows, and
two trials follow from their average and its heterogeneity alone. A comparison with such a
trial is therefore not pooled at all. In one stage people show through no more than the totals
of arms and of trials, unless their cell alone links what is compared, or the trials are so few
that their totals follow from the adjusted means. The test of arm by trial adds how far the
trials differ, which for two of them is the difference of each.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from trialkit.analysis.model_records import model_records
from trialkit.analysis.pooled_trials import INTERACTION, read_people
from trialkit.dataset.dataset import Dataset
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell, tell_list
from trialkit.result.analysis_result import AnalysisResult
from trialkit.run.frames import outcome_column, records, required_reference
from trialkit.run.small_arms import FEWEST
from trialkit.study.plan import Analysis
from trialkit.study.specification import Estimand
from trialkit.terms import ARM_CODE, USUBJID

Cell = tuple[str, str]  # trial, arm
Pair = tuple[str, str]  # arm, reference arm
People = Mapping[Cell, int]
PREDICTED: Final = "random_effect["


def without_small_trials(
    result: AnalysisResult, analysis: Analysis, estimand: Estimand, dataset: Dataset
) -> AnalysisResult:
    """Return an analysis of trials without figures that show what one or two people scored.

    Raises
    ------
    NotEstimableError
        If what is asked would show it.
    """
    if analysis.method == "mixed_model" and analysis.predict is not None:
        return without_small_predictions(result, analysis, estimand, dataset)
    if analysis.method != "pooled_trials" or analysis.trial is None:
        return result
    people = read_people(
        records(dataset, estimand),
        outcome=outcome_column(analysis, dataset),
        arm=ARM_CODE,
        trial=analysis.trial,
        covariates=analysis.covariates or "1",
        reference=required_reference(estimand),
    )
    trials, arms = people.frame[people.trial], people.frame[people.arm]
    cells = dict(sorted(Counter(zip(trials, arms, strict=True)).items()))
    if analysis.stages == "two_stage":
        return without_small_comparisons(result, estimand, cells)
    return without_small_cells(result, cells)


def without_small_comparisons(
    result: AnalysisResult, estimand: Estimand, people: People
) -> AnalysisResult:
    """Return two stages without the contrasts that a trial with a small arm enters."""
    pairs = compared_pairs(result)
    hidden = {pair: found for pair in pairs if (found := small_in_comparison(people, pair))}
    if not hidden:
        return result
    asked = (estimand.treatment, estimand.reference)
    if asked in hidden or asked[::-1] in hidden or len(hidden) == len(pairs):
        raise NotEstimableError(
            tell(
                "fewer than {fewest} people with a value in an arm of a trial ({cells}): the "
                "trial's own comparison, and the average that it enters, would show what they "
                "scored; pool in one stage, or without this trial",
                fewest=FEWEST,
                cells=counted_cells(people, *hidden.values()),
            )
        )
    notes = tuple(
        tell(
            "{arm} - {reference} is left out: fewer than {fewest} people with a value in an arm "
            "of a trial ({cells})",
            arm=arm,
            reference=reference,
            fewest=FEWEST,
            cells=counted_cells(people, found),
        )
        for (arm, reference), found in hidden.items()
    )
    endings = tuple(f" ({arm} - {reference})" for arm, reference in hidden)
    return replace(
        result,
        estimates=tuple(
            row for row in result.estimates if (row.arm, row.reference_arm) not in hidden
        ),
        fit=tuple(figure for figure in result.fit if not figure.name.endswith(endings)),
        notes=(*result.notes, *notes),
    )


def without_small_cells(result: AnalysisResult, people: People) -> AnalysisResult:
    """Return one stage without the test of arm by trial, where an arm of a trial is small."""
    small = [cell for cell, n in people.items() if n < FEWEST]
    if not small:
        return result
    shown = shown_cells(people, small, compared_pairs(result))
    if shown:
        raise NotEstimableError(
            tell(
                "fewer than {fewest} people with a value in an arm of a trial ({cells}): the "
                "adjusted means would show what they scored; pool without this trial",
                fewest=FEWEST,
                cells=counted_cells(people, shown),
            )
        )
    kept = tuple(row for row in result.estimates if row.term != INTERACTION)
    if len(kept) == len(result.estimates):
        return result
    note = tell(
        "the test of arm by trial is left out, since it would show what fewer than {fewest} "
        "people scored ({cells})",
        fewest=FEWEST,
        cells=counted_cells(people, small),
    )
    return replace(result, estimates=kept, notes=(*result.notes, note))


def without_small_predictions(
    result: AnalysisResult, analysis: Analysis, estimand: Estimand, dataset: Dataset
) -> AnalysisResult:
    """Return a mixed model without its predicted effects, where one is of one or two people.

    Effects of one term add up to zero, so that one of them cannot be withheld alone.
    """
    people = model_records(
        records(dataset, estimand),
        outcome=outcome_column(analysis, dataset),
        arm=ARM_CODE,
        reference=required_reference(estimand),
        covariates=analysis.covariates or "1",
    ).frame
    factor = analysis.predict or ""
    columns = [name.strip() for name in factor.split(":")]
    by = [*columns, ARM_CODE] if ARM_CODE in str(analysis.random) else columns
    sizes = people.groupby(by, observed=True)[USUBJID].nunique()
    if sizes.empty or sizes.min() >= FEWEST:
        return result
    note = tell(
        "the predicted effects of {factor} are left out, since they would show what fewer than "
        "{fewest} people scored",
        factor=factor,
        fewest=FEWEST,
    )
    kept = tuple(figure for figure in result.fit if not figure.name.startswith(PREDICTED))
    return replace(result, fit=kept, notes=(*result.notes, note))


def compared_pairs(result: AnalysisResult) -> tuple[Pair, ...]:
    """Return which arms are compared."""
    pairs = ((row.arm, row.reference_arm) for row in result.estimates)
    return tuple(dict.fromkeys((one, other) for one, other in pairs if one and other))


def small_in_comparison(people: People, pair: Pair) -> list[Cell]:
    """Return the small arms of trials that hold both arms of a pair."""
    return [
        (trial, arm)
        for (trial, arm), n in people.items()
        if n < FEWEST and arm in pair and all((trial, each) in people for each in pair)
    ]


def shown_cells(people: People, small: Sequence[Cell], pairs: Sequence[Pair]) -> list[Cell]:
    """Return the small cells whose mean follows from the adjusted means of one stage.

    The model sees the totals of a arms and k trials, a + k - 1 figures. The means of the arms,
    their differences and one level are 2 a, which is as many where k is at most a + 1.
    """
    sizes: Counter[str] = Counter()
    for (trial, _), n in people.items():
        sizes[trial] += n
    arms = {arm for _, arm in people}
    few = len(sizes) <= len(arms) + 1
    found = []
    for cell in small:
        trial, arm = cell
        links = any(not linked(people, pair, without=cell) for pair in pairs)
        alone = sizes[trial] < FEWEST or not reaches(people, trial, arm, without=cell)
        if links or (few and alone):
            found.append(cell)
    return found


def linked(people: People, pair: Pair, *, without: Cell) -> bool:
    """Return whether two arms are compared through trials if one cell is taken away."""
    starts = [trial for trial, arm in people if arm == pair[0] and (trial, arm) != without]
    return any(reaches(people, trial, pair[1], without=without) for trial in starts)


def reaches(people: People, trial: str, arm: str, *, without: Cell) -> bool:
    """Return whether a way leads from a trial to an arm, over arms that trials share."""
    ways = [cell for cell in people if cell != without]
    trials: set[str] = set()
    further = {trial}
    arms: set[str] = set()
    while further - trials:
        trials |= further
        arms = {name for place, name in ways if place in trials}
        further = {place for place, name in ways if name in arms}
    return arm in arms


def counted_cells(people: People, *cells: Sequence[Cell]) -> str:
    """Return small arms of trials with the number of their people."""
    named = dict.fromkeys(cell for some in cells for cell in some)
    return tell_list(
        [
            tell("{trial}, {arm}: {n}", trial=trial, arm=arm, n=people[trial, arm])
            for trial, arm in named
        ],
        "; ",
    )
