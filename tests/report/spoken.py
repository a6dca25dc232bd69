"""What the blocks of a document say, block by block, drawings left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from trialkit.report.build import build_document
from trialkit.report.document import Block, Card, Columns, Document, Heading, every_block
from trialkit.result.study_results import StudyResults

# Not the digits inside a word or a hash.
NUMERAL = re.compile(
    r"(?<![A-Za-z\d.])\d+(?:[ ,\u202f\u00a0]\d{3})*(?:\.\d+)?(?:e[-−+]?\d+)?(?![A-Za-z\d])"
)
SILENT = {"svg", "kind", "id", "anchor", "role", "tone", "style", "href", "align"}


@dataclass(frozen=True)
class Said:
    """One block: the part and the section it stands in, its name if it has one, its words."""

    part: str
    section: str
    name: str
    kind: str
    text: str

    @property
    def numerals(self) -> frozenset[str]:
        """The numerals of its words."""
        return frozenset(NUMERAL.findall(self.text))

    @property
    def skeleton(self) -> str:
        """Its words without their numerals."""
        return NUMERAL.sub("0", self.text)


def said(results: StudyResults) -> list[Said]:
    """Return what each block of a study's report says, in the order of reading."""
    return list(said_by(build_document(results)))


def said_by(document: Document) -> Iterator[Said]:
    """Yield what each block of a document says."""
    part, section = "front", ""
    fillers: tuple[Block, ...] = (document.filler,) if document.filler is not None else ()
    yield Said("front", "", "head", "document", f"{document.title}\n{document.description}")
    for blocks in (document.front, fillers, document.parts):
        for block in every_block(blocks):
            if isinstance(block, Columns | Card):
                continue
            if isinstance(block, Heading) and block.role == "section":
                part = section = block.anchor
            elif isinstance(block, Heading) and block.role == "subsection":
                section = block.anchor
            yield Said(part, section, named(block), block.kind, "\n".join(words(block)))


def named(block: Any) -> str:
    """Return the id of a block's table or figure, or its anchor."""
    for name in ("table", "figure"):
        inner = getattr(block, name, None)
        if inner is not None:
            return str(inner.id)
    return str(getattr(block, "anchor", ""))


def words(value: Any) -> Iterator[str]:
    """Yield every text that a reader meets inside a block: cells, notes, alternative texts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        runs = all(type(item).__name__ == "Run" for item in value)
        if value and runs:
            yield "".join(item.text for item in value)
        else:
            for item in value:
                yield from words(item)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in SILENT:
                yield from words(getattr(value, field.name))
