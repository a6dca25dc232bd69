"""Every claim of an article to its verdict, from the results of the linked studies."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import Final

from trialkit.evidence.flags import logic_flags, studies_of
from trialkit.evidence.rules import (
    RULES,
    UNTESTABLE_REASONS,
    VERDICT_WORDS,
    Ruling,
    not_testable,
    rule_on_facts,
    rule_on_interval,
    rule_on_links,
)
from trialkit.language.told import tell, tell_list
from trialkit.result.analysis_result import Estimate
from trialkit.result.answering import at_asked_visit
from trialkit.result.study_results import (
    AnalysisRecord,
    ClaimVerdict,
    LinkVerdict,
    StudyResults,
)
from trialkit.study.article import Article, Claim, Link
from trialkit.study.specification import Endpoint
from trialkit.study.study import Study
from trialkit.terms import NO_DIFFERENCE, TESTED_QUANTITIES

# What a claim can be held against: a test with a side, or a printed p-value.
JUDGED: Final = frozenset(
    name for name in TESTED_QUANTITIES if name in NO_DIFFERENCE or name == "p_value"
)
SUMS: Final = frozenset({"adds up", "does not add up"})
MEAN_DIFFERENCES: Final = ("mean_difference", "ls_mean_difference")


def judge_articles(
    articles: Sequence[Article], results: Sequence[StudyResults]
) -> tuple[ClaimVerdict, ...]:
    """Return the verdict of every claim of every article.

    Parameters
    ----------
    articles : sequence of Article
        As read by ``read_articles``.
    results : sequence of StudyResults
        The results at hand; a link to a study that is not among them cannot be tested.

    Returns
    -------
    tuple of ClaimVerdict
        In the order of the articles and of their claims.

    Notes
    -----
    A verdict is computed, never typed: the rules are in ``evidence.rules.RULES``. A
    simulated study yields "illustration only", whatever its numbers.
    """
    return tuple(
        judge_claim(article, claim, results) for article in articles for claim in article.claim
    )


def judge_for_study(articles: Sequence[Article], results: StudyResults) -> tuple[ClaimVerdict, ...]:
    """Return the verdicts of the claims that one study's outcomes bear on, from it alone."""
    return tuple(
        judge_claim(article, narrowed(claim, results.study.id), [results])
        for article in articles
        for claim in article.claim
        if any(link.study == results.study.id for link in claim.links)
    )


def narrowed(claim: Claim, study: str) -> Claim:
    """Return a claim with only its links to one study, which alone then decide."""
    links = tuple(link for link in claim.links if link.study == study)
    return claim.model_copy(update={"links": links, "figures_published": None})


def judge_claim(article: Article, claim: Claim, results: Sequence[StudyResults]) -> ClaimVerdict:
    """Return one claim's verdict with its links, reason and flags."""
    by_id = {result.study.id: result for result in results}
    links = tuple(judge_link(link, claim, by_id.get(link.study)) for link in claim.links)
    forced = rule_on_facts(claim)
    overall = forced or rule_on_links(claim, tuple(map(ruling_of, links)))
    linked = studies_of([by_id[link.study] for link in claim.links if link.study in by_id])
    return ClaimVerdict(
        article=article.id,
        article_title=article.article.title,
        claim=claim.id,
        text=claim.text,
        kind=claim.kind,
        verdict=overall.verdict,
        untestable=overall.untestable,
        because=because(claim, overall, links),
        links=links,
        flags=logic_flags(claim, linked),
        paper_says=claim.paper_says,
        note=claim.note,
    )


def ruling_of(link: LinkVerdict) -> Ruling:
    """Return the ruling inside a link's verdict."""
    return Ruling(verdict=link.verdict, untestable=link.untestable)


def because(claim: Claim, overall: Ruling, links: Sequence[LinkVerdict]) -> str:
    """Return the reason of a verdict in one sentence."""
    if overall.untestable is not None:
        return UNTESTABLE_REASONS[overall.untestable]
    reported = claim.reported
    if reported is not None and reported.n_total is not None and overall.verdict in SUMS:
        return tell(
            "{arms} = {total}, quoted as {quoted}",
            arms=" + ".join(map(str, reported.n_arms)),
            total=sum(reported.n_arms),
            quoted=reported.n_total,
        )
    if overall.verdict == "mixed":
        return tally([link for link in links if link.verdict != "illustration only"])
    return RULES[overall.verdict]


def tally(links: Sequence[LinkVerdict]) -> str:
    """Return how often each outcome got each verdict.

    "pain intensity: supported in 3 of 3 analyses; unpleasantness: inconclusive in 2 of 2".
    """
    outcomes = dict.fromkeys(link.endpoint_label or link.study_title for link in links)
    parts = []
    for outcome in outcomes:
        verdicts = [
            link.verdict for link in links if outcome == (link.endpoint_label or link.study_title)
        ]
        counts = tell_list(
            tell(
                "{verdict} in {n} of {total}",
                verdict=VERDICT_WORDS[verdict],
                n=verdicts.count(verdict),
                total=len(verdicts),
            )
            for verdict in dict.fromkeys(verdicts)
        )
        parts.append(tell("{outcome}: {counts} analyses", outcome=outcome, counts=counts))
    return tell_list(parts, "; ")


