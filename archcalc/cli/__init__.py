"""The command line, a module a command: read arguments → call the Python API → render.

Only the module of the command that is asked for is imported, so that each starts fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from archcalc.cli.lazy import LazyGroup
from archcalc.cli.output import abandon, tolerate_encodings
from archcalc.words.errors import ArchcalcError
from archcalc.words.version import __version__

INTERRUPTED = 130
"""What shells expect of a program that Ctrl-C ended: 128 and the number of SIGINT."""

COMMANDS = {
    "list": "The networks of the catalogue with their main numbers, family by family.",
    "show": "The spec of a network, as it stands in its file: a start for one of your own.",
    "new": "Write a small commented spec to start from, NAME.yaml or FILE.",
    "summary": "Shapes, parameters, MACs and memory of a network, layer by layer.",
    "compare": "Two or more networks side by side: parameters, MACs and FLOPs, memory, layers.",
    "explain": "How a number comes about: the rule in the field's letters, the numbers put in, the result.",
    "check": "Prove the numbers: against a model that PyTorch builds and runs, and against what others publish.",
    "export": "A network as a Python file with a torch.nn.Module, which needs torch and nothing of archcalc.",
    "bench": "How long networks really take on a device.",
    "grade": "Grade homework: answers are computed, and each wrong one comes back with what went wrong.",
    "layers": "The kinds of layers, by family, or all there is to know about one.",
    "schema": "The JSON Schema (draft 2020-12) of the spec language, so that editors complete and check specs.",
}
"""Every command with the first paragraph of its help. Its module is `archcalc.cli.NAME`."""

EPILOG = """\b
Examples:
  archcalc list
  archcalc summary vgg16
  archcalc compare googlenet alexnet --flops
  archcalc explain alexnet conv1

\b
A network is a name of the catalogue, a path to a YAML file, or - for
standard input.

\b
Completion of commands, options and networks; put the line for your shell into
its start-up file:
  bash  eval "$(_ARCHCALC_COMPLETE=bash_source archcalc)"
  zsh   eval "$(_ARCHCALC_COMPLETE=zsh_source archcalc)"
  fish  _ARCHCALC_COMPLETE=fish_source archcalc | source
"""


@click.group(
    cls=LazyGroup,
    commands_in="archcalc.cli",
    known=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 90},
    epilog=EPILOG,
)
@click.version_option(__version__, prog_name="archcalc", message="%(prog)s %(version)s")
def program() -> None:
    """Calculate architectures: every shape, parameter, multiplication and byte of a network."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    0: all is well. 1: a check failed. 2: what was given is wrong; the message on standard error says how.
    """
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
