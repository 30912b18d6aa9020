"""Marks on standard output: a table of a class, or a row or an object a sheet as they come."""

from __future__ import annotations

import csv
import io
import os
import textwrap
from collections.abc import Sequence

import click

from archcalc.cli.grade import outputs
from archcalc.cli.grade.told import Told
from archcalc.cli.output import Screen, write
from archcalc.grading.model import Assignment, Graded
from archcalc.grading.statistics import ClassReport
from archcalc.render.formats.encoding import encoded
from archcalc.render.formats.sheet import Document
from archcalc.render.homework import of_class, of_grades
from archcalc.words.language import _, number
from archcalc.words.markup import markdown
from archcalc.words.text import listing, printable
from archcalc.words.version import __version__

FORMATS = ("table", "json", "jsonl", "csv", "markdown")

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

    def __init__(self, assignment: Assignment, form: str, screen: Screen) -> None:
        self.assignment = assignment
        self.form = form
        self.screen = screen
        self.shown: list[Graded] = []
        self.besides = 0
        self.first = True
        self.waiting = io.StringIO()
        self.rows = csv.writer(self.waiting, lineterminator="\n")
        if form == "csv":
            self.rows.writerow(of_grades.header(assignment))
        elif form == "json":
            head = {"schema": SCHEMA, "version": __version__, "assignment": assignment.id}
            self.waiting.write(f'{encoded(head)[:-1]},"sheets":[')

    def add(self, graded: Graded, *, needs_teacher: bool) -> None:
        """Print a sheet, or keep it for the table."""
        if self.form == "csv":
            self.rows.writerow(of_grades.record(self.assignment, graded))
        elif self.form in ("json", "jsonl"):
            comma = "," if self.form == "json" and not self.first else ""
            self.waiting.write(comma + outputs.line(self.assignment, graded).decode())
        elif len(self.shown) < MOST_ROWS:
            self.shown.append(graded)
        elif needs_teacher and self.besides < _MOST_BESIDES:
            self.besides += 1
            self.shown.append(graded)
        self.first = False
        if self.waiting.tell() > _AT_ONCE:
            self._flush()

    def finish(
        self, report: ClassReport, told: Told, folder: str | None, files: Sequence[str], kept: int
    ) -> None:
        """Print the rest: the table, or what is wrong on standard error beside what is for programs."""
        if self.form == "json":
            self.waiting.write(f'],"class":{encoded(of_class.to_json(self.assignment, report))}}}\n')
        if self.form in ("json", "jsonl", "csv"):
            self._flush()
            for warning in (*told.first(), *told.warnings()):
                click.echo(warning, err=True)
            if told.needs_teacher:
                click.echo(f"{told.summary()}.", err=True)
            return
        documents = [of_grades.document(self.assignment, self.shown, report)]
        if report.sheets > 1:
            documents.append(of_class.document(self.assignment, report, listed=False))
        notes = [("" if place else _("columns"), line) for place, line in enumerate(told.of_files())]
        notes.append((_("graded"), told.summary()))
        if report.open:
            notes.append((_("to decide"), _how_to_decide(folder)))
        if kept:
            notes.append(("", _("{count} of them by an earlier run").format(count=number(kept))))
        if folder is not None:
            where = printable(os.path.join(folder, ""), 200)
            notes.append(
                (_("written"), _("{folder}: {files}").format(folder=where, files=listing(files, _("and"))))
            )
        last = documents[-1]
        documents[-1] = last._replace(notes=(*last.notes, *notes))
        self._warn(list(told.first()))
        for place, document in enumerate(documents):
            if place:
                write("\n")
            self._draw(document)

    def _warn(self, warnings: Sequence[str]) -> None:
        """What must not be overlooked, above everything."""
        for warning in warnings:
            if self.form == "markdown":
                write(f"> **{markdown(warning)}**\n>\n")
            else:
                write(
                    "\n".join(
                        textwrap.wrap(f"! {warning}", max(self.screen.width, 40), subsequent_indent="  ")
                    )
                )
                write("\n")
        if warnings:
            write("\n")

    def _draw(self, document: Document) -> None:
        if self.form == "markdown":
            from archcalc.render.formats import as_markdown

            write(as_markdown.draw(document))
        else:
            from archcalc.render.formats import table

            write(table.draw(document, self.screen.width, self.screen.colour))

    def _flush(self) -> None:
        write(self.waiting.getvalue())
        self.waiting.seek(0)
        self.waiting.truncate()


def _how_to_decide(folder: str | None) -> str:
    """What to do about answers that are left to decide."""
    if folder is None:
        return _("with --output DIR they are written to DIR/{file}, to be given points").format(
            file=outputs.TO_DECIDE
        )
    path = printable(os.path.join(folder, outputs.TO_DECIDE), 200)
    return _("fill in the points in {file}, and run this again with --decisions {file}").format(file=path)
