"""The documents of a site: its index, and a page for every article."""

from collections.abc import Sequence
from datetime import date

from trialkit.present.grammar import noun
from trialkit.present.synopsis import SIMULATED_MARK
from trialkit.present.wording import sentence
from trialkit.report.addresses import doi_address, outside
from trialkit.report.build import document_date
from trialkit.report.choice import main_result
from trialkit.report.claim_blocks import all_verdicts, claim_detail, rules_block, verdicts_block
from trialkit.report.document import (
    Block,
    Bullets,
    Card,
    Definitions,
    Document,
    Heading,
    Paragraph,
    Run,
    Runs,
    paragraph,
    plain,
)
from trialkit.report.key_result import NO_INTERVAL, panel_count, panel_records
from trialkit.report.page_one import badges_block, question
from trialkit.result.study_results import ClaimVerdict, StudyResults
from trialkit.study.article import Article, Paper, Related

SITE = "trialkit: studies, articles and claims"


def index_document(
    articles: Sequence[Article],
    results: Sequence[StudyResults],
    verdicts: Sequence[ClaimVerdict],
) -> Document:
    """Return the index: every study, every article, every claim with its verdict."""
    return Document(
        title="Studies, articles and claims",
        description="Reports of trials, and what their numbers do to the claims of articles.",
        front=(
            Heading(text="Studies, articles and claims", role="title", anchor="top"),
            paragraph(
                "Each study is reported from its own stored results. Each claim of an article "
                "is held against the studies that bear on it; the verdict is computed.",
                role="subtitle",
            ),
        ),
        parts=(
            *section(
                "Studies",
                "studies",
                [study_card(item, "{study}/index.html") for item in real_first(results)],
            ),
            *section(
                "Articles",
                "articles",
                [article_card(item, of_article(verdicts, item)) for item in articles],
            ),
            *claims_section(articles, verdicts),
        ),
        running=SITE,
        dated=document_date(None),
    )


def article_document(
    article: Article, results: Sequence[StudyResults], verdicts: Sequence[ClaimVerdict]
) -> Document:
    """Return the page of one article: what it says, and what the studies do to each claim."""
    claims = of_article(verdicts, article)
    header = article.article
    behind = studies_behind(claims, results)
    return Document(
        title=header.title,
        description=f"Claims of “{header.title}”, held against the studies that bear on them.",
        front=(
            paragraph("An article and its claims", role="label"),
            Heading(text=header.title, role="title", anchor="top"),
            Paragraph(runs=byline(article), role="subtitle"),
            Heading(text="What it says, in our words", role="minor", anchor="summary"),
            paragraph(header.summary),
            *paper_block(header.paper),
            verdicts_block(
                claims,
                caption="Its claims, and what the numbers do to them",
                anchor="verdicts",
                article=header.id,
            ),
        ),
        parts=(
            Heading(text="Claims, one by one", role="section", anchor="claims"),
            *(
                block
                for number, claim in enumerate(claims, start=1)
                for block in claim_detail(
                    claim,
                    anchor=f"claim-{number}-{claim.claim}",
                    study_address="../../{study}/index.html",
                    at_hand=tuple(item.study.id for item in results),
                )
            ),
            *section(
                "Studies behind the verdicts",
                "studies",
                [study_card(item, "../../{study}/index.html") for item in behind],
            ),
            *related_block(header.related),
            Heading(text="How a verdict is made", role="section", anchor="rules"),
            *rules_block(all_verdicts(claims)),
        ),
        running=SITE,
        dated=document_date(None),
        navigation=(("All studies and articles", "../../index.html"),),
    )


def section(title: str, anchor: str, cards: Sequence[Card]) -> tuple[Block, ...]:
    """Return a section of cards; nothing if there are none."""
    return (Heading(text=title, role="section", anchor=anchor), *cards) if cards else ()


def real_first(results: Sequence[StudyResults]) -> list[StudyResults]:
    """Return studies of real people first, then published figures, simulated ones last."""
    order = {"real": 0, "published_figures": 1, "simulated": 2}
    return sorted(results, key=lambda item: order[item.study.study.data_status])


