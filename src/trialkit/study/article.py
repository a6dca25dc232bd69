"""Article summaries and their claims, as read from ``data/articles/*.toml``."""

from datetime import date

from pydantic import Field

from trialkit.study.specification import Frozen, Identifier, Many, Text
from trialkit.terms import Better, ClaimKind, Subjects


class Paper(Frozen):
    """The paper that an article speaks of."""

    citation: Text
    doi: Text | None = None
    design: Text | None = None
    subjects: Subjects | None = None
    note: Text | None = None


class Related(Frozen):
    """Another study that bears on an article, in our own words."""

    citation: Text
    doi: Text | None = None
    finding: Text


class ArticleHeader(Frozen):
    """An article: who says it, where, when, and what it says in our own words."""

    id: Identifier
    title: Text
    author: Text
    published: date
    address: Text | None = None
    summary: Text
    paper: Paper | None = None
    related: Many[Related] = ()


class Reported(Frozen):
    """The figures that a claim quotes, as printed."""

    n_total: int | None = None
    n_arms: Many[int] = ()
    values: dict[str, float] = Field(default_factory=dict)
    text: Text | None = None


class Link(Frozen):
    """An analysis that bears on a claim, and which side the claim expects it on.

    ``term`` names the mediator of a mediation analysis that the claim is about.
    """

    study: str
    analysis: str
    treatment: str | None = None
    reference: str | None = None
    visit: str | None = None
    endpoint: str | None = None
    term: str | None = None
    expects: Better
    caveat: Text | None = None


class Claim(Frozen):
    """One claim of an article, in our own words, with the facts its verdict rests on.

    ``subjects`` says whom the evidence behind it was seen in and ``claimed_in`` whom it
    speaks of; ``figures_published`` is false where the source prints no figure that an
    analysis could use; ``outcome_measured`` is false where the paper did not measure what
    is claimed; ``speculation`` marks what its own author calls a guess.
    """

    id: Identifier
    text: Text
    kind: ClaimKind
    reported: Reported | None = None
    links: Many[Link] = ()
    subjects: Subjects | None = None
    claimed_in: Subjects | None = None
    figures_published: bool | None = None
    outcome_measured: bool | None = None
    speculation: bool = False
    paper_says: Text | None = None
    note: Text | None = None


class Article(Frozen):
    """An article and its claims."""

    article: ArticleHeader
    claim: Many[Claim]

    @property
    def id(self) -> str:
        """The article's id, the name of its file and of its page."""
        return self.article.id
