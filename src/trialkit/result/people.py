"""What is stored of the people besides summaries: balance, missing values, their variables."""

from dataclasses import dataclass

from trialkit.terms import VariableKind


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRow:
    """How far the two arms asked about stand apart in one line of who was studied.

    ``endpoint`` is set where the column is an endpoint's value before treatment. The size is
    without a sign; ``p_value`` is there only where the plan asks for it.
    """

    column: str
    endpoint: str | None = None
    arm: str
    reference_arm: str
    n_subjects: int
    standardised_difference: float
    p_value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingCount:
    """Whose value of an endpoint of a main question is there, at one visit in one arm.

    ``n_subjects`` people of the arm are those of whom the ``population`` of the question
    speaks; ``n_outside`` of them it leaves out only because it requires a value that they
    lack. Of those without a value ``n_seen_later`` have one at a later visit; ``reasons``
    counts what the data give as reason, commonest first.
    """

    endpoint: str
    population: str
    visit: str
    arm: str
    n_subjects: int
    n_with_value: int
    n_seen_later: int
    n_outside: int = 0
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableRecord:
    """One column of the people's own data: what kind it is and how much of it is missing.

    ``levels`` are (code, label) of a category; codes that neither the study file declares
    nor three people share are counted in ``n_unnamed`` and not named. ``used`` says whether
    the plan names the column.
    """

    column: str
    kind: VariableKind
    used: bool
    n_subjects: int
    n_missing: int
    levels: tuple[tuple[str, str], ...] = ()
    n_unnamed: int = 0