def judge_link(link: Link, claim: Claim, results: StudyResults | None) -> LinkVerdict:
    """Return what one linked analysis does to the claim."""
    if results is None or all(item.id != link.analysis for item in results.study.analysis):
        return LinkVerdict(
            study=link.study,
            study_title=link.study if results is None else results.study.study.title,
            analysis=link.analysis,
            analysis_label=link.analysis,
            endpoint=link.endpoint,
            treatment=link.treatment,
            reference=link.reference,
            verdict="not testable here",
            untestable="no participant data",
            because=tell(
                "study {study}: its results are not at hand"
                if results is None
                else "study {study}: it plans no such analysis",
                study=link.study,
            ),
            caveat=link.caveat,
        )
    record = record_at_hand(link.analysis, results)
    row = linked_row(link, record, results.study)
    ruling = rule_on_link(link, claim, results, record=record, row=row)
    return link_verdict(link, results, record=record, row=row, ruling=ruling)


def record_at_hand(analysis: str, results: StudyResults) -> AnalysisRecord:
    """Return the record of an analysis, or of what stands in for it if it did not run."""
    record = results.find_record(analysis)
    if record is not None and record.status == "ran":
        return record
    for planned in results.study.analysis:
        if planned.stands_in_for == analysis:
            stand_in = results.find_record(planned.id)
            if stand_in is not None and stand_in.status == "ran":
                return stand_in
    return record or AnalysisRecord(
        analysis=analysis, status="not_run", data_status=results.study.study.data_status
    )


def linked_row(link: Link, record: AnalysisRecord, study: Study) -> Estimate | None:
    """Return the estimate that a link speaks of, turned round if its arms are swapped.

    A link that names no arms, or no visit, takes those of the analysis's estimand.
    """
    if record.result is None:
        return None
    estimand = study.find_estimand(study.find_analysis(record.analysis).estimand)
    treatment = link.treatment or estimand.treatment
    reference = link.reference or estimand.reference
    rows = [
        row
        for row in (
            at_asked_visit(study, record) if link.visit is None else record.result.estimates
        )
        if row.quantity in JUDGED
        and link.visit in {None, row.visit}
        and link.term in {None, row.term}
    ]
    for row in rows:
        within = row.reference_arm is None and row.quantity != "p_value"
        if within and row.arm == treatment and link.reference is None:
            return row
        if row.quantity == "p_value":
            return row
        if (row.arm, row.reference_arm) == (treatment, reference):
            return row
    return next(
        (swapped(row) for row in rows if (row.reference_arm, row.arm) == (treatment, reference)),
        None,
    )


def swapped(row: Estimate) -> Estimate:
    """Return a comparison of A with B as that of B with A."""
    return replace(
        row,
        arm=row.reference_arm,
        reference_arm=row.arm,
        estimate=turned(row.estimate, row),
        statistic=None if row.statistic is None else -row.statistic,
        conf_low=turned(row.conf_high, row),
        conf_high=turned(row.conf_low, row),
    )


def turned(value: float | None, row: Estimate) -> float | None:
    """Return a value seen from the other arm: a difference, a ratio or a chance."""
    null = NO_DIFFERENCE.get(row.quantity)
    if value is None:
        return None
    if null == 1:
        return 1 / value if value else inf
    return 2 * null - value if null else -value


def rule_on_link(
    link: Link,
    claim: Claim,
    results: StudyResults,
    *,
    record: AnalysisRecord,
    row: Estimate | None,
) -> Ruling:
    """Return the ruling of one link; simulated data come first, whatever they show."""
    if record.data_status == "simulated":
        return Ruling(verdict="illustration only")
    if claim.kind == "causal" and results.study.is_single_arm:
        return not_testable("no comparator")
    if row is None:
        return not_testable("no participant data")
    compares_means = row.quantity in MEAN_DIFFERENCES
    margin = linked_endpoint(record, results.study).margin if compares_means else None
    return rule_on_interval(row, expects=link.expects, alpha=record.alpha, margin=margin)


def linked_endpoint(record: AnalysisRecord, study: Study) -> Endpoint:
    """Return the endpoint that an analysis is about."""
    estimand = study.find_estimand(study.find_analysis(record.analysis).estimand)
    return study.find_endpoint(estimand.endpoint)


def link_verdict(
    link: Link,
    results: StudyResults,
    *,
    record: AnalysisRecord,
    row: Estimate | None,
    ruling: Ruling,
) -> LinkVerdict:
    """Return the stored form of one link's ruling, with the numbers it rests on."""
    study = results.study
    planned = study.find_analysis(record.analysis)
    endpoint = linked_endpoint(record, study)
    reason = UNTESTABLE_REASONS[ruling.untestable] if ruling.untestable else RULES[ruling.verdict]
    if record.status == "not_run" and record.reason:
        reason = record.reason
    label = planned.label or planned.id
    if record.analysis != link.analysis:
        label = tell(
            "{analysis} (stands in for {original})", analysis=label, original=link.analysis
        )
    return LinkVerdict(
        study=study.id,
        study_title=study.study.title,
        analysis=record.analysis,
        analysis_label=label,
        endpoint=endpoint.id,
        endpoint_label=endpoint.label,
        treatment=link.treatment,
        reference=link.reference,
        verdict=ruling.verdict,
        untestable=ruling.untestable,
        because=reason,
        quantity=row.quantity if row else None,
        estimate=row.estimate if row else None,
        conf_low=row.conf_low if row else None,
        conf_high=row.conf_high if row else None,
        conf_level=row.conf_level if row else None,
        p_value=row.p_value if row else None,
        p_adjusted=row.p_adjusted if row else None,
        unit=endpoint.scale.unit,
        decimals=endpoint.decimals,
        simulated=record.data_status == "simulated",
        caveat=link.caveat,
    )
