"""What kind of evidence a study is, in words by rule: badges, design, limits, methods.

Every rule reads the plan or the stored results; nothing is typed for one study.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from trialkit.language.speech import later, say, say_count
from trialkit.present.format import format_integer, format_ticks
from trialkit.present.grammar import mid_sentence, people
from trialkit.present.labels import arm_label, list_in_words
from trialkit.present.vocabulary import (
    PROCEDURES,
)
from trialkit.present.word_choice import DESIGN_LIMITS, design_of
from trialkit.result.study_results import FlowCount, StudyResults
from trialkit.study.plan import Analysis
from trialkit.study.study import Study
from trialkit.terms import (
    VISIT_LABEL,
    ArmRole,
    DataStatus,
    Masking,
    Method,
    Procedure,
    Verdict,
)

Tone = Literal["strength", "limit", "warning"]
Mark = tuple[str, Tone]

ROLES: Final[Mapping[ArmRole, str]] = {
    "experimental": later("experimental"),
    "active_comparator": later("active comparator"),
    "sham": later("sham"),
    "placebo": later("placebo"),
    "no_treatment": later("no treatment"),
}
COMPARATORS: Final[Mapping[ArmRole, Mark]] = {
    "experimental": (later("two treatments compared"), "strength"),
    "active_comparator": (later("active comparator"), "strength"),
    "sham": (later("sham comparator"), "strength"),
    "placebo": (later("placebo comparator"), "strength"),
    "no_treatment": (later("compared with no treatment"), "limit"),
}
MASKINGS: Final[Mapping[Masking, Mark]] = {
    "none": (later("not masked"), "limit"),
    "participants": (later("participants masked"), "strength"),
    "assessors": (later("assessors masked"), "strength"),
    "participants_and_assessors": (later("participants and assessors masked"), "strength"),
}
METHOD_SENTENCES: Final[Mapping[Method, str]] = {
    "descriptive": later("Numbers, means, standard deviations, medians and quartiles are listed."),
    "welch": later(
        "Means are compared without the assumption of equal spread in the arms (Welch)."
    ),
    "student": later("Means are compared on the assumption of equal spread in the arms (Student)."),
    "rank_sum": later(
        "Values are compared by their ranks (Wilcoxon, Mann and Whitney), with the shift between "
        "the arms that they suggest (Hodges and Lehmann)."
    ),
    "brunner_munzel": later(
        "The chance that a person of one arm scores higher than a person of the other is "
        "estimated without the assumption of equal spread (Brunner and Munzel)."
    ),
    "permutation": later(
        "The difference in means is held against all the ways to deal out the arms."
    ),
    "bootstrap": later("The interval comes from resampling the people of each arm (bootstrap)."),
    "effect_size": later("The difference is expressed in standard deviations."),
    "bayes_factor": later(
        "The Bayes factor weighs a difference of unknown size against none (JZS prior)."
    ),
    "equivalence": later(
        "Two one-sided tests ask whether the difference lies inside stated margins."
    ),
    "one_way": later("All arms are compared at once (analysis of variance)."),
    "kruskal_wallis": later("All arms are compared at once by ranks (Kruskal and Wallis)."),
    "multiple_comparisons": later("Pairs of arms are compared with intervals that hold together."),
    "ancova": later(
        "Means are compared at equal values of the covariates (analysis of covariance)."
    ),
    "model_terms": later("Each term of the model is tested beside the others."),
    "model_coefficients": later("The coefficients of the model are listed."),
    "model_diagnostics": later(
        "Leverage, influence and equal spread are looked at; nothing is dropped."
    ),
    "baseline_balance": later(
        "Arms are described before treatment, without a test: where chance formed them, any "
        "difference is chance."
    ),
    "assumption_checks": later("Checks of assumptions are shown; no method was chosen by them."),
    "paired_change": later("Each person is compared with themselves before treatment (paired t)."),
    "signed_rank": later("Changes within people are compared by their signed ranks (Wilcoxon)."),
    "sign_test": later("Those who went up are counted against those who went down (sign test)."),
    "sign_flip": later("The mean change is held against all the ways to flip the changes' signs."),
    "paired_bootstrap": later(
        "The interval of the change comes from resampling people (bootstrap)."
    ),
    "paired_effect_size": later("The change is expressed in standard deviations."),
    "paired_bayes_factor": later("The Bayes factor weighs a change of unknown size against none."),
    "paired_equivalence": later(
        "Two one-sided tests ask whether the change lies inside stated margins."
    ),
    "percent_change": later("The change of the mean is expressed in percent of the mean before."),
    "correlation": later("The correlation of the value before with the value after is estimated."),
    "panel": later("Many outcomes are tested together, and their p-values adjusted together."),
    "repeated_measures_anova": later(
        "Arms, visits and whether the arms change alike are tested together "
        "(repeated-measures analysis of variance)."
    ),
    "friedman": later("Visits are compared by ranks within people (Friedman or Quade)."),
    "mmrm": later(
        "Arms are compared at each visit by one model of all visits (mixed model for repeated "
        "measures). A person who missed a visit counts with the visits they came to; this assumes "
        "that those who missed it fared like people of their arm with the same other values."
    ),
    "mixed_model": later(
        "Arms are compared by a model in which people of one group (a trial, a site) may be alike: "
        "what a group adds varies at random (mixed model)."
    ),
    "responders": later("Shares of people who meet a stated rule are compared."),
    "stratified_responders": later(
        "Shares of people who meet a stated rule are compared within strata, then combined "
        "(Cochran, Mantel and Haenszel)."
    ),
    "paired_responders": later("Those who meet a rule are counted before and after (McNemar)."),
    "cumulative_responders": later(
        "Shares of people who improve by at least each percentage are shown."
    ),
    "logistic": later("The odds to meet a rule are compared at equal values of the covariates."),
    "proportional_odds": later(
        "The odds to score higher are compared over all steps of the scale."
    ),
    "mediation": later(
        "The difference between arms is split into what passes through the mediators and the "
        "rest. Nobody was randomised to a mediator: the split assumes that nothing unmeasured "
        "moves mediator and outcome together."
    ),
    "pooled_trials": later("People are compared within their own trial, and the trials combined."),
    "meta_analysis": later("The trials' own estimates are combined (meta-analysis)."),
    "leave_one_out": later("The trials are combined again without each of them in turn."),
    "trim_and_fill": later(
        "The trials are combined again with those added that a lopsided funnel seems to lack."
    ),
    "published_estimate": later("The difference is taken as published, with its interval."),
    "published_p_values": later(
        "Only the published p-values are known; they are adjusted together."
    ),
}
ANY_FALSE: Final = later(
    "Family “{family}” ({analyses}): p-values are adjusted together by the procedure of "
    "{procedure}, which holds the chance of any false finding among them, at {level}."
)
FALSE_SHARE: Final = later(
    "Family “{family}” ({analyses}): p-values are adjusted together by the procedure of "
    "{procedure}, which holds the expected share of false findings among those declared, at "
    "{level}."
)
FALSE_DISCOVERY: Final[tuple[Procedure, ...]] = ("benjamini_hochberg", "benjamini_yekutieli")
SIMULATED_MARK: Final = later("SIMULATED")
SIMULATED_PARTICIPANTS: Final = later("SIMULATED participants")
SIMULATED_WARNING: Final = later(
    "SIMULATED DATA: a computer made these numbers; they say nothing about any treatment"
)
PARTLY_SIMULATED_WARNING: Final = later(
    "SIMULATED PARTICIPANTS: everything marked SIMULATED was made by a computer"
)
HARMS: Final[Mapping[str | None, str]] = {
    "collected": later("about harms: harms were collected, and the plan lists none of them"),
    "not_collected": later("about harms: harms were not collected"),
    "not_in_data": later("about harms: harms are not in the data"),
    None: later("about harms: the plan says nothing of them"),
}


def badges(study: Study, *, stand_in: bool = False) -> tuple[Mark, ...]:
    """Return the badges of a study as (words, tone): warnings, strengths, then limits.

    ``stand_in`` says that the main result comes from printed figures because the
    participants are not on this machine.
    """
    marks = [
        *data_marks(study, stand_in=stand_in),
        *allocation_marks(study),
        *people_marks(study),
        *plan_marks(study),
    ]
    order = {"warning": 0, "strength": 1, "limit": 2}
    return tuple((say(text), tone) for text, tone in sorted(marks, key=lambda mark: order[mark[1]]))


def data_marks(study: Study, *, stand_in: bool) -> list[Mark]:
    """Return what the numbers were made from."""
    marks: list[Mark] = []
    if study.has_simulated_data:
        whole = study.study.data_status == "simulated"
        marks.append((SIMULATED_MARK if whole else SIMULATED_PARTICIPANTS, "warning"))
    if study.study.data_status == "published_figures":
        marks.append((later("published figures only"), "limit"))
    elif study.study.data_status == "real":
        marks.append(
            (later("from published figures: participants not on this machine"), "limit")
            if stand_in
            else (later("real data"), "strength")
        )
    return marks


def allocation_marks(study: Study) -> list[Mark]:
    """Return how people came to their arm, what it was compared with, who knew."""
    if study.is_single_arm:
        return [(later("no comparator"), "limit")]
    marks: list[Mark] = [
        (later("randomised"), "strength")
        if study.study.randomised
        else (later("not randomised"), "limit")
    ]
    reference = question_reference(study)
    if reference is not None:
        marks.append(COMPARATORS[study.find_arm(reference).role])
    masking = study.study.masking
    marks.append(
        MASKINGS[masking] if masking is not None else (later("masking not stated"), "limit")
    )
    return marks


def question_reference(study: Study) -> str | None:
    """Return the reference arm of the first main analysis that names one."""
    named = (study.find_estimand(item.estimand).reference for item in study.main_analyses)
    return next((reference for reference in named if reference is not None), None)


def people_marks(study: Study) -> list[Mark]:
    """Return whether patients were studied."""
    kind = study.study.participant_kind
    if kind is None:
        return []
    return [
        (later("patients"), "strength")
        if kind == "patients"
        else (later("volunteers, not patients"), "limit")
    ]


def plan_marks(study: Study) -> list[Mark]:
    """Return when the plan was written and the study registered."""
    marks: list[Mark] = []
    if study.study.registered_before_start is not None:
        marks.append(
            (later("registered before start"), "strength")
            if study.study.registered_before_start
            else (later("registered after start"), "limit")
        )
    if study.study.plan_written is not None:
        marks.append(
            (later("plan written before the data"), "strength")
            if study.study.plan_written == "before_data"
            else (later("plan written after the trial"), "limit")
        )
    return marks


def warning(study: Study) -> str | None:
    """Return what every page must say at its head; None for a study of real numbers."""
    if not study.has_simulated_data:
        return None
    whole = study.study.data_status == "simulated"
    return say(SIMULATED_WARNING if whole else PARTLY_SIMULATED_WARNING)


def marked(caption: str, data_status: DataStatus) -> str:
    """Return a caption that says so where the numbers under it were simulated."""
    return f"{say(SIMULATED_MARK)}. {caption}" if data_status == "simulated" else caption


def limits(study: Study) -> tuple[tuple[str, bool], ...]:
    """Return what a study cannot tell, each with whether it must be said loudly.

    The rules add what the design leaves open, first, and the absence of harms, last, unless
    the author says so already.
    """
    own = [(text, "harm" in text.lower()) for text in study.study.limits]
    says_cause = any(word in text.lower() for text, _ in own for word in ("caus", "compar"))
    of_design = DESIGN_LIMITS.get(design_of(study))
    ruled = [(say(of_design), False)] if of_design and not says_cause else []
    silent = not study.harm and not any(loud for _, loud in own)
    harms = [(say(HARMS[study.study.harms]), True)] if silent else []
    return (*ruled, *own, *harms)


def design_sentence(study: Study) -> str:
    """Return the design in one sentence."""
    visits = list_in_words([mid_sentence(visit.label) for visit in study.visits])
    seen = say_count(
        len(study.visit),
        "seen at {n} visit ({visits})",
        "seen at {n} visits ({visits})",
        visits=visits,
    )
    if study.is_single_arm:
        return say("One group, {seen}; nobody was compared.", seen=seen)
    n = len(study.arm)
    arms = list_in_words(
        [f"{mid_sentence(arm.label)} ({say(ROLES[arm.role])})" for arm in study.arm]
    )
    if study.study.randomised:
        return say("{n} arms, formed by chance: {arms}; {seen}.", n=n, arms=arms, seen=seen)
    return say("{n} arms, formed not by chance: {arms}; {seen}.", n=n, arms=arms, seen=seen)


def multiplicity_sentences(study: Study) -> tuple[str, ...]:
    """Return what is done about many p-values, one sentence a declared family."""
    said = []
    for family, rule in study.multiplicity.items():
        members = [item for item in study.analysis if item.family == family]
        analyses = say_count(len(members), "{n} planned analysis", "{n} planned analyses")
        message = FALSE_SHARE if rule.procedure in FALSE_DISCOVERY else ANY_FALSE
        said.append(
            say(
                message,
                family=family,
                analyses=analyses,
                procedure=say(PROCEDURES[rule.procedure]),
                level=format_ticks([rule.alpha])[0],
            )
        )
    if not said:
        said.append(say("No family of p-values is declared: each stands unadjusted."))
    return tuple(said)


def adjustment_words(study: Study, analysis: Analysis) -> str:
    """Return what the arms were made equal in, for a clinician; empty if in nothing."""
    terms = [term.strip() for term in re.split(r"[+:*]", analysis.covariates or "")]
    named = (covariate_name(study, term) for term in terms if term != VISIT_LABEL)
    names = [name for name in dict.fromkeys(named) if name]
    if not names:
        return ""
    if len(names) > 3:
        return say("at equal values of {n} characteristics", n=len(names))
    return say("at equal {names}", names=list_in_words(names))


def covariate_name(study: Study, term: str) -> str:
    """Return the words for a term of a formula; an intercept has none."""
    column = term.removeprefix("C(").removesuffix(")").strip()
    if column in {"", "1"}:
        return ""
    if column == "BASE":
        return say("values before treatment")
    labels = {item.column: mid_sentence(item.label) for item in study.characteristic}
    return labels.get(column, column)


def flow_sentence(results: StudyResults) -> str:
    """Return who came how far, from the stored counts: what was declared, then the arms.

    Only the first stage that is counted by arm is told; the others stand in a table.
    """
    stages: dict[str, list[FlowCount]] = {}
    for count in results.flow:
        stages.setdefault(count.stage, []).append(count)
    declared = [counts for counts in stages.values() if counts[0].arm is None]
    by_arm = [counts for counts in stages.values() if counts[0].arm is not None]
    if results.study.participants_status != results.study.study.data_status:
        by_arm = []  # the data are simulated, the study is not: nobody in them was studied
    said = [stage_words(results.study, counts) for counts in (*declared, *by_arm[:1])]
    return f"{'; '.join(said)}." if said else ""


def stage_words(study: Study, counts: Sequence[FlowCount]) -> str:
    """Return one stage: its count, the count of each arm, or of each reason."""
    stage = counts[0].stage
    if len(counts) == 1 and counts[0].reason is None:
        return f"{people(counts[0].n_subjects)} {mid_sentence(stage)}"
    named = [
        f"{mid_sentence(arm_label(study, count.arm)) if count.arm else count.reason} "
        f"{format_integer(count.n_subjects)}"
        for count in counts
    ]
    return f"{mid_sentence(stage)}: {', '.join(named)}"


def verdict_tone(verdict: Verdict) -> Literal["for", "against", "open"]:
    """Return how a verdict is set: for a claim, against it, or leaving it open.

    >>> verdict_tone("supported"), verdict_tone("does not add up"), verdict_tone("inconclusive")
    ('for', 'against', 'open')
    """
    if verdict in {"supported", "supported, but smaller than the declared margin", "adds up"}:
        return "for"
    return "against" if verdict in {"contradicted", "does not add up"} else "open"
