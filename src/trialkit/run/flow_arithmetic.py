"""Whether the counts of people add up, from everyone assessed to everyone analysed."""

from collections.abc import Iterator, Sequence
from typing import Final

from trialkit.errors import Finding, SpecificationError
from trialkit.result.flow import LEFT_OUT, people_at
from trialkit.result.study_results import FlowCount
from trialkit.study.study import Study

UNKNOWN_REASON: Final = "`{ n = 5 }` counts people whose reason is not known"


def require_flow(study: Study, flow: Sequence[FlowCount]) -> None:
    """Raise unless the counts of a study add up and agree with its data.

    Raises
    ------
    SpecificationError
        Every sum that is wrong, with the counts it is made of.
    """
    findings = flow_findings(study, flow)
    if findings:
        raise SpecificationError(f"the flow of {study.id} does not add up", findings)


def flow_findings(study: Study, flow: Sequence[FlowCount]) -> list[Finding]:
    """Return every sum of the flow that is wrong.

    Simulated participants of a study whose other figures are real are not its people:
    what is declared then stands alone.
    """
    if study.flow is None:
        return []
    if study.participants_status != study.study.data_status:
        flow = [count for count in flow if count.source == "declared"]
    found = [*enrolment(study, flow), *people_of_arms(study, flow)]
    for position, declared in enumerate(study.flow.arm):
        where = f"flow.arm[{position}] ({declared.arm})"
        found += [
            *treatment(flow, declared.arm, where),
            *analysis(flow, declared.arm, where),
            *agreement(flow, declared.arm, where),
        ]
    return found


def enrolment(study: Study, flow: Sequence[FlowCount]) -> Iterator[Finding]:
    """Yield if those assessed are not those who entered and those who did not."""
    assessed, entered = people_at(flow, "assessed"), entered_people(study, flow)
    out = people_at(flow, "not_entered") or 0
    if assessed is None:
        return
    if out > assessed:
        yield Finding(
            where="flow.not_entered",
            expected=f"at most the {assessed} assessed",
            found=f"{out} who did not enter",
        )
    elif entered is not None and assessed - out != entered:
        yield Finding(
            where="flow.entered",
            expected=f"{assessed} assessed − {out} who did not enter = {assessed - out}",
            found=f"{entered} entered",
            remedy=f"every reason stands in not_entered; {UNKNOWN_REASON}",
        )


def entered_people(study: Study, flow: Sequence[FlowCount]) -> int | None:
    """Return how many people entered: declared, else the sum of the arms, else of the data."""
    declared = people_at(flow, "entered")
    if declared is not None:
        return declared
    arms = [people_at(flow, "allocated", arm=arm.id) for arm in study.arm]
    known = [n for n in arms if n is not None]
    if len(known) == len(arms):
        return sum(known)
    counted = counted_in_data(study, flow)
    return None if counted is None else counted + (people_at(flow, "not_in_data") or 0)


def counted_in_data(study: Study, flow: Sequence[FlowCount]) -> int | None:
    """Return how many people the data hold; None without data."""
    arms = [people_at(flow, "in_data", arm=arm.id) for arm in study.arm]
    known = [n for n in arms if n is not None]
    return sum(known) if known else None


def people_of_arms(study: Study, flow: Sequence[FlowCount]) -> Iterator[Finding]:
    """Yield if the arms are not those who entered, or the data are not those in the file."""
    entered = people_at(flow, "entered")
    arms = [people_at(flow, "allocated", arm=arm.id) for arm in study.arm]
    known = [n for n in arms if n is not None]
    written = " + ".join(map(str, known))
    if entered is not None and known:
        if len(known) == len(arms) and sum(known) != entered:
            yield Finding(
                where="flow.arm",
                expected=f"arms of {entered} people, all who entered",
                found=f"{written} = {sum(known)} allocated",
            )
        elif sum(known) > entered:
            yield Finding(
                where="flow.arm",
                expected=f"arms of at most {entered} people, all who entered",
                found=f"{written} = {sum(known)} allocated",
            )
    yield from people_in_data(study, flow)


def people_in_data(study: Study, flow: Sequence[FlowCount]) -> Iterator[Finding]:
    """Yield if the data do not hold everyone who entered, but for those declared absent."""
    counted, absent = counted_in_data(study, flow), people_at(flow, "not_in_data") or 0
    entered = entered_people(study, flow)
    if counted is None or entered is None or entered - absent == counted:
        return
    yield Finding(
        where="flow.entered",
        expected=f"{counted} people in the data + {absent} not in the data = {counted + absent}",
        found=f"{entered} entered",
        remedy="people whose records the data do not hold stand in not_in_data",
    )


