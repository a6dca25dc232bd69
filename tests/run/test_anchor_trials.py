"""The carried trials give their published figures, from participants and without them."""

import pytest

import trialkit as tk
from trialkit.dataset.files import files_by_sha256

DATA = "data"


@pytest.fixture
def participants(shared, monkeypatch, tmp_path):
    """The public files, found in the shared folder by their sha256."""
    monkeypatch.setenv("TRIALKIT_SHARED", str(shared))
    monkeypatch.setenv("TRIALKIT_CACHE", str(tmp_path))
    files_by_sha256.cache_clear()


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """A machine that has fetched nothing."""
    monkeypatch.delenv("TRIALKIT_SHARED", raising=False)
    monkeypatch.setenv("TRIALKIT_CACHE", str(tmp_path))


def contrast(results, analysis, quantity, arm, reference):
    (row,) = results.find_record(analysis).result.select(
        quantity=quantity, arm=arm, reference_arm=reference
    )
    return row


# Vickers 2004, Table 2, recomputed with R's lm: estimate, low, high, p, people.
# Sign: acupuncture minus control, so negative is better.
VICKERS = [
    ("score-12m", -4.603704, -7.047485, -2.159924, 0.000251, 161 + 140),
    ("score-3m", -3.943000, -6.289892, -1.596108, 0.001066, 159 + 136),
    ("days-12m", -1.762648, -2.925887, -0.599408, 0.003106, 161 + 140),
    ("days-3m", -1.768939, -2.856218, -0.681660, 0.001520, 159 + 136),
    ("score-12m-without-site", -4.639981, -7.081246, -2.198716, 0.000221, 161 + 140),
    ("score-12m-baseline-only", -4.586841, -7.050273, -2.123409, 0.000294, 161 + 140),
]


@pytest.mark.usefixtures("participants")
def test_vickers_from_participants(repository):
    results = tk.run_study(repository / DATA / "acupuncture-headache")

    for analysis, estimate, low, high, p, people in VICKERS:
        row = contrast(results, analysis, "ls_mean_difference", "acupuncture", "control")
        assert (row.estimate, row.conf_low, row.conf_high) == pytest.approx(
            (estimate, low, high), abs=5e-6
        )
        assert row.p_value == pytest.approx(p, abs=1e-6)
        assert row.n_subjects == people


@pytest.mark.usefixtures("participants")
def test_vickers_from_the_diaries_of_both_visits(repository):
    results = tk.run_study(repository / DATA / "acupuncture-headache")
    result = results.find_record("score-12m-diaries").result
    fit = {item.name: item.value for item in result.fit}

    # R 4.2.2, nlme::gls with corSymm and varIdent by visit: estimate and logLik at 12 months. Its
    # standard error, 1.244776, has no Kenward-Roger correction.
    (row,) = result.select(quantity="ls_mean_difference", visit="month_12")
    assert row.estimate == pytest.approx(-4.702231411, abs=1e-6)
    assert 1.244776 < row.std_error < 1.2457
    assert fit["log_likelihood"] == pytest.approx(-2333.73244917, abs=1e-7)
    assert (fit["n_subjects"], fit["n_records"], row.n_subjects) == (332, 627, 161 + 140)


@pytest.mark.usefixtures("participants")
def test_vickers_three_months_with_every_diary_gives_another_answer(repository):
    results = tk.run_study(repository / DATA / "acupuncture-headache")

    row = contrast(results, "score-3m-all", "ls_mean_difference", "acupuncture", "control")

    assert row.n_subjects == 326
    assert row.estimate == pytest.approx(-4.178, abs=5e-4)


