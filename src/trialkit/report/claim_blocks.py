"""Claims of articles: in short for page one, and in full with every number behind them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Final

from trialkit.evidence.rules import RULES
from trialkit.language.speech import later, say, say_again
from trialkit.present.format import (
    format_interval,
    format_level,
    format_p_equation,
    format_signed,
    quantity_decimals,
    quantity_factor,
)
from trialkit.present.grammar import sentence_start, unit_for
from trialkit.present.synopsis import SIMULATED_MARK, verdict_tone
from trialkit.present.vocabulary import VERDICTS
from trialkit.report.document import (
    Block,
    Bullets,
    Callout,
    CalloutTone,
    Definitions,
    Heading,
    Run,
    Runs,
    VerdictRow,
    Verdicts,
    paragraph,
    plain,
)
from trialkit.report.room import CELL, NAME, runs_in_room, shortened
from trialkit.result.study_results import ClaimVerdict, LinkVerdict
from trialkit.terms import Verdict

CALLOUT_TONES: Final[Mapping[str, CalloutTone]] = {
    "for": "strength",
    "against": "against",
    "open": "limit",
}
PERCENTAGE_POINTS: Final = later("percentage points")
DECIDE_NOTHING: Final[frozenset[Verdict]] = frozenset({"not testable here", "illustration only"})

# How a page links to where a study shows a linked analysis; None where it cannot.
LinkAddress = Callable[[LinkVerdict], str | None]


def nowhere(link: LinkVerdict) -> None:
    """Return no address: a page that stands alone links to no other."""


def verdicts_block(
    claims: Sequence[ClaimVerdict],
    *,
    caption: str,
    anchor: str,
    article: str | None = None,
    anchors: Sequence[str] = (),
) -> Verdicts:
    """Return claims with verdict and one-line reason; ``article`` is a link to their page.

    The article is named in the head where all claims are of one, else beside each claim.
    ``anchors`` are where the claims stand in full on the same page, if they do.
    """
    titles = list(dict.fromkeys(claim.article_title for claim in claims))
    single = len(titles) == 1
    return Verdicts(
        anchor=anchor,
        caption=caption,
        claim_head=say("Claim of “{article}”", article=titles[0])
        if single and article is None
        else say("Claim"),
        rows=tuple(
            verdict_row(claim, with_article=not single, href=f"#{place}" if place else None)
            for claim, place in zip_longest(claims, anchors)
        ),
    )


def verdicts_in_room(block: Verdicts) -> Verdicts:
    """Return claims whose every cell is short enough for page one."""
    head = shortened(block.claim_head, 2 * NAME)
    rows = tuple(
        replace(
            row,
            claim=(*runs_in_room(row.claim[:1], CELL), *runs_in_room(row.claim[1:], NAME)),
            because=runs_in_room(row.because, CELL),
        )
        for row in block.rows
    )
    return replace(block, claim_head=head, rows=rows)


def verdict_row(claim: ClaimVerdict, *, with_article: bool, href: str | None = None) -> VerdictRow:
    """Return one claim's line."""
    title = (Run(f" ({claim.article_title})", "muted"),) if with_article else ()
    return VerdictRow(
        claim=(Run(claim.text, href=href), *title),
        verdict=say(VERDICTS[claim.verdict]),
        tone=verdict_tone(claim.verdict),
        because=reason(claim),
    )


def reason(claim: ClaimVerdict) -> Runs:
    """Return why a claim has its verdict: the rule's reason, numbers, then the first flag.

    Numbers that decide nothing, such as simulated ones, are not shown as if they did.
    """
    deciding = [link for link in claim.links if link.verdict not in DECIDE_NOTHING]
    numbers = [link_numbers(link) for link in deciding if link.estimate is not None]
    said = [sentence_start(say_again(claim.because)).rstrip(".")]
    if len(numbers) == 1:
        said.append(numbers[0])
    if claim.verdict != "does not add up":  # whose flag says the same again
        said += [say_again(flag).rstrip(".") for flag in claim.flags[:1]]
    return plain(". ".join(said) + ".")


