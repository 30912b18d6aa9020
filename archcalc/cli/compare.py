"""`archcalc compare`: networks side by side."""

from __future__ import annotations

import click

from archcalc import api
from archcalc.cli import options
from archcalc.cli.output import screen, write
from archcalc.render import ASPECTS
from archcalc.render.formats.registry import Format
from archcalc.render.outputs import COMPARISON


@click.command(
    epilog="""\b
Examples:
  archcalc compare googlenet alexnet --flops
  archcalc compare vgg16 vgg19 resnet50 resnet152
  archcalc compare resnet50 resnet50-v1.5 --layers
  archcalc compare alexnet vgg16 --memory --batch 128 --format csv
"""
)
@click.argument(
    "networks", nargs=-1, required=True, metavar="NETWORK NETWORK...", shell_complete=options.network_names
)
@click.option("--params", "aspects", flag_value="params", multiple=True, help="Compare parameters.")
@click.option("--flops", "aspects", flag_value="flops", multiple=True, help="Compare MACs and FLOPs.")
@click.option("--memory", "aspects", flag_value="memory", multiple=True, help="Compare memory.")
@click.option(
    "--layers",
    "aspects",
    flag_value="layers",
    multiple=True,
    help="Compare depth and how many layers of each kind.",
)
@options.changes
@options.counting
@options.language
@options.output(COMPARISON.takes)
def command(
    *,
    networks: tuple[str, ...],
    aspects: tuple[str, ...],
    shape: tuple[int, ...] | None,
    settings: dict[str, object],
    batch: int,
    dtype: str,
    bias: bool,
    lang: str,
    form: Format,
    path: str | None,
) -> None:
    """Two or more networks side by side: parameters, MACs and FLOPs, memory, layers.

    Ratios are to the first network. Each NETWORK is a name of the catalogue or a path to a YAML file;
    --input and --set apply to all of them. Without --params, --flops, --memory or --layers all are compared;
    several may be given. JSON always has everything.
    """
    loaded = [api.load(network, input=shape, parameters=settings) for network in networks]
    compared = api.compare(*loaded, batch=batch, dtype=dtype, bias=bias)
    with options.speaking(lang, form):
        text = COMPARISON.written(form, screen(path), compared, aspects or ASPECTS)
    write(text, path)
