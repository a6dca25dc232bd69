"""Drawings as PNG, for pages that cannot hold SVG."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import typst

from trialkit.present import palette
from trialkit.report.drawing import drawn_size
from trialkit.report.fonts import copy_faces

DOTS_PER_INCH: Final = 200
TEMPLATE: Final = Path(__file__).parent / "templates" / "picture.typ"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing as SVG and the paper under it, so that its ink stays legible on any screen."""

    svg: str
    paper: str = palette.PAPER


def png_pictures(drawings: Sequence[Drawing]) -> dict[Drawing, bytes]:
    """Return each drawing as PNG in its own size; the same drawings give the same bytes.

    Each is made by itself: the compiler holds every dot of what it makes in one go.
    """
    with tempfile.TemporaryDirectory(prefix="trialkit-fonts-") as folder:
        copy_faces(Path(folder))
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
        return {drawing: picture(drawing, fonts) for drawing in dict.fromkeys(drawings)}


def picture(drawing: Drawing, fonts: typst.Fonts) -> bytes:
    """Return a drawing as PNG."""
    inputs = asdict(drawing) | {"width": drawn_size(drawing.svg)[0]}
    made: bytes = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=fonts,
        ignore_system_fonts=True,
        format="png",
        ppi=DOTS_PER_INCH,
        sys_inputs={"drawing": json.dumps(inputs, ensure_ascii=False)},
    )
    return made
