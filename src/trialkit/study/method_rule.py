"""What is said of a method of a planned analysis, and the options that several share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from trialkit.terms import (
    Alternative,
    EffectMeasure,
    HeterogeneityEstimator,
    PooledTest,
    Quantity,
    allowed,
)

# Who is compared with whom: arms with the reference arm (at one visit, or at each of
# several), all arms at once, each arm with its own baseline, visits with each other, or nobody.
Compares = Literal[
    "arms", "arms_by_visit", "arms_if_several", "all_arms", "before", "visits", "nobody"
]
Words = tuple[str, ...]
FREE: Final[Words] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRule:
    """One method: whom it compares, where it may run, and its options.

    ``options`` maps each key of ``[[analysis]]`` that the method reads to the words it
    takes there; an empty tuple means that the type of the key alone decides. ``required``
    names the options that have no default. ``answers`` are the quantities whose rows test
    the question itself and so count in a family; other rows of a result explain them. Where
    the rows are of several terms, the first of ``terms`` that occurs asks the question; where
    they are of several visits, those of the estimand's visit.
    """

    compares: Compares
    options: Mapping[str, Words] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    on_participants: bool = True
    on_figures: bool = False
    answers: tuple[Quantity, ...] = ()
    terms: tuple[str, ...] = ()

    @property
    def tests(self) -> bool:
        """Whether a result holds a test that a family can adjust."""
        return bool(self.answers)

    @property
    def needs_reference(self) -> bool:
        """Whether a study of several arms must name the arm that the others are compared with."""
        return self.compares.startswith("arms")

    @property
    def needs_arms(self) -> bool:
        """Whether a study of a single arm has nothing for the method to compare."""
        return self.compares in {"arms", "arms_by_visit", "all_arms"}

    @property
    def over_visits(self) -> bool:
        """Whether the method sees several visits; a row that names none is of them all."""
        return self.compares in {"visits", "arms_by_visit"}


CONTRASTS: Final = {"contrasts": FREE, "outcome": FREE, "conf_level": FREE}
WITHIN: Final = {"conf_level": FREE}
ONE_SIDED: Final = {"alternative": allowed(Alternative)}
DRAWS: Final = {"draws": FREE, "seed": FREE}
MARGINS: Final = {"margin_low": FREE, "margin_high": FREE}

POOLING: Final = {
    "conf_level": FREE,
    "outcome": FREE,
    "responder": FREE,
    "measure": allowed(EffectMeasure),
    "tau2": allowed(HeterogeneityEstimator),
    "test": allowed(PooledTest),
}
