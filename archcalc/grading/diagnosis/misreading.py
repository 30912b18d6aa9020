"""A network read otherwise: with rules of some layers changed, or going on from numbers that somebody worked out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

import msgspec

from archcalc.algebra.units import FLOPS_PER_MAC
from archcalc.grading.mistakes.changes import has, letters, on, replaced
from archcalc.grading.mistakes.rows import Misreading
from archcalc.grading.mistakes.table import in_rules, ways
from archcalc.grading.mistakes.ways import InJoin
from archcalc.layers.base import Layer, Shapes
from archcalc.network.network import INPUT, Network
from archcalc.results.analysis import Analysis
from archcalc.results.counts import Convention
from archcalc.results.quantities import TOTALS, Answer, QuantityName, parse_name, value
from archcalc.results.report import Report, Row
from archcalc.results.rereading import Change, Rules, reread, rules_of
from archcalc.words.errors import QuantityError

MOST_KEPT = 4_000
"""Readings of a network with one layer changed that are kept for the next question."""


class Misreader:
    """One network by one convention: as it is, and with rules of some of its layers changed."""

    def __init__(
        self, network: Network, convention: Convention, pins: Mapping[int, Change] | None = None
    ) -> None:
        """`pins` are changes that count as right: what somebody goes on from. Raises QuantityError for nonsense."""
        self.network = network
        self.convention = convention
        self.pins = pins or {}
        right = Analysis(network, convention)
        going_on = reread(right, self.pins) if self.pins else right
        if going_on is None:
            raise QuantityError(f"{network.name} cannot go on from these answers.")
        self.right = going_on
        self.report: Report = self.right.report()
        self.index = {node.name: number for number, node in enumerate(network.nodes)}
        self.borrowed: dict[int, tuple[Misreading, ...]] = {}
        """By layer, the letters of others that it may be read on."""
        self.lettered: list[int] | None = None
        """The layers with letters that others may slip into."""
        self._branches: dict[int, tuple[Misreading, ...]] = {}
        self._rules: dict[tuple[Layer, Shapes], Rules] = {}
        alike: dict[tuple[Layer, Shapes, int | None], int] = {}
        self._alike = [
            alike.setdefault((n.layer, n.shapes, i if i in self.pins else None), len(alike))
            for i, n in enumerate(network.nodes)
        ]
        """By layer, a number that all layers share that are set alike and are given the same shapes."""
        self._applies: dict[tuple[int, int], bool] = {}
        self._everywhere: dict[int, Analysis | None] = {}
        self._alone: dict[tuple[Layer, Shapes, bool, int, int], Row | None] = {}
        self._changed: dict[tuple[int, int], Analysis | None] = {}
        self._having: dict[tuple[str, str | None], tuple[int, ...]] = {}
        self._members: dict[str, tuple[int, ...]] = {}
        self.misconceptions = in_rules()
        """Every mistake that may be made in the rules of a layer."""

    # ---- where

    def quantity(self, text: str) -> QuantityName:
        """The quantity that a text names in this network. Raises QuantityError."""
        return parse_name(text, [*self.index, *self.network.groups], self.network.name)

    def members(self, path: str) -> tuple[int, ...]:
        """The layers at or under a path, those of the whole network for a total, and what a block ends in."""
        if path not in self._members:
            nodes, inside = self.network.nodes, f"{path}."
            if path in TOTALS:
                whole = path != "total"
                found = [i for i, node in enumerate(nodes) if whole or not node.auxiliary]
            else:
                found = [i for i, n in enumerate(nodes) if n.name == path or n.name.startswith(inside)]
                end = self.network.groups.get(path, INPUT)
                if end != INPUT and end not in found:
                    found = sorted([*found, end])
            self._members[path] = tuple(found)
        return self._members[path]

    def before(self, index: int) -> tuple[int, ...]:
        """The layers that a layer depends on, nearest first."""
        found: dict[int, None] = {}
        waiting = [index]
        while waiting:
            for i in self.network.nodes[waiting.pop(0)].inputs:
                if i != INPUT and i not in found:
                    found[i] = None
                    waiting.append(i)
        return tuple(found)

    # ---- what is misread

    def branches(self, index: int) -> tuple[Misreading, ...]:
        """The mistakes of leaving out a branch of a join, or counting it twice."""
        if index not in self._branches:
            names = tuple(map(self.network.source, self.network.nodes[index].inputs))
            self._branches[index] = tuple(_of_branches(self.rules(index), names))
        return self._branches[index]

    def rules(self, index: int) -> Rules:
        """The rules of a layer on the letters that are right."""
        node = self.network.nodes[index]
        key = node.layer, node.shapes
        if key not in self._rules:
            self._rules[key] = rules_of(node.layer, node.layer.read(node.shapes))
        pin = self.pins.get(index)
        return self._rules[key] if pin is None else pin(self._rules[key])

    def applies(self, misconception: Misreading, index: int) -> bool:
        """Whether a mistake can be made in a layer."""
        key = self._alike[index], id(misconception)
        if key not in self._applies:
            try:
                self._applies[key] = misconception.change(self.rules(index)) is not None
            except ArithmeticError:
                self._applies[key] = False
        return self._applies[key]

    def changes(self, misconception: Misreading, indices: Iterable[int]) -> dict[int, Change]:
        """The mistake in each of these layers that it can be made in."""
        change = partial(_changed, misconception)
        pins = self.pins
        return {
            index: partial(_changed_from, misconception, pins[index]) if index in pins else change
            for index in indices
            if self.applies(misconception, index)
        }

    # ---- reading

    def everywhere(self, misconception: Misreading) -> Analysis | None:
        """The network with a mistake made wherever it can be; None if that makes no sense."""
        key = id(misconception)
        if key not in self._everywhere:
            changes = self.changes(misconception, range(len(self.network.nodes)))
            self._everywhere[key] = reread(self.right, changes) if changes else None
        return self._everywhere[key]

    def changed(self, misconception: Misreading, index: int, until: int) -> Analysis | None:
        """The network with a mistake in one layer carried on, at least to before `until`."""
        key = id(misconception), index
        if key not in self._changed:
            if len(self._changed) > MOST_KEPT:
                self._changed.clear()
            self._changed[key] = reread(self.right, self.changes(misconception, [index]))
        found = self._changed[key]
        # What makes no sense farther on may still make sense up to there.
        return found or reread(self.right, self.changes(misconception, [index]), until)

    def alone(self, misconception: Misreading, index: int) -> Row | None:
        """One layer with a mistake made in it, on its own shapes."""
        node = self.network.nodes[index]
        key = (
            node.layer,
            node.shapes,
            node.shares is None,
            id(misconception),
            index if index in self.pins else -1,
        )
        if key not in self._alone:
            changes = self.changes(misconception, [index])
            found = reread(self.right, changes, index + 1) if changes else None
            self._alone[key] = None if found is None else found.rows[index]
        return self._alone[key]

    def value(self, quantity: QuantityName, analysis: Analysis | None = None) -> Answer | None:
        """A quantity in a reading of this network, the right one if none is given; None where it has none.

        A reading that was broken off has to hold every layer of the quantity.
        """
        analysis = analysis or self.right
        try:
            if quantity.path in TOTALS:
                return value(quantity, self.report if analysis is self.right else analysis.report())
            indices = self.members(quantity.path)
            rows = tuple([analysis.rows[i] for i in indices])
            end = self.network.groups.get(quantity.path)
            groups = {} if end is None else {quantity.path: INPUT if end == INPUT else indices.index(end)}
            return value(quantity, self.report._replace(rows=rows, groups=groups))
        except (QuantityError, IndexError):
            return None

    def having(self, asked: QuantityName) -> tuple[int, ...]:
        """The layers that have something of what is asked for."""
        key = asked.name, asked.axis
        if key not in self._having:
            nodes = self.network.nodes
            self._having[key] = tuple(
                i for i in range(len(nodes)) if self.value(asked._replace(path=nodes[i].name))
            )
        return self._having[key]

    def contribution(self, quantity: QuantityName, row: Row) -> int:
        """What one layer adds to a quantity that is a sum over layers."""
        return int(getattr(row, quantity.name))


def _of_branches(rules: Rules, names: tuple[str, ...]) -> Iterator[Misreading]:
    """A join with one of its branches, called `names`, misread."""
    x = rules.output.letters
    if not has(x, "shapes", "over"):
        return
    for number, name in enumerate(names):
        for row, way in ways(InJoin):
            taken = way.change(x.shapes, number)
            if taken:
                changed = letters(("shapes",), shapes=taken)
                yield Misreading(row.code, on(("output",), changed), (("branch", name),))


def _changed(misconception: Misreading, rules: Rules) -> Rules:
    return misconception.change(rules) or rules


def _changed_from(misconception: Misreading, pin: Change, rules: Rules) -> Rules:
    return _changed(misconception, pin(rules))


class Misreaders:
    """The readings of several networks by any convention, each made once."""

    def __init__(self, networks: Mapping[str, Network]) -> None:
        self.networks = networks
        self._made: dict[tuple[str, Convention], Misreader] = {}
        self._names: dict[int, str] = {}
        """The name of the network that a reader is of, by the reader's id."""

    def get(self, name: str | None, convention: Convention) -> Misreader:
        """The network called `name`, the only one if that is None, by a convention. Raises QuantityError."""
        called = next(iter(self.networks), "") if name is None and len(self.networks) == 1 else name
        if called is None or called not in self.networks:
            raise QuantityError(f"there is no network {called}.")
        key = called, convention
        if key not in self._made:
            self._made[key] = made = self.read(called, convention)
            self._names[id(made)] = called
        return self._made[key]

    def read(self, called: str, convention: Convention) -> Misreader:
        """A network read by a convention. Raises QuantityError where it cannot be."""
        return Misreader(self.networks[called], convention)

    def by(self, reader: Misreader, convention: Convention) -> Misreader:
        """The network of a reader, one of these, by a convention."""
        return reader if reader.convention == convention else self.get(self._names[id(reader)], convention)


