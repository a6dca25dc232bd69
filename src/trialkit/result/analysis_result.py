"""What every analysis returns: plain numbers with their meaning attached."""

import json
from dataclasses import dataclass, fields, replace
from html import escape
from operator import attrgetter
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import TypeAdapter

from trialkit.terms import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One estimated quantity: a row of the tidy table.

    ``reference_arm`` is None for a mean and names the comparator of a difference;
    ``statistic`` and ``p_value`` are None where no hypothesis is tested; ``p_adjusted``
    is None where the row belongs to no multiplicity family. A number that does not exist
    (a standard error of a printed figure, say) is None. Everything is unrounded, in the
    unit of the outcome; a difference is treatment minus reference, post minus pre.

    ``term`` names what else tells rows of one quantity apart: a model term of a joint
    test, a coefficient, a mediator, a trial. ``df_num`` is the numerator's degrees of
    freedom of an F test; ``df`` is the denominator's, and the only one of a t or
    chi-square test.
    """

    quantity: Quantity
    parameter: str | None = None
    visit: str | None = None
    arm: str | None = None
    reference_arm: str | None = None
    term: str | None = None
    n_subjects: int | None = None
    estimate: float | None = None
    std_error: float | None = None
    df_num: float | None = None
    df: float | None = None
    statistic: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    conf_level: float | None = None
    method: str


COLUMNS = tuple(field.name for field in fields(Estimate))
FIELDS = attrgetter(*COLUMNS)
TEXT_COLUMNS = ("quantity", "parameter", "visit", "arm", "reference_arm", "term", "method")


@dataclass(frozen=True, slots=True, kw_only=True)
class FitStatistic:
    """One figure about the fit as a whole, such as the residual degrees of freedom."""

    name: str
    value: bool | float | int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The verb that made a result and its options, so that it can be called again."""

    verb: str
    options: tuple[tuple[str, str], ...] = ()
    trialkit: str

    def __str__(self) -> str:
        options = ", ".join(f"{name}={value}" for name, value in self.options)
        return f"tk.{self.verb}({options})"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisResult:
    """The outcome of one analysis.

    Holds neither records nor a fitted model, so it can be stored, compared and rendered
    without them.

    Attributes
    ----------
    analysis_id, estimand : str or None
        Ids of the planned analysis and its estimand; None for a verb called by hand.
    method : str
        One sentence fit for a table footnote.
    estimates : tuple of Estimate
        In display order.
    fit : tuple of FitStatistic
        Figures about the fit as a whole.
    notes : tuple of str
        Who was left out, and every warning met on the way; a report prints them.
    provenance : Call
        The verb and options that made it.
    """

    analysis_id: str | None = None
    estimand: str | None = None
    method: str
    estimates: tuple[Estimate, ...]
    fit: tuple[FitStatistic, ...] = ()
    notes: tuple[str, ...] = ()
    provenance: Call

    def tidy(self) -> pd.DataFrame:
        """Return one row per estimate; the columns are the fields of Estimate.

        A missing number is NaN, a missing name is None.
        """
        frame = pd.DataFrame(map(FIELDS, self.estimates), columns=list(COLUMNS))
        numbers = [column for column in COLUMNS if column not in TEXT_COLUMNS]
        return frame.astype(dict.fromkeys(numbers, "float64"))

    def glance(self) -> pd.DataFrame:
        """Return one row of fit statistics, but for the entries of matrices (``name[a, b]``)."""
        scalars = {each.name: each.value for each in self.fit if "[" not in each.name}
        return pd.DataFrame([scalars])

    def to_json(self) -> str:
        """Return the result as JSON; ``from_json`` gives back an equal object."""
        return dump(ADAPTER, self)

    @classmethod
    def from_json(cls, text: str) -> "AnalysisResult":
        """Return the result that ``to_json`` wrote."""
        return ADAPTER.validate_json(text)

    def select(self, **wanted: str | None) -> tuple[Estimate, ...]:
        """Return the estimates whose fields equal all that are given.

        >>> result.select(quantity="mean_difference", arm="licorice")  # doctest: +SKIP
        """
        return tuple(
            row
            for row in self.estimates
            if all(getattr(row, name) == value for name, value in wanted.items())
        )

    def with_estimates(self, estimates: "Iterable[Estimate]") -> "AnalysisResult":
        """Return a copy that holds other estimates."""
        return replace(self, estimates=tuple(estimates))

    def __repr__(self) -> str:
        name = f"{self.analysis_id}: " if self.analysis_id else ""
        return (
            f"<AnalysisResult: {name}{self.method}; "
            f"{len(self.estimates)} estimates, {len(self.notes)} notes>"
        )

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        table = self.tidy().dropna(axis=1, how="all").to_html(index=False)
        return f"<p>{escape(self.method)}</p>{table}<ul>{notes}</ul>"


ADAPTER = TypeAdapter(AnalysisResult)


def dump(adapter: TypeAdapter, value: object) -> str:  # type: ignore[type-arg]
    """Return JSON text: full precision, infinities as strings, keys in field order."""
    plain = strings_for_infinities(adapter.dump_python(value, mode="json"))
    return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def strings_for_infinities(value: object) -> object:
    """Return a JSON value in which infinite floats are the strings that pydantic reads."""
    if isinstance(value, dict):
        return {key: strings_for_infinities(item) for key, item in value.items()}
    if isinstance(value, list):
        return [strings_for_infinities(item) for item in value]
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return value
