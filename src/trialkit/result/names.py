"""Whether stored results name only what their own study has."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from trialkit.errors import Finding
from trialkit.result.analysis_result import AnalysisResult

if TYPE_CHECKING:
    from trialkit.result.study_results import StudyResults

# What an entry of the results calls by id, and the list of the study that must have it.
NAMES: Final = {
    "arm": "arm",
    "reference_arm": "arm",
    "treatment": "arm",
    "reference": "arm",
    "visit": "visit",
    "parameter": "endpoint",
    "endpoint": "endpoint",
    "population": "population",
    "estimand": "estimand",
    "analysis": "analysis",
    "stands_in_for": "analysis",
}


def dangling_names(results: "StudyResults") -> list[Finding]:
    """Return every id that the results use and their study does not have, each once."""
    study = results.study
    known = {name: tuple(item.id for item in getattr(study, name)) for name in set(NAMES.values())}
    found = [
        Finding(
            where=f"{where}.{name}",
            expected=f"the id of an entry of `{NAMES[name]}`",
            allowed=known[NAMES[name]],
            found=repr(getattr(entry, name)),
        )
        for where, entry in named_entries(results)
        for name in NAMES
        if getattr(entry, name, None) is not None and getattr(entry, name) not in known[NAMES[name]]
    ]
    return list(dict.fromkeys(found))


def named_entries(results: "StudyResults") -> Iterator[tuple[str, object]]:
    """Yield every entry that calls something by its id, with its place."""
    for name in ("estimand", "analysis"):
        for entry in getattr(results.study, name):
            yield f"study.{name}[{entry.id}]", entry
    for record in results.analyses:
        where = f"analyses[{record.analysis}]"
        yield where, record
        if record.result is not None:
            yield from estimate_entries(where, record.result)
    for result in results.descriptives:
        yield from estimate_entries("descriptives", result)
    for result in results.diagnostics:
        yield from estimate_entries("diagnostics", result)
    for name in (
        "flow",
        "characteristics",
        "balance",
        "missing",
        "distributions",
        "transitions",
        "completions",
    ):
        for entry in getattr(results, name):
            yield name, entry
    for entry in results.certificate.visits if results.certificate is not None else ():
        yield "certificate.visits", entry


def estimate_entries(where: str, result: AnalysisResult) -> Iterator[tuple[str, object]]:
    """Yield the estimates of a result."""
    for row in result.estimates:
        yield f"{where}.estimates", row
