"""Text broken so that it fits its room, whatever an author types."""

from trialkit.present.canvas import text_width


def fitted(text: str, width: float, *, size: float, bold: bool = False) -> list[str]:
    """Break a text into lines that all fit; a word wider than the line is broken too."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size=size, bold=bold) <= width:
            lines[-1] = longer
            continue
        rest = word
        while len(rest) > 1 and text_width(rest, size=size, bold=bold) > width:
            kept = fitting(rest, width, size=size, bold=bold)
            lines.append(rest[:kept])
            rest = rest[kept:]
        lines.append(rest)
    return lines


def fitting(word: str, width: float, *, size: float, bold: bool) -> int:
    """Return how many letters of a word fit a width, at least one."""
    return next(
        (
            n
            for n in range(len(word) - 1, 1, -1)
            if text_width(word[:n], size=size, bold=bold) <= width
        ),
        1,
    )
