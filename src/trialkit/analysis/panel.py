"""Panels: the same test on many endpoints of the same people, as one family."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.analysis.estimates import call, statistics
from trialkit.analysis.frames import (
    arm_levels,
    require_columns,
    require_conf_level,
    require_numeric,
    require_word,
)
from trialkit.analysis.multiplicity import PROCEDURE_NAMES, PROCEDURES
from trialkit.analysis.panel_rows import Labels, rows_of_columns
from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell, tell_count, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.panel import PanelInference, change_panel, paired_panel, welch_panel
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import Procedure, allowed

PAIRED = tell("mean change, paired t test")
BETWEEN = tell("difference of mean changes, Welch t test")
NAMED = 12  # endpoints that a note names before it only counts


class Shown(str):
    """A text that stands in the provenance without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the text itself."""
        return str(self)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """The tests of all endpoints in one group, or of one arm against another."""

    inference: PanelInference
    labels: Labels


def panel(
    frame: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    baselines: Sequence[str] | None = None,
    labels: Sequence[str] | None = None,
    arm: str | None = None,
    reference: str | None = None,
    procedure: Procedure = "benjamini_hochberg",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Test the change of each of many endpoints, adjusted for their number.

    Every endpoint is tested on the people who have both of its values, so endpoints may
    differ in their number of people. All tests of the call are one family.

    Parameters
    ----------
    frame : DataFrame
        One row per subject, one column an endpoint and visit.
    outcomes : sequence of str
        Numeric columns, one an endpoint.
    baselines : sequence of str, optional
        The column before of each outcome, in the same order and unit. Without it the
        outcomes are changes already.
    labels : sequence of str, optional
        The name of each endpoint in ``parameter``; the outcome's column by default.
    arm, reference : str, optional
        Column of the arm, and the arm that the others are compared with: the changes are
        then compared between arms. Without them everyone is one group, and a change is no
        comparison: time and regression to the mean are in it.
    procedure : str
        The adjustment over the family: ``"benjamini_hochberg"`` for the false discovery
        rate, ``"holm"`` and others for the family-wise error rate. ``tk.adjust_p_values``
        adjusts the same result by another.
    conf_level : float
        Coverage of each interval by itself, in (0, 1).

    Returns
    -------
    AnalysisResult
        A row an endpoint, in the order given: ``change`` by the paired t test, or with arms
        ``mean_difference`` of the changes by Welch's. An endpoint with fewer than two people,
        or whose changes are all equal, has a row without a test, is named in ``notes`` and
        does not count in the family; ``fit`` holds the size of the family.

    Raises
    ------
    SpecificationError
        If a column or arm does not exist, lists differ in length, or names repeat.
    DataError
        If a column does not hold finite numbers.
    NotEstimableError
        If no endpoint can be tested.

    References
    ----------
    Benjamini Y, Hochberg Y (1995). J R Statist Soc B 57:289-300. Holm S (1979). Scand J
    Statist 6:65-70. R: ``apply(x, 2, t.test)`` and ``p.adjust``; SAS: ``PROC MULTTEST``.

    Examples
    --------
    >>> frame = pd.DataFrame({"a0": [5.0, 6, 7, 5], "a1": [3.0, 5, 4, 4],
    ...                       "b0": [1.0, 2, 1, 3], "b1": [2.0, 1, 1, 3]})
    >>> result = panel(frame, outcomes=["a1", "b1"], baselines=["a0", "b0"])
    >>> [(row.parameter, row.estimate, round(row.p_adjusted, 3)) for row in result.estimates]
    [('a1', -1.75, 0.071), ('b1', 0.0, 1.0)]
    """
    names = endpoint_names(outcomes, baselines, labels)
    require_word(procedure, allowed(Procedure), option="procedure")
    require_conf_level(conf_level)
    if (arm is None) != (reference is None):
        raise SpecificationError("arm, reference: expected both or neither")
    after = matrix(frame, outcomes)
    before = None if baselines is None else matrix(frame, baselines)
    if arm is None or reference is None:
        notes: tuple[str, ...] = ()
        parts = [one_group(after, before, conf_level=conf_level)]
    else:
        parts, notes = arm_parts(
            frame, (after, before), arm=arm, reference=reference, conf_level=conf_level
        )
    p = np.concatenate([part.inference.p_value for part in parts])
    size = int(np.count_nonzero(~np.isnan(p)))
    if size == 0:
        raise NotEstimableError(tell("no endpoint has two people or more whose changes differ"))
    adjusted = np.split(PROCEDURES[procedure](p), len(parts))
    rows: list[Estimate] = []
    for part, p_adjusted in zip(parts, adjusted, strict=True):
        rows += rows_of_columns(part.inference, names, p_adjusted, part.labels)
    return AnalysisResult(
        method=tell(
            "{test}, {endpoints}, p-values adjusted ({procedure}) over {tests}",
            test=parts[0].labels.method,
            endpoints=tell_count(len(names), "{n} endpoint", "{n} endpoints"),
            procedure=PROCEDURE_NAMES[procedure],
            tests=tell_count(size, "{n} test", "{n} tests"),
        ),
        estimates=tuple(rows),
        fit=statistics({"n_endpoints": len(names), "family_size": size, "procedure": procedure}),
        notes=(*notes, *untested_notes(parts, names, size), *missing_notes(parts, len(after))),
        provenance=call(
            "panel",
            outcomes=listed(outcomes),
            baselines=None if baselines is None else listed(baselines),
            labels=None if labels is None else listed(names),
            arm=arm,
            reference=reference,
            procedure=procedure,
            conf_level=conf_level,
        ),
    )


