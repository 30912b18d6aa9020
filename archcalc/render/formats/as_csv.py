"""CSV for spreadsheets: plain numbers, and texts that no spreadsheet takes for a formula.

Spreadsheets do not ask a file what separates its cells: the dialog of one has commas, semicolons and tabs at once,
another opens a file of commas with semicolons because its language has them. So a cell that holds any of them is
quoted, and what stands behind one of them is looked at as if a cell began there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from archcalc.render.formats.registry import Field, Format
from archcalc.words.text import LONGEST_TEXT, printable

DELIMITERS = ",;|\t"
"""What separates cells, in one spreadsheet or another."""

# What a spreadsheet may read as the beginning of a formula (OWASP, CSV injection), at the beginning of a cell or
# behind what may begin one; there a plain number, as in `(3, -5)`, stays what it is.
_SIGNS = r"(?=[=+@\-\t\r\uff1d\uff0b\uff0d\uff20])"
_NUMBER = r"(?![+-][0-9.]+[)\]]?\s*(?:[,;|\t]|$))"
_FORMULA = re.compile(rf'^\s*{_SIGNS}|[,;|\t]["\s]*{_SIGNS}{_NUMBER}')
_QUOTED = re.compile(rf'[{DELIMITERS}"\r\n]')


def row(cells: Iterable[Field], longest: int = LONGEST_TEXT, delimiter: str = ",") -> str:
    """Cells as a row, a line feed behind it; texts of at most `longest` characters, safe for spreadsheets."""
    return line((safe(cell, longest) if isinstance(cell, str) else cell for cell in cells), delimiter)


def line(cells: Iterable[Field], delimiter: str = ",") -> str:
    """Cells that are safe already as a row."""
    fields = [_field(str(cell)) for cell in cells]
    # A row of one empty cell would be an empty line, which is no row.
    return (delimiter.join(fields) if fields != [""] else '""') + "\n"


def _field(text: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(text) else text


def write(header: Iterable[str], rows: Iterable[Iterable[Field]], longest: int = LONGEST_TEXT) -> str:
    """A header and rows, comma-separated."""
    return "".join((row(header, longest), *(row(cells, longest) for cells in rows)))


def safe(text: str, longest: int = LONGEST_TEXT) -> str:
    """A text as a cell that no spreadsheet reads as a formula and no terminal acts on."""
    shown = printable(text, longest)
    return _FORMULA.sub(_apart, shown)


def _apart(found: re.Match[str]) -> str:
    """An apostrophe where the cell begins, be it behind a sign that separates some cells or others."""
    start = found[0]
    return f"{start[0]}'{start[1:]}" if start and start[0] in DELIMITERS else f"'{start}"


FORMAT = Format("csv", "Rows for spreadsheets, separated by commas.", endings=(".csv",), row=row)
