"""Printed figures are held against one another with their rounding, and the verdict says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import trialkit as tk
from trialkit.evidence.rounding import nearest_printed, printed, printed_p

# May 2018: 32 people, rest against meditation (intensity, unpleasantness), then saline
# against naloxone: t, printed p and d; means and standard deviations before and after.
MAY = [
    ("2.476", ".019", ".46", ("6.86", "6.41", "1.04", "1.32")),
    ("3.746", ".001", ".68", ("4.96", "3.98", "1.75", "2.17")),
    ("3.12", ".004", ".56", ("6.41", "5.53", "1.32", "1.54")),
    ("3.47", ".002", ".62", ("3.98", "2.95", "2.17", "1.88")),
]


@pytest.mark.parametrize(
    ("figures", "p"), list(zip(MAY, [0.0190, 0.0007, 0.0039, 0.0016], strict=True))
)
def test_the_p_values_of_may_2018_fit(figures, p):
    t, said, *_ = figures

    finding = tk.audit_p_value(said, statistic=t, kind="t", df=31)

    assert finding.verdict == "consistent"
    assert finding.value == pytest.approx(p, abs=5e-5)
    assert finding.low < finding.value < finding.high


@pytest.mark.parametrize(
    ("figures", "d", "people"),
    list(zip(MAY, [0.438, 0.662, 0.552, 0.613], [29, 30, 31, 31], strict=True)),
)
def test_the_effect_sizes_of_may_2018_are_slightly_too_large(figures, d, people):
    t, _, said, _ = figures

    finding = tk.audit_effect_size(said, statistic=t, measure="cohen_d_z", n=32)

    assert finding.value == pytest.approx(d, abs=6e-4)
    assert finding.verdict == "inconsistent"
    assert float(finding.nearest) < float(said)
    assert finding.sentence.endswith(f"It fits {people} people.")


@pytest.mark.parametrize(
    ("figures", "r", "spread"),
    list(zip(MAY, [0.644, 0.735, 0.386, 0.665], [1.028, 1.480, 1.596, 1.679], strict=True)),
)
def test_the_correlations_behind_may_2018_are_possible(figures, r, spread):
    t, _, _, (before, after, sd_before, sd_after) = figures
    means = {"mean_before": before, "mean_after": after, "statistic": t, "n": 32}

    correlation = tk.audit_correlation(std_dev_before=sd_before, std_dev_after=sd_after, **means)
    changes = tk.audit_change_std_dev(**means)

    assert correlation.verdict == "consistent"
    assert correlation.value == pytest.approx(r, abs=6e-4)
    assert correlation.low < correlation.value < correlation.high
    assert changes.value == pytest.approx(spread, abs=6e-4)
    assert changes.verdict == "cannot be checked"


def test_davies_2021_cut_a_p_value_off():
    finding = tk.audit_p_value(".012", statistic="6.47", kind="F", df_num=1, df=88)

    assert finding.verdict == "inconsistent"
    assert finding.value == pytest.approx(0.0127, abs=5e-5)
    assert finding.nearest == "0.013"
    assert finding.sentence == (
        "F(1, 88) = 6.47 gives p between 0.01268 and 0.01275; .012 is printed, which does not "
        "fit. Its digits were cut off instead of rounded: rounded it is 0.013."
    )


@pytest.mark.parametrize(
    ("f", "p", "value", "eta"), [("7.06", ".009", 0.0094, 0.0743), ("0.01", ".92", 0.921, None)]
)
def test_the_other_figures_of_davies_2021_fit(f, p, value, eta):
    finding = tk.audit_p_value(p, statistic=f, kind="F", df_num=1, df=88)

    assert finding.verdict == "consistent"
    assert finding.value == pytest.approx(value, abs=6e-4)
    if eta is not None:
        share = tk.audit_effect_size(
            ".07", statistic=f, measure="partial_eta_squared", df_num=1, df=88
        )
        assert share.verdict == "consistent"
        assert share.value == pytest.approx(eta, abs=5e-5)


def test_the_second_effect_of_davies_2021_fits():
    share = tk.audit_effect_size(
        ".07", statistic="6.47", measure="partial_eta_squared", df_num=1, df=88
    )

    assert (share.verdict, round(share.value, 4)) == ("consistent", 0.0685)


@pytest.mark.parametrize(
    ("low", "high", "n", "std_dev"),
    [("6.9", "8.8", 50, 3.34), ("3.7", "5.6", 50, 3.34), ("6.7", "8.7", 48, 3.44),
     ("4.9", "7.0", 48, 3.62)],
)  # fmt: skip
def test_standard_deviations_come_back_from_the_intervals_of_seminowicz_2020(low, high, n, std_dev):
    finding = tk.audit_std_dev(conf_low=low, conf_high=high, n=n)

    assert finding.value == pytest.approx(std_dev, abs=5e-3)
    assert finding.low < std_dev < finding.high
    assert finding.verdict == "cannot be checked"


@pytest.mark.parametrize(
    ("said", "verdict"), [("3.3", "consistent"), ("2.2", "inconsistent"), ("3.60", "inconsistent")]
)
def test_a_printed_standard_deviation_is_held_against_its_interval(said, verdict):
    finding = tk.audit_std_dev(conf_low="6.9", conf_high="8.8", n=50, printed_std_dev=said)

    assert finding.verdict == verdict


def test_arms_that_do_not_add_up():
    finding = tk.audit_sum([113, 73, 60], 245)

    assert (finding.verdict, finding.nearest) == ("inconsistent", "246")
    assert finding.sentence == "113 + 73 + 60 = 246, but 245 is printed."
    assert tk.audit_sum([113, 73, 60], 246).sentence == "113 + 73 + 60 = 246, as printed."


def test_percentages_may_miss_their_total_by_their_rounding():
    finding = tk.audit_sum(["33.3", "33.3", "33.3"], "100.0")

    assert finding.verdict == "consistent"
    assert finding.sentence.endswith("100.0 is printed, which rounding allows.")
    assert tk.audit_sum(["33.3", "33.3", "33.1"], "100.0").verdict == "inconsistent"


def test_an_estimate_outside_its_own_interval():
    finding = tk.audit_interval("0.439", conf_low="-0.164", conf_high="0.419")

    assert (finding.verdict, finding.nearest) == ("inconsistent", "0.419")
    assert tk.audit_interval("0.043", conf_low="-0.161", conf_high="0.247").verdict == "consistent"
    # 1.28 may have been 1.2749, and so may the limit printed as 1.3.
    assert tk.audit_interval("1.34", conf_low="0.2", conf_high="1.3").verdict == "consistent"


@pytest.mark.parametrize(
    ("mean", "n", "items", "verdict", "nearest"),
    [
        ("5.19", 28, 1, "inconsistent", "5.18"),
        ("5.18", 28, 1, "consistent", None),
        ("5.19", 28, 4, "cannot be checked", None),
        ("3.05", 20, 2, "consistent", None),
        ("3.04", 20, 2, "inconsistent", "3.05"),
        ("2.5", 4, 1, "consistent", None),
        ("-1.241", 17, 1, "inconsistent", "-1.235"),
        ("4", 1, 1, "cannot be checked", None),
    ],
)
def test_means_of_whole_numbers(mean, n, items, verdict, nearest):
    finding = tk.grim(mean, n=n, items=items)

    assert (finding.verdict, finding.nearest) == (verdict, nearest)


@given(scores=st.lists(st.integers(0, 10), min_size=1, max_size=60))
def test_no_true_mean_fails_grim(scores):
    mean = sum(scores) / len(scores)

    assert tk.grim(f"{mean:.2f}", n=len(scores)).verdict != "inconsistent"


@given(
    t=st.floats(-8, 8),
    df=st.integers(1, 300),
    decimals=st.integers(1, 4),
    p_decimals=st.integers(2, 5),
)
def test_no_rounded_p_value_of_a_rounded_t_is_called_inconsistent(t, df, decimals, p_decimals):
    p = 2 * stats.t.sf(abs(t), df)

    said = f"{p:.{p_decimals}f}"
    finding = tk.audit_p_value(said, statistic=f"{t:.{decimals}f}", kind="t", df=df)

    assert finding.verdict == "consistent"
    assert finding.low - 1e-12 <= p <= finding.high + 1e-12


@given(d=st.floats(-3, 3), n=st.integers(2, 200))
def test_no_rounded_effect_of_a_rounded_t_is_called_inconsistent(d, n):
    finding = tk.audit_effect_size(
        f"{d:.2f}", statistic=f"{d * n**0.5:.2f}", measure="cohen_d_z", n=n
    )

    assert finding.verdict == "consistent"


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("<.001", "consistent"),
        ("p < 0.05", "consistent"),
        ("P<.0001", "inconsistent"),
        (".000", "consistent"),
        ("p = .0003", "inconsistent"),
        ("0.0002", "consistent"),
        ("> .05", "inconsistent"),
        ("n.s.", "cannot be checked"),
    ],
)
def test_bounds_of_p_are_read_as_bounds(said, verdict):
    # t(31) = 4.2 has p = 0.00021.
    assert tk.audit_p_value(said, statistic="4.20", kind="t", df=31).verdict == verdict


@pytest.mark.parametrize(
    ("kind", "statistic", "freedom", "p"),
    [
        ("z", "1.96", {}, 2 * stats.norm.sf(1.96)),
        ("chi2", "3.84", {"df": 1}, stats.chi2.sf(3.84, 1)),
        ("t", "-2.10", {"df": "23.4"}, 2 * stats.t.sf(2.1, 23.4)),
        ("F", "4.00", {"df_num": 2, "df": 40}, stats.f.sf(4.0, 2, 40)),
    ],
)
def test_every_kind_of_statistic_has_its_tail(kind, statistic, freedom, p):
    finding = tk.audit_p_value(".05", statistic=statistic, kind=kind, **freedom)

    assert finding.value == pytest.approx(p, rel=1e-12)
    assert finding.low < p < finding.high


def test_a_one_sided_p_value_is_named():
    finding = tk.audit_p_value(".04", statistic="1.80", kind="t", df=30)

    assert finding.verdict == "inconsistent"
    assert finding.sentence.endswith("It fits a one-sided test.")


def test_effect_of_two_arms():
    arms = {"measure": "cohen_d_s", "n_treatment": 32, "n_reference": 32}

    finding = tk.audit_effect_size("-0.50", statistic="-2.00", **arms)
    assert (finding.verdict, finding.value) == ("consistent", -0.5)
    assert tk.audit_effect_size("0.50", statistic="-2.00", **arms).verdict == "consistent"


def test_a_printed_sign_must_be_that_of_t():
    finding = tk.audit_effect_size("-0.57", statistic="2.56", measure="cohen_d_z", n=20)

    assert finding.verdict == "inconsistent"
    assert finding.sentence.endswith("The signs differ.")


def test_a_correlation_that_no_data_can_have():
    # The mean change is larger than its t allows for standard deviations this small.
    finding = tk.audit_correlation(
        mean_before="6.0",
        mean_after="4.0",
        std_dev_before="1.0",
        std_dev_after="1.0",
        statistic="2.00",
        n=30,
    )

    assert finding.verdict == "inconsistent"
    assert finding.high < -1
    assert finding.sentence.endswith("no data can have.")


def test_a_standard_error_that_is_a_standard_deviation():
    assert tk.audit_std_error("1.04", std_dev="1.04", n=32).verdict == "inconsistent"
    assert tk.audit_std_error("0.18", std_dev="1.04", n=32).verdict == "consistent"


def test_what_rounds_to_zero_leaves_figures_open():
    finding = tk.audit_change_std_dev(mean_before="6.0", mean_after="6.0", statistic="0.00", n=9)

    assert finding.verdict == "cannot be checked"


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [(".46", 0.455, 0.465), ("2.480", 2.4795, 2.4805), ("−3", -3.5, -2.5), ("0", -0.5, 0.5)],
)
def test_a_printed_number_stands_for_what_rounds_to_it(text, low, high):
    number = printed(text, name="x")

    assert (number.low, number.high) == (low, high)


def test_p_values_are_read_as_people_write_them():
    assert [printed_p(text).relation for text in ("p<.05", "≤ .05", "P = .05", "≥.05")] == [
        *("<", "<", "=", ">")
    ]
    assert nearest_printed(0.01265, 0.01272, printed(".020", name="p")) == "0.013"


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: tk.audit_p_value(".05", statistic=2.0, df=10), "as text"),
        (lambda: tk.audit_p_value("5", statistic="2.0", df=10), r"p-value in \[0, 1\]"),
        (lambda: tk.audit_p_value("soon", statistic="2.0", df=10), "a number such as"),
        (lambda: tk.audit_p_value(".05", statistic="2.0"), "expected df for t"),
        (lambda: tk.audit_p_value(".05", statistic="2.0", kind="F", df=3), "df_num and df"),
        (lambda: tk.audit_p_value(".05", statistic="2.0", kind="w", df=3), "expected one of t, F"),
        (lambda: tk.audit_p_value(".05", statistic="-2.0", kind="chi2", df=1), "not below 0"),
        (lambda: tk.audit_p_value(".05", statistic="2.0", df=0), "above 0"),
        (lambda: tk.audit_effect_size(".5", statistic="2", measure="cohen_d_z"), "expected n"),
        (lambda: tk.audit_effect_size(".5", statistic="2", measure="r"), "expected one of"),
        (lambda: tk.audit_std_dev(conf_low="3", conf_high="1", n=9), "first below the second"),
        (lambda: tk.audit_std_dev(conf_low="1", conf_high="3", n=9, quantile="f"), "quantile"),
        (lambda: tk.audit_std_error("1", std_dev="3", n=1), "whole number from 2"),
        (lambda: tk.audit_sum([], 3), "one number or more"),
        (lambda: tk.grim("3.10", n=5, items=0), "items: expected"),
    ],
)
def test_what_cannot_be_read_is_refused(call, told):
    with pytest.raises(tk.SpecificationError, match=told):
        call()


def test_wells_2021_fit_the_two_intervals():
    finding = tk.audit_difference(
        ".51", treatment=("-1.6", "-2.5", "-0.7"), reference=("-2.0", "-2.9", "-1.1")
    )

    assert finding.value == pytest.approx(0.54, abs=5e-3)
    assert finding.verdict == "consistent"
    assert finding.low < 0.51 < finding.high


def test_a_difference_that_its_intervals_do_not_allow():
    arms = {"treatment": ("5.0", "4.0", "6.0"), "reference": ("8.0", "7.0", "9.0")}

    assert tk.audit_difference("<.001", **arms).verdict == "consistent"
    assert tk.audit_difference(".20", **arms).verdict == "inconsistent"


@pytest.mark.parametrize(
    ("text", "n", "events", "verdict", "nearest"),
    [
        ("52", 50, 26, "consistent", None),
        ("23", 48, 11, "consistent", None),
        ("23", 48, None, "consistent", None),
        ("24", 48, None, "inconsistent", "25"),
        ("23", 48, 12, "inconsistent", "25"),
        ("100", 7, None, "consistent", None),
        ("0.0", 7, None, "consistent", None),
        ("104", 7, None, "inconsistent", "100"),
    ],
)
def test_percentages_of_people(text, n, events, verdict, nearest):
    finding = tk.audit_percentage(text, n=n, events=events)

    assert (finding.verdict, finding.nearest) == (verdict, nearest)


@given(n=st.integers(1, 400), share=st.floats(0, 1), decimals=st.integers(0, 2))
def test_no_true_percentage_is_called_impossible(n, share, decimals):
    events = round(share * n)

    text = f"{100 * events / n:.{decimals}f}"
    assert tk.audit_percentage(text, n=n).verdict == "consistent"
    assert tk.audit_percentage(text, n=n, events=events).verdict == "consistent"


@pytest.mark.parametrize(
    ("attempt", "match"),
    [
        (lambda: tk.audit_std_error("0.6", std_dev="-2.2", n=10), "std_dev: expected .* below 0"),
        (lambda: tk.audit_std_error("0.6", std_dev="2.2", n=1), "whole number from 2"),
        (lambda: tk.audit_percentage("33", n=30, events=40), "at most the 30 people"),
        (lambda: tk.audit_sum("12", "3"), "parts: expected a list"),
        (lambda: tk.audit_std_dev(conf_low="1", conf_high="3", n=9, conf_level=1), "conf_level"),
        (
            lambda: tk.audit_std_dev(conf_low="1", conf_high="3", n=9, conf_level=None),
            "conf_level",
        ),
        (
            lambda: tk.audit_std_dev(conf_low="1", conf_high="3", n=9, conf_level=".95"),
            "conf_level",
        ),
        (
            lambda: tk.audit_difference(
                ".02", treatment=("5.1", "1"), reference=("6.0", "5.0", "7.0")
            ),
            "treatment: expected the estimate, the lower and the upper",
        ),
        (
            lambda: tk.audit_difference(
                ".02", treatment=("5.1", "9", "1"), reference=("6.0", "5.0", "7.0")
            ),
            "the lower limit first",
        ),
        (
            lambda: tk.audit_effect_size(
                ".12", statistic="-5.2", measure="partial_eta_squared", df_num=2, df=76
            ),
            "statistic: expected a number not below 0",
        ),
        (
            lambda: tk.audit_effect_size(
                ".12", statistic="5.2", measure="partial_eta_squared", df_num=0, df=0
            ),
            "df_num: expected a whole number from 1",
        ),
    ],
)
def test_what_no_people_can_have_is_refused(attempt, match: str):
    with pytest.raises(tk.SpecificationError, match=match):
        attempt()


def test_the_nearest_percentage_is_at_most_everyone():
    finding = tk.audit_percentage("133", n=30)

    assert (finding.verdict, finding.nearest) == ("inconsistent", "100")
    assert finding.sentence == "No number of 30 people is 133 %; 30 are 100.00 %."
