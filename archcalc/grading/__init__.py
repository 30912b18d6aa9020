"""Homework graded: an assignment whose answers are computed, sheets of answers, marks with what went wrong.

    YAML ──▶ Assignment with its key                assignments, asked
    sheet ─▶ Sheet ──▶ readings ──▶ marks           sheets, numbers, marking, diagnosis
    marks ─▶ gradebook, feedback, class report      gradebook, statistics, and archcalc.render

Nothing here prints, and no text of a sheet is ever executed. As in archcalc itself, nothing is imported before it
is used: what shows a key needs no diagnosis.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archcalc.grading.api import grade
    from archcalc.grading.assignments.assignment import load_assignment
    from archcalc.grading.marking import Marker
    from archcalc.grading.model import Assignment, Graded, Sheet, Student
    from archcalc.grading.statistics import ClassReport, Statistics

__all__ = [
    "Assignment",
    "ClassReport",
    "Graded",
    "Marker",
    "Sheet",
    "Statistics",
    "Student",
    "grade",
    "load_assignment",
]

_HOME = {
    "ClassReport": "statistics",
    "Marker": "marking",
    "Statistics": "statistics",
    "grade": "api",
    "load_assignment": "assignments.assignment",
}
"""The module of each name that does not stand in `archcalc.grading.model`."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'archcalc.grading' has no attribute {name!r}")
    value = getattr(import_module(f"archcalc.grading.{_HOME.get(name, 'model')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
