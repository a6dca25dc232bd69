"""``results.json``: all that a report needs, and nothing that identifies a participant."""

import hashlib
import os
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from trialkit.errors import SpecificationError
from trialkit.result.analysis_result import AnalysisResult, dump
from trialkit.result.made import impossible_messages
from trialkit.result.messages import StoredMessage, remembering, stored_messages
from trialkit.result.names import dangling_names
from trialkit.result.numbers import impossible_numbers
from trialkit.result.people import BalanceRow, MissingCount, VariableRecord
from trialkit.result.schema import RUN_AGAIN, SCHEMA_VERSION, why_foreign
from trialkit.study.study import Study
from trialkit.terms import (
    AnalysisStatus,
    DataStatus,
    FlowSource,
    FlowStep,
    Procedure,
    Quantity,
    Untestable,
    Verdict,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """One file that was read: its name, what proves it, and its size."""

    name: str
    sha256: str
    rows: int
    columns: int
    url: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What was done to the data on reading: which step, where, to how many, and why."""

    step: str
    where: str
    count: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCount:
    """People with a value of an endpoint at a visit, of all people in the arm."""

    endpoint: str
    visit: str
    arm: str
    n_subjects: int
    n_with_value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What was read and what was done to it, for the data manager.

    ``fingerprint`` is the sha256 of the analysis dataset in a canonical form: the same
    people, visits and values give the same fingerprint whatever the order of the rows.
    """

    files: tuple[FileRecord, ...]
    fingerprint: str
    n_records: int
    n_subjects: int
    n_values: int
    changes: tuple[Change, ...] = ()
    visits: tuple[VisitCount, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowCount:
    """People of an arm (None: before arms exist) at one stage of the study.

    ``step`` says which step of a flow diagram the stage is, ``source`` whether the study
    file declares the count or the data, or the printed figures, show it.
    """

    stage: str
    arm: str | None
    n_subjects: int
    reason: str | None = None
    step: FlowStep | None = None
    source: FlowSource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacteristicRow:
    """One line of the table of who was studied, in one arm (None: everyone).

    ``level`` is None for a continuous characteristic, which has mean, standard deviation
    and quartiles; a level of a categorical one has a count. ``n_missing`` people of the arm
    have no value. ``endpoint`` and ``visit`` are set where the line is an endpoint's value
    before treatment.
    """

    column: str
    label: str
    unit: str | None
    level: str | None
    arm: str | None
    n_subjects: int
    count: int | None = None
    mean: float | None = None
    std_dev: float | None = None
    median: float | None = None
    quartile_1: float | None = None
    quartile_3: float | None = None
    n_missing: int = 0
    endpoint: str | None = None
    visit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How many people of an arm fall in each bin of an endpoint at a visit.

    ``counts[i]`` people lie in [lower + i width, lower + (i + 1) width); for whole-number
    scores of width 1 the bins are centred on the scores.
    """

    endpoint: str
    visit: str
    arm: str
    lower: float
    width: float
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """How many people of an arm went from one bin at baseline to another at a visit.

    ``cells`` holds (bin centre before, bin centre after, people): the lines of a
    before-and-after figure, with no person's own value in them.
    """

    endpoint: str
    visit: str
    arm: str
    width: float
    cells: tuple[tuple[float, float, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCompletion:
    """Whose value a model of several visits has at one of them, in one arm.

    ``n_subjects`` people of the arm are in the analysis's population. Of those without a
    value ``n_seen_later`` have one at a later visit of the analysis; ``reasons`` counts what
    the data give as reason, commonest first.
    """

    analysis: str
    visit: str
    arm: str
    n_subjects: int
    n_with_value: int
    n_seen_later: int
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisRecord:
    """A planned analysis and what became of it.

    ``result`` is None where it was not run, and ``reason`` then says why. ``alpha`` and
    ``procedure`` are those of its multiplicity family.
    """

    analysis: str
    status: AnalysisStatus
    data_status: DataStatus
    reason: str | None = None
    procedure: Procedure | None = None
    alpha: float | None = None
    result: AnalysisResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkVerdict:
    """What one linked analysis does to a claim.

    ``simulated`` is repeated here so that no reader of a verdict can overlook it.
    """

    study: str
    study_title: str
    analysis: str
    analysis_label: str
    endpoint: str | None
    endpoint_label: str | None = None
    treatment: str | None
    reference: str | None
    verdict: Verdict
    untestable: Untestable | None = None
    because: str
    quantity: Quantity | None = None
    estimate: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    conf_level: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    unit: str | None = None
    decimals: int | None = None
    simulated: bool = False
    caveat: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimVerdict:
    """A claim, its overall verdict, the verdicts of its links, and its logic flags."""

    article: str
    article_title: str
    claim: str
    text: str
    kind: str
    verdict: Verdict
    untestable: Untestable | None = None
    because: str
    links: tuple[LinkVerdict, ...] = ()
    flags: tuple[str, ...] = ()
    paper_says: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What made the results: versions, seed, command, platform, and the plan's sha256."""

    trialkit: str
    python: str
    platform: str
    packages: tuple[tuple[str, str], ...]
    command: str
    study_sha256: str | None
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResults:
    """Everything a report of one study needs; the content of ``results.json``.

    No participant-level value and no identifier is in it. ``messages`` is filled in the file
    alone: here each text remembers by itself what it was made of.
    """

    schema_version: Literal["1"] = SCHEMA_VERSION
    study: Study
    certificate: Certificate | None = None
    flow: tuple[FlowCount, ...] = ()
    characteristics: tuple[CharacteristicRow, ...] = ()
    balance: tuple[BalanceRow, ...] = ()
    missing: tuple[MissingCount, ...] = ()
    descriptives: tuple[AnalysisResult, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    transitions: tuple[Transition, ...] = ()
    completions: tuple[VisitCompletion, ...] = ()
    variables: tuple[VariableRecord, ...] = ()
    analyses: tuple[AnalysisRecord, ...] = ()
    diagnostics: tuple[AnalysisResult, ...] = ()
    claims: tuple[ClaimVerdict, ...] = ()
    deviations: tuple[str, ...] = ()
    provenance: Provenance
    notes: tuple[str, ...] = field(default=())
    messages: tuple[StoredMessage, ...] = ()

    def find_record(self, analysis: str) -> AnalysisRecord | None:
        """Return the record of a planned analysis, or None if none has this id."""
        return next((record for record in self.analyses if record.analysis == analysis), None)

    def to_json(self) -> str:
        """Return the content of ``results.json``."""
        return dump(ADAPTER, replace(self, messages=stored_messages(self)))

    @property
    def sha256(self) -> str:
        """The sha256 of the stored results: the hash that a report prints."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def write(self, path: str | Path) -> Path:
        """Write ``results.json`` whole or not at all, making its folder if need be."""
        path = Path(path)
        write_whole(path, self.to_json().encode())
        return path


ADAPTER = TypeAdapter(StudyResults)


def read_results(path: str | Path) -> StudyResults:
    """Read stored results.

    Raises
    ------
    SpecificationError
        If the file is not a results file of schema version 1 (the message says what it is:
        older, newer, broken off, another JSON), names what its own study does not have,
        holds numbers that cannot be, or messages that do not make their texts.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SpecificationError(f"cannot read {path}: {error.strerror}") from error
    foreign = why_foreign(content, path)
    if foreign is not None:
        raise SpecificationError(foreign)
    try:
        results = ADAPTER.validate_json(content)
    except ValidationError as error:
        raise SpecificationError(misfit(error, path)) from error
    names, numbers = dangling_names(results), impossible_numbers(results)
    messages = impossible_messages(results.messages)
    if names or numbers or messages:
        faults = ["names what its study does not have"] * bool(names)
        faults += ["holds numbers that cannot be"] * bool(numbers)
        faults += ["holds messages that do not make their texts"] * bool(messages)
        raise SpecificationError(
            f"{path} {' and '.join(faults)}; {RUN_AGAIN}", [*names, *numbers, *messages]
        )
    texts: StudyResults = remembering(replace(results, messages=()), results.messages)
    return texts


def misfit(error: ValidationError, path: Path) -> str:
    """Return the message about a file of this version that holds what it cannot hold."""
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"])) or "the file"
    return (
        f"{path} is not a trialkit results file of schema version {SCHEMA_VERSION}: "
        f"{where}: {first['msg']} ({error.error_count()} findings); {RUN_AGAIN}"
    )


def write_whole(path: Path, content: bytes) -> None:
    """Write a file through a temporary one beside it, so that it is never half there.

    Raises
    ------
    SpecificationError
        If a file stands where its folder should be.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise SpecificationError(
            f"cannot write to {path.parent}: expected a folder, found a file; give another folder"
        ) from error
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
