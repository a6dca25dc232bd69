"""Standard errors, degrees of freedom and joint tests of a repeated-measures model."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from trialkit.analysis.mmrm_options import KENWARD_ROGER, MmrmOptions
from trialkit.analysis.visit_model import VisitModel
from trialkit.numerics.arrays import BoolArray, FloatArray
from trialkit.numerics.contrast import Inference, covariance_of, infer
from trialkit.numerics.mixed_inference import (
    JointTest,
    joint_test,
    kenward_roger_basis,
    kenward_roger_test,
    satterthwaite_df,
    satterthwaite_test,
    wald_statistic,
)
from trialkit.numerics.mixed_sandwich import RobustCovariance, robust_df, robust_test

# A coefficient enters a linear function if its share is above this.
ENTERS = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tester:
    """How linear functions of the coefficients are tested.

    Attributes
    ----------
    beta : array, shape (p,)
    vcov : array, shape (p, p)
    df : callable
        From rows, shape (m, p), to degrees of freedom, shape (m,).
    joint : callable
        From independent rows, shape (l, p), to their F test.
    unknown : callable, optional
        From rows, shape (m, p), to whether their error is unknown, shape (m,).
    """

    beta: FloatArray
    vcov: FloatArray
    df: Callable[[FloatArray], FloatArray]
    joint: Callable[[FloatArray], JointTest]
    unknown: Callable[[FloatArray], BoolArray] | None = None

    def infer(self, L: FloatArray, *, conf_level: float) -> Inference:
        """Estimate and test each row of L; a row whose error is unknown has its estimate alone."""
        std_error = np.sqrt(np.diag(covariance_of(L, self.vcov)))
        if self.unknown is not None:
            std_error[self.unknown(L)] = np.nan
        return infer(L @ self.beta, std_error, self.df(L), conf_level=conf_level, must_vary=False)


def model_tests(model: VisitModel, options: MmrmOptions, robust: RobustCovariance | None) -> Tester:
    """Return the standard errors and degrees of freedom that the options name.

    Parameters
    ----------
    model : VisitModel
    options : MmrmOptions
    robust : RobustCovariance or None
        Where the options ask for a sandwich.
    """
    fit = model.fit
    beta, basis = fit.beta[0], fit.basis[0]
    if options.df_method in KENWARD_ROGER:
        linear = options.df_method == "kenward_roger_linear"
        adjusted = kenward_roger_basis(fit, linear=linear)[0]
        return Tester(
            beta=beta,
            vcov=basis @ adjusted @ basis.T,
            df=lambda L: satterthwaite_df(fit, L)[0],
            joint=lambda L: kenward_roger_test(fit, L, adjusted),
        )
    vcov = basis @ basis.T if robust is None else robust.vcov
    if options.df_method == "satterthwaite":
        if robust is None:
            return Tester(
                beta=beta,
                vcov=vcov,
                df=lambda L: satterthwaite_df(fit, L)[0],
                joint=lambda L: satterthwaite_test(fit, L),
            )
        return Tester(
            beta=beta,
            vcov=vcov,
            df=lambda L: robust_df(robust, L),
            joint=lambda L: robust_test(robust, beta=beta, L=L),
            unknown=robust.unknown,
        )
    fixed = fixed_df_tester(model, options, beta, vcov)
    return fixed if robust is None else replace(fixed, unknown=robust.unknown)


def fixed_df_tester(
    model: VisitModel, options: MmrmOptions, beta: FloatArray, vcov: FloatArray
) -> Tester:
    """Return tests on degrees of freedom that the design alone gives."""
    p = len(beta)
    if options.df_method == "residual":
        residual = float(model.totals.n_records - p)

        def each(L: FloatArray) -> FloatArray:
            return np.full(len(L), residual)

    else:
        rows = between_within(model)

        def each(L: FloatArray) -> FloatArray:
            return rows(L)

    return Tester(
        beta=beta,
        vcov=vcov,
        df=each,
        joint=lambda L: joint_test(
            wald_statistic(L @ beta, L @ vcov @ L.T), len(L), float(each(L).min())
        ),
    )


def between_within(model: VisitModel) -> Callable[[FloatArray], FloatArray]:
    """Return the rule that gives a row the between or the within degrees of freedom.

    Columns that are constant within every subject are between subjects and have the subjects
    less these columns and the intercept; all others, and the intercept, have the records less
    the subjects and the other columns. A function has the least of the columns that have a
    part in it.

    References
    ----------
    Schluchter MD, Elashoff JT (1990). J Stat Comput Simul 37:69-87. SAS ``DDFM =
    BETWITHIN``; R ``mmrm(method = "Between-Within")``.
    """
    totals, names = model.totals, model.coding.names
    intercept = np.array([name == "Intercept" for name in names])
    between = totals.between & ~intercept
    n_within = int((~totals.between).sum())
    between_df = float(totals.n_subjects - between.sum() - 1)
    within_df = float(totals.n_records - totals.n_subjects - n_within)
    own = np.where(between, between_df, within_df)
    to_given = np.linalg.inv(model.given_coefficients())

    def each(L: FloatArray) -> FloatArray:
        parts = np.abs(L @ to_given)
        enters = parts > ENTERS * parts.max(axis=1, keepdims=True)
        return np.asarray(np.where(enters, own, np.inf).min(axis=1))

    return each
