"""The expected in place of the observed information about variances."""

from dataclasses import replace

import numpy as np

from trialkit.numerics.mixed_fit import MixedFit
from trialkit.numerics.mixed_likelihood import in_frame, inverse_by_pattern, projected_rows


def with_expected_information(fit: MixedFit) -> MixedFit:
    """Return a fit whose inference takes the expected for the observed information.

    I_hj = 1/2 tr(P D_h P D_j), P = V^-1 - V^-1 X Phi X' V^-1 under REML, V^-1 otherwise.

    References
    ----------
    Kenward MG, Roger JH (1997). Biometrics 53:983-997, formula (5). R ``pbkrtest``.
    """
    p = fit.blocks.n_coefficients
    first = in_frame(fit.at, fit.structure.local(fit.optimum.point).first)
    trials, h = first.shape[:2]
    W = inverse_by_pattern(fit.at)
    inner = fit.blocks.counts[:, :, np.newaxis, np.newaxis] * W / 2
    moved = fit.slopes.moved.reshape(trials, h, -1)
    if fit.reml:
        rows = projected_rows(fit.blocks, fit.at)[..., :p]
        inner = inner - fit.blocks.by_pattern(rows @ np.swapaxes(rows, -1, -2))
    # D_j W D_h summed over patterns against the inner matrix.
    between = first[:, np.newaxis] @ W[:, :, np.newaxis]
    weighted = first[:, np.newaxis] @ inner[:, :, np.newaxis]
    information = np.einsum("bkhst,bkjts->bhj", between, weighted, optimize=True)
    if fit.reml:
        information = information + moved @ np.swapaxes(moved, 1, 2) / 2
    information = (information + np.swapaxes(information, 1, 2)) / 2
    return replace(fit, slopes=replace(fit.slopes, hessian=information))
