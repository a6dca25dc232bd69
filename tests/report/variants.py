"""Stored results of studies that differ in what a report must say of them."""

import json
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from present import sample
from trialkit.result.study_results import ClaimVerdict, LinkVerdict, StudyResults, read_results
from trialkit.study.article import Article
from trialkit.study.study import Study

HOSTILE = (
    '#pagebreak() *bold* $x$ \\ "q" <script>alert(1)</script> [a](b) `c` @d &amp; 100 % {{ 7 }}'
)


def with_header(results: StudyResults, **changes: Any) -> StudyResults:
    """Return results of a study whose header says something else."""
    header = results.study.study.model_copy(update=changes)
    return replace(results, study=results.study.model_copy(update={"study": header}))


def as_real(results: StudyResults) -> StudyResults:
    """Return the sample as if its people were real."""
    records = tuple(replace(record, data_status="real") for record in results.analyses)
    return with_header(
        replace(results, analyses=records, claims=verdicts()[:2]),
        data_status="real",
        question="Does mindfulness ease pain?",
        participants="Adults with pain",
        harms="not_collected",
    )


@cache
def real() -> StudyResults:
    return as_real(sample.two_arms())


@cache
def real_single_arm() -> StudyResults:
    return as_real(sample.one_arm())


@cache
def open_result() -> StudyResults:
    """Return results whose main interval contains no difference."""
    results = real()
    main, *others = results.analyses
    row = replace(main.result.estimates[0], conf_low=-2.1, conf_high=0.4, p_value=0.2)
    return replace(
        results,
        analyses=(replace(main, result=main.result.with_estimates([row])), *others),
    )


@cache
def stand_in() -> StudyResults:
    """Return results whose participants are not at hand: printed figures stand in."""
    results = real()
    plan = results.study.analysis
    figures = plan[1].model_copy(
        update={"id": "figures", "data": "published_figures", "stands_in_for": "primary"}
    )
    study = results.study.model_copy(update={"analysis": (*plan, figures)})
    not_run = [
        replace(record, status="not_run", result=None, reason="not fetched")
        for record in results.analyses
    ]
    source = results.find_record("unadjusted")
    ran = replace(source, analysis="figures", data_status="published_figures")
    return replace(
        results,
        study=study,
        analyses=(*not_run, ran),
        certificate=None,
        flow=(),
        characteristics=(),
        descriptives=(),
        distributions=(),
        transitions=(),
    )


P_VALUES = {"network": 0.00009, "protein": 0.001, "opioid": 0.03, "inflammation": 0.03}
P_ADJUSTED = {"network": 0.00036, "protein": 0.003, "opioid": 0.06, "inflammation": 0.06}


def panel_plan(results: StudyResults) -> Study:
    """Return the plan of a single arm of which only p-values are printed."""
    study = results.study
    plain = {"margin": None, "responder": ()}
    endpoints = tuple(
        study.endpoint[0].model_copy(update={"id": name, "label": f"The {name}", **plain})
        for name in P_VALUES
    )
    estimands = tuple(
        study.estimand[0].model_copy(update={"id": name, "endpoint": name}) for name in P_VALUES
    )
    analyses = tuple(
        study.analysis[0].model_copy(
            update={
                "id": name,
                "label": f"The {name}",
                "estimand": name,
                "method": "published_p_values",
                "data": "published_figures",
                "family": "confirmatory",
            }
        )
        for name in P_VALUES
    )
    return study.model_copy(
        update={"endpoint": endpoints, "estimand": estimands, "analysis": analyses}
    )


@cache
def p_values_only() -> StudyResults:
    """Return a study of which nothing but a panel of p-values is published."""
    results = real_single_arm()
    row = results.analyses[0].result.estimates[0]
    blank = {"estimate": None, "conf_low": None, "conf_high": None, "arm": None, "std_error": None}
    records = tuple(
        replace(
            results.analyses[0],
            analysis=name,
            data_status="published_figures",
            procedure="holm",
            alpha=0.05,
            result=results.analyses[0].result.with_estimates(
                [
                    replace(
                        row,
                        quantity="p_value",
                        parameter=name,
                        p_value=p,
                        p_adjusted=P_ADJUSTED[name],
                        **blank,
                    )
                ]
            ),
        )
        for name, p in P_VALUES.items()
    )
    panel = replace(
        results,
        study=panel_plan(results),
        analyses=records,
        certificate=None,
        flow=(),
        characteristics=(),
        descriptives=(),
        distributions=(),
        transitions=(),
    )
    return with_header(panel, data_status="published_figures")


@cache
def hostile() -> StudyResults:
    """Return results in which every text that a study's author types means mischief."""
    results = real()
    study = results.study
    arms = tuple(arm.model_copy(update={"label": HOSTILE + arm.id}) for arm in study.arm)
    study = study.model_copy(update={"arm": arms})
    changed = replace(results, study=study, deviations=(HOSTILE,), notes=(HOSTILE,))
    return with_header(
        changed,
        question=f"{HOSTILE}?",
        subtitle=HOSTILE,
        participants=HOSTILE,
        citation=HOSTILE,
        doi='10.1/"><script>',
        limits=(HOSTILE, f"about harms: {HOSTILE}"),
        notes=(HOSTILE,),
    )


@cache
def crowded() -> StudyResults:
    """Return results that say more than a page one has room for."""
    limits = tuple(
        f"about question {number}: this was not asked of anybody, and nothing in the data can "
        "say what the answer would have been if it had been asked"
        for number in range(9)
    )
    claims = tuple(
        replace(claim, claim=f"{claim.claim}-{number}", text=f"{claim.text} ({number})")
        for number in range(6)
        for claim in sample.claims()
    )
    return with_header(replace(real(), claims=claims), limits=limits)


