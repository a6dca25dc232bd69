"""A data file to a first study.toml: what can be guessed is filled in and marked CHECK."""

import csv
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from trialkit.dataset.columns import code_keys, numbers_where_possible
from trialkit.dataset.reading import read_text_table
from trialkit.errors import DataError, SpecificationError
from trialkit.study.codes import is_number
from trialkit.study.read import STUDY_FILE, read_study
from trialkit.study.records import DataPlan, Table
from trialkit.study.template import Guess, GuessedArm, GuessedVisit, study_template

SUBJECT_NAMES = re.compile(r"(usubjid|subj|sub|participant|patient|person|pid|id)", re.IGNORECASE)
ARM_NAMES = re.compile(r"(trt01p|treat|trt|arm|group|condition|alloc)", re.IGNORECASE)
VISIT_NAMES = re.compile(
    r"^(avisit|visit|time|timepoint|phase|session|week|wave|task)", re.IGNORECASE
)
MOMENT = (
    r"(?:pre|post|before|after|baseline|base|bl|end|fu|followup|follow_up|"
    r"(?:week|wk|w|month|mo|m|day|d|visit|v|t)_?\d+)"
)
SUFFIX = re.compile(rf"^(?P<stem>.+?)[_. -]?(?P<moment>{MOMENT})$", re.IGNORECASE)
PREFIX = re.compile(rf"^(?P<moment>{MOMENT})[_. -]?(?P<stem>.+)$", re.IGNORECASE)
ALONE = re.compile(rf"^(?P<moment>{MOMENT})$", re.IGNORECASE)
OUTCOME_NAMES = (
    re.compile(r"pain|vas|nrs|aval|score|rating|intens", re.IGNORECASE),
    re.compile(r"^(post|y|outcome|end|after|value|result)", re.IGNORECASE),
)
DESCRIPTION_NAMES = re.compile(
    r"age|sex|gender|bmi|height|weight|site|cent(re|er)|year|date|visitn|avisitn|num|id$",
    re.IGNORECASE,
)
FIRST = re.compile(r"^(pre|before|baseline|base|bl|.*_?0)$", re.IGNORECASE)
MOST_ARMS = 8
MOST_VISITS = 20
SEPARATORS = ",;\t|"
# Codes that stand for no value where they occur among numbers.
NO_VALUE = ("nan", "NaN", ".")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """What a first look at a data file shows."""

    frame: pd.DataFrame
    separator: str
    decimal: Literal[".", ","]
    missing: tuple[str, ...] = DataPlan().missing


def write_new_study(folder: Path, data_file: Path) -> tuple[str, ...]:
    """Make a study folder from a data file: a copy of the file and a commented study.toml.

    Parameters
    ----------
    folder : Path
        Made if it does not exist; its name becomes the study's id.
    data_file : Path
        CSV; separator and decimal sign are recognised.

    Returns
    -------
    tuple of str
        What was guessed, a line each, for the user to check.

    Raises
    ------
    SpecificationError
        If the folder already holds a study.toml or other data under the file's name, or the
        data file does not exist.
    DataError
        If the data file cannot be read as a table, or holds control characters. Nothing is
        written then.
    """
    refuse_to_overwrite(folder, data_file)
    look = first_look(data_file)
    guess = guess_study(look, study=study_id(folder), file=data_file.name)
    with tempfile.TemporaryDirectory() as scratch:
        draft = Path(scratch) / "study"
        draft.mkdir()
        shutil.copyfile(data_file, draft / data_file.name)
        (draft / STUDY_FILE).write_text(study_template(guess), encoding="utf-8")
        try:
            read_study(draft)
        except SpecificationError as error:
            raise DataError(
                f"{data_file.name}: no plan can be made of it as it stands", error.findings
            ) from error
        folder.mkdir(parents=True, exist_ok=True)
        for name in (data_file.name, STUDY_FILE):
            shutil.copyfile(draft / name, folder / name)
    return guess.lines


def refuse_to_overwrite(folder: Path, data_file: Path) -> None:
    """Raise if a file of the folder would be lost, or there is no data file."""
    if (folder / STUDY_FILE).exists():
        raise SpecificationError(
            f"{folder / STUDY_FILE} already exists; give another folder, or delete it first"
        )
    if not data_file.is_file():
        raise SpecificationError(f"there is no data file {data_file}")
    if data_file.name == STUDY_FILE:
        raise SpecificationError(f"a data file cannot be named {STUDY_FILE}; give it another name")
    copy = folder / data_file.name
    if copy.exists() and copy.read_bytes() != data_file.read_bytes():
        raise SpecificationError(
            f"{copy} already exists and holds other data; give another folder, or delete it first"
        )


