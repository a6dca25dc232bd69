"""The documents of a site: its index, and a page for every article."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from trialkit.language.speech import date_words, later, say, say_count
from trialkit.present.synopsis import SIMULATED_MARK
from trialkit.present.wording import sentence
from trialkit.report.addresses import claim_anchor, doi_address, outside, results_anchor
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
from trialkit.report.site_claims import (
    SEPARATOR,
    other_claims,
    rules_section,
    topics_section,
    verdict_counts,
)
from trialkit.report.topics import real_first
from trialkit.result.study_results import ClaimVerdict, LinkVerdict, StudyResults
from trialkit.study.article import Article, Paper, Related

SITE: Final = later("trialkit: studies, articles and claims")


def index_document(
    articles: Sequence[Article],
    results: Sequence[StudyResults],
    verdicts: Sequence[ClaimVerdict],
    *,
    files: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> Document:
    """Return the index: every study, every topic, every article and its claims.

    ``files`` holds, by study, the names and addresses of the files beside its page.
    """
    beside = files or {}
    claims = [claim for article in articles for claim in of_article(verdicts, article)]
    cards = [
        study_card(item, "{study}/index.html", beside.get(item.study.id, ()))
        for item in real_first(results)
    ]
    return Document(
        title=say("Studies, articles and claims"),
        description=say("Reports of trials, and what their numbers do to the claims of articles."),
        front=(
            Heading(text=say("Studies, articles and claims"), role="title", anchor="top"),
            paragraph(
                say(
                    "Each study is reported from its own stored results. Each claim of an article "
                    "is held against the studies that bear on it; the verdict is computed."
                ),
                role="subtitle",
            ),
            paragraph(at_a_glance(articles, results, claims), role="small"),
        ),
        parts=(
            *section(say("Studies"), "studies", cards),
            *topics_section(results, claims),
            *section(
                say("Articles"),
                "articles",
                [article_card(item, of_article(verdicts, item)) for item in articles],
            ),
            *other_claims(results, claims),
            *rules_section(claims),
        ),
        running=say(SITE),
        dated=document_date(None),
    )


def at_a_glance(
    articles: Sequence[Article],
    results: Sequence[StudyResults],
    claims: Sequence[ClaimVerdict],
) -> str:
    """Return how many studies, articles and claims the site holds, and how the claims fared."""
    simulated = sum(item.study.has_simulated_data for item in results)
    said = [
        say_count(len(results), "{n} study", "{n} studies"),
        *([say("{n} with simulated participants", n=simulated)] if simulated else []),
        say_count(len(articles), "{n} article", "{n} articles"),
        verdict_counts(claims),
    ]
    return SEPARATOR.join(said)


def article_document(
    article: Article, results: Sequence[StudyResults], verdicts: Sequence[ClaimVerdict]
) -> Document:
    """Return the page of one article: what it says, and what the studies do to each claim."""
    claims = of_article(verdicts, article)
    anchors = [claim_anchor(number, claim) for number, claim in enumerate(claims, start=1)]
    place = places_in(results)
    header = article.article
    behind = studies_behind(claims, results)
    return Document(
        title=header.title,
        description=say(
            "Claims of “{article}”, held against the studies that bear on them.",
            article=header.title,
        ),
        front=(
            paragraph(say("An article and its claims"), role="label"),
            Heading(text=header.title, role="title", anchor="top"),
            Paragraph(runs=byline(article), role="subtitle"),
            Heading(text=say("What it says, in our words"), role="minor", anchor="summary"),
            paragraph(header.summary),
            *paper_block(header.paper),
            verdicts_block(
                claims,
                caption=say("Its claims, and what the numbers do to them"),
                anchor="verdicts",
                article=header.id,
                anchors=anchors,
            ),
        ),
        parts=(
            Heading(text=say("Claims, one by one"), role="section", anchor="claims"),
            *(
                block
                for claim, anchor in zip(claims, anchors, strict=True)
                for block in claim_detail(claim, anchor=anchor, address=place)
            ),
            *section(
                say("Studies behind the verdicts"),
                "studies",
                [study_card(item, "../../{study}/index.html") for item in behind],
            ),
            *related_block(header.related),
            Heading(text=say("How a verdict is made"), role="section", anchor="rules"),
            *rules_block(all_verdicts(claims)),
        ),
        running=say(SITE),
        dated=document_date(None),
        navigation=((say("All studies and articles"), "../../index.html"),),
    )


def places_in(results: Sequence[StudyResults]) -> Callable[[LinkVerdict], str | None]:
    """Return how the page of an article links to where a study at hand shows an analysis."""
    by_id = {item.study.id: item for item in results}

    def place(link: LinkVerdict) -> str | None:
        found = by_id.get(link.study)
        if found is None:
            return None
        return f"../../{link.study}/index.html#{results_anchor(found, link.endpoint)}"

    return place


def section(title: str, anchor: str, cards: Sequence[Card]) -> tuple[Block, ...]:
    """Return a section of cards; nothing if there are none."""
    return (Heading(text=title, role="section", anchor=anchor), *cards) if cards else ()


def study_card(results: StudyResults, address: str, files: Sequence[tuple[str, str]] = ()) -> Card:
    """Return a study's entry: question, badges, main result in one sentence, and files."""
    study, main = results.study, main_result(results)
    if main is None:
        counted = panel_count(panel_records(results))
        said: Runs = plain(f"{say(NO_INTERVAL)}. {counted or ''}".strip())
    else:
        mark = main.record.data_status == "simulated"
        said = (
            *((Run(f"{say(SIMULATED_MARK)}. ", "strong"),) if mark else ()),
            Run(sentence(study, main.record, main.estimate)),
        )
    return Card(
        title=question(study),
        href=address.format(study=study.id),
        anchor=f"study-{study.id}",
        blocks=(
            paragraph(study.study.title, role="small"),
            Paragraph(runs=said),
            badges_block(study, main),
            *file_links(files),
        ),
    )


