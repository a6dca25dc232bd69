"""Values over visits: the mean of each arm as it was seen, with its interval."""

from trialkit.errors import SpecificationError
from trialkit.language.speech import say
from trialkit.present.canvas import drawing
from trialkit.present.exhibit import Figure
from trialkit.present.labels import axis_text
from trialkit.present.profile_drawing import (
    Profile,
    profile_svg,
    profile_words,
    profiles_of,
    visits_of,
)
from trialkit.present.table_descriptives import descriptive_rows, descriptives_table, interval_head
from trialkit.present.wording import better_words
from trialkit.result.analysis_result import Estimate
from trialkit.result.study_results import StudyResults


def means_figure(results: StudyResults, endpoint_id: str) -> Figure:
    """Draw the mean of an endpoint by visit and arm, each with its interval.

    The axis runs over the whole scale of the endpoint where it has limits; where all means
    lie in the lowest quarter of it, it is cut above them and says so. Arms stand a little
    apart so that their intervals do not hide each other; the number of people
    behind each mean stands under the axis.

    Raises
    ------
    SpecificationError
        If no mean of the endpoint is stored.
    """
    endpoint = results.study.find_endpoint(endpoint_id)
    profiles = mean_profiles(results, endpoint_id)
    if not profiles:
        raise SpecificationError(f"no mean of endpoint {endpoint_id!r} is stored")
    figure_id = f"figure-means-{endpoint_id}"
    with drawing():
        svg = profile_svg(results.study, endpoint, profiles, figure_id=figure_id)
    means = [row for profile in profiles for row in profile.rows.values()]
    said = profile_words(results.study, endpoint, profiles, visits_of(results.study, profiles))
    return Figure(
        id=figure_id,
        title=say(
            "{outcome}: mean and {interval}, by visit and arm",
            outcome=endpoint.label,
            interval=interval_head(means),
        ),
        svg=svg,
        alt=say(
            "Mean {outcome} ({better}). {said}.",
            outcome=axis_text(endpoint),
            better=better_words(endpoint),
            said=said,
        ),
        data=descriptives_table(results, endpoint_id),
    )


def mean_profiles(results: StudyResults, endpoint_id: str) -> list[Profile]:
    """Return the arms whose means are stored, in the order of the study."""
    by_arm: dict[str | None, dict[str, Estimate]] = {}
    for (arm, visit), rows in descriptive_rows(results, endpoint_id).items():
        mean = rows.get("mean")
        if mean is not None and mean.estimate is not None and visit is not None:
            by_arm.setdefault(arm, {})[visit] = mean
    return profiles_of(results.study, by_arm)
