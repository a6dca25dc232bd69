"""Every table of a document as a CSV file, safe to open in a spreadsheet.

A spreadsheet runs what looks like a formula. A cell that begins like one and is no number
gets an apostrophe in front; the rest is as printed, but that no space sets thousands apart,
and that a number on its own has an ASCII minus and a point in every language, so that it is a
number to the program that reads it.
"""

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from trialkit.language.speech import THOUSANDS, decimal_mark, say
from trialkit.present.exhibit import Table
from trialkit.present.synopsis import SIMULATED_MARK
from trialkit.report.document import (
    Document,
    FigureBlock,
    KeyResult,
    Runs,
    TableBlock,
    Verdicts,
    every_block,
)

FOLDER: Final = "tables"
NUMBER: Final = re.compile(r"[+−-]?\d+(?:(?P<mark>[.,])\d+)?(?:[eE][+-]?\d+)?")
# The full-width signs, because East Asian spreadsheets read them as the others.
STARTS: Final = "=+\\-@＝＋－＠"
# What a reader does not see, a spreadsheet may strip.
UNSEEN: Final = "\\s\x00-\x1f\u200b-\u200f\u2060\ufeff"
FORMULA: Final = re.compile(rf"[{UNSEEN}]*[{STARTS}\t\r\n]")
# A program that splits at semicolons or tabs sees a cell begin behind one, or on a new line.
INNER_FORMULA: Final = re.compile(rf"(?<=[;\t\r\n])([^\S\t\r\n]*)(?=[{STARTS}])")
APART: Final = re.compile(rf"(?<=\d){THOUSANDS}(?=\d{{3}})")
UNSAFE_IN_NAME: Final = re.compile(r"[^A-Za-z0-9_-]+")


def table_files(document: Document) -> dict[str, bytes]:
    """Return the CSV files of a document by name, each ``tables/<table id>.csv``.

    They hold the tables, the claims with their verdicts and the numbers behind the figures.
    Each is UTF-8 with a byte order mark, every cell quoted, lines ended by CR LF, the first
    of them the heads with their units. Where the report says that the numbers were
    simulated, a last column says so on every line.
    """
    files: dict[str, bytes] = {}
    taken: dict[str, bytes] = {}
    for identifier, rows in tables(document):
        content = csv_bytes(rows)
        stem = UNSAFE_IN_NAME.sub("-", identifier).strip("-") or "table"
        name, number = stem, 1
        # Some file systems take A and a for one name.
        while taken.get(name.lower(), content) != content:
            number += 1
            name = f"{stem}-{number}"
        if name.lower() not in taken:
            taken[name.lower()] = content
            files[f"{FOLDER}/{name}.csv"] = content
    return files


def tables(document: Document) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield the id and the lines of every table, in the order of reading."""
    for block in every_block((*document.front, *document.parts)):
        if isinstance(block, TableBlock):
            yield block.table.id, lines(block.whole, simulated=is_marked(block.caption))
        elif isinstance(block, Verdicts):
            yield block.anchor, verdict_lines(block)
        elif isinstance(block, FigureBlock | KeyResult) and block.figure is not None:
            above = (
                block.caption
                if isinstance(block, FigureBlock)
                else " ".join(map(said, block.sentences))
            )
            yield block.figure.data.id, lines(block.figure.data, simulated=is_marked(above))


def is_marked(text: str) -> bool:
    """Return whether a text says, in the language that is spoken, that data are simulated."""
    return say(SIMULATED_MARK) in text


def lines(table: Table, *, simulated: bool) -> list[list[str]]:
    """Return the head and the rows of a table."""
    mark = [say(SIMULATED_MARK)] if simulated else []
    head = [column.label for column in table.columns]
    return [
        [*head, *([say("Data")] if simulated else [])],
        *([*row, *mark] for row in whole_rows(table)),
    ]


def whole_rows(table: Table) -> Iterator[tuple[str, ...]]:
    """Yield the rows, each saying itself what it belongs to; a bare head of a group is none."""
    head = ""
    for position, row in enumerate(table.rows):
        if position in table.inset:
            yield (f"{head}: {row[0]}", *row[1:])
            continue
        head = row[0]
        if not table.heads_group(position):
            yield row


def verdict_lines(block: Verdicts) -> list[list[str]]:
    """Return claims with their verdicts as lines of a table."""
    return [
        [block.claim_head, say("Verdict"), say("Because")],
        *([said(row.claim), row.verdict, said(row.because)] for row in block.rows),
    ]


def said(runs: Runs) -> str:
    """Return the text of runs."""
    return "".join(run.text for run in runs)


def csv_bytes(rows: list[list[str]]) -> bytes:
    """Return lines as a CSV file."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def safe(cell: str) -> str:
    r"""Return a cell that no spreadsheet takes for a formula, its numbers without spaces.

    >>> safe("=1+1"), safe("−1.5"), safe("−1.5 to 2"), safe("-1+1"), safe("12\u202f345")
    ("'=1+1", '-1.5', '−1.5 to 2', "'-1+1", '12345')
    """
    cell = APART.sub("", cell)
    number = NUMBER.fullmatch(cell)
    if number and number["mark"] in {None, decimal_mark()}:
        return cell.replace("−", "-").replace(",", ".")
    guarded = INNER_FORMULA.sub(r"\1'", cell)
    return f"'{guarded}" if FORMULA.match(guarded) else guarded
