"""Mediation: how much of a difference between arms goes through what changed on the way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.analysis.adjusted_means import arm_counts
from trialkit.analysis.estimates import call, statistics
from trialkit.analysis.frames import (
    compared_levels,
    complete_cases,
    require_columns,
    require_conf_level,
    require_numeric,
    require_word,
)
from trialkit.analysis.mediation_rows import (
    IndirectRows,
    MediationNames,
    mediation_rows,
    row_notes,
)
from trialkit.analysis.model_records import adjusted_words
from trialkit.design.linear import Terms, build_design, parse_terms
from trialkit.errors import SpecificationError
from trialkit.language.told import tell, tell_count, tell_list
from trialkit.numerics.mediation import (
    MediationData,
    MediationFit,
    delta_inference,
    fit_mediation,
    indirect_effects,
)
from trialkit.numerics.mediation_intervals import DrawnInference, drawn_inference
from trialkit.numerics.mediation_resampling import (
    bootstrap_effects,
    jackknife_effects,
    make_basis,
    simulated_effects,
)
from trialkit.numerics.random_streams import Seed, seed_number
from trialkit.result.analysis_result import AnalysisResult
from trialkit.terms import MediationInterval, allowed

FEWEST_DRAWS = 99
# Beside a number of draws: what a level such as 0.99 is off by in binary.
ROUNDING = 1e-6
MEASURED = tell(
    "the mediators were measured, not randomised: a share of an effect through them holds only "
    "if nothing unmeasured drives both a mediator and the outcome (given arms and covariates); "
    "rho is the correlation of their errors at which nothing of it would be left"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """Which interval is asked for, and the draws behind it."""

    interval: MediationInterval
    draws: int
    seed: int

    @property
    def is_drawn(self) -> bool:
        """Whether the interval comes from draws."""
        return self.interval != "delta"


def mediation(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    mediators: Sequence[str],
    covariates: str = "1",
    interval: MediationInterval = "bca",
    draws: int = 5_000,
    seed: Seed | None = None,
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Split the effect of each arm into what goes through mediators and what does not.

    Linear models on the same complete people: each mediator on arm and covariates (the a
    paths), the outcome on arm, all mediators and covariates (the b paths and the direct
    effects), and the outcome on arm and covariates (the total effects). An indirect
    effect is a x b, and total = direct + sum of the indirect effects. Effects are
    relative to the reference arm (Hayes and Preacher 2014). The models hold no product of
    arm and mediator: b is the same in every arm.

    Parameters
    ----------
    frame : DataFrame
        One row per subject; a row with a missing outcome, arm, mediator or covariate is
        left out, and the number left out per arm is in ``notes``.
    outcome, arm : str
        Columns of ``frame``; the outcome is numeric.
    reference : str
        The arm that the others are compared with.
    mediators : sequence of str
        Numeric columns, in parallel: none of them is taken to drive another.
    covariates : str
        Right-hand side of a formula, as in ``ancova``; in every model. The baselines of
        the mediators and of the outcome belong here. The arm may not.
    interval : "bca", "percentile", "monte_carlo" or "delta"
        Of the indirect effects: bootstrap of whole people (bias-corrected and
        accelerated, or plain percentiles), paths drawn from their normal distributions,
        or first-order standard error and normal quantiles (Sobel).
    draws : int
        Resamples, or simulated paths; at least 99, and so many that one is expected beyond
        each limit. Not used by "delta".
    seed : int or numpy Generator
        Needed unless the interval is "delta". The same seed gives the same interval
        whatever the order of the rows.
    conf_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    AnalysisResult
        For each arm against the reference: ``total_effect``, ``direct_effect`` and
        ``indirect_effect`` (``term`` is the mediator, or "all mediators" for their sum if
        there are several), ``proportion_mediated`` by the same terms (None where the
        indirect effect does not point the way of the total effect), and the ``path``
        "a: mediator". For everyone: the ``path`` "b: mediator" and two ``sensitivity``
        rows a mediator, "rho: mediator" (the correlation of the errors of mediator and
        outcome at which the indirect effect is 0) and "R2: mediator" (the product of the
        shares of the total variances of mediator and outcome that a confounder of that
        strength would explain), and an ``assumption_test`` a mediator, that its b path is the
        same in every arm. Effects in the unit of the outcome. ``glance()`` has
        n_subjects, residual_df, draws, redrawn and limit_error, the largest Monte-Carlo
        standard error of a limit.

    Raises
    ------
    SpecificationError
        If a column, the arm or the interval does not exist, a mediator is named twice, draws
        have no seed, or there are too few for the level.
    NotEstimableError
        If an arm is empty, a term depends on others, too many resamples have no estimate,
        or one person alone holds up an arm (BCa).

    Notes
    -----
    Coverage of the 95 % intervals, by simulation at 12 and 40 people an arm (normal, skewed
    and tied scores; ``docs/methods/mediation_intervals.md``): where both paths exist 94 to 95,
    but "delta" 91 to 92 with 12 and 93 to 94 with 40. Where one path is zero BCa goes down to
    91 to 93 (it rejects too often), "percentile" and "monte_carlo" hold 95 to 98, "delta" 97
    to 100. Where both are zero every interval is too wide (99 to 100). Ask for "percentile"
    or "monte_carlo" where a false positive is the greater harm.

    References
    ----------
    Hayes AF, Preacher KJ (2014). Br J Math Stat Psychol 67:451-470. Preacher KJ, Hayes AF
    (2008). Behav Res Methods 40:879-891. Imai K, Keele L, Yamamoto T (2010). Stat Sci
    25:51-71. Lee H and others (2021). JAMA 326:1045-1056 (AGReMA, what to report). R:
    products of ``lm`` coefficients with ``boot``; ``mediation::mediate`` and ``medsens``
    (one mediator). SAS: ``PROC CAUSALMED`` (one mediator).

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "arm": list("aaaabbbb"), "breaths": [15.0, 16, 14, 17, 11, 9, 12, 10],
    ...     "pain": [5.0, 6, 5, 6, 4, 2, 4, 3]})
    >>> result = mediation(frame, outcome="pain", arm="arm", reference="a",
    ...                    mediators=["breaths"], interval="delta")
    >>> [round(result.select(quantity=name)[0].estimate, 6)
    ...  for name in ("total_effect", "direct_effect", "indirect_effect")]
    [-2.25, 0.5, -2.75]
    """
    require_conf_level(conf_level)
    asked = asked_resampling(interval, draws=draws, seed=seed, conf_level=conf_level)
    mediators = mediator_names(mediators)
    terms = parse_terms(covariates)
    require_roles(outcome=outcome, arm=arm, mediators=mediators, covariates=terms.columns)
    columns = [outcome, *mediators, *terms.columns]
    require_columns(frame, [arm, *columns])
    for column in columns:
        if column in (outcome, *mediators) or pd.api.types.is_numeric_dtype(frame[column]):
            require_numeric(frame, column)
    complete = complete_cases(frame, columns=columns, arm=arm)
    levels = compared_levels(complete.frame, arm, reference=reference)
    data = mediation_data(
        complete.frame, outcome=outcome, arm=arm, levels=levels, mediators=mediators, terms=terms
    )
    fit = fit_mediation(data)
    indirect, notes = indirect_rows(fit, data, asked, conf_level=conf_level)
    adjusted = adjusted_words(covariates)
    names = MediationNames(
        arms=levels[1:],
        reference=reference,
        mediators=mediators,
        people=arm_counts(complete.frame, arm),
        method=tell("least squares, {adjusted}", adjusted=adjusted),
    )
    return AnalysisResult(
        method=tell(
            "{outcome} by linear mediation through {mediators}, {adjusted}; "
            "indirect effects as products of coefficients, {interval}",
            outcome=outcome,
            mediators=tell_list(mediators),
            adjusted=adjusted,
            interval=indirect.method,
        ),
        estimates=mediation_rows(
            fit,
            indirect,
            data,
            names=names,
            conf_level=conf_level,
        ),
        fit=statistics(
            {
                "n_subjects": len(data.outcome),
                "residual_df": fit.df_outcome,
                "draws": asked.draws if asked.is_drawn else None,
                "seed": asked.seed if asked.is_drawn else None,
                "redrawn": indirect.redrawn,
                "limit_error": indirect.limit_error,
            }
        ),
        notes=(*complete.notes, MEASURED, *row_notes(fit, indirect, names), *notes),
        provenance=call(
            "mediation",
            outcome=outcome,
            arm=arm,
            reference=reference,
            mediators=list(mediators),
            covariates=covariates,
            interval=interval,
            draws=draws,
            seed=seed,
            conf_level=conf_level,
        ),
    )


