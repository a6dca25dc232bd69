"""A data file becomes a study that runs, or is refused with a reason; nothing is lost."""

import pytest

from trialkit.dataset.new_study import identifiers, write_new_study
from trialkit.errors import DataError, SpecificationError
from trialkit.run.study import run_study
from trialkit.study.read import read_study


def wide(first="a", second="b", columns=("pain_pre", "pain_post")):
    """Return a table of two arms before and after."""
    lines = [f"id,group,{','.join(columns)}"]
    for number in range(20):
        arm = second if number % 2 else first
        lines.append(f"{number},{arm},{number % 8 + 1},{number * 7 % 9}")
    return "\n".join(lines) + "\n"


def made(folder, data, *, name="trial.csv"):
    """Write a data file, make a study of it; return its folder and the guesses."""
    source = folder / "source"
    source.mkdir()
    content = data if isinstance(data, bytes) else data.encode()
    (source / name).write_bytes(content)
    return folder / "mine", write_new_study(folder / "mine", source / name)


@pytest.mark.parametrize(
    "arms",
    [
        ("冥想", "呼吸"),
        ("A", "a"),
        ("med+", "med-"),
        ("x" * 70 + "1", "x" * 70 + "2"),
        ("a   # b", "c"),
        ('"a ""b"" \\"', "c"),
        ("0", "1"),
    ],
)
def test_arms_of_any_code_stay_apart(tmp_path, arms):
    folder, _ = made(tmp_path, wide(*arms))

    results = run_study(folder, articles=())

    assert len({arm.id for arm in results.study.arm}) == 2
    assert [record.status for record in results.analyses] == ["ran"]


def test_a_later_id_never_takes_an_earlier_one():
    assert identifiers(["A", "a", "a_2", "a"], "arm") == ["a", "a_2", "a_2_2", "a_3"]


def test_a_code_in_words_is_the_label(tmp_path):
    folder, _ = made(tmp_path, wide("冥想", "Slow breathing"))

    assert {arm.label for arm in read_study(folder).arm} == {"冥想", "Slow breathing"}


def test_a_column_name_like_a_comment_is_kept(tmp_path):
    columns = ("pain   # x_pre", "pain   # x_post")
    folder, _ = made(tmp_path, wide(columns=columns))

    assert tuple(read_study(folder).endpoint[0].columns.values()) == columns


@pytest.mark.parametrize(
    ("codes", "order"),
    [(("12", "0", "4"), ("0", "4", "12")), (("基线", "终点"), ("基线", "终点"))],
)
def test_visits_stand_in_order_and_apart(tmp_path, codes, order):
    rows = [
        f"{number},{'ab'[number % 2]},{code},{(number * 3 + position) % 7}"
        for number in range(20)
        for position, code in enumerate(codes)
    ]
    folder, _ = made(tmp_path, "\n".join(["id,arm,week,score", *rows]) + "\n")

    study = read_study(folder)

    assert tuple(visit.code for visit in study.visits) == order
    assert len({visit.id for visit in study.visit}) == len(order)


@pytest.mark.parametrize("code", ["nan", "NaN", "."])
def test_codes_for_no_value_among_numbers_are_missing(tmp_path, code):
    folder, guesses = made(tmp_path, wide().replace(",1\n", f",{code}\n"))

    assert read_study(folder).data.missing == ("", "NA", code)
    assert any(repr(code) in guess for guess in guesses)
    assert [record.status for record in run_study(folder, articles=()).analyses] == ["ran"]


def test_a_column_passed_over_is_named_with_the_reason(tmp_path):
    text = wide().replace(",1\n", ",about 1\n").replace("id,group", "id,treatment")
    rows = [f"{line},{position}" for position, line in enumerate(text.splitlines()[1:])]
    _, guesses = made(tmp_path, "\n".join([text.splitlines()[0] + ",arm_code", *rows]) + "\n")

    assert "pain_post passed over: 2 cells are no numbers, e.g. 'about 1'" in guesses
    assert "arm_code passed over: 20 codes, not 2 to 8" in guesses


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_refused_with_the_remedy(tmp_path, encoding):
    with pytest.raises(DataError, match="save the file as UTF-8"):
        made(tmp_path, wide("é").encode(encoding))
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("sign", ["\x00", "\x01", "\x7f", "\x85"])
def test_control_characters_are_refused_by_their_place(tmp_path, sign):
    with pytest.raises(DataError, match=r"^trial\.csv: .*\n.*arm\[0\]") as caught:
        made(tmp_path, wide(f"a{sign}z"))
    assert "/" not in str(caught.value)
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize(("old", "new"), [(",", ";"), (",", "|"), (",", "\t"), ("\n", "\r")])
def test_other_separators_and_line_ends_are_read(tmp_path, old, new):
    folder, _ = made(tmp_path, "\n\n" + wide().replace(old, new))

    assert [record.status for record in run_study(folder, articles=()).analyses] == ["ran"]


def test_data_that_stand_there_are_not_replaced(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/trial.csv").write_text("other")

    with pytest.raises(SpecificationError, match="holds other data"):
        made(tmp_path, wide())
    assert (tmp_path / "mine/trial.csv").read_text() == "other"


def test_the_same_data_may_stand_there_already(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/trial.csv").write_text(wide())

    folder, _ = made(tmp_path, wide())

    assert read_study(folder).id == "mine"


def test_a_data_file_named_like_the_plan_is_refused(tmp_path):
    with pytest.raises(SpecificationError, match="another name"):
        made(tmp_path, wide(), name="study.toml")
    assert not (tmp_path / "mine").exists()
