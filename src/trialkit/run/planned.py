"""One planned analysis to its result, labelled with the names of the study."""

from dataclasses import replace

from trialkit.analysis.regression_to_mean import expected_regression_to_mean
from trialkit.analysis.sample_rows import BEFORE
from trialkit.dataset.dataset import Dataset
from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell, tell_list
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.run.figures import FROM_FIGURES
from trialkit.run.participants import FROM_PARTICIPANTS
from trialkit.run.small_arms import FEWEST, without_small_arms
from trialkit.run.small_joint import without_small_joint
from trialkit.run.small_levels import without_small_levels
from trialkit.run.small_trials import without_small_trials
from trialkit.study.method_rules import FROM_BASELINE, RULES
from trialkit.study.plan import Analysis
from trialkit.study.specification import Estimand
from trialkit.study.study import Study
from trialkit.terms import ARM_CODE, VISIT_LABEL

# Changes in the unit of the score, beside which regression to the mean can be held.
ON_SCALE = ("change", "median_difference", "percent_change", "equivalence")
OWN_VALUES = ("mean", "std_dev", "median", "quartile_1", "quartile_3", "ls_mean")


def run_planned(study: Study, analysis: Analysis, dataset: Dataset | None) -> AnalysisResult:
    """Carry out one planned analysis.

    Raises
    ------
    NotEstimableError, SpecificationError, DataError
        As the verb that it names; ``SpecificationError`` if printed figures that it needs
        are not in the study's table.
    """
    estimand = study.find_estimand(analysis.estimand)
    if analysis.data == "published_figures":
        result = FROM_FIGURES[analysis.method](study, analysis, estimand)
    elif dataset is None:
        raise SpecificationError(f"analysis {analysis.id} needs participants")
    else:
        result = FROM_PARTICIPANTS[analysis.method](dataset, analysis, estimand)
    require_contrast(result, analysis, estimand, study)
    if analysis.data == "participants" and dataset is not None:
        result = without_small_joint(result, analysis, estimand, dataset)
        result = without_small_arms(result, analysis, estimand, dataset)
        result = without_small_levels(result, analysis, estimand, dataset)
        result = without_small_trials(result, analysis, estimand, dataset)
    return labelled(guarded(result, analysis, estimand, study), analysis, estimand, study)


def guarded(
    result: AnalysisResult, analysis: Analysis, estimand: Estimand, study: Study
) -> AnalysisResult:
    """Return a change without a comparator beside what the entry rule alone would bring.

    People who entered with an extreme score come nearer to the mean untreated; the row
    stands last, has no test and no interval.
    """
    rule = study.find_endpoint(estimand.endpoint).entry
    on_scale = any(row.quantity in ON_SCALE for row in result.estimates)
    before = analysis.method in FROM_BASELINE and on_scale
    if rule is None or not before or not study.is_single_arm:
        return result
    expected = expected_regression_to_mean(
        mean=rule.mean,
        std_dev=rule.std_dev,
        correlation=rule.correlation,
        at_least=rule.at_least,
        at_most=rule.at_most,
        measurements=rule.measurements,
    )
    return result.with_estimates((*result.estimates, *expected.select(quantity="change")))


def require_contrast(
    result: AnalysisResult, analysis: Analysis, estimand: Estimand, study: Study
) -> None:
    """Raise unless a comparison answers its estimand, whose arm may have no complete record.

    A list of contrasts is the plan's own choice of pairs.
    """
    asked = estimand.treatment, estimand.reference
    compared = [(row.arm, row.reference_arm) for row in result.estimates if row.reference_arm]
    if None in asked or analysis.pairs or not compared:
        return
    if not RULES[analysis.method].needs_reference:
        return
    if asked not in compared and asked[::-1] not in compared:
        arms = {arm for pair in compared for arm in pair}
        absent = [arm.id for arm in study.arm if arm.id in asked and arm.id not in arms]
        raise NotEstimableError(tell("no complete record in arm {arms}", arms=tell_list(absent)))


def labelled(
    result: AnalysisResult, analysis: Analysis, estimand: Estimand, study: Study
) -> AnalysisResult:
    """Return a result that knows its planned analysis, its estimand, endpoint and visit."""
    baseline = study.baseline_visit.id if study.baseline_visit is not None else None
    # A row over all visits is of none of them.
    visit = None if RULES[analysis.method].over_visits else estimand.visit
    visit = baseline if analysis.method == "baseline_balance" else visit
    rows = (
        replace(
            withheld(row),
            parameter=row.parameter or estimand.endpoint,
            term=None if row.term is None else named_term(row.term),
            visit=row.visit or (baseline if row.method in BEFORE else visit),
        )
        for row in result.estimates
    )
    return replace(result, analysis_id=analysis.id, estimand=estimand.id, estimates=tuple(rows))


def named_term(term: str) -> str:
    """Return a model term in the words of a study: arm and visit, not their columns.

    A term that a verb told stays what it is, so that it can be said in another language.

    >>> named_term("ARMCD[licorice]:AVISIT[week_4]")
    'arm[licorice]:visit[week_4]'
    """
    named = term.replace(ARM_CODE, "arm").replace(VISIT_LABEL, "visit")
    return term if named == term else named


def withheld(row: Estimate) -> Estimate:
    """Return a summary without its number where so few people have it that it shows theirs.

    A mean of one person, or the quartiles of two, are those people's own values.
    """
    few = row.n_subjects is not None and row.n_subjects < FEWEST
    if not few or row.quantity not in OWN_VALUES:
        return row
    return replace(row, estimate=None, std_error=None, df=None, conf_low=None, conf_high=None)
