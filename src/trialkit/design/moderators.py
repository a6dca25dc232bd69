"""The matrix of a model without arms: an intercept and the moderators of trials."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from formulaic import Formula

from trialkit.design.linear import Terms, typed_column
from trialkit.numerics.arrays import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModeratorMatrix:
    """Intercept and moderators, shape (k, p), and the names of the columns."""

    X: FloatArray
    names: tuple[str, ...]


def moderator_matrix(frame: pd.DataFrame, terms: Terms) -> ModeratorMatrix:
    """Build the matrix of ``1 + terms``: numbers as they are, categories against their first.

    Parameters
    ----------
    frame : DataFrame
        Complete records, one a trial.
    terms : Terms
        As ``parse_terms`` reads them.

    Raises
    ------
    NotEstimableError
        If a category has one level only.
    """
    typed = pd.DataFrame(
        {name: typed_column(frame, name, terms) for name in terms.columns}, index=frame.index
    )
    matrix = Formula(terms.formula).get_model_matrix(typed, na_action="raise")
    return ModeratorMatrix(
        X=np.asarray(matrix, dtype=np.float64),
        names=tuple(map(str, matrix.model_spec.column_names)),
    )
