"""TSV for spreadsheets: rows separated by tabs, as they are pasted. Cells are those of CSV."""

from __future__ import annotations

from collections.abc import Iterable

from archcalc.render.formats import as_csv
from archcalc.render.formats.registry import Field, Format


def row(cells: Iterable[Field], longest: int) -> str:
    """Cells as a row; no cell holds a tab or a line break, since texts are made printable."""
    return as_csv.row(cells, longest, "\t")


FORMAT = Format("tsv", "Rows for spreadsheets, separated by tabs.", endings=(".tsv",), row=row)
