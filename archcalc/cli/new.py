"""`archcalc new`: a spec to start from."""

from __future__ import annotations

import os
import re

import click

from archcalc.cli.output import write
from archcalc.words.errors import OptionError
from archcalc.words.text import printable, quote

TEMPLATE = """\
# {title}: an architecture to start from. Change it, and see what comes of it with
#   archcalc summary {file}
name: {title}
input: [3, 32, 32]              # channels, height, width of one input
parameters: {{classes: 10}}       # another value for once: --set classes=100

blocks:
  stage:                        # a block is used like a layer, with arguments of its own
    parameters: {{width, depth: 2}}   # width must be given, depth is 2 unless it is
    layers:
      - repeat: $depth
        layers:
          - {{conv: $width, kernel: 3, padding: 1}}
          - relu
      - {{max_pool: 2}}           # halves height and width

layers:
  - {{stage: 32, name: stage1}}
  - {{stage: [64, 3], name: stage2}}      # a list is the arguments in their order
  - {{stage: {{width: 128}}, name: stage3}} # a mapping gives them by name
  - flatten
  - {{linear: 256, name: fc1}}
  - relu
  - dropout
  - {{linear: $classes, name: fc2}}
  - softmax
"""


@click.command(
    epilog="""\b
Examples:
  archcalc new my-network
  archcalc new tiny.yaml --force
"""
)
@click.argument("name", metavar="NAME|FILE")
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
def command(name: str, force: bool) -> None:
    """Write a small commented spec to start from, NAME.yaml or FILE.

    It runs as it is: archcalc summary FILE.
    """
    path = name if name.endswith((".yaml", ".yml")) else f"{name}.yaml"
    title = re.sub(r"\.ya?ml$", "", os.path.basename(path))
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", title):
        raise OptionError(
            f"{quote(title)} cannot be the name of a network.",
            hint="Use letters, digits, -, _ and points, as in archcalc new my-network.",
        )
    if os.path.exists(path) and not force:
        raise OptionError(
            f"{quote(path, 200)} is there already.", hint="Choose another name, or replace it with --force."
        )
    file = path if os.sep in path else os.path.join(os.curdir, path)
    write(TEMPLATE.format(title=title, file=file), path)
    shown = printable(file, 200)
    tries = {
        f"archcalc summary {shown}": "its layers, parameters, MACs and memory",
        f"archcalc explain {shown} fc1": "how a number comes about",
        "archcalc layers": "every kind of layer there is",
    }
    margin = max(map(len, tries))
    write(
        "".join(
            [f"Wrote {shown}. Next:\n", *(f"  {call:<{margin}}  {what}\n" for call, what in tries.items())]
        )
    )
