"""Decimals too coarse for the data are told by `trialkit check`, and refuse nothing."""

import sys
from pathlib import Path

import pytest

from trial_folder import DATA, STUDY, replaced, write_trial
from trialkit.cli import main
from trialkit.dataset.dataset import read_dataset
from trialkit.study.read import read_study

PAIN = 'better = "lower"\nresponder'


def data_of(values: list[float], offset: float = 0.0) -> str:
    """Return two people's groups whose scores before and after run through some values."""
    rows = [
        f"p{at:02},{at % 2},{value!r},{values[at - 1] + offset!r},f"
        for at, value in enumerate(values)
    ]
    return "\n".join(["id,arm,pain_before,pain_after,sex", *rows]) + "\n"


def declared(decimals: int, scale: str = "minimum = 0, maximum = 10") -> str:
    """Return the study with decimals declared, and its scale."""
    study = replaced(STUDY, PAIN, f"decimals = {decimals}\n{PAIN}")
    return replaced(study, "minimum = 0, maximum = 10", scale)


def findings(folder: Path, *, study: str, data: str) -> tuple[str, ...]:
    certificate = read_dataset(read_study(write_trial(folder, study=study, data=data))).certificate
    return certificate.findings


def steps_of(step: float) -> list[float]:
    """Return eight scores that lie whole steps apart."""
    return [round(1 + step * whole, 9) for whole in (0, 1, 2, 4, 7, 3, 1, 2)]


@pytest.mark.parametrize(
    ("step", "decimals", "needed"),
    [
        (0.2, 0, 1),
        (0.5, 0, 1),
        (0.25, 0, 1),
        (0.05, 1, 2),
        (1, 0, None),
        (0.1, 1, None),
        (0.25, 1, None),
        (0.05, 2, None),
        (10, 0, None),
    ],
)
def test_a_step_of_the_scale_that_a_mean_can_lose_is_told(
    tmp_path: Path, step: float, decimals: int, needed: int | None
):
    scale = "minimum = 0, maximum = 100" if step == 10 else "minimum = 0, maximum = 10"
    found = findings(tmp_path, study=declared(decimals, scale), data=data_of(steps_of(step)))

    told = (
        f"Pain: the scale has steps of {step:g}, and with decimals = {decimals} a printed mean "
        f"can lose more than half a step; declare decimals = {needed}"
    )
    assert found == (() if needed is None else (told,))


@pytest.mark.parametrize(
    ("scale", "values"),
    [
        ("minimum = 0", steps_of(0.2)),
        ("maximum = 10", steps_of(0.2)),
        ("minimum = 0, maximum = 10", [1.0, 1.3, 2.41, 3.1, 4.2, 1.9, 2.2, 3.33]),
        ("minimum = 0, maximum = 10", [1.0, 1.01, 2.41, 3.07, 4.2, 1.9, 2.22, 3.3]),
    ],
    ids=["no upper end", "no lower end", "no whole steps", "a measurement"],
)
def test_where_the_steps_are_not_clear_nothing_is_told(
    tmp_path: Path, scale: str, values: list[float]
):
    assert findings(tmp_path, study=declared(0, scale), data=data_of(values)) == ()


@pytest.mark.parametrize(
    ("size", "decimals", "needed"),
    [(0.01, 0, 3), (0.001, 1, 4), (1e-5, 2, 6), (1, 0, None), (0.1, 1, None), (0.001, 3, None)],
)
def test_a_spread_that_prints_as_zero_is_told(
    tmp_path: Path, size: float, decimals: int, needed: int | None
):
    values = [1 + size * part for part in (0.0, 0.31, 0.72, 0.15, 0.94, 0.48, 0.61, 0.27)]
    study = declared(decimals, "minimum = 0")

    told = (
        f"Pain: with decimals = {decimals} every standard deviation prints as 0; declare "
        f"decimals = {needed}"
    )
    found = findings(tmp_path, study=study, data=data_of(values))
    assert found == (() if needed is None else (told,))


def test_a_spread_that_no_decimals_show_asks_for_another_unit(tmp_path: Path):
    values = [1 + 1e-9 * part for part in (0.0, 3, 7, 1, 9, 4, 6, 2)]

    (found,) = findings(tmp_path, study=declared(6, "minimum = 0"), data=data_of(values))

    assert found == (
        "Pain: with decimals = 6 every standard deviation prints as 0; give the values in a "
        "smaller unit"
    )


def test_a_step_that_no_decimals_show_asks_for_another_unit(tmp_path: Path):
    values = [1e-7 * whole for whole in (10, 20, 30, 50, 80, 40, 21, 32)]

    (found,) = findings(
        tmp_path, study=declared(6, "minimum = 0, maximum = 0.00002"), data=data_of(values)
    )

    assert "steps of 1e-07" in found
    assert found.endswith("lose more than half a step; give the values in a smaller unit")


def test_a_step_is_seen_through_the_rounding_of_the_machine(tmp_path: Path):
    values = [0.1 + 0.2, 0.3, 0.9, 0.5, 1.1, 1.3, 0.7, 0.1 + 0.2]

    (found,) = findings(tmp_path, study=declared(0), data=data_of(values))

    assert found.startswith("Pain: the scale has steps of 0.2,")


def test_where_everybody_has_one_value_there_is_nothing_to_show(tmp_path: Path):
    assert findings(tmp_path, study=declared(0), data=data_of([3.5] * 8)) == ()


def test_whole_scores_with_the_default_are_shown(tmp_path: Path):
    assert findings(tmp_path, study=STUDY, data=DATA) == ()


def test_check_says_it_and_finds_no_mistake(tmp_path: Path, capsys, monkeypatch):
    write_trial(tmp_path / "mine", study=declared(0), data=data_of(steps_of(0.2)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["trialkit", "check", "mine"])

    with pytest.raises(SystemExit) as left:
        main()

    lines = capsys.readouterr().out.splitlines()
    assert left.value.code == 0
    assert "  Pain: the scale has steps of 0.2, and with decimals = 0 a printed mean " in "".join(
        line for line in lines if "steps" in line
    )
    assert lines[-1] == "no mistakes found"
