"""Frames to the arrays that are compared: one an arm, or two of the same people."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.analysis.frames import (
    arm_levels,
    complete_cases,
    require_columns,
    require_numeric,
    values_by_arm,
)
from trialkit.errors import NotEstimableError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArmSamples:
    """The outcome of each arm, the reference first, and who was left out."""

    outcomes: dict[str, FloatArray]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairedSample:
    """Two values a person in one arm; without arms ``arm`` is None."""

    arm: str | None
    before: FloatArray
    after: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairedSamples:
    """The pairs of each arm, and who was left out."""

    arms: tuple[PairedSample, ...]
    notes: tuple[str, ...]


def arm_samples(
    frame: pd.DataFrame, *, outcome: str, arm: str, reference: str | None
) -> ArmSamples:
    """Return the complete outcomes of each arm.

    Raises
    ------
    SpecificationError
        If a column or the reference arm does not exist.
    DataError
        If the outcome is not numeric.
    NotEstimableError
        If no arm, or only one of those to compare, has complete records.
    """
    require_columns(frame, [outcome, arm])
    require_numeric(frame, outcome)
    complete = complete_cases(frame, columns=[outcome], arm=arm)
    levels = arm_levels(complete.frame, arm, reference=reference)
    outcomes = values_by_arm(complete.frame, outcome=outcome, arm=arm, levels=levels)
    return ArmSamples(outcomes=outcomes, notes=complete.notes)


def paired_samples(
    frame: pd.DataFrame, *, outcome: str, baseline: str, arm: str | None
) -> PairedSamples:
    """Return the complete pairs of each arm, or of everyone where no arm is named.

    Raises
    ------
    SpecificationError
        If a column does not exist.
    DataError
        If a value is not numeric.
    NotEstimableError
        If nobody has both values.
    """
    require_columns(frame, [outcome, baseline])
    for column in (outcome, baseline):
        require_numeric(frame, column)
    complete = complete_cases(frame, columns=[outcome, baseline], arm=arm)
    people = complete.frame
    if people.empty:
        raise NotEstimableError(tell("nobody has both values, so there is nothing to compare"))
    if arm is None:
        before, after = (people[name].to_numpy(dtype=np.float64) for name in (baseline, outcome))
        arms = [PairedSample(arm=None, before=before, after=after)]
    else:
        levels = arm_levels(people, arm, reference=None)
        befores, afters = (
            values_by_arm(people, outcome=name, arm=arm, levels=levels)
            for name in (baseline, outcome)
        )
        arms = [
            PairedSample(arm=level, before=befores[level], after=afters[level]) for level in levels
        ]
    return PairedSamples(arms=tuple(arms), notes=complete.notes)