# ---- going on from somebody's own numbers


def pinned(reader: Misreader, earlier: Mapping[str, Answer]) -> Analysis | None:
    """The network going on from answers that somebody gave: outputs, or their axes, and figures of layers.

    `earlier` is by the text of a quantity, as in `conv1.output.height`. What it says of blocks and totals, and
    what it cannot be, is passed over. None if the network makes no sense then.
    """
    return reread(reader.right, pins(reader, earlier))


def going_on(reader: Misreader, earlier: Mapping[str, Answer]) -> Misreader:
    """The network as it is for somebody who goes on from these answers. Raises QuantityError if it makes no sense."""
    analysis = pinned(reader, earlier)
    if analysis is None:
        raise QuantityError(f"{reader.network.name} cannot go on from these answers.")
    nodes = tuple(
        node._replace(shapes=row.inputs, output=row.output)
        for node, row in zip(reader.network.nodes, analysis.rows, strict=True)
    )
    return Misreader(reader.network._replace(nodes=nodes), reader.convention, pins(reader, earlier))


def pins(reader: Misreader, earlier: Mapping[str, Answer]) -> dict[int, Change]:
    """The layers whose rules are what somebody answered, as for `pinned`."""
    said: dict[int, list[tuple[QuantityName, Answer]]] = {}
    for text, answer in earlier.items():
        try:
            quantity = reader.quantity(text)
        except QuantityError:
            continue
        index = reader.index.get(quantity.path)
        if index is None:
            index = reader.network.groups.get(quantity.path, INPUT)
            if quantity.name != "output" or index == INPUT:
                continue
        if quantity.batch in (None, reader.convention.batch):
            said.setdefault(index, []).append((quantity, answer))
    return {index: partial(_pinned, reader, index, answers) for index, answers in said.items()}


