"""Every method of the vocabulary runs from a plan, is shown, and says what it did."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np
import pytest

import trialkit as tk
from trial_folder import write_trial
from trialkit.errors import SpecificationError
from trialkit.language.told import Told
from trialkit.present.labels import term_label
from trialkit.present.retold import retold_of
from trialkit.present.synopsis import METHOD_SENTENCES
from trialkit.present.tables import analysis_table, joint_table
from trialkit.present.vocabulary import (
    METHODS,
)
from trialkit.report.findings import analysis_blocks
from trialkit.result.study_results import StudyResults
from trialkit.run.figures import FROM_FIGURES
from trialkit.run.participants import FROM_PARTICIPANTS
from trialkit.run.study import run_study
from trialkit.study.method_rules import ADJUST_THEMSELVES, OPTIONS, RULES
from trialkit.study.plan import Analysis
from trialkit.terms import Method, allowed

STUDY = """
[study]
id = "whole"
title = "A trial of three arms"
design = "parallel"
data_status = "simulated"
randomised = true

[data]
file = "participants.csv"
subject = "id"
arm = "arm"
missing = [""]
published_figures = "figures.csv"

[[arm]]
id = "book"
label = "Audiobook"
role = "no_treatment"

[[arm]]
id = "breathing"
label = "Slow breathing"
role = "active_comparator"

[[arm]]
id = "mindfulness"
label = "Mindfulness"
role = "experimental"

[[visit]]
id = "before"
label = "Before"
order = 0
baseline = true

[[visit]]
id = "week_4"
label = "4 weeks"
order = 1

[[visit]]
id = "week_8"
label = "8 weeks"
order = 2

[[endpoint]]
id = "pain"
label = "Pain"
columns = { before = "pain_0", week_4 = "pain_4", week_8 = "pain_8" }
scale = { minimum = 0, maximum = 10, unit = "points" }
better = "lower"
responder = [{ percent_reduction = 30 }, { id = "mild", at_most = 3 }]

[[endpoint]]
id = "breaths"
label = "Breathing rate"
columns = { before = "breaths_0", week_8 = "breaths_8" }
scale = { unit = "breaths a minute" }
better = "lower"

[[endpoint]]
id = "anxiety"
label = "State anxiety"
columns = { before = "anxiety_0", week_8 = "anxiety_8" }
better = "lower"

[[population]]
id = "itt"
label = "Everyone randomised"

