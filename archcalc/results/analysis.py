"""Network → Report: one loop that reads every rule on ints. It knows no kind.

The same loop reads a network with some rules changed, which is what somebody gets who misreads it: a layer
then works on the shapes that those before it, changed or not, put out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

import msgspec

from archcalc.algebra.symbols import prod
from archcalc.algebra.units import dtype_bytes
from archcalc.layers.base import Cost, Layer, Letters, Shape, Shapes, View
from archcalc.network.network import INPUT, Network, Node
from archcalc.results.receptive_field import NOWHERE, Field, joined, of_input, through
from archcalc.results.report import Convention, Report, Row, Totals
from archcalc.words.errors import ArchcalcError, OptionError

LARGEST_BATCH = 10**9
USUAL = Convention()


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


class _Figures(NamedTuple):
    """What the rules give for one configuration on one set of shapes, for one input."""

    output: Shape
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
    return Analysis(network, convention).report()


class Analysis:
    """A network whose rules have been read, layer by layer in order: `rows` has what they give."""

    def __init__(
        self,
        network: Network,
        convention: Convention = USUAL,
        right: Analysis | None = None,
        changes: Mapping[int, Change] | None = None,
        until: int | None = None,
    ) -> None:
        self.network = network
        self.convention = convention
        self.batch, self.element_bytes = checked_batch(convention.batch), dtype_bytes(convention.dtype)
        self.known: dict[tuple[Layer, Shapes], _Figures] = {} if right is None else right.known
        self.changed: dict[tuple[Layer, Shapes, Change], _Figures] = {}
        self.depth: int = _depth(network) if right is None else right.depth
        self.start = of_input(len(network.input) - 1)
        first = 0 if right is None else min(changes or (), default=len(network.nodes))
        self.rows: list[Row] = [] if right is None else right.rows[:first]
        self.fields: list[Field] = [] if right is None else right.fields[:first]
        self._read(first, until, right, changes or {})

    def reread(self, changes: Mapping[int, Change], until: int | None = None) -> Analysis | None:
        """The same network with the rules of some layers, by their index, changed; the layers before `until`.

        None if that makes no sense: sizes that vanish, branches that no longer fit each other.
        """
        try:
            return Analysis(self.network, self.convention, self, changes, until)
        except (ArchcalcError, ArithmeticError, _NonsenseError):
            return None

    def report(self) -> Report:
        """Everything that was counted."""
        network, rows = self.network, tuple(self.rows)
        given = self.batch * prod(network.input)
        main = [row for row in rows if not row.auxiliary]
        return Report(
            network.name,
            network.title,
            network.input,
            self.convention,
            rows,
            totals(main, given, self.element_bytes),
            totals(rows, given, self.element_bytes) if len(main) < len(rows) else None,
            network.groups,
            self.depth,
        )

    def _read(
        self, first: int, until: int | None, right: Analysis | None, changes: Mapping[int, Change]
    ) -> None:
        network, convention, rows, fields = self.network, self.convention, self.rows, self.fields
        for index, node in enumerate(network.nodes[first:until], first):
            shapes = node.shapes
            field: Field | None = None
            if right is None:
                figures = self._figures(node.layer, shapes)
            else:
                shapes = self._shapes(node)
                change = changes.get(index)
                unmoved = shapes == node.shapes
                seen_alike = all(i == INPUT or fields[i] is right.fields[i] for i in node.inputs)
                if change is None and unmoved and seen_alike:
                    fields.append(right.fields[index])
                    rows.append(right.rows[index])
                    continue
                figures = self._figures(node.layer, shapes, change, not unmoved)
                if (
                    unmoved
                    and seen_alike
                    and (figures.output, figures.view)
                    == (
                        node.output,
                        right.known[node.layer, shapes].view,
                    )
                ):
                    field = right.fields[index]
            if field is None:
                field = self._field(node, shapes, figures)
            fields.append(field)
            weights, biases = (figures.weights, figures.biases) if node.shares is None else (0, 0)
            rows.append(
                Row(
                    node.name,
                    node.layer.kind,
                    right.rows[index].sources
                    if right is not None
                    else tuple([network.source(index) for index in (*node.inputs, *node.references)]),
                    shapes,
                    figures.output,
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

    def _figures(
        self, layer: Layer, shapes: Shapes, change: Change | None = None, moved: bool = False
    ) -> _Figures:
        # A layer that stands in a network many times is changed in the same way everywhere.
        figures = self.changed.get((layer, shapes, change)) if change else self.known.get((layer, shapes))
        if figures is not None:
            return figures
        if moved:
            layer.check(shapes, strict=False)
        rules = rules_of(layer, layer.read(shapes))
        if change:
            rules = change(rules)
        out = rules.output.read()
        figures = _Figures(
            out,
            rules.weights.read(),
            rules.biases.read(),
            rules.cost.read(out).scaled(self.batch),
            rules.activations.read(out) * self.batch,
            rules.view.read(),
            msgspec.structs.asdict(layer),
        )
        if (change or moved) and min(*out, figures.weights + 1, figures.biases + 1) < 1:
            raise _NonsenseError
        if change is None:
            self.known[layer, shapes] = figures
        else:
            self.changed[layer, shapes, change] = figures
        return figures

    def _field(self, node: Node, shapes: Shapes, figures: _Figures) -> Field:
        view = figures.view
        before = [self.start if index == INPUT else self.fields[index] for index in node.inputs]
        if len(before) == 1:
            return through(before[0], view)
        if not before:
            return NOWHERE
        if isinstance(view, str):
            return through(joined(before), view)
        # A size of 1 that a join repeats: that branch is the same for every output.
        sizes = figures.output[1:]
        repeated = [n for n, shape in enumerate(shapes[: len(before)]) if shape[1:] != sizes]
        return through(joined(before, repeated), view)


class _NonsenseError(Exception):
    """A layer whose sizes or parameters have vanished."""


def rules_of(layer: Layer, letters: Letters) -> Rules:
    """The rules of a layer as they are, all read on the same letters."""
    return Rules(*(Rule(getattr(layer, name), letters) for name in Rules._fields))


def _depth(network: Network) -> int:
    depths: list[int] = []
    for node in network.nodes:
        before = max((depths[i] for i in node.inputs if i != INPUT), default=0)
        depths.append(before + node.layer.counts_as_layer)
    return max(depth for depth, node in zip(depths, network.nodes, strict=True) if not node.auxiliary)


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
