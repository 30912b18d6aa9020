"""The program as click knows it: the commands by name, and what becomes of errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from archcalc.cli import ABOUT, COMMANDS, EPILOG, INTERRUPTED
from archcalc.cli.help_page import WIDEST
from archcalc.cli.lazy import LazyGroup
from archcalc.cli.output import abandon, tolerate_encodings
from archcalc.words.errors import ArchcalcError
from archcalc.words.version import __version__


@click.group(
    cls=LazyGroup,
    commands_in="archcalc.cli",
    known=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST},
    help=ABOUT,
    epilog=EPILOG,
)
@click.version_option(__version__, prog_name="archcalc", message="%(prog)s %(version)s")
def program() -> None:
    """What every command begins with: nothing."""


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit status, as `archcalc.cli.main` says."""
    tolerate_encodings()
    try:
        status: Any = program.main(arguments, prog_name="archcalc", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ArchcalcError as error:
        click.echo(str(error), err=True)
        return error.exit_status
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except OSError as error:
        # Files are read and written with errors of our own: what is left is standard output, on a full disk.
        abandon()
        click.echo(f"cannot write the output: {error.strerror}.", err=True)
        return ArchcalcError.exit_status
    return status if isinstance(status, int) else 0
