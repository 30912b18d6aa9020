"""The command line, a module a command: read arguments → call the Python API → render.

Only the module of the command that is asked for is imported, so that each starts fast. The page that `--help` gives
needs no more than what stands here.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

INTERRUPTED = 130
"""What shells expect of a program that Ctrl-C ended: 128 and the number of SIGINT."""

COLLECTED = (50_000, 20, 20)
"""How many objects, and collections of them, go before the next collection."""

ABOUT = "Calculate architectures: every shape, parameter, multiplication and byte of a network."

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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    0: all is well. 1: a check failed. 2: what was given is wrong; the message on standard error says how.
    """
    # Hardly anything here is garbage that only the collector finds: it looks for it less often.
    gc.set_threshold(*COLLECTED)
    # No `list` here: once that command is imported, it has the name.
    given = sys.argv[1:] if arguments is None else [*arguments]
    if given in (["--help"], ["-h"]):
        from archcalc.cli import help_page

        if help_page.printed():
            return 0
    from archcalc.cli import program

    return program.run(given)