def treatment(flow: Sequence[FlowCount], arm: str, where: str) -> Iterator[Finding]:
    """Yield if those allocated are not those who received the treatment and those who did not."""
    allocated = allocated_people(flow, arm)
    received = people_at(flow, "received", arm=arm)
    not_received = people_at(flow, "not_received", arm=arm) or 0
    stopped = people_at(flow, "discontinued", arm=arm) or 0
    if allocated is None:
        return
    treated = allocated - not_received
    if treated < 0:
        yield Finding(
            where=f"{where}.not_received",
            expected=f"at most the {allocated} allocated",
            found=f"{not_received} who did not receive it",
        )
    elif received is not None and received != treated:
        yield Finding(
            where=f"{where}.received",
            expected=f"{allocated} allocated − {not_received} who did not receive it = {treated}",
            found=f"{received} received",
            remedy=f"every reason stands in not_received; {UNKNOWN_REASON}",
        )
    most = treated if received is None else received
    if stopped > max(most, 0):
        yield Finding(
            where=f"{where}.discontinued",
            expected=f"at most the {max(most, 0)} who received it",
            found=f"{stopped} who stopped it",
        )


def allocated_people(flow: Sequence[FlowCount], arm: str) -> int | None:
    """Return how many people an arm has: declared, else in data that hold everyone."""
    declared = people_at(flow, "allocated", arm=arm)
    if declared is None and not people_at(flow, "not_in_data"):
        return people_at(flow, "in_data", arm=arm)
    return declared


def is_whole(flow: Sequence[FlowCount], arm: str) -> bool:
    """Return whether the data have everyone of an arm, as far as that is known."""
    declared = people_at(flow, "allocated", arm=arm, source="declared")
    counted = people_at(flow, "in_data", arm=arm, source="counted")
    return None in {declared, counted} or declared == counted


def analysis(flow: Sequence[FlowCount], arm: str, where: str) -> Iterator[Finding]:
    """Yield if those analysed are not those allocated without those lost and left out.

    Where the data lack people of the arm, only what is declared can be held together.
    """
    if not is_whole(flow, arm):
        flow = [count for count in flow if count.source == "declared"]
    allocated, analysed = allocated_people(flow, arm), people_at(flow, "analysed", arm=arm)
    lost = people_at(flow, "lost", arm=arm) or 0
    left_out = people_at(flow, *LEFT_OUT, arm=arm) or 0
    kept = people_at(flow, "lost_and_analysed", arm=arm) or 0
    if kept > lost:
        yield Finding(
            where=f"{where}.lost_and_analysed",
            expected=f"at most the {lost} lost",
            found=f"{kept} lost and analysed",
        )
    if allocated is None:
        return
    rest = allocated - lost - left_out + kept
    again = f" + {kept} lost and analysed" if kept else ""
    if rest < 0:
        yield Finding(
            where=f"{where}.lost",
            expected=f"at most the {allocated} allocated to be lost or left out",
            found=f"{lost} lost and {left_out} left out",
        )
    elif analysed is not None and analysed != rest:
        yield Finding(
            where=f"{where}.analysed",
            expected=f"{allocated} allocated − {lost} lost − {left_out} left out{again} = {rest}",
            found=f"{analysed} analysed",
            remedy=f"every reason stands in lost or left_out; {UNKNOWN_REASON}",
        )


def agreement(flow: Sequence[FlowCount], arm: str, where: str) -> Iterator[Finding]:
    """Yield the counts that an arm declares and the data show otherwise."""
    absent = people_at(flow, "not_in_data") or 0
    declared = people_at(flow, "allocated", arm=arm, source="declared")
    counted = people_at(flow, "in_data", arm=arm, source="counted")
    if declared is not None and counted is not None:
        known = f"{counted} to {counted + absent}" if absent else f"{counted}"
        if not counted <= declared <= counted + absent:
            yield Finding(
                where=f"{where}.allocated",
                expected=f"{known} people, as the data show",
                found=f"{declared} declared",
            )
    if not is_whole(flow, arm):
        return
    for name, steps in (
        ("lost", ("lost",)),
        ("left_out", LEFT_OUT),
        ("lost_and_analysed", ("lost_and_analysed",)),
        ("analysed", ("analysed",)),
    ):
        said = people_at(flow, *steps, arm=arm, source="declared")
        shown = people_at(flow, *steps, arm=arm, source="counted")
        if said is not None and shown is not None and said != shown:
            yield Finding(
                where=f"{where}.{name}",
                expected=f"{shown} people, as the data show",
                found=f"{said} declared",
            )
