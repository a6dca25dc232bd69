"""Which rows a table prints: model terms apart, trials in the forest, the strongest p-values."""

from trialkit.present.row_choice import MOST_ROWS, left_out_note, model_tests, printed_rows
from trialkit.result.analysis_result import Estimate


def row(quantity, **changes):
    return Estimate(quantity=quantity, **{"method": "a test", **changes})


def test_the_terms_of_a_model_stand_apart_with_their_effect_sizes():
    tests = [row("joint_test", term=term, p_value=0.1) for term in ("arm", "visit", "arm:visit")]
    sizes = [row("effect_size", term=term) for term in ("arm", "visit", "arm:visit")]
    means = [row("ls_mean", arm="a"), row("ls_mean", arm="b")]

    assert model_tests([*tests, *sizes, *means]) == tuple(tests)
    assert printed_rows([*tests, *sizes, *means]) == tuple(means)


def test_one_joint_test_stays_in_its_table():
    rows = [row("mean", arm="a"), row("joint_test", p_value=0.1), row("effect_size")]

    assert model_tests(rows) == ()
    assert printed_rows(rows) == tuple(rows)


def test_trials_stand_in_the_forest_and_a_funnel_needs_ten_of_them():
    few, many = (
        [
            *(
                row("trial_estimate", term=f"trial {n}", arm="a", reference_arm="b")
                for n in range(k)
            ),
            row("pooled_estimate", arm="a", reference_arm="b"),
            row("asymmetry_test", term="egger", arm="a", reference_arm="b"),
        ]
        for k in (9, 10)
    )

    assert [item.quantity for item in printed_rows(few)] == ["pooled_estimate"]
    assert [item.quantity for item in printed_rows(many)] == ["pooled_estimate", "asymmetry_test"]


def test_of_a_curve_the_usual_thresholds_are_printed():
    rows = [
        row("proportion", term=f"at least {percent} %", method=method)
        for method in ("simultaneous band", "Wilson interval, pointwise")
        for percent in range(0, 101, 5)
    ]

    assert [(item.term, item.method[:6]) for item in printed_rows(rows)] == [
        ("at least 30 %", "Wilson"),
        ("at least 50 %", "Wilson"),
    ]


def test_of_thousands_the_smallest_p_values_are_printed_and_a_note_counts_them():
    rows = [
        row("change", parameter=f"m{n}", p_value=(n * 7919 % 5000 + 1) / 5001) for n in range(5000)
    ]

    shown = printed_rows(rows)

    assert len(shown) == MOST_ROWS
    assert [item.p_value for item in shown] == sorted(item.p_value for item in rows)[:MOST_ROWS]
    assert left_out_note(rows) == (
        "The 120 smallest p-values of 5000 rows; all of them are in results.json."
    )
    assert left_out_note(rows[:50]) is None
