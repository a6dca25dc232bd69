"""Records become an ADaM frame with a certificate, or are refused with every finding."""

import io

import pandas as pd
import pytest

from trial_folder import DATA, STUDY, replaced, write_trial
from trialkit.dataset.dataset import read_dataset
from trialkit.errors import DataError
from trialkit.study.read import read_study

# Ten broken data files: what is changed, and what the message must say of it.
BROKEN = [
    pytest.param("", ("expected a table with a head", "empty file"), id="empty"),
    pytest.param("id,arm,pain_before,pain_after,sex\n", ("at least one record",), id="head only"),
    pytest.param(
        replaced(DATA, "pain_after", "pain"),
        ("endpoint[0].columns.after", "'pain_after'", "pain_before"),
        id="absent column",
    ),
    pytest.param(
        replaced(DATA, "p03,0,5,4,f", "p03,0,5,4,f,extra"),
        ("5 fields in every row", "row 4 has 6"),
        id="row too long",
    ),
    pytest.param(replaced(DATA, "p03,0,5,4,f", "p03,0,5"), ("row 4 has 3",), id="row too short"),
    pytest.param(
        replaced(DATA, "p03,0,5,4", "p03,0,5,severe"),
        ("column pain_after", "numbers", "'severe'"),
        id="text for a number",
    ),
    pytest.param(
        replaced(DATA, "p03,0,5,4", "p03,0,5,40"),
        ("endpoint pain", "from 0.0 to 10.0", "1 outside, e.g. 40"),
        id="outside the scale",
    ),
    pytest.param(
        replaced(DATA, "p03,0", "p03,2"),
        ("column arm", "allowed: 0, 1", "'2' in 1 records"),
        id="unknown arm",
    ),
    pytest.param(
        replaced(DATA, "p03,", "p02,"),
        ("one row a person", "2 rows for 1 people"),
        id="doubled person",
    ),
    pytest.param(replaced(DATA, "p03,", ","), ("1 records without one",), id="no identifier"),
    pytest.param(
        DATA.replace(",1,", ",0,"), ("people in every arm", "mindfulness"), id="empty arm"
    ),
    pytest.param(replaced(DATA, "sex", "arm"), ("each column once", "arm"), id="doubled column"),
    pytest.param(DATA.encode("utf-16"), ("expected utf-8 text",), id="another encoding"),
    pytest.param(replaced(DATA, "p03,0", '"p03,0'), ("comma-separated text",), id="open quote"),
]


def dataset(folder, **text):
    return read_dataset(read_study(write_trial(folder, **text)))


def test_wide_data_become_one_row_a_person_and_visit(tmp_path):
    found = dataset(tmp_path)

    assert len(found.frame) == 24
    row = found.frame.query("USUBJID == 'p07' and AVISIT == 'After'").iloc[0]
    assert (row.ARMCD, row.TRT01P, row.AVAL, row.BASE, row.CHG, row.PCHG) == (
        "mindfulness",
        "Mindfulness",
        3.0,
        6.0,
        -3.0,
        -50.0,
    )
    assert (row.ITTFL, row.ABLFL, row.ANL01FL, row.sex) == ("Y", "N", "Y", "f")
    assert found.certificate.n_subjects == 12
    assert found.certificate.n_values == 23


@pytest.mark.parametrize(("data", "said"), BROKEN)
def test_broken_data_are_refused_with_the_reason(tmp_path, data, said):
    with pytest.raises(DataError) as caught:
        dataset(tmp_path, data=data)

    for part in said:
        assert part in str(caught.value)


def test_findings_of_one_kind_come_together(tmp_path):
    broken = replaced(replaced(DATA, "p03,0", "p03,7"), "p05,0", ",0")

    with pytest.raises(DataError) as caught:
        dataset(tmp_path, data=broken)

    assert len(caught.value.findings) == 2


def test_offending_records_are_on_the_error_not_in_its_text(tmp_path):
    with pytest.raises(DataError) as caught:
        dataset(tmp_path, data=replaced(DATA, "p03,0,5,4", "p03,0,5,40"))

    assert list(caught.value.records["USUBJID"]) == ["p03"]
    assert "p03" not in str(caught.value)


def test_the_fingerprint_is_of_the_content_not_of_the_order(tmp_path):
    head, *rows = DATA.splitlines()
    turned = "\n".join([head, *reversed(rows)]) + "\n"

    one = dataset(tmp_path / "a").certificate.fingerprint
    two = dataset(tmp_path / "b", data=turned).certificate.fingerprint
    three = dataset(tmp_path / "c", data=replaced(DATA, "p03,0,5,4", "p03,0,5,5"))

    assert one == two != three.certificate.fingerprint


