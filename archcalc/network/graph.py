"""The graph under construction: its nodes, the names that they have, and what reads them."""

from __future__ import annotations

from typing import NamedTuple

from archcalc.layers.base import Shape
from archcalc.network.network import INPUT, Node
from archcalc.words.errors import NetworkError, Place
from archcalc.words.text import quote

MOST_LAYERS = 100_000
"""More layers than any network has; ResNet-1202 for CIFAR has some 4,200 with all its norms and activations.

So many are counted and shown within 8 seconds and 400 MB; beyond, a slip in a `repeat` would be told by the memory.
"""

MOST_ITEMS = 250_000
"""Items that a spec may stand for once repeats and blocks are written out, with or without a layer each."""

LONGEST_PATH = 200
"""Characters of a path; it also bounds how deep scopes can lie inside one another."""

Calls = tuple[tuple[str, Place], ...]
"""The blocks that an item stands in, innermost first, each with the place it is called from."""


class Template(NamedTuple):
    """A block as it was expanded: nodes that can be copied where it is called in the same way again."""

    nodes: range
    groups: range
    prefix: str
    result: int


class Graph:
    """The nodes so far. Every path is given once; groups are paths that stand for their last node."""

    def __init__(self, input_shape: Shape) -> None:
        self.input = input_shape
        self.nodes: list[Node] = []
        self.paths: dict[str, int] = {}
        self.groups: list[tuple[str, int]] = []
        self.read: set[int] = set()
        self.read_by_auxiliary: set[int] = set()
        self.calls: list[Calls] = []
        self.has_auxiliary = False
        self.spent = 0

    def shape(self, index: int) -> Shape:
        """The output of node `index`, or what goes into the network."""
        return self.input if index == INPUT else self.nodes[index].output

    def spend(self, effort: int) -> None:
        """Count what expansion costs, in layers, so that no spec of a few lines can keep it busy."""
        self.spent += effort
        if self.spent > MOST_ITEMS:
            raise _too_many("items")

    def add(self, node: Node, calls: Calls) -> int:
        """Append a node, which reads its inputs from now on; NetworkError if its name is taken."""
        index = len(self.nodes)
        if index >= MOST_LAYERS:
            raise _too_many("layers")
        if node.auxiliary:
            self.has_auxiliary = True
        elif self.has_auxiliary:
            self._refuse_auxiliary_input(node)
        self._claim(node.name, index, node.place)
        self.nodes.append(node)
        self.calls.append(calls)
        readers = self.read_by_auxiliary if node.auxiliary else self.read
        readers.update(node.inputs, node.references)
        return index

    def _refuse_auxiliary_input(self, node: Node) -> None:
        """What stays once the network is trained cannot read from a head that goes."""
        for source in (*node.inputs, *node.references):
            if source != INPUT and self.nodes[source].auxiliary:
                other = self.nodes[source]
                raise NetworkError(
                    f"{quote(node.name)} reads {quote(other.name)}, a layer of the auxiliary head "
                    f"{quote(other.head or '')}, which is used in training only.",
                    hint="Put what both need in front of the head, on the main way.",
                    place=node.place,
                )

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
        if len(path) > LONGEST_PATH:
            raise too_long(path, place)
        if len(self.paths) >= MOST_ITEMS:
            raise _too_many("items")
        self.paths[path] = index

    def template(self, nodes: int, groups: int, prefix: str, result: int) -> Template:
        """What was added since there were so many nodes and groups, to be copied."""
        return Template(range(nodes, len(self.nodes)), range(groups, len(self.groups)), prefix, result)

    def copy(self, template: Template, prefix: str, entry: int, calls: Calls, place: Place) -> int:
        """The nodes of a template again under another prefix, reading from `entry`; gives what they end in."""
        first, cut = template.nodes.start, len(template.prefix)
        shift = len(self.nodes) - first

        # All that a template reads from before its own nodes is what reached its block.
        def moved(index: int) -> int:
            return entry if index < first else index + shift

        for old in template.nodes:
            node = self.nodes[old]
            copy = Node(
                name=prefix + node.name[cut:],
                layer=node.layer,
                inputs=tuple(map(moved, node.inputs)),
                references=tuple(map(moved, node.references)),
                shapes=node.shapes,
                output=node.output,
                head=node.head,
                auxiliary=node.auxiliary,
                shares=None if node.shares is None else moved(node.shares),
                place=node.place,
            )
            self.add(copy, calls)
        for old in template.groups:
            path, end = self.groups[old]
            self.group(prefix + path[cut:], moved(end), place)
        return moved(template.result)

    def refuse_unread(self, outputs: set[int | None]) -> None:
        """Raise NetworkError for a node that is no output and that nothing reads.

        What only an auxiliary head reads has to belong to it: in use the network has no such head.
        """
        for index, node in enumerate(self.nodes):
            by_auxiliary = index in self.read_by_auxiliary
            if index in self.read or index in outputs or (node.auxiliary and by_auxiliary):
                continue
            reader = "only an auxiliary head" if by_auxiliary else "nothing"
            raise NetworkError(
                f"{reader} reads the output of {quote(node.name)}.",
                hint="Move the layer into the head, which is left out once the network is trained."
                if by_auxiliary
                else "Join it with add or concat, go on from it, or make it an output with "
                "`{head: NAME, layers: [ … ]}`.",
                place=node.place,
                calls=self.calls[index],
            )

    def refuse_unread_input(self, place: Place) -> None:
        """Raise NetworkError, at the input's `place`, unless the main way reads what goes into the network."""
        if INPUT in self.read:
            return
        reader = "only an auxiliary head" if INPUT in self.read_by_auxiliary else "no layer"
        first = next((node for node in self.nodes if node.layer.arity == 0), None)
        way_out = "Begin with a layer that takes it."
        if first is not None:
            kind = first.layer.kind
            way_out = (
                f"{quote(first.name)} takes nothing in: bring it in beside the input, as with "
                f"`concat: [[{{{kind}: …}}], []]` or `add: [[], [{{{kind}: …}}]]`."
            )
            place = first.place
        raise NetworkError(f"{reader} reads the input.", hint=way_out, place=place)


def too_long(path: str, place: Place | None = None) -> NetworkError:
    """The error for a path of more than LONGEST_PATH characters."""
    return NetworkError(
        f"the path {quote(path)} has more than {LONGEST_PATH} characters.",
        hint="Shorten the names, or put fewer blocks and groups inside one another.",
        place=place,
    )


def _too_many(what: str) -> NetworkError:
    """The error for more `layers` or `items` than any network has."""
    most = MOST_LAYERS if what == "layers" else MOST_ITEMS
    return NetworkError(f"the network has more than {most:,} {what}.", hint="Check its repeats and blocks.")
