"""The part of a site's index on claims: topic by topic, then those that nothing here tests."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from trialkit.evidence.rules import UNTESTABLE_REASONS
from trialkit.language.speech import say, say_again, say_count
from trialkit.present.grammar import mid_sentence, sentence_start
from trialkit.present.synopsis import SIMULATED_MARK, verdict_tone
from trialkit.present.vocabulary import VERDICTS
from trialkit.present.wording import sentence
from trialkit.report.addresses import claim_anchor, results_anchor
from trialkit.report.claim_blocks import all_verdicts, reason, rules_block
from trialkit.report.document import (
    Block,
    Bullets,
    Heading,
    Run,
    Runs,
    VerdictRow,
    Verdicts,
    paragraph,
    plain,
)
from trialkit.report.key_result import panel_count, panel_records
from trialkit.report.topics import Finding, Topic, topic_title, topics, untold
from trialkit.result.study_results import ClaimVerdict, StudyResults
from trialkit.terms import Verdict

SEPARATOR: Final = " · "
# How a page links to a claim of an article, from where it stands.
ClaimAddress = Callable[[ClaimVerdict], str]


def claim_addresses(claims: Sequence[ClaimVerdict]) -> ClaimAddress:
    """Return how the index links to a claim: its place on its article's page."""
    places: dict[tuple[str, str], str] = {}
    numbers: dict[str, int] = {}
    for claim in claims:
        number = numbers[claim.article] = numbers.get(claim.article, 0) + 1
        anchor = claim_anchor(number, claim)
        places[claim.article, claim.claim] = f"articles/{claim.article}/index.html#{anchor}"
    return lambda claim: places[claim.article, claim.claim]


def topics_section(
    results: Sequence[StudyResults], claims: Sequence[ClaimVerdict]
) -> tuple[Block, ...]:
    """Return every treatment and outcome: what was found, then the claims that bear on it."""
    found = topics(results, claims)
    if not found:
        return ()
    address = claim_addresses(claims)
    by_id = {item.study.id: item for item in results}
    return (
        Heading(text=say("What do our data say?"), role="section", anchor="topics"),
        paragraph(
            say(
                "Treatments are the arms that were studied; an outcome stands here if at least "
                "two studies measured it. Each line is one study's own result; none are pooled."
            ),
            role="small",
        ),
        *(block for item in found for block in topic_blocks(item, by_id, address)),
    )


def topic_blocks(
    item: Topic, by_id: Mapping[str, StudyResults], address: ClaimAddress
) -> tuple[Block, ...]:
    """Return one topic: its studies and claims counted, each study's findings, its claims."""
    return (
        Heading(
            text=say("About {topic}", topic=topic_title(item)),
            role="subsection",
            anchor=item.anchor,
        ),
        paragraph(counted(item), role="small"),
        *(block for study in item.studies for block in study_blocks(item, study)),
        *claims_table(item, by_id, address),
    )


def counted(item: Topic) -> str:
    """Return how many studies know of a topic, how many of them invented, and its claims."""
    simulated = sum(study.study.has_simulated_data for study in item.studies)
    said = [say_count(len(item.studies), "{n} study", "{n} studies")]
    if simulated:
        said.append(say("{n} with simulated participants", n=simulated))
    said.append(verdict_counts(item.claims) if item.claims else say("no claims"))
    return SEPARATOR.join(said)


def verdict_counts(claims: Sequence[ClaimVerdict]) -> str:
    """Return how many claims there are and how they fared: "2 claims: 1 mixed, 1 supported"."""
    verdicts = [claim.verdict for claim in claims]
    total = say_count(len(claims), "{n} claim", "{n} claims")
    counts = [
        f"{verdicts.count(verdict)} {say(VERDICTS[verdict])}" for verdict in dict.fromkeys(verdicts)
    ]
    return f"{total}: {', '.join(counts)}" if counts else total


def study_blocks(item: Topic, results: StudyResults) -> tuple[Block, ...]:
    """Return what one study found about a topic, under a link to its results."""
    study = results.study
    found = [finding for finding in item.findings if finding.results is results]
    printed = any(finding.record.data_status == "published_figures" for finding in found)
    mark = (Run(f" {say('From published figures.')}", "muted"),) if printed else ()
    return (
        paragraph(
            Run(study.study.title, href=f"{study.id}/index.html#results"), *mark, role="lead"
        ),
        Bullets(items=tuple(map(finding_line, found)) or (silent_line(results),)),
    )


def finding_line(finding: Finding) -> Runs:
    """Return one finding in one sentence, marked where its people were simulated."""
    study, status = finding.results.study, finding.record.data_status
    mark = (Run(f"{say(SIMULATED_MARK)}. ", "strong"),) if status == "simulated" else ()
    return (*mark, Run(sentence(study, finding.record, finding.estimate)))


