"""What is to be shown, before it is text: sheets of cells that every format for people draws in its own way."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from archcalc.text import printable
from archcalc.units import grouped, percent

LONGEST_TEXT = 200
"""Characters of a text from a spec that are ever shown."""


class Share(NamedTuple):
    """A part of a whole: a bar where bars can be drawn, as long as `part` is of `longest`; else a percentage."""

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
    """A column: its title, and how gladly it is given up where there is no room (0: never, 9: first)."""

    title: str
    right: bool = False
    drop: int = 0
    gap: int = 2
    """Blanks before it."""
    bar: bool = False
    """Whether its cells are shares; such a column belongs to the one before it."""
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
