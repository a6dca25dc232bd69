"""Verbs that need their case's data prepared first."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

import trialkit as tk
from reference_cases import ReferenceCase
from reference_runners import Finder, finder
from trialkit.numerics import least_squares
from trialkit.numerics.multiplicity import benjamini_hochberg, holm


def responders(case: ReferenceCase) -> Finder:
    return finder(tk.responders(with_response(case), response="response", **case.options))


def with_response(case: ReferenceCase) -> pd.DataFrame:
    """Return the case's data with its rule applied: 1 above the limit, 0 not, or missing."""
    if "column" not in case.settings:
        return case.data
    score = case.data[case.settings["column"]]
    response = np.where(score.isna(), np.nan, score > case.settings["above"])
    return case.data.assign(response=response.astype(float))


def adjust_p_values(case: ReferenceCase) -> Finder:
    result = tk.ancova(case.data, **case.options)
    (by_holm,) = tk.adjust_p_values(result, procedure="holm")
    (by_bh,) = tk.adjust_p_values(result, procedure="benjamini_hochberg")

    def find(names: dict[str, Any]) -> SimpleNamespace:
        return SimpleNamespace(
            holm=finder(by_holm)(names).p_adjusted,
            benjamini_hochberg=finder(by_bh)(names).p_adjusted,
        )

    return find


def adjustment(case: ReferenceCase) -> Finder:
    """Adjust each family of printed p-values; rows stand in the order of the expected ones."""
    adjusted = case.expected[["family", "p_value"]].copy()
    for name, procedure in {"holm": holm, "benjamini_hochberg": benjamini_hochberg}.items():
        adjusted[name] = adjusted.groupby("family")["p_value"].transform(
            lambda p, procedure=procedure: procedure(p.to_numpy(dtype=float))
        )
    rows = adjusted.itertuples(index=False)
    return lambda _: next(rows)


def fit_least_squares(case: ReferenceCase) -> Finder:
    """Fit a case of NIST; the rows are its coefficients in their order."""
    fit = least_squares.fit_least_squares(design_matrix(case), case.data["y"].to_numpy(float))
    rows = zip(fit.beta, np.sqrt(np.diag(fit.vcov)), strict=True)
    found = (SimpleNamespace(estimate=beta, std_error=error) for beta, error in rows)
    return lambda _: next(found)


def design_matrix(case: ReferenceCase) -> np.ndarray:
    """Return the intercept, if there is one, and the powers of x or every regressor."""
    data = case.data.drop(columns="y").astype(float)
    constant = [np.ones(len(data))] if case.settings["intercept"] else []
    if case.settings["degree"] > 1:
        powers = [data["x"] ** power for power in range(1, case.settings["degree"] + 1)]
        return np.column_stack(constant + powers)
    return np.column_stack([*constant, data.to_numpy()])