def file_links(files: Sequence[tuple[str, str]]) -> tuple[Block, ...]:
    """Return links to the files of a report on one line."""
    runs: list[Run] = []
    for name, address in files:
        runs.append(Run(SEPARATOR if runs else say("The report: ")))
        runs.append(Run(name, href=address))
    return (Paragraph(runs=tuple(runs), role="small"),) if runs else ()


def article_card(article: Article, claims: Sequence[ClaimVerdict]) -> Card:
    """Return an article's entry: who, when, and how its claims fared."""
    return Card(
        title=article.article.title,
        href=f"articles/{article.id}/index.html",
        anchor=f"article-{article.id}",
        blocks=(
            Paragraph(runs=byline(article), role="small"),
            paragraph(f"{verdict_counts(claims)}."),
        ),
    )


def of_article(verdicts: Sequence[ClaimVerdict], article: Article) -> list[ClaimVerdict]:
    """Return the verdicts on the claims of one article."""
    return [claim for claim in verdicts if claim.article == article.id]


def studies_behind(
    claims: Sequence[ClaimVerdict], results: Sequence[StudyResults]
) -> list[StudyResults]:
    """Return the studies at hand that the claims link to."""
    linked = {link.study for claim in claims for link in claim.links}
    return [item for item in real_first(results) if item.study.id in linked]


def byline(article: Article) -> Runs:
    """Return who wrote an article and when, with a link to it."""
    header = article.article
    said = Run(f"{header.author}, {date_words(header.published)}")
    if not outside(header.address):
        return (said, Run("."))
    return (said, Run(". "), Run(say("Read the article"), href=header.address), Run("."))


def paper_block(paper: Paper | None) -> tuple[Block, ...]:
    """Return the paper an article speaks of."""
    if paper is None:
        return ()
    stated = (
        (say("Design"), paper.design),
        (say("Studied in"), paper.subjects),
        (say("Note"), paper.note),
    )
    items = tuple((term, plain(text)) for term, text in stated if text)
    return (
        Heading(text=say("The paper it speaks of"), role="minor", anchor="paper"),
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
        Heading(text=say("Other studies on the question"), role="section", anchor="related"),
        Bullets(items=items),
    )
