"""A drawing to an SVG string that may stand in a page with others: clean, scoped, repeatable."""

import hashlib
import io
import re
from typing import Final

from matplotlib.figure import Figure

NO_METADATA: Final = {"Date": None, "Creator": None, "Format": None, "Type": None}
PROLOGUE: Final = re.compile(r"^.*?(?=<svg\b)", re.DOTALL)
COMMENT: Final = re.compile(r"<!--.*?-->\s*", re.DOTALL)
# Its "*" would reach every element of the page; the root's attributes are inherited instead.
STYLE_SHEET: Final = re.compile(r"<style\b.*?</style>\s*", re.DOTALL)
METADATA: Final = re.compile(r"<metadata\b.*?</metadata>\s*", re.DOTALL)
EMPTY_DEFINITIONS: Final = re.compile(r"<defs>\s*</defs>\s*")
ROOT: Final = re.compile(r"<svg\b[^>]*?viewBox=\"(?P<box>[^\"]*)\"[^>]*>")
IDENTIFIER: Final = re.compile(r"\sid=\"([^\"]*)\"")
REFERENCE: Final = re.compile(r"(href=\"#|url\(#)([^\")]*)")
INDENT: Final = re.compile(r"\n\s*")


def svg_text(figure: Figure, figure_id: str) -> str:
    """Return a drawing as SVG text with the same bytes each time.

    The root has a ``viewBox`` in points and no width or height, so that the page decides
    its size; no style sheet, metadata or comment is left in it. Ids that nothing refers
    to are dropped and the others begin with the figure's id and a hash of the drawing, so
    that several drawings never clash within one page, not even those of two studies.
    """
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata=NO_METADATA, transparent=True)
    text = PROLOGUE.sub("", stream.getvalue(), count=1)
    for pattern in (COMMENT, STYLE_SHEET, METADATA, EMPTY_DEFINITIONS):
        text = pattern.sub("", text)
    text = ROOT.sub(plain_root, text, count=1)
    return scoped(INDENT.sub("\n", text).strip(), figure_id) + "\n"


def plain_root(match: re.Match[str]) -> str:
    """Return the root element without a fixed size."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{match["box"]}" '
        'stroke-linejoin="round" stroke-linecap="butt">'
    )


def scoped(text: str, figure_id: str) -> str:
    """Return the SVG with only the ids that are referred to, numbered under the figure's id."""
    used = {identifier for _, identifier in REFERENCE.findall(text)}
    content = hashlib.sha256(text.encode()).hexdigest()[:6]
    prefix = re.sub(r"[^A-Za-z0-9_-]", "-", f"{figure_id}-{content}")
    names = {
        identifier: f"{prefix}-{position}"
        for position, identifier in enumerate(
            identifier for identifier in IDENTIFIER.findall(text) if identifier in used
        )
    }

    def named(match: re.Match[str]) -> str:
        return f' id="{names[match[1]]}"' if match[1] in names else ""

    text = IDENTIFIER.sub(named, text).replace("xlink:href", "href")
    return REFERENCE.sub(lambda match: match[1] + names[match[2]], text)
