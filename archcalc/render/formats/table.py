"""A document as a table on a terminal: fixed columns that fit the width, bars, and few colours.

Tables are drawn here and not by rich, whose layout costs half a millisecond a row and whose import costs as
much again as everything else that a summary does.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from archcalc.algebra.units import percent
from archcalc.render.formats.sheet import (
    NOTHING,
    Column,
    Document,
    Label,
    Note,
    SafeCell,
    Share,
    Sheet,
    shown,
)
from archcalc.words.language import _

# Only colours of the terminal's own sixteen, which its owner has made readable on their background.
_INKS = {
    "title": "1",
    "heading": "1",
    "total": "1",
    "name": "36",
    "first": "36",
    "second": "35",
    "section": "35",
}

_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
_LONGEST_BAR = 12
_READABLE_BAR = 8
_LONGEST_LENGTH = 30
_SHORTEST_BAR = 4
_BETWEEN_HEADINGS = 4
_PERCENT = 6
"""`100.0%`."""

NARROWEST = 40
"""Below this many columns lines are left to run over the edge."""


def draw(document: Document, width: int = 100, colour: bool = False) -> str:
    """The document in lines of at most `width` columns, with ANSI colours or without."""
    pen = _Pen(colour)
    panels = [_panels(sheet, max(width, NARROWEST)) for sheet in document.sheets]
    used = max(
        _used(sheet.columns, panel)
        for sheet, drawn in zip(document.sheets, panels, strict=True)
        for panel in drawn
    )
    lines = [*_warnings(document.warnings, width), *_heading(document, used, width, pen)]
    for sheet, drawn in zip(document.sheets, panels, strict=True):
        lines.append("")
        lines += _sheet(sheet, drawn, width, pen)
    if document.notes:
        lines.append("")
        lines += _notes(document.notes, width, pen)
    return "\n".join(line.rstrip() for line in lines) + "\n"


class _Pen:
    """Puts text in colour where there are colours."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def __call__(self, text: str, ink: str) -> str:
        if not self.colour or ink not in _INKS or not text.strip():
            return text
        return f"\x1b[{_INKS[ink]}m{text}\x1b[0m"


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_WIDTHS.__getitem__, text))


class _Widths(dict[str, int]):
    """The columns of each character, worked out when it first comes up: tables have few different ones."""

    def __missing__(self, c: str) -> int:
        width = 0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        self[c] = width
        return width


_WIDTHS = _Widths()


