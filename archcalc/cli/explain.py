"""`archcalc explain`: how the numbers come about."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from archcalc import api
from archcalc.cli import options
from archcalc.cli.output import screen, write
from archcalc.render.formats.registry import Format
from archcalc.render.outputs import EXPLANATION


def paths(context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """What a shell completes `typed` to: layers and blocks of the network that stands before it."""
    from archcalc.words.errors import ArchcalcError

    try:
        network = api.load(context.params["network"])
    except (ArchcalcError, KeyError):
        return []
    known = [*network.groups, *(node.name for node in network.nodes)]
    return [CompletionItem(path) for path in known if path.startswith(typed)]


@click.command(
    epilog="""\b
Examples:
  archcalc explain alexnet conv1
  archcalc explain vgg16 fc6.params --format latex
  archcalc explain googlenet 3a
  archcalc explain inception-reduced total.macs
  archcalc explain vgg16 'total.memory(batch=128)'
  archcalc explain alexnet 'receptive_field(pool5)'
  archcalc explain alexnet 'fc6.params / total.params'
  archcalc explain lenet5 --format markdown --output lenet5.md
  archcalc explain alexnet conv1 --lang pt-BR
"""
)
@options.network
@click.argument("layer", required=False, metavar="[LAYER]", shell_complete=paths)
@options.changes
@options.counting
@options.language
@options.output(EXPLANATION.takes)
def command(
    *,
    network: str,
    layer: str | None,
    shape: tuple[int, ...] | None,
    settings: dict[str, object],
    batch: int,
    dtype: str,
    bias: bool,
    lang: str,
    form: Format,
    path: str | None,
) -> None:
    """How a number comes about: the rule in the field's letters, the numbers put in, the result.

    LAYER is a layer (conv1), a block (3a, conv2.1), one quantity of either (fc6.params, total.macs), or arithmetic
    of quantities (total.params - fc6.params), in which each is explained; without it the whole network is
    explained, layer by layer, with the sums and what others publish about it. Numbers are for one input unless
    there is a batch, as in --batch 128 or total.memory(batch=128).
    """
    loaded = api.load(network, input=shape, parameters=settings)
    with options.speaking(lang, form):
        explained = api.explain(loaded, layer, batch=batch, dtype=dtype, bias=bias)
        write(EXPLANATION.pieces(form, screen(path), explained), path)
