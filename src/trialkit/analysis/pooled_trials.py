"""Participants of several trials together: one model for all, or a model each and a pool."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from trialkit.analysis.estimates import call, from_inference, statistics
from trialkit.analysis.frames import require_columns, require_word
from trialkit.analysis.meta_analysis import pool_trials
from trialkit.analysis.meta_from_summary import merged_fit
from trialkit.analysis.model_records import adjusted_words, model_records
from trialkit.analysis.pooling import Pooling
from trialkit.analysis.trial_rows import Trials, absent_notes, no_trial
from trialkit.design.contrasts import Pair, contrast_pairs
from trialkit.design.linear import (
    LinearDesign,
    Terms,
    build_design,
    means_and_differences,
    parse_terms,
)
from trialkit.errors import NotEstimableError, SpecificationError
from trialkit.language.told import tell
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.contrast import Inference, evaluate_contrasts
from trialkit.numerics.least_squares import fit_least_squares
from trialkit.numerics.nested_models import added_columns_test
from trialkit.result.analysis_result import AnalysisResult, Call, Estimate
from trialkit.terms import ContrastFamily, HeterogeneityEstimator, PooledTest, Stages, allowed

INTERACTION: Final = "arm:trial"


def pooled_trials(
    frame: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: str,
    trial: str,
    stages: Stages = "one_stage",
    covariates: str = "1",
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    tau2: HeterogeneityEstimator = "restricted_maximum_likelihood",
    test: PooledTest = "hartung_knapp",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Compare arms over several trials, people always with people of their own trial.

    Parameters
    ----------
    frame : DataFrame
        One row a person; a row with a missing outcome, arm, trial or covariate is left
        out, and the number left out per arm is in ``notes``.
    outcome, arm, trial : str
        Columns of ``frame``; the outcome is numeric.
    reference : str
        The arm that the others are compared with.
    stages : "one_stage" or "two_stage"
        One: analysis of covariance of all people with a fixed effect of each trial and one
        difference for all trials. Two: analysis of covariance in each trial, then a
        meta-analysis, which lets the difference vary between trials.
    covariates : str
        Right-hand side of a formula, as in ``ancova``; the trial is added in one stage.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
        Which differences. In two stages each is pooled by itself over the trials with both
        arms; the others are named in ``notes``.
    tau2, test : str
        Of the second of two stages, as in ``meta_analysis``.
    conf_level : float
        Coverage of the intervals, in (0, 1).

    Returns
    -------
    AnalysisResult
        In one stage ``ls_mean`` of each arm, ``ls_mean_difference`` of each contrast
        (tested), and ``heterogeneity`` with term ``arm:trial``: the F test that the
        differences are the same in all trials, which is no test of the treatment. In two
        stages the rows of ``meta_analysis``, each with its arms. ``glance()`` has the
        people of each trial.

    Raises
    ------
    SpecificationError
        If a column, an arm or a word does not exist.
    NotEstimableError
        If there is one trial only, a trial's own model cannot be fitted (it is named), no
        trial has both arms of a contrast, or arms and trials coincide.

    References
    ----------
    Burke DL, Ensor J, Riley RD (2017). Stat Med 36:855-875. R: ``lm(y ~ arm + x + trial)``;
    ``lm`` in each trial and metafor ``rma``.

    Examples
    --------
    >>> people = pd.DataFrame({"trial": list("AAAABBBB"), "arm": ["sham", "drug"] * 4,
    ...                        "pain": [5.0, 3, 6, 5, 4, 3, 4, 1]})
    >>> result = pooled_trials(people, outcome="pain", arm="arm", reference="sham", trial="trial")
    >>> result.select(quantity="ls_mean_difference")[0].estimate
    -1.75
    """
    require_word(stages, allowed(Stages), option="stages")
    pooling = Pooling(tau2=tau2, test=test, conf_level=conf_level)
    people = read_people(
        frame, outcome=outcome, arm=arm, trial=trial, covariates=covariates, reference=reference
    )
    pairs = contrast_pairs(contrasts, arms=people.arms, reference=reference)
    provenance = call(
        "pooled_trials",
        outcome=outcome,
        arm=arm,
        reference=reference,
        trial=trial,
        stages=stages,
        covariates=covariates,
        contrasts=contrasts,
        tau2=tau2,
        test=test,
        conf_level=conf_level,
    )
    if stages == "two_stage":
        return in_two_stages(people, pairs, pooling, provenance=provenance)
    return in_one_stage(people, pairs, conf_level=conf_level, provenance=provenance)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class People:
    """Complete records of several trials, trial and arm as text."""

    frame: pd.DataFrame
    outcome: str
    arm: str
    trial: str
    covariates: str
    arms: tuple[str, ...]
    trials: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def adjusted(self) -> str:
        """The covariates in words."""
        return adjusted_words(self.covariates)

    def of_trial(self, name: str) -> pd.DataFrame:
        """Return the records of one trial."""
        return self.frame[self.frame[self.trial].eq(name)]

    def arms_of(self, name: str) -> tuple[str, ...]:
        """Return the arms of one trial, in the order of all arms."""
        present = set(self.of_trial(name)[self.arm])
        return tuple(arm for arm in self.arms if arm in present)

    def counts(self) -> dict[str, int]:
        """Return the people of each trial."""
        return {f"n_subjects {name}": len(self.of_trial(name)) for name in self.trials}


