"""How an endpoint's values are spread in each arm: cloud, box and rain, visit by visit."""

from collections.abc import Sequence
from typing import Final

from trialkit.errors import SpecificationError
from trialkit.language.speech import say
from trialkit.present.canvas import drawing
from trialkit.present.exhibit import Column, Figure, Table
from trialkit.present.format import (
    format_integer,
    format_median_quartiles,
    format_number,
    format_ticks,
)
from trialkit.present.grammar import people
from trialkit.present.labels import arm_label, axis_text, short_unit, visit_label
from trialkit.present.palette import arm_colours
from trialkit.present.raincloud_drawing import Cloud, CloudRow, raincloud_svg
from trialkit.present.swarm import people_a_dot
from trialkit.present.table_descriptives import descriptive_rows
from trialkit.result.study_results import StudyResults
from trialkit.study.specification import Endpoint

MOST_VISITS: Final = 8  # more small panels say less than the figure of the means


def raincloud_figure(
    results: StudyResults, endpoint_id: str, visit_ids: Sequence[str] | None = None
) -> Figure:
    """Draw how many people have which value, an arm below the other, a column a visit.

    The cloud is the stored counts as steps, not smoothed; the box holds the middle half
    of people with a line at the median and a ring at the mean; the rain is a dot a person.
    All panels share one scale across and one height a person.

    Parameters
    ----------
    results : StudyResults
    endpoint_id : str
    visit_ids : sequence of str, optional
        Which visits; of all that are stored the first eight if not given.

    Raises
    ------
    SpecificationError
        If no distribution is stored.
    """
    endpoint = results.study.find_endpoint(endpoint_id)
    visits = stored_visits(results, endpoint_id, visit_ids)
    visits = visits[:MOST_VISITS] if visit_ids is None else visits
    if not visits:
        raise SpecificationError(f"no distribution of endpoint {endpoint_id!r} is stored")
    rows = cloud_rows(results, endpoint_id, visits)
    labels = [visit_label(results.study, visit) for visit in visits]
    figure_id = f"figure-raincloud-{endpoint_id}" + (f"-{visits[0]}" if len(visits) == 1 else "")
    with drawing():
        svg = raincloud_svg(endpoint, rows, labels, figure_id)
    return Figure(
        id=figure_id,
        title=say(
            "{outcome}: how many people have which value, {visits}",
            outcome=endpoint.label,
            visits=labels[0] if len(labels) == 1 else say("by visit and arm"),
        ),
        svg=svg,
        alt=raincloud_sentence(endpoint, rows, labels),
        data=raincloud_data(figure_id, endpoint, rows, labels),
        footnotes=(raincloud_note(rows), *left_out(results, endpoint_id, visits, visit_ids)),
    )


def stored_visits(
    results: StudyResults, endpoint_id: str, wanted: Sequence[str] | None
) -> list[str]:
    """Return the visits of which counts are stored, in their planned order."""
    stored = {
        item.visit
        for item in results.distributions
        if item.endpoint == endpoint_id and any(item.counts)
    }
    known = [visit.id for visit in results.study.visits if visit.id in stored]
    return known if wanted is None else [visit for visit in known if visit in wanted]


def left_out(
    results: StudyResults, endpoint_id: str, drawn: Sequence[str], wanted: Sequence[str] | None
) -> tuple[str, ...]:
    """Return that later visits are not drawn, if so."""
    known = stored_visits(results, endpoint_id, wanted)
    if len(known) == len(drawn):
        return ()
    return (
        say(
            "Drawn are the first {n} of {total} visits; the means of all stand in the tables.",
            n=format_integer(len(drawn)),
            total=format_integer(len(known)),
        ),
    )