def study_id(folder: Path) -> str:
    """Return a study id made from a folder's name."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", folder.resolve().name).strip("-._")
    return (name or "study")[:64]


def first_look(data_file: Path) -> Look:
    """Read a data file with the separator and decimal sign that it seems to use."""
    try:
        text = data_file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{data_file.name}: expected UTF-8 text, found other bytes; save the file as UTF-8 "
            '("CSV UTF-8" in a spreadsheet) and try again'
        ) from error
    head = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    separator = max(SEPARATORS, key=lambda sign: field_count(head, sign))
    plan = DataPlan(file=data_file.name, subject="unknown", separator=separator)
    frame = read_text_table(data_file, Table(file=data_file.name), plan).frame
    missing = (*plan.missing, *missing_codes(frame))
    frame = frame.mask(frame.isin(list(missing)))
    decimal: Literal[".", ","] = decimal_sign(frame) if separator != "," else "."
    return Look(
        frame=numbers_where_possible(frame, decimal=decimal),
        separator=separator,
        decimal=decimal,
        missing=missing,
    )


def field_count(line: str, separator: str) -> int:
    """Return how many fields a line has under a separator, none if it cannot be read."""
    try:
        return len(next(csv.reader([line], delimiter=separator), []))
    except csv.Error:
        return 0


def missing_codes(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the codes for no value that stand in columns of numbers otherwise."""
    found: set[str] = set()
    for name in frame:
        values = frame[name].dropna()
        coded = values.isin(NO_VALUE)
        numbers = values[~coded].str.replace(",", ".", regex=False)
        if len(numbers) and numbers.map(is_number).all():
            found |= set(values[coded])
    return tuple(code for code in NO_VALUE if code in found)


def decimal_sign(frame: pd.DataFrame) -> Literal[".", ","]:
    """Return the decimal sign that makes numbers of more columns."""
    point, comma = (number_columns(frame, sign) for sign in (".", ","))
    return "," if comma > point else "."


def number_columns(frame: pd.DataFrame, decimal: str) -> int:
    """Return how many columns hold only numbers under a decimal sign."""
    numbers = numbers_where_possible(frame, decimal=decimal)
    return sum(pd.api.types.is_numeric_dtype(numbers[name]) for name in numbers)


def guess_study(look: Look, *, study: str, file: str) -> Guess:
    """Return what a first look suggests about people, arms, visits and outcomes."""
    frame = look.frame
    subject = named(frame, SUBJECT_NAMES, fits=lambda column: bool(column.notna().all()))
    subject = subject or str(frame.columns[0])
    arm = named(
        frame.drop(columns=[subject]), ARM_NAMES, fits=lambda c: 2 <= c.nunique() <= MOST_ARMS
    )
    rest = frame.drop(columns=[name for name in (subject, arm) if name])
    outcome = guess_outcome(rest, repeated=bool(frame[subject].duplicated().any()))
    arms = guess_arms(frame[arm]) if arm else (GuessedArm(id="treatment", code=None),)
    require_something(outcome, arms, file=file)
    measured = [outcome.value] if outcome.value else list(outcome.columns.values())
    keys = [subject, outcome.visit] if outcome.visit else [subject]
    used = {subject, arm, outcome.visit, *measured}
    return Guess(
        study=study,
        file=file,
        separator=look.separator,
        decimal=look.decimal,
        subject=subject,
        arm=arm,
        visit=outcome.visit,
        arms=arms,
        visits=outcome.visits,
        endpoint=identifier(outcome.stem, "outcome"),
        columns=outcome.columns,
        value=outcome.value,
        repeats=outcome.visit is not None and bool(frame.duplicated(keys).any()),
        values=tuple(
            float(number) for name in measured for number in (frame[name].min(), frame[name].max())
        ),
        missing=look.missing,
        passed_over=tuple(passed_over(frame.drop(columns=[name for name in used if name]), arm)),
    )


def passed_over(rest: pd.DataFrame, arm: str | None) -> Iterator[str]:
    """Yield why a column that sounds like the arms or an outcome was not taken."""
    for name in map(str, rest.columns):
        column = rest[name]
        if ARM_NAMES.search(name):
            count = column.nunique()
            reason = f"{count} codes, not 2 to {MOST_ARMS}"
            if arm and 2 <= count <= MOST_ARMS:
                reason = f"{arm} holds the arms"
        elif unlikeliness(name) > 1:
            continue
        elif pd.api.types.is_numeric_dtype(column):
            reason = "another outcome was taken"
        else:
            values = column.dropna()
            wrong = values[~values.map(is_number).astype(bool)]
            wrong = wrong if len(wrong) else values
            reason = f"{len(wrong)} cells are no numbers, e.g. {wrong.iloc[0]!r}"
        yield f"{name} passed over: {reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The likeliest outcome: one column in long data, a column a visit in wide data."""

    stem: str
    visits: tuple[GuessedVisit, ...]
    visit: str | None = None
    value: str | None = None
    columns: dict[str, str] = field(default_factory=dict)


