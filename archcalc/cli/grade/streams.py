"""Marks on standard output: a table of a class, or a row or an object a sheet as they come."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence

import click

from archcalc.cli.grade import outputs
from archcalc.cli.grade.told import Told
from archcalc.cli.output import write
from archcalc.grading.model import Assignment, Graded
from archcalc.grading.statistics import ClassReport
from archcalc.render.formats.registry import Format, Screen
from archcalc.render.homework import of_class, of_grades
from archcalc.words.language import _, number
from archcalc.words.text import listing, printable
from archcalc.words.version import __version__

SCHEMA = "archcalc.grades/1"

MOST_ROWS = 100
"""Sheets that a table for people shows, in the order they came."""

_MOST_BESIDES = 50
"""Sheets behind those that are shown because a teacher has to look at them."""

_AT_ONCE = 1 << 16


class Stream:
    """Prints one run. What is for programs is printed as it comes; a table is kept to so many rows.

    Below a table stands the report of the class, if there is one.
    """

    def __init__(self, assignment: Assignment, form: Format, screen: Screen) -> None:
        self.assignment = assignment
        self.form = form
        self.screen = screen
        self.shown: list[Graded] = []
        self.besides = 0
        self.first = True
        self.waiting = io.StringIO()
        if form.draw:
            pass
        elif form.row:
            self.waiting.write(form.row(of_grades.header(assignment), of_grades.LONGEST_CELL))
        elif form.pieces:
            head = {"schema": SCHEMA, "version": __version__, "assignment": assignment.id}
            self.waiting.write(form.pieces.head(head, "sheets"))

    def add(self, graded: Graded, *, needs_teacher: bool) -> None:
        """Print a sheet, or keep it for the table."""
        form = self.form
        if form.draw:
            self._keep(graded, needs_teacher)
        elif form.row:
            self.waiting.write(form.row(of_grades.record(self.assignment, graded), of_grades.LONGEST_CELL))
        elif form.pieces:
            self.waiting.write(form.pieces.item(of_grades.to_json(self.assignment, graded), self.first))
        elif form.line:
            self.waiting.write(form.line(of_grades.to_json(self.assignment, graded)))
        self.first = False
        if self.waiting.tell() > _AT_ONCE:
            self._flush()

    def _keep(self, graded: Graded, needs_teacher: bool) -> None:
        if len(self.shown) < MOST_ROWS:
            self.shown.append(graded)
        elif needs_teacher and self.besides < _MOST_BESIDES:
            self.besides += 1
            self.shown.append(graded)

    def finish(
        self, report: ClassReport, told: Told, folder: str | None, files: Sequence[str], kept: int
    ) -> None:
        """Print the rest: the table, or what is wrong on standard error beside what is for programs."""
        if self.form.draw:
            documents = [of_grades.document(self.assignment, self.shown, report, told.first())]
            if report.sheets > 1:
                documents.append(of_class.document(self.assignment, report, listed=False))
            documents[-1] = documents[-1].with_notes(_notes(report, told, folder, files, kept))
            write(self.form.draw(documents, self.screen))
            return
        if self.form.pieces:
            self.waiting.write(self.form.pieces.tail({"class": of_class.to_json(self.assignment, report)}))
        self._flush()
        for warning in (*told.first(), *told.warnings()):
            click.echo(warning, err=True)
        if told.needs_teacher:
            click.echo(f"{told.summary()}.", err=True)

    def _flush(self) -> None:
        write(self.waiting.getvalue())
        self.waiting.seek(0)
        self.waiting.truncate()


def _notes(
    report: ClassReport, told: Told, folder: str | None, files: Sequence[str], kept: int
) -> Iterator[tuple[str, str]]:
    for place, line in enumerate(told.of_files()):
        yield "" if place else _("columns"), line
    yield _("graded"), told.summary()
    if kept:
        yield "", _("{count} of them by an earlier run").format(count=number(kept))
    if report.open:
        yield _("to decide"), _how_to_decide(folder)
    if folder is not None:
        where = printable(os.path.join(folder, ""), 200)
        yield _("written"), _("{folder}: {files}").format(folder=where, files=listing(files, _("and")))


def _how_to_decide(folder: str | None) -> str:
    """What to do about answers that are left to decide."""
    if folder is None:
        return _("with --output DIR they are written to DIR/{file}, to be given points").format(
            file=outputs.TO_DECIDE
        )
    path = printable(os.path.join(folder, outputs.TO_DECIDE), 200)
    return _("fill in the points in {file}, and run this again with --decisions {file}").format(file=path)
