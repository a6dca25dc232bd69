"""Tables of trials, one row a trial or one row an arm of it, to what the numerics room takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from trialkit.analysis.frames import complete_cases, require_columns, require_numeric
from trialkit.analysis.summaries import count_findings, require_usable_moments
from trialkit.design.contrasts import Pair
from trialkit.design.linear import parse_terms
from trialkit.design.moderators import moderator_matrix
from trialkit.errors import DataError, NotEstimableError, SpecificationError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.effect_measures import ArmMeans, Tables


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trials:
    """Estimates of k trials in display order.

    ``subgroups`` and ``n_subjects`` are None where no column was named; ``X`` holds an
    intercept and the moderators, ``terms`` their names.
    """

    names: tuple[str, ...]
    estimate: FloatArray
    variance: FloatArray
    n_subjects: tuple[int, ...] | None = None
    subgroups: tuple[str, ...] | None = None
    X: FloatArray | None = None
    terms: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def only(self, keep: Sequence[bool]) -> "Trials":
        """Return some of the trials."""
        chosen = np.flatnonzero(np.asarray(keep))
        return replace(
            self,
            names=tuple(self.names[i] for i in chosen),
            estimate=self.estimate[chosen],
            variance=self.variance[chosen],
            n_subjects=self.n_subjects and tuple(self.n_subjects[i] for i in chosen),
            subgroups=self.subgroups and tuple(self.subgroups[i] for i in chosen),
            X=None if self.X is None else self.X[chosen],
        )


def read_trials(
    frame: pd.DataFrame,
    *,
    estimate: str,
    std_error: str | None,
    variance: str | None,
    trial: str,
    n: str | None = None,
    subgroup: str | None = None,
    moderators: str | None = None,
) -> Trials:
    """Return the trials of a frame with one row each; incomplete ones are left out and named.

    Raises
    ------
    SpecificationError
        If a column does not exist, or not exactly one of std_error and variance is named.
    DataError
        If a trial has two rows, or a standard error or variance is not positive.
    """
    spread = std_error or variance
    if spread is None or (std_error and variance):
        raise SpecificationError(
            "expected one of std_error and variance, found "
            + ("both" if std_error and variance else "neither")
        )
    terms = parse_terms(moderators) if moderators else None
    others = [*filter(None, (n, subgroup)), *(terms.columns if terms else ())]
    require_columns(frame, [trial, estimate, spread, *others])
    for column in filter(None, (estimate, spread, n)):
        require_numeric(frame, column)
    complete = complete_cases(frame, columns=[trial, estimate, spread, *others], arm=None)
    rows = complete.frame
    if rows.empty:
        raise NotEstimableError(tell("no trial is complete, so there is nothing to pool"))
    require_one_row_each(rows, (trial,))
    wrong = rows[~(rows[spread] > 0)]
    if len(wrong):
        raise DataError(
            f"{spread}: expected positive numbers, found {len(wrong)} others", records=wrong
        )
    size = rows[spread].to_numpy(dtype=np.float64)
    matrix = moderator_matrix(rows, terms) if terms else None
    return Trials(
        names=tuple(rows[trial].astype(str)),
        estimate=rows[estimate].to_numpy(dtype=np.float64),
        variance=size**2 if std_error else size,
        n_subjects=tuple(map(int, rows[n])) if n else None,
        subgroups=tuple(rows[subgroup].astype(str)) if subgroup else None,
        X=matrix.X if matrix else None,
        terms=matrix.names if matrix else (),
        notes=tuple(left_out_by_name(frame, rows, trial)) or complete.notes,
    )


def left_out_by_name(frame: pd.DataFrame, rows: pd.DataFrame, trial: str) -> list[str]:
    """Return the note that names the trials without a complete row."""
    absent = frame.loc[~frame.index.isin(rows.index), trial]
    if absent.empty:
        return []
    note = tell(
        "{n} of {total} trials left out as incomplete: {trials}",
        n=len(absent),
        total=len(frame),
        trials=tell_list([tell("unnamed") if pd.isna(name) else str(name) for name in absent]),
    )
    return [note]


def require_one_row_each(frame: pd.DataFrame, keys: Sequence[str]) -> None:
    """Raise DataError if a trial, or an arm of a trial, has two rows."""
    text = frame[list(keys)].astype(str)
    twice = frame[text.duplicated(keep=False)]
    if len(twice):
        first = " / ".join(text.loc[twice.index[0]])
        raise DataError(
            f"expected one row a {' and '.join(keys)}, found {len(twice)} rows that share their "
            f"names, such as {first!r}; name the comparisons of one trial apart",
            records=twice,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArmRows:
    """Complete rows of arms of trials; trials and arms as text."""

    frame: pd.DataFrame
    trial: str
    arm: str
    trials: tuple[str, ...]
    arms: tuple[str, ...]
    notes: tuple[str, ...]

    def of_arm(self, arm: str, trials: Sequence[str]) -> pd.DataFrame:
        """Return the rows of one arm, one a trial, in the order of ``trials``."""
        rows = self.frame[self.frame[self.arm].eq(arm)]
        return rows.set_index(self.trial).loc[list(trials)]

    def with_both(self, pair: Pair) -> tuple[str, ...]:
        """Return the trials that have both arms of a pair."""
        having = [set(self.frame.loc[self.frame[self.arm].eq(arm), self.trial]) for arm in pair]
        return tuple(name for name in self.trials if all(name in names for names in having))


def read_arm_rows(
    frame: pd.DataFrame,
    *,
    trial: str,
    arm: str,
    reference: str,
    figures: Sequence[str],
    subgroup: str | None,
) -> ArmRows:
    """Return a frame of arms with its names as text; incomplete rows are left out and counted.

    Raises
    ------
    SpecificationError
        If a column or the reference arm does not exist.
    DataError
        If an arm of a trial has two rows.
    """
    columns = [trial, arm, *figures, *([subgroup] if subgroup else [])]
    require_columns(frame, columns)
    for column in figures:
        require_numeric(frame, column)
    complete = complete_cases(frame, columns=columns, arm=None)
    rows = complete.frame.copy()
    for column in filter(None, (trial, arm, subgroup)):
        rows[column] = rows[column].astype(str)
    require_one_row_each(rows, (trial, arm))
    arms = sorted(set(rows[arm]))
    if reference not in arms:
        raise SpecificationError(
            f"reference: expected one of the arms {', '.join(arms)}, found {reference!r}"
        )
    return ArmRows(
        frame=rows,
        trial=trial,
        arm=arm,
        trials=tuple(dict.fromkeys(rows[trial])),
        arms=(reference, *(name for name in arms if name != reference)),
        notes=complete.notes,
    )


def arm_means(rows: pd.DataFrame, *, n: str, mean: str, std_dev: str) -> ArmMeans:
    """Return n, mean and SD of one arm in each trial.

    Raises
    ------
    DataError
        If an n is no whole number of at least 2, or a standard deviation negative.
    """
    require_usable_moments(as_mapping(rows, (n, std_dev)), n=n, std_dev=std_dev, least=2)
    return ArmMeans(n=column(rows, n), mean=column(rows, mean), std_dev=column(rows, std_dev))


def two_by_two(treatment: pd.DataFrame, reference: pd.DataFrame, *, n: str, events: str) -> Tables:
    """Return the table of each trial.

    Raises
    ------
    DataError
        If a count is no whole number, or there are more events than people.
    """
    findings = [
        finding
        for rows in (treatment, reference)
        for finding in count_findings(as_mapping(rows, (n, events)), n=n, events=events)
    ]
    if findings:
        raise DataError("the printed counts are not usable", findings)
    a, c = column(treatment, events), column(reference, events)
    return Tables(a=a, b=column(treatment, n) - a, c=c, d=column(reference, n) - c)


def no_trial(pair: Pair) -> NotEstimableError:
    """Return the refusal of a contrast whose arms no trial has both."""
    return NotEstimableError(
        tell("no trial has both {arm} and {reference}", arm=pair[0], reference=pair[1])
    )


def absent_notes(trials: Sequence[str], having: Sequence[str], pair: Pair) -> tuple[str, ...]:
    """Return the note that names the trials without one of the arms of a contrast."""
    absent = [name for name in trials if name not in having]
    if not absent:
        return ()
    note = tell(
        "{arm} - {reference}: not compared in {trials}",
        arm=pair[0],
        reference=pair[1],
        trials=tell_list(absent),
    )
    return (note,)


def empty_cell_notes(tables: Tables, names: Sequence[str]) -> tuple[str, ...]:
    """Return the note that names the trials whose table has an empty cell."""
    added = [name for name, empty in zip(names, tables.has_empty_cell, strict=True) if empty]
    if not added:
        return ()
    note = tell("one half added to each cell of {trials} (an empty cell)", trials=tell_list(added))
    return (note,)


def silent_notes(tables: Tables, names: Sequence[str], *, pooling: str) -> tuple[str, ...]:
    """Return the note that names the trials whose table says nothing of a ratio.

    Raises
    ------
    NotEstimableError
        If no table does.
    """
    silent = [name for name, told in zip(names, tables.tells_ratio, strict=True) if not told]
    if len(silent) == len(names):
        raise NotEstimableError(
            tell(
                "in every trial either nobody or everybody had the event, so none says anything "
                "of a ratio; ask for the risk difference"
            )
        )
    if not silent:
        return ()
    note = tell(
        "{trials}: nobody or everybody had the event in both arms, which holds no information on "
        "a ratio; counted nevertheless, with the half added to its cells"
        if pooling == "inverse_variance"
        else "{trials}: nobody or everybody had the event in both arms, which holds no "
        "information on a ratio",
        trials=tell_list(silent),
    )
    return (note,)


def as_mapping(rows: pd.DataFrame, names: Sequence[str]) -> Mapping[str, dict[str, float]]:
    """Return figures by trial."""
    return {
        str(trial): {name: float(row[name]) for name in names} for trial, row in rows.iterrows()
    }


def column(rows: pd.DataFrame, name: str) -> FloatArray:
    """Return a column as floats."""
    return rows[name].to_numpy(dtype=np.float64)
