"""Standard errors, degrees of freedom and joint tests of a repeated-measures model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trialkit.analysis.mmrm_options import KENWARD_ROGER, MmrmOptions
from trialkit.analysis.visit_model import VisitModel
from trialkit.analysis.visit_records import VisitRecords
from trialkit.analysis.visit_totals import design_matrix
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import BoolArray, FloatArray
from trialkit.numerics.contrast import ROUNDING, Inference, infer
from trialkit.numerics.mixed_inference import (
    JointTest,
    joint_test,
    kenward_roger_basis,
    kenward_roger_test,
    satterthwaite_df,
    satterthwaite_test,
    wald_statistic,
)
from trialkit.numerics.mixed_sandwich import (
    RobustCovariance,
    SubjectRecords,
    robust_covariance,
    robust_df,
    robust_test,
)

# A coefficient enters a linear function if its share is above this.
ENTERS = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tester:
    """How linear functions of the coefficients are tested.

    Attributes
    ----------
    beta : array, shape (p,)
    basis : array, shape (p, p)
        G with G G' the model-based covariance of the coefficients.
    middle : array, shape (p, p)
        M with G M G' the covariance that standard errors come from. Of a function l the
        variance is (l G) M (l G)', which keeps its digits where the entries of G M G' are large
        and cancel.
    df : callable
        From rows, shape (m, p), to degrees of freedom, shape (m,).
    joint : callable
        From independent rows, shape (l, p), to their F test.
    unknown : callable, optional
        From rows, shape (m, p), to whether their error is unknown, shape (m,).
    """

    beta: FloatArray
    basis: FloatArray
    middle: FloatArray
    df: Callable[[FloatArray], FloatArray]
    joint: Callable[[FloatArray], JointTest]
    unknown: Callable[[FloatArray], BoolArray] | None = None

    def infer(self, L: FloatArray, *, conf_level: float) -> Inference:
        """Estimate and test each row of L; a row whose error is unknown has its estimate alone.

        A row of zeros is zero whatever the data, and has no test either.
        """
        some = np.asarray(L.any(axis=1))
        if not some.all():
            return spread_out(self.infer(L[some], conf_level=conf_level), some)
        std_error = np.sqrt(self.variance(L))
        if self.unknown is not None:
            std_error[self.unknown(L)] = np.nan
        elif np.isnan(std_error).any():
            raise NotEstimableError(
                tell(
                    "df_method: Kenward and Roger's correction leaves a variance that is not "
                    "positive, for there are too few subjects; choose satterthwaite, or a "
                    "covariance with fewer parameters"
                )
            )
        return infer(L @ self.beta, std_error, self.df(L), conf_level=conf_level, must_vary=False)

    def variance(self, L: FloatArray) -> FloatArray:
        """Return the variance of each row of L; NaN where it is no more than rounding."""
        turned = L @ self.basis
        variance = np.sum((turned @ self.middle) * turned, axis=1)
        size = np.abs(turned) @ np.sqrt(np.abs(np.diag(self.middle)))
        return np.where(variance > ROUNDING * size**2, variance, np.nan)


def spread_out(inference: Inference, some: BoolArray) -> Inference:
    """Return an inference of some rows among rows that are 0 and have no other figures."""

    def placed(values: FloatArray, empty: float) -> FloatArray:
        among = np.full(some.size, empty)
        among[some] = values
        return among

    return Inference(
        estimate=placed(inference.estimate, 0.0),
        std_error=placed(inference.std_error, np.nan),
        df=placed(inference.df, np.nan),
        statistic=placed(inference.statistic, np.nan),
        p_value=placed(inference.p_value, np.nan),
        conf_low=placed(inference.conf_low, np.nan),
        conf_high=placed(inference.conf_high, np.nan),
    )


def robust_errors(
    records: VisitRecords | None, model: VisitModel, options: MmrmOptions
) -> RobustCovariance | None:
    """Return the sandwich covariance that the options ask for, if any."""
    if options.vcov == "model" or records is None:
        return None
    fit = model.fit
    return robust_covariance(
        SubjectRecords(
            X=design_matrix(records, model.coding, model.origin),
            y=records.y,
            subject=records.subject,
            visit=records.codes[1],
            n_visits=len(model.visits),
            group=records.group,
            weights=records.weights,
        ),
        beta=fit.beta[0],
        Sigma=fit.Sigma[0],
        basis=fit.basis[0],
        kind=options.vcov,
    )


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
            basis=basis,
            middle=adjusted,
            df=lambda L: satterthwaite_df(fit, L)[0],
            joint=lambda L: kenward_roger_test(fit, L, adjusted),
        )
    if options.df_method != "satterthwaite":
        return fixed_df_tester(model, options, robust)
    if robust is None:
        return Tester(
            beta=beta,
            basis=basis,
            middle=np.eye(beta.size),
            df=lambda L: satterthwaite_df(fit, L)[0],
            joint=lambda L: satterthwaite_test(fit, L),
        )
    return Tester(
        beta=beta,
        basis=basis,
        middle=robust.meat,
        df=lambda L: robust_df(robust, L),
        joint=lambda L: robust_test(robust, beta=beta, L=L),
        unknown=robust.unknown,
    )


def fixed_df_tester(
    model: VisitModel, options: MmrmOptions, robust: RobustCovariance | None
) -> Tester:
    """Return tests on degrees of freedom that the design alone gives."""
    beta, basis = model.fit.beta[0], model.fit.basis[0]
    middle = np.eye(beta.size) if robust is None else robust.meat
    residual = float(model.totals.n_records - beta.size)
    rule = None if options.df_method == "residual" else between_within(model)

    def each(L: FloatArray) -> FloatArray:
        return np.full(len(L), residual) if rule is None else rule(L)

    def joint(L: FloatArray) -> JointTest:
        turned = L @ basis
        wald = wald_statistic(L @ beta, turned @ middle @ turned.T)
        return joint_test(wald, len(L), float(each(L).min()))

    return Tester(
        beta=beta,
        basis=basis,
        middle=middle,
        df=each,
        joint=joint,
        unknown=None if robust is None else robust.unknown,
    )


def between_within(model: VisitModel) -> Callable[[FloatArray], FloatArray]:
    """Return the rule that gives a row the between or the within degrees of freedom.

    Columns that are constant within every subject are between subjects and have the subjects
    less these columns and the intercept; all others, and the intercept, have the records less
    the subjects and the other columns. A function has the least of the columns that have a
    part in it.

    Raises
    ------
    NotEstimableError
        If one of the two is not positive.

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
    for where, df in (
        (tell("between subjects"), between_df),
        (tell("within subjects"), within_df),
    ):
        if df <= 0:
            raise NotEstimableError(
                tell(
                    "df_method: the between-within rule leaves {df:g} degrees of freedom {where} "
                    "({subjects} subjects, {records} records, {coefficients} coefficients); "
                    "choose kenward_roger or satterthwaite",
                    df=df,
                    where=where,
                    subjects=totals.n_subjects,
                    records=totals.n_records,
                    coefficients=len(names),
                )
            )
    own = np.where(between, between_df, within_df)
    to_given = np.linalg.inv(model.given_coefficients())

    def each(L: FloatArray) -> FloatArray:
        parts = np.abs(L @ to_given)
        enters = parts > ENTERS * parts.max(axis=1, keepdims=True)
        return np.asarray(np.where(enters, own, np.inf).min(axis=1))

    return each
