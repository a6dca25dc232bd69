"""Drawings as PNG, for pages that cannot hold SVG."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typst

from trialkit.present import palette
from trialkit.report.drawing import drawn_size
from trialkit.report.fonts import copy_faces

DOTS_PER_INCH: Final = 200
TEMPLATE: Final = Path(__file__).parent / "templates" / "pictures.typ"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing as SVG and the paper under it, so that its ink stays legible on any screen."""

    svg: str
    paper: str = palette.PAPER


def png_pictures(drawings: Sequence[Drawing]) -> dict[Drawing, bytes]:
    """Return each drawing as PNG in its own size; the same drawings give the same bytes.

    All are made in one go, because starting the compiler costs more than most drawings.
    """
    wanted = tuple(dict.fromkeys(drawings))
    if not wanted:
        return {}
    items = [
        {"svg": item.svg, "paper": item.paper, "width": drawn_size(item.svg)[0]} for item in wanted
    ]
    with tempfile.TemporaryDirectory(prefix="trialkit-fonts-") as folder:
        copy_faces(Path(folder))
        pages = typst.compile(
            TEMPLATE,
            root=TEMPLATE.parent,
            font_paths=typst.Fonts(include_system_fonts=False, font_paths=[folder]),
            ignore_system_fonts=True,
            format="png",
            ppi=DOTS_PER_INCH,
            sys_inputs={"drawings": json.dumps(items, ensure_ascii=False)},
        )
    made = [pages] if isinstance(pages, bytes) else pages
    return dict(zip(wanted, made, strict=True))
