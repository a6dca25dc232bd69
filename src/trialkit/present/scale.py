"""From a value to a place on the sheet, and the ticks between."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import floor, fsum, log10

from matplotlib.ticker import MaxNLocator

from trialkit.present.format import round_outwards
from trialkit.study.specification import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A linear or logarithmic axis: ``low`` lies at ``start`` points, ``high`` at ``stop``."""

    low: float
    high: float
    start: float
    stop: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Return where a value lies, in points; beyond the ends, the nearer end."""
        inside = min(max(value, self.low), self.high)
        low, high, at = (
            (log10(self.low), log10(self.high), log10(inside))
            if self.logarithmic
            else (self.low, self.high, inside)
        )
        return self.start + (at - low) / (high - low) * (self.stop - self.start)

    def contains(self, value: float) -> bool:
        """Return whether a value lies on the axis."""
        return self.low <= value <= self.high


def round_ticks(low: float, high: float, *, at_most: int) -> list[float]:
    """Return round numbers from ``low`` to ``high``.

    >>> round_ticks(0, 10, at_most=6), round_ticks(-2.2, 2.2, at_most=7)
    ([0.0, 2.0, 4.0, 6.0, 8.0, 10.0], [-2.0, -1.0, 0.0, 1.0, 2.0])
    """
    locator = MaxNLocator(nbins=at_most - 1, steps=[1, 2, 2.5, 5, 10])
    slack = (high - low) * 1e-9
    return [
        float(tick) + 0.0
        for tick in locator.tick_values(low, high)
        if low - slack <= tick <= high + slack
    ]


def limit_ticks(low: float, high: float, *, at_most: int) -> list[float]:
    """Return round numbers from ``low`` to ``high``, both ends among them.

    A round number nearer to an end than half a step gives way to it.

    >>> limit_ticks(0, 28, at_most=6), limit_ticks(0, 140, at_most=6)
    ([0.0, 10.0, 20.0, 28.0], [0.0, 50.0, 100.0, 140.0])
    """
    inner = round_ticks(low, high, at_most=at_most)
    gap = (inner[1] - inner[0]) / 2 if len(inner) > 1 else 0.0
    kept = [tick for tick in inner if low + gap <= tick <= high - gap]
    return [float(low), *kept, float(high)]


def decade_ticks(low: float, high: float) -> list[float]:
    """Return the powers of ten of a logarithmic axis, at most seven of them.

    >>> decade_ticks(0.001, 1)
    [0.001, 0.01, 0.1, 1.0]
    """
    first, last = round(log10(low)), round(log10(high))
    step = 1 + (last - first) // 7
    return [10.0**power for power in range(last, first - 1, -step)][::-1]


def decade_below(value: float) -> float:
    """Return the power of ten at or below a value.

    >>> decade_below(0.0031), decade_below(0.01)
    (0.001, 0.01)
    """
    return 10.0 ** floor(log10(value) + 1e-12)


def value_limits(endpoint: Endpoint | None, values: Iterable[float]) -> tuple[float, float]:
    """Return where an axis of an endpoint's values begins and ends.

    The limits of the scale where it has them; otherwise, and of what is on no endpoint's
    scale, round numbers that hold the values and zero.
    """
    listed = list(values)
    minimum, maximum = (
        (None, None) if endpoint is None else (endpoint.scale.minimum, endpoint.scale.maximum)
    )
    low = minimum if minimum is not None else min(0.0, *listed)
    high = maximum if maximum is not None else max(*listed, low)
    if high <= low:
        high = low + 1.0
    step = tick_step(low, high)
    if minimum is None:
        low = round_outwards(low, step, up=False)
    if maximum is None:
        high = round_outwards(high, step, up=True)
    return low, high


def cut_high(low: float, high: float, values: Iterable[float]) -> float:
    """Return where the axis of a long scale may end.

    Values in its lowest quarter would leave the rest of the sheet empty: the axis then
    ends at a round number well above them.

    >>> cut_high(0, 10, [1.3]), cut_high(0, 140, [27.5]), cut_high(0, 10, [4.0])
    (2.5, 50.0, 10)
    """
    top = max(values)
    if top - low > (high - low) / 4 or top <= low:
        return high
    wanted = low + 1.6 * (top - low)
    return round_outwards(wanted, tick_step(low, wanted), up=True)


def tick_step(low: float, high: float) -> float:
    """Return the step between the ticks of an axis."""
    ticks = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return float(ticks[1] - ticks[0])


def spread_apart(
    places: list[float], heights: list[float], *, low: float, high: float
) -> list[float]:
    """Move the centres of labels as little as keeps them from overlapping.

    Labels keep their order; those that touch move as one block around the mean of the
    places they want. Together they must fit between ``low`` and ``high``.

    Parameters
    ----------
    places, heights : list of float
        Wanted centre and height of each label, in points.

    Examples
    --------
    >>> spread_apart([10.0, 12.0, 40.0], [10.0, 10.0, 10.0], low=0.0, high=100.0)
    [6.0, 16.0, 40.0]
    """
    order = sorted(range(len(places)), key=lambda item: places[item])
    blocks: list[list[int]] = []
    tops: list[float] = []
    for item in order:
        blocks.append([item])
        tops.append(block_top(blocks[-1], places, heights, low, high))
        while len(blocks) > 1 and tops[-2] + total(blocks[-2], heights) > tops[-1]:
            merged = [*blocks[-2], *blocks[-1]]
            blocks[-2:], tops[-2:] = [merged], [block_top(merged, places, heights, low, high)]
    moved = list(places)
    for block, top in zip(blocks, tops, strict=True):
        edge = top
        for item in block:
            moved[item] = edge + heights[item] / 2
            edge += heights[item]
    return moved


def total(block: list[int], heights: list[float]) -> float:
    """Return the height of a block of labels."""
    return fsum(heights[item] for item in block)


def block_top(
    block: list[int], places: list[float], heights: list[float], low: float, high: float
) -> float:
    """Return the top of a block of labels that lies nearest to where they want to be."""
    offset = 0.0
    wanted = []
    for item in block:
        wanted.append(places[item] - offset - heights[item] / 2)
        offset += heights[item]
    top = fsum(wanted) / len(wanted)
    return max(low, min(top, high - offset))
