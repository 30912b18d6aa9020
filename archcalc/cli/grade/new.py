"""`archcalc grade new`: an assignment to start from, and sheets to try it with."""

from __future__ import annotations

import os
import re

import click

from archcalc.cli.output import write
from archcalc.errors import OptionError
from archcalc.text import printable, quote

TEMPLATE = """\
# {title}: an assignment to start from. The answers are computed; see them with
#   archcalc grade key {file}
# All that can be written here is described in docs/grading.md.
title: Parameters and memory
numbers: en                   # how the class writes numbers: en (1,234.5) or pt-BR (1.234,5)
language: en                  # of key, feedback and reports: en or pt-BR

networks:
  alexnet: alexnet            # a name of the catalogue (archcalc list), or a path beside this file
  vgg: {{network: vgg16, set: {{classes: 10}}}}             # with a parameter or the input changed
  tiny: {{input: [1, 7, 7], layers: [{{conv: 1, kernel: 3, stride: 3, name: conv}}]}}   # or written out

points: 1                     # of every question that does not say otherwise

questions:
  - id: 1a                    # what the columns of the answers are called
    text: What shape does conv1 of AlexNet put out?
    ask: alexnet:conv1.output # height, width, channels or channels, height, width: both are right

  - id: 1b
    text: How many parameters does conv2 of AlexNet have, biases counted?
    ask: alexnet:conv2.params
    points: 2
    partial: {{bias-forgotten: 1/2}}    # half of the points for a known mistake

  - id: 1c
    text: How many bytes are these in float32?
    ask: $1b * 4              # from the answer to 1b: right too if it follows from a wrong one
    unit: kB                  # an answer in KiB or bytes is converted
    tolerance: 1%

  - id: 2
    text: How many times more MACs does VGG-16 need than AlexNet?
    ask: vgg:total.macs / alexnet:total.macs
    figures: 2                # right to two significant figures

  - id: 3
    text: Which of them has more parameters?
    options: {{a: alexnet:total.params, b: vgg:total.params}}
    pick: largest

  - id: 4
    text: Does a 3×3 filter with stride 3 fit a 7×7 input?
    fits: tiny
"""

ANSWERS = """\
id,name,1a,1b,1c,2,3,4
s1,Ada Example,55x55x96,"614,656",2.46 MB,13,b,no
s2,Bo Example,"(96, 55, 55)","6,656",26.6 kB,14,a,
s3,Cy Example,54x54x96,"614,400","2,457.6 kB",1.36,b,no
"""


@click.command(
    epilog="""\b
Examples:
  archcalc grade new week-3
  archcalc grade new homework.yaml --force
"""
)
@click.argument("name", metavar="NAME|FILE")
@click.option("--force", is_flag=True, help="Replace files that are there already.")
def command(name: str, force: bool) -> None:
    """Write a commented assignment to start from, NAME.yaml or FILE, and a few answers to try it with.

    Both run as they are: archcalc grade key FILE, archcalc grade FILE ANSWERS.
    """
    path = name if name.endswith((".yaml", ".yml")) else f"{name}.yaml"
    title = re.sub(r"\.ya?ml$", "", os.path.basename(path))
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", title):
        raise OptionError(
            f"{quote(title)} cannot be the name of an assignment.",
            hint="Use letters, digits, -, _ and points, as in archcalc grade new homework.",
        )
    answers = os.path.join(os.path.dirname(path), f"{title}-answers.csv")
    for wanted in (path, answers):
        if os.path.exists(wanted) and not force:
            raise OptionError(
                f"{quote(wanted, 200)} is there already.",
                hint="Choose another name, or replace it with --force.",
            )
    write(TEMPLATE.format(title=title, file=path), path)
    write(ANSWERS, answers)
    shown, sheets = printable(path, 200), printable(answers, 200)
    tries = {
        f"archcalc grade key {shown}": "its answers with their working",
        f"archcalc grade {shown} {sheets}": "the marks of three students",
        f"archcalc grade {shown} {sheets} --output graded": "a gradebook and feedback, in a folder",
    }
    margin = max(map(len, tries))
    write(
        "".join(
            [
                f"Wrote {shown} and {sheets}. Next:\n",
                *(f"  {call:<{margin}}  {what}\n" for call, what in tries.items()),
            ]
        )
    )
