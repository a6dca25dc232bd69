"""What every verb does first: check the columns, set incomplete records aside, order the arms."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Final

import numpy as np
import pandas as pd

from trialkit.design.columns import finite_numbers, require_size
from trialkit.design.contrasts import unknown_reference
from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import Told, Value, tell, tell_list
from trialkit.numerics.arrays import BoolArray, FloatArray

NO_ARM: Final = "no arm"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompleteCases:
    """Records without missing values, and the notes that count the others by arm."""

    frame: pd.DataFrame
    notes: tuple[str, ...]


def require_columns(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    """Raise SpecificationError unless each column stands in the frame, once, by a name of text."""
    if not isinstance(frame, pd.DataFrame):
        raise SpecificationError(f"frame: expected a pandas DataFrame, found {a_kind(frame)}")
    names = list(columns)
    unnamed = [repr(name) for name in names if not isinstance(name, str)]
    if unnamed:
        raise SpecificationError(
            f"expected the names of columns as text, found {', '.join(unnamed)}; a column with "
            "another kind of name is renamed first: frame.rename(columns=str)"
        )
    absent = [repr(name) for name in dict.fromkeys(names) if name not in frame]
    if absent:
        raise SpecificationError(
            f"expected columns of the frame ({', '.join(map(str, frame.columns))}), "
            f"found {', '.join(absent)}"
        )
    twice = [repr(name) for name in dict.fromkeys(names) if list(frame.columns).count(name) > 1]
    if twice:
        raise SpecificationError(
            f"expected columns with different names, found {', '.join(twice)} more than once"
        )


def a_kind(value: object) -> str:
    """Return what a value is, for a message.

    >>> a_kind({}), a_kind(None)
    ('a dict', 'None')
    """
    return "None" if value is None else f"a {type(value).__name__}"


def require_conf_level(conf_level: float) -> None:
    """Raise unless a confidence level is a number strictly between 0 and 1."""
    if not isinstance(conf_level, Real) or not 0 < conf_level < 1:
        raise SpecificationError(f"conf_level: expected a number in (0, 1), found {conf_level!r}")


def require_word(value: str, vocabulary: Sequence[str], *, option: str) -> None:
    """Raise SpecificationError with the known words unless the value is one of them."""
    if not isinstance(value, str) or value not in vocabulary:
        raise SpecificationError(
            f"{option}: expected one of {', '.join(vocabulary)}, found {value!r}"
        )


def require_numeric(frame: pd.DataFrame, column: str, *, any_size: bool = False) -> None:
    """Raise unless a column holds finite numbers (or missing values) that can be squared.

    ``any_size`` is for a method that scales the numbers itself.
    """
    numbers = finite_numbers(frame, column)
    if not any_size:
        require_size(numbers, column)


def complete_cases(
    frame: pd.DataFrame, *, columns: Sequence[str], arm: str | None
) -> CompleteCases:
    """Return the records complete in ``columns``; a note counts those left out, by arm."""
    asked = [*columns, *([] if arm is None else [arm])]
    require_columns(frame, asked)
    names = list(dict.fromkeys(asked))
    incomplete = frame[names].isna().any(axis=1)
    if not incomplete.any():
        return CompleteCases(frame=frame, notes=())
    counted = left_out(frame[names], incomplete.to_numpy(), arm=arm)
    return CompleteCases(frame=frame[~incomplete], notes=counted.notes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeftOut:
    """Records that miss a value, counted; the counts of disjoint parts of a frame add up.

    Attributes
    ----------
    n_records : int
        All records, complete or not.
    n_left_out : int
    by_arm : dict or None
        Records left out of each arm, "no arm" among them; None where arms do not matter.
    by_column : dict
        Records left out that miss each column.
    """

    n_records: int
    n_left_out: int
    by_arm: Mapping[str, int] | None
    by_column: Mapping[str, int]

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence, or none where nothing was left out."""
        if not self.n_left_out:
            return ()
        said: dict[str, Value] = {
            "n": self.n_left_out,
            "total": self.n_records,
            "reasons": missing_in(self.by_column),
        }
        if self.by_arm is None:
            return (tell("{n} of {total} records left out as incomplete: {reasons}", **said),)
        note = tell(
            "{n} of {total} records left out as incomplete ({arms}): {reasons}",
            arms=in_words(self.by_arm),
            **said,
        )
        return (note,)

    def __add__(self, other: "LeftOut") -> "LeftOut":
        arms = Counter(self.by_arm or {})
        arms.update(other.by_arm or {})
        columns = Counter(self.by_column)
        columns.update(other.by_column)
        return LeftOut(
            n_records=self.n_records + other.n_records,
            n_left_out=self.n_left_out + other.n_left_out,
            by_arm=None if self.by_arm is None else dict(arms),
            by_column={name: columns[name] for name in {**self.by_column, **other.by_column}},
        )


