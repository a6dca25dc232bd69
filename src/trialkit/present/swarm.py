"""People of a bin as dots that do not hide each other: a swarm without chance in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Anchor = Literal["before", "middle", "after"]

LARGEST: Final = 5.2  # points from dot to dot
SMALLEST: Final = 0.5
STEP: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Swarm:
    """How close the dots of a panel stand, and how many fit into a bin side by side.

    Attributes
    ----------
    pitch : float
        Distance of neighbouring dots, in points.
    lines : int
        Lines of dots that fit into the depth of a bin.
    """

    pitch: float
    lines: int

    @property
    def radius(self) -> float:
        """The radius of a dot: neighbours nearly touch."""
        return 0.42 * self.pitch


def swarm_of(most: int, *, depth: float, room: float) -> Swarm:
    """Return the largest dots of which ``most`` fit into a bin.

    Parameters
    ----------
    most : int
        People in the fullest bin of all panels that share the swarm.
    depth, room : float
        Size of a bin along the axis of values and across it, in points.

    Examples
    --------
    >>> swarm_of(4, depth=17.0, room=40.0)
    Swarm(pitch=5.2, lines=3)
    >>> swarm_of(95, depth=17.0, room=40.0).pitch < 3
    True
    """
    pitch = LARGEST
    while pitch > SMALLEST:
        lines = max(int(depth / pitch), 1)
        if pitch <= depth and lines * int(room / pitch) >= most:
            break
        pitch = round(pitch - STEP, 2)
    return Swarm(pitch=pitch, lines=max(int(depth / pitch), 1))


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
    for centre, count in sorted(counts.items()):
        lines = min(-(-count // across), swarm.lines)
        columns = -(-count // max(lines, 1))
        for person in range(count):
            line, column = divmod(person, columns)
            here = min(columns, count - line * columns)
            along = (line - (lines - 1) / 2) * swarm.pitch
            beside = {
                "before": -(column + 0.5) * swarm.pitch,
                "middle": (column - (here - 1) / 2) * swarm.pitch,
                "after": (column + 0.5) * swarm.pitch,
            }[anchor]
            places.append((centre, along, beside))
    return places
