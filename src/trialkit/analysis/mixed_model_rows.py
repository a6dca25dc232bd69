"""A model with random effects as labelled rows and figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trialkit.analysis.estimates import from_inference
from trialkit.analysis.mixed_model_records import MixedRecords
from trialkit.analysis.mmrm_inference import Tester
from trialkit.analysis.mmrm_rows import joint_hypotheses, joint_row
from trialkit.analysis.model_coefficients import readable
from trialkit.design.contrasts import Pair
from trialkit.design.random_terms import INTERCEPT
from trialkit.language.told import tell, tell_count, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.mixed_profile import profile_limits
from trialkit.numerics.random_effects import RandomFit
from trialkit.result.analysis_result import Estimate
from trialkit.terms import Quantity

CHANGE = "change"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """One linear function of the coefficients, and what it is called."""

    L: FloatArray
    quantity: Quantity
    visit: str | None = None
    arm: str | None = None
    reference_arm: str | None = None
    term: str | None = None
    n_subjects: int | None = None


def labelled_rows(
    records: MixedRecords, means: FloatArray, pairs: Sequence[Pair], *, baseline: str | None
) -> Iterator[Labelled]:
    """Yield adjusted means, their differences, changes from a visit, and differences of these.

    Parameters
    ----------
    records : MixedRecords
    means : array, shape (a, v, p)
    pairs : sequence of (treatment, reference)
    baseline : str or None
        The visit that changes are from; None without visits.
    """
    place = {arm: position for position, arm in enumerate(records.arms)}
    visits = [(v, visit or None) for v, visit in enumerate(records.visits)]
    later = [(v, visit) for v, visit in visits if visit != baseline and baseline is not None]
    start = records.visits.index(baseline) if baseline is not None else 0
    change = means - means[:, start : start + 1]
    for v, visit in visits:
        for arm, a in place.items():
            n = people_of(records, [a], v)
            yield Labelled(L=means[a, v], quantity="ls_mean", visit=visit, arm=arm, n_subjects=n)
    for v, visit in later:
        for arm, a in place.items():
            n = people_of(records, [a], v)
            yield Labelled(L=change[a, v], quantity="change", visit=visit, arm=arm, n_subjects=n)
    for cells, chosen, term in ((means, visits, None), (change, later, CHANGE)):
        for v, visit in chosen:
            for one, other in pairs:
                a, b = place[one], place[other]
                yield Labelled(
                    L=cells[a, v] - cells[b, v],
                    quantity="ls_mean_difference",
                    visit=visit,
                    arm=one,
                    reference_arm=other,
                    term=term,
                    n_subjects=people_of(records, [a, b], v),
                )


def people_of(records: MixedRecords, arms: Sequence[int], visit: int) -> int | None:
    """Return how many people some arms have at a visit, where people are known."""
    return None if records.people is None else int(records.people[list(arms), visit].sum())


def estimate_rows(
    rows: Sequence[Labelled],
    tester: Tester,
    *,
    conf_level: float,
    method: str,
    likelihood: RandomFit | None,
) -> tuple[Estimate, ...]:
    """Return linear functions as rows; adjusted means are not tested.

    With a fit by maximum likelihood, limits and tests are those of its profile.
    """
    L = np.array([row.L for row in rows])
    inference = tester.infer(L, conf_level=conf_level)
    made = tuple(
        from_inference(
            inference,
            position,
            quantity=row.quantity,
            tested=row.quantity != "ls_mean",
            visit=row.visit,
            arm=row.arm,
            reference_arm=row.reference_arm,
            term=row.term,
            n_subjects=row.n_subjects,
            conf_level=conf_level,
            method=method,
        )
        for position, row in enumerate(rows)
    )
    if likelihood is None:
        return made
    size = likelihood.fit.scale[0] ** 2 * np.eye(likelihood.free.size) / 2
    profile = profile_limits(
        replace(likelihood.fit, structure=likelihood.free),
        L,
        start=size[np.newaxis],
        conf_level=conf_level,
    )
    return tuple(
        replace(
            row,
            df=None if row.p_value is None else 1.0,
            statistic=None if row.p_value is None else float(profile.deviance[position]),
            p_value=None if row.p_value is None else float(profile.p_value[position]),
            conf_low=float(profile.conf_low[position]),
            conf_high=float(profile.conf_high[position]),
        )
        for position, row in enumerate(made)
    )


def coefficient_labels(records: MixedRecords) -> list[Labelled]:
    """Return the coefficients, of the numbers as given."""
    given = records.coding.given_origin(records.origin)
    return [
        Labelled(L=row, quantity="coefficient", term=readable(name), n_subjects=records.n_subjects)
        for row, name in zip(given, records.coding.names, strict=True)
    ]


def joint_rows(
    records: MixedRecords, means: FloatArray, tester: Tester, *, method: str
) -> tuple[Estimate, ...]:
    """Return the F tests of arm by visit and of arm at any visit, or of arm alone."""
    asked = joint_hypotheses(means, tester.basis)
    tests = {term: tester.joint(L) for term, L in asked.items()}
    return tuple(
        replace(joint_row(test, term=term, n=0, method=method), n_subjects=records.n_subjects)
        for term, test in tests.items()
    )


def component_entries(fit: RandomFit) -> dict[str, float]:
    """Return variances, standard deviations and correlations of the random effects, by name.

    ``variance[trial]`` is of the intercepts, ``variance[arm[active] | trial]`` of a slope.
    """
    entries: dict[str, float] = {}
    for level, matrices in zip(fit.levels, fit.G, strict=True):
        for term, G in zip(level, matrices, strict=True):
            for position, name in enumerate(term.columns):
                label = effect_label(name, term.factor)
                entries[f"variance[{label}]"] = float(G[position, position])
                entries[f"std_dev[{label}]"] = float(np.sqrt(G[position, position]))
    entries["variance[residual]"] = fit.residual_variance
    entries["std_dev[residual]"] = float(np.sqrt(fit.residual_variance))
    for level, matrices in zip(fit.levels, fit.G, strict=True):
        for term, G in zip(level, matrices, strict=True):
            spread = np.sqrt(np.diag(G))
            for one in range(len(spread)):
                for other in range(one):
                    if spread[one] * spread[other] > 0:
                        pair = f"{term.columns[other]}, {term.columns[one]} | {term.factor}"
                        ratio = G[one, other] / (spread[one] * spread[other])
                        entries[f"covariance[{pair}]"] = float(G[one, other])
                        entries[f"correlation[{pair}]"] = float(np.clip(ratio, -1.0, 1.0))
    return entries


def effect_label(column: str, group: str) -> str:
    """Return what a random coefficient is called: its group alone for an intercept."""
    return group if column == INTERCEPT else f"{column} | {group}"


def boundary_notes(fit: RandomFit) -> tuple[str, ...]:
    """Return a note for each term whose best fit lies on the boundary."""
    notes = []
    for level, ranks in zip(fit.levels, fit.ranks, strict=True):
        for term, rank in zip(level, ranks, strict=True):
            k = len(term.columns)
            if rank == 0:
                note = tell_count(
                    k,
                    "the variance of {effects} is estimated as 0; the model without it is reported",
                    "the variances of {effects} are estimated as 0; the model without them is "
                    "reported",
                    effects=tell_list(effect_label(name, term.factor) for name in term.columns),
                )
                notes.append(note)
            elif rank < k:
                note = tell(
                    "the random effects of {factor} ({columns}) vary in {rank} of {k} directions "
                    "only (a variance of 0, or a correlation of 1 or -1); the model with that many "
                    "is reported",
                    factor=term.factor,
                    columns=tell_list(term.columns),
                    rank=rank,
                    k=k,
                )
                notes.append(note)
    return tuple(notes)