def listed(names: Sequence[str]) -> object:
    """Return columns as the provenance shows them: many by their ends and their number.

    The rows name every endpoint, so a long list would be stored twice over.
    """
    if len(names) <= NAMED:
        return tuple(names)
    return Shown(f"[{names[0]!r}, ..., {names[-1]!r}] ({len(names)} columns)")


def endpoint_names(
    outcomes: Sequence[str], baselines: Sequence[str] | None, labels: Sequence[str] | None
) -> list[str]:
    """Return the name of each endpoint.

    Raises
    ------
    SpecificationError
        Unless the lists are of one length, and no endpoint stands in them twice.
    """
    for option, given in (("outcomes", outcomes), ("baselines", baselines), ("labels", labels)):
        if isinstance(given, str) or (given is outcomes and not len(outcomes)):
            raise SpecificationError(f"{option}: expected a list of columns, found {given!r}")
        if given is not None and len(given) != len(outcomes):
            raise SpecificationError(
                f"{option}: expected one for each of the {len(outcomes)} outcomes, "
                f"found {len(given)}"
            )
    names = list(map(str, outcomes if labels is None else labels))
    repeated = len(names) - len(set(names))
    if repeated:
        raise SpecificationError(
            f"outcomes, labels: expected {len(names)} different endpoints, found {repeated} again"
        )
    return names


def matrix(frame: pd.DataFrame, columns: Sequence[str]) -> FloatArray:
    """Return columns of numbers as one array, a row a person; NaN where there is none."""
    require_columns(frame, [])  # a frame at all
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()].unique()
        raise SpecificationError(
            f"expected a frame whose columns have different names, found {twice[0]!r} twice"
        )
    positions = frame.columns.get_indexer(pd.Index(columns))
    if np.any(positions < 0):
        require_columns(frame, columns)
    part = frame.iloc[:, positions]
    values = part.to_numpy()
    # numpy's own numbers need no closer look; anything else is looked at column by column.
    if values.dtype.kind not in "fiu" or np.isinf(values).any():
        for column in columns:
            require_numeric(frame, column)
        return part.to_numpy(dtype=np.float64, na_value=np.nan)
    return values.astype(np.float64, copy=False)


def one_group(after: FloatArray, before: FloatArray | None, *, conf_level: float) -> Part:
    """Return the paired test of every endpoint in one group."""
    return Part(
        inference=paired_panel(change_panel(after, before), conf_level=conf_level),
        labels=Labels(quantity="change", method=PAIRED, conf_level=conf_level),
    )


def arm_parts(
    frame: pd.DataFrame,
    values: tuple[FloatArray, FloatArray | None],
    *,
    arm: str,
    reference: str,
    conf_level: float,
) -> tuple[list[Part], tuple[str, ...]]:
    """Return the comparison of each arm with the reference, and who has no arm."""
    require_columns(frame, [arm])
    levels = arm_levels(frame, arm, reference=reference)
    names = frame[arm].astype(str).where(frame[arm].notna(), None).to_numpy()
    after, before = values
    changes = {
        level: change_panel(
            after[names == level], None if before is None else before[names == level]
        )
        for level in levels
    }
    without = int(frame[arm].isna().sum())
    note = tell("{n} of {total} records left out: no arm", n=without, total=len(frame))
    parts = [
        Part(
            inference=welch_panel(changes[level], changes[reference], conf_level=conf_level),
            labels=Labels(
                quantity="mean_difference",
                method=BETWEEN,
                conf_level=conf_level,
                arm=level,
                reference_arm=reference,
            ),
        )
        for level in levels[1:]
    ]
    return parts, (note,) if without else ()


def untested_notes(parts: Sequence[Part], names: Sequence[str], size: int) -> Iterable[str]:
    """Yield the endpoints without a test, for each comparison."""
    for part in parts:
        without = np.flatnonzero(np.isnan(part.inference.p_value))
        if not without.size:
            continue
        yield tell_count(
            int(without.size),
            "{n} of {total} endpoints has no test{where}, since fewer than two people have "
            "values or nothing varies: {few}{more}; tests in the family: {size}",
            "{n} of {total} endpoints have no test{where}, since fewer than two people have "
            "values or nothing varies: {few}{more}; tests in the family: {size}",
            total=len(names),
            where=compared(part) if len(parts) > 1 else "",
            few=tell_list([names[position] for position in without[:NAMED]]),
            more=tell(" and {n} more", n=without.size - NAMED) if without.size > NAMED else "",
            size=size,
        )


def compared(part: Part) -> str:
    """Return which arms a part compares, as the tail of a phrase; nothing for one group."""
    if part.labels.arm is None or part.labels.reference_arm is None:
        return ""
    return tell(
        " in {arm} against {reference}", arm=part.labels.arm, reference=part.labels.reference_arm
    )


def missing_notes(parts: Sequence[Part], n: int) -> Iterable[str]:
    """Yield how the number of people differs between endpoints, for each comparison."""
    for part in parts:
        people = part.inference.n
        fewest, most = int(people.min()), int(people.max())
        whole = n if part.labels.arm is None else most
        short = int(np.count_nonzero(people < whole))
        if short:
            yield tell_count(
                short,
                "{n} of {total} endpoints{where} lacks values of some people; an endpoint has "
                "{fewest} to {most} of them",
                "{n} of {total} endpoints{where} lack values of some people; an endpoint has "
                "{fewest} to {most} of them",
                total=people.size,
                where=compared(part),
                fewest=fewest,
                most=most,
            )
