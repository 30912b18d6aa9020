"""`archcalc grade new`: an assignment to start from, and sheets to try it with."""

from __future__ import annotations

import os
import re

import click

from archcalc.cli import options
from archcalc.cli.grade.starts import STARTS
from archcalc.cli.output import write
from archcalc.words.errors import OptionError
from archcalc.words.language import _, in_language
from archcalc.words.text import printable, quote


@click.command(
    epilog="""\b
Examples:
  archcalc grade new week-3
  archcalc grade new homework.yaml --force
  archcalc grade new lista-1 --lang pt-BR
"""
)
@click.argument("name", metavar="NAME|FILE")
@click.option("--force", is_flag=True, help="Replace files that are there already.")
@options.language
def command(*, name: str, force: bool, lang: str) -> None:
    """Write a commented assignment to start from, NAME.yaml or FILE, and a few answers to try it with.

    Both run as they are: archcalc grade key FILE, archcalc grade FILE ANSWERS.
    """
    path = name if name.endswith((".yaml", ".yml")) else f"{name}.yaml"
    title = re.sub(r"\.ya?ml$", "", os.path.basename(path))
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", title):
        raise OptionError(
            f"{quote(title)} cannot be the name of an assignment.",
            hint="Use letters, digits, -, _ and points, as in archcalc grade new homework.",
        )
    start = STARTS[lang]
    answers = os.path.join(os.path.dirname(path), f"{title}{start.ending}")
    for wanted in (path, answers):
        if os.path.exists(wanted) and not force:
            raise OptionError(
                f"{quote(wanted, 200)} is there already.",
                hint="Choose another name, or replace it with --force.",
            )
    write(start.assignment.format(title=title, file=path), path)
    write(start.answers, answers)
    with in_language(lang):
        write(_next(printable(path, 200), printable(answers, 200)))


def _next(assignment: str, answers: str) -> str:
    """What was written, and what to try with it."""
    tries = {
        f"archcalc grade key {assignment}": _("its answers with their working"),
        f"archcalc grade {assignment} {answers}": _("the marks of three students"),
        f"archcalc grade {assignment} {answers} --output {_('graded')}": _(
            "a gradebook and feedback, in a folder"
        ),
    }
    margin = max(map(len, tries))
    wrote = _("Wrote {assignment} and {answers}. Next:").format(assignment=assignment, answers=answers)
    return "".join([f"{wrote}\n", *(f"  {call:<{margin}}  {what}\n" for call, what in tries.items())])
