"""The rules of a network read on traced symbols: every number with the derivation it comes from."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, overload

from archcalc.algebra.shapes import AXIS_INDEX
from archcalc.algebra.symbols import Traced, quotient, symbol, traced, value_of
from archcalc.derivations.field_steps import (
    UNKNOWN,
    FieldWorking,
    field_letters,
    field_notes,
    field_of,
    in_words,
    zeros_of,
)
from archcalc.derivations.sums import Sum, batch_letter, sums_of
from archcalc.derivations.working import (
    Letter,
    Step,
    letters_of,
    number_of,
    steps_of,
    summary,
    symbols_of,
)
from archcalc.layers import KINDS
from archcalc.layers.base import Layer, Number, Shapes
from archcalc.layers.views import View
from archcalc.network.network import INPUT, Network
from archcalc.results.analysis import analyse
from archcalc.results.asked import Name, Operation, Term, is_arithmetic, is_number, parse_asked
from archcalc.results.counts import OF_LAYERS, Convention, Count
from archcalc.results.published import ComparedFigure, judge
from archcalc.results.quantities import TOTALS, Answer, output_of, resolve, value
from archcalc.results.receptive_field import of_input
from archcalc.results.report import Report, Row
from archcalc.spec.fielderrors import description
from archcalc.words.errors import QuantityError
from archcalc.words.language import _, gettext, in_language, language


class LayerExplanation(NamedTuple):
    """Every number of one layer."""

    name: str
    kind: str
    summary: str
    """The first paragraph of the kind's documentation; where one key was asked for, what that means."""
    row: Row
    letters: tuple[Letter, ...]
    steps: tuple[Step, ...]
    notes: tuple[str, ...]


class Own(NamedTuple):
    """What a layer's own rules give on its input shapes, wherever it stands."""

    steps: tuple[Step, ...]
    """By the convention of the report, the zeros of `same` behind them."""
    numbers: Mapping[str, Number]
    """The expressions of the steps by quantity."""
    batch: tuple[Letter, ...]
    view: View
    letters: dict[tuple[str, ...], tuple[Letter, ...]]
    """The letters of the rules, by those that the receptive field brings with it: they may be among them."""


class Workings:
    """The working of each layer of a network; what comes out the same twice is worked once."""

    def __init__(self, network: Network, report: Report) -> None:
        self.network = network
        self.report = report
        self._start = of_input(len(network.input) - 1)
        self._own: dict[tuple[Layer, Shapes, bool], Own] = {}
        self._numbers: dict[tuple[str, Layer, Shapes, bool], Number] = {}
        self._field: tuple[FieldWorking, tuple[Step, ...], tuple[Letter, ...]] = UNKNOWN, (), ()
        """What was last said of a receptive field: that of the next layer is often the same."""

    def own(self, index: int) -> Own:
        """What the rules of a layer give."""
        node = self.network.nodes[index]
        key = node.layer, node.shapes, self.report.rows[index].shared_with is None
        known = self._own.get(key)
        if known is None:
            found = steps_of(*key[:2], self.report.convention, learns=key[2])
            steps = (*found, *zeros_of(*key[:2]))
            numbers = {step.quantity: step.expression for step in steps}
            view = node.layer.view(node.layer.read(node.shapes))
            known = Own(steps, numbers, tuple(batch_letter(steps)), view, {})
            self._own[key] = known
        return known

    def summand(self, index: int, count: Count) -> Number:
        """What a layer adds to the sum of a count, all of it being worked."""
        return self.own(index).numbers.get(count.name, 0)

    def number(self, index: int, count: Count) -> Number:
        """The same where nothing else of the layer is asked for: nothing else of it is worked."""
        node = self.network.nodes[index]
        key = node.layer, node.shapes, self.report.rows[index].shared_with is None
        own = self._own.get(key)
        if own is not None:
            return own.numbers.get(count.name, 0)
        known = self._numbers.get((count.name, *key))
        if known is None:
            known = number_of(count, *key[:2], self.report.convention, learns=key[2])
            self._numbers[count.name, *key] = known
        return known

    def layer(self, index: int) -> LayerExplanation:
        """Every number of a layer, in the language of the moment."""
        node, own = self.network.nodes[index], self.own(index)
        before = [self.report.rows[i].receptive_field if i != INPUT else self._start for i in node.inputs]
        field = field_of(tuple(before), own.view, self.report.rows[index].receptive_field)
        if field is not self._field[0]:
            self._field = field, tuple(in_words(field.numbers)), tuple(field_letters(field))
        steps = self._field[1]
        brought = tuple(field.letters)
        letters = own.letters.get(brought)
        if letters is None:
            letters = tuple(letters_of(node.layer, node.shapes, (*own.steps, *steps)))
            own.letters[brought] = letters
        return self._explained(index, (*letters, *self._field[2], *own.batch), own.steps + steps)

    def outline(self, index: int) -> LayerExplanation:
        """A layer in a chain: the numbers of its own rules, without letters and receptive field."""
        return self._explained(index, (), self.own(index).steps)

    def _explained(
        self, index: int, letters: tuple[Letter, ...], steps: tuple[Step, ...]
    ) -> LayerExplanation:
        row = self.report.rows[index]
        about = gettext(summary(KINDS[row.kind]))
        return LayerExplanation(
            name=row.name,
            kind=row.kind,
            summary=about,
            row=row,
            letters=letters,
            steps=steps,
            notes=tuple(_notes(row)),
        )