def test_a_rule_sets_values_missing_and_is_counted(tmp_path):
    rule = """
[[data.rule]]
id = "no-diary"
columns = ["pain_after"]
when = [
    { column = "pain_after", operator = "<=", value = 1 },
    { column = "sex", operator = "==", value = "m" },
]
reason = "a test"
"""
    found = dataset(tmp_path, study=replaced(STUDY, "\n[[arm]]", rule + "\n[[arm]]"))

    change = next(item for item in found.certificate.changes if "no-diary" in item.step)
    assert change.count == 1
    assert change.where == "pain_after"
    assert found.frame.query("USUBJID == 'p12' and AVISIT == 'After'")["AVAL"].isna().all()


def test_a_filter_leaves_records_out_and_is_counted(tmp_path):
    step = """
[[data.filter]]
id = "women"
where = [{ column = "arm", operator = "==", value = 1 }]
keep = [{ column = "sex", operator = "in", values = ["f"] }]
reason = "a test"
"""
    found = dataset(tmp_path, study=replaced(STUDY, "\n[[arm]]", step + "\n[[arm]]"))

    change = next(item for item in found.certificate.changes if "women" in item.step)
    assert change.count == 3
    assert len(found.subjects) == 9


LONG_STUDY = replaced(
    replaced(STUDY, 'arm = "arm"', 'arm = "arm"\nvisit = "moment"'),
    'columns = { before = "pain_before", after = "pain_after" }',
    'value = "pain"',
)


def long_data(*extra: str) -> str:
    wide = pd.read_csv(io.StringIO(DATA), dtype=str).fillna("")
    rows = [
        f"{row.id},{row.arm},{moment},{value}"
        for row in wide.itertuples()
        for moment, value in (("before", row.pain_before), ("after", row.pain_after))
    ]
    return "\n".join(["id,arm,moment,pain", *rows, *extra]) + "\n"


def test_long_data_give_the_same_records_as_wide(tmp_path):
    wide = dataset(tmp_path / "wide")
    long = dataset(tmp_path / "long", study=LONG_STUDY, data=long_data())

    assert long.certificate.fingerprint == wide.certificate.fingerprint


def test_doubled_records_are_refused_unless_averaging_is_declared(tmp_path):
    data = long_data("p01,0,after,7")

    with pytest.raises(DataError, match='aggregate = "mean"'):
        dataset(tmp_path / "a", study=LONG_STUDY, data=data)

    declared = replaced(LONG_STUDY, 'value = "pain"', 'value = "pain"\naggregate = "mean"')
    found = dataset(tmp_path / "b", study=declared, data=data)
    assert found.frame.query("USUBJID == 'p01' and AVISIT == 'After'")["AVAL"].item() == 6.0


def test_an_unknown_visit_is_refused(tmp_path):
    with pytest.raises(DataError, match="'later' in 1 records"):
        dataset(tmp_path, study=LONG_STUDY, data=long_data("p01,0,later,7"))


def test_a_baseline_column_serves_where_no_visit_is_the_baseline(tmp_path):
    study = replaced(LONG_STUDY, 'visit = "moment"', 'visit = "moment"\nbaseline = "start"')
    study = replaced(study, "baseline = true\n", "")
    rows = ["p1,0,after,5,6", "p2,0,after,4,5", "p3,1,after,3,6", "p4,1,before,2,9"]
    data = "\n".join(["id,arm,moment,pain,start", *rows]) + "\n"

    found = dataset(tmp_path, study=study, data=data)

    assert found.frame.set_index("USUBJID")["CHG"].to_dict() == {
        "p1": -1.0,
        "p2": -1.0,
        "p3": -3.0,
        "p4": -7.0,
    }


def test_a_baseline_of_zero_has_no_percent_change_and_is_counted(tmp_path):
    found = dataset(tmp_path, data=replaced(DATA, "p01,0,6", "p01,0,0"))

    row = found.frame.query("USUBJID == 'p01' and AVISIT == 'After'").iloc[0]
    assert pd.isna(row.PCHG)
    assert "1 person has a baseline of 0" in found.certificate.findings[0]


def test_a_byte_order_mark_and_a_decimal_comma_are_read_and_said(tmp_path):
    data = ("\ufeff" + DATA.replace(",", ";").replace("p01;0;6", "p01;0;6,5")).encode()
    study = replaced(STUDY, 'arm = "arm"', 'arm = "arm"\nseparator = ";"\ndecimal = ","')

    found = dataset(tmp_path, study=study, data=data)

    assert any("byte-order mark" in change.step for change in found.certificate.changes)
    assert found.frame.query("USUBJID == 'p01' and AVISIT == 'Before'")["AVAL"].item() == 6.5


def test_columns_with_derived_names_are_replaced_and_said(tmp_path):
    data = replaced(DATA, "sex", "BASE").replace(",f\n", ",1\n").replace(",m\n", ",2\n")

    found = dataset(tmp_path, data=data)

    assert any(change.step == "columns not carried" for change in found.certificate.changes)
    assert found.frame.query("USUBJID == 'p07' and AVISIT == 'After'")["BASE"].item() == 6.0
