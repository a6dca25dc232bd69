"""Repeated-measures data in Parquet files, some rows at a time."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from trialkit.analysis.frames import require_columns
from trialkit.analysis.visit_columns import VisitColumns
from trialkit.analysis.visit_kinds import require_same_kinds
from trialkit.errors import DataError, SpecificationError

# Rows that are read at once.
BATCH = 100_000

Frames = Callable[[], Iterator[pd.DataFrame]]


def parquet_frames(path: Path, columns: VisitColumns) -> Frames:
    """Return what reads the columns of Parquet files.

    Parameters
    ----------
    path : Path
        Of a file, or of a folder of them; a folder named ``arm=a`` is a column.
    columns : VisitColumns

    Raises
    ------
    SpecificationError
        If nothing is there, pyarrow is not installed, or a file lacks a column.
    DataError
        If a file cannot be read, or has another kind of values than the others.
    """
    if not path.exists():
        raise SpecificationError(
            f"frame: expected a pandas DataFrame, found the path {path}, where nothing is"
        )
    arrow: Any = import_extra("pyarrow.dataset", extra="parquet", what="Parquet files")
    unreadable = reading_errors()
    try:
        data = arrow.dataset(path, format="parquet", partitioning="hive")
    except unreadable as error:
        raise unreadable_file(path, error) from error
    require_alike(data, arrow, columns)
    # Of a folder without files.
    require_columns(pd.DataFrame(columns=data.schema.names), columns.names)
    # Read ahead as little as possible: memory is what is short.
    reading = arrow.ParquetFragmentScanOptions(use_buffered_stream=True, pre_buffer=False)

    def frames() -> Iterator[pd.DataFrame]:
        for file in data.get_fragments():
            batches = file.to_batches(
                schema=data.schema,
                columns=list(columns.names),
                batch_size=BATCH,
                batch_readahead=1,
                fragment_readahead=1,
                fragment_scan_options=reading,
                use_threads=False,
            )
            try:
                yield from (batch.to_pandas() for batch in batches if batch.num_rows)
            except unreadable as error:
                raise unreadable_file(file.path, error) from error

    return frames


def require_alike(data: Any, arrow: Any, columns: VisitColumns) -> None:
    """Raise unless every file has the columns, each of one kind in all of them.

    What the reader does otherwise is silent: it takes the columns of the first file, leaves
    a column missing where another lacks it, and turns numbers into text or the reverse.
    """
    parquet = import_module("pyarrow.parquet")
    unreadable = reading_errors()
    known: dict[str, str] = {}
    for file in data.get_fragments():
        try:
            schema = parquet.read_schema(file.path)
        except unreadable as error:
            raise unreadable_file(file.path, error) from error
        folders = arrow.get_partition_keys(file.partition_expression)
        present = [*schema.names, *(name for name in folders if name not in schema.names)]
        kinds = {
            name: kind
            for name in columns.names
            if name in schema.names and (kind := arrow_kind(schema.field(name).type)) is not None
        }
        try:
            require_columns(pd.DataFrame(columns=present), columns.names)
            require_same_kinds(known, kinds)
        except (SpecificationError, DataError) as error:
            raise type(error)(f"{file.path}: {error}") from error
        known |= kinds


def arrow_kind(kind: Any) -> str | None:
    """Return the kind of a column's values; None where all of them are missing."""
    types = import_module("pyarrow").types
    if types.is_dictionary(kind):
        return arrow_kind(kind.value_type)
    if types.is_null(kind):
        return None
    if types.is_integer(kind) or types.is_floating(kind):
        return "numbers"
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return "text"
    if types.is_date(kind) or (types.is_timestamp(kind) and kind.tz is None):
        return "times"
    return str(kind)


def reading_errors() -> tuple[type[Exception], ...]:
    """Return what the reader raises for files that are damaged, or no Parquet files."""
    return (import_module("pyarrow").ArrowException, OSError, UnicodeDecodeError)


def unreadable_file(path: object, error: Exception) -> DataError:
    """Return the refusal of a file that cannot be read."""
    return DataError(
        f"{path}: expected Parquet files with the same columns of the same kinds, found "
        f"{' '.join(str(error).split())}; write the file again, or leave it out of the folder"
    )


def import_extra(module: str, *, extra: str, what: str) -> Any:
    """Return a module that an extra of the package installs.

    Raises
    ------
    SpecificationError
        If it is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        name = module.partition(".")[0]
        raise SpecificationError(
            f"{what}: expected {name} to be installed, found it is not; "
            f'pip install "trialkit[{extra}]"'
        ) from error
