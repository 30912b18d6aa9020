"""`archcalc show`: the spec of a network."""

from __future__ import annotations

import click

from archcalc.cli import options
from archcalc.cli.output import on_terminal, write
from archcalc.spec import catalog
from archcalc.words.text import printable


@click.command(
    epilog="""\b
Examples:
  archcalc show vgg16
  archcalc show resnet50 > my-resnet.yaml
  archcalc show blocks/resnet.yaml
"""
)
@options.network
@options.to_file
def command(network: str, path: str | None) -> None:
    """The spec of a network, as it stands in its file: a start for one of your own.

    A file that the spec imports, such as blocks/resnet.yaml, is shown by its path. A copy finds the imports in
    the catalogue wherever it stands.
    """
    text = catalog.source(network)
    if path is None and on_terminal():
        text = "".join(f"{printable(line, len(line))}\n" for line in text.splitlines())
    write(text, path)
