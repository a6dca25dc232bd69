"""pingouin behind one door: its numbers at full precision, and what is unsafe refused.

The only module that imports it, which takes about two seconds. Where pingouin rounds, drops
people or changes the method in silence, the answer is computed by ``numerics`` instead or the
call is refused; each case has a test that shows pingouin's own answer beside it.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pingouin as pg

from trialkit.analysis.profiles import require_one_arm, require_one_record
from trialkit.errors import DataError, NotEstimableError, SpecificationError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.assumptions import AssumptionTest
from trialkit.numerics.bayes_factor import MEDIUM, BayesFactor, jzs_bayes_factor
from trialkit.numerics.effect_sizes import cohen_d_av, cohen_d_s, cohen_d_z, paired_moments
from trialkit.numerics.means import (
    mean_inference,
    moments_beside,
    sample_moments,
    student_difference,
    welch_difference,
)
from trialkit.numerics.noncentral_t import t_test_power
from trialkit.numerics.proportions import Interval
from trialkit.numerics.separation import refuse_separation

ADJUSTMENTS = ("holm", "bonf", "sidak", "fdr_bh", "fdr_by")


@dataclass(frozen=True, slots=True, kw_only=True)
class TTest:
    """A t test by pingouin with unrounded limits and effect sizes under their own names.

    ``effect_sizes`` has ``cohen_d_s`` of two arms, or ``cohen_d_z`` and ``cohen_d_av`` of
    pairs; their sign follows the difference, the first sample minus the second.
    """

    difference: float
    df: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float
    effect_sizes: dict[str, Interval]


@contextmanager
def known_deprecation() -> Iterator[None]:
    """Silence the one warning that pingouin 0.7 makes pandas 3 give, and no other."""
    category = getattr(pd.errors, "Pandas4Warning", DeprecationWarning)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The inplace keyword", category=category)
        yield


def shapiro_wilk(values: FloatArray) -> AssumptionTest:
    """Return the Shapiro-Wilk test of normality (Royston 1995)."""
    row = pg.normality(values).iloc[0]
    return AssumptionTest(statistic=float(row["W"]), p_value=float(row["pval"]))


def bartlett(arms: Sequence[FloatArray]) -> AssumptionTest:
    """Return Bartlett's test of equal variances, chi-square on k - 1 degrees of freedom."""
    row = pg.homoscedasticity(list(arms), method="bartlett").iloc[0]
    return AssumptionTest(
        df=float(len(arms) - 1), statistic=float(row["T"]), p_value=float(row["pval"])
    )


def levene(arms: Sequence[FloatArray], *, centre: str) -> AssumptionTest:
    """Return the F test of the distances from the means or the medians of the arms.

    Raises
    ------
    NotEstimableError
        If the distances of no arm differ: pingouin would divide by zero.
    """
    middle = np.median if centre == "median" else np.mean
    distances = [np.abs(values - float(middle(values))) for values in arms]
    size = max(float(np.abs(values).max()) for values in arms)
    if not any(moments_beside(distance, size=size).std_dev > 0 for distance in distances):
        raise NotEstimableError(
            tell(
                "in every arm all people lie equally far from the median"
                if centre == "median"
                else "in every arm all people lie equally far from the mean"
            )
        )
    row = pg.homoscedasticity(list(arms), method="levene", center=centre).iloc[0]
    return AssumptionTest(
        df_num=float(len(arms) - 1),
        df=float(sum(values.size for values in arms) - len(arms)),
        statistic=float(row["W"]),
        p_value=float(row["pval"]),
    )


def t_test(
    x: FloatArray, y: FloatArray, *, paired: bool, correction: bool, conf_level: float = 0.95
) -> TTest:
    """Return the t test of x minus y; limits and effect sizes are computed here.

    Raises
    ------
    SpecificationError
        If ``correction`` is not True (Welch) or False (Student), or if it is True for pairs.
    DataError
        If a value is missing: pingouin would leave it out in silence.
    """
    require_choice(correction)
    if paired and correction:
        raise SpecificationError("correction: expected False for pairs, which have one variance")
    require_complete_arrays(x, y, paired=paired)
    row = pg.ttest(x, y, paired=paired, correction=correction).iloc[0]
    effect_sizes = {}
    if paired:
        pairs = paired_moments(y, x)
        own = mean_inference(pairs.change, conf_level=conf_level)
        effect_sizes["cohen_d_z"] = cohen_d_z(pairs, conf_level=conf_level)
        effect_sizes["cohen_d_av"] = cohen_d_av(pairs, conf_level=conf_level)
    else:
        arms = sample_moments(x), sample_moments(y)
        compare = welch_difference if correction else student_difference
        own = compare(*arms, conf_level=conf_level)
        effect_sizes["cohen_d_s"] = cohen_d_s(*arms, conf_level=conf_level)
    return TTest(
        difference=float(own.estimate[0]),
        df=float(row["dof"]),
        statistic=float(row["T"]),
        p_value=float(row["p_val"]),
        conf_low=float(own.conf_low[0]),
        conf_high=float(own.conf_high[0]),
        effect_sizes=effect_sizes,
    )


