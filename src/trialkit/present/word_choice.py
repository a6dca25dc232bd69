"""Which words a result may be told in: one table by design, finding and margin.

Every strength of wording stands here. A design without a comparison has a change, never an
effect; an interval that contains no difference leaves the question open, it never shows that
there is none; a benchmark within a person judges no difference between arms.
"""

from collections.abc import Mapping
from typing import Final, Literal

from trialkit.language.speech import later, later_count, say, say_count
from trialkit.study.study import Study
from trialkit.terms import DataStatus

Design = Literal["simulated", "single arm", "not randomised", "randomised, open", "randomised"]
Finding = Literal["clear", "open"]
MarginFinding = Literal["smaller", "at least", "open", "no interval"]
Asked = Literal["change", "comparison"]
Agreeing = Literal["the same", "the other", "both", "neither", "all", "none"]

CANNOT_TELL: Final = later("Cannot tell")
OPEN_INTERVAL: Final = later(
    "The interval contains no difference: this study can neither show nor rule out one."
)
SIMULATED: Final = later(
    "The numbers are simulated: they show the method and say nothing of the treatment."
)
STRENGTHS: Final[Mapping[tuple[Design, Finding], str]] = {
    ("simulated", "clear"): SIMULATED,
    ("simulated", "open"): SIMULATED,
    ("single arm", "clear"): later(
        "Nobody was compared: time, expectation and chance move scores too, so the change cannot "
        "be put down to what was done."
    ),
    ("single arm", "open"): OPEN_INTERVAL,
    ("not randomised", "clear"): later(
        "Chance did not form the arms: the difference may come from who was in them as well as "
        "from what was done."
    ),
    ("not randomised", "open"): OPEN_INTERVAL,
    ("randomised, open", "clear"): later(
        "Chance formed the arms, so the difference can be put down to what was done, attention "
        "and expectation included."
    ),
    ("randomised, open", "open"): OPEN_INTERVAL,
    ("randomised", "clear"): later(
        "Chance formed the arms, so the difference can be put down to what was done."
    ),
    ("randomised", "open"): OPEN_INTERVAL,
}
# Masking under which people themselves did not know what they got.
MASKED: Final = ("participants", "participants_and_assessors")
EXPLORES: Final = later(
    "The plan was written with the data in hand, so this explores and does not confirm."
)
# What no study of a design can tell, whatever its numbers.
DESIGN_LIMITS: Final[Mapping[Design, str]] = {
    "single arm": later("whether the treatment is the cause of any change: nobody was compared"),
    "not randomised": later(
        "whether the treatment is the cause of any difference: chance did not form the arms"
    ),
}
MARGINS: Final[Mapping[MarginFinding, str]] = {
    "smaller": later(
        "{margin} is named as a difference that matters: the whole interval is smaller than that."
    ),
    "at least": later(
        "{margin} is named as a difference that matters: the whole interval is at least that large."
    ),
    "open": later(
        "{margin} is named as a difference that matters: this study cannot tell whether it is that "
        "large."
    ),
    "no interval": later(
        "{margin} is named as a difference that matters: there is no interval to hold against it."
    ),
}
WITHIN_PERSON: Final = later(
    "For orientation only: {margin} is a change that matters within one person; it is no "
    "threshold for the difference between two arms."
)
AGREEING: Final[Mapping[tuple[Agreeing, Asked], str]] = {
    ("the same", "change"): later("The one other analysis of this change puts it on the same side"),
    ("the same", "comparison"): later(
        "The one other analysis of this comparison puts it on the same side"
    ),
    ("the other", "change"): later(
        "The one other analysis of this change puts it on the other side"
    ),
    ("the other", "comparison"): later(
        "The one other analysis of this comparison puts it on the other side"
    ),
    ("both", "change"): later("Both other analyses of this change put it on the same side"),
    ("both", "comparison"): later("Both other analyses of this comparison put it on the same side"),
    ("neither", "change"): later(
        "Neither of the two other analyses of this change puts it on the same side"
    ),
    ("neither", "comparison"): later(
        "Neither of the two other analyses of this comparison puts it on the same side"
    ),
    ("all", "change"): later("All {n} other analyses of this change put it on the same side"),
    ("all", "comparison"): later(
        "All {n} other analyses of this comparison put it on the same side"
    ),
    ("none", "change"): later(
        "None of the {n} other analyses of this change put it on the same side"
    ),
    ("none", "comparison"): later(
        "None of the {n} other analyses of this comparison put it on the same side"
    ),
}
SOME_AGREE: Final[Mapping[Asked, tuple[str, str]]] = {
    "change": later_count(
        "{n} of {total} other analyses of this change puts it on the same side",
        "{n} of {total} other analyses of this change put it on the same side",
    ),
    "comparison": later_count(
        "{n} of {total} other analyses of this comparison puts it on the same side",
        "{n} of {total} other analyses of this comparison put it on the same side",
    ),
}
# English words that a report of a design or a finding must not hold, as regular expressions.
NOT_SAID: Final[Mapping[Design | Finding, tuple[str, ...]]] = {
    "simulated": (r"\beffective\b", r"\bproves?\b"),
    "single arm": (
        r"\beffects? of\b(?! size)",
        r"\bcaused? by\b",
        r"\bbecause of the\b",
        r"\bthanks to\b",
        r"\bdue to\b",
        r"\bworks?\b",
        r"\beffective\b",
    ),
    "not randomised": (r"\bcaused? by\b", r"\bdue to\b", r"\beffective\b", r"\bworks?\b"),
    "randomised, open": (r"\bproves?\b", r"\beffective\b"),
    "randomised": (r"\bproves?\b", r"\beffective\b"),
    "open": (
        r"\b(?:there is|shows?|found|find) no (?:difference|change|effect)\b",
        r"\bno effect\b",
        r"\bequally\b",
        r"\bthe same as\b",
        r"\bineffective\b",
        r"\bdoes not (?:work|differ|help)\b",
    ),
    "clear": (r"\b(?:non-?|in)significant\b",),
}


