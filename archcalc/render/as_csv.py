"""CSV for spreadsheets: plain numbers, and texts that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from archcalc.render.sheet import LONGEST_TEXT
from archcalc.text import printable

# What a spreadsheet may read as the beginning of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(header: Iterable[str], rows: Iterable[Iterable[str | int]]) -> str:
    """A header and rows, comma-separated, a line feed after each."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return file.getvalue()


def _cell(cell: str | int) -> str | int:
    if isinstance(cell, int):
        return cell
    text = printable(cell, LONGEST_TEXT)
    return f"'{text}" if text.startswith(_FORMULA) else text