COUNTS = {"rows", "n_records", "n_subjects", "n_values", "count", "n_with_value", "n_missing"}
TIMES = 1234


def larger(value: Any, name: str = "") -> Any:
    """Return what is stored of a study as if each of its people were very many."""
    if isinstance(value, dict):
        return {key: larger(item, key) for key, item in value.items()}
    if isinstance(value, list):
        if name == "cells":
            return [[before, after, TIMES * n] for before, after, n in value]
        return [larger(item, name) for item in value]
    counted = name in COUNTS or name == "counts"
    return TIMES * value if counted and isinstance(value, int) else value


def large(folder: Path) -> StudyResults:
    """Return results of a study of 45 658 people, read from a file in a folder."""
    path = folder / "results.json"
    path.write_text(json.dumps(larger(json.loads(real().to_json()))), encoding="utf-8")
    return read_results(path)


SENTENCE = (
    "Pain at rest was asked at every visit by someone who did not know the arm, and whoever "
    "missed a visit was asked by telephone within a week of it. "
)
LONG_WORD = "Überlang" * 37 + "e"
LONG_LABEL = "A course of eight evenings with a teacher and a recording for home " * 5


def with_labels(results: StudyResults, label: str) -> StudyResults:
    """Return results whose arms, visits and endpoints are all called alike but for a number."""
    study = results.study
    named = {
        field: tuple(
            item.model_copy(update={"label": f"{label}{number}"})
            for number, item in enumerate(getattr(study, field))
        )
        for field in ("arm", "visit", "endpoint")
    }
    return replace(results, study=study.model_copy(update=named))


def wordy(results: StudyResults) -> StudyResults:
    """Return results whose every text is as long as an author may type it."""
    question = "Does mindfulness, taught by people who practised it for years, "
    study = results.study
    arms = tuple(arm.model_copy(update={"description": SENTENCE * 12}) for arm in study.arm)
    claims = tuple(
        replace(
            claim,
            text=f"{SENTENCE * 2}{claim.text}",
            because=SENTENCE * 5,
            article_title=SENTENCE * 2,
        )
        for claim in results.claims
    )
    changed = replace(results, study=study.model_copy(update={"arm": arms}), claims=claims)
    return with_header(
        changed,
        question=f"{question * 8}ease pain?",
        subtitle=SENTENCE * 6,
        participants=SENTENCE * 8,
        limits=(
            *(f"about matter {number}: {SENTENCE * 4}" for number in range(14)),
            f"about harms: {SENTENCE * 3}",
        ),
    )


@cache
def long_texts() -> StudyResults:
    """Return results whose question, people, limits and claims are very long."""
    return wordy(crowded())


@cache
def long_words() -> StudyResults:
    """Return results in which every name is one word of 300 letters."""
    return with_header(
        with_labels(real(), LONG_WORD),
        question=f"{LONG_WORD}?",
        subtitle=f"https://example.org/{'a' * 300}",
        participants=LONG_WORD,
        limits=(LONG_WORD, f"{LONG_WORD}!"),
    )


@cache
def long_words_of_four() -> StudyResults:
    """Return the same of four arms, simulated."""
    return with_labels(with_header(sample.four_arms(), question=f"{LONG_WORD}?"), LONG_WORD)


@cache
def long_labels() -> StudyResults:
    """Return results in which every name is a sentence, and all begin alike."""
    return with_labels(real(), LONG_LABEL)


@cache
def long_everything() -> StudyResults:
    """Return results in which all of this is so at once."""
    return wordy(with_labels(crowded(), LONG_LABEL))


def article(**changes: Any) -> Article:
    """Return an article with two claims."""
    header: dict[str, Any] = {
        "id": "post",
        "title": "A blog post",
        "author": "A. Writer, MD",
        "published": date(2025, 10, 21),
        "address": "https://example.org/post",
        "summary": "It says that mindfulness eases pain.",
        "paper": {"citation": "Someone 2025", "doi": "10.1000/1", "note": "only the abstract"},
        "related": [{"citation": "Other 2021", "finding": "found nothing of the kind"}],
    }
    claim = {"id": "better", "text": "Mindfulness eases pain more.", "kind": "comparison"}
    return Article.model_validate({"article": header | changes, "claim": [claim]})


def verdicts() -> tuple[ClaimVerdict, ...]:
    """Return one supported and one untestable claim of the article."""
    link = LinkVerdict(
        study="sample",
        study_title="A sample study",
        analysis="primary",
        analysis_label="Main analysis",
        endpoint="pain",
        treatment="mind",
        reference="breath",
        verdict="supported",
        because="the interval lies wholly on the claimed side of no difference",
        quantity="ls_mean_difference",
        estimate=-1.5463,
        conf_low=-2.4768,
        conf_high=-0.6162,
        conf_level=0.95,
        p_value=0.00194,
        unit="points (0-10)",
        decimals=1,
        caveat="the sham is not paced breathing",
    )
    elsewhere = replace(link, study="elsewhere", study_title="Elsewhere", verdict="inconclusive")
    supported = replace(
        sample.claims()[0],
        verdict="supported",
        because="the interval lies wholly on the claimed side of no difference",
        links=(link, elsewhere),
        flags=("A flag.",),
        paper_says="It says less.",
        note="A note.",
    )
    other = replace(sample.claims()[1], article="another", article_title="Another post")
    return supported, sample.claims()[1], other
