"""People of a bin as dots that do not hide each other: a swarm without chance in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Anchor = Literal["before", "middle", "after"]

LARGEST: Final = 5.2  # points from dot to dot
SMALLEST: Final = 0.5
STEP: Final = 0.1
# More dots than these are a grey patch, and a file that no reader opens.
MOST_IN_A_BIN: Final = 200
MOST_IN_ALL: Final = 6000
PEOPLE_A_DOT: Final = (1, 2, 5)  # and these by powers of ten


@dataclass(frozen=True, slots=True, kw_only=True)
class Swarm:
    """How close the dots of a panel stand, and how many fit into a bin side by side.

    Attributes
    ----------
    pitch : float
        Distance of neighbouring dots, in points.
    lines : int
        Lines of dots that fit into the depth of a bin.
    people : int
        How many people a dot stands for; the last dot of a bin may stand for fewer.
    """

    pitch: float
    lines: int
    people: int = 1

    @property
    def radius(self) -> float:
        """The radius of a dot: neighbours nearly touch."""
        return 0.42 * self.pitch


def people_a_dot(panels: Iterable[Mapping[float, int]]) -> int:
    """Return how many people a dot stands for: one, unless there are too many to be drawn.

    >>> people_a_dot([{0.0: 30, 1.0: 12}]), people_a_dot([{0.0: 900}])
    (1, 5)
    """
    counts = [count for panel in panels for count in panel.values()]
    least = max(max(counts, default=0) / MOST_IN_A_BIN, sum(counts) / MOST_IN_ALL)
    power = 1
    while True:
        for size in PEOPLE_A_DOT:
            if size * power >= least:
                return size * power
        power *= 10


def swarm_of(most: int, *, depth: float, room: float, people: int = 1) -> Swarm:
    """Return the largest dots of which all of a bin fit into it.

    Parameters
    ----------
    most : int
        People in the fullest bin of all panels that share the swarm.
    depth, room : float
        Size of a bin along the axis of values and across it, in points.
    people : int
        How many people a dot stands for.

    Examples
    --------
    >>> swarm_of(4, depth=17.0, room=40.0)
    Swarm(pitch=5.2, lines=3, people=1)
    >>> swarm_of(95, depth=17.0, room=40.0).pitch < 3
    True
    """
    dots = -(-most // people)
    pitch = LARGEST
    while pitch > SMALLEST:
        lines = max(int(depth / pitch), 1)
        if pitch <= depth and lines * int(room / pitch) >= dots:
            break
        pitch = round(pitch - STEP, 2)
    return Swarm(pitch=pitch, lines=max(int(depth / pitch), 1), people=people)


def swarm_places(
    counts: Mapping[float, int], swarm: Swarm, *, room: float, anchor: Anchor
) -> list[tuple[float, float, float]]:
    """Return where the dots of a panel stand: bin centre, offset along, offset across.

    The dots of a bin fill it line by line, as few lines as hold them, symmetric about its
    centre; across they stand around the middle, or to one side of it. Inside a bin a place
    means nothing.

    Parameters
    ----------
    counts : mapping
        People by bin centre, in the unit of the values.
    swarm : Swarm
    room : float
        Points across that the panel has.
    anchor : "before", "middle" or "after"
        Whether the dots end at, surround, or begin at the line that offsets are counted from.
    """
    places = []
    across = max(int(room / swarm.pitch + 1e-9), 1)
    for centre, of_bin in sorted(counts.items()):
        count = -(-of_bin // swarm.people)
        lines = min(-(-count // across), swarm.lines)
        columns = -(-count // max(lines, 1))
        for dot in range(count):
            line, column = divmod(dot, columns)
            here = min(columns, count - line * columns)
            along = (line - (lines - 1) / 2) * swarm.pitch
            beside = {
                "before": -(column + 0.5) * swarm.pitch,
                "middle": (column - (here - 1) / 2) * swarm.pitch,
                "after": (column + 0.5) * swarm.pitch,
            }[anchor]
            places.append((centre, along, beside))
    return places