def bar(share: Share, width: int) -> str:
    """A bar of eighths of a column; what is not 0 is always seen."""
    if not share.part or not share.longest:
        return ""
    eighths = max(1, (2 * 8 * width * share.part + share.longest) // (2 * share.longest))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8]


def _warnings(warnings: Sequence[str], width: int) -> Iterator[str]:
    """What must not be overlooked, a sign before each."""
    if warnings:
        import textwrap

        for text in warnings:
            yield from textwrap.wrap(f"! {text}", max(width, NARROWEST), subsequent_indent="  ")
        yield ""


def _heading(document: Document, used: int, width: int, pen: _Pen) -> Iterator[str]:
    """The title on the left and the particulars on the right of the tables, or below one another."""
    title = cut(document.title, width)
    particulars = " · ".join(document.particulars)
    blanks = used - columns_of(title) - columns_of(particulars)
    if blanks >= _BETWEEN_HEADINGS:
        yield pen(title, "title") + " " * blanks + particulars
    else:
        yield pen(title, "title")
        yield from _wrapped(particulars, width, " · ")


def cut(text: str, width: int) -> str:
    """The text in at most `width` columns, `…` for what is left out."""
    if columns_of(text) <= width:
        return text
    kept = ""
    for character in text:
        if columns_of(kept + character) > width - 1:
            break
        kept += character
    return kept + "…"


def _wrapped(text: str, width: int, separator: str = " ") -> Iterator[str]:
    line = ""
    for word in text.split(separator):
        longer = f"{line}{separator}{word}" if line else word
        if line and columns_of(longer) > width:
            yield line
            line = word
        else:
            line = longer
    yield line


def _notes(notes: Sequence[Note], width: int, pen: _Pen) -> Iterator[str]:
    longest = max(columns_of(label) for label, _ in notes)
    margin = longest + 2 if longest else 0
    for label, text in notes:
        start = pen(label, "heading") + " " * (margin - columns_of(label))
        # Only sentences are wrapped: figures that stand below one another keep their blanks.
        lines = [text] if columns_of(text) + margin <= width else list(_wrapped(text, width - margin))
        for line in lines:
            yield start + line
            start = " " * margin


def _sheet(sheet: Sheet, panels: list[dict[int, int]], width: int, pen: _Pen) -> Iterator[str]:
    if sheet.title:
        yield pen(sheet.title, "heading")
    for number, widths in enumerate(panels):
        if number:
            yield ""
        yield from _panel(sheet, widths, width, pen)
    drawn = set().union(*panels)
    left_out = [c.title for i, c in enumerate(sheet.columns) if i not in drawn and c.title and not c.bar]
    if left_out:
        yield from _wrapped(
            _("No room at this width for: {columns}.").format(columns=", ".join(left_out)), width
        )


def _panel(sheet: Sheet, widths: dict[int, int], width: int, pen: _Pen) -> Iterator[str]:
    rule = "─" * _used(sheet.columns, widths)
    titles = tuple(NOTHING if column.bar else column.title for column in sheet.columns)
    yield _drawn(titles, sheet.columns, widths, pen, "heading")
    yield rule
    for number, line in enumerate(sheet.lines):
        if line.kind == "section":
            if number:
                yield ""
            yield pen(cut(shown(line.cells[0]), width), "section")
            continue
        if line.kind == "total":
            yield rule
        yield _drawn(line.cells, sheet.columns, widths, pen, "total" if line.kind == "total" else "")


def _used(columns: Sequence[Column], widths: dict[int, int]) -> int:
    return sum(w + _gap(columns[i]) for i, w in widths.items()) - _gap(columns[min(widths)])


def _gap(column: Column) -> int:
    return 1 if column.bar else 2


def _panels(sheet: Sheet, width: int) -> list[dict[int, int]]:
    """The width of each column that is drawn, by its index.

    Where there is no room, columns go in the order that they say, then labels lose their tails. What is left
    over goes to the labels first, then to the bars, each as much as the others. Columns that may not go but
    have no room stand in a panel of their own below, again behind the first column. Where even that is too
    wide, the first column is cut: a number is worth more than the end of a name.
    """
    columns = sheet.columns
    cells = [[line.cells[i] for line in sheet.lines if line.kind != "section"] for i in range(len(columns))]
    useful = [_useful(column, below) for column, below in zip(columns, cells, strict=True)]
    least = [widths[0] for widths in useful]
    kept = list(range(len(columns)))
    for drop in range(9, 0, -1):
        if _used(columns, {i: least[i] for i in kept}) > width:
            kept = [i for i in kept if columns[i].drop != drop]
    panels: list[dict[int, int]] = [{}]
    for i in kept:
        if panels[-1] and _used(columns, {**panels[-1], i: least[i]}) > width and len(panels[-1]) > 1:
            panels.append({kept[0]: least[kept[0]]})
        panels[-1][i] = least[i]
    for panel in panels:
        spare = width - _used(columns, panel)
        panel[kept[0]] = max(panel[kept[0]] + min(spare, 0), 1)
        _stretch(panel, columns, useful, max(spare, 0))
    return panels


def _stretch(
    panel: dict[int, int], columns: Sequence[Column], useful: Sequence[list[int]], spare: int
) -> None:
    """Widen columns as far as there is room: bars until they can be read, then texts, then bars again."""
    bars = [i for i in panel if columns[i].bar]
    texts = [i for i in panel if not columns[i].bar]
    for group, most in ((bars, _READABLE_BAR - _SHORTEST_BAR), (texts, spare), (bars, spare)):
        # Bars are compared with one another, so each gets the same.
        share = spare // max(len(bars), 1) if group is bars else spare
        for i in group:
            before = panel[i]
            room = before + min(share, spare)
            panel[i] = max([before, *(w for w in useful[i] if w <= room and w - useful[i][0] <= most)])
            spare -= panel[i] - before


def _useful(column: Column, cells: Sequence[SafeCell]) -> list[int]:
    """The widths of a column at which more can be seen than at those before, smallest first."""
    if column.bar == "length":
        return list(range(_SHORTEST_BAR, _LONGEST_LENGTH + 1))
    if column.bar:
        with_percent = (_PERCENT + 1 + width for width in range(_READABLE_BAR, _LONGEST_BAR + 1))
        return [*range(_SHORTEST_BAR, _LONGEST_BAR + 1), *with_percent]
    title = columns_of(column.title)
    widths, least = {title}, title
    for cell in cells:
        taken = [max(title, columns_of(text)) for text in _forms(cell)]
        widths.update(taken)
        least = max(least, taken[-1])
    if column.least:
        return list(range(min(least, column.least), max(widths) + 1))
    return sorted(width for width in widths if width >= least)


def _forms(cell: SafeCell) -> list[str]:
    """The ways to write a cell, the longest first. What is in place of more ends in `…`."""
    if not isinstance(cell, Label):
        return [shown(cell)]
    forms: list[str] = [shown(cell)]
    for kept in range(len(cell.tail) - 1, -1, -1):
        shorter = shown(Label(cell.head, cell.tail[:kept]))
        # What is added to a layer never goes without a sign of it; what only explains may.
        adds = cell.tail[kept].startswith("+")
        forms += [f"{shorter} …"] if adds else [] if kept else [shorter]
    return forms


def _drawn(
    cells: Sequence[SafeCell], columns: Sequence[Column], widths: dict[int, int], pen: _Pen, ink: str
) -> str:
    parts: list[str] = []
    for i, width in widths.items():
        column, cell = columns[i], cells[i]
        text = _bar(cell, column, width) if isinstance(cell, Share) else _fitted(cell, width)
        blanks = " " * (width - columns_of(text))
        if parts:
            parts.append(" " * _gap(column))
        text = pen(text, ink or column.ink)
        parts.append(blanks + text if column.right else text + blanks)
    return "".join(parts)


def _fitted(cell: SafeCell, width: int) -> str:
    text = ""
    for text in _forms(cell):
        if columns_of(text) <= width:
            return text
    return cut(text, width)


def _bar(share: Share, column: Column, width: int) -> str:
    room = width - _PERCENT - 1
    if column.bar == "length" or not share.part or room < _READABLE_BAR:
        return bar(share, width if column.bar == "length" else min(width, _LONGEST_BAR))
    return f"{percent(share.part, share.whole):>{_PERCENT}} {bar(share, room)}"
