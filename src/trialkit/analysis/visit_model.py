"""A repeated-measures model, fitted: its coding, its fit, its linear functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trialkit.analysis.mmrm_options import MmrmOptions
from trialkit.analysis.visit_totals import (
    VisitTotals,
    require_every_visit,
    require_variation,
)
from trialkit.design.columns import require_size
from trialkit.design.visits import Coding, label_numbers
from trialkit.errors import ConvergenceError, NotEstimableError, SpecificationError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.covariance_structures import (
    SPATIAL_POWERS,
    CovarianceStructure,
    DirectSum,
    build_structure,
)
from trialkit.numerics.distance_structures import Distances
from trialkit.numerics.mixed_fit import MixedFit, fit_mixed, require_converged
from trialkit.numerics.subject_blocks import Blocks
from trialkit.terms import CovarianceName, MarginalWeights

# Levels named in a message.
MOST_NAMED = 5
# The blocks of subjects with times of their own, and the distances between their records.
SpatialBlocks = tuple[Blocks, FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VisitModel:
    """A model fitted to the totals of its records.

    Attributes
    ----------
    coding : Coding
    totals : VisitTotals
    fit : MixedFit
    covariance : str
        The structure that was fitted: the first of the ladder that could be.
    groups : tuple of str
        Levels that have a covariance matrix each; empty for one matrix.
    origin : array, shape (f,)
        What was taken from the numbers.
    notes : tuple of str
    """

    coding: Coding
    totals: VisitTotals
    fit: MixedFit
    covariance: CovarianceName
    groups: tuple[str, ...]
    origin: FloatArray
    notes: tuple[str, ...]

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, the reference first."""
        return next(iter(self.coding.categories.values()))

    @property
    def visits(self) -> tuple[str, ...]:
        """The visits in their order."""
        return list(self.coding.categories.values())[1]

    def cell_means(self, margins: MarginalWeights) -> FloatArray:
        """Return the rows of the adjusted means, shape (a, v, p).

        Numbers stand at their means over all records; other categories are averaged alike
        (``equal``) or by the records that have them (``proportional``).
        """
        values = self.totals.number_sums / self.totals.n_records
        arms, visits, *_ = self.coding.sizes
        if margins == "equal":
            return self.coding.means(values)
        records = self.totals.combinations.reshape(arms * visits, -1).sum(axis=0)
        return self.coding.means(values, records / records.sum())

    def given_coefficients(self) -> FloatArray:
        """Return the rows that turn coefficients into those of the numbers as given."""
        return self.coding.given_origin(self.origin)


def fit_visit_model(
    totals: VisitTotals,
    coding: Coding,
    *,
    outcome: str,
    origin: FloatArray,
    groups: tuple[str, ...],
    options: MmrmOptions,
    spatial: SpatialBlocks | None = None,
) -> VisitModel:
    """Fit the first covariance structure of the ladder that can be fitted.

    Raises
    ------
    NotEstimableError
        If there is one visit only, arms have no record at a visit, the outcome does not vary at
        one, a term is a combination of others, or two visits never meet in one subject.
    ConvergenceError
        If the likelihood has no maximum under the last structure of the ladder.
    """
    arms, visits = list(coding.categories.values())[:2]
    require_several_visits(visits)
    if options.visit_effects == "by_arm":
        require_every_visit(totals, arms, visits)
    require_variation(totals, outcome, visits)
    notes: list[str] = []
    for position, name in enumerate(options.covariance):
        try:
            fit = fit_structure(
                totals, coding, name, groups=groups, options=options, spatial=spatial
            )
        except (ConvergenceError, NotEstimableError) as error:
            if position == len(options.covariance) - 1:
                raise
            note = tell(
                "covariance {covariance} could not be fitted ({reason}); {after} was tried, "
                "as planned",
                covariance=name,
                reason=error.args[0],
                after=options.covariance[position + 1],
            )
            notes.append(note)
            continue
        return VisitModel(
            coding=coding,
            totals=totals,
            fit=fit,
            covariance=name,
            groups=groups,
            origin=origin,
            notes=tuple(notes),
        )
    raise AssertionError("a ladder has at least one rung")


