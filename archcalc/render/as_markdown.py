"""A document as Markdown, with the tables of GitHub and most other dialects."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archcalc.render.sheet import Cell, Document, Sheet, shown

_SPECIAL = re.compile(r"[\\`*<>\[\]|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^[#+-]")


def draw(document: Document) -> str:
    """A heading, the particulars, a table a sheet, and the notes as a list."""
    parts = [f"## {escaped(document.title)}", escaped(" · ".join(document.particulars))]
    for sheet in document.sheets:
        if sheet.title:
            parts.append(f"### {escaped(sheet.title)}")
        parts.append("\n".join(_table(sheet)))
    if document.notes:
        parts.append("\n".join(_notes(document)))
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Text that means itself in Markdown, inside a table too."""
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", shown(text).replace("&", "&amp;"))


def _table(sheet: Sheet) -> Iterator[str]:
    columns = [(i, column) for i, column in enumerate(sheet.columns) if column.bar != "length"]
    yield _row([escaped(column.title) for _, column in columns])
    yield _row(["---:" if column.right or column.bar else ":---" for _, column in columns])
    for line in sheet.lines:
        if line.kind == "section":
            yield _row([f"*{_cell(line.cells[0])}*", *[""] * (len(columns) - 1)])
            continue
        cells = [_cell(line.cells[i]) for i, _ in columns]
        yield _row([f"**{cell}**" if cell else "" for cell in cells] if line.kind == "total" else cells)


def _cell(cell: Cell) -> str:
    return escaped(shown(cell))


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _notes(document: Document) -> Iterator[str]:
    for label, text in document.notes:
        words = escaped(" ".join(text.split()))
        yield f"- {escaped(label)}: {words}" if label else f"  - {words}"