def _pinned(reader: Misreader, index: int, said: list[tuple[QuantityName, Answer]], rules: Rules) -> Rules:
    right = reader.report.rows[index]
    for quantity, answer in said:
        if quantity.name == "output":
            shape = _output(reader, quantity, answer, tuple(rules.output.read()))
            if shape is not None:
                rules = replaced(rules, "output", lambda _, shape=shape: shape)
        elif isinstance(answer, int) and not isinstance(answer, bool):
            rules = _figure(reader, quantity.name, answer, rules, right)
    return rules


def _output(
    reader: Misreader, quantity: QuantityName, answer: Answer, shape: tuple[int, ...]
) -> tuple[int, ...] | None:
    if quantity.axis is None:
        if not isinstance(answer, tuple) or len(answer) != len(shape):
            return None
        return answer if all(isinstance(size, int) for size in answer) else None
    if not isinstance(answer, int):
        return None
    for axis in range(len(shape)):
        tried = (*shape[:axis], -1, *shape[axis + 1 :])
        stub = reader.report._replace(
            rows=(msgspec.structs.replace(reader.report.rows[0], name=quantity.path, output=tried),),
            groups={},
        )
        try:
            if value(quantity, stub) == -1:
                return (*shape[:axis], answer, *shape[axis + 1 :])
        except QuantityError:
            return None
    return None


def _figure(reader: Misreader, name: str, answer: int, rules: Rules, right: Row) -> Rules:
    """The rules of a layer with one of its numbers given: parameters, weights, biases, MACs, activations."""
    batch = reader.convention.batch
    if name == "params" and not reader.convention.bias:
        name = "weights"
    if name == "params":
        return replaced(
            replaced(rules, "weights", lambda _: answer - right.biases), "biases", lambda _: right.biases
        )
    if name in ("weights", "biases"):
        return replaced(rules, name, lambda _: answer)
    # Cost and activations are for the batch, the rules for one input: what does not come out whole is of no input.
    each, rest = divmod(answer, batch * FLOPS_PER_MAC if name == "flops" else batch)
    if name in ("macs", "flops") and not rest:
        own = rules.cost.rule  # The additions of biases and the like do not hang on the MACs.
        return replaced(rules, "cost", lambda x, out: msgspec.structs.replace(own(x, out), macs=each))
    if name == "activations" and not rest:
        return replaced(rules, "activations", lambda *_: each)
    return rules
