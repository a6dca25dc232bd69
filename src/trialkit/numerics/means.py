"""Means, their differences and their changes, from samples or from printed n, mean and SD."""

from dataclasses import dataclass

import numpy as np

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.contrast import Inference, infer

# Values that differ by this little beside their size differ by rounding only.
ROUNDING = 8 * np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Size, mean and standard deviation (divisor n - 1) of one sample."""

    n: int
    mean: float
    std_dev: float


def sample_moments(values: FloatArray) -> Moments:
    """Return the moments of a sample, in the unit of the values.

    The mean is corrected by the mean of the residuals and the sum of squares by theirs
    (the two-pass form of Chan, Golub and LeVeque 1983), which keeps the digits of scores
    with a large common part. One value has no standard deviation: NaN.
    """
    return moments_beside(values, size=float(np.max(np.abs(values), initial=0.0)))


def change_moments(before: FloatArray, after: FloatArray) -> Moments:
    """Return the moments of the changes within people, after minus before.

    Changes that differ only by the rounding of the values they are made of are equal:
    5.1 - 4.1 and 3.1 - 2.1 differ in the last digit and are both 1.
    """
    size = float(max(np.max(np.abs(before), initial=0.0), np.max(np.abs(after), initial=0.0)))
    return moments_beside(after - before, size=size)


def moments_beside(values: FloatArray, *, size: float) -> Moments:
    """Return moments; a spread that is rounding beside ``size`` counts as none."""
    n = int(values.size)
    if n == 0:
        raise NotEstimableError(tell("a sample without values has no mean"))
    centre = float(values.mean())
    residual = values - centre
    shift = float(residual.mean())
    squares = float(residual @ residual) - n * shift**2
    if n == 1:
        return Moments(n=1, mean=centre, std_dev=float("nan"))
    equal = bool(np.all(np.abs(residual) <= ROUNDING * size))
    std_dev = 0.0 if equal else float(np.sqrt(max(squares, 0.0) / (n - 1)))
    return Moments(n=n, mean=centre + shift, std_dev=std_dev)


def mean_inference(sample: Moments, *, conf_level: float) -> Inference:
    """Test a mean against zero by Student's t on n - 1 degrees of freedom.

    With the moments of within-person differences this is the paired t test.

    Raises
    ------
    NotEstimableError
        If there are fewer than two values, or they do not vary.
    """
    require_two(sample)
    return infer(
        np.array([sample.mean]),
        np.array([sample.std_dev / np.sqrt(sample.n)]),
        np.array([sample.n - 1.0]),
        conf_level=conf_level,
    )


def welch_difference(
    treatment: Moments,
    reference: Moments,
    *,
    conf_level: float,
    alternative: str = "two_sided",
) -> Inference:
    """Compare two means without assuming equal variances.

    Degrees of freedom by Welch (1947) and Satterthwaite (1946):
    (a + b)^2 / (a^2 / (n1 - 1) + b^2 / (n0 - 1)) with a, b the squared standard errors.

    Raises
    ------
    NotEstimableError
        If an arm has fewer than two values, or neither arm varies.
    """
    require_two(treatment, reference)
    a, b = (sample.std_dev**2 / sample.n for sample in (treatment, reference))
    if a + b <= 0:
        raise NotEstimableError(tell("neither arm varies, so the difference has no standard error"))
    df = (a + b) ** 2 / (a**2 / (treatment.n - 1) + b**2 / (reference.n - 1))
    return infer(
        np.array([treatment.mean - reference.mean]),
        np.array([np.sqrt(a + b)]),
        np.array([df]),
        conf_level=conf_level,
        alternative=alternative,
    )


def student_difference(
    treatment: Moments,
    reference: Moments,
    *,
    conf_level: float,
    alternative: str = "two_sided",
) -> Inference:
    """Compare two means with the pooled variance on n1 + n0 - 2 degrees of freedom.

    Raises
    ------
    NotEstimableError
        If both arms together have fewer than three values, or neither varies.
    """
    require_two(treatment, reference)
    df = treatment.n + reference.n - 2
    squares = sum((sample.n - 1) * sample.std_dev**2 for sample in (treatment, reference))
    std_error = np.sqrt(squares / df * (1 / treatment.n + 1 / reference.n))
    return infer(
        np.array([treatment.mean - reference.mean]),
        np.array([std_error]),
        np.array([float(df)]),
        conf_level=conf_level,
        alternative=alternative,
    )


def require_two(*samples: Moments) -> None:
    """Raise unless each sample has at least two values."""
    smallest = min(sample.n for sample in samples)
    if smallest < 2:  # a spread needs two
        raise NotEstimableError(
            tell("an arm has {n} value; a standard deviation needs at least two", n=smallest)
        )
