"""CSV for spreadsheets: plain numbers, and texts that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from archcalc.render.formats.sheet import LONGEST_TEXT
from archcalc.words.text import printable

# What a spreadsheet may read as the beginning of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", *"\uff1d\uff0b\uff0d\uff20")


def write(
    header: Iterable[str], rows: Iterable[Iterable[str | int | float]], longest: int = LONGEST_TEXT
) -> str:
    """A header and rows, comma-separated, a line feed after each; texts of at most `longest` characters."""
    return "".join(lines(header, rows, longest))


def lines(
    header: Iterable[str], rows: Iterable[Iterable[str | int | float]], longest: int = LONGEST_TEXT
) -> Iterator[str]:
    """The same a line at a time."""
    writer = csv.writer(_Lines(), lineterminator="\n")
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([safe(cell, longest) if isinstance(cell, str) else cell for cell in row])


class _Lines:
    """A file for the csv module that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def safe(text: str, longest: int = LONGEST_TEXT) -> str:
    """A text as a cell that no spreadsheet reads as a formula and no terminal acts on."""
    shown = printable(text, longest)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown
