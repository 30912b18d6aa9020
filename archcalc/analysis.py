"""Network → Report: one loop that reads every rule on ints. It knows no kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from archcalc.errors import OptionError
from archcalc.layers.base import Cost, Layer, Shapes, View
from archcalc.network import INPUT, Network, Node
from archcalc.receptive_field import NOWHERE, Field, joined, of_input, through
from archcalc.report import Convention, Report, Row, Totals
from archcalc.symbols import prod
from archcalc.units import dtype_bytes

LARGEST_BATCH = 10**9
USUAL = Convention()


class _Figures(NamedTuple):
    """What the rules give for one configuration on one set of shapes, for one input."""

    weights: int
    biases: int
    cost: Cost
    activations: int
    view: View
    config: dict[str, Any]


def analyse(network: Network, convention: Convention = USUAL) -> Report:
    """Count everything about a network, by a convention.

    Raises OptionError for a batch that is no whole number of at least 1 or an unknown dtype.
    """
    batch, element_bytes = checked_batch(convention.batch), dtype_bytes(convention.dtype)
    known: dict[tuple[Layer, Shapes], _Figures] = {}
    fields: list[Field] = []
    depths: list[int] = []
    rows: list[Row] = []
    start = of_input(len(network.input) - 1)
    for node in network.nodes:
        key = node.layer, node.shapes
        figures = known.get(key)
        if figures is None:
            known[key] = figures = _figures(node.layer, node.shapes, batch)
        field = _field(node, figures.view, fields, start)
        fields.append(field)
        depths.append(
            max((depths[i] for i in node.inputs if i != INPUT), default=0) + node.layer.counts_as_layer
        )
        weights, biases = (figures.weights, figures.biases) if node.shares is None else (0, 0)
        rows.append(
            Row(
                node.name,
                node.layer.kind,
                tuple([network.source(index) for index in (*node.inputs, *node.references)]),
                node.shapes,
                node.output,
                figures.config,
                weights + biases if convention.bias else weights,
                weights,
                biases,
                None if node.shares is None else network.source(node.shares),
                node.head,
                node.auxiliary,
                figures.cost,
                figures.activations,
                None if isinstance(field, str) else field,
            )
        )
    given = batch * prod(network.input)
    main = [row for row in rows if not row.auxiliary]
    return Report(
        network.name,
        network.title,
        network.input,
        convention,
        tuple(rows),
        totals(main, given, element_bytes),
        totals(rows, given, element_bytes) if len(main) < len(rows) else None,
        network.groups,
        max(depth for depth, row in zip(depths, rows, strict=True) if not row.auxiliary),
    )


def totals(rows: Iterable[Row], input_activations: int, element_bytes: int) -> Totals:
    """The sums over rows, with the input's own elements among the activations."""
    params = weights = biases = activations = 0
    sums = [0] * len(Cost.__struct_fields__)
    for row in rows:
        params += row.params
        weights += row.weights
        biases += row.biases
        activations += row.activations
        for index, count in enumerate(row.cost.values()):
            sums[index] += count
    held = input_activations + activations
    return Totals(
        params,
        weights,
        biases,
        Cost(*sums),
        held,
        input_activations,
        params * element_bytes,
        held * element_bytes,
    )


def checked_batch(batch: int) -> int:
    """`batch` if it is a whole number of at least 1, else OptionError."""
    if type(batch) is not int or not 1 <= batch <= LARGEST_BATCH:
        raise OptionError(
            f"the batch must be a whole number from 1 to {LARGEST_BATCH:,}, not {batch}.",
            hint="For example --batch 128.",
        )
    return batch


def _figures(layer: Layer, shapes: Shapes, batch: int) -> _Figures:
    letters = layer.read(shapes)
    out = layer.output(letters)
    return _Figures(
        layer.weights(letters),
        layer.biases(letters),
        layer.cost(letters, out).scaled(batch),
        layer.activations(letters, out) * batch,
        layer.view(letters),
        msgspec.structs.asdict(layer),
    )


def _field(node: Node, view: View, fields: list[Field], start: Field) -> Field:
    before = [start if index == INPUT else fields[index] for index in node.inputs]
    if len(before) == 1:
        return through(before[0], view)
    if not before:
        return NOWHERE
    if isinstance(view, str):
        return through(joined(before), view)
    # A size of 1 that a join repeats: that branch is the same for every output.
    sizes = node.output[1:]
    repeated = [n for n, shape in enumerate(node.shapes[: len(before)]) if shape[1:] != sizes]
    return through(joined(before, repeated), view)
