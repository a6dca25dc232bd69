"""The studies and articles in data/ read without findings and say what their sources say."""

import csv
import runpy
from collections import Counter
from pathlib import Path

import pytest

from trialkit.study.article import Article, Link
from trialkit.study.plan import Analysis
from trialkit.study.read import read_article, read_study
from trialkit.study.study import Study

DATA = Path(__file__).resolve().parents[1] / "data"
STUDIES = (
    "acupuncture-headache",
    "licorice-sore-throat",
    "meditation-five-trials",
    "mindfulness-vs-breathing",
    "week-long-retreat",
)
ARTICLES = {
    "calcium-chronic-pain": [f"A1.{number}" for number in range(1, 8)],
    "cluster-headache-solar-activity": [f"A2.{number}" for number in range(1, 7)],
    "week-of-meditation": [f"A3.{number}" for number in range(1, 9)],
    "meditation-vs-slow-breathing": [f"A4.{number}" for number in range(1, 10)],
}
SIMULATED = ("meditation-five-trials", "week-long-retreat")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def participants(study: str) -> list[dict[str, str]]:
    return rows_of(DATA / study / "participants.csv")


def article(identifier: str) -> Article:
    return read_article(DATA / "articles" / f"{identifier}.toml")


# ---- everything reads -------------------------------------------------------------------


def test_no_study_or_article_is_left_out():
    assert sorted(path.parent.name for path in DATA.glob("*/study.toml")) == sorted(STUDIES)
    assert {path.stem for path in (DATA / "articles").glob("*.toml")} == set(ARTICLES)


@pytest.mark.parametrize("name", STUDIES)
def test_study_reads_without_findings(name: str):
    study = read_study(DATA / name)

    assert study.id == name
    assert study.main_analyses, "page one needs a main analysis"


@pytest.mark.parametrize("name", STUDIES)
def test_every_plan_that_was_written_afterwards_says_so(name: str):
    header = read_study(DATA / name).study

    assert header.data_status == "simulated" or header.plan_written == "after_data"


@pytest.mark.parametrize(("name", "claims"), ARTICLES.items())
def test_article_reads_with_every_claim(name: str, claims: list[str]):
    read = article(name)

    assert read.id == name
    assert read.article.author == "Alexander Mauskop, MD"
    assert [claim.id for claim in read.claim] == claims


# ---- claims point at what exists --------------------------------------------------------

LINKS = [
    pytest.param(link, id=f"{claim.id} {link.study} {link.analysis}")
    for name in ARTICLES
    for claim in article(name).claim
    for link in claim.links
]


@pytest.mark.parametrize("link", LINKS)
def test_link_names_an_analysis_and_arms_of_a_study(link: Link):
    study = read_study(DATA / link.study)
    analysis = study.find_analysis(link.analysis)

    for arm in (link.treatment, link.reference):
        assert arm is None or study.find_arm(arm)
    if analysis.pairs:
        estimand = study.find_estimand(analysis.estimand)
        pair = (link.treatment or estimand.treatment, link.reference or estimand.reference)
        assert pair in analysis.pairs


def test_slow_breathing_claim_meets_real_and_simulated_studies():
    claim = next(
        item for item in article("meditation-vs-slow-breathing").claim if item.id == "A4.5"
    )

    assert [link.analysis for link in claim.links if link.study == "mindfulness-vs-breathing"] == [
        "intensity-cbf",
        "intensity-pooled",
        "unpleasantness-cbf",
        "unpleasantness-pooled",
        "intensity-pooled",
    ]
    assert any(link.study in SIMULATED for link in claim.links)


def test_quoted_arm_sizes_are_kept_as_printed():
    reported = article("meditation-vs-slow-breathing").claim[1].reported

    assert reported is not None
    assert (reported.n_total, sum(reported.n_arms)) == (245, 246)


# ---- printed figures --------------------------------------------------------------------


def figure_places(study: Study) -> set[tuple[str, str]]:
    return {(figure.endpoint, figure.visit) for figure in study.published}


@pytest.mark.parametrize("name", STUDIES)
def test_figures_speak_of_declared_endpoints_visits_and_arms(name: str):
    study = read_study(DATA / name)
    arms = {arm.id for arm in study.arm} | {None}
    rules = {rule.key for endpoint in study.endpoint for rule in endpoint.responder} | {None}

    for endpoint, visit in figure_places(study):
        assert study.find_endpoint(endpoint)
        assert study.find_visit(visit)
    assert {figure.arm for figure in study.published} <= arms
    assert {figure.reference_arm for figure in study.published} <= arms
    assert {figure.responder for figure in study.published} <= rules


def wanted_quantity(analysis: Analysis) -> str:
    if analysis.method in {"welch", "student"}:
        return "change" if analysis.outcome == "change" else "mean"
    return {
        "paired_change": "change",
        "responders": "responders",
        "published_estimate": "mean_difference",
        "published_p_values": "p_value",
    }[analysis.method]


FIGURE_ANALYSES = [
    pytest.param(name, analysis, id=f"{name} {analysis.id}")
    for name in STUDIES
    for analysis in read_study(DATA / name).analysis
    if analysis.data == "published_figures"
]


@pytest.mark.parametrize(("name", "analysis"), FIGURE_ANALYSES)
def test_planned_analysis_of_figures_finds_its_figures(name: str, analysis: Analysis):
    study = read_study(DATA / name)
    estimand = study.find_estimand(analysis.estimand)
    place = (estimand.endpoint, estimand.visit, estimand.population, wanted_quantity(analysis))
    rows = [
        figure
        for figure in study.published
        if (figure.endpoint, figure.visit, figure.population, figure.quantity) == place
    ]

    assert rows
    if analysis.method == "published_estimate":
        pairs = analysis.pairs or ((estimand.treatment, estimand.reference),)
        assert {(row.arm, row.reference_arm) for row in rows} >= set(pairs)
    else:
        assert {row.arm for row in rows} >= {arm for pair in analysis.pairs for arm in pair}


