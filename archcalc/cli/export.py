"""`archcalc export`: a network as a program of its own."""

from __future__ import annotations

import click

from archcalc import api
from archcalc.cli import options
from archcalc.cli.output import write
from archcalc.pytorch.export import export

TARGETS = {"torch": export}


@click.command(
    epilog="""\b
Examples:
  archcalc export resnet50 --to torch --output resnet50.py
  archcalc export vgg16 --to torch --set classes=10
  archcalc export lenet5 --to torch
"""
)
@options.network
@click.option("--to", "target", type=click.Choice(list(TARGETS)), required=True, help="What to write: torch.")
@options.changes
@options.to_file
def command(
    *,
    network: str,
    target: str,
    shape: tuple[int, ...] | None,
    settings: dict[str, object],
    path: str | None,
) -> None:
    """A network as a Python file with a torch.nn.Module, which needs torch and nothing of archcalc.

    It is made to be read: a class a block, blocks that are alike share one, with the shapes beside. Its
    state_dict has the names and shapes of the model that `archcalc check` proves, so that weights can be moved
    from one to the other.
    """
    write(TARGETS[target](api.load(network, input=shape, parameters=settings)), path)