class Known:
    """What was worked already, for whoever explains many quantities of the same networks."""

    def __init__(self, *, published: bool = True) -> None:
        self.published = published
        """Whether explanations have what is published."""
        self._workings: dict[tuple[int, Convention, str], Workings] = {}

    def of(self, network: Network, convention: Convention) -> Workings:
        """The workings of a network by a convention, in the language of the moment."""
        key = id(network), convention, language().code
        known = self._workings.get(key)
        # The network itself is kept there, so that no other can have its identity.
        if known is None:
            known = self._workings[key] = Workings(network, analyse(network, convention))
        return known


class Layers(Sequence[LayerExplanation]):
    """Some layers of a network, each worked when it is asked for, in the language of the one who asked for all."""

    def __init__(self, workings: Workings, chosen: Sequence[int], quantity: str | None = None) -> None:
        self._workings = workings
        self._chosen = chosen
        self._quantity = quantity
        """What alone is explained of each; None for all its numbers."""
        self._language = language().code

    def __len__(self) -> int:
        return len(self._chosen)

    @overload
    def __getitem__(self, number: int) -> LayerExplanation: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[LayerExplanation]: ...
    def __getitem__(self, number: int | slice) -> LayerExplanation | Sequence[LayerExplanation]:
        if isinstance(number, slice):
            return Layers(self._workings, self._chosen[number], self._quantity)
        if language().code != self._language:
            with in_language(self._language):
                return self[number]
        layer = self._workings.layer(self._chosen[number])
        return layer if self._quantity is None else _only(layer, self._quantity)

    def outlines(self) -> Iterator[LayerExplanation]:
        """The layers as a chain is shown: the numbers of their own rules, without letters and receptive fields."""
        for index in self._chosen:
            if language().code == self._language:
                yield self._workings.outline(index)
            else:
                with in_language(self._language):
                    outline = self._workings.outline(index)
                yield outline


