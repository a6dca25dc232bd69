"""What the words of this report mean, in plain terms: only those that it uses.

Whether a word is used follows from the plan and the stored results, in the table below.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from trialkit.language.speech import later, say
from trialkit.present.format import format_level
from trialkit.present.glossary_rules import (
    BAYES,
    DEALT,
    EQUIVALENCE,
    FALSE_DISCOVERY,
    MIXED,
    RANKS,
    RESAMPLED,
    VARIANCE,
    adjusted_by,
    expects_regression,
    has_arm,
    has_event,
    has_interval,
    has_margin,
    has_p_value,
    has_role,
    planned,
    printed,
    ran,
    rows_of,
)
from trialkit.present.labels import list_in_words
from trialkit.present.vocabulary import PROCEDURES
from trialkit.result.study_results import StudyResults


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A word, its meaning, and the rule that says whether a report uses it."""

    word: str
    meaning: str
    used: Callable[[StudyResults], bool]


def levels(results: StudyResults) -> str:
    """Return the confidence levels of the printed intervals, as "95 %"."""
    found = sorted({row.conf_level for row in rows_of(results) if row.conf_level is not None})
    return list_in_words([format_level(level) for level in found])


def procedures(results: StudyResults, *, sharing: bool) -> str:
    """Return the names of the procedures of one kind that are in use."""
    names = dict.fromkeys(item.procedure for item in results.analyses if item.procedure)
    kind = [name for name in names if (name in FALSE_DISCOVERY) == sharing]
    return list_in_words([say(PROCEDURES[name]) for name in kind])


def entry(word: str, meaning: str, used: Callable[[StudyResults], bool]) -> Entry:
    """Return an entry of the glossary."""
    return Entry(word=word, meaning=meaning, used=used)


