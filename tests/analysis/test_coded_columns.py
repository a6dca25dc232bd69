"""Columns of labels come back from their positions."""

import numpy as np
import pandas as pd
import pytest

from trialkit.analysis.coded_columns import coded_column

VALUES = ["b", "a", None, "b", "c"]
COLUMNS = {
    "text": pd.Series(VALUES, dtype="str", name="arm"),
    "python text": pd.Series(VALUES, dtype=pd.StringDtype("python", na_value=np.nan), name="arm"),
    "nullable text": pd.Series(VALUES, dtype=pd.StringDtype("python"), name="arm"),
    "objects": pd.Series(VALUES, dtype="object", name="arm"),
    "categories": pd.Series(pd.Categorical(VALUES, ["unused", "c", "b", "a"]), name="arm"),
    "numbers": pd.Series([2.0, 1.0, None, 2.0, 3.0], name="arm"),
    "whole numbers": pd.Series([2, 1, None, 2, 3], dtype="Int64", name="arm"),
    "mixed": pd.Series([1, "1", None, 1, 2.5], dtype="object", name="arm"),
}
each = pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)


@each
def test_positions_give_back_the_column(column: pd.Series):
    coded = coded_column(column)

    assert coded.codes.tolist() == [0, 1, -1, 0, 2]
    found = coded.known.iloc[coded.codes[coded.codes >= 0]].tolist()
    assert found == column.dropna().tolist()
    assert coded.known.dtype == column.dtype
    assert coded.known.name == "arm"


@each
def test_some_records_keep_the_values_that_they_have(column: pd.Series):
    some = coded_column(column).at(np.array([4, 1, 1]))

    assert some.known.iloc[some.codes].tolist() == column.iloc[[4, 1, 1]].tolist()
    assert len(some.known) == 2
