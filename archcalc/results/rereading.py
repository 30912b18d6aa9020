"""A network read again with the rules of some layers changed: what somebody gets who misreads it.

A layer then works on the shapes that those before it, changed or not, put out. What nothing has changed for is
taken over from the analysis that is right, not worked out again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import msgspec

from archcalc.layers.base import Layer, Letters, Shapes
from archcalc.network.network import INPUT, Node
from archcalc.results.analysis import Analysis, LayerReading, reading_of
from archcalc.results.counts import Tally
from archcalc.results.placement import shown
from archcalc.results.receptive_field import Cause
from archcalc.words.errors import ArchcalcError


class Rule(NamedTuple):
    """A rule and the letters that it is read on."""

    rule: Callable[..., Any]
    letters: Letters

    def read(self, *given: Any) -> Any:
        """What the rule gives; those of cost and activations take the output as well."""
        return self.rule(self.letters, *given)


class Rules(NamedTuple):
    """The rules of one layer, each of which may be read on letters of its own, or be another kind's."""

    output: Rule
    weights: Rule
    biases: Rule
    cost: Rule
    activations: Rule
    view: Rule


Change: TypeAlias = Callable[[Rules], Rules]
"""What is done otherwise in one layer."""


def rules_of(layer: Layer, letters: Letters) -> Rules:
    """The rules of a layer as they are, all read on the same letters."""
    return Rules(*(Rule(getattr(layer, name), letters) for name in Rules._fields))


def reread(right: Analysis, changes: Mapping[int, Change], until: int | None = None) -> Analysis | None:
    """The same network with the rules of some layers, by their index, changed; the layers before `until`.

    None if that makes no sense: sizes that vanish, branches that no longer fit each other.
    """
    try:
        return _Reread(right, changes, until)
    except (ArchcalcError, ArithmeticError, _NonsenseError):
        return None


class _Reread(Analysis):
    """An analysis that goes on from one that is right.

    It takes over:

    * the rows before the first change, and every reading of a layer on shapes that came up before;
    * the whole row of a layer that is not changed, is given the same shapes and sees the same of the input;
    * the field of one that is changed only in what is counted.
    """

    def __init__(self, right: Analysis, changes: Mapping[int, Change], until: int | None) -> None:
        self.network, self.convention, self.start = right.network, right.convention, right.start
        self.known = right.known
        self.right = right
        self.changes = changes
        self.changed: dict[tuple[Layer, Shapes, Change], LayerReading] = {}
        """A layer that stands in a network many times is changed in the same way everywhere."""
        self.first = min(changes, default=len(right.network.nodes))
        self.until = until
        self.fields = right.fields[: self.first]
        self.rows = right.rows[: self.first]
        self._read()

    def _read(self) -> None:
        right, fields = self.right, self.fields
        for index, node in enumerate(self.network.nodes[self.first : self.until], self.first):
            shapes = self._shapes(node)
            change = self.changes.get(index)
            is_alike = shapes == node.shapes and all(
                i == INPUT or fields[i] is right.fields[i] for i in node.inputs
            )
            if is_alike and change is None:
                fields.append(right.fields[index])
                self.rows.append(right.rows[index])
                continue
            reading = self._reading(node, shapes, change)
            if is_alike and self._puts_out_the_same(node, reading):
                field = right.fields[index]
            else:
                field = self.field(node, shapes, reading)
            fields.append(field)
            self.rows.append(
                msgspec.structs.replace(
                    right.rows[index],
                    inputs=shapes,
                    output=reading.output,
                    tally=reading.tally if node.shares is None else reading.tally.learning_nothing(),
                    receptive_field=shown(field, Cause(node.name, node.layer.kind)),
                )
            )

    def _shapes(self, node: Node) -> Shapes:
        """The shapes that reach a layer from those before it as they were read."""
        rows, network = self.rows, self.network
        came = tuple([network.input if i == INPUT else rows[i].output for i in node.inputs])
        if not node.references:
            return came
        layers = network.nodes
        added = [
            node.layer.refer(field, layers[i].layer, rows[i].inputs)[1]
            for field, i in zip(node.layer.references, node.references, strict=True)
        ]
        return (*came, *added)

    def _puts_out_the_same(self, node: Node, reading: LayerReading) -> bool:
        return (reading.output, reading.view) == (node.output, self.right.known[node.layer, node.shapes].view)

    def _reading(self, node: Node, shapes: Shapes, change: Change | None) -> LayerReading:
        """What the rules of a layer give, changed or on other shapes than it should have."""
        layer, moved = node.layer, shapes != node.shapes
        if moved and (layer, shapes) not in self.known:
            layer.check(shapes, strict=False)
        if change is None:
            return _sensible(self.reading(layer, shapes))
        found = self.changed.get((layer, shapes, change))
        if found is None:
            rules = change(rules_of(layer, layer.read(shapes)))
            out = rules.output.read()
            tally = Tally(
                rules.weights.read(), rules.biases.read(), rules.cost.read(out), rules.activations.read(out)
            )
            scaled = tally.scaled(self.convention.batch)
            found = _sensible(reading_of(layer, out, rules.view.read(), scaled))
            self.changed[layer, shapes, change] = found
        return found


class _NonsenseError(Exception):
    """A layer whose sizes or parameters have vanished."""


def _sensible(reading: LayerReading) -> LayerReading:
    if min(*reading.output, reading.tally.weights + 1, reading.tally.biases + 1) < 1:
        raise _NonsenseError
    return reading
