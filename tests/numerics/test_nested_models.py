"""Columns added to a linear model: the drop of the residuals, empty cells, nothing added."""

import numpy as np
import pytest

from trialkit.errors import NotEstimableError
from trialkit.numerics.nested_models import added_columns_test


def example(seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(30), rng.normal(size=30)])
    return X, rng.normal(size=(30, 2)), rng.normal(size=30)


def residual_squares(X: np.ndarray, y: np.ndarray) -> float:
    return float(np.linalg.lstsq(X, y)[1][0])


def test_the_statistic_is_the_drop_of_the_residuals():
    X, added, y = example()
    small, large = residual_squares(X, y), residual_squares(np.hstack([X, added]), y)

    test = added_columns_test(X, added, y)

    assert (test.df_num, test.df_den) == (2, 26)
    assert test.statistic == pytest.approx((small - large) / 2 / (large / 26))


def test_columns_that_add_nothing_are_not_counted():
    X, added, y = example()
    padded = np.column_stack([added, np.zeros(30), X[:, 1], added[:, 0] * 3])

    assert added_columns_test(X, padded, y) == added_columns_test(X, added, y) or (
        added_columns_test(X, padded, y).statistic
        == pytest.approx(added_columns_test(X, added, y).statistic)
    )
    assert added_columns_test(X, padded, y).df_num == 2


def test_nothing_added_is_nothing_to_test():
    X, _, y = example()
    with pytest.raises(NotEstimableError, match="nothing to test"):
        added_columns_test(X, X[:, :1], y)


def test_an_exact_fit_is_refused():
    X, added, _ = example()
    with pytest.raises(NotEstimableError, match="fits exactly"):
        added_columns_test(X, added, X @ [1.0, 2.0] * 0)