# Words of the design first, then of numbers, then of methods.
ENTRIES: Final[tuple[Entry, ...]] = (
    entry(
        later("Randomised"),
        later(
            "Chance decided who came into which arm, so that the arms differ by chance alone "
            "when they begin."
        ),
        planned(lambda study: study.study.randomised),
    ),
    entry(
        later("Masked (blind)"),
        later("Those named did not know which arm a person was in."),
        planned(lambda study: study.study.masking not in {None, "none"}),
    ),
    entry(
        later("Sham, placebo"),
        later(
            "What looks like the treatment and lacks the part that is thought to work, so that "
            "attention and hope are alike in both arms."
        ),
        planned(has_arm("sham", "placebo")),
    ),
    entry(
        later("Estimand"),
        later(
            "The exact question to which a number is the answer: in whom, with which treatment "
            "against which, measured how and when, summed up how, and what about events on the "
            "way."
        ),
        planned(lambda study: study.estimand),
    ),
    entry(
        later("Intercurrent event"),
        later(
            "Something that happens after the start and changes what a value means, such as "
            "another medicine. Under “treatment policy” the value counts whatever happened."
        ),
        planned(has_event),
    ),
    entry(
        later("Population of an analysis"),
        later(
            "The people whose values may count. By intention to treat, everyone counts in the "
            "arm that chance gave them, whatever they then took."
        ),
        planned(lambda study: study.population),
    ),
    entry(
        later("Sensitivity analysis"),
        later("The same question answered another way, to see whether the answer holds."),
        planned(has_role("sensitivity")),
    ),
    entry(
        later("Difference that matters"),
        later(
            "A difference between groups that people would notice, taken from the source named "
            "beside it. A difference can be clear of zero and still be smaller."
        ),
        planned(has_margin("between_group")),
    ),
    entry(
        later("Responder"),
        later("A person whose value meets a rule that was stated beforehand."),
        planned(lambda study: any(item.responder for item in study.endpoint)),
    ),
    entry(
        later("Mean, standard deviation (SD)"),
        later(
            "The sum of the values by their number, and how far values typically lie from it: "
            "about two in three of them lie within one SD where they form a bell."
        ),
        printed("mean", "std_dev"),
    ),
    entry(
        later("Median, quartiles"),
        later("Half of the people lie below the median, a quarter below the first quartile."),
        printed("median", "quartile_1"),
    ),
    entry(
        later("Interval ({levels})"),
        later(
            "The values of the truth with which the data agree. Of many studies done in the same "
            "way, the share named would have an interval that holds the truth."
        ),
        has_interval,
    ),
    entry(
        later("p-value"),
        later(
            "How often chance alone would bring a result at least this far from no difference. "
            "It is not the chance that there is none, and says nothing of the size."
        ),
        has_p_value,
    ),
    entry(
        later("Adjusted p-value ({any_false})"),
        later(
            "Where several questions are asked, some p-value is small by chance. This one is made "
            "larger, so that the chance of any false finding in the family stays at its level."
        ),
        adjusted_by(sharing=False),
    ),
    entry(
        later("Adjusted p-value ({false_share})"),
        later(
            "Where several questions are asked, some p-value is small by chance. This one is made "
            "larger, so that the expected share of false ones among the findings stays at its "
            "level."
        ),
        adjusted_by(sharing=True),
    ),
    entry(
        later("Standardised difference"),
        later(
            "How far two arms stand apart, in standard deviations. It does not grow with the "
            "number of people, as a p-value does."
        ),
        lambda results: bool(results.balance),
    ),
    entry(
        later("Adjusted mean"),
        later(
            "The mean that an arm would have if all arms had the same mix of people in what the "
            "model holds equal, such as the value before treatment."
        ),
        printed("ls_mean", "ls_mean_difference"),
    ),
    entry(
        later("Risk difference"),
        later("The share of people with the event in one arm less the share in the other."),
        printed("risk_difference"),
    ),
    entry(
        later("Risk ratio"),
        later("The share of people with the event in one arm divided by the share in the other."),
        printed("risk_ratio"),
    ),
    entry(
        later("Number needed to treat"),
        later(
            "How many people have to get the treatment for one more to have the good outcome. "
            "Where the interval of the risk difference holds zero, it has no upper end."
        ),
        printed("number_needed_to_treat"),
    ),
    entry(
        later("Odds ratio"),
        later(
            "Odds are those with the event by those without; the ratio divides the odds of two "
            "arms. It lies further from one than the risk ratio, and more so where the event is "
            "common."
        ),
        printed("odds_ratio"),
    ),
    entry(
        later("Shift (Hodges and Lehmann)"),
        later("The middle of all differences between a person of one arm and one of the other."),
        printed("median_difference"),
    ),
    entry(
        later("Ranks"),
        later(
            "Values are put in order and their places compared, so that no single extreme value "
            "carries the result."
        ),
        ran(RANKS),
    ),
    entry(
        later("Chance to score higher"),
        later(
            "How often a person picked from one arm scores higher than one picked from the other; "
            "one half is no difference."
        ),
        printed("probability_of_superiority"),
    ),
    entry(
        later("Effect size"),
        later("A difference in standard deviations, so that scales can be held beside each other."),
        ran({"effect_size", "paired_effect_size"}),
    ),
    entry(
        later("Analysis of variance, joint test"),
        later("One test of several differences at once; it does not say which of them is there."),
        lambda results: ran(VARIANCE)(results) or printed("joint_test")(results),
    ),
    entry(
        later("Mixed model, REML"),
        later(
            "A model in which values of one person, or people of one trial, may be alike. REML "
            "estimates how much, without counting what the means have already used up."
        ),
        ran(MIXED),
    ),
    entry(
        later("Bootstrap"),
        later(
            "The people are drawn again and again, with replacement, and the interval is read off "
            "how the result then varies."
        ),
        ran(RESAMPLED),
    ),
    entry(
        later("Permutation"),
        later(
            "The arms (or the signs of the changes) are dealt out anew in all ways, or many: how "
            "often is the result as far from zero as the one seen?"
        ),
        ran(DEALT),
    ),
    entry(
        later("Equivalence"),
        later(
            "Shown where the whole interval lies inside margins that were stated beforehand. A "
            "large p-value alone shows nothing of the kind."
        ),
        ran(EQUIVALENCE),
    ),
    entry(
        later("Bayes factor"),
        later("How many times better the data fit a difference of unknown size than none."),
        ran(BAYES),
    ),
    entry(
        later("Regression to the mean"),
        later(
            "People who enter with an extreme value come nearer to the average later, untreated. "
            "Without a comparison group this cannot be told from a treatment."
        ),
        expects_regression,
    ),
    entry(
        later("Direct and indirect part"),
        later(
            "The indirect part of a difference passes through a measured step on the way (the "
            "mediator), the direct part does not. Nobody was randomised to the mediator."
        ),
        printed("indirect_effect", "direct_effect"),
    ),
    entry(
        later("Pooled estimate, heterogeneity"),
        later(
            "Several trials brought together, each by its weight, and how far they differ from "
            "one another by more than chance."
        ),
        printed("pooled_estimate", "heterogeneity"),
    ),
    entry(
        later("Prediction interval"),
        later("Where the result of a new trial of the same kind may lie."),
        printed("prediction"),
    ),
    entry(
        later("sha256"),
        later(
            "A fingerprint of a file: whoever has a file with the same one has the same file, to "
            "the last character."
        ),
        lambda _: True,
    ),
)


def glossary(results: StudyResults) -> tuple[tuple[str, str], ...]:
    """Return the words that a report uses, each with its meaning."""
    named = {
        "levels": levels(results),
        "any_false": procedures(results, sharing=False),
        "false_share": procedures(results, sharing=True),
    }
    return tuple(
        (say(item.word, **named), say(item.meaning)) for item in ENTRIES if item.used(results)
    )
