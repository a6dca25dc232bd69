"""Sandwich covariances, and those of clusters, meet where every person is a cluster."""

import numpy as np
import pytest

from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.numerics.least_squares import fit_least_squares
from trialkit.numerics.robust_covariance import (
    HC_WEIGHTS,
    cluster_covariance,
    coefficient_covariance,
    heteroscedastic_covariance,
    satterthwaite_df,
)


@pytest.fixture(scope="module")
def model() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    X = np.column_stack([np.ones(30), np.arange(30) % 2, rng.normal(size=30)])
    return X, rng.normal(size=30) * (1 + X[:, 1])


@pytest.mark.parametrize(("cluster", "alone"), [("CR0", "HC0"), ("CR2", "HC2")])
def test_clusters_of_one_person_are_no_clusters(model, cluster: str, alone: str):
    X, y = model
    residual = y - X @ fit_least_squares(X, y).beta

    robust = cluster_covariance(X, residual, np.arange(30), cluster)

    np.testing.assert_allclose(
        robust.vcov, heteroscedastic_covariance(X, residual, alone), rtol=1e-10, atol=1e-15
    )


@pytest.mark.parametrize("kind", HC_WEIGHTS)
def test_units_of_a_column_cost_no_digits(model, kind: str):
    X, y = model
    units = np.array([1.0, 1e7, 1e-7])

    def covariance(design: np.ndarray) -> np.ndarray:
        return coefficient_covariance(design, y, fit_least_squares(design, y), kind)

    np.testing.assert_allclose(
        covariance(X * units) * np.outer(units, units), covariance(X), rtol=1e-9
    )


def test_equal_clusters_of_balanced_arms_have_the_df_of_a_t_test():
    # Ten clusters of three, five in each arm: the difference of arm means is a t test of
    # cluster means with 8 degrees of freedom.
    arm = np.repeat(np.arange(10) % 2, 3)
    X = np.column_stack([np.ones(30), arm])
    cluster = np.repeat(np.arange(10), 3)
    y = np.random.default_rng(2).normal(size=30)
    residual = y - X @ fit_least_squares(X, y).beta

    robust = cluster_covariance(X, residual, cluster, "CR2")

    means = y.reshape(10, 3).mean(axis=1)
    within = [means[np.arange(10) % 2 == side].var(ddof=1) / 5 for side in (0, 1)]
    assert robust.vcov[1, 1] == pytest.approx(sum(within), rel=1e-12)
    assert satterthwaite_df(robust, np.array([0.0, 1.0])) == pytest.approx(8, rel=1e-10)


def test_a_record_that_determines_a_coefficient_is_refused():
    X = np.column_stack([np.ones(6), [1.0, 0, 0, 0, 0, 0]])

    with pytest.raises(NotEstimableError, match=r"1 record\(s\) determine a coefficient alone"):
        heteroscedastic_covariance(X, np.arange(6.0), "HC3")
    assert np.isfinite(heteroscedastic_covariance(X, np.arange(6.0), "HC1")).all()


def test_one_cluster_is_refused(model):
    X, y = model

    with pytest.raises(NotEstimableError, match="one cluster alone"):
        cluster_covariance(X, y, np.zeros(30), "CR2")


def test_unknown_kinds_list_the_known_ones(model):
    X, y = model

    with pytest.raises(SpecificationError, match="HC0, HC1, HC2, HC3, HC4"):
        heteroscedastic_covariance(X, y, "HC5")
    with pytest.raises(SpecificationError, match="CR0, CR1, CR2"):
        cluster_covariance(X, y, np.arange(30), "CR3")


def test_an_exact_fit_has_no_covariance():
    X = np.column_stack([np.ones(5), np.arange(5.0)])
    y = X @ [1.0, 2.0]

    assert not coefficient_covariance(X, y, fit_least_squares(X, y), "HC3").any()