class Explanation(NamedTuple):
    """A whole network, a block of it, or one layer: the layers in order, the sums over them, what is published."""

    network: str
    title: str
    path: str | None
    """The layer, block or quantity that was asked for; None for the whole network."""
    answer: Answer | None
    """The value of the quantity that was asked for; None where a layer, a block or the network was."""
    layers: Layers
    """Each worked when it is asked for: a network may have ten thousands."""
    sums: tuple[Sum, ...]
    published: tuple[ComparedFigure, ...]
    convention: Convention
    """The batch, the type and the biases that the numbers are for; published figures have a convention of their own."""
    terms: tuple[Explanation, ...] = ()
    """The quantities in arithmetic that was asked for, each explained by itself."""
    steps: tuple[Step, ...] = ()
    """How that arithmetic comes about: the whole of it, or both sides of a comparison."""


ONE = Convention()


def explain(
    network: Network, path: str | None = None, convention: Convention = ONE, known: Known | None = None
) -> Explanation:
    """The working behind a network, or the layer, block or quantity of it that `path` names, or arithmetic of such.

    Numbers are by `convention`; a batch in `path`, as in `total.memory(batch=128)`, goes before. `known` has what
    was worked for other paths and keeps what is worked for this one. Raises QuantityError where there is no such path.
    """
    known = Known() if known is None else known
    if path is None or not is_arithmetic(path) or path in network.groups:
        return _of_quantity(network, path, convention, known)
    asked = parse_asked(path)
    if isinstance(asked.root, Name):
        return _of_quantity(network, str(asked.root), convention, known)._replace(path=path)
    terms = {name: _of_quantity(network, str(name), convention, known) for name in asked.names()}
    answer = asked.value(lambda name: _answer(terms[name]))
    root = asked.root
    sides = (root.left, root.right) if isinstance(answer, bool) and isinstance(root, Operation) else (root,)
    names = (
        ((path, _("result")),) if len(sides) == 1 else (("left", _("left side")), ("right", _("right side")))
    )
    steps = [
        Step(quantity, title, number)
        for (quantity, title), side in zip(names, sides, strict=True)
        if (number := _number(side, terms)) is not None
    ]
    return Explanation(
        network.name,
        network.title,
        path,
        answer,
        Layers(known.of(network, convention), ()),
        (),
        (),
        convention,
        tuple(terms.values()),
        tuple(steps),
    )


def _answer(explained: Explanation) -> Answer:
    if explained.answer is None:
        raise QuantityError(f"{explained.path} has no value.")
    return explained.answer


def _number(term: Term, terms: Mapping[Name, Explanation]) -> Number | None:
    """A term as a number that knows how it comes about; None for a shape or a word."""
    if isinstance(term, Fraction):
        return traced(term)
    if isinstance(term, Name):
        value = _answer(terms[term])
        return symbol(str(term), value) if is_number(value) else None
    if not isinstance(term, Operation):
        return None
    left, right = _number(term.left, terms), _number(term.right, terms)
    if left is None or right is None:
        return None
    if term.sign == "-" and term.left == 0:
        return Traced("negative", -value_of(right), (traced(right),))
    return SIGNS[term.sign](left, right)


SIGNS: Mapping[str, Callable[[Number, Number], Number]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": quotient,
}
"""What arithmetic does to numbers that know how they come about."""


def _of_quantity(network: Network, path: str | None, convention: Convention, known: Known) -> Explanation:
    """The working behind a network, or what a path names."""
    workings = known.of(network, convention)
    named = None if path is None else resolve(path, workings.report)
    if named is not None and named.batch not in (None, convention.batch):
        convention = convention._replace(batch=named.batch)
        workings = known.of(network, convention)
    report = workings.report
    answer = value(named, report) if named is not None and named.name else None
    wanted = None if named is None else named.path
    quantity = None if named is None or not named.name else named.rest
    chosen = _chosen(report, wanted, quantity)
    sums: tuple[Sum, ...] = ()
    if wanted is None or len(chosen) != 1 or report.rows[chosen[0]].name != wanted:
        worked = workings.summand if quantity is None else workings.number
        sums = tuple(sums_of(wanted or "total", chosen, worked, report, quantity))
    layers = Layers(workings, () if sums and quantity is not None else chosen, quantity)
    published = tuple(
        judge_all(network, report, lambda name: wanted is None or _concerns(name, wanted, quantity))
        if known.published
        else ()
    )
    return Explanation(
        network=network.name,
        title=network.title,
        path=path,
        answer=answer,
        layers=layers,
        sums=sums,
        published=published,
        convention=convention,
    )


