"""`archcalc layers`: the kinds of layers, or the documentation of one."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from archcalc import api
from archcalc.cli import options
from archcalc.cli.output import screen, write
from archcalc.render.formats.registry import Format
from archcalc.render.outputs import KIND, KINDS


def _kind_names(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    return [CompletionItem(kind.name) for kind in api.kinds() if kind.name.startswith(typed)]


@click.command(
    epilog="""\b
Examples:
  archcalc layers
  archcalc layers conv
  archcalc layers attention --format markdown
"""
)
@click.argument("kind", required=False, metavar="[KIND]", shell_complete=_kind_names)
@options.output(KIND.takes)
def command(kind: str | None, form: Format, path: str | None) -> None:
    """The kinds of layers, by family, or all there is to know about one.

    With KIND: what it does, its keys, its rules, what was chosen in counting, and layers of the kind worked out
    by these rules and by hand.
    """
    if kind is None:
        write(KINDS.written(form, screen(path), api.kinds()), path)
    else:
        (found,) = api.kinds(kind)
        write(KIND.written(form, screen(path), found), path)
