"""A Document as JSON holds it, and back: so that one that was laid out once can be kept in a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from archcalc.render.formats.sheet import (
    Bar,
    Cell,
    Column,
    Document,
    Ink,
    Kind,
    Label,
    Line,
    SafeCell,
    Share,
    Sheet,
)

ROOMS = ("render/documents", "render/formats")
"""Where documents come from, beside the numbers in them."""


def kept(document: Document) -> dict[str, Any]:
    """What stands in a document."""
    return {
        "title": document.title,
        "particulars": document.particulars,
        "sheets": [
            {
                "title": sheet.title,
                "columns": [column._asdict() for column in sheet.columns],
                "lines": [(line.kind, [_cell(cell) for cell in line.cells]) for line in sheet.lines],
            }
            for sheet in document.sheets
        ],
        "notes": document.notes,
        "warnings": document.warnings,
    }


def _cell(cell: SafeCell) -> Any:
    if isinstance(cell, Share):
        return {"share": tuple(cell)}
    return {"label": (cell.head, *cell.tail)} if isinstance(cell, Label) else cell


def understood(value: dict[str, Any]) -> Document:
    """The document again. Raises ValueError, TypeError or KeyError for what is none."""
    return Document(
        title=_text(value["title"]),
        particulars=map(_text, value["particulars"]),
        sheets=tuple(map(_sheet, value["sheets"])),
        notes=[(_text(label), _text(text)) for label, text in value["notes"]],
        warnings=map(_text, value["warnings"]),
    )


def _sheet(value: dict[str, Any]) -> Sheet:
    columns = tuple(map(_column, value["columns"]))
    lines = tuple(Line(tuple(map(_read, cells)), _one_of(Kind, kind)) for kind, cells in value["lines"])
    if any(len(line.cells) != (1 if line.kind == "section" else len(columns)) for line in lines):
        raise ValueError
    return Sheet(columns, lines, _text(value["title"]))


def _column(value: dict[str, Any]) -> Column:
    drop, least = _numbers((value["drop"], value["least"]))
    return Column(
        _text(value["title"]),
        right=value["right"] is True,
        drop=drop,
        least=least,
        bar=_one_of(Bar, value["bar"]),
        ink=_one_of(Ink, value["ink"]),
    )


def _read(value: Any) -> Cell:
    if isinstance(value, dict):
        if "share" in value:
            return Share(*_numbers(value["share"]))
        head, *tail = map(_text, value["label"])
        return Label(head, tuple(tail))
    return value if value is None else _numbers([value])[0] if type(value) is int else _text(value)


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError
    return value


def _numbers(values: Iterable[Any]) -> list[int]:
    found = list(values)
    if not all(type(value) is int for value in found):
        raise TypeError
    return found


def _one_of(literal: Any, value: Any) -> Any:
    if value not in get_args(literal):
        raise ValueError
    return value
