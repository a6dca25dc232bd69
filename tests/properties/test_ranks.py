"""What must hold for every comparison by ranks, whatever the data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import trialkit as tk
from properties.trials import ARMS, levels, trials
from trialkit.errors import NotEstimableError
from trialkit.result.analysis_result import Estimate

REFERENCE, TREATMENT = ARMS
DISTRIBUTIONS = ("exact", "normal", "normal_corrected")
each_distribution = pytest.mark.parametrize("distribution", DISTRIBUTIONS)
each_alternative = pytest.mark.parametrize("alternative", ["two_sided", "less", "greater"])


def ranked(frame: pd.DataFrame, **options: object) -> dict[str, Estimate]:
    """Return the rows of the one contrast by quantity."""
    result = tk.rank_sum(
        frame, **{"outcome": "after", "arm": "arm", "reference": REFERENCE, **options}
    )
    return {row.quantity: row for row in result.estimates if row.reference_arm}


def superior(frame: pd.DataFrame, **options: object) -> Estimate:
    """Return Brunner and Munzel's row, or pass over a clean sweep."""
    given_options = {"outcome": "after", "arm": "arm", "reference": REFERENCE, **options}
    try:
        result = tk.brunner_munzel(frame, **given_options)
    except NotEstimableError:
        assume(False)
    return result.select(quantity="probability_of_superiority")[0]


def changed(frame: pd.DataFrame, **options: object) -> Estimate:
    """Return the row of the Walsh median; somebody must have changed."""
    assume((frame["after"] - frame["before"]).abs().max() > 0.05)
    result = tk.signed_rank(frame, **{"outcome": "after", "baseline": "before", **options})
    return result.select(quantity="median_difference")[0]


def flip(side: str) -> str:
    return {"less": "greater", "greater": "less"}.get(side, side)


@each_distribution
@each_alternative
@given(frame=trials())
def test_p_is_a_probability_and_intervals_hold_their_estimates(distribution, alternative, frame):
    options = {"distribution": distribution, "alternative": alternative}
    rows = [*ranked(frame, **options).values(), changed(frame, **options)]

    for row in rows:
        assert row.p_value is None or 0 < row.p_value <= 1
        assert row.conf_low is None or row.conf_low <= row.estimate <= row.conf_high


@each_distribution
@each_alternative
@given(frame=trials())
def test_relabelling_the_arms_flips_every_figure(distribution, alternative, frame):
    rows = ranked(frame, distribution=distribution, alternative=alternative)
    swapped = ranked(
        frame, distribution=distribution, alternative=flip(alternative), reference=TREATMENT
    )

    here, there = rows["median_difference"], swapped["median_difference"]
    np.testing.assert_allclose(
        [-there.estimate, -there.conf_high, -there.conf_low, there.p_value],
        [here.estimate, here.conf_low, here.conf_high, here.p_value],
        rtol=1e-12,
        atol=1e-13,
    )
    here, there = (r["probability_of_superiority"] for r in (rows, swapped))
    np.testing.assert_allclose(
        [1 - there.estimate, 1 - there.conf_high, 1 - there.conf_low],
        [here.estimate, here.conf_low, here.conf_high],
        atol=1e-12,
    )


@given(frame=trials())
def test_relabelling_flips_brunner_munzel(frame):
    here, there = superior(frame), superior(frame, reference=TREATMENT)

    np.testing.assert_allclose(
        [1 - there.estimate, -there.statistic, there.df, there.p_value],
        [here.estimate, here.statistic, here.df, here.p_value],
        rtol=1e-11,
        atol=1e-12,
    )


@each_distribution
@given(frame=trials())
def test_time_running_backwards_flips_the_change(distribution, frame):
    here = changed(frame, distribution=distribution)
    there = changed(frame, distribution=distribution, outcome="before", baseline="after")

    np.testing.assert_allclose(
        [-there.estimate, -there.conf_high, -there.conf_low, there.p_value],
        [here.estimate, here.conf_low, here.conf_high, here.p_value],
        rtol=1e-12,
        atol=1e-13,
    )


@each_distribution
@given(frame=trials(), data=st.data())
def test_the_order_of_rows_does_not_matter(distribution, frame, data):
    shuffled = frame.iloc[data.draw(st.permutations(range(len(frame))))]

    assert ranked(shuffled, distribution=distribution) == ranked(frame, distribution=distribution)
    assert changed(shuffled, distribution=distribution) == changed(frame, distribution=distribution)
    assert superior(shuffled) == superior(frame)