def asked_resampling(
    interval: MediationInterval, *, draws: int, seed: Seed | None, conf_level: float
) -> Resampling:
    """Return the interval asked for, or say what it lacks."""
    require_word(interval, allowed(MediationInterval), option="interval")
    if interval == "delta":
        return Resampling(interval=interval, draws=0, seed=0)
    fewest = max(FEWEST_DRAWS, int(np.ceil(2 / (1 - conf_level) - ROUNDING)))
    if not isinstance(draws, int) or isinstance(draws, bool) or draws < fewest:
        raise SpecificationError(
            f"draws: expected a whole number of at least {fewest} for intervals of level "
            f"{conf_level}, found {draws!r}"
        )
    if seed is None:
        raise SpecificationError(
            f"seed: expected a whole number from 0 on (or a numpy Generator) for the interval "
            f"'{interval}', which is drawn; found none"
        )
    return Resampling(interval=interval, draws=draws, seed=seed_number(seed))


def mediator_names(mediators: Sequence[str]) -> tuple[str, ...]:
    """Return the mediators; a single text is one name, not its letters."""
    if isinstance(mediators, str):
        return (mediators,)
    if mediators is not None and not isinstance(mediators, Iterable):
        raise SpecificationError(f"mediators: expected a list of columns, found {mediators!r}")
    if not mediators:
        raise SpecificationError("mediators: expected at least one column, found none")
    return tuple(mediators)


