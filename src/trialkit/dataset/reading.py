"""A CSV file to a table of text; every row must have as many fields as the head."""

import csv
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from trialkit.dataset.files import file_sha256
from trialkit.errors import DataError, Finding
from trialkit.language.told import tell
from trialkit.result.study_results import Change, FileRecord
from trialkit.study.records import DataPlan, Table

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextTable:
    """A file's cells as text, missing codes as missing, and what was noticed on the way."""

    frame: pd.DataFrame
    record: FileRecord
    changes: tuple[Change, ...]


def read_text_table(path: Path, table: Table, plan: DataPlan) -> TextTable:
    """Read one CSV file.

    Raises
    ------
    DataError
        If the file is empty, is not text in the declared encoding, doubles a column name,
        or has rows of another length than its head; all such rows are counted and the
        first three named.
    """
    rows = read_rows(path, plan, name=table.name)
    header = [name.strip() for name in rows[0]]
    findings = [*header_findings(header, table.name), *length_findings(rows, table.name)]
    if len(rows) == 1:
        findings.append(
            Finding(where=table.name, expected="at least one record", found="a head and no record")
        )
    if findings:
        raise DataError(f"{table.name} cannot be read as a table", findings)
    frame = pd.DataFrame(rows[1:], columns=header, dtype="str")
    frame = frame.apply(lambda column: column.str.strip())
    missing = frame.isin(list(plan.missing))
    changes = [*byte_order_change(path, table.name), *missing_changes(frame, missing, table.name)]
    frame = frame.mask(missing)
    for name, value in table.constants.items():
        frame[name] = value
    return TextTable(
        frame=frame,
        record=FileRecord(
            name=table.name,
            sha256=file_sha256(path),
            rows=len(frame),
            columns=len(header),
            url=table.source.url if table.source else None,
            licence=table.source.licence if table.source else None,
        ),
        changes=tuple(changes),
    )


def read_rows(path: Path, plan: DataPlan, *, name: str) -> list[list[str]]:
    """Return the rows of a CSV file, blank lines left out."""
    encoding = "utf-8-sig" if plan.encoding.lower() in {"utf-8", "utf8"} else plan.encoding
    try:
        with path.open(encoding=encoding, newline="") as stream:
            rows = [row for row in csv.reader(stream, delimiter=plan.separator, strict=True) if row]
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror}") from error
    except LookupError as error:
        raise DataError(f"data.encoding: expected a known encoding, found {encoding!r}") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name}: expected {plan.encoding} text, found byte {error.start} that is none; "
            "name the file's encoding as `encoding` under [data]"
        ) from error
    except csv.Error as error:
        raise DataError(f"{name}: expected comma-separated text, found: {error}") from error
    if not rows:
        raise DataError(f"{name}: expected a table with a head, found an empty file")
    return rows


def header_findings(header: list[str], name: str) -> list[Finding]:
    """Return what is wrong with the column names."""
    doubled = sorted({column for column in header if header.count(column) > 1 and column})
    findings = []
    if doubled:
        findings.append(
            Finding(where=f"{name} head", expected="each column once", found=", ".join(doubled))
        )
    if "" in header:
        findings.append(
            Finding(
                where=f"{name} head",
                expected="a name for every column",
                found=f"{header.count('')} without a name",
            )
        )
    return findings


def length_findings(rows: list[list[str]], name: str) -> list[Finding]:
    """Return the rows that have more or fewer fields than the head."""
    width = len(rows[0])
    wrong = [(number, len(row)) for number, row in enumerate(rows, 1) if len(row) != width]
    if not wrong:
        return []
    examples = "; ".join(f"row {number} has {count}" for number, count in wrong[:EXAMPLES])
    return [
        Finding(
            where=name,
            expected=f"{width} fields in every row",
            found=f"{len(wrong)} rows with another number, e.g. {examples}",
            remedy="look for an unquoted separator or line break in a cell",
        )
    ]


def byte_order_change(path: Path, name: str) -> list[Change]:
    """Return the note that a byte-order mark was passed over, if there is one."""
    with path.open("rb") as stream:
        marked = stream.read(3) == BYTE_ORDER_MARK
    if not marked:
        return []
    return [
        Change(
            step=tell("byte-order mark left out"),
            where=name,
            count=1,
            reason=tell("the mark is no part of the first column's name"),
        )
    ]


def missing_changes(frame: pd.DataFrame, missing: pd.DataFrame, name: str) -> list[Change]:
    """Return how many cells were read as missing, a line a code that is not blank."""
    blank = int(((frame == "") & missing).to_numpy().sum())
    total = int(missing.to_numpy().sum())
    parts = [
        (tell("blank cells read as missing"), blank),
        (tell("missing codes read as missing"), total - blank),
    ]
    reason = tell("declared under [data] missing")
    return [
        Change(step=step, where=name, count=count, reason=reason) for step, count in parts if count
    ]
