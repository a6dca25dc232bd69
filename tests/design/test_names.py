"""Names of columns in formulas: each is the column itself, or refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import trialkit as tk
from trialkit.design.linear import parse_terms
from trialkit.design.names import require_model_names
from trialkit.design.visits import build_coding, model_formula
from trialkit.errors import SpecificationError

ODD_NAMES = st.text(st.sampled_from("ab 1~\\`.:+-*|/%()[]{}'\"^,=<>&@#$?!\n\tä"), max_size=4)


@given(ODD_NAMES, ODD_NAMES)
def test_a_name_enters_a_model_as_itself_or_is_refused(arm: str, visit: str):
    assume(arm != visit)
    levels = ((arm, ("a", "b")), (visit, ("1", "2")))
    try:
        require_model_names((arm, visit))
    except SpecificationError:
        return
    coding = build_coding(
        model_formula(arm, visit, effects="by_arm", terms=parse_terms("1")), levels, ()
    )

    assert coding.names[0] == "Intercept"
    assert np.linalg.matrix_rank(coding.table) == len(coding.names) == 4


@pytest.mark.parametrize("name", ["", "\\", "~", "a`b", "Intercept", "1", "."])
def test_names_that_mean_something_else_are_refused(name: str):
    with pytest.raises(SpecificationError, match="cannot enter a model; rename it"):
        require_model_names((name,))


@pytest.mark.parametrize("name", ["", "\\", "~", "Intercept", "1"])
def test_covariates_cannot_have_such_a_name_either(name: str):
    with pytest.raises(SpecificationError, match="means something else there"):
        parse_terms(f"base + `{name}`")


@pytest.mark.parametrize("name", ["", "\\", "~"])
def test_nor_can_the_arm_of_a_linear_model(name: str):
    frame = pd.DataFrame({"y": [1.0, 3.0, 2.0, 5.0], name: ["a", "a", "b", "b"]})

    with pytest.raises(SpecificationError, match="cannot enter a model; rename it"):
        tk.ancova(frame, outcome="y", arm=name, reference="a")
