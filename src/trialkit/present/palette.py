"""One colour an arm on every page, and the greys around them.

The colours were chosen so that each has a contrast of at least 4.5:1 on white, and so that
any two stay apart for the three common forms of colour blindness; words in them keep 4.5:1
on the tint behind the main result too (``text_colour``). Colour never speaks alone: every
mark carries its label.
"""

from collections.abc import Mapping
from typing import Final

from trialkit.study.study import Study

TEAL: Final = "#0b6e74"
RUST: Final = "#b4581b"
RUST_TEXT: Final = "#a44e14"
VIOLET: Final = "#8b3fd1"
INDIGO: Final = "#33205f"
OLIVE: Final = "#756b4b"
MAROON: Final = "#5c2016"
ARM_COLOURS: Final = (TEAL, RUST, VIOLET, INDIGO, OLIVE, MAROON)

PAPER: Final = "#ffffff"
TINT: Final = "#f3f1ec"
INK: Final = "#1f2a30"
MUTED: Final = "#5b6266"
LINE: Final = "#7f868a"
EMPTY: Final = "#dcdcd8"
# What must not be overlooked: a band, the box of a remark, and its edge.
WARNING: Final = "#ffd54a"
WARNING_TINT: Final = "#fff4cf"
WARNING_EDGE: Final = "#8a6a00"

# The same roles on dark paper, for screens that ask for it.
DARK: Final[Mapping[str, str]] = {
    TEAL: "#3fb6bc",
    RUST: "#e58b4a",
    RUST_TEXT: "#e58b4a",
    VIOLET: "#b268ff",
    INDIGO: "#a9a6ff",
    OLIVE: "#d5df6a",
    MAROON: "#ffc9bd",
    PAPER: "#14191c",
    TINT: "#1c2327",
    INK: "#e9e7e1",
    MUTED: "#aab1b5",
    LINE: "#868e93",
    EMPTY: "#3b4247",
}


def arm_colours(study: Study) -> dict[str, str]:
    """Return the colour of each arm, by arm id.

    The treatment asked about comes first (teal) and its comparator second (rust): those
    of the first main analysis whose estimand names them, else the first experimental arm.
    The other arms follow in the order of the study; beyond six, colours come round again.
    """
    arms = [arm.id for arm in study.arm]
    first = [arm for arm in asked_about(study) if arm in arms]
    ordered = [*first, *(arm for arm in arms if arm not in first)]
    colours = {
        arm: ARM_COLOURS[position % len(ARM_COLOURS)] for position, arm in enumerate(ordered)
    }
    return {arm: colours[arm] for arm in arms}


def asked_about(study: Study) -> tuple[str, ...]:
    """Return the arms of the study's question: the treatment, then its comparator."""
    for analysis in study.main_analyses:
        estimand = study.find_estimand(analysis.estimand)
        if estimand.treatment is not None:
            return tuple(filter(None, (estimand.treatment, estimand.reference)))
    return tuple(arm.id for arm in study.arm if arm.role == "experimental")[:1]


def text_colour(colour: str) -> str:
    """Return the shade in which words of an arm are set, dark enough for the tint."""
    return RUST_TEXT if colour == RUST else colour


def css_name(colour: str) -> str:
    """Return the name of the custom property that stands for a colour in HTML.

    >>> css_name("#0b6e74")
    '--ink-0b6e74'
    """
    return f"--ink-{colour.removeprefix('#')}"


def themed(svg: str) -> str:
    """Return an SVG whose colours follow the page's theme, for SVG inside HTML only.

    Each colour becomes a custom property with itself as the fallback; a style sheet that
    sets ``dark_theme()`` under ``prefers-color-scheme: dark`` turns the drawing dark.
    """
    for colour in DARK:
        svg = svg.replace(colour, f"var({css_name(colour)}, {colour})")
    return svg


def dark_theme() -> dict[str, str]:
    """Return the custom properties of the dark theme: name to colour."""
    return {css_name(light): dark for light, dark in DARK.items()}
