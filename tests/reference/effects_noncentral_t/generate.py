"""Centres of the noncentral t by multiple precision: ``python generate.py`` in this folder.

Needs mpmath 1.4.1, which the tests do not.
"""

import csv
from pathlib import Path

import mpmath as mp

mp.mp.dps = 40
CASES = [  # statistic, df, conf_level
    (0.0, 5, 0.95),
    (0.5, 1, 0.95),
    (2.0, 1, 0.999),
    (-3.2, 8, 0.95),
    (1.0, 10, 0.5),
    (40.0, 12, 0.95),
    (40.0, 12, 0.999),
    (-200.0, 3, 0.95),
    (5.0, 2000, 0.999),
    (50.0, 2000, 0.95),
    (1000.0, 2000, 0.95),
    (100000.0, 58, 0.95),
    (8.0, 1.375, 0.95),
    (0.0078125, 600, 0.999),
    (2.1, 22, 0.9),
]


def tail(t, df, centre, upper):
    """Return P(T >= t) or P(T <= t), integrated over S = sqrt(chi-square / df)."""
    t, df = mp.mpf(t), mp.mpf(df)
    constant = mp.log(2) + df / 2 * mp.log(df / 2) - mp.loggamma(df / 2)

    def integrand(s):
        if s <= 0:
            return mp.mpf(0)
        deviate = centre - t * s if upper else t * s - centre
        return mp.exp(constant + (df - 1) * mp.log(s) - df * s * s / 2) * mp.ncdf(deviate)

    mode, width = mp.sqrt((df - 1) / df), 1 / mp.sqrt(df)
    edges = [mode + k * width for k in range(-12, 13)]
    edges += [(centre + k) / t for k in (-12, -8, -4, -2, 0, 2, 4, 8, 12)] if t else []
    top = mode + 12 * width
    return mp.quad(integrand, sorted({e for e in edges if 0 < e < top} | {mp.mpf(0), top}))


def centre_with(t, df, probability, upper):
    """Return the centre whose tail has a probability, by the secant on the log scale."""
    spread = mp.sqrt(1 + mp.mpf(t) ** 2 / (2 * df))
    start = mp.mpf(t) + (-1 if upper else 1) * 2 * spread
    return mp.findroot(
        lambda centre: mp.log(tail(t, df, centre, upper)) - mp.log(probability),
        (start, start + spread / 10),
        tol=1e-40,
        maxsteps=40,
    )


with Path("data.csv").open("w") as data, Path("expected.csv").open("w") as expected:
    inputs, outputs = (
        csv.writer(data, lineterminator="\n"),
        csv.writer(expected, lineterminator="\n"),
    )
    inputs.writerow(["statistic", "df", "conf_level"])
    outputs.writerow(["term", "conf_low", "conf_high"])
    for t, df, level in CASES:
        probability = (1 - mp.mpf(str(level))) / 2
        low, high = centre_with(t, df, probability, True), centre_with(t, df, probability, False)
        inputs.writerow([t, df, level])
        outputs.writerow([f"t {t} df {df} level {level}", mp.nstr(low, 17), mp.nstr(high, 17)])
