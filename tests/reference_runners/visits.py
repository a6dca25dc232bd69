"""Repeated measures, panels and regression to the mean."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

import trialkit as tk
from reference_cases import ReferenceCase
from reference_runners import Finder, finder
from trialkit.analysis.profiles import complete_profiles
from trialkit.numerics import repeated_measures
from trialkit.numerics.contrast import infer


def repeated_measures_anova(case: ReferenceCase) -> Finder:
    """Run the verb on the visits of the case; only effect sizes are told apart by method."""
    find = finder(tk.repeated_measures_anova(people_of(case), **case.options))

    def find_named(names: dict[str, Any]) -> Any:
        return find({name: value for name, value in names.items() if value or name != "method"})

    return find_named


def people_of(case: ReferenceCase) -> pd.DataFrame:
    """Return the records of the visits and arms that a call is about."""
    data = case.data
    if "visits" in case.settings:
        data = data[data[case.options["visit"]].isin(case.settings["visits"])]
    if "only" in case.settings:
        data = data[data["arm"].isin(case.settings["only"])]
    return data


def split_plot_table(case: ReferenceCase) -> Finder:
    """Return the whole table: ``term`` is its line, ``method`` the correction."""
    sets = complete_profiles(people_of(case), **case.options)
    profiles = repeated_measures.fit_profiles(list(sets.samples.values()))
    sphericity = repeated_measures.sphericity(profiles)
    epsilons = {
        "none": 1.0,
        "greenhouse_geisser": sphericity.greenhouse_geisser,
        "huynh_feldt": min(sphericity.huynh_feldt, 1.0),
    }

    def find(names: dict[str, Any]) -> SimpleNamespace:
        if names["term"] == "(Intercept)":
            test = repeated_measures.grand_mean_test(profiles)
        elif names["term"] == "arm":
            test = repeated_measures.between_test(profiles)
        else:
            test = repeated_measures.within_test(
                profiles,
                names["term"],
                sums_of_squares=case.settings["sums_of_squares"],
                epsilon=epsilons[names["method"]],
            )
        return SimpleNamespace(
            sum_of_squares=test.sum_of_squares,
            error_sum_of_squares=test.error_sum_of_squares,
            mean_square_error=test.error_sum_of_squares / test.df_den,
            df_num=test.df_num,
            df=test.df_den,
            statistic=test.statistic,
            p_value=test.p_value,
        )

    return find


def cell_mean_tests(case: ReferenceCase) -> Finder:
    """Return each cell mean over its standard error: a test against zero that no row carries."""
    find = repeated_measures_anova(case)

    def tested(names: dict[str, Any]) -> SimpleNamespace:
        row = find(names)
        test = infer(*np.array([[row.estimate], [row.std_error], [row.df]]), conf_level=0.95)
        return SimpleNamespace(statistic=test.statistic[0], p_value=test.p_value[0])

    return tested


def panel_of_columns(case: ReferenceCase) -> Finder:
    """Run the panel of ``before_j`` and ``after_j``; ``term`` is j."""
    names = [name.removeprefix("after_") for name in case.data if name.startswith("after_")]
    result = tk.panel(
        case.data,
        outcomes=[f"after_{name}" for name in names],
        baselines=[f"before_{name}" for name in names],
        labels=names,
        **case.options,
    )
    adjusted = {
        procedure: tk.adjust_p_values(result, procedure=procedure)[0].estimates
        for procedure in ("holm", "benjamini_hochberg")
    }

    def find(names_of_row: dict[str, Any]) -> SimpleNamespace:
        position = names.index(names_of_row["term"])
        row = result.estimates[position]
        family = {name: rows[position].p_adjusted for name, rows in adjusted.items()}
        return SimpleNamespace(**{name: getattr(row, name) for name in row.__slots__}, **family)

    return find


def expected_regression_to_mean(case: ReferenceCase) -> Finder:
    """Find the two means by their words and everything else as it stands."""
    result = tk.expected_regression_to_mean(**case.options)
    find = finder(result)
    means = dict(zip(("entry", "later"), result.select(quantity="mean"), strict=True))
    return lambda names: means[names["term"]] if names["quantity"] == "mean" else find(names)
