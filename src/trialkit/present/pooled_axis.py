"""The axes of forest and funnel: what they hold, and the ticks of ratios."""

from collections.abc import Sequence
from math import isfinite, log10
from typing import Final

from trialkit.present.format import format_number, format_ticks
from trialkit.present.pooled import PooledReading
from trialkit.present.scale import Scale, decade_ticks, round_ticks

# A trial's interval that reaches further than this share of the axis beyond the rest is cut.
OVERHANG: Final = 0.6
LEAST_SIDE: Final = 0.22  # of the axis, on either side of no difference
MOST_TICKS: Final = 9
PLAIN_POWERS: Final = 5
RATIO_TICKS: Final = (0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 100.0, 1000.0)


def forest_scale(reading: PooledReading, start: float, stop: float) -> tuple[Scale, list[float]]:
    """Return the axis of a forest and its ticks."""
    low, high = axis_ends(reading)
    if reading.ratio:
        scale = Scale(low=10**low, high=10**high, start=start, stop=stop, logarithmic=True)
        return scale, ratio_axis_ticks(scale)
    scale = Scale(low=low, high=high, start=start, stop=stop)
    return scale, round_ticks(low, high, at_most=9)


def ratio_axis_ticks(scale: Scale) -> list[float]:
    """Return the ticks of a ratio axis: round ratios, or powers of ten on a long one."""
    ticks = [tick for tick in RATIO_TICKS if scale.contains(tick)]
    if len(ticks) <= MOST_TICKS:
        return ticks
    return [tick for tick in decade_ticks(scale.low, scale.high) if scale.contains(tick)]


def axis_ends(reading: PooledReading) -> tuple[float, float]:
    """Return where the axis ends; of ratios, as powers of ten.

    It holds every estimate, the average, the prediction and no difference, with room on
    both sides of that, and of the trials' intervals what is not far out.
    """

    def on_axis(values: Sequence[float]) -> list[float]:
        finite = [value for value in values if isfinite(value) and (value or not reading.ratio)]
        return [log10(value) if reading.ratio else value for value in finite]

    whole = [reading.average, *filter(None, (reading.with_filled, reading.prediction))]
    whole += [group.average for group in reading.groups if group.average]
    held = [row.estimate for row in reading.trials]
    held += [limit for row in whole for limit in (row.low, row.high)]
    core = on_axis([*held, reading.null])
    limits = on_axis([limit for row in reading.trials for limit in (row.low, row.high)])
    reach = OVERHANG * (max(core) - min(core)) or 1.0
    low = min(*core, max(min(limits), min(core) - reach))
    high = max(*core, min(max(limits), max(core) + reach))
    (null,) = on_axis([reading.null])
    least = LEAST_SIDE / (1 - LEAST_SIDE)
    low = min(low, null - least * (high - null))
    high = max(high, null + least * (null - low))
    edge = 0.03 * (high - low)
    return low - edge, high + edge


def tick_labels(reading: PooledReading, ticks: Sequence[float]) -> list[str]:
    """Return the labels of the ticks; those of a ratio each with the decimals it needs."""
    if reading.ratio:
        return [ratio_label(tick) for tick in ticks]
    return format_ticks(ticks)


def ratio_label(tick: float) -> str:
    """Return the label of a ratio's tick; far from 1 as a power of ten.

    >>> ratio_label(0.05), ratio_label(100.0), ratio_label(1e-9), ratio_label(1e12)
    ('0.05', '100', '10^−9', '10^12')
    """
    power = round(log10(tick))
    if abs(power) < PLAIN_POWERS:
        return format_ticks([tick])[0]
    return f"10^{format_number(power, 0)}"
