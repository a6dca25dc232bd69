"""Which results files this version reads, and what is wrong with the others.

A key that later versions add has a default, so a file without it is read as it stands. Where
the meaning of a key changes, the version does; such a file is refused, because its study can
be run again and a number under another meaning cannot be told from one under this.
"""

import json
from pathlib import Path
from typing import Final, NoReturn

SCHEMA_VERSION: Final = "1"
RUN_AGAIN: Final = "make it again with `trialkit run`"
MOST_QUOTED: Final = 40


def why_foreign(content: bytes, path: Path) -> str | None:
    """Return why a file is no results file of this schema version; None if it says it is.

    Told apart: a text that breaks off, another JSON file, an older and a newer version.
    """
    try:
        found = json.loads(content, parse_constant=no_number)
    except NoNumberError as error:
        return f"{path}: expected numbers or null, as JSON has no {error}; {RUN_AGAIN}"
    except json.JSONDecodeError as error:
        return (
            f"{path}: expected a whole JSON text, found one that is broken at line {error.lineno}, "
            f"column {error.colno}; copy the file again, or {RUN_AGAIN}"
        )
    except (ValueError, RecursionError):
        return f"{path}: expected JSON as trialkit writes it, found none; {RUN_AGAIN}"
    if not isinstance(found, dict) or not isinstance(found.get("schema_version"), str):
        what = "an object without such a text" if isinstance(found, dict) else "no object"
        return (
            f'{path}: expected a JSON object with `schema_version` "{SCHEMA_VERSION}", '
            f"found {what}; give the results.json that `trialkit run` wrote"
        )
    if found["schema_version"] == SCHEMA_VERSION:
        return None
    return another_version(found, path)


class NoNumberError(ValueError):
    """A word for a number that JSON does not have."""


def no_number(word: str) -> NoReturn:
    """Refuse ``NaN`` and bare infinities, which no results file of ours has."""
    raise NoNumberError(word)


def another_version(found: dict[str, object], path: Path) -> str:
    """Return the message about a file of another version, with what wrote it if it says."""
    version = str(found["schema_version"])[:MOST_QUOTED] or "''"
    made = found.get("provenance")
    writer = made.get("trialkit") if isinstance(made, dict) else None
    by = f", written by trialkit {str(writer)[:MOST_QUOTED]}" if writer else ""
    newer = version.isdecimal() and int(version) > int(SCHEMA_VERSION)
    remedy = f"update trialkit, or {RUN_AGAIN}" if newer else RUN_AGAIN
    return (
        f"{path}: expected results of schema version {SCHEMA_VERSION}, found version "
        f"{version}{by}; {remedy}"
    )
