"""What must hold for every adjusted family of p-values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialkit.numerics.multiplicity import benjamini_hochberg, holm

p_values = st.lists(st.floats(min_value=0, max_value=1), min_size=1, max_size=12).map(np.array)
every_procedure = pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])


@every_procedure
@given(p=p_values)
def test_adjusting_never_helps_and_keeps_the_order(adjust, p):
    adjusted = adjust(p)

    assert ((p <= adjusted) & (adjusted <= 1)).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= 0).all()


@every_procedure
@given(p=p_values, data=st.data())
def test_the_order_of_the_family_does_not_matter(adjust, p, data):
    order = data.draw(st.permutations(range(p.size)))

    np.testing.assert_array_equal(adjust(p[order]), adjust(p)[order])


@given(p=p_values)
def test_holm_lies_between_false_discovery_and_bonferroni(p):
    assert (benjamini_hochberg(p) <= holm(p) + 1e-15).all()
    assert (holm(p) <= np.minimum(p.size * p, 1) + 1e-15).all()


@every_procedure
@given(p=st.floats(min_value=0, max_value=1))
def test_a_family_of_one_is_left_alone(adjust, p):
    assert adjust(np.array([p])).tolist() == [p]
