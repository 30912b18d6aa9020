"""`archcalc list`: the networks of the catalogue."""

from __future__ import annotations

import click

from archcalc import api
from archcalc.cli import options
from archcalc.cli.output import screen, write
from archcalc.render.formats.registry import Format
from archcalc.render.outputs import CATALOGUE


@click.command(
    epilog="""\b
Examples:
  archcalc list
  archcalc list resnet
  archcalc list --year 2012-2014
  archcalc list --family vgg --format csv
"""
)
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--family", metavar="NAME", help="Only networks of this family, such as VGG.")
@click.option("--task", metavar="TEXT", help="Only networks for this task, such as classification.")
@click.option("--year", metavar="YEAR", help="Only networks of this year, or of a span: 2012-2015.")
@options.output(CATALOGUE.takes)
def command(
    *,
    words: tuple[str, ...],
    family: str | None,
    task: str | None,
    year: str | None,
    form: Format,
    path: str | None,
) -> None:
    """The networks of the catalogue with their main numbers, family by family.

    With WORDs only those that have all of them in their name, title, source or description.
    """
    entries = api.networks(*words, family=family, task=task, year=year)
    write(CATALOGUE.written(form, screen(path), entries), path)
