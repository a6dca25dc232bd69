"""Links: out of a page only where a reader may safely follow, and to places that exist."""

from urllib.parse import quote

from trialkit.result.study_results import AnalysisRecord, ClaimVerdict, StudyResults


def outside(address: str | None) -> bool:
    """Return whether an address is one of the web, and not a script or a file.

    >>> outside("https://example.org"), outside("javascript:alert(1)"), outside(None)
    (True, False, False)
    """
    return address is not None and address.lower().startswith(("https://", "http://"))


def doi_address(doi: str) -> str:
    """Return the address of a DOI, its unusual characters quoted.

    >>> doi_address("10.1016/s0140(05)1")
    'https://doi.org/10.1016/s0140%2805%291'
    """
    return f"https://doi.org/{quote(doi, safe='/')}"


def claim_anchor(number: int, claim: ClaimVerdict) -> str:
    """Return where a claim stands on the page of its article, counted from 1."""
    return f"claim-{number}-{claim.claim}"


def results_anchor(results: StudyResults, endpoint: str | None) -> str:
    """Return where a study's report shows what it found for an endpoint.

    An endpoint of which nothing but p-values is printed stands in their panel; one that no
    analysis reached has no section of its own.
    """
    records = [item for item in results.analyses if endpoint_of(results, item) == endpoint]
    ran = [item for item in records if item.result is not None]
    described = any(row.select(parameter=endpoint) for row in results.descriptives)
    if described or any(not is_panel(results, item) for item in ran):
        return f"endpoint-{endpoint}"
    return "p-values" if ran else "results"


def endpoint_of(results: StudyResults, record: AnalysisRecord) -> str | None:
    """Return the endpoint that a record's planned analysis asks about."""
    for planned in results.study.analysis:
        if planned.id == record.analysis:
            return results.study.find_estimand(planned.estimand).endpoint
    return None


def is_panel(results: StudyResults, record: AnalysisRecord) -> bool:
    """Return whether a record is one of a panel of printed p-values."""
    return any(
        item.id == record.analysis and item.method == "published_p_values"
        for item in results.study.analysis
    )
