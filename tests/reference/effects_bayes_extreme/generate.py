"""Bayes factors of t by multiple precision: ``python generate.py`` in this folder.

Integrates over the standardised difference itself, with the density of the noncentral t in
confluent hypergeometric functions: another path than the project's. Needs mpmath 1.4.1,
which the tests do not.
"""

import csv
from pathlib import Path

import mpmath as mp

mp.mp.dps = 25
CASES = [  # statistic, df, effective size, prior scale, alternative
    (0.0, 1, 2, "medium", "two_sided"),
    (0.7, 10, 3, "medium", "two_sided"),
    (-4.36, 88, 20, "medium", "less"),
    (-4.36, 88, 20, "medium", "greater"),
    (2.5, 8, 9, "1", "greater"),
    (40.0, 300, 150, "medium", "two_sided"),
    (30.0, 5, 6, "0.5", "less"),
    (30.0, 5, 6, "0.5", "greater"),
    (8.0, 400, 100, "medium", "two_sided"),
    (8.0, 400, 100, "medium", "less"),
]


def likelihood_ratio(t, df, centre):
    """Return the density of the noncentral t over that of the central one."""
    x = centre**2 * t**2 / (2 * (df + t**2))
    even = mp.hyp1f1((df + 1) / 2, mp.mpf(1) / 2, x)
    odd = mp.hyp1f1(df / 2 + 1, mp.mpf(3) / 2, x) * mp.gamma(df / 2 + 1) / mp.gamma((df + 1) / 2)
    return mp.exp(-(centre**2) / 2) * (even + mp.sqrt(2) * centre * t / mp.sqrt(df + t**2) * odd)


def factor(t, df, size, scale, alternative):
    """Return BF10."""
    t, df, root = mp.mpf(t), mp.mpf(df), mp.sqrt(size)
    r = mp.sqrt(mp.mpf(1) / 2) if scale == "medium" else mp.mpf(scale)

    def integrand(d):
        return likelihood_ratio(t, df, d * root) / (mp.pi * r * (1 + (d / r) ** 2))

    spread = mp.sqrt(1 + t**2 / (2 * df)) / root
    middle = t / root
    edges = {middle + k * spread for k in range(-24, 25, 4)} | {mp.mpf(0)}
    edges |= {sign * r * mp.mpf(2) ** k / 8 for sign in (-1, 1) for k in range(6)}
    low = mp.mpf(0) if alternative == "greater" else min(edges)
    high = mp.mpf(0) if alternative == "less" else max(edges)
    inside = sorted(e for e in edges if low <= e <= high)
    return mp.quad(integrand, inside) * (1 if alternative == "two_sided" else 2)


with Path("data.csv").open("w") as data, Path("expected.csv").open("w") as expected:
    inputs, outputs = (
        csv.writer(data, lineterminator="\n"),
        csv.writer(expected, lineterminator="\n"),
    )
    inputs.writerow(["statistic", "df", "size", "scale", "alternative"])
    outputs.writerow(["term", "estimate"])
    for case in CASES:
        inputs.writerow(case)
        outputs.writerow([" ".join(map(str, case)), mp.nstr(mp.log(factor(*case)), 17)])
