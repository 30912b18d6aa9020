"""A click group that knows its commands by name and imports the module of one only when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from archcalc.words.text import did_you_mean, listing, quote


class LazyGroup(click.Group):
    """A group whose command `name` is the click command `command` in the module `commands_in.name`."""

    def __init__(self, *args: Any, commands_in: str, known: Mapping[str, str], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.commands_in = commands_in
        self.known = known

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order that the help has them."""
        return list(self.known)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in self.known:
            return None
        command = import_module(f"{self.commands_in}.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.known.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name, or a usage error that says which one may have been meant."""
        name = args[0]
        if not name.startswith("-") and name not in self.known and not ctx.resilient_parsing:
            guess = did_you_mean(name, self.known) or f"The commands are {listing(self.known, 'and')}."
            raise click.UsageError(f"There is no command {quote(name)}. {guess}", ctx)
        return super().resolve_command(ctx, args)
