"""Links that lead out of a page: only where a reader may safely follow."""

from urllib.parse import quote


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
