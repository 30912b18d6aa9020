"""The files that a run of `archcalc grade` leaves in its folder, beside the results themselves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from archcalc.grading.decisions import HEADER, MOST, Decision, undecided
from archcalc.grading.files import FileNames, removing, replacing, rewriting, unwritable
from archcalc.grading.forking import Sharing, blocks
from archcalc.grading.model import Assignment, Graded
from archcalc.grading.statistics import ClassReport
from archcalc.render import graders
from archcalc.render.formats import as_csv, as_markdown
from archcalc.render.formats.encoding import encoded
from archcalc.render.graders import STUDENT
from archcalc.render.homework import of_class, of_grades
from archcalc.render.homework.marks import plain
from archcalc.render.homework.reasons import reason
from archcalc.words.language import ENGLISH, in_language, language

Add = Callable[[Graded, str], object]
"""Takes a sheet, and the name of the files that are about it."""

FILES: Mapping[str, str] = {
    "gradebook": "gradebook.csv",
    "feedback": f"feedback/{STUDENT}.md",
    "html": f"feedback/{STUDENT}.html",
    "report": "report.md",
    "json": "grades.jsonl",
    **{name: grader.file for name, grader in graders.every().items()},
}
"""What can be written, by what it is called: our own, and what other graders read."""

REPORT_PAGE = "report.html"
"""The report once more where the feedback is HTML too."""

USUAL = ("gradebook", "feedback", "report")

TO_DECIDE = "undecided.csv"
"""The answers that are left to decide, where there are any, for the teacher to fill in."""

DECIDED = "decided.csv"
"""What was decided in all runs so far."""

_BOM = "\ufeff"
"""By which spreadsheets know UTF-8."""


class Left(NamedTuple):
    """What a run left in its folder."""

    files: list[str]
    """The files and folders that were written."""
    aside: list[str]
    """What was there and is kept under another name, because somebody had written in it."""


def write(
    names: Iterable[str],
    folder: str,
    assignment: Assignment,
    results: Iterable[Graded],
    report: ClassReport,
    *,
    jobs: int = 1,
) -> Left:
    """Write what is named, in the language of the moment; `jobs` processes write the files that are one a student.

    Raises OptionError if one cannot be written; the others are as they were, or complete.
    """
    aside: list[str] = []
    wanted = [name for name in FILES if name in set(names)]
    to_decide = os.path.join(folder, TO_DECIDE)
    with ExitStack() as stack:
        tables, files = (
            [
                stack.enter_context(_writer(name, os.path.join(folder, FILES[name]), assignment, aside))
                for name in wanted
                if name != "report" and (STUDENT in FILES[name]) == for_each
            ]
            for for_each in (False, True)
        )
        if report.open:
            tables.append(stack.enter_context(_to_decide(to_decide, assignment, aside)))
        file_names = FileNames()
        sharing = Sharing(partial(_add, files), jobs)
        for block in blocks(results if tables or files else (), jobs):
            named = [(each, file_names.name(each.sheet.student.id or each.sheet.source)) for each in block]
            for _ in sharing.done(named) if files else ():
                pass
            for pair in named:
                _add(tables, pair)
    written = [FILES[name].replace(STUDENT, "*") for name in wanted]
    if "report" in wanted:
        document = of_class.document(assignment, report)
        text = as_markdown.draw(document)
        with replacing(os.path.join(folder, FILES["report"])) as file:
            file.write(text.encode())
        if "html" in wanted:
            from archcalc.render.formats.as_html import page

            with replacing(os.path.join(folder, REPORT_PAGE)) as file:
                file.write(page(text, document.title, language().code).encode())
            written.append(REPORT_PAGE)
    if report.open:
        written.append(TO_DECIDE)
    else:
        # What an earlier run had to decide is decided.
        removing(to_decide, aside)
    return Left(written, aside)


def _add(adders: Iterable[Add], named: tuple[Graded, str]) -> None:
    for add in adders:
        add(*named)


def keep(decisions: Iterable[Decision], folder: str) -> list[str]:
    """Write the decisions of all runs so far, and give what is kept of the table before.

    Raises OptionError if that cannot be done.
    """
    header = ("student", "question", "points", "comment", "row")
    aside: list[str] = []
    with _table(os.path.join(folder, DECIDED), header, aside) as row:
        for decision in sorted(decisions, key=lambda one: (one.student, one.question)):
            rounded = str(plain(decision.points))
            # A third stays one.
            points = rounded if Fraction(rounded) == decision.points else str(decision.points)
            student, question, _points, comment, row_of = decision[:5]
            row([student, question, points, comment, row_of])
    return aside


@contextmanager
def _to_decide(path: str, assignment: Assignment, aside: list[str]) -> Iterator[Add]:
    """What writes the answers that are left to decide."""
    questions = {question.id: question for question in assignment.questions}
    point = _spreadsheet().point
    with _table(path, HEADER, aside, _spreadsheet()) as row:

        def add(graded: Graded, _called: str) -> None:
            for cells in undecided(assignment, graded, lambda mark: reason(questions[mark.question], mark)):
                cells[MOST] = of_grades.cell(Fraction(cells[MOST]), point)
                row(cells)

        yield add


class _Style(NamedTuple):
    """How a table is written."""

    delimiter: str = ","
    point: str = "."
    mark: str = ""


def _spreadsheet() -> _Style:
    """What a spreadsheet opens rightly by a double click where the language of the moment is spoken."""
    return _Style(";", ",", _BOM) if language().point == "," else _Style()


@contextmanager
def _writer(name: str, path: str, assignment: Assignment, aside: list[str]) -> Iterator[Add]:
    """What writes one of FILES, a sheet at a time."""
    if name == "gradebook":
        style = _spreadsheet()
        with _table(path, of_grades.header(assignment), aside, style) as row:
            yield lambda graded, _: row(of_grades.record(assignment, graded, style.point))
        return
    grader = graders.every().get(name)
    if grader is not None and grader.record is not None:
        record = grader.record
        with _table(path, grader.header, aside) as row:
            yield lambda graded, _: row(record(assignment, graded))
    elif name == "json":
        with replacing(path) as file:
            yield lambda graded, _: file.write(line(assignment, graded))
    else:
        yield _files(path, _text(name, grader, assignment))


def line(assignment: Assignment, graded: Graded) -> bytes:
    """A sheet as a line of JSON, in English."""
    with in_language(ENGLISH.code):
        return f"{encoded(of_grades.to_json(assignment, graded))}\n".encode()


@contextmanager
def _table(
    path: str, header: Sequence[str], aside: list[str], style: _Style | None = None
) -> Iterator[Callable[[Sequence[str]], object]]:
    with rewriting(path, aside) as file:
        style = style or _Style()

        def row(cells: Sequence[str]) -> None:
            file.write(as_csv.row(cells, of_grades.LONGEST_CELL, style.delimiter).encode())

        file.write(style.mark.encode())
        row(header)
        yield row


def _files(path: str, text: Callable[[Graded], str]) -> Add:
    """What writes a file a student, each complete or not there."""
    folder, pattern = os.path.split(path)
    ending = pattern.removeprefix(STUDENT)
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from None

    def add(graded: Graded, called: str) -> None:
        with replacing(os.path.join(folder, called + ending), sync=False) as file:
            file.write(text(graded).encode())

    return add


def _text(name: str, grader: graders.Grader | None, assignment: Assignment) -> Callable[[Graded], str]:
    """What one of the files of a student holds."""
    if grader is not None and grader.results is not None:
        results = grader.results
        return lambda graded: f"{encoded(results(assignment, graded))}\n"
    from archcalc.render.homework.feedback import Feedback

    feedback = Feedback(assignment)
    return feedback.markdown if name == "feedback" else feedback.html