@pytest.mark.parametrize(
    ("endpoint", "published"),
    [
        ("intensity", (-1.125, 0.322, -1.762, -0.488)),
        ("unpleasantness", (-0.827, 0.406, -1.631, -0.023)),
    ],
)
def test_authors_contrast_is_mindfulness_less_sham(endpoint: str, published: tuple[float, ...]):
    study = read_study(DATA / "mindfulness-vs-breathing")
    contrasts = [
        figure
        for figure in study.published
        if (figure.quantity, figure.endpoint) == ("mean_difference", endpoint)
    ]
    row = next(
        item for item in contrasts if (item.arm, item.reference_arm) == ("mindfulness", "sham")
    )

    assert len(contrasts) == 6
    assert (row.estimate, row.std_error, row.conf_low, row.conf_high) == published
    assert row.origin == "published"


def test_recomputed_arms_add_up_to_the_people_analysed():
    study = read_study(DATA / "mindfulness-vs-breathing")
    changes = [
        figure
        for figure in study.published
        if (figure.quantity, figure.endpoint, figure.origin)
        == ("change", "intensity", "recomputed")
    ]
    by_trial = Counter[str]()
    for figure in changes:
        by_trial[figure.population] += figure.n_subjects or 0

    assert by_trial == {"cbf": 75, "bold": 40}
    # Welch on change from these rows: mindfulness less sham in trial cbf.
    mean = {figure.arm: figure.estimate for figure in changes if figure.population == "cbf"}
    assert (mean["mindfulness"] or 0) - (mean["sham"] or 0) == pytest.approx(-0.891176, abs=1e-6)


def test_headache_figures_are_those_of_the_paper():
    study = read_study(DATA / "acupuncture-headache")
    row = next(
        figure
        for figure in study.published
        if (figure.quantity, figure.endpoint, figure.visit)
        == ("mean_difference", "headache_score", "month_12")
    )
    responders = {
        figure.arm: (figure.events, figure.n_subjects)
        for figure in study.published
        if (figure.quantity, figure.endpoint, figure.visit)
        == ("responders", "headache_score", "month_12")
    }

    assert (row.estimate, row.conf_low, row.conf_high, row.p_value) == (-4.6, -7.0, -2.2, 0.0002)
    assert responders == {"acupuncture": (87, 161), "control": (45, 140)}
    assert study.flow is not None
    assert (
        study.flow.assessed - sum(item.n for item in study.flow.not_entered) == study.flow.entered
    )


def test_retreat_prints_nine_p_values_and_two_means_without_spread():
    figures = read_study(DATA / "week-long-retreat").published
    means = [figure for figure in figures if figure.quantity == "mean"]

    assert sum(figure.quantity == "p_value" for figure in figures) == 9
    assert [figure.estimate for figure in means] == [2.37, 3.02]
    assert all(figure.std_dev is None and figure.n_subjects is None for figure in means)


# ---- participants -----------------------------------------------------------------------


def test_licorice_file_is_the_public_data_set():
    people = participants("licorice-sore-throat")
    at_30, at_4h = (
        Counter(row["treat"] for row in people if row[column] not in {"", "0"})
        for column in ("pacu30min_throatPain", "postOp4hour_throatPain")
    )
    seen = Counter(row["treat"] for row in people if row["pacu30min_throatPain"])

    assert len(people) == 235
    assert len(people[0]) == 20
    assert [row["id"] for row in people] == [str(number) for number in range(1, 236)]
    assert seen == {"1": 117, "0": 116}
    assert at_30 == {"1": 22, "0": 42}
    assert at_4h == {"1": 24, "0": 52}


def test_no_fetched_file_is_in_the_repository():
    carried = {path.name for path in DATA.rglob("*.csv")}

    assert carried == {"participants.csv", "published_figures.csv"}


@pytest.mark.parametrize("name", SIMULATED)
def test_simulated_people_are_marked_as_such(name: str):
    study = read_study(DATA / name)

    assert study.has_simulated_data
    assert {row["data_status"] for row in participants(name)} == {"SIMULATED"}


@pytest.mark.parametrize("name", [name for name in STUDIES if name not in SIMULATED])
def test_real_people_are_not_marked_as_simulated(name: str):
    assert not read_study(DATA / name).has_simulated_data


def test_five_trials_have_the_published_arm_sizes():
    people = participants("meditation-five-trials")

    assert Counter(row["arm"] for row in people) == {
        "mindfulness": 113,
        "sham": 73,
        "audiobook": 60,
    }
    assert {(row["trial"], row["arm"]) for row in people} == {
        (f"trial-{trial}", arm)
        for trial in range(1, 6)
        for arm in ("mindfulness", "sham", "audiobook")
    }


def test_retreat_has_twenty_people():
    assert len(participants("week-long-retreat")) == 20


@pytest.mark.parametrize("name", SIMULATED)
def test_simulation_makes_the_same_people_again(name: str, tmp_path: Path, capsys):
    script = tmp_path / "simulate.py"
    script.write_bytes((DATA / name / "simulate.py").read_bytes())

    runpy.run_path(str(script), run_name="__main__")

    again, carried = rows_of(tmp_path / "participants.csv"), participants(name)
    assert "simulated" in capsys.readouterr().out
    assert len(again) == len(carried)
    for new, old in zip(again, carried, strict=True):
        assert new.keys() == old.keys()
        for column, value in old.items():
            assert new[column] == value or float(new[column]) == pytest.approx(float(value))
