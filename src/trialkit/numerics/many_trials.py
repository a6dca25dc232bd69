"""Many simulated or imputed trials of one layout, fitted together."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from trialkit.errors import DataError, NotEstimableError
from trialkit.numerics.arrays import BoolArray, FloatArray, IntArray
from trialkit.numerics.covariance_structures import CovarianceStructure
from trialkit.numerics.mixed_fit import MixedFit, fit_mixed
from trialkit.numerics.mixed_inference import kenward_roger_basis, satterthwaite_df
from trialkit.numerics.subject_blocks import Blocks, different_columns

# Trials fitted together: enough to share the cost of each call, few enough to stay in cache.
AT_ONCE = 32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ManyFits:
    """Fits of many trials, and linear functions of their coefficients.

    Attributes
    ----------
    beta : array, shape (b, p)
    vcov : array, shape (b, p, p)
        Model-based covariance of the coefficients.
    Sigma : array, shape (b, t, t)
    log_likelihood : array, shape (b,)
    converged : array of bool, shape (b,)
        Of a trial that did not converge, or whose coefficients are not determined, every
        number is NaN.
    estimate, std_error, df : array, shape (b, m)
        Of the functions, with Satterthwaite's degrees of freedom.
    kenward_roger_std_error : array, shape (b, m)
        With the second derivatives, as SAS prints it; Kenward and Roger's degrees of freedom
        of a single function are Satterthwaite's.
    """

    beta: FloatArray
    vcov: FloatArray
    Sigma: FloatArray
    log_likelihood: FloatArray
    converged: BoolArray
    estimate: FloatArray
    std_error: FloatArray
    df: FloatArray
    kenward_roger_std_error: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """The records that any of the trials may have, by subject and visit.

    Attributes
    ----------
    row : array of int, shape (s, t)
        Record of each subject and visit; -1 where there is none.
    columns : array, shape (1 or b, s, d)
        The different columns that visits of the design are made of.
    place : array of int, shape (t, p)
        Which of them each column is at each visit; -1 is zero.
    """

    row: IntArray
    columns: FloatArray
    place: IntArray


def fit_many(
    X: FloatArray,
    y: FloatArray,
    *,
    subject: IntArray,
    visit: IntArray,
    structure: CovarianceStructure,
    L: FloatArray,
    reml: bool = True,
) -> ManyFits:
    """Fit the same model to many trials whose subjects and visits are the same.

    Trials are taken in groups that share every call, so a fit costs little more than its
    arithmetic. Each result is that of ``fit_mixed`` with the trial's own records.

    Parameters
    ----------
    X : array, shape (n, p) or (b, n, p)
        Design, the same for all trials or one each.
    y : array, shape (b, n)
        Outcomes; NaN where a trial has no record.
    subject : array of int, shape (n,)
        Any codes; a subject has each visit at most once.
    visit : array of int, shape (n,)
        0 to t - 1.
    structure : CovarianceStructure
        Of size t.
    L : array, shape (m, p)
        Linear functions of the coefficients.
    reml : bool

    Returns
    -------
    ManyFits

    Raises
    ------
    DataError
        If a subject has a visit twice.

    References
    ----------
    As ``fit_mixed``, ``satterthwaite_df`` and ``kenward_roger_basis``; R fits one trial at a
    time, SAS ``PROC MIXED`` has ``BY``.
    """
    layout = shared_layout(X if X.ndim == 3 else X[np.newaxis], subject, visit)
    t = structure.size
    parts = []
    for first in range(0, len(y), AT_ONCE):
        chosen = slice(first, first + AT_ONCE)
        own = layout.columns if len(layout.columns) == 1 else layout.columns[chosen]
        blocks = trial_blocks(y[chosen], own, layout, t)
        parts.extend(fitted_parts(blocks, structure, L, reml=reml))
    return joined(parts)


def shared_layout(X: FloatArray, subject: IntArray, visit: IntArray) -> Layout:
    """Return where the records of subjects and visits stand, and what their rows are made of."""
    _, person = np.unique(subject, return_inverse=True)
    s, t, p = int(person.max()) + 1, int(visit.max()) + 1, X.shape[-1]
    row = np.full((s, t), -1)
    row[person, visit] = np.arange(visit.size)
    if np.count_nonzero(row >= 0) != visit.size:
        raise DataError(
            f"subject and visit: expected each visit once a subject, found {visit.size} records "
            f"of {np.count_nonzero(row >= 0)} subjects' visits; remove duplicates"
        )
    spread = np.zeros((len(X), s, t, p))
    spread[:, person, visit] = X
    kept, place = different_columns(spread.reshape(len(X) * s, t * p))
    columns = spread.reshape(len(X), s, t * p)[..., kept]
    return Layout(row=row, columns=columns, place=place.reshape(t, p))


def trial_blocks(y: FloatArray, columns: FloatArray, layout: Layout, t: int) -> Blocks:
    """Return the blocks of some trials, patterns and their rows in common.

    A pattern that some trial lacks counts 0 there and its rows are zero.

    Parameters
    ----------
    y : array, shape (b, n)
    columns : array, shape (1 or b, s, d)
    t : int
        Visits of the covariance matrix.
    """
    outcomes = np.full((len(y), *layout.row.shape), np.nan)
    there = layout.row >= 0
    outcomes[:, there] = y[:, layout.row[there]]
    present = ~np.isnan(outcomes)
    code = present @ (1 << np.arange(present.shape[-1]))
    incidence, counts, rows = [], [], []
    for key in np.unique(code[code > 0]):
        seen = np.flatnonzero(key >> np.arange(present.shape[-1]) & 1)
        member = code == key
        people = member.sum(axis=1)
        reduced = pattern_rows(member, people, columns, outcomes[..., seen])
        rows.append(expanded(reduced, seen, layout.place, t))
        matrix = np.zeros((t, t))
        matrix[seen, seen] = 1.0
        incidence.append(matrix)
        counts.append(people)
    return Blocks(
        incidence=np.array(incidence),
        counts=np.array(counts, dtype=np.float64).T,
        pattern=np.repeat(np.arange(len(rows)), [block.shape[1] for block in rows]),
        A=np.concatenate(rows, axis=1),
        n_records=present.sum(axis=(1, 2)).astype(np.float64),
        log_weights=np.zeros(len(y)),
    )


def pattern_rows(
    member: BoolArray, people: IntArray, columns: FloatArray, outcomes: FloatArray
) -> FloatArray:
    """Return columns and outcomes of the members of a pattern, reduced where that pays.

    Parameters
    ----------
    member : array of bool, shape (b, s)
    people : array of int, shape (b,)
    columns : array, shape (1 or b, s, d)
    outcomes : array, shape (b, s, m)

    Returns
    -------
    array, shape (b, r, d + m)
        Zero rows fill up trials with fewer members.
    """
    most = int(people.max())
    chosen = np.argsort(~member, axis=1, kind="stable")[:, :most]
    trial = np.arange(len(member))[:, np.newaxis]
    d, width = columns.shape[-1], columns.shape[-1] + outcomes.shape[-1]
    rows = np.empty((len(member), most, width))
    rows[..., :d] = columns[trial if len(columns) > 1 else 0, chosen]
    rows[..., d:] = outcomes[trial, chosen]
    rows[np.arange(most) >= people[:, np.newaxis]] = 0.0
    return rows if most <= width else np.asarray(np.linalg.qr(rows, mode="r"))


def expanded(rows: FloatArray, seen: IntArray, place: IntArray, t: int) -> FloatArray:
    """Return rows of different columns as design and outcome by visit, (b, r, t, p + 1)."""
    p = place.shape[1]
    d = rows.shape[-1] - seen.size
    whole = np.zeros((*rows.shape[:2], t, p + 1))
    for position, visit in enumerate(seen):
        used = np.flatnonzero(place[visit] >= 0)
        whole[:, :, visit, used] = rows[..., place[visit, used]]
        whole[:, :, visit, p] = rows[..., d + position]
    return whole


def fitted_parts(
    blocks: Blocks, structure: CovarianceStructure, L: FloatArray, *, reml: bool
) -> list[ManyFits]:
    """Return the fits of a group of trials; one by one if some trial cannot be fitted."""
    try:
        return [of_interest(fit_mixed(blocks, structure, reml=reml), L)]
    except NotEstimableError:
        if len(blocks.A) == 1:
            return [nothing(blocks.n_coefficients, structure.size, len(L))]
    singles = (blocks.trials(np.array([trial])) for trial in range(len(blocks.A)))
    return [part for each in singles for part in fitted_parts(each, structure, L, reml=reml)]


def of_interest(fit: MixedFit, L: FloatArray) -> ManyFits:
    """Return what is kept of a group of fits."""
    converged = fit.optimum.converged
    turned = L @ fit.basis
    adjusted = turned @ kenward_roger_basis(fit, linear=False)
    kept = {
        "beta": fit.beta,
        "vcov": fit.vcov,
        "Sigma": fit.Sigma,
        "log_likelihood": fit.log_likelihood,
        "estimate": fit.beta @ L.T,
        "std_error": np.sqrt((turned**2).sum(axis=-1)),
        "df": satterthwaite_df(fit, L),
        "kenward_roger_std_error": np.sqrt((adjusted * turned).sum(axis=-1)),
    }
    for values in kept.values():
        values[~converged] = np.nan
    return ManyFits(converged=converged, **kept)


def nothing(p: int, t: int, m: int) -> ManyFits:
    """Return the record of one trial whose coefficients are not determined."""
    return ManyFits(
        beta=np.full((1, p), np.nan),
        vcov=np.full((1, p, p), np.nan),
        Sigma=np.full((1, t, t), np.nan),
        log_likelihood=np.full(1, np.nan),
        converged=np.zeros(1, dtype=bool),
        estimate=np.full((1, m), np.nan),
        std_error=np.full((1, m), np.nan),
        df=np.full((1, m), np.nan),
        kenward_roger_std_error=np.full((1, m), np.nan),
    )


def joined(parts: Sequence[ManyFits]) -> ManyFits:
    """Return the fits of all groups as one record."""
    return ManyFits(
        **{
            field.name: np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(ManyFits)
        }
    )
