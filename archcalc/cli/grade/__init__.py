"""`archcalc grade`: assignments, keys, marks and feedback; a module a command."""

from __future__ import annotations

import os

import click

from archcalc.cli.lazy import LazyGroup

COMMANDS = {
    "new": "Write a commented assignment to start from, NAME.yaml or FILE, and a few answers to try it with.",
    "key": "The right answers of an assignment with their working, for the teacher.",
    "sheets": "Grade sheets: a table, a gradebook, feedback. `grade ASSIGNMENT SHEETS` is short for it.",
    "lectures": "The numbers of five lecture decks, each with a verdict and the reason.",
}
"""Every command with the first paragraph of its help. Its module is `archcalc.cli.grade.NAME`."""

USUAL = "sheets"


class GradeGroup(LazyGroup):
    """The group where a first argument that is a file, or is called like one, stands for the usual command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named; grading where an assignment is."""
        if args[0] not in self.known and (args[0].endswith((".yaml", ".yml")) or os.path.exists(args[0])):
            args = [USUAL, *args]
        return super().resolve_command(ctx, args)


@click.group(
    cls=GradeGroup,
    commands_in="archcalc.cli.grade",
    known=COMMANDS,
    epilog="""\b
Examples:
  archcalc grade new homework
  archcalc grade key homework.yaml
  archcalc grade homework.yaml homework-answers.csv --output graded
  archcalc grade lectures
""",
)
def command() -> None:
    """Grade homework: answers are computed, and each wrong one comes back with what went wrong."""
