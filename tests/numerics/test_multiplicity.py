"""Adjusted p-values keep their family."""

import numpy as np
import pytest

from trialkit.numerics.multiplicity import benjamini_hochberg, holm

PROCEDURES = {"holm": holm, "benjamini_hochberg": benjamini_hochberg}


@pytest.mark.parametrize("adjust", PROCEDURES.values(), ids=PROCEDURES)
def test_an_empty_family_stays_empty(adjust):
    assert adjust(np.array([])).size == 0
