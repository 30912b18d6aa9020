"""`archcalc grade lectures`: five decks of slides, each number with a verdict."""

from __future__ import annotations

import click

from archcalc.cli import options
from archcalc.cli.output import screen, write
from archcalc.grading.lectures.model import TOPICS, VERDICTS
from archcalc.render.formats.registry import Format
from archcalc.render.homework.of_lectures import Chosen
from archcalc.render.outputs import LECTURES


@click.command(
    epilog="""\b
Examples:
  archcalc grade lectures
  archcalc grade lectures 5 --all
  archcalc grade lectures --verdict wrong --topic parameters
  archcalc grade lectures --format csv
"""
)
@click.argument("decks", nargs=-1, type=int, metavar="[DECK]...")
@click.option(
    "--verdict",
    "verdicts",
    type=click.Choice(VERDICTS),
    multiple=True,
    help="Only statements with this verdict. May be repeated.",
)
@click.option(
    "--topic",
    "topics",
    type=click.Choice(TOPICS),
    multiple=True,
    help="Only statements about this. May be repeated.",
)
@click.option(
    "--all", "every", is_flag=True, help="List those that are right too; JSON, CSV and Markdown always do."
)
@options.language
@options.output(LECTURES.takes)
def command(
    *,
    decks: tuple[int, ...],
    verdicts: tuple[str, ...],
    topics: tuple[str, ...],
    every: bool,
    lang: str,
    form: Format,
    path: str | None,
) -> None:
    """The numbers of five lecture decks, each with a verdict and the reason.

    DECK is the number of a deck, 1 to 5; without one it is all. A figure is right, right as rounded or as truncated
    to the digits it is given with, right only from the rounded terms that the deck computes it from, wrong, or not
    a matter of calculation, such as an error rate. What is right, and why something is wrong, is calculated.
    """
    from archcalc.grading.lectures import DECKS, graded

    found = graded(tuple(dict.fromkeys(decks)) or DECKS)
    chosen = Chosen(verdicts, topics, every)  # type: ignore[arg-type]  # click has checked the words
    with options.speaking(lang, form):
        on = screen(path)
        shown = LECTURES.written(form, on, found, chosen, on)
    write(shown, path)
