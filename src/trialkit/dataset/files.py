"""Where a study's files are on this machine: its folder, the cache, a shared folder.

A public source is proved by its sha256 wherever it is found, so a file with another name
or from another place is as good as the declared one, and one with other bytes is refused.
"""

import hashlib
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pooch

from trialkit.errors import DataError, DataUnavailableError
from trialkit.language.told import tell
from trialkit.study.read import inside
from trialkit.study.records import Source, Table
from trialkit.study.study import Study

CACHE_VARIABLE = "TRIALKIT_CACHE"
SHARED_VARIABLE = "TRIALKIT_SHARED"


def cache_folder() -> Path:
    """Return where fetched files are kept: ``TRIALKIT_CACHE``, else the system's cache."""
    return Path(os.environ.get(CACHE_VARIABLE) or pooch.os_cache("trialkit"))


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def table_path(study: Study, table: Table) -> Path:
    """Return where a table is on this machine.

    Raises
    ------
    SpecificationError
        If a file of the folder does not exist or lies outside it.
    DataUnavailableError
        If a public source has not been fetched.
    """
    if table.source is not None:
        return source_path(table.source, study=study)
    if study.folder is None:
        raise DataUnavailableError(
            tell(
                "study {study} was read from stored results; its data files are not at hand",
                study=study.id,
            )
        )
    return inside(study.folder, str(table.file), where="data.file")


def source_path(source: Source, *, study: Study) -> Path:
    """Return where a public source is on this machine, in the cache or a shared folder."""
    cached = cached_path(source)
    if cached.is_file():
        if file_sha256(cached) == source.sha256:
            return cached
        raise DataError(
            f"{source.name}: expected sha256 {source.sha256}, found {file_sha256(cached)} in the "
            f"cache; delete the file and run `trialkit fetch {study.id}` again"
        )
    shared = os.environ.get(SHARED_VARIABLE)
    if shared:
        found = files_by_sha256(shared).get(source.sha256)
        if found is not None:
            return found
    raise DataUnavailableError(
        tell(
            "{file} is not on this machine; `trialkit fetch {study}` brings it from its public "
            "source",
            file=source.name,
            study=study.id,
        )
    )


def cached_path(source: Source) -> Path:
    """Return where the cache keeps a source: one file a sha256, so versions never mix."""
    return cache_folder() / f"{source.sha256[:16]}-{source.name}"


@lru_cache(maxsize=8)
def files_by_sha256(shared: str) -> dict[str, Path]:
    """Return the files below the ``data`` folder of a shared folder by their sha256."""
    return {file_sha256(path): path for path in regular_files(Path(shared) / "data")}


def regular_files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in the order of their names."""
    if folder.is_dir():
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def fetch_sources(study: Study) -> tuple[Path, ...]:
    """Bring every public source of a study into the cache.

    Files already there, or in the shared folder, are not fetched again.

    Returns
    -------
    tuple of Path
        Where each source is, in the order of the study file.

    Raises
    ------
    DataError
        If an address does not answer, or its content has another sha256; nothing is kept
        then.
    """
    return tuple(fetch_source(source, study=study) for source in study.data.sources)


def fetch_source(source: Source, *, study: Study) -> Path:
    """Return where one source is, fetching it if it is nowhere."""
    try:
        return source_path(source, study=study)
    except DataUnavailableError:
        target = cached_path(source)
    try:
        pooch.retrieve(
            source.url,
            known_hash=f"sha256:{source.sha256}",
            fname=target.name,
            path=target.parent,
            downloader=pooch.HTTPDownloader(timeout=30),
        )
    except (OSError, ValueError) as error:  # requests' errors are OSErrors; ValueError: the hash
        raise DataError(
            f"{source.name} could not be fetched from {source.url}: {brief(error)}; "
            "look at the address and the sha256 in study.toml, or try again later"
        ) from error
    return target


def brief(error: Exception) -> str:
    """Return the first sentence of an error that another library wrote."""
    text = " ".join(str(error).split())
    return text if len(text) <= 160 else f"{text[:157]}..."