def silent_line(results: StudyResults) -> Runs:
    """Return what a study has in the place of an estimate: p-values alone, or nothing yet."""
    panel = panel_count(panel_records(results))
    if panel is None:
        return plain(say("No interval is at hand."))
    return plain(say("Only p-values are published. {counted}", counted=panel))


def claims_table(
    item: Topic, by_id: Mapping[str, StudyResults], address: ClaimAddress
) -> tuple[Block, ...]:
    """Return the claims that a topic's analyses bear on, each with where they stand."""
    if not item.claims:
        return ()
    rows = tuple(
        claim_row(claim, address, places=places_of(item, claim, by_id)) for claim in item.claims
    )
    return (
        Verdicts(
            anchor=f"claims-{item.anchor}",
            caption=say("Claims about {topic}", topic=topic_title(item)),
            claim_head=say("Claim"),
            rows=rows,
        ),
    )


def claim_row(claim: ClaimVerdict, address: ClaimAddress, *, places: Runs = ()) -> VerdictRow:
    """Return one claim's line: a link to its place, verdict, reason, links to the studies."""
    return VerdictRow(
        claim=(Run(claim.text, href=address(claim)), Run(f" ({claim.article_title})", "muted")),
        verdict=say(VERDICTS[claim.verdict]),
        tone=verdict_tone(claim.verdict),
        because=(*reason(claim), *places),
    )


def places_of(item: Topic, claim: ClaimVerdict, by_id: Mapping[str, StudyResults]) -> Runs:
    """Return links to where the studies of a topic show what a claim rests on.

    Where a topic has several studies, each is named before its outcomes.
    """
    outcomes: dict[str, dict[str, Run]] = {}
    for link in claim.links:
        results = by_id.get(link.study)
        if results is not None and item.bears(link, results.study):
            href = f"{link.study}/index.html#{results_anchor(results, link.endpoint)}"
            text = mid_sentence(link.endpoint_label or link.analysis_label)
            outcomes.setdefault(link.study, {}).setdefault(href, Run(text, href=href))
    runs: list[Run] = []
    for study, links in outcomes.items():
        runs.append(Run(place_words(by_id[study], named=len(item.studies) > 1), "muted"))
        for position, place in enumerate(links.values()):
            runs += [*([Run(", ")] if position else []), place]
        runs.append(Run("."))
    return tuple(runs)


def place_words(results: StudyResults, *, named: bool) -> str:
    """Return what leads to the links to a study's sections."""
    title = results.study.study.title
    if results.study.study.data_status == "simulated":
        return " " + say("{mark}, see “{study}”: ", mark=say(SIMULATED_MARK), study=title)
    return " " + (say("See “{study}”: ", study=title) if named else say("See "))


def other_claims(
    results: Sequence[StudyResults], claims: Sequence[ClaimVerdict]
) -> tuple[Block, ...]:
    """Return the claims on which no study bears: by their own figures, else by reason."""
    summed, rest = untold(claims, topics(results, claims))
    if not summed and not rest:
        return ()
    address = claim_addresses(claims)
    figures = (
        (
            Verdicts(
                anchor="figures",
                caption=say("Figures that articles quote"),
                claim_head=say("Claim"),
                rows=tuple(claim_row(claim, address) for claim in summed),
            ),
        )
        if summed
        else ()
    )
    return (
        Heading(text=say("Claims no study here bears on"), role="section", anchor="other-claims"),
        *figures,
        *(block for why in UNTESTABLE_REASONS for block in untested(why, rest, address)),
    )


def untested(why: str, claims: Sequence[ClaimVerdict], address: ClaimAddress) -> tuple[Block, ...]:
    """Return the claims that cannot be tested for one reason."""
    held = [claim for claim in claims if claim.untestable == why]
    if not held:
        return ()
    return (
        Heading(
            text=say("Not testable here: {reason}", reason=say_again(held[0].because)),
            role="subsection",
            anchor=f"untested-{why.replace(' ', '-')}",
        ),
        Bullets(
            items=tuple(
                (
                    Run(claim.text, href=address(claim)),
                    Run(f" ({claim.article_title})", "muted"),
                    *(
                        Run(f" {sentence_start(say_again(flag)).rstrip('.')}.")
                        for flag in claim.flags[:1]
                    ),
                )
                for claim in held
            )
        ),
    )


def rules_section(claims: Sequence[ClaimVerdict]) -> tuple[Block, ...]:
    """Return the rules behind every verdict that the index shows."""
    shown: list[Verdict] = all_verdicts(claims)
    if not shown:
        return ()
    return (
        Heading(text=say("How a verdict is made"), role="section", anchor="rules"),
        *rules_block(shown),
    )
