"""Numbers behind the comparisons of several arms that no row of a verb holds."""

from types import SimpleNamespace
from typing import Any

import numpy as np

import trialkit as tk
from reference_cases import ReferenceCase
from reference_runners import Finder, finder
from trialkit.analysis.model_coefficients import readable
from trialkit.analysis.model_records import model_records
from trialkit.analysis.model_terms import term_tests
from trialkit.analysis.multiplicity import PROCEDURES
from trialkit.design.contrasts import contrast_pairs
from trialkit.design.linear import build_design, means_and_differences
from trialkit.design.model_terms import build_term_design
from trialkit.numerics import least_squares
from trialkit.numerics import max_t as largest
from trialkit.numerics import one_way as numbers
from trialkit.numerics import robust_covariance as robust
from trialkit.numerics import simultaneous as together
from trialkit.numerics.contrast import evaluate_contrasts


def fitted(case: ReferenceCase) -> SimpleNamespace:
    """Return the design, the fit and the covariance that a case asks for."""
    names = ("outcome", "arm", "reference")
    options = {name: case.options[name] for name in names}
    covariates = case.options.get("covariates", "1")
    records = model_records(case.data, covariates=covariates, **options)
    weights = case.options.get("weights", "equal")
    design = build_design(
        records.frame,
        arm=options["arm"],
        arms=records.levels,
        terms=records.terms,
        weights=weights,
    )
    fit = least_squares.fit_least_squares(design.X, records.y, design.names)
    kind = case.settings.get("vcov", "model")
    vcov = robust.coefficient_covariance(design.X, records.y, fit, kind)
    return SimpleNamespace(records=records, design=design, fit=fit, vcov=vcov)


def coefficient_covariance(case: ReferenceCase) -> Finder:
    """Find one covariance of two coefficients: the term is "row | column"."""
    model = fitted(case)
    position = {readable(name): row for row, name in enumerate(model.design.names)}
    rows = model.design.given_coefficients()
    vcov = rows @ model.vcov @ rows.T

    def find(names: dict[str, Any]) -> SimpleNamespace:
        row, column = (position[name] for name in names["term"].split(" | "))
        return SimpleNamespace(estimate=vcov[row, column])

    return find


def sums_of_squares(case: ReferenceCase) -> Finder:
    """Find the sum of squares of a term, the intercept's test too, and of the residuals."""
    model = fitted(case)
    arm, records = case.options["arm"], model.records
    design = build_term_design(records.frame, arm=arm, arms=records.levels, terms=records.terms)
    fit = least_squares.fit_least_squares(design.X, records.y)
    tests = term_tests(design, fit, fit.vcov, case.options["sums_of_squares"])
    left = SimpleNamespace(df_num=fit.df_residual, sum_of_squares=fit.residual_squares)
    return lambda names: tests.get(names["term"], left)


def mean_tests(case: ReferenceCase) -> Finder:
    """Find the test of an adjusted mean against 0, which no verb prints."""
    model = fitted(case)
    df = np.full(len(model.design.L), float(model.fit.df_residual))
    inference = evaluate_contrasts(
        model.design.L, beta=model.fit.beta, vcov=model.vcov, df=df, conf_level=0.95
    )
    position = {arm: row for row, arm in enumerate(model.design.arms)}

    def find(names: dict[str, Any]) -> SimpleNamespace:
        row = position[names["arm"]]
        return SimpleNamespace(statistic=inference.statistic[row], p_value=inference.p_value[row])

    return find


def adjusted_contrasts(case: ReferenceCase) -> Finder:
    result = tk.ancova(case.data, **case.options)
    (adjusted,) = tk.adjust_p_values(result, procedure=case.settings["procedure"])
    return finder(adjusted)


def adjusted_list(case: ReferenceCase) -> Finder:
    """Adjust the p-values of the expected rows, in their order."""
    p = case.expected["p_value"].to_numpy(dtype=float)
    adjusted = PROCEDURES[case.settings["procedure"]](p)
    pairs = zip(p, adjusted, strict=True)
    rows = (SimpleNamespace(p_value=raw, p_adjusted=value) for raw, value in pairs)
    return lambda _: next(rows)


def differences(case: ReferenceCase) -> SimpleNamespace:
    """Return the contrasts of a case, their inference and their correlation."""
    model = fitted(case)
    pairs = contrast_pairs(
        case.options["contrasts"], arms=model.design.arms, reference=case.options["reference"]
    )
    L = means_and_differences(model.design, pairs)[len(model.design.arms) :]
    df = np.full(len(L), float(model.fit.df_residual))
    inference = evaluate_contrasts(L, beta=model.fit.beta, vcov=model.vcov, df=df, conf_level=0.95)
    correlation = together.correlation_of(L, model.vcov)
    return SimpleNamespace(pairs=pairs, inference=inference, correlation=correlation, df=df[0])


def by_pair(pairs: Any, p_adjusted: np.ndarray) -> Finder:
    """Return a finder of adjusted p-values."""
    found = dict(zip(pairs, p_adjusted, strict=True))
    return lambda names: SimpleNamespace(p_adjusted=found[names["arm"], names["reference_arm"]])


def max_t(case: ReferenceCase) -> Finder:
    of = differences(case)
    found = SimpleNamespace(
        critical=largest.max_t_bound(0.05, of.correlation, of.df),
        correlation=of.correlation[0, 1],
        total_mass=largest.max_t_sf(0.0, of.correlation, of.df),
    )
    return lambda _: found


def largest_t(case: ReferenceCase) -> Finder:
    of = differences(case)
    t = np.abs(of.inference.statistic)
    p = np.array([largest.max_t_sf(float(c), of.correlation, of.df) for c in t])
    return by_pair(of.pairs, p)


def step_down(case: ReferenceCase) -> Finder:
    of = differences(case)
    return by_pair(of.pairs, together.step_down_max_t(of.inference, of.correlation))


def variance_table(case: ReferenceCase) -> Finder:
    groups = case.data.groupby(case.options["arm"])[case.options["outcome"]]
    table = numbers.classic_one_way([values.to_numpy(dtype=float) for _, values in groups])
    found = SimpleNamespace(
        between=table.between,
        within=table.within,
        ms_between=table.between / table.df_between,
        ms_within=table.within / table.df_within,
    )
    return lambda _: found


def four_arms(case: ReferenceCase) -> Finder:
    """Analyse the case without its largest arm."""
    arm = case.data[case.options["arm"]]
    return finder(tk.ancova(case.data[arm.ne(arm.mode()[0])], **case.options))
