"""Meta-analyses of a part of a case's trials, and effect measures that no verb pools."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

import trialkit as tk
from reference_cases import ReferenceCase
from reference_runners import Finder, finder
from trialkit.analysis.pooled_trials import read_people, with_trial
from trialkit.design.linear import build_design
from trialkit.numerics import least_squares
from trialkit.numerics.contrast import infer
from trialkit.numerics.effect_measures import Tables, arcsine_difference


def subset(case: ReferenceCase) -> pd.DataFrame:
    """Return the rows whose column equals the value that the case names."""
    return case.data[case.data[case.settings["column"]].eq(case.settings["equals"])]


def subset_meta_analysis(case: ReferenceCase) -> Finder:
    return finder(tk.meta_analysis(subset(case), **case.options))


def subset_meta_from_summary(case: ReferenceCase) -> Finder:
    return finder(tk.meta_analysis_from_summary(subset(case), **case.options))


def arcsine_differences(case: ReferenceCase) -> Finder:
    rows = subset(case)
    is_reference = rows["arm"].eq(case.options["reference"])
    one, zero = (rows[side].set_index("trial") for side in (~is_reference, is_reference))
    a, c = one["events"].to_numpy(float), zero["events"].to_numpy(float)
    tables = Tables(a=a, b=one["n"].to_numpy(float) - a, c=c, d=zero["n"].to_numpy(float) - c)
    effects = arcsine_difference(tables)
    errors = np.sqrt(effects.variance)
    found = dict(zip(one.index, zip(effects.estimate, errors, strict=True), strict=True))

    def find(names: dict[str, Any]) -> SimpleNamespace:
        estimate, std_error = found[names["term"]]
        return SimpleNamespace(estimate=estimate, std_error=std_error)

    return find


def fixed_trial_model(case: ReferenceCase) -> Finder:
    """Return every coefficient of the one-stage model, their covariances and its figures."""
    options = {name: value for name, value in case.options.items() if name != "contrasts"}
    people = read_people(case.data, **options)
    design = build_design(
        people.frame,
        arm=people.arm,
        arms=people.arms,
        terms=with_trial(people),
        centring=False,  # the coefficients of the covariates as they are
    )
    y = people.frame[people.outcome].to_numpy(float)
    fit = least_squares.fit_least_squares(design.X, y, design.names)
    df = np.full(len(design.names), float(fit.df_residual))
    tests = infer(fit.beta, np.sqrt(np.diag(fit.vcov)), df, conf_level=0.95)
    found = {
        name: SimpleNamespace(
            estimate=tests.estimate[i],
            std_error=tests.std_error[i],
            df=df[i],
            statistic=tests.statistic[i],
            p_value=tests.p_value[i],
        )
        for i, name in enumerate(design.names)
    }
    found |= {
        f"{one} x {other}": SimpleNamespace(estimate=fit.vcov[i, j])
        for i, one in enumerate(design.names)
        for j, other in enumerate(design.names)
    }
    figures = model_figures(fit.sigma2, fit.r_squared, n=y.size, k=len(design.names))
    return lambda names: (figures | found)[names["term"]]


def model_figures(sigma2: float, r_squared: float, *, n: int, k: int) -> dict[Any, SimpleNamespace]:
    """Return what follows from a model's residual variance and R squared, as R prints it."""
    log_likelihood = -n / 2 * (np.log(2 * np.pi * sigma2 * (n - k) / n) + 1)
    numbers = {
        "adj_r2": 1 - (1 - r_squared) * (n - 1) / (n - k),
        "logLik": log_likelihood,
        "AIC": 2 * (k + 1) - 2 * log_likelihood,
        "BIC": np.log(n) * (k + 1) - 2 * log_likelihood,
    }
    overall = SimpleNamespace(
        statistic=r_squared / (k - 1) / ((1 - r_squared) / (n - k)), df_num=k - 1, df=n - k
    )
    return {None: overall} | {
        name: SimpleNamespace(estimate=value) for name, value in numbers.items()
    }