def bayes_factor(
    x: FloatArray,
    y: FloatArray,
    *,
    paired: bool,
    correction: bool,
    prior_scale: float = MEDIUM,
) -> BayesFactor:
    """Return the Bayes factor of x minus y as a number; Student's t only.

    Raises
    ------
    SpecificationError
        If ``correction`` is not False: a Welch t does not belong in its likelihood.
    """
    require_choice(correction)
    if correction:
        raise SpecificationError(
            "correction: expected False, for a Bayes factor is that of Student's t and pingouin "
            "puts the Welch t into it"
        )
    test = t_test(x, y, paired=paired, correction=False)
    size = x.size if paired else x.size * y.size / (x.size + y.size)
    return jzs_bayes_factor(test.statistic, df=test.df, size=size, prior_scale=prior_scale)


def paired_power(x: FloatArray, y: FloatArray, *, alpha: float = 0.05) -> float:
    """Return the power of a paired t test were the observed d_z the true one.

    pingouin puts d_av where the formula wants d_z.
    """
    test = t_test(x, y, paired=True, correction=False)
    d_z = test.effect_sizes["cohen_d_z"].estimate
    return t_test_power(d_z * np.sqrt(x.size), x.size - 1.0, alpha=alpha)


def rm_anova(frame: pd.DataFrame, *, dv: str, within: str, subject: str) -> pd.DataFrame:
    """Return pingouin's repeated-measures ANOVA of complete records.

    Raises
    ------
    DataError
        If a subject lacks a visit or has one twice: pingouin would drop or average them.
    """
    require_one_value_each(frame, dv=dv, within=within, subject=subject)
    with known_deprecation():
        return pd.DataFrame(
            pg.rm_anova(
                frame, dv=dv, within=within, subject=subject, correction=True, detailed=True
            )
        )


def mixed_anova(
    frame: pd.DataFrame,
    *,
    dv: str,
    within: str,
    subject: str,
    between: str,
    correction: bool = False,
) -> pd.DataFrame:
    """Return pingouin's arm x visit ANOVA of complete records and equal arms.

    Raises
    ------
    SpecificationError
        If a correction is asked for: that of ``repeated_measures_anova`` names its epsilon.
    DataError
        As ``rm_anova``; also if the arms differ in size, where pingouin's sums of squares
        are of type II, or if an id occurs in two arms.
    """
    if correction is not False:
        raise SpecificationError(
            "correction: expected False; repeated_measures_anova has the corrected tests"
        )
    require_one_arm(frame, subject=subject, arm=between)
    require_one_value_each(frame, dv=dv, within=within, subject=subject)
    sizes = frame.groupby(between, observed=True)[subject].nunique()
    if sizes.min() < sizes.max():
        found = ", ".join(f"{level}: {size}" for level, size in sizes.items())
        raise DataError(
            f"expected arms of one size, for pingouin's sums of squares are of type II; "
            f"found {found}; use repeated_measures_anova, which has type III"
        )
    with known_deprecation():
        return pd.DataFrame(
            pg.mixed_anova(
                frame, dv=dv, within=within, subject=subject, between=between, correction=False
            )
        )