def cloud_rows(
    results: StudyResults, endpoint_id: str, visits: Sequence[str]
) -> tuple[CloudRow, ...]:
    """Return the arms whose counts are stored at any visit, in the order of the study."""
    found = {
        (item.arm, item.visit): item
        for item in results.distributions
        if item.endpoint == endpoint_id and any(item.counts)
    }
    described = descriptive_rows(results, endpoint_id)
    colours = arm_colours(results.study)
    return tuple(
        CloudRow(
            label=arm_label(results.study, arm.id),
            colour=colours[arm.id],
            clouds=tuple(
                Cloud(counts=found[arm.id, visit], rows=described.get((arm.id, visit), {}))
                if (arm.id, visit) in found
                else None
                for visit in visits
            ),
        )
        for arm in results.study.arm
        if any((arm.id, visit) in found for visit in visits)
    )


def raincloud_note(rows: Sequence[CloudRow]) -> str:
    """Return how the picture is to be read."""
    clouds = [cloud for row in rows for cloud in row.clouds if cloud is not None]
    width = format_ticks([clouds[0].counts.width])[0]
    each = people_a_dot(cloud.bins for cloud in clouds)
    if each == 1:
        return say(
            "Steps: people in each bin of width {width}, not smoothed. Box: the middle half of "
            "people, line: median, ring: mean. Dots: a person each; the place inside a bin means "
            "nothing.",
            width=width,
        )
    return say(
        "Steps: people in each bin of width {width}, not smoothed. Box: the middle half of "
        "people, line: median, ring: mean. Dots: {n} people each, the last of a bin fewer; the "
        "place inside a bin means nothing.",
        width=width,
        n=format_integer(each),
    )


def raincloud_sentence(endpoint: Endpoint, rows: Sequence[CloudRow], visits: Sequence[str]) -> str:
    """Return in words where the values of each arm lie at each visit."""
    told = [
        say(
            "{arm}, {visit}: {values}",
            arm=row.label,
            visit=visit,
            values=cloud_text(endpoint, cloud),
        )
        for row in rows
        for visit, cloud in zip(visits, row.clouds, strict=True)
        if cloud is not None
    ]
    return say(
        "{scale}, {better} is better. {values}.",
        scale=axis_text(endpoint),
        better=say(endpoint.better),
        values="; ".join(told),
    )


def cloud_text(endpoint: Endpoint, cloud: Cloud) -> str:
    """Return the people of one panel, their range, median and mean."""
    centres = list(cloud.bins)
    said = say(
        "{people}, in bins around {low} to {high}",
        people=people(cloud.people),
        low=format_ticks([centres[0]])[0],
        high=format_ticks([centres[-1]])[0],
    )
    if cloud.quartiles is None or cloud.value("mean") is None:
        return said
    return say(
        "{range}, median {median}, mean {mean}",
        range=said,
        median=median_text(endpoint, cloud),
        mean=format_number(cloud.value("mean"), endpoint.decimals),
    )


def median_text(endpoint: Endpoint, cloud: Cloud) -> str:
    """Return the median with its quartiles."""
    low, middle, high = cloud.quartiles or (None, None, None)
    return format_median_quartiles(middle, low, high, endpoint.decimals)


def raincloud_data(
    figure_id: str, endpoint: Endpoint, rows: Sequence[CloudRow], visits: Sequence[str]
) -> Table:
    """Return the people in each bin, a column an arm and visit."""
    shown = [
        (row.label if len(visits) == 1 else f"{row.label}, {visit}", cloud)
        for row in rows
        for visit, cloud in zip(visits, row.clouds, strict=True)
        if cloud is not None
    ]
    centres = sorted({centre for _, cloud in shown for centre in cloud.bins})
    return Table(
        id=f"{figure_id}-data",
        title=say("The numbers in the figure"),
        columns=(
            Column(label=say("Value, {unit}", unit=short_unit(endpoint)), align="right"),
            *(Column(label=say("{arm}, people", arm=label), align="right") for label, _ in shown),
        ),
        rows=tuple(
            (label, *(format_integer(cloud.bins.get(centre, 0)) for _, cloud in shown))
            for centre, label in zip(centres, format_ticks(centres), strict=True)
        ),
        footnotes=tuple(
            say("{group}: {values}.", group=label, values=cloud_text(endpoint, cloud))
            for label, cloud in shown
        ),
    )