def left_out(frame: pd.DataFrame, incomplete: BoolArray, *, arm: str | None) -> LeftOut:
    """Count how many records miss a value, by arm, and which of their columns."""
    records = frame[incomplete]
    missing = records.isna().sum()
    return LeftOut(
        n_records=len(frame),
        n_left_out=len(records),
        by_arm=None if arm is None else people_by_arm(records[arm]),
        by_column={str(name): int(count) for name, count in missing.items()},
    )


def people_by_arm(arms: pd.Series) -> dict[str, int]:
    """Return how many records each arm has; those without one are in ``NO_ARM``."""
    text = arms.astype(str).where(arms.notna(), NO_ARM)
    counts = text.astype("object").value_counts()
    return {str(level): int(count) for level, count in counts.items()}


def in_words(counts: Mapping[str, int]) -> Told:
    """Return counts by arm in the order of the arms' names."""
    return tell_list(
        (
            tell("{n} in no arm", n=n) if arm == NO_ARM else tell("{n} in {arm}", n=n, arm=arm)
            for arm, n in sorted(counts.items())
        ),
        "; ",
    )


def missing_in(counts: Mapping[str, int]) -> Told:
    """Return how many miss each column or visit, in words; what nobody misses is not named."""
    return tell_list(
        tell("{column} missing in {n}", column=column, n=n) for column, n in counts.items() if n
    )


def counted_by_arm(arms: pd.Series) -> Told:
    """Return how many people each arm has, in words.

    >>> counted_by_arm(pd.Series(["sham", "mindfulness", None, "sham"]))
    '1 in mindfulness; 1 in no arm; 2 in sham'
    """
    return in_words(people_by_arm(arms))


def arm_levels(frame: pd.DataFrame, arm: str, *, reference: str | None) -> tuple[str, ...]:
    """Return the arms that occur, the reference first.

    An ordered or unordered categorical keeps its order, other columns are sorted, so the
    order of the rows never matters.

    Raises
    ------
    SpecificationError
        If the reference does not occur (an arm coded as a number is named as text, "1").
    NotEstimableError
        If no record is complete, or a comparison is asked for and only one arm occurs.
    """
    column = frame[arm]
    if isinstance(column.dtype, pd.CategoricalDtype):
        present = set(column.dropna().astype(str))
        levels = [str(level) for level in column.cat.categories if str(level) in present]
    else:
        levels = sorted(column.dropna().astype(str).unique())
    if not levels:
        raise NotEstimableError(tell("no record is complete, so there is nothing to analyse"))
    if reference is None:
        return tuple(levels)
    if reference not in levels:
        if reference in declared_arms(column):
            raise NotEstimableError(tell("no complete record in arm '{arm}'", arm=reference))
        raise unknown_reference(levels, reference)
    require_two_arms(levels)
    return (reference, *(level for level in levels if level != reference))


def compared_levels(frame: pd.DataFrame, arm: str, *, reference: str) -> tuple[str, ...]:
    """Return the arms that occur, the reference first, where a reference must be named.

    Raises
    ------
    SpecificationError
        If no reference is named, or it does not occur.
    NotEstimableError
        If no record is complete, or only one arm occurs.
    """
    levels = arm_levels(frame, arm, reference=reference)
    if reference is None:
        raise unknown_reference(levels, reference)
    return levels


def require_two_arms(levels: Sequence[str]) -> None:
    """Raise unless there is an arm beside the first."""
    if len(levels) < 2:
        raise NotEstimableError(
            tell("only arm '{arm}' has complete records; nothing to compare", arm=levels[0])
        )


def declared_arms(column: pd.Series) -> tuple[str, ...]:
    """Return the arms that a categorical column declares, whether or not they occur."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return tuple(map(str, column.cat.categories))
    return ()


def values_by_arm(
    frame: pd.DataFrame, *, outcome: str, arm: str, levels: Iterable[str]
) -> dict[str, FloatArray]:
    """Return the outcome of each arm as floats, in the order of the rows."""
    arms = frame[arm].astype(str)
    return {
        level: frame.loc[arms.eq(level), outcome].to_numpy(dtype=np.float64) for level in levels
    }
