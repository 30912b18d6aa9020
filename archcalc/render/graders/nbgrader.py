"""A class as the CSV that `nbgrader export` writes: a row a student."""

from __future__ import annotations

from archcalc.grading.model import Assignment, Graded, Student
from archcalc.render.graders import Grader
from archcalc.render.homework.marks import plain

HEADER = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


def record(assignment: Assignment, graded: Graded) -> list[str]:
    """One row, in the order of HEADER, still to be made safe for spreadsheets.

    When a sheet is due and came in is not known here, and is empty.
    """
    student = graded.sheet.student
    last, first = names(student)
    score = _number(plain(graded.points))
    maximum = _number(plain(assignment.points))
    texts = (assignment.id, "", "", student.id, last, first, student.email)
    return [*texts, score, _number(0), score, maximum]


def names(student: Student) -> tuple[str, str]:
    """The last and the first name: `Souza, Ana` says which is which, else the last word is the last name."""
    last, comma, first = student.name.partition(",")
    if not comma:
        first, _space, last = student.name.strip().rpartition(" ")
    return last.strip(), first.strip()


def _number(value: float) -> str:
    """A number as nbgrader writes it: `4.0`."""
    return str(float(value))


GRADER = Grader("nbgrader.csv", header=HEADER, record=record)