[[estimand]]
id = "pain"
population = "itt"
treatment = "mindfulness"
reference = "breathing"
endpoint = "pain"
visit = "week_8"
summary = "difference in means"
"""

# What each method needs beside its name: the least that a plan can say.
LEAST = {
    "bootstrap": "seed = 1\ndraws = 299",
    "brunner_munzel": 'distribution = "t"',
    "paired_bootstrap": "seed = 1\ndraws = 299",
    "equivalence": "margin_low = -2.0\nmargin_high = 1.0",
    "paired_equivalence": "margin_low = -2.0\nmargin_high = 1.0",
    "stratified_responders": 'strata = "site"',
    "paired_responders": 'responder = "mild"',
    "mediation": 'mediators = ["breaths", "anxiety"]\nseed = 1\ndraws = 299',
    "pooled_trials": 'trial = "site"',
    "mixed_model": 'random = "1 | site"',
    "meta_analysis": 'measure = "mean_difference"',
    "leave_one_out": 'measure = "mean_difference"',
    "trim_and_fill": 'measure = "mean_difference"',
    "multiple_comparisons": 'contrasts = "pairwise"',
}
# The quantity that answers the method's question.
ANSWERS = {
    "descriptive": "mean",
    "welch": "mean_difference",
    "student": "mean_difference",
    "rank_sum": "median_difference",
    "brunner_munzel": "probability_of_superiority",
    "permutation": "mean_difference",
    "bootstrap": "mean_difference",
    "effect_size": "effect_size",
    "bayes_factor": "bayes_factor",
    "equivalence": "equivalence",
    "one_way": "joint_test",
    "kruskal_wallis": "joint_test",
    "multiple_comparisons": "mean_difference",
    "ancova": "ls_mean_difference",
    "model_terms": "joint_test",
    "model_coefficients": "coefficient",
    "model_diagnostics": "assumption_test",
    "baseline_balance": "effect_size",
    "assumption_checks": "assumption_test",
    "paired_change": "change",
    "signed_rank": "median_difference",
    "sign_test": "proportion",
    "sign_flip": "change",
    "paired_bootstrap": "change",
    "paired_effect_size": "effect_size",
    "paired_bayes_factor": "bayes_factor",
    "paired_equivalence": "equivalence",
    "percent_change": "percent_change",
    "correlation": "correlation",
    "panel": "mean_difference",
    "repeated_measures_anova": "joint_test",
    "friedman": "joint_test",
    "mmrm": "ls_mean_difference",
    "mixed_model": "ls_mean_difference",
    "responders": "risk_difference",
    "stratified_responders": "risk_difference",
    "paired_responders": "risk_difference",
    "cumulative_responders": "proportion",
    "logistic": "odds_ratio",
    "proportional_odds": "odds_ratio",
    "mediation": "indirect_effect",
    "pooled_trials": "ls_mean_difference",
    "meta_analysis": "pooled_estimate",
    "leave_one_out": "pooled_estimate",
    "trim_and_fill": "pooled_estimate",
    "published_estimate": "mean_difference",
    "published_p_values": "p_value",
}
FIGURES = """\
quantity,endpoint,visit,population,arm,reference_arm,trial,n_subjects,estimate,std_dev,conf_low,conf_high,p_value,origin,source
mean,pain,week_8,itt,breathing,,first,40,5.1,1.9,,,,published,invented
mean,pain,week_8,itt,mindfulness,,first,41,4.2,2.0,,,,published,invented
mean,pain,week_8,itt,breathing,,second,25,5.6,2.1,,,,published,invented
mean,pain,week_8,itt,mindfulness,,second,24,5.1,1.8,,,,published,invented
mean,pain,week_8,itt,breathing,,third,60,4.9,2.2,,,,published,invented
mean,pain,week_8,itt,mindfulness,,third,61,4.3,2.0,,,,published,invented
mean_difference,pain,week_8,itt,mindfulness,breathing,,,-0.8,,-1.4,-0.2,0.009,published,invented
p_value,pain,week_8,itt,,,,,,,,,0.012,published,invented
"""
each_method = pytest.mark.parametrize("method", allowed(Method))


def participants() -> str:
    """Return 96 invented people of three arms at four sites, one of them lost."""
    rng = np.random.default_rng(20261123)
    lines = ["id,arm,site,sex,pain_0,pain_4,pain_8,breaths_0,breaths_8,anxiety_0,anxiety_8"]
    relief = {"book": 0.0, "breathing": 0.8, "mindfulness": 1.6}
    for person in range(96):
        arm = ("book", "breathing", "mindfulness")[person % 3]
        before = int(rng.integers(4, 10))
        drawn = [before - share * relief[arm] + rng.normal(0, 1.2) for share in (0.6, 1)]
        scores = [min(max(round(score), 0), 10) for score in drawn]
        breaths = rng.normal(14, 2)
        anxiety = rng.normal(38, 7)
        others = [
            round(breaths, 1),
            round(breaths - relief[arm] + rng.normal(), 1),
            round(anxiety),
            round(anxiety - 2 * relief[arm] + rng.normal(0, 4)),
        ]
        sex = "fm"[int(rng.integers(2))]
        values = [f"s{person:02d}", arm, f"site-{person // 3 % 4}", sex, before, *scores, *others]
        lines.append(",".join(map(str, values)))
    lost = lines[7].split(",")
    lines[7] = ",".join([*lost[:6], *[""] * len(lost[6:])])
    return "\n".join(lines) + "\n"


def plan(method: str) -> str:
    """Return the least plan of one method."""
    data = "" if RULES[method].on_participants else 'data = "published_figures"\n'
    return (
        f'{STUDY}\n[[analysis]]\nid = "only"\nestimand = "pain"\nmethod = "{method}"\n'
        f"{data}{LEAST.get(method, '')}\n"
    )


def carry_out(folder: Path, study: str) -> StudyResults:
    """Run a study in a folder."""
    write_trial(folder, study=study, data=participants())
    (folder / "figures.csv").write_text(FIGURES, encoding="utf-8")
    return run_study(folder, articles=())


@each_method
def test_it_runs_is_shown_and_answers_its_question(method: str, tmp_path: Path):
    results = carry_out(tmp_path, plan(method))

    record = results.find_record("only")
    assert record.status == "ran", record.reason
    answers = [row for row in record.result.estimates if row.quantity == ANSWERS[method]]
    assert answers
    assert all(row.parameter is not None for row in record.result.estimates)
    assert analysis_table(results, record).rows or joint_table(results, record).rows
    assert analysis_blocks(results, record)
    assert tk.AnalysisResult.from_json(record.result.to_json()) == record.result


# Ids, labels, columns and levels of the study above, and the columns of the analysis dataset.
COLUMNS = {"AVAL", "ARMCD", "AVISIT", "BASE", "C", "CHG", "PCHG", "RESPONSE", "SITE", "SEX"}
NAMES = COLUMNS | set(re.findall(r"[A-Za-z_][\w-]*", STUDY)) | set(FIGURES.split(","))
NAMES |= {"site", "III", "invented", *(f"site-{number}" for number in range(4))}


def forgotten(text: object) -> Iterator[object]:
    """Yield every text in a stored sentence that is neither told nor a name of the study."""
    if isinstance(text, Told):
        for part in (*text.values.values(), *text.parts):
            yield from forgotten(part)
    elif isinstance(text, str) and set(re.findall(r"[A-Za-z_][\w-]*", text)) - NAMES:
        yield text


@each_method
def test_its_sentences_can_be_said_in_another_language(method: str, tmp_path: Path):
    results = carry_out(tmp_path, plan(method))

    result = results.find_record("only").result
    named = [row.method for row in result.estimates if row.quantity != "effect_size"]
    texts = [result.method, *result.notes, *named]
    for item in (*results.descriptives, *results.diagnostics):
        texts += [item.method, *item.notes]
    assert [left for text in texts for left in forgotten(text)] == []


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("stratified_responders", "homogeneity of odds ratios"),
        ("mediation", "same b in every arm: anxiety"),
    ],
)
def test_a_term_of_words_can_be_said_in_another_language(method: str, said: str, tmp_path: Path):
    results = carry_out(tmp_path, plan(method))
    stored = tk.read_results(results.write(tmp_path / "results.json"))

    for each in (results, stored):
        terms = [row.term for row in each.find_record("only").result.estimates]
        (told,) = {term for term in terms if term == said}
        assert isinstance(terms[terms.index(told)], Told)
        with tk.speaking("de"):
            assert term_label(each.study, terms[terms.index(told)]) != said


def test_an_effect_size_of_words_is_said_in_another_language(tmp_path: Path):
    results = carry_out(tmp_path, plan("baseline_balance"))

    with tk.speaking("de"):
        shown = {
            str(cell) for row in analysis_table(results, results.analyses[0]).rows for cell in row
        }

    assert "standardisierte Differenz zu Beginn" in shown
    assert "standardised difference at baseline" not in shown


# Arms called as a column, a word that trialkit tells, and another word of its own messages.
AS_WORDS = {"book": "AVAL", "breathing": "mean", "mindfulness": "1"}
LABELS = {"Audiobook": "{x} 0 %s", "Slow breathing": "„{}“ 100 %", "Mindfulness": "{n.x} ü"}


def told_places(value: object, where: str = "") -> Iterator[str]:
    """Yield the places of results in which a text remembers what it was made of."""
    if isinstance(value, Told):
        yield f"{where}: {value}"
    elif isinstance(value, tuple):
        for at, item in enumerate(value):
            yield from told_places(item, f"{where}[{at}]")
    elif is_dataclass(value):
        for each in fields(value):
            yield from told_places(getattr(value, each.name), f"{where}.{each.name}")


@each_method
def test_a_file_read_again_is_the_file_whatever_arms_are_called(method: str, tmp_path: Path):
    study, data, figures = plan(method), participants(), FIGURES
    for old, new in AS_WORDS.items():
        study = study.replace(f'"{old}"', f'"{new}"')
        data, figures = (text.replace(f",{old},", f",{new},") for text in (data, figures))
    for old, new in LABELS.items():
        study = study.replace(f'"{old}"', f"'{new}'")
    write_trial(tmp_path, study=study, data=data)
    (tmp_path / "figures.csv").write_text(figures, encoding="utf-8")
    results = run_study(tmp_path, articles=())

    path = results.write(tmp_path / "results.json")
    again = tk.read_results(path)

    assert results.find_record("only").status == "ran"
    assert again.to_json() == path.read_text(encoding="utf-8")
    assert list(told_places(again)) == list(told_places(results))
    with tk.speaking("de"):
        for each in again.find_record("only").result.notes:
            assert retold_of(again.study, "only", each)


@each_method
def test_a_method_that_tests_can_enter_a_family(method: str, tmp_path: Path):
    if not RULES[method].tests:
        pytest.skip("the method tests nothing")
    if method in ADJUST_THEMSELVES:
        pytest.skip("the method adjusts its own p-values")
    family = 'family = "all"\n\n[multiplicity.all]\nprocedure = "hochberg"\n'

    record = carry_out(tmp_path, plan(method) + family).find_record("only")

    adjusted = [row for row in record.result.estimates if row.p_adjusted is not None]
    assert adjusted
    assert all(row.p_adjusted >= row.p_value for row in adjusted)
    assert record.procedure == "hochberg"


@each_method
def test_it_has_its_words(method: str):
    assert METHODS[method]
    assert METHOD_SENTENCES[method].endswith(".")
    assert (method in FROM_PARTICIPANTS) == RULES[method].on_participants
    assert (method in FROM_FIGURES) == RULES[method].on_figures


def test_every_option_is_a_key_of_the_plan():
    assert set(OPTIONS) <= set(Analysis.model_fields)


@each_method
def test_a_foreign_option_is_refused_with_those_it_reads(method: str, tmp_path: Path):
    foreign = next(key for key in ("zeros", "strata") if key not in RULES[method].options)
    value = {"zeros": '"pratt"', "strata": '"site"'}[foreign]

    with pytest.raises(SpecificationError) as caught:
        carry_out(tmp_path, plan(method) + f"{foreign} = {value}\n")

    assert f"analysis[0].{foreign}: expected an option that method {method!r} reads" in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("method", "options", "said"),
    [
        ("panel", "", "own adjustment, not both"),
        ("multiple_comparisons", "", "own adjustment, not both"),
        ("ancova", 'adjust = "dunnett"\n', "own adjustment, not both"),
        ("pooled_trials", 'tau2 = "hedges"\n', "stages = 'two_stage' beside it"),
    ],
)
def test_what_would_be_idle_or_done_twice_is_refused(method, options, said, tmp_path: Path):
    family = 'family = "all"\n\n[multiplicity.all]\nprocedure = "holm"\n'

    with pytest.raises(SpecificationError, match=said):
        carry_out(tmp_path, plan(method) + options + family)


def test_trials_are_pooled_by_the_kind_that_their_figures_name(tmp_path: Path):
    asked = plan("meta_analysis") + 'subgroup_tau2 = "common"\n'
    kinds = {"first": "taught", "second": "taught", "third": "recorded"}
    head, *rows = FIGURES.splitlines()
    named = [f"{row},{kinds.get(row.split(',')[6], '')}" for row in rows]
    write_trial(tmp_path, study=asked, data=participants())
    (tmp_path / "figures.csv").write_text("\n".join([f"{head},subgroup", *named]) + "\n")

    record = run_study(tmp_path, articles=()).find_record("only")

    pooled = record.result.select(quantity="pooled_estimate")
    assert [row.term for row in pooled] == [None, "recorded", "taught"]
    assert [row.p_value is not None for row in pooled] == [True, False, False]


def test_a_trial_without_a_kind_is_named(tmp_path: Path):
    with pytest.raises(SpecificationError, match="expected a `subgroup` in the row of every trial"):
        carry_out(tmp_path, plan("meta_analysis") + 'subgroup_tau2 = "common"\n')


def test_an_unknown_method_lists_the_known_ones(tmp_path: Path):
    with pytest.raises(SpecificationError) as caught:
        carry_out(tmp_path, plan("welch").replace('"welch"', '"anova"'))

    assert all(method in str(caught.value) for method in allowed(Method))
