"""What `archcalc --help` prints, laid out as click lays it out, without importing click: that is most of the time.

Only the page of the program itself: a command's is click's own. A test holds both to be the same at every width.
"""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator, Mapping

from archcalc.cli import ABOUT, COMMANDS, EPILOG
from archcalc.cli.width import asked

OPTIONS = {"--version": "Show the version and exit.", "-h, --help": "Show this message and exit."}

USUAL, NARROWEST, WIDEST = 80, 50, 90
"""Columns where there is no terminal to ask, and of the narrowest and the widest page."""


def printed() -> bool:
    """Print the page on standard output; False where it is not plain to see how, and click has to know."""
    out = sys.stdout
    if "_ARCHCALC_COMPLETE" in os.environ or out is None:
        return False
    try:
        out.write(page(_columns()))
        out.flush()
    except (OSError, UnicodeError):
        return False
    return True


def _columns() -> int:
    """The columns of the terminal, as Python's shutil finds them."""
    columns = asked()
    if not columns:
        try:
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns if sys.__stdout__ else 0
        except (AttributeError, ValueError, OSError):
            columns = 0
    return columns or USUAL


def page(columns: int) -> str:
    """The page for a terminal of so many columns."""
    width = max(min(columns, WIDEST) - 2, NARROWEST)
    about = textwrap.fill(ABOUT, width, initial_indent="  ", subsequent_indent="  ")
    parts = (
        "Usage: archcalc [OPTIONS] COMMAND [ARGS]...",
        about,
        "\n".join(("Options:", *_listed(OPTIONS, width))),
        "\n".join(("Commands:", *_listed(COMMANDS, width))),
        *(textwrap.indent(text.strip("\n"), "  ") for text in EPILOG.split("\b\n") if text),
    )
    return "\n\n".join(parts) + "\n"


def _listed(entries: Mapping[str, str], width: int) -> Iterator[str]:
    """Names with what they are, side by side."""
    column = max(map(len, entries)) + 2
    for name, about in entries.items():
        lines = textwrap.wrap(about, max(width - column - 2, 10))
        yield f"  {name:<{column}}{lines[0]}"
        yield from (" " * (column + 2) + line for line in lines[1:])
