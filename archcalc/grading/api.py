"""Grading from Python in one call; the command line does the same, and keeps what it finds."""

from __future__ import annotations

import os
from collections.abc import Iterator

from archcalc.grading.gradebook import marked
from archcalc.grading.marking import Marker
from archcalc.grading.model import Assignment, Graded
from archcalc.grading.sheets import Intake


def grade(assignment: Assignment, *paths: str | os.PathLike[str]) -> Iterator[Graded]:
    """Every sheet at some paths with its marks, one at a time: files, tables, folders and zips.

    A sheet that could not be read comes too, without marks; `sheet.problems` say why. Raises OptionError, before
    anything is graded, for a path that leads nowhere.
    """
    return marked(Intake([os.fspath(path) for path in paths], assignment), Marker(assignment))
