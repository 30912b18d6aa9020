"""CSV for spreadsheets: plain numbers, and texts that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from archcalc.render.formats.sheet import LONGEST_TEXT
from archcalc.words.text import printable

# What a spreadsheet may read as the beginning of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", *"\uff1d\uff0b\uff0d\uff20")


def write(
    header: Iterable[str], rows: Iterable[Iterable[str | int | float]], longest: int = LONGEST_TEXT
) -> str:
    """A header and rows, comma-separated, a line feed after each; texts of at most `longest` characters."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([safe(cell, longest) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return file.getvalue()


def safe(text: str, longest: int = LONGEST_TEXT) -> str:
    """A text as a cell that no spreadsheet reads as a formula and no terminal acts on."""
    shown = printable(text, longest)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown
