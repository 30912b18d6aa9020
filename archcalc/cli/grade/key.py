"""`archcalc grade key`: the right answers of an assignment."""

from __future__ import annotations

import click

from archcalc.cli import options
from archcalc.cli.grade import arguments
from archcalc.cli.output import screen, write
from archcalc.render.formats.registry import Format
from archcalc.render.outputs import KEY


@click.command(
    epilog="""\b
Examples:
  archcalc grade key homework.yaml
  archcalc grade key homework.yaml --format markdown --output key.md
  archcalc grade key homework.yaml --lang pt-BR
"""
)
@arguments.assignment
@arguments.language
@options.output(KEY.takes)
def command(*, assignment: str, lang: str | None, form: Format, path: str | None) -> None:
    """The right answers of an assignment with their working, for the teacher.

    ASSIGNMENT is a YAML file (archcalc grade new writes one to start from). Every answer is in the unit that is
    asked for, with what it is worth, how near an answer has to be, and the rules with the numbers put in.
    """
    from archcalc.grading.assignments.assignment import load_assignment

    loaded = load_assignment(assignment)
    with options.speaking(lang or loaded.language, form):
        text = KEY.written(form, screen(path), loaded)
    write(text, path)
