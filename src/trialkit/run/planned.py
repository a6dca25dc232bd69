"""One planned analysis to one verb on one frame."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd

from trialkit.analysis.ancova import ancova
from trialkit.analysis.before_after import MEAN_BEFORE, paired_change, paired_change_from_summary
from trialkit.analysis.descriptive import describe
from trialkit.analysis.responders import responders, responders_from_summary
from trialkit.analysis.two_arms import mean_difference, mean_difference_from_summary
from trialkit.dataset.dataset import Dataset
from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.run.published import published_estimates, published_p_values
from trialkit.study.plan import Analysis
from trialkit.study.published import PublishedFigure
from trialkit.study.specification import Estimand, Responder
from trialkit.study.study import Study, responder_rule
from trialkit.terms import (
    ARM_CODE,
    BASELINE,
    CHANGE,
    USUBJID,
    VALUE,
    FigureQuantity,
    Method,
    population_flag,
)

RESPONSE = "RESPONSE"
SHORT = 1 - 1e-9
# A mean of one person, or the quartiles of two, are those people's own values.
FEWEST = 3
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
    return labelled(result, analysis, estimand, study)


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
    if asked not in compared and asked[::-1] not in compared:
        arms = {arm for pair in compared for arm in pair}
        absent = [arm.id for arm in study.arm if arm.id in asked and arm.id not in arms]
        raise NotEstimableError(f"no complete record in arm {', '.join(absent)}")


def labelled(
    result: AnalysisResult, analysis: Analysis, estimand: Estimand, study: Study
) -> AnalysisResult:
    """Return a result that knows its planned analysis, its estimand, endpoint and visit."""
    baseline = study.baseline_visit.id if study.baseline_visit is not None else None
    rows = (
        replace(
            withheld(row),
            parameter=estimand.endpoint,
            visit=baseline if row.method == MEAN_BEFORE else estimand.visit,
        )
        for row in result.estimates
    )
    return replace(result, analysis_id=analysis.id, estimand=estimand.id, estimates=tuple(rows))


def withheld(row: Estimate) -> Estimate:
    """Return a summary without its number where so few people have it that it shows theirs."""
    few = row.n_subjects is not None and row.n_subjects < FEWEST
    if not few or row.quantity not in OWN_VALUES:
        return row
    return replace(row, estimate=None, std_error=None, df=None, conf_low=None, conf_high=None)


def arms_in_order(frame: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return records whose arms are ordered as the study lists them."""
    order = pd.Categorical(frame[ARM_CODE], categories=[arm.id for arm in study.arm])
    return frame.assign(**{ARM_CODE: order})


def records(dataset: Dataset, estimand: Estimand) -> pd.DataFrame:
    """Return the records of an estimand: its population and endpoint at its visit."""
    frame = dataset.population(
        estimand.population, endpoint=estimand.endpoint, visit=estimand.visit
    )
    return arms_in_order(frame, dataset.study)


def outcome_column(analysis: Analysis, dataset: Dataset) -> str:
    """Return the ADaM column that an analysis takes as its outcome."""
    if analysis.outcome == "change" and not dataset.study.has_baseline:
        raise SpecificationError("outcome 'change' needs a visit with `baseline = true`")
    return CHANGE if analysis.outcome == "change" else VALUE


def required_reference(estimand: Estimand) -> str:
    """Return the reference arm of an estimand; reading the study has made sure of it."""
    if estimand.reference is None:
        raise SpecificationError(f"estimand {estimand.id} names no reference arm")
    return estimand.reference


