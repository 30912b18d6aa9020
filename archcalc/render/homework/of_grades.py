"""Marks of a class: a table of students and questions, the rows of a gradebook, and a sheet as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from archcalc.grading.model import UNDECIDED, Assignment, Cause, Graded, Mark
from archcalc.grading.statistics import ClassReport
from archcalc.render.formats.sheet import Column, Document, Label, Line, Sheet
from archcalc.render.homework.marks import LEGEND, SIGNS, called, plain, points
from archcalc.render.homework.reasons import reason
from archcalc.words.language import _, gettext, ngettext, number
from archcalc.words.text import printable
from archcalc.words.version import __version__

SCHEMA = "archcalc.grade/1"

MOST_NOTES = 20
"""Problems and answers to decide that are told below the table, of either."""

STUDENT = ("student", "name", "email", "points", "max_points", "open", "to_decide", "source", "problems")
"""The first columns of the gradebook; two for every question follow."""

LONGEST_CELL = 2_000
"""Characters of a cell of the gradebook, such as all problems of a sheet."""

_SHORTEST_NAME = 14


def document(
    assignment: Assignment, graded: Sequence[Graded], report: ClassReport, warnings: Iterable[str] = ()
) -> Document:
    """A line a sheet with its points and every mark; the mean of the whole class that `report` is of."""
    sheets = report.sheets + report.unread
    more = sheets - len(graded)
    names = Counter(called(sheet.sheet) for sheet in graded)
    doubled = {name for name, times in names.items() if times > 1}
    return Document(
        title=assignment.title,
        particulars=(
            ngettext("{count} sheet", "{count} sheets", sheets).format(count=number(sheets)),
            ngettext("{points} point", "{points} points", _plural(assignment.points)).format(
                points=points(assignment.points)
            ),
        ),
        sheets=(
            Sheet(
                tuple(_columns(assignment)),
                (*(_line(assignment, sheet, doubled) for sheet in graded), *_means(report)),
            ),
        ),
        notes=_notes(graded, report, more),
        warnings=warnings,
    )


def header(assignment: Assignment) -> list[str]:
    """The columns of the gradebook: the student, the points, and points and verdict of every question."""
    of_questions = ((f"{q.id} points", f"{q.id} verdict") for q in assignment.questions)
    return [*STUDENT, *(name for names in of_questions for name in names)]


def record(assignment: Assignment, graded: Graded, point: str = ".") -> list[str]:
    """One row of the gradebook, still to be made safe for spreadsheets.

    A sheet that could not be read has no marks in it. `point` is the decimal sign.
    """
    student = graded.sheet.student
    marks = [text for mark in graded.marks for text in (cell(mark.points, point), mark.verdict)]
    return [
        *student,
        cell(graded.points, point) if graded.marks else "",
        cell(assignment.points, point),
        str(graded.open),
        " | ".join(
            f"{mark.question}: {printable(mark.reading.text)}"
            for mark in graded.marks
            if mark.verdict in UNDECIDED
        ),
        graded.sheet.source,
        " ".join(graded.sheet.problems),
        *(marks or [""] * (2 * len(assignment.questions))),
    ]


def cell(value: Fraction, point: str) -> str:
    """Points as a cell of a spreadsheet, with its decimal sign."""
    return str(plain(value)).replace(".", point)


def to_json(assignment: Assignment, graded: Graded) -> dict[str, Any]:
    """One sheet as `archcalc.grade/1`, to be encoded on one line; docs/json.md says what the keys mean."""
    sheet = graded.sheet
    questions = {question.id: question for question in assignment.questions}
    return {
        "schema": SCHEMA,
        "version": __version__,
        "assignment": assignment.id,
        "student": sheet.student._asdict(),
        "source": sheet.source,
        "problems": sheet.problems,
        "read": bool(graded.marks),
        **scored(graded.points, assignment.points),
        "open": graded.open,
        "marks": [
            {
                "question": mark.question,
                "answer": mark.reading.text,
                "verdict": mark.verdict,
                **scored(mark.points, questions[mark.question].points),
                "problem": mark.reading.problem or None,
                "causes": list(map(cause, mark.diagnosis.causes)),
                "mistakes": mark.mistakes,
                "reason": reason(questions[mark.question], mark) or None,
                "comment": mark.comment or None,
            }
            for mark in graded.marks
        ],
    }


def scored(got: Fraction, of: Fraction) -> dict[str, Any]:
    """Points as numbers, and as a fraction where four decimals do not say all."""
    rounded = plain(got)
    exact = Fraction(str(rounded)) == got
    return {"points": rounded, "exact": None if exact else got, "max_points": plain(of)}


def cause(found: Cause) -> dict[str, Any]:
    """One way in which a wrong answer comes about, for JSON."""
    return {
        "mistakes": [mistake._asdict() | {"facts": dict(mistake.facts)} for mistake in found.mistakes],
        "value": found.value,
    }


def _plural(value: Fraction) -> int:
    """What decides between one and several: 1 point, but 1.5 points."""
    return 1 if value == 1 else 2


def _columns(assignment: Assignment) -> Iterator[Column]:
    yield Column(_("student"), ink="name", least=_SHORTEST_NAME)
    yield Column(_("points"), right=True)
    for question in assignment.questions:
        yield Column(question.id, right=True)


def _line(assignment: Assignment, graded: Graded, doubled: Collection[str]) -> Line:
    student = graded.sheet.student
    name = called(graded.sheet)
    others = (student.id,) if student.name and student.name != student.id else ()
    # Of two who are called the same the id may not be left out.
    label = Label(f"{name} {student.id}") if others and name in doubled else Label(name, others)
    if not graded.marks:
        return Line((label, "–", *[None] * len(assignment.questions)))
    return Line((label, points(graded.points), *map(_cell, graded.marks)))


def _cell(mark: Mark) -> str:
    return f"{SIGNS[mark.verdict]} {points(mark.points)}"


def _means(report: ClassReport) -> Iterator[Line]:
    if report.mean is not None:
        means = (points(item.mean or Fraction(0)) for item in report.items)
        yield Line((_("mean"), points(report.mean), *means), "total")


def _notes(graded: Sequence[Graded], report: ClassReport, more: int) -> Iterator[tuple[str, str]]:
    if more > 0:
        yield (
            "",
            ngettext("and {count} more sheet", "and {count} more sheets", more).format(count=number(more)),
        )
    used = {SIGNS[mark.verdict] for sheet in graded for mark in sheet.marks}
    if used:
        yield (
            _("signs"),
            ", ".join(f"{sign} {gettext(word)}" for sign, word in LEGEND.items() if sign in used),
        )
    yield from waiting(report)
    problems = [
        f"{_named(sheet)}: {printable(gettext(text), 300)}"
        for sheet in graded
        for text in sheet.sheet.problems
    ]
    yield from _listed(_("problems"), problems)


def waiting(report: ClassReport) -> Iterator[tuple[str, str]]:
    """The answers that are left to decide, whose they are and where they stand; the rest is counted."""
    lines = [
        f"{printable(one.student.name or one.student.id)} ({printable(one.source, 120)}), "
        f"{printable(one.mark.question)}: {printable(one.mark.reading.text)}"
        for one in report.waiting
    ]
    yield from _listed(_("to decide"), lines, report.open)


def _listed(label: str, lines: Sequence[str], count: int = 0) -> Iterator[tuple[str, str]]:
    for place, line in enumerate(lines[:MOST_NOTES]):
        yield "" if place else label, line
    more = max(len(lines), count) - MOST_NOTES
    if more > 0:
        yield "", _("and {count} more").format(count=number(more))


def _named(graded: Graded) -> str:
    return printable(called(graded.sheet))
