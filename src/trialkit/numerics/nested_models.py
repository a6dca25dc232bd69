"""Whether columns added to a linear model explain more than chance would."""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.tails import f_p_value

# Share of a column's length left after projecting out the others, below which it adds nothing.
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedTest:
    """An F test of added columns; ``df_num`` is the rank that they add."""

    statistic: float
    df_num: int
    df_den: int
    p_value: float


def added_columns_test(X: FloatArray, added: FloatArray, y: FloatArray) -> NestedTest:
    """Test the columns ``added`` to the model with columns X by the drop of the residuals.

    F = ((RSS of X - RSS of both) / r) / (RSS of both / df), with r the rank that the
    columns add. Columns that add no rank (an arm that a trial does not have) count for
    nothing, so empty cells are no obstacle.

    Parameters
    ----------
    X : array, shape (n, p)
        Of full rank.
    added : array, shape (n, q)
    y : array, shape (n,)

    Raises
    ------
    NotEstimableError
        If the columns add no rank, leave no degree of freedom, or fit exactly.

    References
    ----------
    Searle SR, Gruber MHJ (2017). Linear Models, 2nd ed., section 3.6. R: ``anova(m0, m1)``.
    """
    scale = np.linalg.norm(X, axis=0)
    Q, _ = linalg.qr(X / scale, mode="economic")
    length = np.linalg.norm(added, axis=0)
    columns = added[:, length > 0] / length[length > 0]
    left = columns - Q @ (Q.T @ columns)
    left = left - Q @ (Q.T @ left)
    basis, R, _ = linalg.qr(left, mode="economic", pivoting=True)
    rank = int(np.sum(np.abs(np.diag(R)) > TOLERANCE))
    df = int(y.size - X.shape[1] - rank)
    if rank == 0 or df < 1:
        raise NotEstimableError(tell("the added columns leave nothing to test"))
    residual = y - Q @ (Q.T @ y)
    residual = residual - Q @ (Q.T @ residual)
    explained = basis[:, :rank].T @ residual
    gain = float(explained @ explained)
    rest = float(np.sum((residual - basis[:, :rank] @ explained) ** 2))
    if rest <= 0:
        raise NotEstimableError(tell("the model with the added columns fits exactly"))
    statistic = gain / rank / (rest / df)
    return NestedTest(
        statistic=statistic, df_num=rank, df_den=df, p_value=f_p_value(statistic, rank, df)
    )
