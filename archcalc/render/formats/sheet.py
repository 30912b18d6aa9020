"""What is to be shown, before it is text: sheets of cells that every format for people draws in its own way."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from archcalc.algebra.units import grouped, percent
from archcalc.words.text import printable

LONGEST_TEXT = 200
"""Characters of a text from a spec that are ever shown."""


class Share(NamedTuple):
    """A part of a whole. Where bars can be drawn the longest is as long as there is room."""

    part: int
    whole: int
    longest: int


class Label(NamedTuple):
    """A text in pieces: the head must be read, those of the tail may be left out, the last ones first."""

    head: str
    tail: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.head, *self.tail))


Cell: TypeAlias = str | int | Share | Label | None
"""An int is grouped in threes; None is empty."""


class Column(NamedTuple):
    """A column and how it is drawn. Formats without a given width draw all of them."""

    title: str
    right: bool = False
    drop: int = 0
    """How gladly it is given up where there is no room: 0 never, 9 first."""
    least: int = 0
    """To how many characters its texts may be cut; 0: not at all."""
    bar: Literal["", "share", "length"] = ""
    """Whether its cells are bars, with percentages or without. It belongs to the column before it."""
    ink: Literal["", "first", "second", "name"] = ""
    """What it is drawn in where there are colours."""


class Line(NamedTuple):
    """A line of a sheet: cells, one a column, or the title of the lines that follow."""

    cells: tuple[Cell, ...]
    kind: Literal["row", "total", "section"] = "row"


class Sheet(NamedTuple):
    """A table: columns and lines, under a title or none."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    title: str = ""


class Document(NamedTuple):
    """A whole output: a title with its particulars, sheets, and notes in labelled lines."""

    title: str
    particulars: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    notes: tuple[tuple[str, str], ...] = ()
    """What stands below: a label, which may be empty, and a line of text."""


def shown(cell: Cell) -> str:
    """A cell as plain text, safe to print."""
    if cell is None:
        return ""
    if isinstance(cell, Share):
        return percent(cell.part, cell.whole)
    if isinstance(cell, int):
        return grouped(cell)
    return printable(str(cell), LONGEST_TEXT)