def design_of(study: Study, data_status: DataStatus | None = None) -> Design:
    """Return the design that decides the words; simulated numbers are a design of their own."""
    if data_status == "simulated":
        return "simulated"
    if study.is_single_arm:
        return "single arm"
    if not study.study.randomised:
        return "not randomised"
    return "randomised, open" if may_know_the_arm(study) else "randomised"


def may_know_the_arm(study: Study) -> bool:
    """Return whether people may have known what they got.

    They may where the plan does not say that they were masked, and where one arm is untreated.
    """
    asked = (study.find_estimand(item.estimand).reference for item in study.main_analyses)
    reference = next((arm for arm in asked if arm is not None), None)
    untreated = reference is not None and study.find_arm(reference).role == "no_treatment"
    return untreated or study.study.masking not in MASKED


def strength(study: Study, *, certain: bool, data_status: DataStatus) -> str:
    """Return how far a result carries, by rule from the design and the interval.

    Parameters
    ----------
    study : Study
    certain : bool
        Whether the interval stays clear of no difference.
    data_status : {"real", "published_figures", "simulated"}
        What the numbers of the result were made from.
    """
    design = design_of(study, data_status)
    finding: Finding = "clear" if certain else "open"
    said = say(STRENGTHS[design, finding])
    explores = design != "simulated" and certain and study.study.plan_written == "after_data"
    return f"{said} {say(EXPLORES)}" if explores else said


def open_words(what: str, said: str) -> str:
    """Return the sentence on an outcome whose interval contains no difference."""
    return say("{what}: this study cannot tell. The estimate is {said}.", what=what, said=said)


def agreement(same: int, others: int, clear: int, *, certain: bool, single_arm: bool) -> str:
    """Return how many other analyses put a result on the same side.

    Parameters
    ----------
    same, others : int
        Analyses on the same side, of how many.
    clear : int
        Of those on the same side, how many have an interval clear of no difference.
    certain : bool
        Whether a single other analysis has one.
    single_arm : bool
        Whether they ask for a change within people, or compare arms.
    """
    asked: Asked = "change" if single_arm else "comparison"
    if others == 1:
        said = say(AGREEING["the same" if same else "the other", asked])
        if certain:
            return say("{said}, with an interval clear of no difference.", said=said)
        return say("{said}, with an interval that contains no difference.", said=said)
    if same == 0:
        return f"{say(AGREEING['neither' if others == 2 else 'none', asked], n=others)}."
    if same < others:
        said = say_count(same, *SOME_AGREE[asked], total=others)
    else:
        said = say(AGREEING["both" if others == 2 else "all", asked], n=others)
    if clear == same > 1:
        return say("{said}, each with an interval clear of no difference.", said=said)
    if clear == 0:
        return say("{said}, none with an interval clear of no difference.", said=said)
    return say("{said}, {n} with an interval clear of no difference.", said=said, n=clear)
