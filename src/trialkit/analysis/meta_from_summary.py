"""Meta-analysis from the printed figures of arms: effect measures, then the pooled effect."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from trialkit.analysis.estimates import call, number, statistics
from trialkit.analysis.frames import require_word
from trialkit.analysis.meta_analysis import Pooled, pool_trials
from trialkit.analysis.pooled_rows import fit_figures, labelled, ratio_row, trial_rows
from trialkit.analysis.pooling import MEASURE_NAMES, Pooling
from trialkit.analysis.trial_rows import (
    ArmRows,
    Trials,
    absent_notes,
    arm_means,
    column,
    empty_cell_notes,
    no_trial,
    read_arm_rows,
    silent_notes,
    two_by_two,
)
from trialkit.design.contrasts import Pair, contrast_pairs
from trialkit.errors import DataError, NotEstimableError, SpecificationError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.effect_measures import (
    ArmMeans,
    Effects,
    Tables,
    mean_difference,
    odds_ratio,
    risk_difference,
    risk_ratio,
    standardised_mean_difference,
)
from trialkit.numerics.pooled_tables import PooledTables, mantel_haenszel, peto
from trialkit.result.analysis_result import AnalysisResult, Estimate
from trialkit.terms import (
    ContrastFamily,
    EffectMeasure,
    HeterogeneityEstimator,
    PooledTest,
    PoolingMethod,
    PredictionRule,
    StandardisedVariance,
    SubgroupHeterogeneity,
    allowed,
)

OF_TABLES: Final[Mapping[str, Callable[[Tables], Effects]]] = {
    "risk_ratio": risk_ratio,
    "odds_ratio": odds_ratio,
    "risk_difference": risk_difference,
}
POOLING_NAMES: Final[Mapping[str, str]] = {
    "mantel_haenszel": tell("Mantel-Haenszel"),
    "peto": tell("Peto"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """Which figures of an arm are printed, in which columns, and what is made of them."""

    measure: EffectMeasure
    n: str
    mean: str
    std_dev: str
    events: str
    smd_variance: StandardisedVariance

    @property
    def figures(self) -> tuple[str, ...]:
        """The columns that the measure needs."""
        return (self.n, self.events) if self.counts else (self.n, self.mean, self.std_dev)

    @property
    def counts(self) -> bool:
        """Whether the measure is one of events."""
        return self.measure in OF_TABLES

    def means(self, rows: pd.DataFrame) -> ArmMeans:
        """Return n, mean and SD of one arm."""
        return arm_means(rows, n=self.n, mean=self.mean, std_dev=self.std_dev)

    def tables(self, treatment: pd.DataFrame, reference: pd.DataFrame) -> Tables:
        """Return the table of each trial."""
        return two_by_two(treatment, reference, n=self.n, events=self.events)

    def effects(self, treatment: pd.DataFrame, reference: pd.DataFrame) -> Effects:
        """Return the effect of each trial."""
        if self.counts:
            return OF_TABLES[self.measure](self.tables(treatment, reference))
        one, zero = self.means(treatment), self.means(reference)
        if self.measure == "mean_difference":
            return mean_difference(one, zero)
        unbiased = self.smd_variance == "unbiased"
        return standardised_mean_difference(one, zero, unbiased_variance=unbiased)


def meta_analysis_from_summary(  # noqa: PLR0913 (each option is a choice that a plan names)
    frame: pd.DataFrame,
    *,
    trial: str = "trial",
    arm: str = "arm",
    n: str = "n",
    mean: str = "mean",
    std_dev: str = "std_dev",
    events: str = "events",
    reference: str,
    measure: EffectMeasure,
    contrasts: ContrastFamily | Sequence[str] = "versus_reference",
    smd_variance: StandardisedVariance = "large_sample",
    pooling: PoolingMethod = "inverse_variance",
    tau2: HeterogeneityEstimator = "restricted_maximum_likelihood",
    test: PooledTest = "hartung_knapp",
    prediction: PredictionRule = "as_tested",
    subgroup: str | None = None,
    subgroup_tau2: SubgroupHeterogeneity = "separate",
    conf_level: float = 0.95,
) -> AnalysisResult:
    """Pool trials from the printed figures of their arms.

    Parameters
    ----------
    frame : DataFrame
        One row an arm of a trial. A trial without both arms of a contrast is left out of
        it and named in ``notes``.
    trial, arm, n : str
        Columns: the trial, its arm, the people in it.
    mean, std_dev : str
        Columns of mean and standard deviation, for differences of means.
    events : str
        Column of the people with the event, for risks and odds.
    reference : str
        The arm that the others are compared with.
    measure : str
        ``"mean_difference"``; ``"standardised_mean_difference"`` (Hedges' g, exact
        correction); ``"risk_ratio"`` and ``"odds_ratio"`` (pooled as natural logarithms,
        which is what the rows hold; the ratio itself is a row of its own);
        ``"risk_difference"``. One half is added to the cells of a table with an empty one.
    contrasts : "versus_reference", "pairwise" or list of "treatment - reference"
        Each is pooled by itself. Two contrasts that share an arm are not independent.
    smd_variance : "large_sample" or "unbiased"
        Sampling variance of a standardised difference (metafor's ``vtype`` LS or UB).
    pooling : "inverse_variance", "mantel_haenszel" or "peto"
        The last two are for counts; they assume equal effects, test by z and take no
        notice of ``tau2``, ``test`` and ``prediction``. Peto pools odds ratios.
    tau2, test, prediction, subgroup, subgroup_tau2, conf_level
        As in ``meta_analysis``.

    Returns
    -------
    AnalysisResult
        As ``meta_analysis``; every row names arm and reference arm.

    Raises
    ------
    SpecificationError, DataError, NotEstimableError
        As ``meta_analysis``; DataError also if an arm of a trial has two rows or a figure
        is impossible.

    References
    ----------
    Hedges LV (1981). J Educ Stat 6:107-128. R: metafor ``escalc``, ``rma``, ``rma.mh``,
    ``rma.peto``.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "trial": ["A", "A", "B", "B", "C", "C"], "arm": ["drug", "sham"] * 3,
    ...     "n": [20, 21, 50, 48, 33, 30], "mean": [4.1, 5.0, 3.9, 4.4, 4.5, 5.3],
    ...     "std_dev": [1.9, 2.0, 2.1, 2.2, 1.7, 1.8]})
    >>> result = meta_analysis_from_summary(table, reference="sham", measure="mean_difference")
    >>> round(result.select(quantity="pooled_estimate")[0].estimate, 2)
    -0.7
    """
    options = Pooling(
        tau2=tau2,
        test=test,
        prediction=prediction,
        subgroup_tau2=subgroup_tau2,
        measure=measure,
        conf_level=conf_level,
    )
    require_pooling(pooling, measure=measure, subgroup=subgroup, smd_variance=smd_variance)
    printed = Printed(
        measure=measure, n=n, mean=mean, std_dev=std_dev, events=events, smd_variance=smd_variance
    )
    rows = read_arm_rows(
        frame, trial=trial, arm=arm, reference=reference, figures=printed.figures, subgroup=subgroup
    )
    pairs = contrast_pairs(contrasts, arms=rows.arms, reference=reference)
    parts = [
        pool_pair(rows, pair, printed, options, pooling=pooling, subgroup=subgroup)
        for pair in pairs
    ]
    return AnalysisResult(
        method=tell(
            "Meta-analysis of {measure}: {pooling}",
            measure=MEASURE_NAMES[measure],
            pooling=POOLING_NAMES.get(pooling) or options.text,
        ),
        estimates=tuple(row for part in parts for row in part.estimates),
        fit=statistics(merged_fit(parts, pairs)),
        notes=(*rows.notes, *dict.fromkeys(note for part in parts for note in part.notes)),
        provenance=call(
            "meta_analysis_from_summary",
            trial=trial,
            arm=arm,
            n=n,
            mean=mean,
            std_dev=std_dev,
            events=events,
            reference=reference,
            measure=measure,
            contrasts=contrasts,
            smd_variance=smd_variance,
            pooling=pooling,
            tau2=tau2,
            test=test,
            prediction=prediction,
            subgroup=subgroup,
            subgroup_tau2=subgroup_tau2,
            conf_level=conf_level,
        ),
    )


def require_pooling(
    pooling: PoolingMethod,
    *,
    measure: EffectMeasure,
    subgroup: str | None,
    smd_variance: StandardisedVariance,
) -> None:
    """Raise unless the words are known and the pooling fits the measure."""
    require_word(measure, allowed(EffectMeasure), option="measure")
    require_word(pooling, allowed(PoolingMethod), option="pooling")
    require_word(smd_variance, allowed(StandardisedVariance), option="smd_variance")
    if pooling == "inverse_variance":
        return
    fitting = ("odds_ratio",) if pooling == "peto" else tuple(OF_TABLES)
    require_word(measure, fitting, option=f"measure under pooling {pooling!r}")
    if subgroup is not None:
        raise SpecificationError(
            f"subgroup: expected pooling 'inverse_variance', found {pooling!r}; subgroups are "
            "compared by inverse variance only"
        )


def pool_pair(
    rows: ArmRows,
    pair: Pair,
    printed: Printed,
    options: Pooling,
    *,
    pooling: PoolingMethod,
    subgroup: str | None,
) -> Pooled:
    """Pool one contrast over the trials that have both its arms."""
    names = trials_with(rows, pair)
    treatment, reference = (rows.of_arm(arm, names) for arm in pair)
    trials = as_trials(
        printed.effects(treatment, reference), treatment, reference, n=printed.n, subgroup=subgroup
    )
    labels = {"arm": pair[0], "reference_arm": pair[1]}
    notes = absent_notes(rows.trials, names, pair)
    if printed.counts:
        tables = printed.tables(treatment, reference)
        notes += empty_cell_notes(tables, names)
        if options.ratio:
            notes += silent_notes(tables, names, pooling=pooling)
    if pooling == "inverse_variance":
        pooled = pool_trials(trials, options, **labels)
    else:
        tables = printed.tables(treatment, reference)
        pooled = pool_tables(tables, trials, options, pooling=pooling, **labels)
    return replace(pooled, notes=(*notes, *pooled.notes))


def trials_with(rows: ArmRows, pair: Pair) -> tuple[str, ...]:
    """Return the trials that compare two arms.

    Raises
    ------
    NotEstimableError
        If none does.
    """
    names = rows.with_both(pair)
    if not names:
        raise no_trial(pair)
    return names


def as_trials(
    effects: Effects,
    treatment: pd.DataFrame,
    reference: pd.DataFrame,
    *,
    n: str,
    subgroup: str | None,
) -> Trials:
    """Return effects as trials, with the people of both arms and the subgroup."""
    names = tuple(map(str, treatment.index))
    flat = [name for name, size in zip(names, effects.variance, strict=True) if not size > 0]
    if flat:
        raise NotEstimableError(
            tell("{trials}: the effect has no sampling variance", trials=tell_list(flat))
        )
    if subgroup is not None:
        torn = treatment.index[treatment[subgroup].to_numpy() != reference[subgroup].to_numpy()]
        if len(torn):
            raise DataError(f"{subgroup}: expected one value a trial, found two in {torn[0]}")
    people = column(treatment, n) + column(reference, n)
    return Trials(
        names=names,
        estimate=effects.estimate,
        variance=effects.variance,
        n_subjects=tuple(map(int, people)),
        subgroups=tuple(treatment[subgroup]) if subgroup else None,
    )


def pool_tables(
    tables: Tables, trials: Trials, options: Pooling, *, pooling: PoolingMethod, **labels: Any
) -> Pooled:
    """Pool tables by Mantel and Haenszel's or Peto's weights."""
    measure = str(options.measure)
    pooled = (
        peto(tables, conf_level=options.conf_level)
        if pooling == "peto"
        else mantel_haenszel(tables, measure=measure, conf_level=options.conf_level)
    )
    name = POOLING_NAMES[pooling]
    average = labelled(
        pooled.inference,
        0,
        quantity="pooled_estimate",
        conf_level=options.conf_level,
        n_subjects=sum(trials.n_subjects or ()),
        method=tell("{pooling}, normal test", pooling=name),
        **labels,
    )
    ratio = (ratio_row(average, options.ratio),) if options.ratio else ()
    note = tell(
        "{pooling} assumes one effect in all trials: no variance between them is estimated",
        pooling=name,
    )
    return Pooled(
        estimates=(
            *trial_rows(trials, conf_level=options.conf_level, **labels),
            average,
            *ratio,
            *((q_row(pooled, name, **labels),) if pooled.q_df > 0 else ()),
        ),
        fit=fit_figures(trials, pooled, options),
        notes=(note,),
    )


def q_row(pooled: PooledTables, name: str, **labels: Any) -> Estimate:
    """Return the test of heterogeneity about a pooled effect."""
    return Estimate(
        quantity="heterogeneity",
        term="Q",
        statistic=pooled.q,
        df=float(pooled.q_df),
        p_value=number(pooled.q_p_value),
        method=tell("Cochran's Q about the {pooling} average, chi-square", pooling=name),
        **labels,
    )


def merged_fit(
    parts: Sequence[Pooled], pairs: Sequence[Pair]
) -> dict[str, float | int | str | None]:
    """Return the figures of all contrasts; with several each is named after its contrast."""
    if len(parts) == 1:
        return parts[0].fit
    return {
        f"{name} ({treatment} - {other})": value
        for part, (treatment, other) in zip(parts, pairs, strict=True)
        for name, value in part.fit.items()
    }
