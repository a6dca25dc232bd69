"""The frames that verbs are given: an estimand's records, everyone, visits, one row a person."""

from collections.abc import Sequence

import pandas as pd

from trialkit.dataset.dataset import Dataset
from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell, tell_count
from trialkit.study.plan import Analysis
from trialkit.study.specification import Estimand, Responder
from trialkit.study.study import Study, responder_rule
from trialkit.terms import (
    ARM_CODE,
    BASELINE,
    BASELINE_OF,
    CHANGE,
    RESPONSE,
    USUBJID,
    VALUE,
    VISIT_LABEL,
    VISIT_NUMBER,
    population_flag,
)

RESPONSE_BEFORE = "RESPONSE_BEFORE"
VISIT = "VISIT"
SHORT = 1 - 1e-9


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


def everyone(dataset: Dataset, estimand: Estimand) -> pd.DataFrame:
    """Return the records of an estimand, with a row for people who have none at its visit.

    Such a row has the arm and what is known of the person; the outcome is missing.
    """
    members = dataset.subjects[population_flag(estimand.population)].eq("Y")
    people = dataset.subjects.loc[members]
    seen = records(dataset, estimand)
    own = [USUBJID, *(name for name in seen.columns if name not in people.columns)]
    return arms_in_order(people.merge(seen[own], on=USUBJID, how="left"), dataset.study)


def all_visits(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> pd.DataFrame:
    """Return the records of an estimand's endpoint at every visit, or those that are listed.

    The column ``VISIT`` has the ids of the visits, in their planned order.
    """
    frame = dataset.population(estimand.population, endpoint=estimand.endpoint)
    ids = {visit.order: visit.id for visit in dataset.study.visits}
    wanted = [item for item in ids.values() if analysis.visits is None or item in analysis.visits]
    visit = frame[VISIT_NUMBER].map(ids)
    frame = arms_in_order(frame.assign(**{VISIT: visit})[visit.isin(wanted)], dataset.study)
    order = pd.Categorical(frame[VISIT], categories=wanted, ordered=True)
    return frame.assign(**{VISIT: order})


def later_visits(dataset: Dataset, analysis: Analysis, estimand: Estimand) -> pd.DataFrame:
    """Return the records of an estimand's endpoint after the baseline, all or those listed.

    ``AVISIT`` has the ids of the visits, in their planned order.
    """
    frame = all_visits(dataset, analysis, estimand)
    baseline = dataset.study.baseline_visit
    if baseline is not None:
        frame = frame[frame[VISIT_NUMBER].gt(baseline.order)]
    visit = frame[VISIT].cat.remove_unused_categories()
    return frame.drop(columns=VISIT).assign(**{VISIT_LABEL: visit})


def require_person_column(dataset: Dataset, column: str | None, *, key: str) -> None:
    """Raise unless a column that a plan names is one of the data with one value a person."""
    if column is not None and column not in dataset.subjects:
        raise SpecificationError(
            f"{key}: expected a column of the data with one value a person, found {column!r}"
        )


def one_row_a_person(
    dataset: Dataset, estimand: Estimand, endpoints: Sequence[str], *, column: str
) -> pd.DataFrame:
    """Return the estimand's people, with a column an endpoint and one for its baseline.

    ``breaths`` holds the endpoint's value (or change) at the estimand's visit,
    ``breaths_BASE`` its baseline. Nobody is left out; what was not measured is missing.
    """
    people = everyone(dataset, estimand)
    for endpoint in endpoints:
        seen = dataset.population(estimand.population, endpoint=endpoint, visit=estimand.visit)
        own = seen[[USUBJID, column, BASELINE]].set_axis(
            [USUBJID, endpoint, BASELINE_OF.format(endpoint)], axis=1
        )
        people = people.merge(own, on=USUBJID, how="left")
    return arms_in_order(people, dataset.study)


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


def responses(
    dataset: Dataset, analysis: Analysis, estimand: Estimand
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return everyone with the response by the analysis's rule, and notes on it.

    A person whose record at the visit is absent altogether is a person without a value.
    """
    endpoint = dataset.study.find_endpoint(estimand.endpoint)
    rule = responder_rule(endpoint, analysis.responder)
    frame, notes = with_response(everyone(dataset, estimand), rule)
    if not frame[RESPONSE].notna().any():
        raise NotEstimableError(
            tell(
                "nobody has a value of {endpoint} at visit {visit}",
                endpoint=endpoint.id,
                visit=estimand.visit,
            )
        )
    if analysis.missing_as != "observed" and not rule.is_benefit(endpoint.better):
        # The rule is a bad event ("any pain"): the cautious reading of a missing value is
        # that it happened.
        absent = int(frame[RESPONSE].isna().sum())
        if absent:
            notes += (
                tell_count(
                    absent,
                    "{n} person without a value counted as having the event",
                    "{n} people without a value counted as having the event",
                ),
            )
        frame = frame.fillna({RESPONSE: 1.0})
    return frame, notes


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
            note = tell_count(
                zero,
                "{n} person with a baseline of 0 has no percent reduction",
                "{n} people with a baseline of 0 have no percent reduction",
            )
            notes = (note,)
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


def with_response_before(frame: pd.DataFrame, rule: Responder) -> pd.DataFrame:
    """Return records with the response at the visit and at the baseline.

    Raises
    ------
    SpecificationError
        If the rule compares with the baseline, where nobody can meet it.
    """
    if rule.needs_baseline:
        raise SpecificationError(
            f"responder {rule.key!r}: expected a rule about the value alone (at_most, at_least, "
            "above), found one about the change from baseline, which nobody meets at baseline"
        )
    before, _ = with_response(frame.assign(**{VALUE: frame[BASELINE]}), rule)
    after, _ = with_response(frame, rule)
    return after.assign(**{RESPONSE_BEFORE: before[RESPONSE]})
