"""Network → Report: one loop that reads every rule on ints. It knows no kind."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from archcalc.algebra.symbols import prod
from archcalc.algebra.units import dtype_bytes
from archcalc.layers.base import Layer, Shape, Shapes
from archcalc.layers.views import SAME_POSITION, View, Window, windows_of
from archcalc.network.network import INPUT, Fitted, Network, Node
from archcalc.results.counts import Convention, Counted, Tally, added
from archcalc.results.placement import Placed, State, behind, behind_join, shown
from archcalc.results.receptive_field import NOWHERE, Cause, ReceptiveField, joined, of_input, through
from archcalc.results.remarks import remarks
from archcalc.results.report import Report, Row
from archcalc.words.errors import OptionError

LARGEST_BATCH = 10**9
USUAL = Convention()


class LayerReading(NamedTuple):
    """What the rules give for one configuration on one set of shapes."""

    output: Shape
    view: View
    windows: tuple[Window, ...] | None
    """The view behind the channels, where it is nothing but windows along axes that stay."""
    stays: bool
    """Whether all of these see the same position and nothing else, as where a layer works element by element."""
    tally: Tally
    """For the whole batch."""
    config: dict[str, Any]


def reading_of(layer: Layer, output: Shape, view: View, tally: Tally) -> LayerReading:
    """What rules gave, for the whole batch."""
    windows = windows_of(view) if len(view) == len(output) else None
    stays = windows is not None and all(window == SAME_POSITION for window in windows)
    return LayerReading(output, view, windows, stays, tally, msgspec.structs.asdict(layer))


def _fitted(layer: Layer, shapes: Shapes) -> Fitted:
    """A layer on other shapes than those it has in its network."""
    letters = layer.read(shapes)
    return Fitted(letters, layer.output(letters))


def analyse(network: Network, convention: Convention = USUAL) -> Report:
    """Count everything about a network, by a convention.

    Raises OptionError for a batch that is no whole number of at least 1 or an unknown dtype.
    """
    report = Analysis(network, convention).report()
    return report._replace(remarks=tuple(remarks(network, report.rows)))


class Analysis:
    """A network whose rules have been read, layer by layer in order: `rows` has what they give."""

    def __init__(self, network: Network, convention: Convention = USUAL) -> None:
        self.network = network
        self.convention = convention
        checked_batch(convention.batch)
        dtype_bytes(convention.dtype)
        self.known: dict[tuple[Layer, Shapes], LayerReading] = {}
        """A layer that stands in a network many times is read once."""
        self.fields: list[State] = []
        self.rows: list[Row] = []
        self.start = of_input(len(network.input) - 1)
        self._read()

    def _read(self) -> None:
        network = self.network
        for node in network.nodes:
            reading = self.reading(node.layer, node.shapes)
            field = self.field(node, node.shapes, reading)
            self.fields.append(field)
            self.rows.append(
                Row(
                    name=node.name,
                    kind=node.layer.kind,
                    sources=tuple([network.source(index) for index in (*node.inputs, *node.references)]),
                    inputs=node.shapes,
                    output=reading.output,
                    config=reading.config,
                    tally=reading.tally if node.shares is None else reading.tally.learning_nothing(),
                    convention=self.convention,
                    shared_with=None if node.shares is None else network.source(node.shares),
                    head=node.head,
                    auxiliary=node.auxiliary,
                    receptive_field=field
                    if isinstance(field, ReceptiveField)
                    else shown(field, Cause(node.name, node.layer.kind)),
                )
            )

    def reading(self, layer: Layer, shapes: Shapes) -> LayerReading:
        """What the rules of a layer give on these shapes."""
        found = self.known.get((layer, shapes))
        if found is None:
            x, out = self.network.fitted.get((layer, shapes)) or _fitted(layer, shapes)
            tally = Tally(layer.weights(x), layer.biases(x), layer.cost(x, out), layer.activations(x, out))
            found = reading_of(layer, out, layer.view(x), tally.scaled(self.convention.batch))
            self.known[layer, shapes] = found
        return found

    def field(self, node: Node, shapes: Shapes, reading: LayerReading) -> State:
        """What one position of a layer sees, from what those before it see."""
        view, windows = reading.view, reading.windows
        before = [self.start if index == INPUT else self.fields[index] for index in node.inputs]
        if not before:
            return NOWHERE
        if len(before) == 1 and windows is not None and not isinstance(before[0], Placed):
            return before[0] if reading.stays else through(before[0], windows)
        plain = [state for state in before if not isinstance(state, Placed)]
        if windows is None or len(plain) < len(before):
            cause = Cause(node.name, node.layer.kind)
            if len(before) == 1:
                return behind(before[0], view, shapes[0], reading.output, cause)
            return behind_join(before, view, shapes, reading.output, cause)
        # A size of 1 that a join repeats: that branch is the same for every output.
        sizes = reading.output[1:]
        repeated = [n for n, shape in enumerate(shapes[: len(before)]) if shape[1:] != sizes]
        together = joined(plain, repeated)
        return together if reading.stays else through(together, windows)

    def report(self) -> Report:
        """Everything that was counted."""
        network, rows = self.network, tuple(self.rows)
        main = [row for row in rows if not row.auxiliary]
        return Report(
            network=network.name,
            title=network.title,
            input=network.input,
            convention=self.convention,
            rows=rows,
            totals=self.total(main),
            totals_with_auxiliary=self.total(rows) if len(main) < len(rows) else None,
            groups=network.groups,
            output=network.output,
            file=network.spec.place.file,
        )

    def total(self, rows: list[Row] | tuple[Row, ...]) -> Counted:
        """What is counted of the network by these rows."""
        return Counted(
            tally=added([row.tally for row in rows]),
            convention=self.convention,
            given=self.convention.batch * prod(self.network.input),
        )


def checked_batch(batch: int) -> int:
    """`batch` if it is a whole number of at least 1, else OptionError."""
    if type(batch) is not int or not 1 <= batch <= LARGEST_BATCH:
        raise OptionError(
            f"the batch must be a whole number from 1 to {LARGEST_BATCH:,}, not {batch}.",
            hint="For example --batch 128.",
        )
    return batch