def read_people(
    frame: pd.DataFrame, *, outcome: str, arm: str, trial: str, covariates: str, reference: str
) -> People:
    """Return the complete records, and the notes on those left out and on lone arms."""
    require_columns(frame, [trial])
    complete = model_records(
        frame, outcome=outcome, arm=arm, reference=reference, covariates=covariates, group=trial
    )
    records = complete.frame.assign(
        **{name: complete.frame[name].astype(str) for name in (arm, trial)}
    )
    if trial in complete.terms.columns:
        raise SpecificationError(
            f"covariates: expected columns other than the trial, which is in the model already, "
            f"found {trial!r}"
        )
    trials = tuple(sorted(set(records[trial])))
    if len(trials) < 2:
        raise NotEstimableError(
            tell("every record is of trial {trial!r}; nothing to pool", trial=trials[0])
        )
    people = People(
        frame=records,
        outcome=outcome,
        arm=arm,
        trial=trial,
        covariates=covariates,
        arms=complete.levels,
        trials=trials,
        notes=complete.notes,
    )
    return replace(people, notes=(*complete.notes, *lone_notes(people)))


def lone_notes(people: People) -> tuple[str, ...]:
    """Return the notes that name trials of one arm, and arms of one trial."""
    notes = []
    for name in people.trials:
        arms = people.arms_of(name)
        if len(arms) == 1:
            note = tell(
                "trial {trial} has arm {arm} only and compares nothing by itself",
                trial=name,
                arm=arms[0],
            )
            notes.append(note)
    for arm in people.arms:
        having = [name for name in people.trials if arm in people.arms_of(name)]
        if len(having) == 1:
            notes.append(tell("arm {arm} is in trial {trial} only", arm=arm, trial=having[0]))
    return tuple(notes)


def in_one_stage(
    people: People, pairs: Sequence[Pair], *, conf_level: float, provenance: Call
) -> AnalysisResult:
    """Fit one model with fixed trial effects to all people."""
    terms = with_trial(people)
    design = build_design(people.frame, arm=people.arm, arms=people.arms, terms=terms)
    y = people.frame[people.outcome].to_numpy(dtype=np.float64)
    fit = fit_least_squares(design.X, y, design.names)
    L = means_and_differences(design, pairs)
    df = np.full(len(L), float(fit.df_residual))
    inference = evaluate_contrasts(L, beta=fit.beta, vcov=fit.vcov, df=df, conf_level=conf_level)
    between, notes = interaction_row(people, design, y)
    return AnalysisResult(
        method=tell(
            "{outcome} over {n} trials in one stage: ANCOVA with fixed trial effects, {adjusted}",
            outcome=people.outcome,
            n=len(people.trials),
            adjusted=people.adjusted,
        ),
        estimates=(*difference_rows(people, pairs, inference, conf_level=conf_level), *between),
        fit=statistics(
            {
                "n_trials": len(people.trials),
                "n_subjects": len(y),
                "residual_df": fit.df_residual,
                "residual_std_dev": float(np.sqrt(fit.sigma2)),
                "r_squared": fit.r_squared,
                **people.counts(),
            }
        ),
        notes=(*people.notes, *notes),
        provenance=provenance,
    )


def with_trial(people: People) -> Terms:
    """Return the covariates with the trial as one more category."""
    given = "" if people.covariates.strip() == "1" else f"{people.covariates} + "
    return parse_terms(f"{given}C(`{people.trial}`)")


def difference_rows(
    people: People, pairs: Sequence[Pair], inference: Inference, *, conf_level: float
) -> tuple[Estimate, ...]:
    """Return adjusted means and differences as rows."""
    count = people.frame[people.arm].value_counts()
    shared: dict[str, Any] = {
        "conf_level": conf_level,
        "method": tell("ANCOVA with fixed trial effects, {adjusted}", adjusted=people.adjusted),
    }
    means = (
        from_inference(
            inference,
            row,
            quantity="ls_mean",
            tested=False,
            arm=arm,
            n_subjects=int(count[arm]),
            **shared,
        )
        for row, arm in enumerate(people.arms)
    )
    differences = (
        from_inference(
            inference,
            row,
            quantity="ls_mean_difference",
            arm=treatment,
            reference_arm=other,
            n_subjects=int(count[treatment] + count[other]),
            **shared,
        )
        for row, (treatment, other) in enumerate(pairs, start=len(people.arms))
    )
    return (*means, *differences)


