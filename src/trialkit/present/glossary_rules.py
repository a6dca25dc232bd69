"""Whether a report uses a word of the glossary: rules on the plan and the stored results."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from trialkit.present.vocabulary import EXPECTED
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import StudyResults
from trialkit.study.study import Study
from trialkit.terms import Method, Procedure, Quantity

FALSE_DISCOVERY: Final[frozenset[Procedure]] = frozenset(
    {"benjamini_hochberg", "benjamini_yekutieli"}
)
MIXED: Final[frozenset[Method]] = frozenset({"mmrm", "mixed_model"})
RANKS: Final[frozenset[Method]] = frozenset(
    {"rank_sum", "signed_rank", "kruskal_wallis", "friedman", "brunner_munzel"}
)
RESAMPLED: Final[frozenset[Method]] = frozenset({"bootstrap", "paired_bootstrap", "mediation"})
DEALT: Final[frozenset[Method]] = frozenset({"permutation", "sign_flip"})
EQUIVALENCE: Final[frozenset[Method]] = frozenset({"equivalence", "paired_equivalence"})
BAYES: Final[frozenset[Method]] = frozenset({"bayes_factor", "paired_bayes_factor"})
VARIANCE: Final[frozenset[Method]] = frozenset(
    {"one_way", "model_terms", "repeated_measures_anova"}
)


def rows_of(results: StudyResults) -> Iterator[Estimate]:
    """Yield every estimate that a report prints."""
    for record in results.analyses:
        if record.result is not None:
            yield from record.result.estimates
    for result in results.descriptives:
        yield from result.estimates


def ran(methods: Iterable[Method]) -> Callable[[StudyResults], bool]:
    """Return the rule: an analysis by one of the methods ran."""
    wanted = frozenset(methods)

    def used(results: StudyResults) -> bool:
        done = {record.analysis for record in results.analyses if record.result is not None}
        return any(item.id in done and item.method in wanted for item in results.study.analysis)

    return used


def printed(*quantities: Quantity) -> Callable[[StudyResults], bool]:
    """Return the rule: a row of one of the quantities is printed."""
    return lambda results: any(row.quantity in quantities for row in rows_of(results))


def planned(has: Callable[[Study], object]) -> Callable[[StudyResults], bool]:
    """Return the rule: the plan has something."""
    return lambda results: bool(has(results.study))


def adjusted_by(*, sharing: bool) -> Callable[[StudyResults], bool]:
    """Return the rule: p-values are adjusted by a procedure of one kind."""

    def used(results: StudyResults) -> bool:
        procedures = {item.procedure for item in results.analyses if item.procedure}
        return any((name in FALSE_DISCOVERY) == sharing for name in procedures)

    return used


def has_interval(results: StudyResults) -> bool:
    """Return whether an interval is printed."""
    return any(row.conf_level is not None for row in rows_of(results))


def has_p_value(results: StudyResults) -> bool:
    """Return whether a p-value is printed."""
    return any(row.p_value is not None for row in rows_of(results))


def has_margin(kind: str) -> Callable[[Study], bool]:
    """Return the question: does an outcome declare a margin of a kind."""
    return lambda study: any(item.margin and item.margin.kind == kind for item in study.endpoint)


def has_event(study: Study) -> bool:
    """Return whether an estimand names an intercurrent event."""
    return any(item.intercurrent_events for item in study.estimand)


def has_role(role: str) -> Callable[[Study], bool]:
    """Return the question: does an analysis have a role."""
    return lambda study: any(item.role == role for item in study.analysis)


def has_arm(*roles: str) -> Callable[[Study], bool]:
    """Return the question: does an arm have one of the roles."""
    return lambda study: any(arm.role in roles for arm in study.arm)


def expects_regression(results: StudyResults) -> bool:
    """Return whether a change stands beside what an entry rule alone would bring."""
    return any(row.method.startswith(EXPECTED) for row in rows_of(results)) or any(
        item.entry for item in results.study.endpoint
    )
