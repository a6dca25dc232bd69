"""Profile-likelihood limits of linear functions of the coefficients of a mixed model."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize

from trialkit.errors import ConvergenceError, NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.mixed_fit import MixedFit, optimisation_record
from trialkit.numerics.mixed_optimum import maximise
from trialkit.numerics.mixed_search import ENDINGS
from trialkit.numerics.tails import chi_square_p_value, normal_quantile

# Share of a standard error to which a limit is found.
FINE = 1e-11
MOST_DOUBLINGS = 40
# Steps of a refit: where a held value drives an intercept's variance to almost nothing, the
# factor of the covariance is nearly free to turn, and Newton's steps are short.
MOST_STEPS = 2000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """Limits and likelihood-ratio tests; every array has shape (m,).

    Attributes
    ----------
    conf_low, conf_high : array
        Where twice the loss of log-likelihood is the chi-square quantile on 1 df.
    deviance : array
        Twice the loss at 0.
    p_value : array
    """

    conf_low: FloatArray
    conf_high: FloatArray
    deviance: FloatArray
    p_value: FloatArray


def profile_limits(
    fit: MixedFit, L: FloatArray, *, start: FloatArray, conf_level: float
) -> Profile:
    """Return the profile-likelihood limits of each row of L beta.

    A row is held at a value by turning the design so that it is one coefficient, taking that
    coefficient's part off the outcome and fitting the rest, variances included.

    Parameters
    ----------
    fit : MixedFit
        Of one trial, by maximum likelihood.
    L : array, shape (m, p)
    start : array, shape (1, t, t)
        Covariance from which every fit starts, squared unit of the outcome.
    conf_level : float

    Raises
    ------
    ConvergenceError
        If the likelihood of a held value has no maximum.
    NotEstimableError
        If the likelihood never falls far enough.

    References
    ----------
    Venzon DJ, Moolgavkar SH (1988). Appl Statist 37:87-94. R ``confint(lmer(...), method =
    "profile")``.
    """
    rise = normal_quantile(conf_level) ** 2
    low, high, loss = [], [], []
    for row in L:
        estimate = float(row @ fit.beta[0])
        width = float(np.sqrt(row @ fit.vcov[0] @ row))
        deviance = held_deviance(fit, row, start=start)
        low.append(crossing(deviance, estimate, -width, rise))
        high.append(crossing(deviance, estimate, width, rise))
        loss.append(max(deviance(0.0), 0.0))
    return Profile(
        conf_low=np.array(low),
        conf_high=np.array(high),
        deviance=np.array(loss),
        p_value=np.array([chi_square_p_value(each, 1) for each in loss]),
    )


def held_deviance(fit: MixedFit, row: FloatArray, *, start: FloatArray) -> Callable[[float], float]:
    """Return twice the loss of log-likelihood as a function of the value that is held."""
    blocks, p = fit.blocks, fit.blocks.n_coefficients
    point = fit.structure.start(start / fit.scale[0] ** 2)
    # The row in terms of the orthonormal columns of the blocks.
    along = row @ fit.basis[0] @ fit.at.K[0].T
    size = float(np.linalg.norm(along))
    turn = np.linalg.qr(along[:, np.newaxis] / size, mode="complete")[0]
    direction, others = along / size, turn[:, 1:]
    best = float(direction @ fit.at.beta[0])
    estimate = float(row @ fit.beta[0])
    X, y = blocks.A[..., :p], blocks.A[..., p:]
    own, rest = (X @ direction)[..., np.newaxis], X @ others

    def deviance(value: float) -> float:
        held = best + (value - estimate) / size
        moved = replace(blocks, A=np.concatenate([rest, y - held * own], axis=-1))
        optimum = maximise(moved, fit.structure, point, reml=False, iterations_allowed=MOST_STEPS)
        if not optimum.converged[0]:
            reason = ENDINGS[str(optimum.reason[0])]
            raise ConvergenceError(
                tell(
                    "profile: expected a maximum of the likelihood with an estimate held at "
                    '{value}, found none ({reason}); ask for interval = "wald"',
                    value=value,
                    reason=reason,
                ),
                replace(optimisation_record(fit), reason=reason),
            )
        return 2 * float(optimum.value[0] - fit.at.value[0])

    return deviance


def crossing(
    deviance: Callable[[float], float], estimate: float, width: float, rise: float
) -> float:
    """Return where the deviance reaches a rise, on the side of the estimate that width names."""
    inside, outside = estimate, estimate + 2 * width
    for _ in range(MOST_DOUBLINGS):
        if deviance(outside) > rise:
            break
        inside, outside = outside, estimate + 2 * (outside - estimate)
    else:
        raise NotEstimableError(
            tell(
                "profile: expected a likelihood that falls away from its maximum, found one that "
                'does not fall far enough for a limit; ask for interval = "wald"'
            )
        )
    return float(
        optimize.brentq(
            lambda value: deviance(value) - rise, inside, outside, xtol=FINE * abs(width)
        )
    )
