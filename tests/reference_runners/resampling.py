"""What referees print of permutation and bootstrap beside the verbs' own rows."""

from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import special

from reference_cases import ReferenceCase
from reference_runners import Finder
from trialkit.numerics.bootstrap import bootstrap, summarise
from trialkit.numerics.permutation import standardised_difference
from trialkit.numerics.resampling import resampled_means
from trialkit.numerics.tails import two_sided_p_value

NORMAL_95 = 1.959963984540054


def samples_and_signs(case: ReferenceCase) -> tuple[list[np.ndarray], list[float]]:
    """Return both arms, treatment first, or the changes."""
    options, data = case.options, case.data
    if "arm" not in options:
        return [(data[options["outcome"]] - data[options["baseline"]]).to_numpy(float)], [1.0]
    reference = data[options["arm"]] == options["reference"]
    y = data[options["outcome"]].to_numpy(float)
    return [y[~reference], y[reference]], [1.0, -1.0]


def normal_permutation_test(case: ReferenceCase) -> Finder:
    """The permutation statistic held against the normal distribution (coin's asymptotic)."""
    z = standardised_difference(*samples_and_signs(case)[0])
    p_value = two_sided_p_value(np.array([z]), np.array([np.inf]))[0]
    return lambda _: SimpleNamespace(statistic=z, p_value=p_value)


def boot_as_r_does(case: ReferenceCase) -> Finder:
    """The parts of R's boot object, its normal interval, and its BCa with its own acceleration."""
    samples, signs = samples_and_signs(case)
    draws, seed = case.options["draws"], case.options["seed"]
    result = bootstrap(samples, signs, draws=draws, seed=seed, size=10.0)
    deviations = sum(
        sign * resampled_means(values, draws, seed, stream)
        for stream, (values, sign) in enumerate(zip(samples, signs, strict=True))
    )
    bca = summarise(
        deviations,
        estimate=result.estimate,
        acceleration=result.acceleration_without_sizes,
        interval="bca",
        conf_level=0.95,
    )
    centre, half = result.estimate - result.bias, NORMAL_95 * result.std_error
    figures = {
        "mean": result.estimate + result.bias,
        "std_error": result.std_error,
        "share_below": float(special.ndtr(result.bias_correction)),
        "t0": result.estimate,
        "acceleration_without_sizes": result.acceleration_without_sizes,
    }
    found = {
        "bca_of_boot_ci": {"conf_low": bca.conf_low, "conf_high": bca.conf_high},
        "normal": {"conf_low": centre - half, "conf_high": centre + half},
    }

    def find(names: dict[str, Any]) -> SimpleNamespace:
        if names["quantity"] == "replicates":
            return SimpleNamespace(estimate=figures[names["term"]])
        return SimpleNamespace(**found[names["quantity"]])

    return find
