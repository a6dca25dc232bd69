"""A stored result comes back equal, to the last bit."""

import json
from math import inf

from hypothesis import given
from hypothesis import strategies as st

import trialkit as tk
from trialkit.result.analysis_result import Call, Estimate, FitStatistic
from trialkit.terms import Quantity, allowed

NUMBERS = (
    *("estimate", "std_error", "df", "statistic", "p_value", "p_adjusted"),
    *("conf_low", "conf_high", "conf_level"),
)
number = st.none() | st.floats(allow_nan=False)
name = st.none() | st.text(max_size=12)
estimates = st.builds(
    Estimate,
    quantity=st.sampled_from(allowed(Quantity)),
    parameter=name,
    visit=name,
    arm=name,
    reference_arm=name,
    n_subjects=st.none() | st.integers(min_value=0),
    **dict.fromkeys(NUMBERS, number),
    method=st.text(max_size=20),
)
# A figure about a fit may be text, so an infinite one would come back as the word.
value = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.text()
results = st.builds(
    tk.AnalysisResult,
    analysis_id=name,
    estimand=name,
    method=st.text(max_size=40),
    estimates=st.lists(estimates, max_size=3).map(tuple),
    fit=st.lists(st.builds(FitStatistic, name=st.text(), value=value), max_size=3).map(tuple),
    notes=st.lists(st.text(), max_size=3).map(tuple),
    provenance=st.builds(
        Call,
        verb=st.text(),
        options=st.lists(st.tuples(st.text(), st.text()), max_size=2).map(tuple),
        trialkit=st.text(),
    ),
)


@given(result=results)
def test_json_gives_back_an_equal_result(result: tk.AnalysisResult):
    assert tk.AnalysisResult.from_json(result.to_json()) == result


@given(result=results)
def test_the_text_is_json_that_any_program_reads(result: tk.AnalysisResult):
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    json.loads(result.to_json(), parse_constant=refuse)


def test_infinite_limits_survive():
    row = Estimate(
        quantity="number_needed_to_treat", estimate=inf, conf_low=-inf, conf_high=5.0, method="m"
    )
    result = tk.AnalysisResult(
        method="m", estimates=(row,), provenance=Call(verb="responders", trialkit="0")
    )

    (stored,) = tk.AnalysisResult.from_json(result.to_json()).estimates

    assert (stored.estimate, stored.conf_low, stored.conf_high) == (inf, -inf, 5.0)


@given(result=results)
def test_tidy_has_a_row_an_estimate(result: tk.AnalysisResult):
    tidy = result.tidy()

    assert len(tidy) == len(result.estimates)
    assert list(tidy.columns) == list(Estimate.__dataclass_fields__)
