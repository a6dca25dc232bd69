"""The frozen objects that ``study.toml`` is read into: the protocol half.

Who was studied, with what, measured when and how; what question is asked of it. The
records (``records.py``) and the planned analyses (``plan.py``) have modules of their own.
"""

from datetime import date
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from trialkit.terms import (
    Aggregation,
    ArmRole,
    Better,
    CharacteristicKind,
    DataStatus,
    Design,
    Harms,
    IntercurrentStrategy,
    MarginKind,
    Masking,
    Operator,
    ParticipantKind,
    PlanTiming,
    Summary,
)

T = TypeVar("T")
# TOML gives lists; the specification keeps tuples, so that frozen means frozen.
Many = Annotated[tuple[T, ...], Field(strict=False)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Code = str | int | float
# No scale goes further, and a figure of one that did could not be drawn.
FARTHEST = 1e15
Limit = Annotated[float, Field(ge=-FARTHEST, le=FARTHEST)]
People = Annotated[int, Field(ge=0, le=10**9)]


class Frozen(BaseModel):
    """Base of every part of a specification: immutable, exact types, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Condition(Frozen):
    """One condition on a column of the records, e.g. ``f2 == 0`` or ``pk5`` not missing."""

    column: Text
    operator: Operator
    value: Code | None = None
    values: Many[Code] = ()

    @model_validator(mode="after")
    def _operand_fits_operator(self) -> "Condition":
        if self.operator in {"missing", "not_missing"}:
            if self.value is not None or self.values:
                raise ValueError(f"operator '{self.operator}' takes no value")
        elif self.operator == "in":
            if not self.values or self.value is not None:
                raise ValueError("operator 'in' takes `values`, a list")
        elif self.value is None or self.values:
            raise ValueError(f"operator '{self.operator}' takes one `value`")
        return self

    def __str__(self) -> str:
        if self.operator in {"missing", "not_missing"}:
            return f"{self.column} is {self.operator.replace('_', ' ')}"
        operand = self.value if self.operator != "in" else list(self.values)
        return f"{self.column} {self.operator} {operand}"


class Header(Frozen):
    """What a protocol synopsis says before its first table (``[study]``)."""

    id: Identifier
    title: Text
    question: Text | None = None
    subtitle: Text | None = None
    design: Design
    data_status: DataStatus
    randomised: bool = False
    masking: Masking | None = None
    registration: Text | None = None
    registered_before_start: bool | None = None
    plan_written: PlanTiming | None = None
    citation: Text | None = None
    doi: Text | None = None
    participants: Text | None = None
    participant_kind: ParticipantKind | None = None
    setting: Text | None = None
    funding: Text | None = None
    interests: Text | None = None
    harms: Harms | None = None
    baseline_p_values: bool = False
    limits: Many[Text] = ()
    notes: Many[Text] = ()
    dated: date | None = None


class Arm(Frozen):
    """A treatment arm, and how the data code it; the value is its id unless given."""

    id: Identifier
    label: Text
    value: Code | None = None
    role: ArmRole
    description: Text | None = None

    @property
    def code(self) -> Code:
        """The arm as coded in the data."""
        return self.id if self.value is None else self.value


class Visit(Frozen):
    """A planned visit; ``value`` is its code in long data, its id unless given."""

    id: Identifier
    label: Text
    order: Annotated[int, Field(ge=-(10**6), le=10**6)]
    value: Code | None = None
    baseline: bool = False

    @property
    def code(self) -> Code:
        """The visit as coded in long data."""
        return self.id if self.value is None else self.value


class Scale(Frozen):
    """The limits of a scale and what one unit of it is called."""

    minimum: Limit | None = None
    maximum: Limit | None = None
    unit: Text = "units"

    @model_validator(mode="after")
    def _limits_are_ordered(self) -> "Scale":
        if None not in (self.minimum, self.maximum) and self.minimum >= self.maximum:  # type: ignore[operator]
            raise ValueError(f"minimum {self.minimum} is not below maximum {self.maximum}")
        return self


class Margin(Frozen):
    """A difference that matters, always cited: between groups, or within a person."""

    value: Annotated[float, Field(gt=0, le=FARTHEST)]
    kind: MarginKind
    source: Text


class EntryRule(Frozen):
    """The score that people needed to enter, and the population it was cut from.

    Those who enter with an extreme score come nearer to the mean with no treatment at all;
    how much is expected follows from the mean and standard deviation of the people
    screened and the correlation of two scores of one person without treatment.
    """

    at_least: Limit | None = None
    at_most: Limit | None = None
    mean: Limit
    std_dev: Annotated[float, Field(gt=0, le=FARTHEST)]
    correlation: Annotated[float, Field(ge=0, lt=1)]
    measurements: Annotated[int, Field(ge=1, le=1000)] = 1
    source: Text

    @model_validator(mode="after")
    def _one_cut(self) -> "EntryRule":
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give exactly one of at_least, at_most")
        return self


class Responder(Frozen):
    """A rule that turns a value into yes or no; exactly one of the five thresholds.

    ``percent_reduction`` and ``reduction`` compare with the baseline visit; ``at_most``,
    ``at_least`` and ``above`` look at the value alone (``above = 0``: any pain).
    """

    id: Identifier | None = None
    label: Text | None = None
    percent_reduction: Annotated[float, Field(gt=0, le=100)] | None = None
    reduction: Annotated[float, Field(gt=0)] | None = None
    at_most: float | None = None
    at_least: float | None = None
    above: float | None = None
    source: Text | None = None

    @model_validator(mode="after")
    def _one_threshold(self) -> "Responder":
        if sum(value is not None for value in self.thresholds.values()) != 1:
            raise ValueError(f"give exactly one of {', '.join(self.thresholds)}")
        return self

    @property
    def thresholds(self) -> dict[str, float | None]:
        """The five thresholds by name; one of them is set."""
        names = ("percent_reduction", "reduction", "at_most", "at_least", "above")
        return {name: getattr(self, name) for name in names}

    @property
    def rule(self) -> tuple[str, float]:
        """The name of the threshold in use, and its value."""
        return next((name, value) for name, value in self.thresholds.items() if value is not None)

    @property
    def key(self) -> str:
        """The rule's id, made from its threshold where none is given."""
        name, value = self.rule
        return self.id or f"{name}_{value:g}"

    @property
    def needs_baseline(self) -> bool:
        """Whether the rule compares with the baseline visit."""
        return self.rule[0] in {"percent_reduction", "reduction"}

    def is_benefit(self, better: Better) -> bool:
        """Return whether meeting the rule is the good outcome of a scale."""
        falls_short = self.rule[0] in {"at_least", "above"}
        return falls_short == (better == "higher")


class Endpoint(Frozen):
    """A measured outcome, and where its values stand in the data.

    Wide data give ``columns`` (visit to column); long data give ``value`` (its column),
    or ``parameter`` (its code, where all endpoints share one value column). Several
    records of one person at one visit are refused unless ``aggregate`` says how they
    become one.
    """

    id: Identifier
    label: Text
    columns: dict[str, str] = Field(default_factory=dict)
    value: Text | None = None
    parameter: Code | None = None
    aggregate: Aggregation | None = None
    scale: Scale = Scale()
    better: Better
    decimals: Annotated[int, Field(ge=0, le=6)] = 1
    margin: Margin | None = None
    entry: EntryRule | None = None
    responder: Many[Responder] = ()

    @property
    def is_in_data(self) -> bool:
        """Whether the participants' data hold this outcome; else only figures of it exist."""
        return bool(self.columns) or self.value is not None or self.parameter is not None


class Population(Frozen):
    """People that an analysis is about: all that meet ``where`` and have ``requires_visits``."""

    id: Identifier
    label: Text
    where: Many[Condition] = ()
    requires_visits: Many[str] = ()


class Characteristic(Frozen):
    """A column shown in the table of who was studied."""

    column: Text
    label: Text
    kind: CharacteristicKind = "continuous"
    unit: Text | None = None
    levels: dict[str, str] = Field(default_factory=dict)


class IntercurrentEvent(Frozen):
    """An event after randomisation that changes what a value means (ICH E9(R1))."""

    event: Text
    strategy: IntercurrentStrategy


class Estimand(Frozen):
    """The quantity asked for, in the five attributes of ICH E9(R1)."""

    id: Identifier
    population: str
    treatment: str | None = None
    reference: str | None = None
    endpoint: str
    visit: str
    summary: Summary
    intercurrent_events: Many[IntercurrentEvent] = ()


class Excluded(Frozen):
    """People who left the way of the study at one step, with the reason if it is known."""

    reason: Text | None = None
    n: People


class ArmFlow(Frozen):
    """What became of the people of one arm, where the data cannot show it (``[[flow.arm]]``).

    A list that is left out is not known; an empty one says that there was nobody.
    """

    arm: str
    allocated: People | None = None
    received: People | None = None
    not_received: Many[Excluded] | None = None
    discontinued: Many[Excluded] | None = None
    lost: Many[Excluded] | None = None
    left_out: Many[Excluded] | None = None
    analysed: People | None = None
    lost_and_analysed: People | None = None


class DeclaredFlow(Frozen):
    """Counts of people that the data cannot show (``[flow]``)."""

    assessed: People | None = None
    not_entered: Many[Excluded] = ()
    entered: People | None = None
    not_in_data: Many[Excluded] = ()
    arm: Many[ArmFlow] = ()
    source: Text | None = None