@pytest.mark.usefixtures("participants")
def test_vickers_means_and_responders(repository):
    results = tk.run_study(repository / DATA / "acupuncture-headache")

    described = results.find_record("score-12m-described").result
    figures = {(row.arm, row.quantity): row.estimate for row in described.estimates}
    assert figures["acupuncture", "mean"] == pytest.approx(16.2, abs=0.05)
    assert figures["acupuncture", "std_dev"] == pytest.approx(13.7, abs=0.05)
    assert figures["control", "mean"] == pytest.approx(22.3, abs=0.05)
    assert figures["control", "std_dev"] == pytest.approx(17.0, abs=0.05)
    result = results.find_record("score-responders-12m").result
    shares = {
        row.arm: (row.estimate, row.n_subjects) for row in result.select(quantity="proportion")
    }
    assert shares == {
        "acupuncture": (87 / 161, 161),
        "control": (45 / 140, 140),
    }
    (nnt,) = result.select(quantity="number_needed_to_treat")
    assert (nnt.estimate, nnt.conf_low, nnt.conf_high) == pytest.approx(
        (4.57, 3.05, 9.11), abs=0.005
    )


@pytest.mark.usefixtures("participants")
def test_vickers_zeros_for_missing_diaries_are_set_missing_and_certified(repository):
    certificate = tk.read_dataset(
        tk.read_study(repository / DATA / "acupuncture-headache")
    ).certificate

    counts = {change.where: change.count for change in certificate.changes if "rule" in change.step}
    assert counts == {"f2": 75, "f5": 100}


RIEGNER = [
    ("intensity-pooled", -1.125, 0.0009, 0.0018),
    ("unpleasantness-pooled", -0.827, 0.0488, 0.0586),
]


@pytest.mark.usefixtures("participants")
@pytest.mark.parametrize(("analysis", "estimate", "p", "adjusted"), RIEGNER)
def test_riegner_change_adjusted_for_gender(repository, analysis, estimate, p, adjusted):
    results = tk.run_study(repository / DATA / "mindfulness-vs-breathing")

    row = contrast(results, analysis, "ls_mean_difference", "mindfulness", "sham")

    assert row.estimate == pytest.approx(estimate, abs=5e-4)
    assert row.p_value == pytest.approx(p, abs=5e-5)
    assert row.p_adjusted == pytest.approx(adjusted, abs=5e-5)
    means = results.find_record(analysis).result.select(quantity="ls_mean")
    assert sum(mean.n_subjects for mean in means) == 115


@pytest.mark.usefixtures("participants")
def test_riegner_within_the_trial_that_has_both_arms(repository):
    results = tk.run_study(repository / DATA / "mindfulness-vs-breathing")

    welch = contrast(results, "intensity-cbf-welch", "mean_difference", "mindfulness", "sham")
    ancova = contrast(results, "intensity-cbf", "ls_mean_difference", "mindfulness", "sham")

    assert welch.p_value == pytest.approx(0.0322, abs=5e-5)
    assert (ancova.estimate, ancova.conf_low, ancova.conf_high) == pytest.approx(
        (-0.746, -1.477, -0.016), abs=5e-4
    )


@pytest.mark.usefixtures("participants")
def test_riegner_in_standard_deviations_and_by_ranks(repository):
    results = tk.run_study(repository / DATA / "mindfulness-vs-breathing")

    size = contrast(results, "intensity-cbf-effect-size", "effect_size", "mindfulness", "sham")
    shift = contrast(results, "intensity-cbf-ranks", "median_difference", "mindfulness", "sham")

    assert size.estimate == pytest.approx(-0.779, abs=5e-4)
    assert shift.estimate < 0
    assert shift.p_value < 0.05


def test_the_published_design_of_five_trials_runs_whole(repository):
    results = tk.run_study(repository / DATA / "meditation-five-trials")

    assert [record.analysis for record in results.analyses if record.status != "ran"] == []
    for analysis in ("pain-anova", "breaths-anova", "anxiety-anova"):
        tests = results.find_record(analysis).result.select(quantity="joint_test")
        assert [(row.term, row.df_num, row.df) for row in tests] == [
            ("arm", 2, 243),
            ("visit", 1, 243),
            ("arm:visit", 2, 243),
        ]
        adjusted = [row.term for row in tests if row.p_adjusted is not None]
        assert adjusted == ["arm:visit"]
    mediation = results.find_record("pain-mediation").result
    passages = mediation.select(quantity="indirect_effect", arm="mindfulness")
    assert [row.term for row in passages] == ["breaths", "anxiety", "all mediators"]
    assert {claim.verdict for claim in results.claims} <= {"illustration only", "not testable here"}


