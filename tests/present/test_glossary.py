"""The glossary has the words of the report in hand, and no others."""

import re
from dataclasses import replace

import pytest

from present import sample
from report import variants
from trialkit.present.glossary import ENTRIES, glossary
from trialkit.result.study_results import StudyResults


def words(results: StudyResults) -> set[str]:
    return {word for word, _ in glossary(results)}


def without(results: StudyResults, *quantities: str) -> StudyResults:
    """Return results that print none of the quantities."""
    return replace(
        results,
        analyses=tuple(
            replace(
                record,
                result=record.result.with_estimates(
                    [row for row in record.result.estimates if row.quantity not in quantities]
                ),
            )
            if record.result
            else record
            for record in results.analyses
        ),
    )


@pytest.mark.parametrize(
    ("quantity", "word"),
    [
        ("risk_difference", "Risk difference"),
        ("risk_ratio", "Risk ratio"),
        ("number_needed_to_treat", "Number needed to treat"),
        ("ls_mean_difference", "Adjusted mean"),
    ],
)
def test_a_word_goes_with_the_last_row_that_needs_it(quantity: str, word: str):
    results = variants.real()

    assert words(results) - words(without(results, quantity)) == {word}


def test_words_of_methods_that_were_not_used_are_absent():
    found = words(variants.real())

    assert {"Estimand", "p-value", "Adjusted p-value (Holm)", "Interval (95\u00a0%)"} <= found
    assert not {"Odds ratio", "Bootstrap", "Mixed model, REML", "Prediction interval"} & found


def test_the_interval_is_of_the_levels_that_are_printed():
    results = variants.real()
    records = tuple(
        replace(
            record,
            result=record.result.with_estimates(
                [replace(row, conf_level=0.9) for row in record.result.estimates]
            ),
        )
        if record.result
        else record
        for record in results.analyses
    )
    found = words(replace(results, analyses=records, descriptives=()))

    assert "Interval (90\u00a0%)" in found


def test_the_procedure_is_that_of_the_family():
    results = variants.real()
    other = tuple(
        replace(record, procedure="benjamini_hochberg") if record.procedure else record
        for record in results.analyses
    )

    found = dict(glossary(replace(results, analyses=other)))
    assert "Adjusted p-value (Holm)" not in found
    assert "share of false ones" in found["Adjusted p-value (Benjamini and Hochberg)"]


def test_one_group_has_no_words_of_comparison():
    found = words(variants.real_single_arm())

    assert not {"Randomised", "Sham, placebo", "Risk difference", "Adjusted mean"} & found


def test_where_nothing_ran_no_number_is_explained():
    nothing = replace(variants.real(), analyses=(), descriptives=())

    assert not {"p-value", "Mean, standard deviation (SD)"} & words(nothing)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.word)
def test_a_meaning_is_short_plain_and_without_numerals(entry):
    assert len(entry.meaning.split()) <= 45
    assert entry.meaning.endswith((".", "?"))
    assert not re.search(r"\d", entry.meaning)
    assert not re.search(r"signific|proves? that", entry.meaning)


def test_the_words_stand_once():
    found = [word for word, _ in glossary(sample.four_arms())]

    assert len(found) == len(set(found))