def interaction_row(
    people: People, design: LinearDesign, y: FloatArray
) -> tuple[tuple[Estimate, ...], tuple[str, ...]]:
    """Return the F test that the differences between arms are the same in all trials."""
    in_arm, in_trial = (
        np.column_stack([people.frame[column].eq(name).to_numpy() for name in names])
        for column, names in ((people.arm, people.arms[1:]), (people.trial, people.trials[1:]))
    )
    products = (in_arm[:, :, np.newaxis] & in_trial[:, np.newaxis, :]).reshape(len(y), -1)
    try:
        test = added_columns_test(design.X, products.astype(np.float64), y)
    except NotEstimableError as error:
        note = tell("no test of the differences between trials: {why}", why=error.args[0])
        return (), (note,)
    return (
        Estimate(
            quantity="heterogeneity",
            term=INTERACTION,
            statistic=test.statistic,
            df_num=float(test.df_num),
            df=float(test.df_den),
            p_value=test.p_value,
            method=tell("F test of arm by trial, added to the model"),
        ),
    ), ()


def in_two_stages(
    people: People, pairs: Sequence[Pair], pooling: Pooling, *, provenance: Call
) -> AnalysisResult:
    """Fit a model in each trial, then pool the differences of each contrast."""
    terms = parse_terms(people.covariates)
    fitted = {
        name: trial_differences(people, name, terms, pairs, conf_level=pooling.conf_level)
        for name in people.trials
        if len(people.arms_of(name)) > 1
    }
    parts = []
    for pair in pairs:
        having = {name: found[pair] for name, found in fitted.items() if pair in found}
        if not having:
            raise no_trial(pair)
        trials = as_trials(people, pair, having)
        pooled = pool_trials(trials, pooling, arm=pair[0], reference_arm=pair[1])
        absent = absent_notes(people.trials, list(having), pair)
        parts.append(replace(pooled, notes=(*absent, *pooled.notes)))
    return AnalysisResult(
        method=tell(
            "{outcome} over {n} trials in two stages: ANCOVA in each, {adjusted}; then {pooling}",
            outcome=people.outcome,
            n=len(people.trials),
            adjusted=people.adjusted,
            pooling=pooling.text,
        ),
        estimates=tuple(row for part in parts for row in part.estimates),
        fit=statistics({**merged_fit(parts, pairs), **people.counts()}),
        notes=(*people.notes, *dict.fromkeys(note for part in parts for note in part.notes)),
        provenance=provenance,
    )


def trial_differences(
    people: People, name: str, terms: Terms, pairs: Sequence[Pair], *, conf_level: float
) -> dict[Pair, tuple[float, float]]:
    """Return estimate and standard error of each contrast that one trial holds.

    Raises
    ------
    NotEstimableError
        If the trial's model cannot be fitted; the message names the trial.
    """
    records, arms = people.of_trial(name), people.arms_of(name)
    held = [pair for pair in pairs if set(pair) <= set(arms)]
    if not held:
        return {}
    try:
        design = build_design(records, arm=people.arm, arms=arms, terms=terms)
        y = records[people.outcome].to_numpy(dtype=np.float64)
        fit = fit_least_squares(design.X, y, design.names)
        inference = evaluate_contrasts(
            means_and_differences(design, held)[len(arms) :],
            beta=fit.beta,
            vcov=fit.vcov,
            df=np.full(len(held), float(fit.df_residual)),
            conf_level=conf_level,
        )
    except NotEstimableError as error:
        raise NotEstimableError(
            tell("trial {trial}: {why}", trial=name, why=error.args[0])
        ) from error
    values = zip(inference.estimate.tolist(), inference.std_error.tolist(), strict=True)
    return dict(zip(held, values, strict=True))


def as_trials(people: People, pair: Pair, having: dict[str, tuple[float, float]]) -> Trials:
    """Return the differences of the trials that hold a contrast."""
    sizes = [int(people.of_trial(name)[people.arm].isin(pair).sum()) for name in having]
    return Trials(
        names=tuple(having),
        estimate=np.array([estimate for estimate, _ in having.values()]),
        variance=np.array([std_error**2 for _, std_error in having.values()]),
        n_subjects=tuple(sizes),
    )
