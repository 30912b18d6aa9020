"""What was found out → text, a module a format. Numbers are rounded here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archcalc.report import Report

FORMATS = ("table", "json", "csv", "markdown", "latex")


def render(report: Report, form: str = "table", *, depth: int | None = None, width: int = 100, colour: bool = False) -> str:
    from archcalc.render import summary, table

    return table.draw(summary.document(report, depth), width, colour)
