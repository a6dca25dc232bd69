"""Tables and figures under their captions, which say so where numbers were simulated."""

from dataclasses import replace

from trialkit.present.exhibit import Figure, Table
from trialkit.present.grammar import sentence_start
from trialkit.present.synopsis import marked
from trialkit.report.document import FigureBlock, TableBlock
from trialkit.terms import DataStatus


def table_block(table: Table, status: DataStatus = "real") -> TableBlock:
    """Return a table under its title; its notes begin as sentences do.

    A column without any value says nothing and is left out.
    """
    notes = tuple(map(sentence_start, table.footnotes))
    shown = replace(table.without_empty_columns(), footnotes=notes)
    return TableBlock(caption=marked(table.title, status), table=shown)


def figure_block(figure: Figure, status: DataStatus = "real") -> FigureBlock:
    """Return a figure under its title."""
    return FigureBlock(caption=marked(figure.title, status), figure=figure)
