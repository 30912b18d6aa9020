"""`archcalc summary`: a network layer by layer."""

from __future__ import annotations

import click

from archcalc import api
from archcalc.cli import options
from archcalc.cli.output import screen, write
from archcalc.render.formats.registry import Format
from archcalc.render.outputs import SUMMARY


@click.command(
    epilog="""\b
Examples:
  archcalc summary vgg16
  archcalc summary vgg16 --batch 128 --dtype float16
  archcalc summary lenet5 --set classes=26 --input 1x32x32
  archcalc summary alexnet --format csv --output alexnet.csv
"""
)
@options.network
@options.changes
@options.counting
@options.depth
@options.language
@options.output(SUMMARY.takes)
def command(
    *,
    network: str,
    shape: tuple[int, ...] | None,
    settings: dict[str, object],
    batch: int,
    dtype: str,
    bias: bool,
    depth: int | None,
    lang: str,
    form: Format,
    path: str | None,
) -> None:
    """Shapes, parameters, MACs and memory of a network, layer by layer.

    NETWORK is a name of the catalogue (archcalc list), a path to a YAML file, or - for standard input.
    Blocks are folded into a row each until the table fits a screen; --depth shows more or less of them.
    """
    loaded = api.load(network, input=shape, parameters=settings)
    report = api.analyse(loaded, batch=batch, dtype=dtype, bias=bias)
    with options.speaking(lang, form):
        text = SUMMARY.written(form, screen(path), report, depth)
    write(text, path)
