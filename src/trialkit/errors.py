"""Every exception of trialkit, and the evidence each one carries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One mistake in a specification, or one requirement that the data do not meet.

    ``where`` is the path of the entry (``analysis[2].contrasts[0]``) or the name of a
    file or column; ``allowed`` lists the values that would have been accepted.
    """

    where: str
    expected: str
    found: str
    remedy: str = ""
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        allowed = f" (allowed: {', '.join(self.allowed)})" if self.allowed else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{self.where}: expected {self.expected}{allowed}, found {self.found}{remedy}"


class TrialkitError(Exception):
    """Root of every error that trialkit raises on purpose."""


class SpecificationError(TrialkitError, ValueError):
    """What was asked for cannot be read as a plan.

    Attributes
    ----------
    findings : tuple of Finding
        Every mistake met, in the order of the file; empty for a single message.
    """

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(with_findings(message, findings))
        self.findings = tuple(findings)


class DataError(TrialkitError, ValueError):
    """The records do not meet a stated requirement.

    Attributes
    ----------
    findings : tuple of Finding
        Every requirement that is not met.
    records : pandas.DataFrame or None
        The offending records, complete and unmodified, for the data manager.
    """

    def __init__(
        self,
        message: str,
        findings: Sequence[Finding] = (),
        *,
        records: "pd.DataFrame | None" = None,
    ) -> None:
        super().__init__(with_findings(message, findings))
        self.findings = tuple(findings)
        self.records = records


class DataUnavailableError(DataError):
    """A declared public source is not on this machine yet; ``trialkit fetch`` brings it."""


class NotEstimableError(TrialkitError, ValueError):
    """The quantity is not determined by the data: an empty arm, or dependent terms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimisationRecord:
    """How the search for a maximum of the likelihood went.

    ``gradient_norm`` is the largest entry of the gradient of the log-likelihood, each
    parameter in units of its standard error given the others; ``smallest_eigenvalue`` is the
    covariance matrix's.
    """

    start_log_likelihood: float
    log_likelihood: float
    iterations: int
    gradient_norm: float
    smallest_eigenvalue: float
    reason: str


class ConvergenceError(TrialkitError, RuntimeError):
    """The likelihood has no maximum that could be found.

    Attributes
    ----------
    record : OptimisationRecord
    """

    def __init__(self, message: str, record: OptimisationRecord) -> None:
        super().__init__(message)
        self.record = record


def with_findings(message: str, findings: Sequence[Finding]) -> str:
    """Return the message, with one line a finding below it where there are some."""
    if not findings:
        return message
    return "\n".join([message, *(f"  - {finding}" for finding in findings)])