def descriptive_result(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Describe the outcome by arm."""
    return describe(
        records(dataset, estimand),
        outcome=outcome_column(analysis, dataset),
        arm=ARM_CODE,
        conf_level=analysis.conf_level,
    )


def difference_result(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Compare means by Welch's or Student's t."""
    return mean_difference(
        records(dataset, estimand),
        outcome=outcome_column(analysis, dataset),
        arm=ARM_CODE,
        reference=required_reference(estimand),
        method="student" if analysis.method == "student" else "welch",
        contrasts=analysis.contrasts,
        conf_level=analysis.conf_level,
    )


def change_result(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Estimate the change within people, arm by arm."""
    return paired_change(
        records(dataset, estimand),
        outcome=VALUE,
        baseline=BASELINE,
        arm=ARM_CODE,
        conf_level=analysis.conf_level,
    )


def ancova_result(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Compare adjusted means."""
    return ancova(
        records(dataset, estimand),
        outcome=outcome_column(analysis, dataset),
        arm=ARM_CODE,
        reference=required_reference(estimand),
        covariates=analysis.covariates or "1",
        contrasts=analysis.contrasts,
        weights=analysis.weights,
        conf_level=analysis.conf_level,
    )


def responders_result(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Compare the proportions that meet a responder rule."""
    study = dataset.study
    endpoint = study.find_endpoint(estimand.endpoint)
    rule = responder_rule(endpoint, analysis.responder)
    frame, notes = with_response(records(dataset, estimand), rule)
    # A person whose record at the visit is absent altogether is a person without a value.
    members = dataset.subjects[population_flag(estimand.population)].eq("Y")
    everyone = dataset.subjects.loc[members, [USUBJID, ARM_CODE]]
    frame = everyone.merge(frame[[USUBJID, RESPONSE]], on=USUBJID, how="left")
    if not frame[RESPONSE].notna().any():
        raise NotEstimableError(f"nobody has a value of {endpoint.id} at visit {estimand.visit}")
    missing_as = analysis.missing_as
    if missing_as == "non_responder" and not rule.is_benefit(endpoint.better):
        # The rule is a bad event ("any pain"): the cautious reading of a missing value is
        # that it happened.
        absent = int(frame[RESPONSE].isna().sum())
        notes += (f"{absent} people without a value counted as having the event",) * bool(absent)
        frame = frame.fillna({RESPONSE: 1.0})
    result = responders(
        arms_in_order(frame, study),
        response=RESPONSE,
        arm=ARM_CODE,
        reference=estimand.reference,
        contrasts=analysis.contrasts,
        interval=analysis.interval,
        missing_as=missing_as,
        conf_level=analysis.conf_level,
    )
    return replace(result, notes=(*result.notes, *notes))


def with_response(frame: pd.DataFrame, rule: Responder) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return records with 1 where the rule is met, 0 where not, missing where unknown.

    A person with a baseline of 0 has no percent reduction and cannot be a responder by
    one: the response is missing, and a note counts them.
    """
    name, threshold = rule.rule
    reduction = -frame[CHANGE]
    notes: tuple[str, ...] = ()
    if name == "percent_reduction":
        zero = int(frame[BASELINE].eq(0).sum())
        if zero:
            notes = (f"{zero} people with a baseline of 0 have no percent reduction",)
        # The share is taken a little short, so that rounding does not cost an exact 30 %.
        share = frame[BASELINE].abs() * (threshold / 100) * SHORT
        met = reduction.ge(share).where(frame[BASELINE].ne(0))
        known = frame[CHANGE].notna() & frame[BASELINE].ne(0)
    elif name == "reduction":
        met, known = reduction.ge(threshold * SHORT), frame[CHANGE].notna()
    else:
        values = frame[VALUE]
        met = {
            "at_most": values.le(threshold),
            "at_least": values.ge(threshold),
            "above": values.gt(threshold),
        }[name]
        known = values.notna()
    return frame.assign(**{RESPONSE: met.astype("float64").where(known)}), notes


def figures(
    study: Study, estimand: Estimand, quantity: FigureQuantity, *, responder: str | None = None
) -> tuple[PublishedFigure, ...]:
    """Return the printed figures of an estimand, or say that the table has none."""
    found = tuple(
        figure
        for figure in study.published
        if figure.quantity == quantity
        and figure.endpoint == estimand.endpoint
        and figure.visit == estimand.visit
        and figure.population == estimand.population
        and (responder is None or figure.responder == responder)
    )
    if not found:
        raise SpecificationError(
            f"{study.data.published_figures or 'no table of published figures'}: expected rows of "
            f"quantity '{quantity}' for endpoint {estimand.endpoint!r}, visit {estimand.visit!r}, "
            f"population {estimand.population!r}; found none"
        )
    return found


def figure_table(found: tuple[PublishedFigure, ...]) -> pd.DataFrame:
    """Return printed figures as the frame that the summary verbs take, one row an arm."""
    return pd.DataFrame(
        [
            {
                "arm": figure.arm,
                "n": figure.n_subjects,
                "mean": figure.estimate,
                "std_dev": figure.std_dev,
                "events": figure.events,
            }
            for figure in found
        ]
    )


def sourced(result: AnalysisResult, found: tuple[PublishedFigure, ...]) -> AnalysisResult:
    """Return a result whose notes name where the printed figures were read."""
    sources = dict.fromkeys(f"source: {figure.source} ({figure.origin})" for figure in found)
    return replace(result, notes=(*result.notes, *sources))


def difference_of_figures(study: Study, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Compare printed means, or printed mean changes."""
    found = figures(study, estimand, "change" if analysis.outcome == "change" else "mean")
    result = mean_difference_from_summary(
        figure_table(found),
        reference=required_reference(estimand),
        method="student" if analysis.method == "student" else "welch",
        contrasts=analysis.contrasts,
        conf_level=analysis.conf_level,
    )
    return sourced(result, found)


def change_of_figures(study: Study, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Test printed mean changes."""
    found = figures(study, estimand, "change")
    result = paired_change_from_summary(
        figure_table(found), arm="arm", conf_level=analysis.conf_level
    )
    return sourced(result, found)


def responders_of_figures(study: Study, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Compare printed counts."""
    rule = responder_rule(study.find_endpoint(estimand.endpoint), analysis.responder)
    found = figures(study, estimand, "responders", responder=rule.key)
    result = responders_from_summary(
        figure_table(found),
        reference=estimand.reference,
        contrasts=analysis.contrasts,
        interval=analysis.interval,
        conf_level=analysis.conf_level,
    )
    return sourced(result, found)


def estimates_of_figures(study: Study, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Take printed differences as they are; ``contrasts`` may pick some of them."""
    found = figures(study, estimand, "mean_difference")
    if analysis.pairs:
        found = tuple(
            figure for figure in found if (figure.arm, figure.reference_arm) in analysis.pairs
        )
    return published_estimates(found)


def p_values_of_figures(study: Study, _: Analysis, estimand: Estimand) -> AnalysisResult:
    """Take printed p-values as they are."""
    return published_p_values(figures(study, estimand, "p_value"))


def no_figures(_: Study, analysis: Analysis, __: Estimand) -> AnalysisResult:
    """Refuse a method that printed figures cannot carry."""
    raise NotEstimableError(f"method '{analysis.method}' cannot be carried out on printed figures")


def no_participants(_: Dataset, analysis: Analysis, __: Estimand) -> AnalysisResult:
    """Refuse a method that is about printed figures only."""
    raise SpecificationError(
        f"analysis {analysis.id}: method '{analysis.method}' needs data = 'published_figures'"
    )


FROM_PARTICIPANTS: Mapping[Method, Callable[[Dataset, Analysis, Estimand], AnalysisResult]] = {
    "descriptive": descriptive_result,
    "welch": difference_result,
    "student": difference_result,
    "paired_change": change_result,
    "ancova": ancova_result,
    "responders": responders_result,
    "published_estimate": no_participants,
    "published_p_values": no_participants,
}
FROM_FIGURES: Mapping[Method, Callable[[Study, Analysis, Estimand], AnalysisResult]] = {
    "descriptive": no_figures,
    "welch": difference_of_figures,
    "student": difference_of_figures,
    "paired_change": change_of_figures,
    "ancova": no_figures,
    "responders": responders_of_figures,
    "published_estimate": estimates_of_figures,
    "published_p_values": p_values_of_figures,
}
