"""Which columns a repeated-measures model reads, and what each is in it."""

from collections.abc import Mapping
from dataclasses import dataclass

from trialkit.analysis.model_records import require_own_roles
from trialkit.design.linear import Terms, parse_terms
from trialkit.design.names import require_model_names
from trialkit.errors import SpecificationError


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitColumns:
    """Which columns of a frame a repeated-measures model reads.

    ``group`` has a covariance matrix for each of its levels, ``weights`` the weight of each
    record.
    """

    outcome: str
    subject: str
    visit: str
    arm: str
    terms: Terms
    group: str | None = None
    weights: str | None = None
    coordinates: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every column, once."""
        extra = [name for name in (self.group, self.weights) if name is not None]
        needed = [self.outcome, self.subject, self.visit, self.arm, *self.terms.columns, *extra]
        return tuple(dict.fromkeys([*needed, *self.coordinates]))

    @property
    def covariates(self) -> tuple[str, ...]:
        """The columns of the covariates beside arm and visit."""
        return tuple(name for name in self.terms.columns if name not in (self.arm, self.visit))


def read_columns(
    *,
    outcome: str,
    subject: str,
    visit: str,
    arm: str,
    covariates: str,
    group: str | None = None,
    weights: str | None = None,
    coordinates: tuple[str, ...] = (),
) -> VisitColumns:
    """Return the columns that a model reads, after a check of their roles.

    Raises
    ------
    SpecificationError
        If a name is no text or cannot stand in a model, or a column has two roles.
    """
    roles = {"outcome": outcome, "subject": subject, "visit": visit, "arm": arm}
    require_names(roles)
    require_names({"group_covariance": group, "weights": weights}, optional=True)
    terms = parse_terms(covariates)
    columns = VisitColumns(
        outcome=outcome,
        subject=subject,
        visit=visit,
        arm=arm,
        terms=terms,
        group=group,
        weights=weights,
        coordinates=coordinates,
    )
    for role, name in roles.items():
        same = [other for other, column in roles.items() if column == name and other != role]
        if same:
            raise SpecificationError(
                f"{role}: expected another column than the {same[0]}'s, found {name!r} for both"
            )
    require_model_names((arm, visit))
    require_own_roles(terms, outcome=outcome, arm=arm)
    if subject in terms.columns:
        raise SpecificationError(
            f"covariates: expected columns other than the subject's, found {subject!r}"
        )
    if group == subject:
        raise SpecificationError(
            f"group_covariance: expected another column than the subject's, found {group!r} for "
            "both; a covariance matrix is of many subjects"
        )
    return columns


def require_names(roles: Mapping[str, object], *, optional: bool = False) -> None:
    """Raise SpecificationError unless each column is named by a text.

    Parameters
    ----------
    roles : dict
        The name that each option gives.
    optional : bool
        Whether None says that there is no such column.
    """
    for option, name in roles.items():
        if not isinstance(name, str) and not (optional and name is None):
            raise SpecificationError(
                f"{option}: expected the name of a column as text, found {name!r}"
            )
