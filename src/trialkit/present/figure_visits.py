"""Adjusted means over visits: what a model of all visits says of each arm at each of them."""

from typing import Final

from trialkit.errors import SpecificationError
from trialkit.language.speech import later, say
from trialkit.present.canvas import drawing
from trialkit.present.exhibit import Column, Figure, Table
from trialkit.present.format import (
    format_integer,
    format_quantity,
    format_quantity_interval,
)
from trialkit.present.grammar import mid_sentence
from trialkit.present.labels import (
    analysis_endpoint,
    analysis_label,
    arm_label,
    axis_text,
    short_unit,
    visit_label,
)
from trialkit.present.profile_drawing import (
    Profile,
    profile_svg,
    profile_words,
    profiles_of,
    visits_of,
)
from trialkit.present.table_descriptives import interval_head
from trialkit.present.wording import better_words
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import AnalysisRecord, StudyResults
from trialkit.study.specification import Endpoint

FOOTNOTE: Final = later(
    "Means of a model of all these visits, at the same values of its covariates; n: people with "
    "a value in the model at that visit."
)


def visits_figure(results: StudyResults, record: AnalysisRecord) -> Figure:
    """Draw the adjusted mean of each arm at each visit of a model, with its interval.

    As the figure of the means that were seen: a line an arm, arms a little apart, the whole
    scale of the endpoint, and the people in the model under the axis. Where the outcome is a
    change, the axis holds zero.

    Raises
    ------
    SpecificationError
        If the result has no adjusted mean of a visit.
    """
    study = results.study
    profiles = adjusted_profiles(results, record)
    if not profiles:
        raise SpecificationError(f"analysis {record.analysis!r} has no adjusted mean of a visit")
    planned = study.find_analysis(record.analysis)
    endpoint = analysis_endpoint(study, planned)
    of_changes = planned.outcome == "change"
    figure_id = f"figure-visits-{record.analysis}"
    with drawing():
        svg = profile_svg(study, endpoint, profiles, figure_id=figure_id, of_changes=of_changes)
    values = {"outcome": axis_text(endpoint), "better": better_words(endpoint)}
    said = profile_words(study, endpoint, profiles, visits_of(study, profiles))
    data = data_table(results, record, profiles, endpoint)
    return Figure(
        id=figure_id,
        title=data.title,
        svg=svg,
        alt=say(
            "Adjusted mean change in {outcome} ({better}). {said}.",
            said=said,
            **(values | {"outcome": mid_sentence(values["outcome"])}),
        )
        if of_changes
        else say("Adjusted mean {outcome} ({better}). {said}.", said=said, **values),
        data=data,
        footnotes=(say(FOOTNOTE),),
    )


def adjusted_profiles(results: StudyResults, record: AnalysisRecord) -> list[Profile]:
    """Return the arms with adjusted means at visits, in the order of the study."""
    rows = record.result.select(quantity="ls_mean") if record.result is not None else ()
    known = [row for row in rows if row.visit is not None and row.estimate is not None]
    by_arm: dict[str | None, dict[str, Estimate]] = {}
    for arm in results.study.arm:
        of_arm = {row.visit: row for row in known if row.arm == arm.id and row.visit is not None}
        if of_arm:
            by_arm[arm.id] = of_arm
    return profiles_of(results.study, by_arm)


def data_table(
    results: StudyResults, record: AnalysisRecord, profiles: list[Profile], endpoint: Endpoint
) -> Table:
    """Return the numbers in the figure: a row an arm and visit."""
    study, unit = results.study, short_unit(endpoint)
    rows = [row for profile in profiles for row in profile.rows.values()]
    name, level = analysis_label(study, record.analysis), interval_head(rows)
    return Table(
        id=f"figure-visits-{record.analysis}-data",
        title=say(
            "{analysis}: adjusted mean and {interval}, by visit and arm",
            analysis=name,
            interval=level,
        ),
        columns=(
            Column(label=say("Arm")),
            Column(label=say("Visit")),
            Column(label="n", align="right"),
            Column(label=say("Adjusted mean, {unit}", unit=unit), align="decimal"),
            Column(label=level, align="right"),
        ),
        rows=tuple(
            (
                arm_label(study, row.arm),
                visit_label(study, row.visit),
                format_integer(row.n_subjects),
                format_quantity(row.estimate, "ls_mean", endpoint.decimals),
                format_quantity_interval(row.conf_low, row.conf_high, "ls_mean", endpoint.decimals),
            )
            for row in rows
        ),
    )
