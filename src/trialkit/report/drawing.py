"""The size of a drawing, for renderers that must lay it out."""

import re
from typing import Final

VIEW_BOX: Final = re.compile(r'viewBox="[\d.]+ [\d.]+ (?P<width>[\d.]+) (?P<height>[\d.]+)"')


def drawn_size(svg: str) -> tuple[float, float]:
    """Return the width and height of a drawing in points, from its view box.

    >>> drawn_size('<svg viewBox="0 0 482 120.5">')
    (482.0, 120.5)
    """
    match = VIEW_BOX.search(svg)
    if match is None:
        raise ValueError("a drawing without a view box has no size")
    return float(match["width"]), float(match["height"])