def _chosen(report: Report, path: str | None, quantity: str | None) -> list[int]:
    """The rows at or below a path; only the last of them for what a block has and does not add up."""
    if path is None or path in TOTALS:
        if quantity is not None and quantity.partition(".")[0] == "receptive_field":
            return [output_of(report)]
        whole = path == "total_with_auxiliary"
        adds_up = quantity is None or quantity in OF_LAYERS
        return [i for i, row in enumerate(report.rows) if adds_up and (whole or not row.auxiliary)]
    inside = f"{path}."
    found = [i for i, row in enumerate(report.rows) if row.name == path or row.name.startswith(inside)]
    if quantity is None or quantity in OF_LAYERS:
        return found
    end = next((i for i in found if report.rows[i].name == path), report.groups.get(path, -1))
    return [end] if end >= 0 else []


def judge_all(
    network: Network, known: Report | None = None, concerns: Callable[[str], bool] = bool
) -> Iterator[ComparedFigure]:
    """Every published figure of a network's spec against what the network has.

    `known` is a report of it that need not be made again; `concerns` says which quantities are wanted.
    """
    reports = {} if known is None else {known.convention: known}

    def report_at(batch: int | None) -> Report:
        convention = Convention(batch=batch or 1)
        if convention not in reports:
            reports[convention] = analyse(network, convention)
        return reports[convention]

    for figure in network.spec.published:
        if concerns(figure.quantity):
            yield judge(figure, report_at)


def _concerns(name: str, path: str, quantity: str | None) -> bool:
    if quantity is not None:
        return name == f"{path}.{quantity}" or name.startswith((f"{path}.{quantity}.", f"{path}.{quantity}("))
    return name.startswith(f"{path}.")


def _only(layer: LayerExplanation, quantity: str) -> LayerExplanation:
    """The explanation with just the steps of one quantity, and the letters in them."""
    name, word = quantity.partition(".")[::2]
    axis = AXIS_INDEX.get(word, {}).get(len(layer.row.output))
    if name == "output":
        steps = tuple(step for step in layer.steps if step.axes and (axis is None or axis in step.axes))
    else:
        # Along an axis, or for the size: what is drawn once for all axes, unless that axis has its own.
        whole = name if word == "size" or word in AXIS_INDEX else quantity
        names = {quantity} if any(step.quantity == quantity for step in layer.steps) else {whole}
        steps = tuple(
            step
            for step in layer.steps
            if step.quantity in names or (step.quantity.startswith(f"{quantity}.") and word != "size")
        )
    used = {part.name for step in steps for part in symbols_of(step.expression)}
    letters = tuple(
        letter
        for letter in layer.letters
        if any(name == letter.name or name.startswith(f"{letter.name}_") for name in used)
    )
    is_key = not word and name in layer.row.config
    return layer._replace(
        summary=gettext(description(KINDS[layer.kind], name)) if is_key else layer.summary,
        steps=steps,
        letters=letters,
        notes=tuple(_notes(layer.row, name)),
    )


def _notes(row: Row, name: str = "") -> Iterator[str]:
    """What is to be known of a row, or just of the quantity `name` of it."""
    if row.shared_with is not None and name in ("", "params", "weights", "biases"):
        yield _("It uses the weights of {layer}: they are counted there.").format(layer=row.shared_with)
    if row.auxiliary and (not name or name in OF_LAYERS):
        yield _(
            "It belongs to the auxiliary head {head}, used in training only: left out of the totals."
        ).format(head=row.head)
    if name in ("", "receptive_field"):
        yield from field_notes(row)
