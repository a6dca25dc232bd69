"""The frozen objects that ``study.toml`` is read into: where the records are (``[data]``)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from trialkit.study.specification import Condition, Frozen, Identifier, Many, Text

TableRole = Literal["records", "subjects"]


class Source(Frozen):
    """A public file, named by its address and proved by its sha256."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s]+$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    licence: Text
    citation: Text | None = None

    @property
    def name(self) -> str:
        """The file's name, the last part of its address."""
        return self.url.rstrip("/").rpartition("/")[2]


class Table(Frozen):
    """One table of the data: a file of the folder, or a public source.

    Tables of ``records`` are stacked; tables of ``subjects`` are stacked and then joined
    to the records by the subject column. ``constants`` adds columns that hold one value
    for the whole table, such as the trial that it comes from.
    """

    file: Text | None = None
    source: Source | None = None
    role: TableRole = "records"
    constants: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_origin(self) -> "Table":
        if (self.file is None) == (self.source is None):
            raise ValueError("give either `file` (inside the study folder) or `source`")
        return self

    @property
    def name(self) -> str:
        """The table's file name."""
        return self.source.name if self.source is not None else str(self.file)


class MissingRule(Frozen):
    """Values to read as missing under conditions that all hold, with the reason."""

    id: Identifier
    columns: Many[Text]
    when: Many[Condition]
    reason: Text


class Filter(Frozen):
    """Records to keep: those that meet all of ``keep``, with the reason.

    ``where`` narrows the records that the filter speaks of; all others stay.
    """

    id: Identifier
    where: Many[Condition] = ()
    keep: Many[Condition]
    reason: Text


class DataPlan(Frozen):
    """Which files hold the records, what their columns mean, and what is done to them.

    ``file`` and ``source`` name a single table; ``table`` lists several. ``visit``,
    ``parameter`` and ``value`` are columns of long data; ``baseline`` is a column of long data
    that repeats the baseline value in every record, for files without a baseline visit.
    ``missing_reason`` is a column with one text a person: why values are missing.
    ``published_figures`` is a table of printed figures inside the folder. ``simulated``
    marks participants that stand in for real ones in a study whose other figures are real.
    """

    file: Text | None = None
    source: Source | None = None
    table: Many[Table] = ()
    subject: Text | None = None
    arm: Text | None = None
    visit: Text | None = None
    parameter: Text | None = None
    value: Text | None = None
    baseline: Text | None = None
    missing_reason: Text | None = None
    missing: Many[str] = ("", "NA")
    separator: Annotated[str, Field(min_length=1, max_length=1)] = ","
    decimal: Literal[".", ","] = "."
    encoding: Text = "utf-8"
    simulated: bool = False
    published_figures: Text | None = None
    rule: Many[MissingRule] = ()
    filter: Many[Filter] = ()

    @model_validator(mode="after")
    def _one_way_to_name_tables(self) -> "DataPlan":
        named = [self.file is not None, self.source is not None, bool(self.table)]
        if sum(named) > 1:
            raise ValueError("give one of `file`, `source` and `[[data.table]]`, not several")
        if any(named) and self.subject is None:
            raise ValueError("participants need `subject`, the column that identifies a person")
        return self

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table of participants; empty where only printed figures exist."""
        if self.file is not None or self.source is not None:
            return (Table(file=self.file, source=self.source),)
        return self.table

    @property
    def sources(self) -> tuple[Source, ...]:
        """The public sources among the tables."""
        return tuple(table.source for table in self.tables if table.source is not None)
