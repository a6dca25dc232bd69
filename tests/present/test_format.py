"""Numbers become text by one rule: half away from zero, signs and bounds as printed."""

from decimal import Decimal
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialkit.language.speech import speaking
from trialkit.present import format as f
from trialkit.present.number_needed import format_number_needed_interval

GOLDEN = [
    pytest.param(2.675, 2, "2.68", id="binary value just below the half"),
    pytest.param(0.125, 2, "0.13", id="half upwards"),
    pytest.param(-0.125, 2, "−0.13", id="half away from zero"),
    pytest.param(1.005, 2, "1.01", id="1.005"),
    pytest.param(0.5, 0, "1", id="half of one"),
    pytest.param(2.5, 0, "3", id="not to even"),
    pytest.param(-0.004, 2, "0.00", id="no sign on zero"),
    pytest.param(-0.0, 1, "0.0", id="negative zero"),
    pytest.param(1e-7, 3, "0.000", id="exponent in repr"),
    pytest.param(
        123456789012345680.0, 1, "123\u202f456\u202f789\u202f012\u202f345\u202f680.0", id="large"
    ),
    pytest.param(None, 2, "–", id="missing"),
    pytest.param(nan, 2, "–", id="not a number"),
    pytest.param(inf, 1, "∞", id="infinity"),
    pytest.param(-inf, 1, "−∞", id="minus infinity"),
]


@pytest.mark.parametrize(("value", "decimals", "text"), GOLDEN)
def test_numbers_print_half_away_from_zero(value, decimals, text):
    assert f.format_number(value, decimals) == text


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_a_printed_number_is_within_half_a_unit_of_its_last_digit(value, decimals):
    text = f.format_number(value, decimals).replace("−", "-").replace("\u202f", "")
    printed = Decimal(text)

    assert abs(printed - Decimal(repr(value))) <= Decimal(5).scaleb(-decimals - 1)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ("1234", "12\u202f345.6", "−1\u202f234\u202f567", "0.1234567")),
        ("de", ("1234", "12\u202f345,6", "−1\u202f234\u202f567", "0,1234567")),
    ],
)
def test_thousands_stand_apart_from_five_digits_on(language, texts):
    with speaking(language):
        said = (
            f.format_integer(1234),
            f.format_number(12345.6, 1),
            f.format_integer(-1234567),
            f.format_number(0.1234567, 7),
        )

    assert said == texts


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_the_opposite_prints_with_the_opposite_sign(value, decimals):
    text, opposite = (f.format_number(v, decimals) for v in (value, -value))

    assert text.replace("−", "") == opposite.replace("−", "")
    assert "-" not in text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.00009999, "<0.0001"),
        (0.0001, "0.0001"),
        (0.04995, "0.0500"),
        (0.9999, "0.9999"),
        (0.99991, ">0.9999"),
        (0.0, "<0.0001"),
        (None, "–"),
        (nan, "–"),
    ],
)
def test_p_values_have_four_decimals_and_bounds(p, text):
    assert f.format_p_value(p) == text


def test_a_percentage_is_rounded_after_it_is_multiplied():
    # 0.285 * 100 is 28.499999999999996 in floats; the decimal product is 28.5.
    assert f.format_proportion(0.285) == "29\u00a0%"
    assert f.out_of_hundred(0.285) == 29


def test_nobody_has_no_percentage():
    assert f.format_percent(0, 0) == "–"
    assert f.format_count(0, 0) == "0/0 (–)"


@pytest.mark.parametrize(
    ("low", "high", "benefit", "text"),
    [
        (3.05, 9.11, True, "NNTB 3.1 to 9.1"),
        (-9.11, -3.05, True, "NNTH 3.1 to 9.1"),
        (-9.11, -3.05, False, "NNTB 3.1 to 9.1"),
        (2.28, -7.87, True, "NNTB 2.3 to ∞ to NNTH 7.9"),
        (2.28, -7.87, False, "NNTB 7.9 to ∞ to NNTH 2.3"),
        (4.0, inf, True, "NNTB 4.0 to ∞"),
        (inf, -4.0, True, "NNTH 4.0 to ∞"),
        (inf, inf, True, "∞"),
        (None, None, True, "–"),
    ],
)
def test_numbers_needed_pass_through_infinity(low, high, benefit, text):
    assert format_number_needed_interval(low, high, more_is_benefit=benefit) == text


def test_decimals_follow_the_endpoint():
    shown = {
        quantity: f.format_quantity(1.23456, quantity, 1)
        for quantity in ("mean", "std_dev", "change", "ls_mean", "ls_mean_difference", "risk_ratio")
    }

    assert shown == {
        "mean": "1.2",
        "std_dev": "1.23",
        "change": "1.23",
        "ls_mean": "1.2",
        "ls_mean_difference": "1.23",
        "risk_ratio": "1.23",
    }


def test_ticks_share_the_decimals_of_the_finest():
    assert f.format_ticks([0.1 + 0.2, 0.6]) == ["0.3", "0.6"]
    assert f.format_ticks([]) == []
