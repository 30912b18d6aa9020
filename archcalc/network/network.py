"""A Network: the flat graph of layers that a spec stands for, every node with its shapes."""

from __future__ import annotations

from typing import NamedTuple

from archcalc.layers.base import Layer, Letters, Shape, Shapes
from archcalc.spec.spec import Spec
from archcalc.words.errors import Place

INPUT = -1
"""The index that stands for the network's input among the inputs of a node."""


class Node(NamedTuple):
    """One layer that really exists, in its place in the graph."""

    name: str
    """The full path, parts joined by dots."""
    layer: Layer
    inputs: tuple[int, ...]
    """Indices of the nodes whose outputs come in, INPUT for the network's input."""
    references: tuple[int, ...]
    """Indices of the nodes that a field names, as max_unpool names its pool."""
    shapes: Shapes
    """The shapes that come in, then those that the references add, without the batch."""
    output: Shape
    head: str | None
    """The head it belongs to, None on the main way."""
    auxiliary: bool
    """Whether that head is used in training only."""
    shares: int | None
    """The index of the node whose weights it uses, None if it has its own."""
    place: Place


class Fitted(NamedTuple):
    """A layer on shapes that it can take: what its rules start from, and what the first of them gave."""

    letters: Letters
    output: Shape


class Network(NamedTuple):
    """A network, its nodes in topological order."""

    name: str
    title: str
    input: Shape
    nodes: tuple[Node, ...]
    output: int | None
    """The index of the last node of the main way; None if only heads go out."""
    heads: dict[str, int]
    """The index of the last node of each head."""
    auxiliary_heads: dict[str, int]
    groups: dict[str, int]
    """The index of the last node of each block, group, repeat, branch and head, by path."""
    spec: Spec
    fitted: dict[tuple[Layer, Shapes], Fitted]
    """Each layer on the shapes that reach it, read once: whoever reads more of its rules goes on from there."""

    def source(self, index: int) -> str:
        """The name of node `index`, or `input`."""
        return "input" if index == INPUT else self.nodes[index].name
