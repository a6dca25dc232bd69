"""Diagnostics in words: each sentence by rule from stored figures, and silence said aloud."""

from dataclasses import replace

import pytest

from present import sample
from report import variants
from trialkit.present.diagnostics import diagnostic_sentences, fragility_sentence
from trialkit.result.analysis_result import AnalysisResult, Call, Estimate, FitStatistic
from trialkit.result.study_results import FlowCount, StudyResults

QUIET_SPREAD = (
    "No sign that the residuals spread unevenly over the arms and covariates (Breusch-Pagan "
    "p\u00a0=\u00a00.4000)."
)


def diagnostics(**figures: float) -> AnalysisResult:
    """Return the diagnostics of the sample's main analysis, some figures changed."""
    known = {
        "spread_p": 0.4,
        "normal_p": 0.3,
        "residual_skewness": 0.2,
        "large_residuals": 0,
        "influential_records": 0,
        "n_subjects": 34,
        "left_out": 3,
        **figures,
    }
    tests = [
        Estimate(quantity="assumption_test", term=term, p_value=known[name], method="m")
        for term, name in (("equal_variances", "spread_p"), ("normal_residuals", "normal_p"))
    ]
    count = Estimate(
        quantity="sensitivity",
        parameter="pain",
        visit="week_8",
        arm="mind",
        reference_arm="breath",
        term="one person left out",
        n_subjects=34,
        estimate=known["left_out"],
        method="people without whom the interval contains no difference",
    )
    names = ("residual_skewness", "large_residuals", "influential_records", "n_subjects")
    return AnalysisResult(
        analysis_id="primary",
        method="Diagnostics",
        estimates=(*tests, count),
        fit=tuple(FitStatistic(name=name, value=known[name]) for name in names),
        provenance=Call(verb="model_diagnostics", trialkit="0.1.0"),
    )


def with_diagnostics(**figures: float) -> StudyResults:
    return replace(sample.two_arms(), diagnostics=(diagnostics(**figures),))


def said(results: StudyResults, position: int = 0) -> str:
    return " ".join(diagnostic_sentences(results, results.analyses[position]))


def test_quiet_residuals_are_told_as_no_sign_and_not_as_proof():
    assert diagnostic_sentences(with_diagnostics(), with_diagnostics().analyses[0]) == (
        QUIET_SPREAD,
        (
            "No sign that the residuals are not normal (Shapiro-Wilk p\u00a0=\u00a00.3000; "
            "skewness 0.20)."
        ),
        "None of the 34 people lies more than 3 standard deviations from what the model expects.",
        "No one moves the fit far (no Cook's distance above 1).",
        "Leaving out any one of 3 of the 34 people makes the interval reach 0: fragile.",
    )


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ({"spread_p": 0.004}, "standard errors that allow for it belong beside these"),
        ({"normal_p": 1e-6, "residual_skewness": 1.6}, "the longer tail is the upper one"),
        ({"normal_p": 1e-6, "residual_skewness": -1.6}, "the longer tail is the lower one"),
        ({"large_residuals": 1}, "1 of 34 people lies more than 3"),
        ({"large_residuals": 4}, "4 of 34 people lie more than 3"),
        ({"influential_records": 1}, "1 person moves the fit far, or is the only one"),
        ({"influential_records": 2}, "2 people move the fit far, or are the only ones"),
        ({"left_out": 0}, "Whoever of the 34 people is left out, the interval stays clear of 0."),
        ({"left_out": 1}, "Leaving out 1 of the 34 people makes the interval reach 0"),
        ({"left_out": 21}, "Leaving out any one of 21 of the 34 people makes the interval reach 0"),
    ],
)
def test_a_changed_figure_changes_its_sentence_and_no_other(figures, told):
    changed = diagnostic_sentences(with_diagnostics(**figures), sample.two_arms().analyses[0])
    quiet = diagnostic_sentences(with_diagnostics(), sample.two_arms().analyses[0])

    assert told in " ".join(changed)
    assert told not in " ".join(quiet)
    assert sum(one != other for one, other in zip(changed, quiet, strict=True)) == 1


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "Whoever of the 34 people is left out, the interval still contains 0."),
        (1, "Without 1 of the 34 people the interval would be clear of 0"),
        (2, "Without any one of 2 of the 34 people the interval would be clear of 0"),
    ],
)
def test_an_open_interval_is_never_called_fragile(count, told):
    results = with_diagnostics(left_out=count)
    main = results.analyses[0]
    row = replace(main.result.estimates[0], conf_low=-2.0, conf_high=0.3)

    sentence = fragility_sentence(results, main, row)

    assert sentence.startswith(told)
    assert "fragile" not in sentence


def test_of_several_differences_each_sentence_names_its_own():
    results = sample.four_arms()
    found = diagnostics()
    count = found.select(quantity="sensitivity")[0]
    others = [replace(count, reference_arm=arm, estimate=0.0) for arm in ("cream", "book")]
    stored = found.with_estimates((*found.estimates, *others))
    results = replace(results, diagnostics=(stored,))

    sentences = diagnostic_sentences(results, results.analyses[0])[-3:]

    contrasts = [sentence.partition(": ")[0] for sentence in sentences]
    assert len(set(contrasts)) == 3
    assert sentences[0].endswith(
        ": leaving out any one of 3 of the 34 people makes the interval reach 0: fragile."
    )
    assert sentences[1].endswith(
        "Placebo cream: whoever of the 34 people is left out, the interval still contains 0."
    )
    assert sentences[2].endswith("stays clear of 0.")


def test_people_without_a_value_are_counted_against_the_population():
    counts = (
        FlowCount(stage="Everyone randomised", arm="mind", n_subjects=17),
        FlowCount(stage="Everyone randomised", arm="breath", n_subjects=20),
    )

    some = said(replace(with_diagnostics(), flow=counts))
    none = said(replace(with_diagnostics(n_subjects=37), flow=counts))

    assert "3 of the 37 people of its population (8.1\u00a0%) are not in the analysis" in some
    assert "All 37 people of its population are in the analysis." in none


def test_a_mixed_model_says_how_its_search_ended():
    results = sample.two_arms()
    main = results.analyses[0]
    fit = {"n_subjects": 34, "n_records": 66, "n_parameters": 3, "iterations": 7}
    figures = tuple(FitStatistic(name=name, value=value) for name, value in fit.items())
    converged = FitStatistic(name="converged", value=False)
    main = replace(main, result=replace(main.result, fit=(*figures, converged)))

    assert "the fit did not converge in 7 steps" in " ".join(diagnostic_sentences(results, main))


def test_where_nothing_is_stored_it_says_so():
    results, figures = sample.two_arms(), variants.stand_in()

    assert said(results) == "Of this method no diagnostics are stored."
    assert said(figures, -1) == "Published figures have no residuals, so nothing can be checked."
    assert (
        fragility_sentence(results, results.analyses[0], results.analyses[0].result.estimates[0])
        is None
    )