def pairwise_tests(
    frame: pd.DataFrame,
    *,
    dv: str,
    within: str,
    subject: str,
    padjust: str,
    between: str | None = None,
    correction: bool = False,
) -> pd.DataFrame:
    """Return pingouin's pairwise t tests of visits, adjusted, without its texts and sizes.

    Raises
    ------
    SpecificationError
        If no adjustment is named, or ``correction`` is not True or False.
    DataError
        If a subject lacks a visit or has one twice, or an id occurs in two arms.
    """
    require_choice(correction)
    if padjust not in ADJUSTMENTS:
        raise SpecificationError(
            f"padjust: expected one of {', '.join(ADJUSTMENTS)}, found {padjust!r}; "
            "several tests are not left unadjusted"
        )
    if between is not None:
        require_one_arm(frame, subject=subject, arm=between)
    require_one_value_each(frame, dv=dv, within=within, subject=subject)
    with known_deprecation():
        table = pg.pairwise_tests(
            frame,
            dv=dv,
            within=within,
            subject=subject,
            between=between,
            padjust=padjust,
            correction=correction,
        )
    return pd.DataFrame(table.drop(columns=["BF10", "hedges"], errors="ignore"))


def logistic_regression(frame: pd.DataFrame, *, outcome: str, terms: Sequence[str]) -> pd.DataFrame:
    """Return pingouin's logistic regression where its maximum is finite.

    Raises
    ------
    DataError
        If a value is missing, or the outcome is not 0 or 1.
    NotEstimableError
        If a term, or several together, separate the outcomes.
    """
    columns = [outcome, *terms]
    require_complete_records(frame, columns)
    X = frame[list(terms)].to_numpy(dtype=np.float64)
    y = frame[outcome].to_numpy(dtype=np.float64)
    if not np.isin(y, (0.0, 1.0)).all():
        raise DataError(f"{outcome}: expected 0 and 1, found {np.unique(y)[:4].tolist()}")
    spread = X.std(axis=0)
    scaled = (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    inequalities = (2 * y - 1)[:, None] * np.column_stack([np.ones(len(y)), scaled])
    refuse_separation(inequalities, ["", *terms], what=f"{outcome} = 1 from {outcome} = 0")
    with known_deprecation():
        return pd.DataFrame(pg.logistic_regression(frame[list(terms)], frame[outcome]))


def mediation(
    frame: pd.DataFrame,
    *,
    x: str,
    m: str,
    y: str,
    covariates: Sequence[str] = (),
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Return pingouin's mediation with the bootstrap p-value (b + 1) / (m + 1), doubled.

    Raises
    ------
    DataError
        If a value is missing.
    """
    require_complete_records(frame, [x, m, y, *covariates])
    with known_deprecation():
        table, indirect = pg.mediation_analysis(
            frame,
            x=x,
            m=m,
            y=y,
            covar=list(covariates) or None,
            n_boot=draws,
            seed=seed,
            return_dist=True,
        )
    beyond = min(int((indirect <= 0).sum()), int((indirect >= 0).sum()))
    p_value = min(1.0, 2 * (beyond + 1) / (draws + 1))
    return pd.DataFrame(
        table.assign(pval=table["pval"].where(table["path"] != "Indirect", p_value))
    )


def require_choice(correction: object) -> None:
    """Raise unless a correction is asked for or not, whatever the sizes of the arms."""
    if not isinstance(correction, bool):
        raise SpecificationError(
            "correction: expected True (Welch) or False (Student), found "
            f"{correction!r}; the test must not change with the size of the arms"
        )


def require_complete_arrays(x: FloatArray, y: FloatArray, *, paired: bool) -> None:
    """Raise if a value is missing, or pairs are not of one length."""
    missing = int(np.isnan(x).sum() + np.isnan(y).sum())
    if missing:
        raise DataError(f"expected complete values, found {missing} missing")
    if paired and x.size != y.size:
        raise DataError(f"expected pairs, found {x.size} and {y.size} values")


def require_complete_records(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raise with the records if any lacks a value."""
    incomplete = frame[frame[list(columns)].isna().any(axis=1)]
    if len(incomplete):
        raise DataError(
            f"expected complete records, found {len(incomplete)} of {len(frame)} without a value",
            records=incomplete,
        )


def require_one_value_each(frame: pd.DataFrame, *, dv: str, within: str, subject: str) -> None:
    """Raise unless each subject has exactly one value at each visit."""
    require_one_record(frame, subject=subject, visit=within)
    wide = frame.pivot(index=subject, columns=within, values=dv)  # noqa: PD010 (no averaging)
    incomplete = wide.index[wide.isna().any(axis=1)]
    if len(incomplete):
        raise DataError(
            f"expected every {within} of every {subject}, found {len(incomplete)} of {len(wide)} "
            "without all; pingouin would leave them out",
            records=frame[frame[subject].isin(incomplete)],
        )
