"""People on their way through a study, step by step, in the words of a flow diagram.

A count that is known nowhere stands as "not reported"; nothing is filled in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from trialkit.language.speech import later, say
from trialkit.present.format import format_integer
from trialkit.present.labels import arm_label
from trialkit.result.flow import LEFT_OUT, counts_at, people_at
from trialkit.result.study_results import FlowCount, StudyResults
from trialkit.study.study import Study
from trialkit.terms import FlowStep

Part = Literal["enrolment", "allocation", "follow_up", "analysis"]

RANDOMISED_PARTS: Final[dict[Part, str]] = {
    "enrolment": later("Enrolment"),
    "allocation": later("Allocation"),
    "follow_up": later("Follow-up"),
    "analysis": later("Analysis"),
}


# Those that every arm has a box of.
PARTS: Final[tuple[Part, ...]] = ("allocation", "follow_up", "analysis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One count and what it counts; ``is_reason`` if it is part of the line before it."""

    label: str
    n: int | None
    is_reason: bool = False

    @property
    def number(self) -> str:
        """The count in figures, or that it is not reported."""
        return say("not reported") if self.n is None else format_integer(self.n)


Lines = tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmPath:
    """One arm of the flow: what the boxes of its column say."""

    arm: str
    label: str
    allocation: Lines
    follow_up: Lines
    analysis: Lines

    def lines(self, part: Part) -> Lines:
        """Return the lines of one part; before the arms there are none."""
        by_part = {
            "allocation": self.allocation,
            "follow_up": self.follow_up,
            "analysis": self.analysis,
        }
        return by_part.get(part, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The whole way: before the arms, those who leave it there, then each arm."""

    assessed: Lines
    not_entered: Lines
    entered: Lines
    not_in_data: Lines
    arms: tuple[ArmPath, ...]
    parts: dict[Part, str]

    @property
    def boxes(self) -> tuple[Lines, ...]:
        """The lines of every box, in the order of reading; before the arms only those there are."""
        before = (self.assessed, self.not_entered, self.entered, self.not_in_data)
        return (
            *filter(None, before),
            *(path.lines(part) for path in self.arms for part in PARTS),
        )


def stored_flow(results: StudyResults) -> tuple[FlowCount, ...]:
    """Return the counts that are of the study's own people.

    Simulated participants of a study whose other figures are real are not its people.
    """
    study = results.study
    own = study.participants_status == study.study.data_status
    return tuple(
        count for count in results.flow if count.step and (own or count.source != "counted")
    )


def read_flow(results: StudyResults) -> Flow | None:
    """Return the flow of a study; None where no count of its people is stored."""
    study, flow = results.study, stored_flow(results)
    if not flow:
        return None
    return Flow(
        assessed=(Line(label=say("Assessed for eligibility"), n=people_at(flow, "assessed")),),
        not_entered=those_not_entered(flow),
        entered=(entered_line(study, flow),),
        not_in_data=those_not_in_data(study, flow),
        arms=tuple(arm_path(study, flow, arm.id) for arm in study.arm),
        parts=part_names(study),
    )


def part_names(study: Study) -> dict[Part, str]:
    """Return the names of the parts; where chance formed no arms, nobody was allocated."""
    names = {part: say(name) for part, name in RANDOMISED_PARTS.items()}
    if study.is_single_arm:
        names["allocation"] = say("Treatment")
    elif not study.study.randomised:
        names["allocation"] = say("Groups")
    return names


def those_not_entered(flow: Sequence[FlowCount]) -> Lines:
    """Return who was assessed and did not enter; nothing where nobody says or nobody was."""
    if not people_at(flow, "not_entered"):
        return ()
    return leaving(flow, say("Did not enter"), "not_entered")


def those_not_in_data(study: Study, flow: Sequence[FlowCount]) -> Lines:
    """Return who entered and is not in the data, where there are data."""
    if sum_of_arms(study, flow, "in_data") is None or not counts_at(flow, "not_in_data"):
        return ()
    return leaving(flow, say("Not in the data"), "not_in_data")


def leaving(
    flow: Sequence[FlowCount], label: str, *steps: FlowStep, arm: str | None = None
) -> Lines:
    """Return how many people left at a step, then why; unknown reasons are named so."""
    found = counts_at(flow, *steps, arm=arm)
    if not found:
        return (Line(label=label, n=None),)
    total = sum(count.n_subjects for count in found)
    by_reason: dict[str, int] = {}
    for count in found:
        if count.reason is not None:
            by_reason[count.reason] = by_reason.get(count.reason, 0) + count.n_subjects
    named = [Line(label=reason, n=n, is_reason=True) for reason, n in by_reason.items()]
    unknown = sum(count.n_subjects for count in found if count.reason is None)
    if unknown and named:
        named.append(Line(label=say("Reason not reported"), n=unknown, is_reason=True))
    elif unknown:
        named.append(Line(label=say("Reasons"), n=None, is_reason=True))
    return (Line(label=label, n=total), *named)


def entered_line(study: Study, flow: Sequence[FlowCount]) -> Line:
    """Return how many people entered, and on what word: declared, known of, or in the data.

    They are called randomised where each is known to have been given an arm by chance.
    """
    by_chance = study.study.randomised
    label = say("Randomised") if by_chance else say("Entered the study")
    entered, absent = people_at(flow, "entered"), people_at(flow, "not_in_data")
    allocated, counted = (sum_of_arms(study, flow, step) for step in ("allocated", "in_data"))
    if allocated is not None:
        return Line(label=label, n=allocated if entered is None else entered)
    if entered is not None:
        whole = counted is not None and not absent
        return Line(label=label if whole else say("Entered the study"), n=entered)
    if counted is None:
        return Line(label=label, n=None)
    if absent is None:
        return Line(label=say("In the data"), n=counted)
    known = say("Known to have been randomised") if by_chance else say("Known to have entered")
    return Line(label=known, n=counted + absent)


def sum_of_arms(study: Study, flow: Sequence[FlowCount], step: FlowStep) -> int | None:
    """Return the people of all arms at a step; None if one arm has no count."""
    counts = [people_at(flow, step, arm=arm.id) for arm in study.arm]
    known = [n for n in counts if n is not None]
    return sum(known) if len(known) == len(counts) else None


def arm_path(study: Study, flow: Sequence[FlowCount], arm: str) -> ArmPath:
    """Return the column of one arm."""
    return ArmPath(
        arm=arm,
        label=arm_label(study, arm),
        allocation=tuple(allocation_lines(study, flow, arm)),
        follow_up=tuple(follow_up_lines(flow, arm)),
        analysis=tuple(analysis_lines(flow, arm)),
    )


def allocation_lines(study: Study, flow: Sequence[FlowCount], arm: str) -> Iterator[Line]:
    """Yield how many people an arm was given, and how many had its treatment."""
    allocated = people_at(flow, "allocated", arm=arm)
    label = say("Allocated") if study.study.randomised else say("In the group")
    if allocated is None and those_not_in_data(study, flow):
        by_chance = study.study.randomised
        label = say("Allocated, in the data") if by_chance else say("In the group, in the data")
    n = people_at(flow, "in_data", arm=arm) if allocated is None else allocated
    yield Line(label=label, n=n)
    counted = people_at(flow, "in_data", arm=arm)
    if counted is not None and n != counted:
        yield Line(label=say("In the data"), n=counted)
    received = people_at(flow, "received", arm=arm)
    without = people_at(flow, "not_received", arm=arm)
    if received is None and allocated is not None and without is not None:
        received = allocated - without
    yield Line(label=say("Received the treatment"), n=received)
    if without:
        yield from leaving(flow, say("Did not receive it"), "not_received", arm=arm)


def follow_up_lines(flow: Sequence[FlowCount], arm: str) -> Iterator[Line]:
    """Yield who of an arm was lost and who stopped the treatment."""
    counted = counts_at(flow, "lost", arm=arm)[:1]
    by_data = bool(counted) and counted[0].source == "counted"
    label = say("Outcome not known") if by_data else say("Lost to follow-up")
    yield from leaving(flow, label, "lost", arm=arm)
    yield from leaving(flow, say("Stopped the treatment"), "discontinued", arm=arm)


def analysis_lines(flow: Sequence[FlowCount], arm: str) -> Iterator[Line]:
    """Yield who of an arm is analysed, and who is left out of the analysis."""
    yield Line(label=say("Analysed"), n=people_at(flow, "analysed", arm=arm))
    kept = people_at(flow, "lost_and_analysed", arm=arm)
    if kept:
        yield Line(label=say("Of them without the outcome"), n=kept)
    out = counts_at(flow, *LEFT_OUT, arm=arm)
    if out and out[0].source == "declared":
        if people_at(flow, *LEFT_OUT, arm=arm):
            yield from leaving(flow, say("Left out"), *LEFT_OUT, arm=arm)
        return
    outside = people_at(flow, "outside_population", arm=arm)
    if outside:
        yield Line(label=say("Not in the population of the analysis"), n=outside)
    incomplete = people_at(flow, "incomplete", arm=arm)
    if incomplete:
        yield Line(label=say("Another value missing"), n=incomplete)