def study_card(results: StudyResults, address: str) -> Card:
    """Return a study's entry: question, badges, and its main result in one sentence."""
    study, main = results.study, main_result(results)
    if main is None:
        counted = panel_count(panel_records(results))
        said: Runs = plain(f"{NO_INTERVAL}. {counted or ''}".strip())
    else:
        mark = main.record.data_status == "simulated"
        said = (
            *((Run(f"{SIMULATED_MARK}. ", "strong"),) if mark else ()),
            Run(sentence(study, main.record, main.estimate)),
        )
    return Card(
        title=question(study),
        href=address.format(study=study.id),
        anchor=f"study-{study.id}",
        blocks=(
            paragraph(study.study.title, role="small"),
            badges_block(study, main),
            Paragraph(runs=said),
        ),
    )


def article_card(article: Article, claims: Sequence[ClaimVerdict]) -> Card:
    """Return an article's entry: who, when, and how its claims fared."""
    verdicts = [claim.verdict for claim in claims]
    counts = [f"{verdicts.count(item)} {item}" for item in dict.fromkeys(verdicts)]
    total = f"{len(claims)} {noun(len(claims), 'claim', 'claims')}"
    return Card(
        title=article.article.title,
        href=f"articles/{article.id}/index.html",
        anchor=f"article-{article.id}",
        blocks=(
            Paragraph(runs=byline(article), role="small"),
            paragraph(f"{total}: {', '.join(counts)}." if counts else f"{total}."),
        ),
    )


def claims_section(
    articles: Sequence[Article], verdicts: Sequence[ClaimVerdict]
) -> tuple[Block, ...]:
    """Return every claim with its verdict, article by article, and the rules."""
    if not verdicts:
        return ()
    tables = [
        verdicts_block(
            of_article(verdicts, article),
            caption=article.article.title,
            anchor=f"claims-{article.id}",
            article=article.id,
        )
        for article in articles
        if of_article(verdicts, article)
    ]
    return (
        Heading(text="Claims", role="section", anchor="claims"),
        *rules_block([claim.verdict for claim in verdicts]),
        *tables,
    )


def of_article(verdicts: Sequence[ClaimVerdict], article: Article) -> list[ClaimVerdict]:
    """Return the verdicts on the claims of one article."""
    return [claim for claim in verdicts if claim.article == article.id]


def studies_behind(
    claims: Sequence[ClaimVerdict], results: Sequence[StudyResults]
) -> list[StudyResults]:
    """Return the studies at hand that the claims link to."""
    linked = {link.study for claim in claims for link in claim.links}
    return [item for item in results if item.study.id in linked]


def byline(article: Article) -> Runs:
    """Return who wrote an article and when, with a link to it."""
    header = article.article
    said = Run(f"{header.author}, {long_date(header.published)}")
    if not outside(header.address):
        return (said, Run("."))
    return (said, Run(". "), Run("Read the article", href=header.address), Run("."))


def long_date(day: date) -> str:
    """Return a date as a reader says it.

    >>> long_date(date(2025, 10, 21))
    '21 October 2025'
    """
    return f"{day.day} {day:%B %Y}"


def paper_block(paper: Paper | None) -> tuple[Block, ...]:
    """Return the paper an article speaks of."""
    if paper is None:
        return ()
    stated = (("Design", paper.design), ("Studied in", paper.subjects), ("Note", paper.note))
    items = tuple((term, plain(text)) for term, text in stated if text)
    return (
        Heading(text="The paper it speaks of", role="minor", anchor="paper"),
        Paragraph(runs=cited(paper.citation, paper.doi)),
        *((Definitions(items=items),) if items else ()),
    )


def cited(citation: str, doi: str | None) -> Runs:
    """Return a citation and its DOI as a link."""
    if doi is None:
        return plain(citation)
    return (Run(f"{citation.rstrip('.')}. "), Run(f"doi:{doi}", href=doi_address(doi)))


def related_block(related: Sequence[Related]) -> tuple[Block, ...]:
    """Return other studies that bear on an article, in our words."""
    if not related:
        return ()
    items = tuple(
        (
            *cited(item.citation, item.doi),
            Run(f". {item.finding}" if item.doi else f" {item.finding}"),
        )
        for item in related
    )
    return (
        Heading(text="Other studies on the question", role="section", anchor="related"),
        Bullets(items=items),
    )
