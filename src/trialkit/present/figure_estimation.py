"""Everybody's values, and beside them the difference of the means with its interval."""

from collections.abc import Sequence

from trialkit.errors import SpecificationError
from trialkit.language.speech import say, say_count
from trialkit.present.canvas import drawing
from trialkit.present.contrast import contrast_sentence, margin_sentence
from trialkit.present.estimation import Estimation, Group, read_estimation
from trialkit.present.estimation_drawing import dotted, enlarged, estimation_svg
from trialkit.present.exhibit import Column, Figure, Table
from trialkit.present.format import MISSING, format_integer, format_ticks
from trialkit.present.grammar import people
from trialkit.present.labels import axis_text, short_unit
from trialkit.present.profile_drawing import mean_words
from trialkit.present.swarm import people_a_dot
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults


def estimation_figure(results: StudyResults, record: AnalysisRecord, row: Estimate) -> Figure:
    """Draw every person's value by arm, and the difference on an axis of its own.

    A dot is a person; a thin line leads from the value before to the one at the visit. The
    zero of the axis of differences lies at the comparator's mean, so that the difference
    ends where the mean of the other arm stands. With more than two arms, or an interval
    too small to be seen on the scale of the values, the differences stand below, enlarged.

    Raises
    ------
    SpecificationError
        If the people behind the estimate are not stored.
    """
    shown = read_estimation(results, record, row)
    if shown is None:
        raise SpecificationError(
            f"the people behind an estimate of analysis {record.analysis!r} are not stored"
        )
    figure_id = f"figure-estimation-{record.analysis}"
    with drawing():
        svg = estimation_svg(shown, figure_id)
    return Figure(
        id=figure_id,
        title=estimation_title(shown),
        svg=svg,
        alt=estimation_sentence(results, record, shown),
        data=estimation_data(shown, figure_id),
        footnotes=tuple(estimation_notes(shown)),
    )


def estimation_title(shown: Estimation) -> str:
    """Return what the figure shows."""
    outcome, visit = shown.endpoint.label, shown.visits[1]
    if shown.single:
        return say("{outcome}: everybody before and after, and the mean change", outcome=outcome)
    if shown.of_changes:
        return say(
            "{outcome}, {visit}: everybody's change, and the difference of the means",
            outcome=outcome,
            visit=visit,
        )
    return say(
        "{outcome}, {visit}: everybody's value, and the difference of the means",
        outcome=outcome,
        visit=visit,
    )


def estimation_sentence(results: StudyResults, record: AnalysisRecord, shown: Estimation) -> str:
    """Return in words what the figure shows: people, means, differences."""
    means = [group_words(shown, group) for group in shown.groups]
    told = [contrast_sentence(results, record, item.estimate) for item in shown.contrasts]
    parts = (
        say(
            "{scale}, {better} is better. {means}.",
            scale=axis_text(shown.endpoint),
            better=say(shown.endpoint.better),
            means="; ".join(means),
        ),
        *told,
        margin_sentence(shown.contrasts[0].shown),
    )
    return " ".join(filter(None, parts))


def group_words(shown: Estimation, group: Group) -> str:
    """Return how many people of an arm are drawn, and their mean; of how many, if of others."""
    mean = mean_words(group.mean, shown.endpoint)
    counted = group.mean.n_subjects
    if counted in {None, group.people}:
        who = people(group.people)
        return say("{arm}: {people}, mean {mean}", arm=group.label, people=who, mean=mean)
    return say_count(
        group.people,
        "{arm}: {n} person is drawn, the mean is that of {counted}: {mean}",
        "{arm}: {n} people are drawn, the mean is that of {counted}: {mean}",
        arm=group.label,
        counted=format_integer(counted),
        mean=mean,
    )


def estimation_notes(shown: Estimation) -> list[str]:
    """Return how the dots are placed, what the means are, and where the differences stand."""
    notes = [dot_note(shown)]
    if any(group.unpaired for group in shown.groups):
        notes.append(
            say(
                "A line leads from the value before to the one after; thicker lines are more "
                "people. Who has no value before has no line."
            )
        )
    elif any(group.pairs for group in shown.groups):
        notes.append(
            say(
                "A line leads from the value before to the one after; thicker lines are more "
                "people. Only people with both are drawn."
            )
        )
    if shown.adjusted:
        notes.append(
            say(
                "The means are adjusted, as the model gives them: at equal values of its "
                "covariates they need not lie amid the dots of their arm."
            )
        )
    if enlarged(shown):
        notes.append(say("The differences stand below on an axis of their own, enlarged."))
    else:
        notes.append(say("The zero of the right axis lies at the mean that is compared with."))
    return notes


def dot_note(shown: Estimation) -> str:
    """Return what a dot stands for."""
    width = format_ticks([shown.width])[0]
    each = people_a_dot(dotted(shown))
    if each == 1:
        return say(
            "A dot is a person, in a bin of width {width}; its place inside the bin means nothing.",
            width=width,
        )
    return say(
        "A dot stands for {n} people of a bin of width {width}, the last of a bin for fewer; its "
        "place inside the bin means nothing.",
        n=format_integer(each),
        width=width,
    )


def estimation_data(shown: Estimation, figure_id: str) -> Table:
    """Return the people in each bin by arm, and the means and differences."""
    columns, rows = paired_rows(shown) if shown.groups[0].pairs else value_rows(shown)
    said = [
        say("{arm}: mean {mean}.", arm=group.label, mean=mean_words(group.mean, shown.endpoint))
        for group in shown.groups
    ]
    said += [
        say(
            "{contrast}: {quantity} {numbers}.",
            contrast=item.label,
            quantity=item.shown.title,
            numbers=item.shown.text,
        )
        for item in shown.contrasts
    ]
    return Table(
        id=f"{figure_id}-data",
        title=say("The numbers in the figure"),
        columns=columns,
        rows=rows,
        footnotes=tuple(said),
    )


def paired_rows(
    shown: Estimation,
) -> tuple[tuple[Column, ...], tuple[tuple[str, ...], ...]]:
    """Return the ways from before to after, a line an arm and pair of bins."""
    unit = short_unit(shown.endpoint)
    columns = (
        Column(label=say("Arm")),
        *(Column(label=f"{visit}, {unit}", align="right") for visit in shown.visits),
        Column(label=say("People"), align="right"),
    )
    rows = tuple(
        (group.label, *format_ticks([begin]), *format_ticks([end]), format_integer(count))
        for group in shown.groups
        for begin, end, count in group.pairs
    )
    alone = tuple(
        (group.label, MISSING, *format_ticks([end]), format_integer(count))
        for group in shown.groups
        for end, count in group.unpaired.items()
    )
    return columns, rows + alone


def value_rows(
    shown: Estimation,
) -> tuple[tuple[Column, ...], tuple[tuple[str, ...], ...]]:
    """Return the people in each bin, a column an arm."""
    unit = short_unit(shown.endpoint)
    head = say("Change, {unit}", unit=unit) if shown.of_changes else say("Value, {unit}", unit=unit)
    columns = (
        Column(label=head, align="right"),
        *(
            Column(label=say("{arm}, people", arm=group.label), align="right")
            for group in shown.groups
        ),
    )
    centres = all_centres(shown.groups)
    rows = tuple(
        (label, *(format_integer(group.values.get(centre, 0)) for group in shown.groups))
        for centre, label in zip(centres, format_ticks(centres), strict=True)
    )
    return columns, rows


def all_centres(groups: Sequence[Group]) -> list[float]:
    """Return every bin in which anybody is."""
    return sorted({centre for group in groups for centre in group.values})