@pytest.mark.usefixtures("participants")
def test_better_than_slow_breathing_gets_its_verdict_by_outcome_and_trial(repository):
    results = tk.run_study(repository / DATA / "mindfulness-vs-breathing")

    verdict = next(item for item in results.claims if len(item.links) > 3)

    by_analysis = {link.analysis: link.verdict for link in verdict.links}
    assert by_analysis["intensity-pooled"] == "supported"
    assert by_analysis["intensity-cbf"] == "supported"
    assert by_analysis["unpleasantness-pooled"] == "inconclusive"
    assert verdict.verdict == "mixed"
    assert any("paced" in (link.caveat or "") for link in verdict.links)


@pytest.mark.usefixtures("offline")
def test_without_the_files_the_report_rests_on_figures_and_says_so(repository):
    results = tk.run_study(repository / DATA / "mindfulness-vs-breathing")

    assert results.certificate is None
    assert "trialkit fetch" in results.notes[0]
    stand_in = next(
        item for item in results.study.analysis if item.stands_in_for == "intensity-cbf"
    )
    (row,) = results.find_record(stand_in.id).result.select(quantity="mean_difference")
    assert row.estimate == pytest.approx(-0.891, abs=1e-3)
    assert row.p_value == pytest.approx(0.0322, abs=5e-4)


# Ruetzler 2013: people with any throat pain of all asked, licorice and sugar water.
LICORICE = [("any-pain-30min", (22, 117), (42, 116)), ("any-pain-4h", (24, 117), (52, 116))]


@pytest.mark.parametrize(("analysis", "licorice", "water"), LICORICE)
def test_licorice_any_throat_pain(repository, analysis, licorice, water):
    result = tk.run_study(repository / DATA / "licorice-sore-throat").find_record(analysis).result

    shares = {
        row.arm: (round(row.estimate * row.n_subjects), row.n_subjects)
        for row in result.select(quantity="proportion")
    }

    assert shares == {"licorice": licorice, "sugar_water": water}


def test_retreat_panel_by_holm_and_benjamini_hochberg(repository):
    results = tk.run_study(repository / DATA / "week-long-retreat")

    adjusted = {
        record.analysis: record.result.estimates[0].p_adjusted
        for record in results.analyses
        if record.procedure is not None
    }

    assert adjusted["salience"] == pytest.approx(9 * 3e-6)  # the smallest of nine
    assert adjusted["anti-inflammatory"] == pytest.approx(0.06)
    assert adjusted["opioid"] == pytest.approx(0.06)
    assert max(value for key, value in adjusted.items() if key.endswith("-bh")) <= 0.03


def test_five_trials_with_random_effects(repository):
    results = tk.run_study(repository / DATA / "meditation-five-trials")
    result = results.find_record("pain-random-trials").result
    fit = {item.name: item.value for item in result.fit}

    # R 4.2.2, lmerTest::lmer(AVAL ~ arm + BASE + (1 | trial), ddf = "Kenward-Roger"), whose df
    # (238.020) come from the expected information.
    (row,) = result.select(quantity="ls_mean_difference", arm="mindfulness", reference_arm="sham")
    assert row.estimate == pytest.approx(-0.5707928548, abs=1e-8)
    assert row.std_error == pytest.approx(0.1670131902, abs=5e-8)
    assert row.df == pytest.approx(238.0203, abs=0.05)
    assert fit["log_likelihood"] == pytest.approx(-380.382140219, abs=1e-8)


def test_no_simulated_study_supports_or_contradicts_a_claim(repository):
    for study in ("meditation-five-trials", "week-long-retreat"):
        for claim in tk.run_study(repository / DATA / study).claims:
            for link in claim.links:
                if link.simulated:
                    assert link.verdict == "illustration only"
