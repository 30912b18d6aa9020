"""What is to be shown, before it is text: sheets of cells that every format for people draws in its own way.

Titles, names, sources, reasons and answers come from specs and from students. Whatever is made here takes any text
and holds only `Safe` ones, and that is the type that formats draw: nobody has to remember.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, Self, TypeAlias

from archcalc.algebra.units import grouped, percent
from archcalc.words.text import LONGEST_TEXT, Safe, printable

LONGEST_NOTE = 10_000
"""Characters of a note: a working or a reason is told in full."""

NOTHING = printable("")

Bar: TypeAlias = Literal["", "share", "length"]
Ink: TypeAlias = Literal["", "first", "second", "name"]
Kind: TypeAlias = Literal["row", "total", "section"]
Note: TypeAlias = tuple[Safe, Safe]


class Share(NamedTuple):
    """A part of a whole. Where bars can be drawn the longest is as long as there is room."""

    part: int
    whole: int
    longest: int


class _Label(NamedTuple):
    head: Safe
    tail: tuple[Safe, ...]


class Label(_Label):
    """A text in pieces: the head must be read, those of the tail may be left out, the last ones first."""

    __slots__ = ()

    def __new__(cls, head: str, tail: tuple[str, ...] = ()) -> Self:
        """A label of texts from anywhere."""
        return super().__new__(cls, _text(head), tuple(map(_text, tail)))

    def __str__(self) -> str:
        return " ".join((self.head, *self.tail))


Cell: TypeAlias = str | int | Share | Label | None
"""An int is grouped in threes; None is empty."""

SafeCell: TypeAlias = Safe | int | Share | Label | None
"""A cell as a line holds it."""


class _Column(NamedTuple):
    title: Safe
    right: bool
    drop: int
    """How gladly it is given up where there is no room: 0 never, 9 first."""
    least: int
    """To how many characters its texts may be cut; 0: not at all."""
    bar: Bar
    """Whether its cells are bars, with percentages or without. It belongs to the column before it."""
    ink: Ink
    """What it is drawn in where there are colours."""


class Column(_Column):
    """A column and how it is drawn. Formats without a given width draw all of them."""

    __slots__ = ()

    def __new__(
        cls, title: str, *, right: bool = False, drop: int = 0, least: int = 0, bar: Bar = "", ink: Ink = ""
    ) -> Self:
        """A column under a title from anywhere."""
        return super().__new__(cls, _text(title), right, drop, least, bar, ink)


class _Line(NamedTuple):
    cells: tuple[SafeCell, ...]
    kind: Kind


class Line(_Line):
    """A line of a sheet: cells, one a column, or the title of the lines that follow."""

    __slots__ = ()

    def __new__(cls, cells: tuple[Cell, ...], kind: Kind = "row") -> Self:
        """A line of cells with texts from anywhere."""
        return super().__new__(
            cls, tuple([_text(cell) if isinstance(cell, str) else cell for cell in cells]), kind
        )


class _Sheet(NamedTuple):
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    title: Safe


class Sheet(_Sheet):
    """A table: columns and lines, under a title or none."""

    __slots__ = ()

    def __new__(cls, columns: tuple[Column, ...], lines: tuple[Line, ...], title: str = "") -> Self:
        """A table under a title from anywhere."""
        return super().__new__(cls, columns, lines, _text(title))


class _Document(NamedTuple):
    title: Safe
    particulars: tuple[Safe, ...]
    sheets: tuple[Sheet, ...]
    notes: tuple[Note, ...]
    """What stands below: a label, which may be empty, and a line of text."""
    warnings: tuple[Safe, ...]
    """What must not be overlooked, above everything."""


class Document(_Document):
    """A whole output: a title with its particulars, sheets, and notes in labelled lines."""

    __slots__ = ()

    def __new__(
        cls,
        title: str,
        particulars: Iterable[str],
        sheets: tuple[Sheet, ...],
        notes: Iterable[tuple[str, str]] = (),
        warnings: Iterable[str] = (),
    ) -> Self:
        """A document with texts from anywhere."""
        return super().__new__(
            cls,
            _text(title),
            tuple(map(_text, particulars)),
            sheets,
            tuple(_made(notes)),
            tuple(map(_sentence, warnings)),
        )

    def with_notes(self, notes: Iterable[tuple[str, str]]) -> Document:
        """The same with more notes below the others."""
        return self._replace(notes=(*self.notes, *_made(notes)))


def _made(notes: Iterable[tuple[str, str]]) -> Iterator[Note]:
    return ((_text(label), _sentence(text)) for label, text in notes)


def _text(text: str) -> Safe:
    return printable(text, LONGEST_TEXT)


def _sentence(text: str) -> Safe:
    return printable(text, LONGEST_NOTE)


def shown(cell: SafeCell) -> Safe:
    """A cell as plain text."""
    if cell is None:
        return NOTHING
    if isinstance(cell, Share):
        return printable(percent(cell.part, cell.whole))
    if isinstance(cell, Label):
        return printable(str(cell), LONGEST_TEXT)
    return printable(grouped(cell)) if isinstance(cell, int) else cell
