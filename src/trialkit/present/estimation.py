"""Everybody's values beside the difference that an analysis makes of them, from what is stored."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

from trialkit.language.speech import say
from trialkit.present.contrast import Contrast, Side, read_contrast
from trialkit.present.forest_rows import ForestRow
from trialkit.present.labels import arm_label, contrast_label, visit_label
from trialkit.present.palette import LINE, MUTED, arm_colours, text_colour
from trialkit.present.table_descriptives import descriptive_rows
from trialkit.present.vocabulary import BEFORE_AND_AFTER, DIFFERENCES
from trialkit.present.wording import compares_changes
from trialkit.result.analysis_result import Estimate
from trialkit.result.answering import at_asked_visit
from trialkit.result.study_results import AnalysisRecord, StudyResults, Transition
from trialkit.study.specification import Endpoint

Cell = tuple[float, float, int]
# Halves of a bin's width cancel in a difference of bins; what is left of them is rounding.
DIGITS: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One arm: how many people have which value, their ways from before, and the mean.

    ``values`` are people by bin centre, at the visit or of the changes; ``pairs`` is empty
    where nothing is known of the time before, and where changes are drawn.
    """

    label: str
    colour: str
    values: dict[float, int]
    pairs: tuple[Cell, ...]
    mean: Estimate

    @property
    def people(self) -> int:
        """How many people are drawn."""
        return sum(self.values.values())

    @property
    def unpaired(self) -> dict[float, int]:
        """People by bin who are drawn without a line, as nothing is known of them before."""
        lines = Counter(after(self.pairs))
        return {} if not lines else dict(Counter(self.values) - lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimation:
    """What an estimation plot shows; the first contrast is the main one.

    ``zero`` is the mean at which the axis of differences has its zero: the comparator's,
    or of a single arm the one before.
    """

    endpoint: Endpoint
    groups: tuple[Group, ...]
    contrasts: tuple[ForestRow, ...]
    visits: tuple[str, str]
    width: float
    of_changes: bool
    adjusted: bool
    zero: float

    @property
    def single(self) -> bool:
        """Whether one arm is compared with itself before."""
        return self.contrasts[0].estimate.reference_arm is None


def read_estimation(
    results: StudyResults, record: AnalysisRecord, row: Estimate
) -> Estimation | None:
    """Return the people and means behind an estimate, or None where they are not stored.

    Participants only, counted in the population of the analysis; a difference or change on
    the endpoint's own scale, with its interval.
    """
    study = results.study
    if not has_people(results, record, row):
        return None
    endpoint = study.find_endpoint(row.parameter or "")
    contrasts = contrasts_beside(results, record, row)
    of_changes = row.quantity != "change" and compares_changes(study, record)
    pairs = [(item.estimate.arm, item.estimate.reference_arm) for item in contrasts]
    shown = [arm for arm in dict.fromkeys(arm for pair in pairs for arm in pair) if arm is not None]
    shown = shown or [arm.id for arm in study.arm]
    means, adjusted = group_means(results, record, row, shown)
    groups = [
        group
        for arm in shown
        if (mean := means.get(arm)) is not None
        and (group := read_group(results, row, arm, mean, of_changes=of_changes)) is not None
    ]
    if len(groups) < len(shown) or not groups:
        return None
    single = row.quantity == "change"
    zero = mean_before(results, record, row, shown[0]) if single else means[row.reference_arm or ""]
    if zero is None or zero.estimate is None:
        return None
    baseline = study.baseline_visit
    return Estimation(
        endpoint=endpoint,
        groups=tuple(groups),
        contrasts=contrasts,
        visits=(
            say("Before") if baseline is None else baseline.label,
            visit_label(study, row.visit),
        ),
        width=bin_width(results, row),
        of_changes=of_changes,
        adjusted=adjusted,
        zero=zero.estimate,
    )


def has_people(results: StudyResults, record: AnalysisRecord, row: Estimate) -> bool:
    """Return whether an estimate is of stored people: same status, population and endpoint."""
    study = results.study
    planned = next((item for item in study.analysis if item.id == record.analysis), None)
    if planned is None or planned.data != "participants" or row.visit is None:
        return False
    if row.quantity not in DIFFERENCES | {"change"} or row.estimate is None:
        return False
    if row.quantity == "change" and row.arm is None and not study.is_single_arm:
        return False
    population = study.find_estimand(planned.estimand).population
    described = [
        result
        for result in results.descriptives
        if any(item.parameter == row.parameter for item in result.estimates)
    ]
    return any(result.estimand == population for result in described)


def contrasts_beside(
    results: StudyResults, record: AnalysisRecord, row: Estimate
) -> tuple[ForestRow, ...]:
    """Return an estimate and those that share its comparator or its treatment."""
    others = [
        item
        for item in at_asked_visit(results.study, record)
        if item.quantity == row.quantity
        and row.reference_arm is not None
        and (item.reference_arm == row.reference_arm or item.arm == row.arm)
        and (item.visit, item.parameter, item.term) == (row.visit, row.parameter, row.term)
        and item.estimate is not None
        and item != row
    ]
    several = len({item.reference_arm for item in (row, *others)}) > 1
    return tuple(
        ForestRow(
            record=record,
            estimate=item,
            shown=unnamed(read_contrast(results, record, item), item, several=several),
            label=contrast_label(results.study, item.arm, item.reference_arm),
            mark="",
        )
        for item in (row, *others)
    )


def unnamed(shown: Contrast, row: Estimate, *, several: bool) -> Contrast:
    """Return a contrast whose comparator has no name on the axis that several share."""
    if not several or shown.left is None or shown.right is None or row.reference_arm is None:
        return shown
    comparator = Side(text=say("comparator better"), colour=MUTED)
    # The treatment's side is the one in the colour of the row.
    if shown.left.colour == text_colour(shown.colour):
        return replace(shown, right=comparator)
    return replace(shown, left=comparator)


def group_means(
    results: StudyResults, record: AnalysisRecord, row: Estimate, arms: list[str]
) -> tuple[dict[str, Estimate], bool]:
    """Return the mean of each arm, and whether a model adjusted it.

    The analysis's own means where it has one of every arm, so that their distance is its
    difference; else those that were seen.
    """
    own = {
        item.arm: item
        for item in at_asked_visit(results.study, record)
        if item.quantity in {"mean", "ls_mean"}
        and item.arm in arms
        and item.visit == row.visit
        and item.term in {None, row.term, "change"}
        and item.method not in BEFORE_AND_AFTER
        and item.estimate is not None
    }
    if row.quantity == "change":
        return means_after(results, record, row, arms), False
    if set(own) == set(arms):
        return {arm: own[arm] for arm in arms}, any(
            item.quantity == "ls_mean" for item in own.values()
        )
    found = {arm: seen_mean(results, row, arm, row.visit) for arm in arms}
    return {arm: mean for arm, mean in found.items() if mean is not None}, False


def means_after(
    results: StudyResults, record: AnalysisRecord, row: Estimate, arms: list[str]
) -> dict[str, Estimate]:
    """Return the mean at the visit of the people whose change is estimated.

    As it was seen, with its interval, where nobody else has a value at the visit; else the
    analysis's own, which has none.
    """
    found = {}
    for arm in arms:
        seen = seen_mean(results, row, arm, row.visit)
        own = own_mean(record, row, BEFORE_AND_AFTER[1])
        same = seen is not None and seen.n_subjects == row.n_subjects
        mean = seen if same or own is None else own
        if mean is not None:
            found[arm] = mean
    return found


def mean_before(
    results: StudyResults, record: AnalysisRecord, row: Estimate, arm: str
) -> Estimate | None:
    """Return the mean from which a change is counted: the analysis's own, else as seen."""
    baseline = results.study.baseline_visit
    visit = None if baseline is None else baseline.id
    own = own_mean(record, row, BEFORE_AND_AFTER[0])
    return own or seen_mean(results, row, arm, visit)


def own_mean(record: AnalysisRecord, row: Estimate, method: str) -> Estimate | None:
    """Return the mean before or after that a paired analysis stores of an arm."""
    rows = record.result.estimates if record.result is not None else ()
    return next(
        (
            item
            for item in rows
            if (item.method, item.arm, item.parameter) == (method, row.arm, row.parameter)
            and item.estimate is not None
        ),
        None,
    )


def seen_mean(results: StudyResults, row: Estimate, arm: str, visit: str | None) -> Estimate | None:
    """Return the mean of an arm at a visit as it was seen, if it is stored."""
    seen = descriptive_rows(results, row.parameter or "")
    mean = seen.get((arm, visit), {}).get("mean")
    return None if mean is None or mean.estimate is None else mean


def read_group(
    results: StudyResults, row: Estimate, arm: str, mean: Estimate, *, of_changes: bool
) -> Group | None:
    """Return one arm's people, or None where fewer than three are stored."""
    study = results.study
    place = (row.parameter, row.visit, arm)
    moves = next(
        (item for item in results.transitions if (item.endpoint, item.visit, item.arm) == place),
        None,
    )
    cells = () if moves is None else moves.cells
    known = stored_values(results, place)
    values = changes(moves) if of_changes else shown_values(cells, known, mean.n_subjects)
    if row.quantity == "change":
        values = after(cells)
    if not values:
        return None
    return Group(
        label=arm_label(study, arm),
        colour=arm_colours(study).get(arm, LINE),
        values=values,
        pairs=() if of_changes else cells,
        mean=mean,
    )


def shown_values(
    cells: tuple[Cell, ...], known: dict[float, int], people: int | None
) -> dict[float, int]:
    """Return the people whose mean is drawn: everybody with a value, or those with both."""
    paired = after(cells)
    own = (sum(paired.values()), sum(known.values()))
    return known if not paired or (people == own[1] != own[0]) else paired


def changes(moves: Transition | None) -> dict[float, int]:
    """Return people by the change of their bin."""
    counts: Counter[float] = Counter()
    for start, end, count in () if moves is None else moves.cells:
        counts[round(end - start, DIGITS)] += count
    return dict(sorted(counts.items()))


def after(cells: tuple[Cell, ...]) -> dict[float, int]:
    """Return people by their bin after."""
    counts: Counter[float] = Counter()
    for _, end, count in cells:
        counts[end] += count
    return dict(sorted(counts.items()))


def start(cells: tuple[Cell, ...]) -> dict[float, int]:
    """Return people by their bin before."""
    return after(tuple((end, begin, count) for begin, end, count in cells))


def stored_values(
    results: StudyResults, place: tuple[str | None, str | None, str]
) -> dict[float, int]:
    """Return people by bin centre at a visit."""
    found = [
        item for item in results.distributions if (item.endpoint, item.visit, item.arm) == place
    ]
    return {
        item.lower + (position + 0.5) * item.width: count
        for item in found
        for position, count in enumerate(item.counts)
        if count
    }


def bin_width(results: StudyResults, row: Estimate) -> float:
    """Return the width of the bins in which an endpoint's people are stored."""
    place = (row.parameter, row.visit)
    widths = [item.width for item in results.transitions if (item.endpoint, item.visit) == place]
    widths += [item.width for item in results.distributions if (item.endpoint, item.visit) == place]
    return widths[0]