def fit_structure(
    totals: VisitTotals,
    coding: Coding,
    name: CovarianceName,
    *,
    groups: tuple[str, ...],
    options: MmrmOptions,
    spatial: SpatialBlocks | None,
) -> MixedFit:
    """Fit one covariance structure."""
    visits = list(coding.categories.values())[1]
    copies = max(len(groups), 1)
    if name == "unstructured":
        require_meeting_visits(totals, visits, groups)
    require_people_in_groups(totals, visits, groups, name)
    structure: CovarianceStructure
    labels, spread = list(visits), totals.highest - totals.lowest
    if groups:
        labels = [f"{visit} in {group}" for group in groups for visit in visits]
        spread = np.tile(spread, len(groups))
    if spatial is not None:
        blocks, distance = spatial
        structure = Distances(distance, power=SPATIAL_POWERS[name])
    else:
        blocks = totals.blocks
        times = visit_times(visits, options.times) if name in SPATIAL_POWERS else None
        one = build_structure(name, len(visits), times=times)
        structure = one if copies == 1 else DirectSum([one] * copies)
    fit = fit_mixed(
        blocks, structure, reml=options.reml, names=coding.names, visits=labels, spread=spread
    )
    require_converged(fit, tell("covariance {covariance}", covariance=name))
    return fit


def require_several_visits(visits: Sequence[str]) -> None:
    """Raise unless there are visits to be correlated."""
    if len(visits) < 2:
        raise NotEstimableError(
            tell(
                "{visit} is the only visit with complete records, so there are no visits to be "
                "correlated; compare the arms at one visit with tk.ancova",
                visit=visits[0],
            )
        )


def require_people_in_groups(
    totals: VisitTotals, visits: Sequence[str], groups: Sequence[str], name: CovarianceName
) -> None:
    """Raise if a level that has a covariance matrix of its own has too few subjects for it.

    A free matrix of t visits needs t residuals of subjects with a mean of their own, t + 1
    subjects; with fewer it is singular. A pattern needs two subjects, or all is in the mean.
    """
    if len(groups) < 2:
        return
    t = len(visits)
    needed = t + 1 if name == "unstructured" else 2
    seen = totals.blocks.incidence.any(axis=1).reshape(-1, len(groups), t).any(axis=2)
    people = totals.blocks.counts[0] @ seen
    few = [
        tell("{group} ({n})", group=group, n=int(count))
        for group, count in zip(groups, people, strict=True)
        if count < needed
    ]
    if few:
        found = tell_list(few[:MOST_NAMED])
        if len(few) > MOST_NAMED:
            found = tell("{levels} and {n} more", levels=found, n=len(few) - MOST_NAMED)
        raise NotEstimableError(
            tell(
                "group_covariance: expected {needed} or more subjects in each level, as covariance "
                "{covariance} of {t} visits needs, found {found}; join levels, or choose a "
                "covariance with fewer parameters",
                needed=needed,
                covariance=name,
                t=t,
                found=found,
            )
        )


def require_meeting_visits(
    totals: VisitTotals, visits: Sequence[str], groups: Sequence[str]
) -> None:
    """Raise if a covariance is free of which no subject has both visits."""
    seen = np.asarray(totals.blocks.incidence.any(axis=1))
    both = seen[:, :, np.newaxis] & seen[:, np.newaxis, :]
    together = np.tensordot(totals.blocks.counts[0], both, axes=1)
    t = len(visits)
    apart = []
    for group, label in enumerate(groups or ("",)):
        rows = slice(group * t, (group + 1) * t)
        for one, other in np.argwhere(np.triu(together[rows, rows] == 0, k=1)):
            pair = tell("{one} and {other}", one=visits[one], other=visits[other])
            apart.append(tell("{visits} in {group}", visits=pair, group=label) if label else pair)
    if apart:
        raise NotEstimableError(
            tell(
                "no subject has both {visits}, so the covariance of these visits is not "
                "determined; choose a structure with fewer parameters, or leave a visit out",
                visits=tell_list(apart[:3], "; "),
            )
        )


def visit_times(visits: Sequence[str], times: Mapping[str, float] | None) -> FloatArray:
    """Return when the visits are: as given, or the one number in each label.

    Raises
    ------
    SpecificationError
        If a visit has no time, or two have the same.
    DataError
        If they are too large or too small to be squared.
    """
    if times is None:
        numbers = [label_numbers(visit) for visit in visits]
        if any(len(found) != 1 for found in numbers):
            raise SpecificationError(
                "times: expected the time of each visit, such as "
                f"{{{', '.join(f'{visit!r}: {i}' for i, visit in enumerate(visits))}}}, because "
                "the labels do not hold one number each"
            )
        chosen = [found[0] for found in numbers]
    else:
        absent = [visit for visit in visits if visit not in times]
        if absent:
            raise SpecificationError(f"times: expected a time for {', '.join(absent)}, found none")
        chosen = [float(times[visit]) for visit in visits]
    if len(set(chosen)) < len(chosen) or not np.all(np.isfinite(chosen)):
        raise SpecificationError(f"times: expected different times for visits, found {chosen}")
    sizes = np.array(chosen)
    require_size(sizes, "times")
    return sizes
