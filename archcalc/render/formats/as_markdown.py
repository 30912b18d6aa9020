"""A document as Markdown, with the tables of GitHub and most other dialects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archcalc.render.formats.registry import Format, Screen
from archcalc.render.formats.sheet import Column, Document, Note, SafeCell, Share, Sheet, shown
from archcalc.render.formats.table import bar
from archcalc.words import markup

_BAR = 20
"""The longest bar, in characters."""


def draw(document: Document) -> str:
    """Warnings, a heading, the particulars, a table a sheet, and the notes as a list."""
    warnings = "".join(f"> **{markup.markdown(text)}**\n>\n" for text in document.warnings)
    return f"{warnings}\n{_text(document)}" if warnings else _text(document)


def _text(document: Document) -> str:
    particulars = " · ".join(map(_cell, document.particulars))
    parts = [f"## {_cell(document.title)}", particulars]
    for sheet in document.sheets:
        if sheet.title:
            parts.append(f"### {_cell(sheet.title)}")
        parts.append("\n".join(_table(sheet)))
    if document.notes:
        parts.append("\n".join(_notes(document)))
    return "\n\n".join(parts) + "\n"


def _table(sheet: Sheet) -> Iterator[str]:
    columns = list(enumerate(sheet.columns))
    yield _row([_cell(column.title) for _, column in columns])
    yield _row([_rule(column) for _, column in columns])
    for line in sheet.lines:
        if line.kind == "section":
            yield _row([f"*{_cell(line.cells[0])}*", *[""] * (len(columns) - 1)])
            continue
        cells = [_cell(line.cells[i], column) for i, column in columns]
        yield _row([f"**{cell}**" if cell else "" for cell in cells] if line.kind == "total" else cells)


def _rule(column: Column) -> str:
    return "---:" if column.right or column.bar == "share" else ":---"


def _cell(cell: SafeCell, column: Column | None = None) -> str:
    if column is not None and column.bar == "length" and isinstance(cell, Share):
        return bar(cell, _BAR)
    return markup.markdown(shown(cell))


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _notes(document: Document) -> Iterator[str]:
    """An item a label; where several texts stand under one, each is an item below it."""
    for label, texts in _labelled(document.notes):
        if not label:
            yield from (f"- {text}" for text in texts)
        elif len(texts) == 1:
            yield f"- {label}: {texts[0]}"
        else:
            yield f"- {label}:"
            yield from (f"  - {text}" for text in texts)


def _labelled(notes: Sequence[Note]) -> list[tuple[str, list[str]]]:
    """The texts by the label that they stand under, which only the first of them has."""
    groups: list[tuple[str, list[str]]] = []
    for label, text in notes:
        if label or not groups:
            groups.append((markup.markdown(label), []))
        groups[-1][1].append(markup.markdown(" ".join(text.split())))
    return groups


def _written(documents: Sequence[Document], _screen: Screen) -> str:
    return "\n".join(map(draw, documents))


FORMAT = Format(
    "markdown",
    "Tables and formulas for pages, as GitHub and most others read them.",
    endings=(".md",),
    draw=_written,
    markup="markdown",
)