@each_distribution
@given(frame=trials())
def test_a_monotone_transformation_moves_no_test(distribution, frame):
    bent = frame.assign(after=np.exp(3 * frame["after"]))

    rows, again = (ranked(f, distribution=distribution) for f in (frame, bent))

    for name in ("statistic", "p_value"):
        assert getattr(rows["median_difference"], name) == getattr(again["median_difference"], name)
    assert rows["probability_of_superiority"] == again["probability_of_superiority"]
    assert rows["effect_size"] == again["effect_size"]
    assert superior(bent) == superior(frame)


@each_distribution
@given(
    frame=trials(),
    factor=st.sampled_from([0.1, 10.0, 2.5, 1000.0]),
    constant=st.integers(min_value=-50, max_value=50),
)
def test_scale_and_shift_move_a_change_with_them(distribution, frame, factor, constant):
    moved = frame.assign(
        before=frame["before"] * factor + constant, after=frame["after"] * factor + constant
    )

    # Bit by bit, 0.3 - 0.2 and 0.2 - 0.1 rank apart, so moving scores can move ranks.
    here = changed(frame, distribution=distribution, ties="rounded")
    there = changed(moved, distribution=distribution, ties="rounded")

    assert (there.statistic, there.p_value) == (here.statistic, here.p_value)
    np.testing.assert_allclose(
        [there.estimate, there.conf_low, there.conf_high],
        np.multiply([here.estimate, here.conf_low, here.conf_high], factor),
        atol=1e-10 * max(factor, 1),
    )


@each_distribution
@given(frame=trials(), pair=st.tuples(levels, levels))
def test_more_confidence_is_no_narrower_interval(distribution, frame, pair):
    low, high = sorted(pair)
    for find in (
        lambda level: ranked(frame, distribution=distribution, conf_level=level)[
            "median_difference"
        ],
        lambda level: changed(frame, distribution=distribution, conf_level=level),
        lambda level: superior(frame, conf_level=level),
    ):
        narrow, wide = find(low), find(high)
        assert wide.conf_low <= narrow.conf_low <= narrow.conf_high <= wide.conf_high
        assert wide.p_value == narrow.p_value


@given(frame=trials(), pair=st.tuples(levels, levels))
def test_more_confidence_is_a_wider_probability(frame, pair):
    low, high = sorted(pair)
    assume(high - low > 1e-6)
    narrow, wide = (
        ranked(frame, conf_level=level)["probability_of_superiority"] for level in (low, high)
    )

    assert wide.conf_low < narrow.conf_low or narrow.conf_low == 0
    assert narrow.conf_high < wide.conf_high or narrow.conf_high == 1


@given(frame=trials(), lost=st.integers(min_value=1, max_value=4))
def test_people_left_out_are_counted(frame, lost):
    gone = pd.DataFrame({"arm": TREATMENT, "before": 5.0, "after": np.nan}, index=range(lost))
    longer = pd.concat([frame, gone], ignore_index=True)

    assert ranked(longer) == ranked(frame)
    assert changed(longer) == changed(frame)
    for result in (
        tk.rank_sum(longer, outcome="after", arm="arm", reference=REFERENCE),
        tk.kruskal_wallis(longer, outcome="after", arm="arm"),
        tk.signed_rank(longer, outcome="after", baseline="before", arm=None),
    ):
        assert result.notes[0].startswith(f"{lost} of {len(longer)} records left out")


@given(frame=trials(arms=(*ARMS, "audiobook")))
def test_kruskal_wallis_knows_neither_order_nor_names_nor_units(frame):
    def statistic(f: pd.DataFrame) -> float:
        result = tk.kruskal_wallis(f, outcome="after", arm="arm")
        return result.select(quantity="joint_test")[0].statistic

    names = dict(zip([*ARMS, "audiobook"], ["z", "a", "m"], strict=True))
    other = frame.assign(arm=frame["arm"].map(names), after=np.exp(frame["after"]))

    assert statistic(other.iloc[::-1]) == pytest.approx(statistic(frame), rel=1e-9, abs=1e-12)


@given(frame=trials(arms=ARMS[:1]))
def test_friedman_of_two_visits_is_the_sign_test_without_its_exactness(frame):
    changes = (frame["after"] - frame["before"]).round(6)
    rises, falls = int((changes > 0).sum()), int((changes < 0).sum())
    assume(rises + falls > 0)
    people = frame[["before", "after"]].rename_axis("id").reset_index()
    long = people.melt(id_vars="id", var_name="visit", value_name="pain")

    result = tk.friedman(long, outcome="pain", subject="id", visit="visit")

    (row,) = result.select(quantity="joint_test")
    assert row.statistic == pytest.approx((rises - falls) ** 2 / (rises + falls), rel=1e-12)
