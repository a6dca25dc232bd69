"""How many people stood at a step of a study, of the counts that are stored."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from trialkit.terms import FlowSource, FlowStep

if TYPE_CHECKING:
    from trialkit.result.study_results import FlowCount

# What the study file declares is asked first; reading it has made sure that the data agree.
SOURCES: Final[tuple[FlowSource, ...]] = ("declared", "counted", "published_figures")
LEFT_OUT: Final[tuple[FlowStep, ...]] = ("left_out", "outside_population", "incomplete")


def counts_at(
    flow: Sequence["FlowCount"],
    *steps: FlowStep,
    arm: str | None = None,
    source: FlowSource | None = None,
) -> tuple["FlowCount", ...]:
    """Return the counts of some steps in an arm: those declared, else those counted."""
    for wanted in SOURCES if source is None else (source,):
        found = tuple(
            count
            for count in flow
            if count.step in steps and count.arm == arm and count.source == wanted
        )
        if found:
            return found
    return ()


def people_at(
    flow: Sequence["FlowCount"],
    *steps: FlowStep,
    arm: str | None = None,
    source: FlowSource | None = None,
) -> int | None:
    """Return how many people stood at some steps in an arm; None where nobody says."""
    found = counts_at(flow, *steps, arm=arm, source=source)
    return sum(count.n_subjects for count in found) if found else None
