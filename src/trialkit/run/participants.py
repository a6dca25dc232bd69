"""Planned analyses of participants: each method to its verb, on the records it is about."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from trialkit.analysis.ancova import ancova
from trialkit.analysis.assumptions import assumption_checks
from trialkit.analysis.baseline_balance import baseline_balance
from trialkit.analysis.bayes_factor import bayes_factor, paired_bayes_factor
from trialkit.analysis.before_after import paired_change
from trialkit.analysis.before_after_ranks import sign_test, signed_rank
from trialkit.analysis.bootstrap import bootstrap_change, bootstrap_difference
from trialkit.analysis.correlation import correlation
from trialkit.analysis.cumulative_responders import cumulative_responders
from trialkit.analysis.descriptive import describe
from trialkit.analysis.effect_sizes import effect_size, paired_effect_size
from trialkit.analysis.equivalence import equivalence, paired_equivalence
from trialkit.analysis.logistic import logistic
from trialkit.analysis.mediation import mediation
from trialkit.analysis.mixed_model import mixed_model
from trialkit.analysis.mmrm import mmrm
from trialkit.analysis.model_coefficients import model_coefficients, model_diagnostics
from trialkit.analysis.model_terms import model_terms
from trialkit.analysis.multiple_comparisons import multiple_comparisons
from trialkit.analysis.one_way import one_way
from trialkit.analysis.ordinal import proportional_odds
from trialkit.analysis.paired_responders import paired_responders
from trialkit.analysis.panel import panel
from trialkit.analysis.percent_change import percent_change
from trialkit.analysis.permutation import permutation_test, sign_flip
from trialkit.analysis.pooled_trials import pooled_trials
from trialkit.analysis.rank_k import friedman, kruskal_wallis
from trialkit.analysis.ranks import rank_sum
from trialkit.analysis.repeated_measures import repeated_measures_anova
from trialkit.analysis.responders import responders
from trialkit.analysis.stratified_responders import stratified_responders
from trialkit.analysis.superiority import brunner_munzel
from trialkit.analysis.two_arms import mean_difference
from trialkit.dataset.dataset import Dataset
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell, tell_count
from trialkit.result.analysis_result import AnalysisResult
from trialkit.run.frames import (
    RESPONSE_BEFORE,
    VISIT,
    all_visits,
    everyone,
    later_visits,
    one_row_a_person,
    outcome_column,
    records,
    require_person_column,
    required_reference,
    responses,
    with_response_before,
)
from trialkit.run.options import given
from trialkit.study.plan import Analysis
from trialkit.study.specification import Estimand
from trialkit.study.study import responder_rule
from trialkit.terms import (
    ARM_CODE,
    BASELINE,
    BASELINE_OF,
    RESPONSE,
    USUBJID,
    VALUE,
    VISIT_LABEL,
    Method,
)

Verb = Callable[..., AnalysisResult]
CarryOut = Callable[[Dataset, Analysis, Estimand], AnalysisResult]


def between_arms(verb: Verb, **fixed: Any) -> CarryOut:
    """Return how a verb that compares arms with a reference arm is carried out."""

    def carry_out(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
        return verb(
            records(dataset, estimand),
            outcome=outcome_column(analysis, dataset),
            arm=ARM_CODE,
            reference=required_reference(estimand),
            **fixed,
            **given(analysis),
        )

    return carry_out


def among_arms(verb: Verb) -> CarryOut:
    """Return how a verb about all arms at once is carried out; none is the reference."""

    def carry_out(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
        return verb(
            records(dataset, estimand),
            outcome=outcome_column(analysis, dataset),
            arm=ARM_CODE,
            **given(analysis),
        )

    return carry_out


def within_people(verb: Verb) -> CarryOut:
    """Return how a verb that compares people with their own baseline is carried out."""

    def carry_out(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
        return verb(
            records(dataset, estimand),
            outcome=VALUE,
            baseline=BASELINE,
            arm=ARM_CODE,
            **given(analysis),
        )

    return carry_out


def by_response(verb: Verb) -> CarryOut:
    """Return how a verb on a response of yes or no is carried out, everyone counted."""

    def carry_out(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
        frame, notes = responses(dataset, analysis, estimand)
        strata = {"strata": analysis.strata} if analysis.strata is not None else {}
        result = verb(
            frame,
            response=RESPONSE,
            arm=ARM_CODE,
            reference=estimand.reference,
            **strata,
            **given(analysis),
        )
        return replace(result, notes=(*result.notes, *notes))

    return carry_out


def response_model(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Compare the odds to meet a rule at equal values of the covariates."""
    frame, notes = responses(dataset, analysis, estimand)
    absent = int(frame[RESPONSE].isna().sum())
    if analysis.missing_as != "observed" and absent:
        frame = frame.fillna({RESPONSE: 0.0})
        notes += (
            tell_count(
                absent,
                "{n} person without a value counted as not meeting the rule",
                "{n} people without a value counted as not meeting the rule",
            ),
        )
    options = {key: value for key, value in given(analysis).items() if key != "missing_as"}
    result = logistic(
        frame,
        response=RESPONSE,
        arm=ARM_CODE,
        reference=required_reference(estimand),
        **options,
    )
    return replace(result, notes=(*result.notes, *notes))


