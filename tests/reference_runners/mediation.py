"""Figures of a mediation that its result does not carry."""

from itertools import product
from types import SimpleNamespace

import numpy as np
from scipy import special

from reference_cases import ReferenceCase
from reference_runners import Finder
from trialkit.analysis import mediation as verb
from trialkit.design.linear import parse_terms
from trialkit.numerics.mediation import (
    MediationData,
    MediationFit,
    delta_errors,
    fit_mediation,
    indirect_at,
    indirect_effects,
    sensitivity,
)
from trialkit.numerics.mediation_intervals import acceleration
from trialkit.numerics.mediation_resampling import (
    bootstrap_effects,
    jackknife_effects,
    make_basis,
)

RHO = (-0.9, -0.5, 0.0, 0.3, 0.9)


def mediation_numbers(case: ReferenceCase) -> Finder:
    """Return figures by name; the arm and the mediator follow where there are several."""
    numbers = named(case, case_data(case))
    return lambda row: SimpleNamespace(estimate=numbers[row["term"]])


def case_data(case: ReferenceCase) -> MediationData:
    """Return a case's complete people as arrays."""
    options = case.options
    terms = parse_terms(options.get("covariates", "1"))
    columns = [options["outcome"], *options["mediators"], *terms.columns, options["arm"]]
    frame = case.data.dropna(subset=columns)
    levels = sorted(
        frame[options["arm"]].unique(), key=lambda arm: (arm != options["reference"], arm)
    )
    return verb.mediation_data(
        frame,
        outcome=options["outcome"],
        arm=options["arm"],
        levels=levels,
        mediators=options["mediators"],
        terms=terms,
    )


def named(case: ReferenceCase, data: MediationData) -> dict[str, float]:
    """Return every figure by its name."""
    fit, basis = fit_mediation(data), make_basis(data)
    jackknife = jackknife_effects(basis)
    if len(case.options["mediators"]) > 1:
        return by_arm_and_mediator(case, data, fit, jackknife)
    errors, found = delta_errors(fit), sensitivity(fit, data)
    at_rho = indirect_at(np.array(RHO), a=fit.a, found=found)[:, 0, 0]
    figures = {
        "aroian_std_error": errors.aroian[0, 0],
        "goodman_variance": errors.goodman_variance[0, 0],
        "acceleration": acceleration(jackknife[:, 0, 0]),
        **{f"at rho {rho}": value for rho, value in zip(RHO, at_rho, strict=True)},
    }
    if "z0" in set(case.expected["term"]):
        drawn = bootstrap_effects(basis, draws=200_000, seed=1).effects[:, 0, 0]
        below = np.mean(drawn < indirect_effects(fit.a, fit.b)[0, 0])
        figures["z0"] = special.ndtri(below)
    return figures


def by_arm_and_mediator(
    case: ReferenceCase, data: MediationData, fit: MediationFit, jackknife: np.ndarray
) -> dict[str, float]:
    """Return figures of several mediators, the arm and the mediator in their names."""
    errors, found = delta_errors(fit), sensitivity(fit, data)
    mediators = case.options["mediators"]
    figures = {
        f"r_squared_unexplained {name}": found.r_squared_unexplained[j]
        for j, name in enumerate(mediators)
    }
    levels = sorted(set(case.data["arm"]) - {case.options["reference"]})
    for (k, arm), (j, term) in product(enumerate(levels), enumerate([*mediators, "all mediators"])):
        figures[f"acceleration {arm} {term}"] = acceleration(jackknife[:, k, j])
        if j < len(mediators):
            figures[f"aroian_std_error {arm} {term}"] = errors.aroian[k, j]
    return figures
