"""Layer items → layers: the fields converted, the rules run on the shapes that come in, weights compared."""

from __future__ import annotations

import msgspec

from archcalc.layers import KINDS, Layer
from archcalc.layers.base import Shape, Shapes
from archcalc.network.graph import Graph
from archcalc.network.network import Fitted, Node
from archcalc.spec.fielderrors import field_error
from archcalc.spec.reader import Scalar
from archcalc.spec.spec import LayerItem
from archcalc.spec.values import Values, entries, value_of
from archcalc.words.errors import LayerError, NetworkError, Place

LARGEST_AXIS = 10**12
"""Positions along one axis of an output: beyond any tensor, and before numbers get slow."""


class Layers:
    """Makes the layers of one network; what would come out the same twice is made once."""

    def __init__(self, graph: Graph, strict: bool) -> None:
        self.graph = graph
        self.strict = strict
        self.fixed: dict[int, Layer] = {}
        self.fitted: dict[tuple[Layer, Shapes], Fitted] = {}

    def configured(self, item: LayerItem, names: Values) -> Layer:
        """The layer of an item, with `names` behind each `$`; LayerError if a field has the wrong value."""
        if not item.dynamic and id(item) in self.fixed:
            return self.fixed[id(item)]
        cls = KINDS[item.kind]
        values = {
            field: node.text
            if field in cls.references and isinstance(node, Scalar)
            else value_of(node, names)
            for field, node in item.fields
        }
        if item.dynamic:
            self.graph.spend(sum(map(entries, values.values())))
        try:
            layer = msgspec.convert(values, cls)
        except msgspec.ValidationError as error:
            raise field_error(error, cls, values, dict(item.fields)) from None
        if not item.dynamic:
            self.fixed[id(item)] = layer
        return layer

    def output(self, layer: Layer, shapes: Shapes) -> Shape:
        """The output of a layer on these shapes; LayerError if it cannot take them."""
        fitted = self.fitted.get((layer, shapes))
        if fitted is None:
            letters = layer.check(shapes, self.strict) or layer.read(shapes)
            fitted = Fitted(letters, layer.output(letters))
            if max(fitted.output) > LARGEST_AXIS:
                raise LayerError(
                    f"its output would have more than {LARGEST_AXIS:,} positions along one axis.",
                    hint="No tensor is that large: check the sizes and the repeats before it.",
                )
            self.fitted[layer, shapes] = fitted
        return fitted.output


def check_shared(layer: Layer, shapes: Shapes, other: Node, place: Place) -> None:
    """Raise NetworkError unless the weights of `other` fit a layer that these shapes reach."""
    mine, theirs = layer.read(shapes), other.layer.read(other.shapes)
    if not layer.weights(mine) + layer.biases(mine):
        raise NetworkError(f"{layer.kind} has no weights to share.", hint="Leave `weights` out.", place=place)
    same = (
        type(layer) is type(other.layer)
        and layer.tensors() == other.layer.tensors()
        and layer.weights(mine) == layer.weights(theirs)
        and layer.biases(mine) == layer.biases(theirs)
    )
    if not same:
        raise NetworkError(
            f"{layer.kind} cannot use the weights of {other.name}: "
            f"it needs {layer.weights(mine)} weights and {layer.biases(mine)} biases, and that "
            f"{other.layer.kind} has {other.layer.weights(theirs)} and {other.layer.biases(theirs)}.",
            hint="Both must be of one kind, with the same configuration and the same input channels.",
            place=place,
        )
