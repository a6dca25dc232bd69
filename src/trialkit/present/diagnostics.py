"""What the fits say of themselves, in sentences by rule: residuals, single people, the search.

The rules name what was seen and never choose a method by it: a plan that chose its test by
such checks would not hold its error rates.
"""

from collections.abc import Iterator
from typing import Final

from trialkit.language.speech import say, say_count
from trialkit.present.fit_words import fit_note
from trialkit.present.format import (
    format_integer,
    format_number,
    format_p_equation,
    format_percent,
)
from trialkit.present.grammar import mid_sentence
from trialkit.present.labels import contrast_label
from trialkit.present.vocabulary import DIFFERENCES
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults

# The level at which a check of an assumption is called a sign; nothing is decided by it.
SIGN: Final = 0.05
RATIO_DECIMALS: Final = 2


def diagnostic_sentences(results: StudyResults, record: AnalysisRecord) -> tuple[str, ...]:
    """Return what is stored of how well an analysis fits, a sentence or two each.

    Where nothing is stored one sentence says so.
    """
    if record.result is None:
        return ()
    stored = stored_diagnostics(results, record)
    said = [
        *(residual_sentences(stored) if stored is not None else ()),
        *left_out_sentences(results, record),
        *filter(None, [fit_note(record.result)]),
        *missing_sentences(results, record, stored),
    ]
    if said:
        return tuple(said)
    if record.data_status == "published_figures":
        return (say("Published figures have no residuals, so nothing can be checked."),)
    return (say("Of this method no diagnostics are stored."),)


def stored_diagnostics(results: StudyResults, record: AnalysisRecord) -> AnalysisResult | None:
    """Return the diagnostics of an analysis, or None where none are stored."""
    return next((item for item in results.diagnostics if item.analysis_id == record.analysis), None)


def residual_sentences(stored: AnalysisResult) -> Iterator[str]:
    """Yield what the residuals of a model look like: their spread, their shape, who is far out."""
    figures = {item.name: item.value for item in stored.fit}
    for row in stored.select(quantity="assumption_test", term="equal_variances"):
        if row.p_value is not None:
            yield spread_sentence(row.p_value)
    for row in stored.select(quantity="assumption_test", term="normal_residuals"):
        if row.p_value is not None:
            yield shape_sentence(row, figures.get("residual_skewness"))
    large, influential = figures.get("large_residuals"), figures.get("influential_records")
    total = figures.get("n_subjects")
    if isinstance(large, int | float) and isinstance(total, int | float):
        yield far_sentence(int(large), int(total))
    if isinstance(influential, int | float):
        yield influence_sentence(int(influential))


def spread_sentence(p: float) -> str:
    """Return whether the spread of the residuals follows the model."""
    shown = format_p_equation(p)
    if p < SIGN:
        return say(
            "The residuals spread unevenly over the arms and covariates (Breusch-Pagan {p}): "
            "standard errors that allow for it belong beside these.",
            p=shown,
        )
    return say(
        "No sign that the residuals spread unevenly over the arms and covariates (Breusch-Pagan "
        "{p}).",
        p=shown,
    )


def shape_sentence(row: Estimate, skewness: object) -> str:
    """Return whether the residuals depart from the normal curve, and to which side."""
    p = format_p_equation(row.p_value)
    if not isinstance(skewness, int | float):
        if row.p_value is not None and row.p_value < SIGN:
            return say("The residuals are not normally distributed (Shapiro-Wilk {p}).", p=p)
        return say("No sign that the residuals are not normal (Shapiro-Wilk {p}).", p=p)
    size = format_number(skewness, RATIO_DECIMALS)
    if row.p_value is None or row.p_value >= SIGN:
        return say(
            "No sign that the residuals are not normal (Shapiro-Wilk {p}; skewness {size}).",
            p=p,
            size=size,
        )
    if skewness > 0:
        return say(
            "The residuals are not normally distributed; the longer tail is the upper one "
            "(Shapiro-Wilk {p}; skewness {size}).",
            p=p,
            size=size,
        )
    return say(
        "The residuals are not normally distributed; the longer tail is the lower one "
        "(Shapiro-Wilk {p}; skewness {size}).",
        p=p,
        size=size,
    )


def far_sentence(count: int, total: int) -> str:
    """Return how many people lie far from what the model expects of them."""
    people = format_integer(total)
    if count == 0:
        return say(
            "None of the {total} people lies more than 3 standard deviations from what the model "
            "expects.",
            total=people,
        )
    return say_count(
        count,
        "{n} of {total} people lies more than 3 standard deviations from what the model expects.",
        "{n} of {total} people lie more than 3 standard deviations from what the model expects.",
        total=people,
    )