def paired_response(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Compare who meets a rule after with who met it before."""
    endpoint = dataset.study.find_endpoint(estimand.endpoint)
    rule = responder_rule(endpoint, analysis.responder)
    return paired_responders(
        with_response_before(records(dataset, estimand), rule),
        response=RESPONSE,
        baseline=RESPONSE_BEFORE,
        arm=ARM_CODE,
        **given(analysis),
    )


def response_curve(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Compare the shares that improve by at least each percentage."""
    return cumulative_responders(
        everyone(dataset, estimand),
        outcome=VALUE,
        baseline=BASELINE,
        arm=ARM_CODE,
        reference=estimand.reference,
        better=dataset.study.find_endpoint(estimand.endpoint).better,
        **given(analysis),
    )


def over_visits(verb: Verb, *, by_arm: bool) -> CarryOut:
    """Return how a verb on all visits of an endpoint is carried out."""

    def carry_out(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
        arm = {}
        if by_arm and not dataset.study.is_single_arm:
            arm = {"arm": ARM_CODE, "reference": estimand.reference}
        return verb(
            all_visits(dataset, analysis, estimand),
            outcome=VALUE,
            subject=USUBJID,
            visit=VISIT,
            **arm,
            **given(analysis),
        )

    return carry_out


def by_visit(verb: Verb) -> CarryOut:
    """Return how a verb that compares arms at every visit after the baseline is carried out."""

    def carry_out(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
        require_person_column(dataset, analysis.missing_reason, key="missing_reason")
        frame = later_visits(dataset, analysis, estimand)
        outcome = outcome_column(analysis, dataset)
        asked = frame.loc[frame[VISIT_LABEL].eq(estimand.visit), outcome]
        if asked.isna().all():
            raise NotEstimableError(
                tell(
                    "nobody has a value at the visit “{visit}”, which the question is about",
                    visit=dataset.study.find_visit(estimand.visit).label,
                )
            )
        return verb(
            frame,
            outcome=outcome,
            subject=USUBJID,
            visit=VISIT_LABEL,
            arm=ARM_CODE,
            reference=required_reference(estimand),
            **given(analysis),
        )

    return carry_out


def panel_of_endpoints(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Test the change of many endpoints together."""
    measured = tuple(endpoint.id for endpoint in dataset.study.measured_endpoints)
    endpoints = analysis.endpoints or measured
    arms: dict[str, Any] = {}
    if not dataset.study.is_single_arm:
        arms = {"arm": ARM_CODE, "reference": required_reference(estimand)}
    return panel(
        one_row_a_person(dataset, estimand, endpoints, column=VALUE),
        outcomes=list(endpoints),
        baselines=[BASELINE_OF.format(endpoint) for endpoint in endpoints],
        **arms,
        **given(analysis),
    )


def arms_at_baseline(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Compare the arms before treatment, without a test: chance made the differences."""
    return baseline_balance(
        records(dataset, estimand),
        baseline=BASELINE,
        arm=ARM_CODE,
        reference=required_reference(estimand),
        **given(analysis),
    )


def before_with_after(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Correlate the value before with the value after."""
    options = {
        "method" if key == "measure" else key: value for key, value in given(analysis).items()
    }
    return correlation(records(dataset, estimand), x=BASELINE, y=VALUE, arm=ARM_CODE, **options)


def mediated(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Split the difference between arms into what passes through the mediators and the rest."""
    column = outcome_column(analysis, dataset)
    mediators = analysis.mediators or ()
    return mediation(
        one_row_a_person(dataset, estimand, mediators, column=column),
        outcome=column,
        arm=ARM_CODE,
        reference=required_reference(estimand),
        mediators=list(mediators),
        **given(analysis),
    )


def trials_pooled(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> AnalysisResult:
    """Pool the trials that a column tells apart."""
    return between_arms(pooled_trials, trial=analysis.trial)(dataset, analysis, estimand)


FROM_PARTICIPANTS: Mapping[Method, CarryOut] = {
    "descriptive": among_arms(describe),
    "welch": between_arms(mean_difference, method="welch"),
    "student": between_arms(mean_difference, method="student"),
    "rank_sum": between_arms(rank_sum),
    "brunner_munzel": between_arms(brunner_munzel),
    "permutation": between_arms(permutation_test),
    "bootstrap": between_arms(bootstrap_difference),
    "effect_size": between_arms(effect_size),
    "bayes_factor": between_arms(bayes_factor),
    "equivalence": between_arms(equivalence),
    "one_way": among_arms(one_way),
    "kruskal_wallis": among_arms(kruskal_wallis),
    "multiple_comparisons": between_arms(multiple_comparisons),
    "ancova": between_arms(ancova),
    "model_terms": between_arms(model_terms),
    "model_coefficients": between_arms(model_coefficients),
    "model_diagnostics": between_arms(model_diagnostics),
    "baseline_balance": arms_at_baseline,
    "assumption_checks": among_arms(assumption_checks),
    "paired_change": within_people(paired_change),
    "signed_rank": within_people(signed_rank),
    "sign_test": within_people(sign_test),
    "sign_flip": within_people(sign_flip),
    "paired_bootstrap": within_people(bootstrap_change),
    "paired_effect_size": within_people(paired_effect_size),
    "paired_bayes_factor": within_people(paired_bayes_factor),
    "paired_equivalence": within_people(paired_equivalence),
    "percent_change": within_people(percent_change),
    "correlation": before_with_after,
    "panel": panel_of_endpoints,
    "repeated_measures_anova": over_visits(repeated_measures_anova, by_arm=True),
    "friedman": over_visits(friedman, by_arm=False),
    "mmrm": by_visit(mmrm),
    "mixed_model": between_arms(mixed_model, subject=USUBJID),
    "responders": by_response(responders),
    "stratified_responders": by_response(stratified_responders),
    "paired_responders": paired_response,
    "cumulative_responders": response_curve,
    "logistic": response_model,
    "proportional_odds": between_arms(proportional_odds),
    "mediation": mediated,
    "pooled_trials": trials_pooled,
}
