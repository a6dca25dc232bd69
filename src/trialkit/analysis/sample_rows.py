"""The mean or median of each arm, and before and after, as rows beside their comparison."""

from collections.abc import Iterable, Mapping
from typing import Final

from trialkit.analysis.estimates import from_inference, plain
from trialkit.analysis.samples import PairedSample
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.means import Moments, mean_inference
from trialkit.numerics.resampling import STATISTICS
from trialkit.result.analysis_result import Estimate
from trialkit.terms import ResampledStatistic

MEAN: Final = tell("mean")
NAMES: Final[Mapping[ResampledStatistic, str]] = {"mean": MEAN, "median": tell("median")}
NAMES_BEFORE: Final[Mapping[ResampledStatistic, str]] = {
    "mean": tell("mean before"),
    "median": tell("median before"),
}
NAMES_AFTER: Final[Mapping[ResampledStatistic, str]] = {
    "mean": tell("mean after"),
    "median": tell("median after"),
}
# The methods of rows that are about the visit before.
BEFORE: Final = frozenset(NAMES_BEFORE.values())


def arm_rows(
    samples: Mapping[str, FloatArray], *, statistic: ResampledStatistic
) -> tuple[Estimate, ...]:
    """Return the mean or median of each arm."""
    summary = STATISTICS[statistic].of
    return tuple(
        plain(statistic, summary(values), arm=level, n=values.size, method=NAMES[statistic])
        for level, values in samples.items()
    )


def before_after_rows(
    samples: Iterable[PairedSample], *, statistic: ResampledStatistic
) -> tuple[Estimate, ...]:
    """Return the mean or median before and after, of each arm."""
    summary = STATISTICS[statistic].of
    return tuple(
        plain(statistic, summary(values), arm=people.arm, n=values.size, method=name[statistic])
        for people in samples
        for name, values in ((NAMES_BEFORE, people.before), (NAMES_AFTER, people.after))
    )


def mean_rows(samples: Mapping[str, Moments], *, conf_level: float) -> tuple[Estimate, ...]:
    """Return the mean of each arm, with an interval where there is one."""
    method = tell("mean, Student interval")
    return tuple(
        mean_row(sample, arm=level, conf_level=conf_level, method=method)
        for level, sample in samples.items()
    )


def mean_row(sample: Moments, *, arm: str | None, conf_level: float, method: str) -> Estimate:
    """Return a mean; one value, or equal ones, have no interval."""
    if not sample.std_dev > 0:
        return plain("mean", sample.mean, arm=arm, n=sample.n, method=MEAN)
    return from_inference(
        mean_inference(sample, conf_level=conf_level),
        0,
        quantity="mean",
        conf_level=conf_level,
        method=method,
        tested=False,
        arm=arm,
        n_subjects=sample.n,
    )