def influence_sentence(count: int) -> str:
    """Return how many people move the fit a long way."""
    if count == 0:
        return say("No one moves the fit far (no Cook's distance above 1).")
    return say_count(
        count,
        "{n} person moves the fit far, or is the only one of a group (Cook's distance above 1).",
        "{n} people move the fit far, or are the only ones of a group (Cook's distance above 1).",
    )


def left_out_sentences(results: StudyResults, record: AnalysisRecord) -> Iterator[str]:
    """Yield without how many people each difference of an analysis would read otherwise.

    Of several differences each sentence names its own.
    """
    rows = record.result.estimates if record.result is not None else ()
    said = [
        (row, sentence)
        for row in rows
        if row.quantity in DIFFERENCES | {"change", "risk_difference"}
        and (sentence := fragility_sentence(results, record, row)) is not None
    ]
    for row, sentence in said:
        if len(said) == 1:
            yield sentence
        else:
            contrast = contrast_label(results.study, row.arm, row.reference_arm)
            yield say("{contrast}: {said}", contrast=contrast, said=mid_sentence(sentence))


def fragility_sentence(results: StudyResults, record: AnalysisRecord, row: Estimate) -> str | None:
    """Return how many people decide alone how an interval reads; None where it is not stored."""
    stored = stored_diagnostics(results, record)
    found = (
        []
        if stored is None
        else stored.select(
            quantity="sensitivity",
            arm=row.arm,
            reference_arm=row.reference_arm,
            parameter=row.parameter,
            visit=row.visit,
        )
    )
    low, high = row.conf_low, row.conf_high
    if not found or found[0].estimate is None or low is None or high is None:
        return None
    count, total = int(found[0].estimate), format_integer(found[0].n_subjects)
    if low <= 0 <= high:
        return open_sentence(count, total)
    if count == 0:
        return say(
            "Whoever of the {total} people is left out, the interval stays clear of 0.",
            total=total,
        )
    return say_count(
        count,
        "Leaving out {n} of the {total} people makes the interval reach 0: fragile.",
        "Leaving out any one of {n} of the {total} people makes the interval reach 0: fragile.",
        total=total,
    )


def open_sentence(count: int, total: str) -> str:
    """Return how many people alone hold an open interval open."""
    if count == 0:
        return say(
            "Whoever of the {total} people is left out, the interval still contains 0.",
            total=total,
        )
    return say_count(
        count,
        "Without {n} of the {total} people the interval would be clear of 0: it is open by a hair.",
        "Without any one of {n} of the {total} people the interval would be clear of 0: it is open "
        "by a hair.",
        total=total,
    )


def missing_sentences(
    results: StudyResults, record: AnalysisRecord, stored: AnalysisResult | None
) -> Iterator[str]:
    """Yield how many people of the population are not in the analysis."""
    figures = {item.name: item.value for item in stored.fit} if stored is not None else {}
    analysed = figures.get("n_subjects")
    population = population_size(results, record)
    if not isinstance(analysed, int | float) or population is None or population < analysed:
        return
    absent = population - int(analysed)
    if absent == 0:
        yield say_count(
            population,
            "The one person of its population is in the analysis.",
            "All {n} people of its population are in the analysis.",
            n=format_integer(population),
        )
        return
    yield say_count(
        absent,
        "{n} of the {total} people of its population ({share}) is not in the analysis, for want of "
        "a value.",
        "{n} of the {total} people of its population ({share}) are not in the analysis, for want "
        "of a value.",
        total=format_integer(population),
        share=format_percent(absent, population, 1),
    )


def population_size(results: StudyResults, record: AnalysisRecord) -> int | None:
    """Return how many people the population of an analysis has, as the flow counts them."""
    study = results.study
    estimand = study.find_estimand(study.find_analysis(record.analysis).estimand)
    label = study.find_population(estimand.population).label
    counts = [
        item.n_subjects
        for item in results.flow
        if item.stage == label and item.step in {None, "population"}
    ]
    # Populations of the same label stand one after the other, each with a count an arm.
    alike = [item.id for item in study.population if item.label == label]
    arms = len(study.arm)
    first = alike.index(estimand.population) * arms
    own = counts[first : first + arms]
    return sum(own) if own else None
