"""Figures of rank tests that no verb prints by themselves."""

from types import SimpleNamespace
from typing import Any

import numpy as np

import trialkit as tk
from reference_cases import ReferenceCase
from reference_runners import Finder
from trialkit.numerics import brunner_munzel as superiority
from trialkit.numerics import rank_k
from trialkit.numerics.rank_sum import rank_arms, rank_sum_test
from trialkit.numerics.ranks import RankTest
from trialkit.numerics.signed_rank import rank_changes, signed_rank_test


def two_samples(case: ReferenceCase) -> tuple[np.ndarray, np.ndarray]:
    """Return the outcome of the treatment and of the reference."""
    options = case.options
    treated = case.data[options["arm"]].ne(options["reference"])
    y = case.data[options["outcome"]].astype(float)
    return y[treated].to_numpy(), y[~treated].to_numpy()


def always(found: Any) -> Finder:
    return lambda _: found


def rank_sum_z(case: ReferenceCase) -> Finder:
    test: RankTest = rank_sum_test(
        rank_arms(*two_samples(case)), distribution=case.options["distribution"]
    )
    return always(test)


def signed_rank_z(case: ReferenceCase) -> Finder:
    before, after = (
        case.data[case.options[name]].to_numpy(dtype=float) for name in ("baseline", "outcome")
    )
    ties = case.options.get("ties", "bitwise")
    people = rank_changes(before, after, zeros=case.options["zeros"], ties=ties)
    return always(signed_rank_test(people, distribution=case.options["distribution"]))


def brunner_munzel_uncut(case: ReferenceCase) -> Finder:
    return always(superiority.brunner_munzel(*two_samples(case)))


def pairwise_rank_sum(case: ReferenceCase) -> Finder:
    """Adjust every pairwise rank sum by Holm."""
    result = tk.rank_sum(
        case.data, **case.options, contrasts="pairwise", distribution="normal_corrected"
    )
    (adjusted,) = tk.adjust_p_values(result, procedure="holm")
    p_value = {
        frozenset((row.arm, row.reference_arm)): row.p_adjusted
        for row in adjusted.select(quantity="median_difference")
    }
    return lambda names: SimpleNamespace(
        holm=p_value[frozenset((names["arm"], names["reference_arm"]))]
    )


def fligner_killeen(case: ReferenceCase) -> Finder:
    groups = case.data.groupby(case.options["arm"])[case.options["outcome"]]
    arms = [values.to_numpy(dtype=float) for _, values in groups]
    return always(rank_k.fligner_killeen(arms, ties=case.options["ties"]))
