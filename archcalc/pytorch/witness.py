"""What torch says about a layer or a network that it has built and run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from archcalc.layers.base import Layer, Shape, Shapes
from archcalc.network import Network
from archcalc.pytorch import toolkit
from archcalc.pytorch.model import Model, Scope

BATCH = 2
"""More than one, so that an axis taken for the batch would show; batch norm needs two in training as well."""


class Observation(NamedTuple):
    """One layer as torch has it: the shape of its output without the batch, and its parameters."""

    output: Shape
    weights: int
    biases: int


def observe_layer(layer: Layer, shapes: Shapes, device: str = "meta") -> Observation:
    """Build one layer for these input shapes, run it and look at it.

    Raises what torch raises (RuntimeError or ValueError) where it cannot have such a layer.
    """
    with torch.device(device):
        module: nn.Module = layer.build(toolkit, shapes)
        output = module(*(torch.zeros(BATCH, *shape) for shape in shapes))
    return _observation(module, output, set())


def observe(network: Network, device: str = "meta", training: bool = True) -> dict[str, Observation]:
    """Build a network, run it once, and look at every layer that ran, by its path.

    Parameters that several layers share are those of the first one. With `training` auxiliary heads run too.
    """
    with torch.device(device):
        model = Model(network).train(training)
        outputs: dict[str, Any] = {}
        hooks = [
            model.layer_at(node.name).register_forward_hook(_keep(outputs, node.name))
            for node in network.nodes
        ]
        model(torch.zeros(BATCH, *network.input))
    for hook in hooks:
        hook.remove()
    counted: set[int] = set()
    return {path: _observation(model.layer_at(path), output, counted) for path, output in outputs.items()}


def _keep(outputs: dict[str, Any], name: str) -> Callable[[nn.Module, Any, Any], None]:
    def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
        outputs[name] = output

    return hook


def _observation(module: nn.Module, output: Tensor, counted: set[int]) -> Observation:
    weights = biases = 0
    for name, parameter in own_parameters(module):
        if id(parameter) in counted:
            continue
        counted.add(id(parameter))
        if "bias" in name:
            biases += parameter.numel()
        else:
            weights += parameter.numel()
    return Observation(tuple(output.shape[1:]), weights, biases)


def own_parameters(module: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    """The parameters of a layer by name, without those of the branches that a join holds."""
    yield from module.named_parameters(recurse=False)
    for child in module.children():
        if not isinstance(child, Scope):
            yield from own_parameters(child)
