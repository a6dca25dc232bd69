"""Estimates without each person, which no row of a result holds."""

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from reference_cases import ReferenceCase
from reference_runners import Finder
from reference_runners.arms import fitted
from trialkit.numerics import left_out as numbers
from trialkit.numerics.means import student_difference, welch_difference

LEVEL = 0.95


def left_out(case: ReferenceCase) -> Finder:
    """Find the estimate without the person in a row of the data: the term is the row."""
    method = case.settings["method"]
    rows = np.arange(len(case.data))
    if method == "ancova":
        model = fitted(case)
        design = model.design
        found = numbers.model_left_out(
            design.X, model.records.y, model.fit, design.L[1] - design.L[0], conf_level=LEVEL
        )
        order = model.records.frame.index.to_numpy()
    elif method == "change":
        change = (
            case.data[case.options["outcome"]] - case.data[case.options["baseline"]]
        ).to_numpy()
        found, order = numbers.mean_left_out(change, conf_level=LEVEL), rows
    else:
        compare = {"welch": welch_difference, "student": student_difference}[method]
        values = case.data[case.options["outcome"]].to_numpy()
        treated = (case.data[case.options["arm"]] != case.options["reference"]).to_numpy()
        found = numbers.difference_left_out(
            values[treated], values[~treated], partial(compare, conf_level=LEVEL)
        )
        order = np.concatenate([rows[treated], rows[~treated]])
    place = {int(person): position for position, person in enumerate(order)}

    def find(names: dict[str, Any]) -> SimpleNamespace:
        position = place[int(names["term"]) - 1]
        columns = ("estimate", "std_error", "conf_low", "conf_high")
        return SimpleNamespace(**{name: getattr(found, name)[position] for name in columns})

    return find
