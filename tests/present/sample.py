"""Results of small invented studies, made from listed scores: one, two and four arms.

The scores are typed in; every summary is computed from them here, so that tables and
figures can be checked against numbers that fit together.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from math import sqrt
from statistics import mean, quantiles, stdev
from typing import Any

from scipy import stats

from trialkit.result.analysis_result import AnalysisResult, Call, Estimate, FitStatistic
from trialkit.result.study_results import (
    AnalysisRecord,
    Certificate,
    Change,
    CharacteristicRow,
    ClaimVerdict,
    Distribution,
    FileRecord,
    FlowCount,
    LinkVerdict,
    Provenance,
    StudyResults,
    Transition,
    VisitCount,
)
from trialkit.study.study import Study
from trialkit.terms import FlowStep

Scores = dict[str, dict[str, list[int]]]

LONG_LABELS = (
    "Mindfulness meditation with a teacher, eight weekly evenings",
    "Slow paced breathing at six breaths a minute (device-guided)",
    "Placebo cream",
    "Listening to a book, time and attention matched",
)
TWO_ARMS: Scores = {
    "mind": {
        "before": [7, 6, 5, 8, 4, 6, 7, 5, 3, 6, 5, 7, 4, 6, 5, 2, 6],
        "week_4": [4, 3, 3, 6, 2, 4, 6, 3, 2, 5, 2, 6, 3, 4, 1, 2, 4],
        "week_8": [3, 2, 3, 5, 1, 4, 6, 2, 2, 4, 1, 5, 3, 3, 0, 1],
    },
    "breath": {
        "before": [6, 5, 7, 4, 5, 8, 6, 5, 4, 3, 6, 7, 5, 4, 6, 5, 4, 6, 5, 3],
        "week_4": [5, 5, 6, 4, 4, 7, 5, 5, 3, 3, 6, 6, 4, 4, 5, 5, 3, 6, 4, 3],
        "week_8": [5, 4, 6, 4, 3, 7, 5, 4, 4, 2, 6, 6, 4, 3, 5, 5, 3, 6],
    },
}
VISITS = {"before": "Before", "week_4": "4 weeks", "week_8": "8 weeks"}


def provenance() -> Provenance:
    return Provenance(
        trialkit="0.1.0",
        python="3.12.1",
        platform="Linux x86_64",
        packages=(("numpy", "2.4.0"), ("pandas", "3.0.1")),
        command="trialkit run data/sample",
        study_sha256="ab" * 32,
        seed=20250101,
    )


def study(arms: dict[str, str], **changes: Any) -> Study:
    """Return the plan of a study of a 0-10 score at three visits."""
    first, second = (*arms, None)[:2]
    single = len(arms) == 1
    roles = ["experimental", "active_comparator", "placebo", "no_treatment"]
    plan: dict[str, Any] = {
        "study": {
            "id": "sample",
            "title": "A sample study",
            "design": "pre_post" if single else "parallel",
            "data_status": "simulated",
            "randomised": not single,
        },
        "arm": [
            {"id": arm, "label": label, "role": roles[position % 4]}
            for position, (arm, label) in enumerate(arms.items())
        ],
        "visit": [
            {"id": visit, "label": label, "order": order, "baseline": order == 0}
            for order, (visit, label) in enumerate(VISITS.items())
        ],
        "endpoint": [
            {
                "id": "pain",
                "label": "Pain at rest",
                "scale": {"minimum": 0, "maximum": 10, "unit": "points (0-10)"},
                "better": "lower",
                "decimals": 1,
                "margin": {"value": 1.0, "kind": "between_group", "source": "Invented 2020"},
                "responder": [{"percent_reduction": 30, "source": "Invented 2008"}],
            }
        ],
        "population": [{"id": "itt", "label": "Everyone randomised"}],
        "estimand": [
            {
                "id": "primary",
                "population": "itt",
                "treatment": first,
                **({"reference": second} if second else {}),
                "endpoint": "pain",
                "visit": "week_8",
                "summary": "mean change" if single else "difference in means",
                "intercurrent_events": [{"event": "missing diary", "strategy": "treatment_policy"}],
            }
        ],
        "analysis": [
            {
                "id": "primary",
                "estimand": "primary",
                "method": "paired_change" if single else "ancova",
                "role": "main",
                "label": "Main analysis",
                "family": "confirmatory",
            },
            {
                "id": "unadjusted",
                "estimand": "primary",
                "method": "paired_change" if single else "welch",
                "role": "sensitivity",
                "label": "Without adjustment for baseline",
            },
            {
                "id": "relief",
                "estimand": "primary",
                "method": "responders",
                "label": "Relief by at least 30 %",
                "family": "confirmatory",
            },
            {
                "id": "left_out",
                "estimand": "primary",
                "method": "student",
                "role": "exploratory",
            },
        ],
        "multiplicity": {"confirmatory": {"procedure": "holm", "alpha": 0.05}},
    }
    return Study.model_validate(plan | changes)


def described(visit: str, arm: str, values: Sequence[float]) -> list[Estimate]:
    """Return the descriptive rows of an arm at a visit."""
    n, centre, spread = len(values), mean(values), stdev(values)
    error = spread / sqrt(n)
    half = float(stats.t.isf(0.025, n - 1)) * error
    low, middle, high = quantiles(values, n=4, method="inclusive")
    shared: dict[str, Any] = {
        "parameter": "pain",
        "visit": visit,
        "arm": arm,
        "n_subjects": n,
        "method": "descriptive",
    }
    return [
        Estimate(
            quantity="mean",
            estimate=centre,
            std_error=error,
            df=n - 1,
            conf_low=centre - half,
            conf_high=centre + half,
            conf_level=0.95,
            **shared,
        ),
        Estimate(quantity="std_dev", estimate=spread, **shared),
        Estimate(quantity="median", estimate=middle, **shared),
        Estimate(quantity="quartile_1", estimate=low, **shared),
        Estimate(quantity="quartile_3", estimate=high, **shared),
    ]


def difference(
    quantity: Any, arm: str, reference: str | None, figures: Sequence[float], **changes: Any
) -> Estimate:
    """Return a tested contrast from (estimate, low, high, p)."""
    value, low, high, p = figures
    row = Estimate(
        quantity=quantity,
        parameter="pain",
        visit="week_8",
        arm=arm,
        reference_arm=reference,
        n_subjects=34,
        estimate=value,
        std_error=(high - low) / 4,
        df=31.0,
        statistic=value / ((high - low) / 4),
        p_value=p,
        conf_low=low,
        conf_high=high,
        conf_level=0.95,
        method="sample",
    )
    return replace(row, **changes)


def proportion(arm: str, events: int, n: int) -> Estimate:
    p = events / n
    half = 1.96 * sqrt(p * (1 - p) / n)
    return Estimate(
        quantity="proportion",
        parameter="pain",
        visit="week_8",
        arm=arm,
        n_subjects=n,
        estimate=p,
        conf_low=max(p - half, 0),
        conf_high=min(p + half, 1),
        conf_level=0.95,
        method="wilson",
    )


def result(analysis: str, estimates: Sequence[Estimate], method: str) -> AnalysisResult:
    return AnalysisResult(
        analysis_id=analysis,
        estimand="primary",
        method=method,
        estimates=tuple(estimates),
        fit=(FitStatistic(name="df_residual", value=31),),
        notes=("2 of 37 people had no value at 8 weeks and are left out",),
        provenance=Call(verb="ancova", options=(("outcome", "AVAL"),), trialkit="0.1.0"),
    )


def record(
    analysis: str, estimates: Sequence[Estimate], method: str, **changes: Any
) -> AnalysisRecord:
    return AnalysisRecord(
        analysis=analysis,
        status="ran",
        data_status="simulated",
        result=result(analysis, estimates, method),
        **changes,
    )


def contrast_figures(position: int) -> tuple[float, float, float, float]:
    """Return an invented difference for the arm at a position among the references."""
    return (
        (-1.5463, -2.4768, -0.6162, 0.00194),
        (-0.8, -1.61, 0.012, 0.0537),
        (-2.1, -2.9, -1.3, 0.0000031),
    )[position % 3]


def main_records(arms: Sequence[str]) -> tuple[AnalysisRecord, ...]:
    """Return the records of the planned analyses."""
    family = {"procedure": "holm", "alpha": 0.05}
    left_out = AnalysisRecord(
        analysis="left_out",
        status="not_run",
        data_status="simulated",
        reason="the plan was written for participants, and there are none",
    )
    if len(arms) == 1:
        change = difference(
            "change", arms[0], None, (-2.5, -3.1, -1.9, 1e-7), p_adjusted=2e-7, n_subjects=16
        )
        return (
            record("primary", [change], "Mean change, paired t", **family),
            record(
                "unadjusted", [replace(change, estimate=-2.4, p_adjusted=None)], "Mean change, LOCF"
            ),
            record("relief", [proportion(arms[0], 12, 17)], "Responders, Wilson", **family),
            left_out,
        )
    first, *others = arms
    contrasts = [
        difference(
            "ls_mean_difference",
            first,
            other,
            contrast_figures(position),
            p_adjusted=min(2 * contrast_figures(position)[3], 1.0),
        )
        for position, other in enumerate(others)
    ]
    raw = [
        replace(row, quantity="mean_difference", estimate=row.estimate + 0.2, p_adjusted=None)
        for row in contrasts
    ]
    return (
        record("primary", contrasts, "ANCOVA, least squares, adjusted for BASE", **family),
        record("unadjusted", raw, "Welch's t"),
        record("relief", responder_rows(arms), "Responders, Newcombe interval", **family),
        left_out,
    )


def responder_rows(arms: Sequence[str]) -> list[Estimate]:
    """Return proportions of every arm, and the comparison of the first two."""
    counts = {arm: (8 - 2 * position, 17 + 3 * position) for position, arm in enumerate(arms)}
    first, second = arms[:2]
    blank: dict[str, Any] = {"p_value": None, "std_error": None, "df": None, "statistic": None}
    return [
        *(proportion(arm, *counts[arm]) for arm in arms),
        difference(
            "risk_difference", first, second, (0.1706, -0.127, 0.4383, 0.2731), p_adjusted=0.2731
        ),
        difference("risk_ratio", first, second, (1.569, 0.67, 3.66, 0.0), **blank),
        difference("number_needed_to_treat", first, second, (5.86, 2.28, -7.87, 0.0), **blank),
    ]


def distribution(visit: str, arm: str, values: Sequence[int]) -> Distribution:
    counts = Counter(values)
    return Distribution(
        endpoint="pain",
        visit=visit,
        arm=arm,
        lower=-0.5,
        width=1.0,
        counts=tuple(counts[score] for score in range(11)),
    )


def transition(visit: str, arm: str, before: Sequence[int], after: Sequence[int]) -> Transition:
    pairs = Counter(zip(before, after, strict=False))
    cells = tuple((float(a), float(b), n) for (a, b), n in sorted(pairs.items()))
    return Transition(endpoint="pain", visit=visit, arm=arm, width=1.0, cells=cells)


def characteristics(arms: Sequence[str]) -> tuple[CharacteristicRow, ...]:
    """Return age and sex, by arm and for everyone."""
    columns: list[str | None] = [*arms, None] if len(arms) > 1 else [None]
    sizes = {arm: 17 + 3 * position for position, arm in enumerate(arms)}
    size = {None: sum(sizes.values()), **sizes}
    rows = []
    for arm in columns:
        age = {"mean": 45.25, "std_dev": 12.31, "median": 44.0, "quartile_1": 35.0}
        shared: dict[str, Any] = {"arm": arm, "n_subjects": size[arm]}
        rows.append(
            CharacteristicRow(
                column="age",
                label="Age",
                unit="years",
                level=None,
                quartile_3=55.5,
                **age,
                **shared,
            )
        )
        for level, count in (("women", 9), ("men", size[arm] - 9)):
            rows.append(
                CharacteristicRow(
                    column="sex", label="Sex", unit=None, level=level, count=count, **shared
                )
            )
    return tuple(rows)


def certificate(scores: Scores) -> Certificate:
    return Certificate(
        files=(FileRecord(name="participants.csv", sha256="cd" * 32, rows=37, columns=6),),
        fingerprint="ef" * 32,
        n_records=111,
        n_subjects=37,
        n_values=106,
        changes=(Change(step="missing", where="week_8", count=3, reason="coded as 99"),),
        visits=tuple(
            VisitCount(
                endpoint="pain",
                visit=visit,
                arm=arm,
                n_subjects=len(by_visit["before"]),
                n_with_value=len(values),
            )
            for arm, by_visit in scores.items()
            for visit, values in by_visit.items()
        ),
        findings=("1 person has no baseline",),
    )


def flow(scores: Scores) -> tuple[FlowCount, ...]:
    started = {arm: len(values["before"]) for arm, values in scores.items()}
    stayed = {arm: len(values["week_8"]) for arm, values in scores.items()}
    steps: list[tuple[str, FlowStep, dict[str, int]]] = [
        ("Randomised", "in_data", started),
        ("With a value at 8 weeks", "outcome_known", stayed),
        ("No value at 8 weeks", "lost", {arm: started[arm] - stayed[arm] for arm in scores}),
        ("Outside the population", "outside_population", dict.fromkeys(scores, 0)),
        ("Analysed", "analysed", stayed),
    ]
    assessed = sum(started.values()) + 24
    return (
        FlowCount(
            stage="Assessed", arm=None, n_subjects=assessed, step="assessed", source="declared"
        ),
        FlowCount(
            stage="Not entered",
            arm=None,
            n_subjects=24,
            reason="no pain",
            step="not_entered",
            source="declared",
        ),
        *(
            FlowCount(stage=stage, arm=arm, n_subjects=n, step=step, source="counted")
            for stage, step, counts in steps
            for arm, n in counts.items()
        ),
    )


def claims() -> tuple[ClaimVerdict, ...]:
    """Return one testable and one untestable claim."""
    link = LinkVerdict(
        study="sample",
        study_title="A sample study",
        analysis="primary",
        analysis_label="Main analysis",
        endpoint="pain",
        treatment="mind",
        reference="breath",
        verdict="illustration only",
        because="the data are simulated",
        simulated=True,
    )
    shared: dict[str, Any] = {"article": "post", "article_title": "A blog post"}
    return (
        ClaimVerdict(
            claim="better",
            text="Mindfulness eases pain more than slow breathing.",
            kind="comparison",
            verdict="illustration only",
            because="the data are simulated",
            links=(link,),
            flags=("113 + 73 + 60 = 246, not 245",),
            **shared,
        ),
        ClaimVerdict(
            claim="slower",
            text="Slower breathing explains part of it.",
            kind="mechanism",
            verdict="not testable here",
            untestable="outcome not measured",
            because="breathing rate was not measured",
            **shared,
        ),
    )


def results_from(scores: Scores, arms: dict[str, str], **changes: Any) -> StudyResults:
    """Return the results of a study with these scores."""
    rows = [
        row
        for arm, by_visit in scores.items()
        for visit, values in by_visit.items()
        for row in described(visit, arm, values)
    ]
    later = [visit for visit in VISITS if visit != "before"]
    return StudyResults(
        study=study(arms, **changes),
        certificate=certificate(scores),
        flow=flow(scores),
        characteristics=characteristics(list(arms)),
        # A description names the population that it is of.
        descriptives=(
            replace(result("descriptives-pain", rows, "Descriptive statistics"), estimand="itt"),
        ),
        distributions=tuple(
            distribution(visit, arm, values)
            for arm, by_visit in scores.items()
            for visit, values in by_visit.items()
        ),
        transitions=tuple(
            transition(visit, arm, by_visit["before"], by_visit[visit])
            for arm, by_visit in scores.items()
            for visit in later
        ),
        analyses=main_records(list(arms)),
        claims=claims(),
        provenance=provenance(),
    )


@cache
def two_arms() -> StudyResults:
    """Return a two-arm trial at three visits."""
    return results_from(TWO_ARMS, {"mind": "Mindfulness", "breath": "Slow breathing"})


@cache
def one_arm() -> StudyResults:
    """Return a single arm, before and after."""
    return results_from({"mind": TWO_ARMS["mind"]}, {"mind": "Retreat"})


@cache
def four_arms() -> StudyResults:
    """Return four arms with labels too long for one line."""
    mind, breath = TWO_ARMS.values()
    scores = {
        "mind": mind,
        "breath": breath,
        "cream": {visit: values[2:] for visit, values in breath.items()},
        "book": {visit: [min(score + 1, 10) for score in values] for visit, values in mind.items()},
    }
    return results_from(scores, dict(zip(scores, LONG_LABELS, strict=True)))
