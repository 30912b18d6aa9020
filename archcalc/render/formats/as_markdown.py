"""A document as Markdown, with the tables of GitHub and most other dialects."""

from __future__ import annotations

from collections.abc import Iterator

from archcalc.render.formats.sheet import Cell, Document, Sheet, shown
from archcalc.words import markup


def draw(document: Document) -> str:
    """A heading, the particulars, a table a sheet, and the notes as a list."""
    parts = [f"## {_cell(document.title)}", _cell(" · ".join(document.particulars))]
    for sheet in document.sheets:
        if sheet.title:
            parts.append(f"### {_cell(sheet.title)}")
        parts.append("\n".join(_table(sheet)))
    if document.notes:
        parts.append("\n".join(_notes(document)))
    return "\n\n".join(parts) + "\n"


def _table(sheet: Sheet) -> Iterator[str]:
    columns = [(i, column) for i, column in enumerate(sheet.columns) if column.bar != "length"]
    yield _row([_cell(column.title) for _, column in columns])
    yield _row(["---:" if column.right or column.bar else ":---" for _, column in columns])
    for line in sheet.lines:
        if line.kind == "section":
            yield _row([f"*{_cell(line.cells[0])}*", *[""] * (len(columns) - 1)])
            continue
        cells = [_cell(line.cells[i]) for i, _ in columns]
        yield _row([f"**{cell}**" if cell else "" for cell in cells] if line.kind == "total" else cells)


def _cell(cell: Cell) -> str:
    return markup.markdown(shown(cell))


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _notes(document: Document) -> Iterator[str]:
    for label, text in document.notes:
        words = _cell(" ".join(text.split()))
        yield f"- {_cell(label)}: {words}" if label else f"  - {words}"
