"""Messages, plurals, decimal marks and dates of the language that is spoken."""

from datetime import date

import pytest

from trialkit.errors import SpecificationError
from trialkit.language.speech import (
    date_words,
    decimal_mark,
    languages,
    say,
    say_as,
    say_count,
    speaking,
    spoken,
)
from trialkit.present.format import (
    format_degrees_of_freedom,
    format_interval,
    format_median_quartiles,
    format_number,
    format_p_value,
    format_signed,
)
from trialkit.present.grammar import lower_or_higher, mid_sentence, people


def test_english_is_spoken_unless_told():
    assert spoken() == "en"
    assert languages()[0] == "en"
    assert say("a text of no catalogue, {n}", n=3) == "a text of no catalogue, 3"


def test_a_language_is_spoken_inside_its_block_alone():
    with speaking("de"):
        assert spoken() == "de"
        with speaking("en"):
            assert decimal_mark() == "."
        assert decimal_mark() == ","

    assert spoken() == "en"


def test_an_unknown_language_is_refused_with_those_that_are_known():
    with (
        pytest.raises(SpecificationError, match="expected one of en, de, found 'xx'"),
        speaking("xx"),
    ):
        pass


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (lambda: format_number(-2.675, 2), "−2,68"),
        (lambda: format_signed(0.001, 2), "0,00"),
        (lambda: format_signed(0.746, 2), "+0,75"),
        (lambda: format_p_value(3e-12), "<0,0001"),
        (lambda: format_interval(-1.4768, -0.0162, 2), "−1,48 bis −0,02"),
        (lambda: format_median_quartiles(4.5, 3, 6.25, 1), "4,5 [3,0; 6,3]"),
        (lambda: format_degrees_of_freedom(34.218, 2.0), "2; 34,2"),
        (lambda: people(1), "1 Person"),
        (lambda: people(86), "86 Personen"),
        (lambda: lower_or_higher("0,75 Punkte", -0.75), "0,75 Punkte niedriger"),
        (lambda: mid_sentence("Achtsamkeit"), "Achtsamkeit"),
        (lambda: say_as("unit", "points"), "Punkte"),
        (lambda: date_words(date(2025, 10, 21)), "21. Oktober 2025"),
    ],
)
def test_german_has_its_comma_its_plurals_and_its_dates(written, text: str):
    with speaking("de"):
        assert written() == text


def test_plurals_of_english():
    assert [say_count(n, "{n} test", "{n} tests") for n in (0, 1, 2)] == [
        "0 tests",
        "1 test",
        "2 tests",
    ]


def test_counts_in_messages_stand_apart_and_a_seed_does_not():
    assert say("{n} of {total}", n=12345, total=1234) == "12\u202f345 of 1234"
    assert say_count(10000, "{n} test", "{n} tests") == "10\u202f000 tests"
    assert say("{n} draws, seed {seed}", n=10000, seed=20250101) == (
        "10\u202f000 draws, seed 20250101"
    )
    assert say("{name}", name="10000 steps") == "10000 steps"


def test_numbers_in_messages_have_the_mark_of_the_language():
    with speaking("de"):
        assert say("{size} and {share:.1f}", size=0.5, share=12345.67) == "0,5 and 12\u202f345,7"
