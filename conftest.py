"""What the examples in docstrings may name without importing it."""

import numpy as np
import pandas as pd
import pytest

import trialkit as tk


@pytest.fixture(autouse=True)
def _names_of_examples(doctest_namespace: dict[str, object]) -> None:
    doctest_namespace.update(tk=tk, np=np, pd=pd)
