"""The mean or median of each arm, and before and after, as rows beside a resampled comparison."""

from collections.abc import Iterable, Mapping

from trialkit.analysis.before_after_ranks import Sample
from trialkit.analysis.estimates import plain
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.resampling import STATISTICS
from trialkit.result.analysis_result import Estimate
from trialkit.terms import ResampledStatistic


def arm_rows(
    samples: Mapping[str, FloatArray], *, statistic: ResampledStatistic
) -> tuple[Estimate, ...]:
    """Return the mean or median of each arm."""
    summary = STATISTICS[statistic].of
    return tuple(
        plain(statistic, summary(values), arm=level, n=values.size, method=statistic)
        for level, values in samples.items()
    )


def before_after_rows(
    samples: Iterable[Sample], *, statistic: ResampledStatistic
) -> tuple[Estimate, ...]:
    """Return the mean or median before and after, of each arm."""
    summary = STATISTICS[statistic].of
    return tuple(
        plain(statistic, summary(values), arm=level, n=values.size, method=f"{statistic} {when}")
        for level, before, after in samples
        for when, values in (("before", before), ("after", after))
    )
