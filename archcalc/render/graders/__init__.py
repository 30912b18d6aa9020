"""Marks as other graders read them, a module a format, each with its documented fields and no others.

A score is a JSON number: whole, or rounded to four decimals. What is left for the teacher to decide is worth
nothing yet, and is said not to be decided where the format has a way to say so.

A module is found by its name, and has a `GRADER` at its end: whoever adds one adds one file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from archcalc.grading.model import Assignment, Graded

STUDENT = "STUDENT"
"""What stands for the student in the name of a file."""


class Grader(NamedTuple):
    """What another grader reads: an object a sheet, or a table with a row a sheet."""

    file: str
    """`gradescope/STUDENT.json`, or `nbgrader.csv` for all sheets."""
    results: Callable[[Assignment, Graded], Mapping[str, Any]] | None = None
    header: Sequence[str] = ()
    record: Callable[[Assignment, Graded], Sequence[str]] | None = None
    """A row in the order of the header, still to be made safe for spreadsheets."""


@cache
def every() -> Mapping[str, Grader]:
    """All graders by their names."""
    files = {file.partition(".")[0] for folder in __path__ for file in os.listdir(folder)}
    names = sorted(name for name in files if name.isidentifier() and not name.startswith("_"))
    return {name: import_module(f"{__name__}.{name}").GRADER for name in names}
