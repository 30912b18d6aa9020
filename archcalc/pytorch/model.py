"""Network → torch.nn.Module: every layer built by its kind, wired as the network's graph says."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from archcalc.network.network import INPUT, Network, Node
from archcalc.pytorch.initialisation import initialise
from archcalc.pytorch.modules import share
from archcalc.pytorch.naming import OUTPUT, module_paths, output_names
from archcalc.pytorch.rectifiers import feeds_rectifier
from archcalc.pytorch.tools import TOOLKIT

REFUSALS = (RuntimeError, ValueError, TypeError, IndexError)
"""What torch raises when it will not build or run something."""


class Refused(Exception):
    """Torch will not have a layer: the path of the layer, and what torch raised."""

    def __init__(self, path: str, cause: Exception) -> None:
        super().__init__(f"{path}: {cause}")
        self.path = path


class Scope(nn.Module):
    """A block, a group, a repeat or a branch: holds what stands under its name."""


class _Step(NamedTuple):
    place: tuple[str, ...]
    """The names on the way to the module."""
    inputs: tuple[int, ...]
    """Steps whose outputs go in."""
    references: tuple[int, ...]
    """Steps whose own input goes in as well."""
    auxiliary: bool
    done: tuple[int, ...]
    """Steps whose output nobody reads any more."""


class Model(nn.Module):
    """A network as torch runs it.

    `forward` takes a batch of inputs. It returns the output, or a dict of outputs by head where the network
    has heads; the main way's is then called `output`. Auxiliary heads run in training only and are missing in
    evaluation. Weights start as `archcalc.pytorch.initialisation` says.

    Submodules stand under the paths of the spec: `model.get_submodule("conv2.1.conv3")` is that layer. A name
    that torch.nn.Module needs for itself, such as `forward` or `type`, has an underscore after it.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._title = network.title
        self._outputs = output_names(network)
        self._auxiliary_heads = dict(network.auxiliary_heads)
        self._has_heads = bool(network.heads or network.auxiliary_heads)
        self._places = self._place({node.name: _built(node) for node in network.nodes})
        rectified = {".".join(self._places[name]) for name in feeds_rectifier(network)}
        initialise(self, rectified)
        for node in network.nodes:
            if node.shares is not None:
                share(self.layer_at(node.name), self.layer_at(network.nodes[node.shares].name))
        done = _last_uses(network, {*self._outputs.values(), *self._auxiliary_heads.values()})
        self._steps = [
            _Step(self._places[node.name], node.inputs, node.references, node.auxiliary, done.get(index, ()))
            for index, node in enumerate(network.nodes)
        ]

    def layer_at(self, path: str) -> nn.Module:
        """The module of the layer at a path of the spec. Raises KeyError if there is none."""
        return self._at(self._places[path])

    def forward(self, x: Tensor) -> Tensor | dict[str, Tensor]:
        """The output of the main way, or all heads' outputs, for a batch of inputs."""
        values = {INPUT: x}
        for index, step in enumerate(self._steps):
            if self.training or not step.auxiliary:
                inputs = [values[source] for source in step.inputs]
                inputs += [values[self._steps[named].inputs[0]] for named in step.references]
                value: Tensor = self._at(step.place)(*inputs)
                values[index] = value if inputs else value.expand(x.shape[0], *value.shape[1:])
            for source in step.done:
                values.pop(source, None)
        outputs = self._outputs | self._auxiliary_heads if self.training else self._outputs
        found = {name: values[index] for name, index in outputs.items()}
        return found if self._has_heads else found[OUTPUT]

    def extra_repr(self) -> str:
        """The network's title."""
        return self._title

    def _at(self, place: tuple[str, ...]) -> nn.Module:
        module: nn.Module = self
        for name in place:
            module = getattr(module, name)
        return module

    def _place(self, modules: dict[str, nn.Module]) -> dict[str, tuple[str, ...]]:
        """Register every module under its path, in scopes. For each path, the names on the way to it."""
        places = module_paths(modules)
        for path, names in places.items():
            # A join is a layer, and holds its branches too.
            self._at(names[:-1]).add_module(names[-1], modules.get(path) or Scope())
        return places


def _built(node: Node) -> nn.Module:
    """The module of a layer. Raises Refused with its name if torch will not have it."""
    try:
        module: nn.Module = node.layer.build(TOOLKIT, node.shapes)
    except REFUSALS as error:
        raise Refused(node.name, error) from error
    return module


def _last_uses(network: Network, outputs: set[int]) -> dict[int, tuple[int, ...]]:
    """For each node, the nodes (and perhaps INPUT) that nobody reads after it."""
    last: dict[int, int] = {}
    for index, node in enumerate(network.nodes):
        named = [network.nodes[reference].inputs[0] for reference in node.references]
        for source in (*node.inputs, *named):
            last[source] = index
    uses: dict[int, list[int]] = {}
    for source, index in last.items():
        if source not in outputs:
            uses.setdefault(index, []).append(source)
    return {index: tuple(sources) for index, sources in uses.items()}
