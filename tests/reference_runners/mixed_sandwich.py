"""Robust covariances of mixed models, from the numerical functions alone."""

import re
from types import SimpleNamespace
from typing import Any

import formulaic
import numpy as np
import pandas as pd

from reference_cases import ReferenceCase
from reference_runners import Finder
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.covariance_structures import build_structure
from trialkit.numerics.mixed_fit import fit_mixed
from trialkit.numerics.mixed_sandwich import (
    SubjectRecords,
    robust_covariance,
    robust_df,
    robust_test,
)
from trialkit.numerics.subject_blocks import visit_blocks
from trialkit.numerics.tails import two_sided_p_value


def mixed_sandwich(case: ReferenceCase) -> Finder:
    """Find coefficients, differences of arms by visit and joint tests of a model in AVAL."""
    names, records = prepared(case)
    beta, Sigma, basis = fitted(case, records)
    robust = robust_covariance(
        records, beta=beta, Sigma=Sigma, basis=basis, kind=case.settings["vcov"]
    )

    def rows(chosen: list[frozenset[str]]) -> FloatArray:
        return np.array([np.eye(len(names))[names.index(one)] for one in chosen])

    def find(row: dict[str, Any]) -> SimpleNamespace:
        if row["quantity"] == "joint_test":
            of_arm = [name for name in names if any("TRT01P" in part for part in name)]
            by_visit = [name for name in of_arm if len(name) == 2]
            chosen = by_visit if row["term"] == "arm:visit" else of_arm
            test = robust_test(robust, beta=beta, L=rows(chosen))
            return SimpleNamespace(
                statistic=test.statistic, df=test.df, df_num=test.df_num, p_value=test.p_value
            )
        if row["quantity"] == "coefficient":
            L = rows([frozenset(row["term"].split(":"))])
        else:
            alone = frozenset({f"TRT01P{row['arm']}"})
            sums = [alone, alone | {f"AVISIT{row['visit']}"}]
            L = rows([name for name in sums if name in names]).sum(axis=0, keepdims=True)
        estimate = L @ beta
        std_error = np.sqrt(np.diag(L @ robust.vcov @ L.T))
        df = robust_df(robust, L)
        return SimpleNamespace(
            estimate=estimate[0],
            std_error=std_error[0],
            df=df[0],
            statistic=(estimate / std_error)[0],
            p_value=two_sided_p_value(estimate / std_error, df)[0],
        )

    return find


def prepared(case: ReferenceCase) -> tuple[list[frozenset[str]], SubjectRecords]:
    """Return the names of the columns as R has them, in parts, and the records with an outcome."""
    visits = list(dict.fromkeys(case.data["AVISIT"]))
    frame = case.data.assign(
        AVISIT=pd.Categorical(case.data["AVISIT"], visits),
        TRT01P=pd.Categorical(case.data["TRT01P"], case.options["arms"]),
    ).dropna(subset=["AVAL"])
    matrix = formulaic.model_matrix(case.options["formula"], frame)
    plain = [re.sub(r"\[T\.([^]]*)\]", r"\1", name) for name in matrix.columns]
    plain[0] = "(Intercept)"
    return [frozenset(name.split(":")) for name in plain], SubjectRecords(
        X=np.asarray(matrix, float),
        y=frame["AVAL"].to_numpy(float),
        subject=pd.factorize(frame["USUBJID"])[0],
        visit=frame["AVISIT"].cat.codes.to_numpy(np.int64),
        n_visits=len(visits),
    )


def fitted(
    case: ReferenceCase, records: SubjectRecords
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return beta, Sigma and G: unstructured REML, or at a given compound symmetry."""
    blocks = visit_blocks(
        records.X,
        records.y,
        subject=records.subject,
        visit=records.visit,
        n_visits=records.n_visits,
    )
    if "rho" not in case.settings:
        fit = fit_mixed(blocks, build_structure("unstructured", records.n_visits))
        return fit.beta[0], fit.Sigma[0], fit.basis[0]
    t, rho = records.n_visits, case.settings["rho"]
    Sigma = case.settings["sigma"] ** 2 * ((1 - rho) * np.eye(t) + rho)
    same = records.subject[:, np.newaxis] == records.subject
    V = np.where(same, Sigma[records.visit[:, np.newaxis], records.visit], 0.0)
    W = np.linalg.inv(V)
    basis = np.linalg.inv(np.linalg.cholesky(records.X.T @ W @ records.X)).T
    return basis @ basis.T @ records.X.T @ W @ records.y, Sigma, basis
