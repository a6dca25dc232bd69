"""The flow of people in sentences: for who cannot see the diagram, and below it."""

from collections.abc import Collection, Iterator

from trialkit.language.speech import say, say_count
from trialkit.present.flow import PARTS, Flow, Lines, read_flow, stored_flow
from trialkit.present.format import format_integer, format_percent
from trialkit.present.grammar import mid_sentence
from trialkit.present.labels import (
    analysis_label,
    arm_label,
    endpoint_label,
    list_in_words,
    visit_label,
)
from trialkit.result.flow import counts_at, people_at
from trialkit.result.people import MissingCount
from trialkit.result.study_results import StudyResults
from trialkit.study.plan import Analysis


def flow_sentences(flow: Flow) -> Iterator[str]:
    """Yield the diagram in words, box after box."""
    for lines in (flow.assessed, flow.not_entered, flow.entered, flow.not_in_data):
        if lines:
            yield box_sentence(lines)
    for path in flow.arms:
        said = [box_sentence(path.lines(part)) for part in PARTS]
        yield say("{arm}: {counts}", arm=path.label, counts=" ".join(said))


def box_sentence(lines: Lines) -> str:
    """Return the counts of one box; the reasons of a count stand behind it in brackets."""
    said: list[str] = []
    reasons: list[str] = []
    for line in reversed(lines):
        counted = say("{step} {n}", step=line.label, n=line.number)
        if line.is_reason:
            reasons.insert(0, mid_sentence(counted))
        elif reasons:
            said.insert(0, say("{count} ({reasons})", count=counted, reasons="; ".join(reasons)))
            reasons = []
        else:
            said.insert(0, counted)
    return say("{counts}.", counts=", ".join([*said[:1], *map(mid_sentence, said[1:])]))


def main_analysis(results: StudyResults) -> Analysis | None:
    """Return the main analysis of participants that the flow ends in."""
    ran = {record.analysis for record in results.analyses if record.result is not None}
    mains = [item for item in results.study.main_analyses if item.data == "participants"]
    return next((item for item in mains if item.id in ran), None)


def flow_footnotes(results: StudyResults) -> tuple[str, ...]:
    """Return what stands under the diagram: losses, whose outcome, where counts were read."""
    flow = read_flow(results)
    source = results.study.flow.source if results.study.flow is not None else None
    unknown = flow is not None and any(line.n is None for box in flow.boxes for line in box)
    said = [
        losses_sentence(results),
        outcome_sentence(results),
        say("Not reported: neither the data nor the plan of this report has the count.")
        if unknown
        else None,
        say("Counts that the data do not show were read in: {source}.", source=source)
        if source
        else None,
    ]
    return tuple(filter(None, said))


def outcome_sentence(results: StudyResults) -> str | None:
    """Return which outcome and population the lower half of the diagram speaks of."""
    study, analysis = results.study, main_analysis(results)
    counted = [count for count in stored_flow(results) if count.step == "lost"]
    if analysis is None or not any(count.source == "counted" for count in counted):
        return None
    estimand = study.find_estimand(analysis.estimand)
    return say(
        "The outcome is that of the main analysis, “{analysis}”: {endpoint}, {visit}. Its "
        "population: {population}.",
        analysis=analysis_label(study, analysis.id),
        endpoint=mid_sentence(endpoint_label(study, estimand.endpoint)),
        visit=mid_sentence(visit_label(study, estimand.visit)),
        population=mid_sentence(study.find_population(estimand.population).label),
    )


def outside_sentence(results: StudyResults) -> str | None:
    """Return how many people with the outcome stand outside the main analysis's population."""
    study, analysis = results.study, main_analysis(results)
    outside = [item for item in stored_flow(results) if item.step == "outside_population"]
    n = sum(item.n_subjects for item in outside)
    if analysis is None or not n:
        return None
    population = study.find_population(study.find_estimand(analysis.estimand).population)
    return say_count(
        n,
        "{n} person is outside the population of this analysis: {population}.",
        "{n} people are outside the population of this analysis: {population}.",
        population=mid_sentence(population.label),
    )


def losses_sentence(results: StudyResults, arms: Collection[str] = ()) -> str | None:
    """Return how many people of some arms, or all, were lost after they entered.

    CONSORT 2025 asks for losses and exclusions after randomisation by arm, with reasons;
    that no reason is reported is said.
    """
    study, flow = results.study, stored_flow(results)
    asked = [arm for arm in study.arm if not arms or arm.id in arms]
    lost = {arm.id: people_at(flow, "lost", arm=arm.id) for arm in asked}
    whole = {arm.id: people_at(flow, "allocated", "in_data", arm=arm.id) or 0 for arm in asked}
    if any(people_at(flow, "outside_population", arm=arm.id) for arm in asked):
        # The share is of those whom the question is about, not of everybody in the data.
        for item in asked_about(results, [arm.id for arm in asked]):
            whole[item.arm] = item.n_subjects
            lost[item.arm] = item.n_subjects - item.n_with_value
    known = {arm: n for arm, n in lost.items() if n is not None and whole[arm]}
    if len(known) < len(asked):
        return None
    if not any(known.values()):
        return say("Nobody is without the outcome.")
    shares = [
        say(
            "{n} of {whole} ({percent}) with {arm}",
            n=format_integer(n),
            whole=format_integer(whole[arm]),
            percent=format_percent(n, whole[arm], 1),
            arm=mid_sentence(arm_label(study, arm)),
        )
        for arm, n in known.items()
    ]
    reasons = [item for arm in known for item in counts_at(flow, "lost", arm=arm)]
    is_known = all(item.reason for item in reasons if item.n_subjects)
    if any(item.source == "declared" for item in reasons):
        said = say("Lost to follow-up: {arms}.", arms=list_in_words(shares))
    else:
        said = say("Without the outcome: {arms}.", arms=list_in_words(shares))
    return said if is_known else say("{losses} Their reasons are not reported.", losses=said)


def asked_about(results: StudyResults, arms: Collection[str]) -> list[MissingCount]:
    """Return whom the main question is about, in these arms at its visit; none if unknown."""
    analysis = main_analysis(results)
    if analysis is None:
        return []
    estimand = results.study.find_estimand(analysis.estimand)
    place = (estimand.endpoint, estimand.population, estimand.visit)
    found = [
        item
        for item in results.missing
        if (item.endpoint, item.population, item.visit) == place and item.arm in arms
    ]
    return found if len(found) == len(arms) else []
