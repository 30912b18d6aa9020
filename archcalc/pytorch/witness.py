"""What torch says about a layer or a network that it has built and run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from archcalc.checks.checking import Figures, Observed, Product, Refusal, Testimony
from archcalc.layers.base import Layer, Shape, Shapes
from archcalc.network.network import Network
from archcalc.pytorch.counting import OUTSIDE, ProductCounter
from archcalc.pytorch.model import REFUSALS, Model, Refused, Scope
from archcalc.pytorch.tools import TOOLKIT

BATCH = 2
"""More than one, so that an axis taken for the batch would show."""


def observe_layer(layer: Layer, shapes: Shapes, device: str = "meta") -> Figures:
    """Build one layer for these input shapes, run it and look at it.

    Raises what torch raises (RuntimeError or ValueError) where it cannot have such a layer.
    """
    with torch.device(device), torch.no_grad(), ProductCounter() as counter:
        module: nn.Module = layer.build(TOOLKIT, shapes)
        output = module(*(torch.zeros(BATCH, *shape) for shape in shapes))
    ran = Run(tuple((BATCH, *shape) for shape in shapes), tuple(output.shape))
    return testimony(layer, module, ran, counter.products.get(OUTSIDE, []), set()).figures


def observe(network: Network, device: str = "meta", *, training: bool = True) -> Observed:
    """Build a network, run it once, and look at every layer that ran.

    Parameters that several layers share are those of the first one. With `training` auxiliary heads run too.
    """
    try:
        with torch.device(device), torch.no_grad():
            model = Model(network).train(training)
            for module in model.modules():
                if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d):
                    # It has the same shapes and parameters, and takes half the time on the meta device.
                    module.eval()
            # Values from 0 up to 1: they are word number 0, too, for who looks them up in a table.
            given = torch.rand(BATCH, *network.input)
    except Refused as refused:
        return Observed(
            layers={},
            params=0,
            macs=0,
            outside=(),
            uncounted=(),
            refusal=Refusal(refused.path, _first_line(refused.__cause__)),
        )
    except REFUSALS as error:
        return Observed(
            layers={}, params=0, macs=0, outside=(), uncounted=(), refusal=Refusal("", _first_line(error))
        )
    counter = ProductCounter()
    runs: dict[str, Run] = {}
    _watch(model, network, counter, runs)
    refusal = None
    try:
        with torch.no_grad(), counter:
            model(given)
    except REFUSALS as error:
        refusal = Refusal(counter.place, _first_line(error))
    layers = {node.name: node.layer for node in network.nodes}
    counted: set[int] = set()
    return Observed(
        layers={
            path: testimony(layers[path], model.layer_at(path), ran, counter.products.get(path, []), counted)
            for path, ran in runs.items()
        },
        params=sum(parameter.numel() for parameter in model.parameters()),
        macs=an_input(product for products in counter.products.values() for product in products),
        outside=tuple(counter.products.get(OUTSIDE, ())),
        uncounted=tuple(counter.uncounted),
        refusal=refusal,
    )


def an_input(products: Iterable[Product]) -> int | Fraction:
    """The multiply-accumulates of one input, from the products of the batch."""
    share = Fraction(sum(product.macs for product in products), BATCH)
    return share.numerator if share.denominator == 1 else share


class Run(NamedTuple):
    """The shapes that went into a layer and came out, with the batch."""

    inputs: Shapes
    output: Shape


def _watch(model: Model, network: Network, counter: ProductCounter, runs: dict[str, Run]) -> None:
    """Tell the counter which layer is running, and keep the shapes of what goes in and comes out."""

    def entering(name: str) -> Any:
        def hook(_module: nn.Module, _inputs: Any) -> None:
            counter.place = name

        return hook

    def leaving(name: str) -> Any:
        def hook(_module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            runs[name] = Run(tuple(tuple(given.shape) for given in inputs), tuple(output.shape))
            counter.place = OUTSIDE

        return hook

    for node in network.nodes:
        module = model.layer_at(node.name)
        module.register_forward_pre_hook(entering(node.name))
        module.register_forward_hook(leaving(node.name))


def testimony(
    layer: Layer, module: nn.Module, ran: Run, products: list[Product], counted: set[int]
) -> Testimony:
    """What a module shows that was built for a layer and has run.

    The layer says by their names which parameters are biases; a name by itself may mislead: torch's `bias_k` is a key.
    Those in `counted`, by their id, belong to another layer.
    """
    weights = biases = 0
    named: list[tuple[str, Shape]] = []
    for name, parameter in own_parameters(module):
        if id(parameter) in counted:
            continue
        counted.add(id(parameter))
        named.append((name, tuple(parameter.shape)))
        if name.rpartition(".")[2] in layer.additive:
            biases += parameter.numel()
        else:
            weights += parameter.numel()
    batch, *output = ran.output
    # A bare parameter is a batch of one. Any other batch is no batch: it is shown as an axis, and differs.
    shape = tuple(output) if batch == (BATCH if ran.inputs else 1) else ran.output
    return Testimony(
        Figures(shape, weights, biases, an_input(products)),
        f"{type(module).__name__}({module.extra_repr()})",
        ran.inputs,
        tuple(named),
        tuple(products),
    )


def own_parameters(module: nn.Module, prefix: str = "") -> Iterator[tuple[str, nn.Parameter]]:
    """The parameters of a layer by name, without those of the branches that a join holds."""
    for name, parameter in module.named_parameters(recurse=False):
        yield prefix + name, parameter
    for name, child in module.named_children():
        if not isinstance(child, Scope):
            yield from own_parameters(child, f"{prefix}{name}.")


def _first_line(error: BaseException | None) -> str:
    """What torch said, without its advice on how to debug torch."""
    return str(error).partition("\n")[0] or type(error).__name__
