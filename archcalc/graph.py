"""The graph under construction: its nodes, the names that they have, and what reads them."""

from __future__ import annotations

from typing import NamedTuple

from archcalc.errors import NetworkError, Place
from archcalc.layers.base import Shape
from archcalc.network import INPUT, Node
from archcalc.text import quote

MOST_LAYERS = 100_000
"""More layers than any network has; ResNet-1202 has some 6,000 with all its norms and activations."""

Calls = tuple[tuple[str, Place], ...]
"""The blocks that an item stands in, innermost first, each with the place it is called from."""


class Template(NamedTuple):
    """A block as it was expanded: nodes that can be copied where it is called in the same way again."""

    start: int
    size: int
    entry: int
    prefix: str
    result: int
    groups: tuple[tuple[str, int], ...]


class Graph:
    """The nodes so far. Every path is given once; groups are paths that stand for their last node."""

    def __init__(self, input_shape: Shape) -> None:
        self.input = input_shape
        self.nodes: list[Node] = []
        self.paths: dict[str, int] = {}
        self.groups: list[tuple[str, int]] = []
        self.read: set[int] = set()
        self.calls: list[Calls] = []

    def shape(self, index: int) -> Shape:
        """The output of node `index`, or what goes into the network."""
        return self.input if index == INPUT else self.nodes[index].output

    def add(self, node: Node, calls: Calls) -> int:
        """Append a node, which reads its inputs from now on; NetworkError if its name is taken."""
        index = len(self.nodes)
        if index >= MOST_LAYERS:
            raise _too_many()
        self._claim(node.name, index, node.place)
        self.nodes.append(node)
        self.calls.append(calls)
        self.read.update(node.inputs, node.references)
        return index

    def group(self, path: str, end: int, place: Place) -> None:
        """Let a path stand for the node that its layers end in; NetworkError if the name is taken."""
        self._claim(path, end, place)
        self.groups.append((path, end))

    def _claim(self, path: str, index: int, place: Place) -> None:
        if path in self.paths:
            taken = self.paths[path]
            other = f" at {self.nodes[taken].place}" if taken != INPUT else ""
            raise NetworkError(
                f"the name {quote(path)} is taken{other}.",
                hint="Names are unique among their neighbours: rename one, or name the join of one.",
                place=place,
            )
        self.paths[path] = index

    def template(self, start: int, groups: int, entry: int, prefix: str, result: int) -> Template:
        """What was added since there were `start` nodes and `groups` groups, to be copied."""
        size = len(self.nodes) - start
        return Template(start, size, entry, prefix, result, tuple(self.groups[groups:]))

    def copy(self, template: Template, prefix: str, entry: int, calls: Calls, place: Place) -> int:
        """The nodes of a template again under another prefix, reading from `entry`; gives what they end in."""
        shift = len(self.nodes) - template.start
        cut, first, old_entry = len(template.prefix), template.start, template.entry
        if len(self.nodes) + template.size > MOST_LAYERS:
            raise _too_many()

        def moved(index: int) -> int:
            return entry if index == old_entry and index < first else index + shift

        for node in self.nodes[first : first + template.size]:
            copy = Node(
                prefix + node.name[cut:],
                node.layer,
                tuple(map(moved, node.inputs)),
                tuple(map(moved, node.references)),
                node.shapes,
                node.output,
                node.head,
                node.auxiliary,
                None if node.shares is None else moved(node.shares),
                node.place,
            )
            self.add(copy, calls)
        for path, end in template.groups:
            self.group(prefix + path[cut:], moved(end), place)
        return moved(template.result)

    def refuse_unread(self, outputs: set[int | None]) -> None:
        """Raise NetworkError for a node that is no output and that nothing reads."""
        for index, node in enumerate(self.nodes):
            if index not in self.read and index not in outputs:
                raise NetworkError(
                    f"nothing reads the output of {node.name}.",
                    hint="Join it with add or concat, go on from it, or make it an output with "
                    "`{head: NAME, layers: [ … ]}`.",
                    place=node.place,
                    calls=self.calls[index],
                )


def _too_many() -> NetworkError:
    return NetworkError(
        f"the network has more than {MOST_LAYERS:,} layers.", hint="Check its repeats and blocks."
    )
