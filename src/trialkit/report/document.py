"""The document: what a report says, in order, before anything is laid out.

Every block is frozen and holds finished text; HTML, PDF and Word are readings of the same
document, so that none can say what another does not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal

from trialkit.present.exhibit import Column, Figure, Table

RunStyle = Literal["plain", "strong", "muted", "accent", "code"]
Tone = Literal["strength", "limit", "warning"]
CalloutTone = Literal["strength", "against", "limit", "warning"]
HeadingRole = Literal["title", "minor", "section", "subsection"]
ParagraphRole = Literal["body", "lead", "subtitle", "small", "label"]

PLACES_JOINED: Final = "; "
LEVELS: dict[HeadingRole, int] = {"title": 1, "minor": 2, "section": 2, "subsection": 3}


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style; ``href`` makes it a link that a reader may follow."""

    text: str
    style: RunStyle = "plain"
    href: str | None = None


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading; ``anchor`` is what the contents list and links point at."""

    kind: Literal["heading"] = field(default="heading", init=False)
    text: str
    role: HeadingRole
    anchor: str

    @property
    def level(self) -> int:
        """The depth of the heading, 1 for the title; no level is skipped."""
        return LEVELS[self.role]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Running text; a lead is not parted from what it leads to."""

    kind: Literal["paragraph"] = field(default="paragraph", init=False)
    runs: Runs
    role: ParagraphRole = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list without order."""

    kind: Literal["bullets"] = field(default="bullets", init=False)
    items: tuple[Runs, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A few words on what kind of evidence this is; tone says strength, limit or warning."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Badges:
    """The badges of a study, strengths first."""

    kind: Literal["badges"] = field(default="badges", init=False)
    badges: tuple[Badge, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyResult:
    """The one number of page one, the sentences that say what it means, and its drawing.

    ``certain`` is false where the interval leaves the direction open; the headline is
    then not set in the colour of a finding.
    """

    kind: Literal["key_result"] = field(default="key_result", init=False)
    headline: str
    certain: bool
    sentences: tuple[Runs, ...]
    figure: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A heading of the document that a reader is sent to: its anchor and its words."""

    anchor: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBlock:
    """A table with its caption ("Table 3. ...").

    ``places`` holds, for each row, where in the document that row is told of: links in a
    last column under ``place_head``, with the page where there are pages.
    """

    kind: Literal["table"] = field(default="table", init=False)
    caption: str
    table: Table
    place_head: str = ""
    places: tuple[tuple[Place, ...], ...] = ()

    @property
    def whole(self) -> Table:
        """The table with the words of its places as the last column, if it has any."""
        if not self.places:
            return self.table
        told = (PLACES_JOINED.join(place.text for place in row) for row in self.places)
        return replace(
            self.table,
            columns=(*self.table.columns, Column(label=self.place_head)),
            rows=tuple((*row, text) for row, text in zip(self.table.rows, told, strict=True)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureBlock:
    """A figure with its caption; ``with_data`` offers the numbers in it as a table."""

    kind: Literal["figure"] = field(default="figure", init=False)
    caption: str
    figure: Figure
    with_data: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRow:
    """A claim, what the numbers do to it, and the one-line reason."""

    claim: Runs
    verdict: str
    tone: Literal["for", "against", "open"]
    because: Runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """Claims and their verdicts; ``claim_head`` names whose claims they are."""

    kind: Literal["verdicts"] = field(default="verdicts", init=False)
    anchor: str
    caption: str
    claim_head: str
    rows: tuple[VerdictRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """Terms and what they are here."""

    kind: Literal["definitions"] = field(default="definitions", init=False)
    items: tuple[tuple[str, Runs], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Callout:
    """A boxed remark that must not be overlooked."""

    kind: Literal["callout"] = field(default="callout", init=False)
    title: str
    runs: Runs
    tone: CalloutTone = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Commands or a program, to be copied."""

    kind: Literal["code"] = field(default="code", init=False)
    text: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBreak:
    """What follows begins on a new page, where there are pages."""

    kind: Literal["page_break"] = field(default="page_break", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Two stacks of blocks side by side where there is room, else one below the other."""

    kind: Literal["columns"] = field(default="columns", init=False)
    left: "tuple[Block, ...]"
    right: "tuple[Block, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An entry of an index: a title that links to a page, and what is said of it."""

    kind: Literal["card"] = field(default="card", init=False)
    title: str
    href: str | None
    anchor: str
    blocks: "tuple[Block, ...]"


Block = (
    Heading
    | Paragraph
    | Bullets
    | Badges
    | KeyResult
    | TableBlock
    | FigureBlock
    | Verdicts
    | Definitions
    | Callout
    | Code
    | PageBreak
    | Columns
    | Card
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole document.

    Attributes
    ----------
    title : str
        The question; also the first heading.
    front : tuple of Block
        Page one, for the clinician; a printed page one holds nothing else.
    parts : tuple of Block
        Everything after it, for the statistician.
    filler : FigureBlock or None
        Drawn at the foot of a printed page one if there is room for it.
    running : str
        What the foot of every printed page says beside the page number.
    warning : str or None
        What every page must say at its head, such as that data are simulated.
    dated : date
        The date of the document; never the clock's.
    navigation, downloads : tuple of (text, address)
        Links at the head of an HTML page, relative to it.
    """

    title: str
    description: str
    front: tuple[Block, ...]
    parts: tuple[Block, ...] = ()
    filler: FigureBlock | None = None
    running: str
    warning: str | None = None
    dated: date
    author: str = "trialkit"
    navigation: tuple[tuple[str, str], ...] = ()
    downloads: tuple[tuple[str, str], ...] = ()

    @property
    def sections(self) -> tuple[Heading, ...]:
        """The headings that a contents list shows."""
        blocks = (*self.front, *self.parts)
        return tuple(
            block for block in blocks if isinstance(block, Heading) and block.role == "section"
        )


def every_block(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield blocks and the blocks inside them, in the order of reading."""
    for block in blocks:
        yield block
        if isinstance(block, Columns):
            yield from every_block((*block.left, *block.right))
        elif isinstance(block, Card):
            yield from every_block(block.blocks)


def plain(text: str) -> Runs:
    """Return text in one plain run.

    >>> plain("No harm was seen.")
    (Run(text='No harm was seen.', style='plain', href=None),)
    """
    return (Run(text),)


def paragraph(*runs: Run | str, role: ParagraphRole = "body") -> Paragraph:
    """Return a paragraph of runs; a bare string is a plain run."""
    return Paragraph(runs=tuple(as_run(run) for run in runs), role=role)


def as_run(run: Run | str) -> Run:
    """Return a run; a bare string becomes a plain one."""
    return Run(run) if isinstance(run, str) else run
