"""The paper of printed reports: A4 or US Letter, with lines of the same length on both.

Text is as wide on either, so that tables and figures are the same and only pages break
elsewhere.
"""

import os
from dataclasses import dataclass
from typing import Final, Literal

from trialkit.errors import SpecificationError

PaperName = Literal["a4", "letter"]

# What the reports of a whole site are told, in the environment of each script.
PAPER_VARIABLE: Final = "TRIALKIT_PAPER"
TEXT_WIDTH: Final = 170.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A kind of paper and its margins, in millimetres."""

    name: PaperName
    width: float
    height: float
    top: float
    bottom: float

    @property
    def side(self) -> float:
        """The margin on the left, and on the right."""
        return (self.width - TEXT_WIDTH) / 2


PAPERS: Final[tuple[Paper, ...]] = (
    Paper(name="a4", width=210, height=297, top=20, bottom=21),
    # Shorter by 18 mm, of which the margins give half.
    Paper(name="letter", width=215.9, height=279.4, top=16, bottom=17),
)
DEFAULT: Final = PAPERS[0].name


def known_paper(name: str | None = None) -> Paper:
    """Return a kind of paper by its name, or refuse one that is not known.

    Where no name is given, the environment variable ``TRIALKIT_PAPER`` says which, else
    it is A4.
    """
    wanted = name or os.environ.get(PAPER_VARIABLE) or DEFAULT
    for paper in PAPERS:
        if paper.name == wanted.lower():
            return paper
    names = " or ".join(repr(paper.name) for paper in PAPERS)
    raise SpecificationError(f"paper: expected {names}, found {wanted!r}")
