"""How each case is run: the public verb it names, or a function of one of these modules.

A function takes a case and returns a finder: from the names of an expected row to an
object that has the computed numbers as attributes.
"""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from types import SimpleNamespace
from typing import Any

import trialkit as tk
from reference_cases import ReferenceCase

Finder = Callable[[dict[str, Any]], Any]


def run_case(case: ReferenceCase) -> Finder:
    """Carry out the call of a case."""
    for module in iter_modules(__path__):
        runner = getattr(import_module(f"{__name__}.{module.name}"), case.checks, None)
        if runner is not None:
            return runner(case)
    return finder(getattr(tk, case.checks)(case.data, **case.options))


def finder(result: tk.AnalysisResult) -> Finder:
    """Return a function from the names of a row to the one estimate that has them.

    The quantity ``fit`` means the figure about the fit that ``term`` names.
    """
    figures = {figure.name: figure.value for figure in result.fit}

    def find(names: dict[str, Any]) -> Any:
        if names.get("quantity") == "fit":
            return SimpleNamespace(estimate=figures[names["term"]])
        rows = result.select(**names)
        assert len(rows) == 1, f"{names}: {len(rows)} rows among {result.estimates}"
        return rows[0]

    return find