def guess_outcome(frame: pd.DataFrame, *, repeated: bool) -> Outcome:
    """Return the likeliest outcome and its visits."""
    visit = (
        named(frame, VISIT_NAMES, fits=lambda c: c.nunique() <= MOST_VISITS) if repeated else None
    )
    if visit is not None:
        keys = list(dict.fromkeys(code_keys(frame[visit].dropna())))
        keys = sorted(keys, key=float) if all(map(is_number, keys)) else keys
        values = outcome_columns(frame.drop(columns=[visit]))[:1]
        return Outcome(
            stem=values[0] if values else "outcome",
            visits=tuple(
                GuessedVisit(id=name, code=key, order=order)
                for order, (name, key) in enumerate(
                    zip(identifiers(keys, "visit"), keys, strict=True)
                )
            ),
            visit=visit,
            value=values[0] if values else None,
        )
    stem, moments = visit_columns(frame)
    visits = tuple(
        GuessedVisit(id=name, code=None, order=order)
        for order, name in enumerate(identifiers(moments, "visit"))
    )
    columns = dict(zip((item.id for item in visits), moments.values(), strict=True))
    return Outcome(stem=stem, visits=visits, columns=columns)


def guess_arms(column: pd.Series) -> tuple[GuessedArm, ...]:
    """Return the arms that a column codes, in the order of their codes."""
    keys = sorted(code_keys(column.dropna()).unique())
    names = identifiers(keys, "arm")
    return tuple(GuessedArm(id=name, code=key) for name, key in zip(names, keys, strict=True))


def require_something(outcome: Outcome, arms: tuple[GuessedArm, ...], *, file: str) -> None:
    """Raise unless there is an outcome, and arms or visits to compare."""
    if not outcome.columns and outcome.value is None:
        raise DataError(f"{file}: expected at least one column of numbers to analyse, found none")
    if len(arms) == 1 and len(outcome.visits) == 1:
        raise DataError(
            f"{file}: expected a column of arms (2 to {MOST_ARMS} codes, named like arm or "
            "group), or one outcome at two visits (columns named like pain_pre and pain_post); "
            "found neither"
        )


def named(
    frame: pd.DataFrame, pattern: re.Pattern[str], *, fits: Callable[[pd.Series], bool]
) -> str | None:
    """Return the first column whose name matches and whose values fit; exact names first."""
    matches = [str(name) for name in frame.columns if pattern.search(str(name))]
    matches.sort(key=lambda name: pattern.fullmatch(name) is None)
    return next((name for name in matches if fits(frame[name])), None)


def outcome_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns of numbers, the likeliest outcomes first."""
    numeric = [str(name) for name in frame if pd.api.types.is_numeric_dtype(frame[name])]
    numeric = [name for name in numeric if frame[name].nunique() > 2] or numeric
    return sorted(numeric, key=unlikeliness)


def unlikeliness(name: str) -> int:
    """Return how little a column's name sounds like an outcome."""
    for rank, pattern in enumerate(OUTCOME_NAMES):
        if pattern.search(name):
            return rank
    return 3 if DESCRIPTION_NAMES.search(name) else 2


def visit_columns(frame: pd.DataFrame) -> tuple[str, dict[str, str]]:
    """Return the outcome measured most often in wide data, and its column at each moment."""
    groups: dict[str, dict[str, str]] = {}
    for name in outcome_columns(frame):
        match = ALONE.match(name) or SUFFIX.match(name) or PREFIX.match(name)
        if match:
            stem = match.groupdict().get("stem") or "outcome"
            groups.setdefault(stem.strip("_. -"), {})[match["moment"].lower()] = name
    repeated = {stem: moments for stem, moments in groups.items() if len(moments) > 1}
    if repeated:
        stem = max(repeated, key=lambda key: len(repeated[key]))
        ordered = sorted(repeated[stem].items(), key=lambda item: moment_order(item[0]))
        return stem, dict(ordered)
    outcomes = outcome_columns(frame)
    return (outcomes[0], {"end": outcomes[0]}) if outcomes else ("outcome", {})


def moment_order(moment: str) -> tuple[int, int]:
    """Return a key that puts baseline first and numbered moments in their order."""
    digits = re.search(r"\d+", moment)
    return (0 if FIRST.match(moment) else 1, int(digits.group()) if digits else 0)


def identifiers(texts: Iterable[str], kind: str) -> list[str]:
    """Return an id for each text; where two would be the same, the later gets a number."""
    names: list[str] = []
    for text in texts:
        name = first = identifier(text, kind)
        number = 1
        while name in names:
            number += 1
            name = f"{first[:60]}_{number}"
        names.append(name)
    return names


def identifier(text: str, kind: str) -> str:
    """Return an id made from a code or column name; a bare number gets its kind in front."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", str(text)).strip("_.-").lower() or kind
    return f"{kind}_{name}"[:64] if not name[0].isalpha() else name[:64]