def require_roles(
    *, outcome: str, arm: str, mediators: Sequence[str], covariates: Sequence[str]
) -> None:
    """Raise unless every column has one role."""
    roles = [*dict.fromkeys(covariates), *mediators, outcome, arm]
    twice = sorted({name for name in roles if roles.count(name) > 1})
    if twice:
        raise SpecificationError(
            f"expected every column once among outcome, arm, mediators and covariates, found "
            f"{', '.join(map(repr, twice))} twice"
        )


def mediation_data(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    levels: Sequence[str],
    mediators: Sequence[str],
    terms: Terms,
) -> MediationData:
    """Return complete records as the arrays of the models."""
    design = build_design(frame, arm=arm, arms=levels, terms=terms)
    # An arm's column is the only one in which its adjusted mean differs from the reference's.
    positions = [int(np.flatnonzero(row - design.L[0])[0]) for row in design.L[1:]]
    others = [j for j in range(design.X.shape[1]) if j not in positions]
    return MediationData(
        covariates=design.X[:, others],
        arms=design.X[:, positions],
        mediators=frame[list(mediators)].to_numpy(dtype=np.float64),
        outcome=frame[outcome].to_numpy(dtype=np.float64),
        names=(*(design.names[j] for j in (*others, *positions)), *mediators),
    )


def indirect_rows(
    fit: MediationFit, data: MediationData, asked: Resampling, *, conf_level: float
) -> tuple[IndirectRows, tuple[str, ...]]:
    """Return the indirect effects with the interval asked for, and notes on its draws."""
    if not asked.is_drawn:
        return delta_rows(fit, conf_level=conf_level), ()
    found, redrawn = drawn_indirect(fit, data, asked, conf_level=conf_level)
    again = tell_count(
        redrawn,
        "{n} of {draws} resamples had lost an arm or a mediator's own variation "
        "and was drawn again",
        "{n} of {draws} resamples had lost an arm or a mediator's own variation "
        "and were drawn again",
        draws=asked.draws,
    )
    rows = IndirectRows(
        estimate=indirect_effects(fit.a, fit.b),
        std_error=found.std_error,
        statistic=None,
        p_value=found.p_value,
        conf_low=found.conf_low,
        conf_high=found.conf_high,
        at_end=found.at_end,
        method=tell("{interval}, {n} draws", interval=DRAWN[asked.interval], n=asked.draws),
        redrawn=redrawn,
        limit_error=float(found.limit_error.max()),
    )
    return rows, (again,) if redrawn else ()


def delta_rows(fit: MediationFit, *, conf_level: float) -> IndirectRows:
    """Return the indirect effects with first-order standard errors."""
    found = delta_inference(fit, conf_level=conf_level)
    shape = (fit.total.size, fit.b.size + 1)
    return IndirectRows(
        estimate=found.estimate.reshape(shape),
        std_error=found.std_error.reshape(shape),
        statistic=found.statistic.reshape(shape),
        p_value=found.p_value.reshape(shape),
        conf_low=found.conf_low.reshape(shape),
        conf_high=found.conf_high.reshape(shape),
        at_end=np.zeros(shape, dtype=bool),
        method=tell("delta interval (Sobel)"),
    )


DRAWN = {
    "bca": tell("BCa bootstrap interval"),
    "percentile": tell("percentile bootstrap interval"),
    "monte_carlo": tell("Monte-Carlo interval of normal paths"),
}


def drawn_indirect(
    fit: MediationFit, data: MediationData, asked: Resampling, *, conf_level: float
) -> tuple[DrawnInference, int]:
    """Return intervals from draws, and how many resamples were drawn again."""
    estimate = indirect_effects(fit.a, fit.b)
    if asked.interval == "monte_carlo":
        effects = simulated_effects(fit, draws=asked.draws, seed=asked.seed)
        return drawn_inference(estimate, effects, conf_level=conf_level), 0
    basis = make_basis(data)
    resampled = bootstrap_effects(basis, draws=asked.draws, seed=asked.seed)
    jackknife = jackknife_effects(basis) if asked.interval == "bca" else None
    found = drawn_inference(estimate, resampled.effects, conf_level=conf_level, jackknife=jackknife)
    return found, resampled.redrawn
