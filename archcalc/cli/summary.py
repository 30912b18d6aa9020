"""`archcalc summary`: a network layer by layer."""

from __future__ import annotations

import os
from typing import Any

import click

from archcalc import api
from archcalc.cli import options
from archcalc.cli.output import screen, write
from archcalc.render.documents.kept import ROOMS as OF_DOCUMENTS
from archcalc.render.documents.kept import kept, understood
from archcalc.render.formats.registry import Format
from archcalc.render.formats.sheet import Document
from archcalc.render.outputs import SUMMARY
from archcalc.results.stored import ROOMS, stored
from archcalc.spec._specs import specs_directory
from archcalc.words.language import ENGLISH


@click.command(
    epilog="""\b
Examples:
  archcalc summary vgg16
  archcalc summary vgg16 --batch 128 --dtype float16
  archcalc summary lenet5 --set classes=26 --input 1x32x32
  archcalc summary alexnet --format csv --output alexnet.csv
  archcalc summary vgg16 --columns kind,output,receptive_field,stride,offset
  archcalc summary resnet50 --columns output,params,weights,biases --format markdown
"""
)
@options.network
@options.changes
@options.counting
@options.depth
@click.option(
    "--columns",
    metavar="NAME,...",
    help="The columns of the table and of CSV, by their names in JSON: kind, from, inputs, output, any count "
    "(params, weights, macs, activations ...), receptive_field with its stride, offset and aligned, shared_with, "
    "head, auxiliary. The name of the layer stands first.",
)
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
    columns: str | None,
    lang: str,
    form: Format,
    path: str | None,
) -> None:
    """Shapes, parameters, MACs and memory of a network, layer by layer.

    NETWORK is a name of the catalogue (archcalc list), a path to a YAML file, or - for standard input.
    Blocks are folded into a row each until the table fits a screen; --depth shows more or less of them.
    """
    asked_otherwise = (
        shape or settings or depth or columns is not None or not bias or (batch, dtype, lang) != USUAL
    )
    if form.draw and not asked_otherwise and is_of_the_catalogue(network):
        write(form.draw((usual(network),), screen(path)), path)
        return
    loaded = api.load(network, input=shape, parameters=settings)
    report = api.analyse(loaded, batch=batch, dtype=dtype, bias=bias)
    if loaded.spec.published and shape is None and not settings:
        from archcalc.results.published import check_figures

        check_figures(loaded.spec.published, report)
    with options.speaking(lang, form):
        chosen = () if columns is None else tuple(columns.split(","))
        write(SUMMARY.pieces(form, screen(path), report, depth, chosen), path)


USUAL = (1, "float32", ENGLISH.code)
"""The batch, the type and the language where nothing else is asked for."""


def is_of_the_catalogue(network: str) -> bool:
    """Whether a network is sure to be one of the catalogue: a plain name that a spec there has."""
    plain = network.replace("-", "").replace(".", "").isalnum() and network.isascii()
    return plain and os.path.isfile(os.path.join(specs_directory(), f"{network}.yaml"))


def usual(network: str) -> Document:
    """The summary of a network of the catalogue, as it is where nothing else is asked for."""
    return stored(f"summary-{network}", lambda: laid_out(network), understood, (*ROOMS, *OF_DOCUMENTS))


def laid_out(network: str) -> dict[str, Any]:
    """The same worked out from its spec, as JSON holds it."""
    from archcalc.render.documents import of_summary

    return kept(of_summary.document(api.analyse(network), None))
