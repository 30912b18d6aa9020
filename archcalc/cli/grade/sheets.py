"""`archcalc grade ASSIGNMENT SHEETS`: marks, a gradebook, feedback."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import click

from archcalc.cli import INTERRUPTED
from archcalc.cli.grade import arguments, outputs, streams
from archcalc.cli.grade.told import Told
from archcalc.cli.options import FormatChoice, is_of_a_file, speaking
from archcalc.cli.output import screen
from archcalc.grading import forking, gradebook
from archcalc.grading.assignments.assignment import load_assignment
from archcalc.grading.decisions import Decision, Decisions, load_decisions
from archcalc.grading.marking import Marker
from archcalc.grading.model import Assignment
from archcalc.grading.sheets import Intake
from archcalc.grading.statistics import Statistics
from archcalc.render.formats import registry
from archcalc.render.formats.registry import Format
from archcalc.render.outputs import marks
from archcalc.words.errors import OptionError
from archcalc.words.language import _, in_language
from archcalc.words.text import did_you_mean, listing, printable, quote

NEEDS_TEACHER = 1
"""The exit status where an answer or a sheet needs somebody to look at it."""

_SHOW_AFTER = 0.5
"""Seconds after which somebody who waits is shown how far it is."""

_REDRAW_AFTER = 0.1


def _names(_context: click.Context, _parameter: click.Parameter, given: str | None) -> tuple[str, ...]:
    """The outputs in `gradebook,html`."""
    names = tuple(name.strip() for name in (given or "").split(",") if name.strip())
    for name in names:
        if name not in outputs.FILES:
            raise OptionError(
                f"--write {quote(name)} is nothing that can be written.",
                hint=did_you_mean(name, outputs.FILES) or f"It may be {listing(outputs.FILES)}.",
            )
    return names


@click.command(
    epilog="""\b
Examples:
  archcalc grade homework.yaml homework-answers.csv
  archcalc grade homework.yaml homework-answers.csv --output graded
  archcalc grade homework.yaml homework-answers.csv --output graded --write gradebook,html,gradescope
  archcalc grade homework.yaml homework-answers.csv --format csv
  archcalc grade homework.yaml homework-answers.csv --lang pt-BR
