"""Robust covariances of a mixed model are what their definitions say, subject by subject."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import formulaic
import numpy as np
import pandas as pd
import pytest
from scipy import linalg

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.numerics.covariance_structures import build_structure
from trialkit.numerics.mixed_fit import fit_mixed
from trialkit.numerics.mixed_sandwich import (
    POWERS,
    RobustCovariance,
    SubjectRecords,
    robust_covariance,
    robust_df,
    robust_test,
)
from trialkit.numerics.robust_covariance import cluster_covariance, satterthwaite_df
from trialkit.numerics.subject_blocks import visit_blocks

VISITS = 4
# Of both arms: standard deviations 1 to 4, correlations that fall with time.
ONE = np.exp(-0.4 * np.abs(np.subtract.outer(range(VISITS), range(VISITS)))) * np.outer(
    [1, 2, 3, 4], [1, 2, 3, 4]
)
BY_ARM = linalg.block_diag(ONE, 2 * ONE + np.eye(VISITS))


def trial(n: int = 14, *, seed: int = 5) -> SubjectRecords:
    """Two arms with missing visits, weights and a covariance each, records in any order."""
    rng = np.random.default_rng(seed)
    subject, visit = np.repeat(np.arange(n), VISITS), np.tile(np.arange(VISITS), n)
    kept = rng.permutation(np.flatnonzero(rng.random(n * VISITS) < 0.75))
    subject, visit = subject[kept], visit[kept]
    arm, base = subject % 2, rng.normal(size=n)[subject]
    at = (visit[:, np.newaxis] == np.arange(VISITS)).astype(float)
    X = np.column_stack([at, at * arm[:, np.newaxis], base])
    return SubjectRecords(
        X=X,
        y=rng.normal(size=kept.size) * (1 + visit) + base,
        subject=subject,
        visit=visit,
        n_visits=VISITS,
        group=arm,
        weights=rng.uniform(0.5, 2, size=kept.size),
    )


def full_covariance(records: SubjectRecords) -> np.ndarray:
    """Return V of all records, by definition."""
    place = records.visit + VISITS * (0 if records.group is None else records.group)
    weights = np.ones(len(records.y)) if records.weights is None else records.weights
    V = BY_ARM[np.ix_(place, place)] / np.sqrt(np.outer(weights, weights))
    return np.where(records.subject[:, np.newaxis] == records.subject, V, 0.0)


def coefficients(records: SubjectRecords) -> tuple[np.ndarray, np.ndarray]:
    """Return generalised least squares and G, of all records at once."""
    X, W = records.X, np.linalg.inv(full_covariance(records))
    vcov = np.linalg.inv(X.T @ W @ X)
    return vcov @ X.T @ W @ records.y, np.linalg.cholesky(vcov)


def robust_of(records: SubjectRecords, kind: str) -> RobustCovariance:
    beta, basis = coefficients(records)
    return robust_covariance(records, beta=beta, Sigma=BY_ARM, basis=basis, kind=kind)


def some(records: SubjectRecords, kept: np.ndarray) -> SubjectRecords:
    """Return the records that are kept."""
    assert records.group is not None
    assert records.weights is not None
    return replace(
        records,
        X=records.X[kept],
        y=records.y[kept],
        subject=records.subject[kept],
        visit=records.visit[kept],
        group=records.group[kept],
        weights=records.weights[kept],
    )


def correction_of(records: SubjectRecords, kind: str) -> Iterator[np.ndarray]:
    """Yield, for each subject, what all errors weigh in its share of the coefficients.

    From (I - H_ii)^s as a function of the matrix itself, without a rotation.
    """
    X, V = records.X, full_covariance(records)
    _, basis = coefficients(records)
    vcov = basis @ basis.T
    W = np.linalg.inv(V)
    left = np.eye(len(X)) - X @ vcov @ X.T @ W
    for subject in np.unique(records.subject):
        own = records.subject == subject
        A = np.real(linalg.fractional_matrix_power(left[np.ix_(own, own)], POWERS[kind]))
        yield vcov @ X[own].T @ W[np.ix_(own, own)] @ A @ left[own]


@pytest.mark.parametrize("kind", POWERS)
def test_is_the_sum_over_subjects_by_definition(kind: str):
    records = trial()
    shares = np.array([share @ records.y for share in correction_of(records, kind)])

    np.testing.assert_allclose(robust_of(records, kind).vcov, shares.T @ shares, rtol=1e-10)


@pytest.mark.parametrize("kind", POWERS)
def test_degrees_of_freedom_are_those_of_the_whole_quadratic_form(kind: str):
    # The variance estimate is y'By: its mean is tr(BV), its variance 2 tr(BVBV).
    records = trial()
    V = full_covariance(records)
    L = np.vstack([np.eye(9), [0, 0, 0, 0, 0.25, 0.25, 0.25, 0.25, 0]])
    shares = list(correction_of(records, kind))
    expected = []
    for row in L:
        form = np.array([row @ share for share in shares])
        BV = form.T @ form @ V
        expected.append(np.trace(BV) ** 2 / np.trace(BV @ BV))

    np.testing.assert_allclose(robust_df(robust_of(records, kind), L), expected, rtol=1e-9)


def test_the_jackknife_is_the_spread_of_fits_without_each_subject():
    records = trial()
    beta, _ = coefficients(records)
    without = [
        coefficients(some(records, records.subject != subject))[0] - beta
        for subject in np.unique(records.subject)
    ]

    expected = np.transpose(without) @ np.array(without)
    np.testing.assert_allclose(robust_of(records, "CR3").vcov, expected, rtol=1e-8)


def test_the_bias_reduced_form_is_unbiased_where_the_fitted_covariance_is_right():
    records = trial()
    _, basis = coefficients(records)
    # The form is quadratic in y: its mean is the sum over the columns of a root of V.
    roots = np.linalg.cholesky(full_covariance(records)).T

    mean = sum(robust_of(replace(records, y=root), "CR2").vcov for root in roots)

    np.testing.assert_allclose(mean, basis @ basis.T, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", ["CR0", "CR2"])
def test_equal_independent_errors_lead_back_to_least_squares(kind: str):
    records = replace(trial(30), group=None, weights=None)
    X, y = records.X, records.y
    beta = np.linalg.lstsq(X, y)[0]
    basis = 3 * np.linalg.inv(np.linalg.qr(X)[1])
    ordinary = cluster_covariance(X, y - X @ beta, records.subject, kind)

    robust = robust_covariance(records, beta=beta, Sigma=9 * np.eye(VISITS), basis=basis, kind=kind)

    np.testing.assert_allclose(robust.vcov, ordinary.vcov, rtol=1e-9, atol=1e-13)
    L = np.eye(9)
    expected = [satterthwaite_df(ordinary, row) for row in L]
    np.testing.assert_allclose(robust_df(robust, L), expected, rtol=1e-9)


@pytest.mark.parametrize("kind", POWERS)
def test_neither_the_order_of_records_nor_the_codes_of_subjects_matter(kind: str):
    records = trial()
    L = np.eye(9)
    first = robust_of(records, kind)
    turned = some(records, np.random.default_rng(3).permutation(len(records.y)))

    second = robust_of(replace(turned, subject=100 - 7 * turned.subject), kind)

    np.testing.assert_allclose(second.vcov, first.vcov, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(robust_df(second, L), robust_df(first, L), rtol=1e-11)


@pytest.mark.parametrize("kind", POWERS)
def test_units_cost_no_digits(kind: str):
    records = trial()
    beta, basis = coefficients(records)
    units = np.array([1, 1e7, 1, 1e-7, 1, 1, 1, 1, 1e5])

    robust = robust_covariance(
        replace(records, X=records.X * units, y=1e6 * records.y),
        beta=1e6 * beta / units,
        Sigma=1e12 * BY_ARM,
        basis=1e6 * basis / units[:, np.newaxis],
        kind=kind,
    )

    plain = robust_of(records, kind)
    scaled = robust.vcov * np.outer(units, units) / 1e12
    np.testing.assert_allclose(scaled, plain.vcov, rtol=1e-10, atol=1e-14)
    L = np.eye(9)
    np.testing.assert_allclose(robust_df(robust, L), robust_df(plain, L), rtol=1e-11)


@pytest.mark.parametrize("kind", POWERS)
def test_a_record_with_a_coefficient_of_its_own_is_as_good_as_absent(kind: str):
    records = trial()
    alone = np.zeros(len(records.y))
    alone[3] = 1.0
    absent = robust_of(some(records, alone == 0), kind)

    robust = robust_of(replace(records, X=np.column_stack([records.X, alone])), kind)

    L = np.eye(10)
    np.testing.assert_array_equal(robust.unknown(L), [False] * 9 + [True])
    assert robust.n_exact == 1
    np.testing.assert_allclose(robust.vcov[:9, :9], absent.vcov, rtol=1e-8)
    df = robust_df(robust, L)
    np.testing.assert_allclose(df[:9], robust_df(absent, L[:9, :9]), rtol=1e-8)
    assert np.isnan(df[9])
    beta, _ = coefficients(replace(records, X=np.column_stack([records.X, alone])))
    test = robust_test(robust, beta=beta, L=L[8:])
    assert np.isnan([test.statistic, test.df, test.p_value]).all()


def test_no_subject_of_an_ordinary_trial_is_fitted_exactly():
    robust = robust_of(trial(), "CR0")

    assert robust.n_exact == 0
    assert not robust.unknown(np.eye(9)).any()
    assert robust.n_subjects == np.unique(trial().subject).size


def test_one_row_tested_jointly_is_its_t_test_squared():
    records = trial()
    robust, beta = robust_of(records, "CR2"), coefficients(records)[0]
    L = np.eye(9)[[8]]

    test = robust_test(robust, beta=beta, L=L)

    assert test.statistic == pytest.approx(beta[8] ** 2 / robust.vcov[8, 8], rel=1e-12)
    assert test.df == pytest.approx(robust_df(robust, L)[0], rel=1e-12)


def test_rows_that_depend_on_others_are_counted_once():
    records = trial()
    robust, beta = robust_of(records, "CR2"), coefficients(records)[0]
    rows = np.eye(9)[4:7]

    test = robust_test(robust, beta=beta, L=np.vstack([rows, rows[0] - rows[1], 0 * rows[0]]))

    assert test.df_num == 3
    wald = (rows @ beta) @ np.linalg.solve(rows @ robust.vcov @ rows.T, rows @ beta) / 3
    assert test.statistic == pytest.approx(wald, rel=1e-9)


def test_coefficients_that_nearly_cancel_cost_a_joint_test_no_digits():
    """The same model with a column beside one that differs from it by a millionth."""
    records = trial()
    (beta, basis), plain = coefficients(records), robust_of(records, "CR2")
    T = np.eye(9)
    T[7, 8], T[8, 8] = 1.0, 1e-6
    back = np.linalg.inv(T)
    beside = robust_covariance(
        replace(records, X=records.X @ T),
        beta=back @ beta,
        Sigma=BY_ARM,
        basis=back @ basis,
        kind="CR2",
    )
    L = np.eye(9)[[6, 7]]
    test = robust_test(beside, beta=back @ beta, L=L @ T)

    expected = robust_test(plain, beta=beta, L=L)
    assert test.statistic == pytest.approx(expected.statistic, rel=1e-8)


def test_a_row_of_zeros_has_neither_degrees_of_freedom_nor_a_test():
    robust = robust_of(trial(), "CR2")

    assert np.isnan(robust_df(robust, np.zeros((1, 9)))).all()
    with pytest.raises(NotEstimableError, match="do not vary"):
        robust_test(robust, beta=np.ones(9), L=np.zeros((1, 9)))


def test_an_unknown_kind_is_named():
    with pytest.raises(SpecificationError, match=r"expected one of CR0, CR2, CR3, found 'CR1'"):
        robust_of(trial(), "CR1")


def test_one_subject_is_refused():
    records = trial()
    beta, basis = coefficients(records)

    with pytest.raises(NotEstimableError, match="one subject alone"):
        robust_covariance(
            some(records, records.subject == 4),
            beta=beta,
            Sigma=BY_ARM,
            basis=basis,
            kind="CR0",
        )


REFEREES = {
    "Empirical": "CR0",
    "Empirical-Bias-Reduced": "CR2",
    "Empirical-Jackknife": "CR3",
}


@pytest.fixture(scope="module")
def fev(shared: Path) -> tuple[SubjectRecords, tuple[np.ndarray, ...], list[str]]:
    """The records of a public trial, its unstructured fit, and the names of its columns."""
    frame = pd.read_csv(shared / "reference" / "data" / "fev_data.csv").dropna(subset=["FEV1"])
    frame["SEX"] = pd.Categorical(frame["SEX"], ["Male", "Female"])
    matrix = formulaic.model_matrix("RACE + SEX + ARMCD * AVISIT", frame)
    plain = matrix.columns.str.replace("[T.", "").str.replace("]", "")
    records = SubjectRecords(
        X=np.asarray(matrix, float),
        y=frame["FEV1"].to_numpy(float),
        subject=pd.factorize(frame["USUBJID"])[0],
        visit=frame["AVISIT"].str[-1].astype(np.int64).to_numpy() - 1,
        n_visits=4,
    )
    blocks = visit_blocks(
        records.X, records.y, subject=records.subject, visit=records.visit, n_visits=4
    )
    fit = fit_mixed(blocks, build_structure("unstructured", 4))
    return records, (fit.beta[0], fit.Sigma[0], fit.basis[0]), ["(Intercept)", *plain[1:]]


@pytest.mark.parametrize("vcov", REFEREES)
def test_agrees_with_mmrm_on_a_public_trial(fev, shared: Path, vcov: str):
    records, (beta, Sigma, basis), names = fev
    text = (shared / "reference" / "values" / "mmrm_fev.json").read_text(encoding="utf-8")
    (expected,) = (
        fit
        for fit in json.loads(text)["fits"]
        if fit.get("vcov_type") == vcov and fit["method"] == "Satterthwaite"
    )
    table = expected["coefficients"]
    L = np.eye(len(names))[[names.index(name) for name in table["names"]]]

    robust = robust_covariance(records, beta=beta, Sigma=Sigma, basis=basis, kind=REFEREES[vcov])

    vcov_of_rows = L @ robust.vcov @ L.T
    scale = np.outer(table["se"], table["se"])
    certified = np.array(expected["beta_vcov"]["values"])
    np.testing.assert_allclose(vcov_of_rows / scale, certified / scale, rtol=0, atol=1e-11)
    np.testing.assert_allclose(robust_df(robust, L), table["df"], rtol=1e-11)
    of_arm = L[[place for place, name in enumerate(table["names"]) if "ARMCD" in name]]
    for rows, name in [(of_arm[1:], "interaction"), (of_arm, "arm_any_visit")]:
        test = robust_test(robust, beta=beta, L=rows)
        joint = expected["joint_tests"][name]
        assert test.statistic == pytest.approx(joint["f_stat"], rel=1e-11)
        assert test.df == pytest.approx(joint["denom_df"], rel=1e-11)
        assert test.p_value == pytest.approx(joint["p_val"], rel=1e-10)
