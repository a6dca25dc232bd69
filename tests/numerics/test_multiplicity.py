"""Adjusted p-values agree with R's, to the last digit."""

import numpy as np
import pytest

from reference_cases import ReferenceCase, agreeing_digits, load_cases
from trialkit.numerics.multiplicity import benjamini_hochberg, holm

PROCEDURES = {"holm": holm, "benjamini_hochberg": benjamini_hochberg}


@pytest.mark.parametrize("procedure", PROCEDURES)
@pytest.mark.parametrize("case", load_cases("adjustment"), ids=str)
def test_agrees_with_r(case: ReferenceCase, procedure: str):
    expected = dict(list(case.expected.groupby("family")))
    for family, given in case.data.groupby("family"):
        adjusted = PROCEDURES[procedure](given["p_value"].to_numpy(dtype=float))

        reached = agreeing_digits(adjusted, expected[family][procedure].to_numpy())
        assert reached >= case.digits[procedure], family


@pytest.mark.parametrize("adjust", PROCEDURES.values(), ids=PROCEDURES)
def test_an_empty_family_stays_empty(adjust):
    assert adjust(np.array([])).size == 0