"""
)
@arguments.assignment
@click.argument("sheets", nargs=-1, required=True, metavar="SHEETS...", type=click.Path(allow_dash=True))
@click.option(
    "--output",
    "-o",
    "folder",
    type=click.Path(),
    metavar="DIR",
    help="Keep results, gradebook and feedback in a folder; a second run goes on from there.",
)
@click.option(
    "--write",
    "written",
    callback=_names,
    metavar="WHAT,...",
    help=f"What to put there: {', '.join(outputs.FILES)}; by default {','.join(outputs.USUAL)}.",
)
@click.option(
    "--format",
    "-f",
    "form",
    type=FormatChoice(marks),
    default=registry.FIRST,
    show_default=True,
    help="How the marks are printed.",
)
@click.option(
    "--decisions",
    "decided",
    type=click.Path(),
    metavar="FILE",
    help="What you decided: undecided.csv of an earlier run, with its points filled in.",
)
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1, forking.MOST_JOBS),
    metavar="N",
    help="How many processes mark and write feedback; by default one for each processor, at most "
    f"{forking.USUAL_JOBS}. Marks and files are the same.",
)
@arguments.language
def command(
    *,
    assignment: str,
    sheets: tuple[str, ...],
    folder: str | None,
    written: tuple[str, ...],
    form: Format,
    decided: str | None,
    jobs: int | None,
    lang: str | None,
) -> int:
    """Grade sheets: a table, a gradebook, feedback. `grade ASSIGNMENT SHEETS` is short for it.

    SHEETS are files, folders and zips: YAML or JSON, one a student; CSV, a row a student, as spreadsheets,
    Google Forms and Moodle write it; - is standard input. A sheet that cannot be read is reported, and the
    rest is graded. With --output every result is kept as it comes, and the same command goes on where it was
    interrupted. Answers that are left to a teacher are listed, and written to DIR/undecided.csv; with its
    points filled in, --decisions reads it. The exit status is 1 where a teacher has to look: an answer that
    reads in two ways or not at all, a sheet that could not be read, two sheets of one student.
    """
    _check_folder(folder, form)
    if written and folder is None:
        raise OptionError("--write needs a folder.", hint="Name one with --output DIR.")
    loaded = load_assignment(assignment)
    given = load_decisions(decided, loaded) if decided is not None else []
    decisions = _decisions(folder, given, loaded)
    told = Told()
    others = [path for path in (assignment, folder, decided) if path]
    marker = Marker(loaded)
    jobs = jobs or forking.usual_jobs()
    statistics = Statistics(loaded)
    with speaking(lang or loaded.language, form), ExitStack() as stack:
        intake = Intake(sheets, loaded, others=others, tell=told.tell)
        book = stack.enter_context(gradebook.opened(folder, loaded)) if folder else None
        stream = streams.Stream(loaded, form, screen())
        try:
            with _progress(intake) as advance:
                graded = book.grade(intake, marker, jobs) if book else gradebook.marked(intake, marker, jobs)
                for one in map(decisions.apply, graded):
                    statistics.add(one)
                    stream.add(one, needs_teacher=told.count(one))
                    advance()
            report = statistics.report()
            about = {decision.place for decision in given}
            told.unused = [decision for decision in decisions.unused() if decision.place in about]
            files: list[str] = []
            if book is not None and folder is not None:
                book.finish()
                told.left_out, told.damaged = book.left_out, book.damaged
                if decisions:
                    nobody = {one.place for one in told.unused}
                    told.aside += outputs.keep((one for one in decisions if one.place not in nobody), folder)
                results = map(decisions.apply, book.results())
                with in_language(lang or loaded.language):
                    left = outputs.write(written or outputs.USUAL, folder, loaded, results, report, jobs=jobs)
                files = left.files
                told.aside += left.aside
        except KeyboardInterrupt:
            return _interrupted(told, folder)
        stream.finish(report, told, folder, files, book.kept if book else 0)
    return NEEDS_TEACHER if told.needs_teacher else 0


def _check_folder(folder: str | None, form: Format) -> None:
    """Raise OptionError for an --output that is no folder."""
    if folder == "":
        raise OptionError("--output has no name of a folder.", hint="Name one: --output graded.")
    if folder is None or os.path.exists(folder):
        return
    base, ending = os.path.splitext(folder)
    if is_of_a_file(ending.lower()):
        known = registry.by_ending(ending.lower()) or form
        asked = (known if marks(known) else form).name
        raise OptionError(
            f"--output is a folder here, and {quote(folder, 200)} is called like a file.",
            hint=f"--output {printable(base or 'graded', 200)} makes a folder; "
            f"--format {asked} > {printable(folder, 200)} prints the marks into a file.",
        )


def _decisions(folder: str | None, given: list[Decision], loaded: Assignment) -> Decisions:
    """What was decided in earlier runs, and over it what is given now.

    Raises OptionError where a table that this run would write anew has points filled in that are not given.
    """
    if folder is None:
        return Decisions(given)
    kept, to_decide = (os.path.join(folder, name) for name in (outputs.DECIDED, outputs.TO_DECIDE))
    if os.path.exists(to_decide):
        now = {(decision.student, decision.question, decision.points) for decision in given}
        filled = load_decisions(to_decide, loaded)
        if any((one.student, one.question, one.points) not in now for one in filled):
            raise OptionError(
                f"{quote(to_decide, 200)} has points filled in, and this run would write it anew.",
                hint=f"Give it with --decisions {printable(to_decide, 200)}, or delete it.",
            )
    earlier = load_decisions(kept, loaded) if os.path.exists(kept) else []
    return Decisions([*earlier, *given])


def _interrupted(told: Told, folder: str | None) -> int:
    kept = f" and kept in {printable(folder, 200)}; the same command goes on from there" if folder else ""
    click.echo(f"interrupted: {told.sheets:,} sheets were graded{kept}.", err=True)
    return INTERRUPTED


@contextmanager
def _progress(intake: Intake) -> Iterator[Callable[[], None]]:
    """A bar on standard error, only where that is a terminal and there is something to wait for."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda: None
        return
    started = drawn = time.monotonic()
    with ExitStack() as stack:
        update: Callable[[int], None] | None = None

        def advance() -> None:
            nonlocal drawn, update
            now = time.monotonic()
            if now - drawn < _REDRAW_AFTER or now - started < _SHOW_AFTER:
                return
            drawn = now
            update = update or stack.enter_context(_bar(intake.total))
            update(intake.position)

        yield advance


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int], None]]:
    """A bar for so many bytes, which leaves nothing behind."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    # With a width and a height rich does not look at COLUMNS, which may be no number.
    console = Console(stderr=True, width=screen().width, height=25)
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as progress:
        task = progress.add_task(_("grading"), total=max(total, 1))
        yield lambda position: progress.update(task, completed=position, refresh=True)