def link_numbers(link: LinkVerdict) -> str:
    """Return the estimate of a link with interval and p-value: "−0.75 points (−1.48 to ...)"."""
    if link.quantity is None:
        return ""
    decimals = quantity_decimals(link.quantity, 1 if link.decimals is None else link.decimals)
    factor = quantity_factor(link.quantity)
    unit = say(PERCENTAGE_POINTS) if link.quantity == "risk_difference" else link.unit
    shown = f" {unit_for(unit, '')}" if unit else ""
    text = f"{format_signed(link.estimate, decimals, factor=factor)}{shown}"
    if link.conf_low is None and link.conf_high is None:
        return say("{estimate} (no interval is given)", estimate=text)
    limits = format_interval(link.conf_low, link.conf_high, decimals, factor=factor)
    known = [limits]
    if link.conf_level is not None:
        level = format_level(link.conf_level)
        known = [say("{level} interval {limits}", level=level, limits=limits)]
    if link.p_value is not None:
        known.append(format_p_equation(link.p_value))
    if link.p_adjusted is not None:
        known.append(say("adjusted {p}", p=format_p_equation(link.p_adjusted)))
    return f"{text} ({'; '.join(known)})"


def claim_detail(
    claim: ClaimVerdict,
    *,
    anchor: str,
    address: LinkAddress = nowhere,
) -> tuple[Block, ...]:
    """Return one claim in full: verdict, reason, flags, and each linked analysis.

    ``address`` says how a page links to where a study shows a linked analysis.
    """
    return (
        Heading(text=claim.text, role="subsection", anchor=anchor),
        Callout(
            title=f"{sentence_start(say(VERDICTS[claim.verdict]))}.",
            runs=plain(f"{sentence_start(say_again(claim.because)).rstrip('.')}."),
            tone=CALLOUT_TONES[verdict_tone(claim.verdict)],
        ),
        *said_of(claim),
        *flags(claim),
        *linked(claim, address),
    )


def said_of(claim: ClaimVerdict) -> tuple[Block, ...]:
    """Return what the paper says and what we note, where the article's file tells."""
    lines = ((say("What the paper says"), claim.paper_says), (say("Note"), claim.note))
    items = tuple((term, plain(text)) for term, text in lines if text)
    return (Definitions(items=items),) if items else ()


def flags(claim: ClaimVerdict) -> tuple[Block, ...]:
    """Return the faults of reasoning that the rules found."""
    items = tuple(
        (Run(say("Flag. "), "strong"), Run(sentence_start(say_again(flag)))) for flag in claim.flags
    )
    return (Bullets(items=items),) if items else ()


def linked(claim: ClaimVerdict, address: LinkAddress) -> tuple[Block, ...]:
    """Return each analysis that bears on a claim with its numbers and verdict."""
    if not claim.links:
        return ()
    return (
        paragraph(say("The analyses that bear on it:"), role="small"),
        Bullets(items=tuple(link_runs(link, address) for link in claim.links)),
    )


def link_runs(link: LinkVerdict, address: LinkAddress) -> Runs:
    """Return one linked analysis: study, analysis, verdict, numbers, caveat."""
    mark = (Run(f"{say(SIMULATED_MARK)}. ", "strong"),) if link.simulated else ()
    numbers = f": {link_numbers(link)}" if link.estimate is not None else ""
    caveat = " " + say("Caveat: {caveat}.", caveat=link.caveat.rstrip(".")) if link.caveat else ""
    because = f" {sentence_start(say_again(link.because)).rstrip('.')}." if not numbers else ""
    return (
        *mark,
        Run(link.study_title, href=address(link)),
        Run(f", {link.analysis_label}{numbers}. "),
        Run(f"{sentence_start(say(VERDICTS[link.verdict]))}.", "strong"),
        Run(f"{because}{caveat}"),
    )


def all_verdicts(claims: Sequence[ClaimVerdict]) -> list[Verdict]:
    """Return every verdict of claims and of their links."""
    links = [link.verdict for claim in claims for link in claim.links]
    return [*(claim.verdict for claim in claims), *links]


def rules_block(verdicts: Sequence[Verdict]) -> tuple[Block, ...]:
    """Return the rules behind the verdicts that a page shows."""
    shown = tuple(dict.fromkeys(verdicts))
    items = tuple(
        (sentence_start(say(VERDICTS[item])), plain(f"{say(RULES[item])}."))
        for item in RULES
        if item in shown
    )
    if not items:
        return ()
    return (
        paragraph(say("Verdicts are computed from the numbers, never typed:"), role="lead"),
        Definitions(items=items),
    )
