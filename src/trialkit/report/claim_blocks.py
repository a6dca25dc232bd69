"""Claims of articles: in short for page one, and in full with every number behind them."""

from collections.abc import Mapping, Sequence
from typing import Final

from trialkit.evidence.rules import RULES
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
from trialkit.result.study_results import ClaimVerdict, LinkVerdict
from trialkit.terms import Verdict

CALLOUT_TONES: Final[Mapping[str, CalloutTone]] = {
    "for": "strength",
    "against": "against",
    "open": "limit",
}
PERCENTAGE_POINTS: Final = "percentage points"
DECIDE_NOTHING: Final[frozenset[Verdict]] = frozenset({"not testable here", "illustration only"})


def verdicts_block(
    claims: Sequence[ClaimVerdict], *, caption: str, anchor: str, article: str | None = None
) -> Verdicts:
    """Return claims with verdict and one-line reason; ``article`` is a link to their page.

    The article is named in the head where all claims are of one, else beside each claim.
    """
    titles = list(dict.fromkeys(claim.article_title for claim in claims))
    single = len(titles) == 1
    return Verdicts(
        anchor=anchor,
        caption=caption,
        claim_head=f"Claim of “{titles[0]}”" if single and article is None else "Claim",
        rows=tuple(verdict_row(claim, with_article=not single) for claim in claims),
    )


def verdict_row(claim: ClaimVerdict, *, with_article: bool) -> VerdictRow:
    """Return one claim's line."""
    title = (Run(f" ({claim.article_title})", "muted"),) if with_article else ()
    return VerdictRow(
        claim=(Run(claim.text), *title),
        verdict=claim.verdict,
        tone=verdict_tone(claim.verdict),
        because=reason(claim),
    )


def reason(claim: ClaimVerdict) -> Runs:
    """Return why a claim has its verdict: the rule's reason, numbers, then the first flag.

    Numbers that decide nothing, such as simulated ones, are not shown as if they did.
    """
    deciding = [link for link in claim.links if link.verdict not in DECIDE_NOTHING]
    numbers = [link_numbers(link) for link in deciding if link.estimate is not None]
    said = [sentence_start(claim.because).rstrip(".")]
    if len(numbers) == 1:
        said.append(numbers[0])
    if claim.verdict != "does not add up":  # whose flag says the same again
        said += [flag.rstrip(".") for flag in claim.flags[:1]]
    return plain(". ".join(said) + ".")


def link_numbers(link: LinkVerdict) -> str:
    """Return the estimate of a link with interval and p-value: "−0.75 points (−1.48 to ...)"."""
    if link.quantity is None:
        return ""
    decimals = quantity_decimals(link.quantity, 1 if link.decimals is None else link.decimals)
    factor = quantity_factor(link.quantity)
    unit = PERCENTAGE_POINTS if link.quantity == "risk_difference" else link.unit
    shown = f" {unit_for(unit, '')}" if unit else ""
    text = f"{format_signed(link.estimate, decimals, factor=factor)}{shown}"
    if link.conf_low is None and link.conf_high is None:
        return f"{text} (no interval is given)"
    limits = format_interval(link.conf_low, link.conf_high, decimals, factor=factor)
    level = f"{format_level(link.conf_level)} interval " if link.conf_level is not None else ""
    known = [f"{level}{limits}"]
    if link.p_value is not None:
        known.append(format_p_equation(link.p_value))
    if link.p_adjusted is not None:
        known.append(f"adjusted {format_p_equation(link.p_adjusted)}")
    return f"{text} ({'; '.join(known)})"


def claim_detail(
    claim: ClaimVerdict,
    *,
    anchor: str,
    study_address: str | None = None,
    at_hand: Sequence[str] = (),
) -> tuple[Block, ...]:
    """Return one claim in full: verdict, reason, flags, and each linked analysis.

    ``study_address`` is how a page links to the report of a study, with ``{study}`` in the
    place of its id; only studies ``at_hand`` have a report to link to.
    """
    addresses = {study: study_address.format(study=study) for study in at_hand if study_address}
    return (
        Heading(text=claim.text, role="subsection", anchor=anchor),
        Callout(
            title=f"{sentence_start(claim.verdict)}.",
            runs=plain(f"{sentence_start(claim.because).rstrip('.')}."),
            tone=CALLOUT_TONES[verdict_tone(claim.verdict)],
        ),
        *said_of(claim),
        *flags(claim),
        *linked(claim, addresses),
    )


def said_of(claim: ClaimVerdict) -> tuple[Block, ...]:
    """Return what the paper says and what we note, where the article's file tells."""
    lines = (("What the paper says", claim.paper_says), ("Note", claim.note))
    items = tuple((term, plain(text)) for term, text in lines if text)
    return (Definitions(items=items),) if items else ()


def flags(claim: ClaimVerdict) -> tuple[Block, ...]:
    """Return the faults of reasoning that the rules found."""
    items = tuple((Run("Flag. ", "strong"), Run(sentence_start(flag))) for flag in claim.flags)
    return (Bullets(items=items),) if items else ()


def linked(claim: ClaimVerdict, addresses: Mapping[str, str]) -> tuple[Block, ...]:
    """Return each analysis that bears on a claim with its numbers and verdict."""
    if not claim.links:
        return ()
    return (
        paragraph("The analyses that bear on it:", role="small"),
        Bullets(items=tuple(link_runs(link, addresses) for link in claim.links)),
    )


def link_runs(link: LinkVerdict, addresses: Mapping[str, str]) -> Runs:
    """Return one linked analysis: study, analysis, verdict, numbers, caveat."""
    mark = (Run(f"{SIMULATED_MARK}. ", "strong"),) if link.simulated else ()
    numbers = f": {link_numbers(link)}" if link.estimate is not None else ""
    caveat = f" Caveat: {link.caveat.rstrip('.')}." if link.caveat else ""
    because = f" {sentence_start(link.because).rstrip('.')}." if not numbers else ""
    return (
        *mark,
        Run(link.study_title, href=addresses.get(link.study)),
        Run(f", {link.analysis_label}{numbers}. "),
        Run(f"{sentence_start(link.verdict)}.", "strong"),
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
        (sentence_start(item), plain(f"{RULES[item]}.")) for item in RULES if item in shown
    )
    if not items:
        return ()
    return (
        paragraph("Verdicts are computed from the numbers, never typed:", role="lead"),
        Definitions(items=items),
    )
