"""Mixed models: the verb, on columns whose levels a case puts in order."""

import pandas as pd

import trialkit as tk
from reference_cases import ReferenceCase
from reference_runners import Finder, finder


def mmrm(case: ReferenceCase) -> Finder:
    """Run the verb; ``levels`` of a case names the first level of a covariate first."""
    data = case.data
    for column, levels in case.settings.get("levels", {}).items():
        data[column] = pd.Categorical(data[column], categories=levels)
    return finder(tk.mmrm(data, **case.options))
