"""A network against its witnesses: what torch says of every layer, and what others publish. Needs no torch.

The witness's testimony comes from `archcalc.pytorch`; here it is held against archcalc's rows, and where the two
differ the derivations of both are put side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from archcalc.algebra.notation import derivation
from archcalc.algebra.shapes import joined
from archcalc.algebra.units import grouped
from archcalc.checks.counterparts import Counterparts
from archcalc.derivations.explanation import judge_all
from archcalc.derivations.working import steps_of
from archcalc.layers.base import Shape, Shapes
from archcalc.network.network import Network
from archcalc.results.analysis import analyse
from archcalc.results.published import ComparedFigure
from archcalc.results.report import Report, Row

QUANTITIES = ("output", "weights", "biases", "macs")
"""What is compared of every layer."""


class Figures(NamedTuple):
    """What one side says of a layer, for one input."""

    output: Shape
    weights: int
    biases: int
    macs: int | Fraction
    """A fraction where a witness's count for a whole batch does not divide by it."""


class Product(NamedTuple):
    """One operation that multiplied and accumulated, on tensors with the batch, as it ran."""

    operation: str
    operands: Shapes
    output: Shape
    macs: int


class Testimony(NamedTuple):
    """One layer as the witness has it, and where its numbers come from."""

    figures: Figures
    module: str
    inputs: Shapes
    """With the batch, as the output is in `products`."""
    parameters: tuple[tuple[str, Shape], ...]
    """Those that are counted here, by name; shared ones belong to the first layer that has them."""
    products: tuple[Product, ...]


class Refusal(NamedTuple):
    """The witness would not build or run a layer: its path, empty if it was none of them, and what it said."""

    layer: str
    message: str


class Observed(NamedTuple):
    """A whole network as the witness has it."""

    layers: Mapping[str, Testimony]
    """By path, every layer that ran."""
    params: int
    """Elements of all parameters of the model, each once."""
    macs: int | Fraction
    """Of everything that ran, inside layers and outside, for one input."""
    outside: tuple[Product, ...]
    """Products that no layer made."""
    uncounted: tuple[str, ...]
    """Operations that look like products and are not known: `layer: operation`."""
    refusal: Refusal | None


class CheckedLayer(NamedTuple):
    """One layer, by archcalc and by the witness; None if it did not run."""

    name: str
    kind: str
    ours: Figures
    theirs: Figures | None


class Difference(NamedTuple):
    """One number that the two sides have otherwise, with where each side has it from."""

    layer: str
    quantity: str
    ours: Any
    theirs: Any
    our_working: tuple[str, ...]
    their_working: tuple[str, ...]


class Entry(NamedTuple):
    """A part of the witness's total that archcalc leaves out of its own, and why."""

    name: str
    reason: str
    value: int


class CheckedTotal(NamedTuple):
    """A total of archcalc's, what is named beside it, and the witness's."""

    quantity: str
    ours: int
    entries: tuple[Entry, ...]
    theirs: int | Fraction

    @property
    def agrees(self) -> bool:
        """Whether the total and its entries come to the witness's."""
        return self.ours + sum(entry.value for entry in self.entries) == self.theirs


class Check(NamedTuple):
    """A network, checked."""

    network: str
    title: str
    witness: str | None
    """What ran it, such as `torch 2.13.0 on meta`; None if only published figures were looked at."""
    report: Report
    layers: tuple[CheckedLayer, ...]
    totals: tuple[CheckedTotal, ...]
    differences: tuple[Difference, ...]
    published: tuple[ComparedFigure, ...]
    counterparts: Counterparts | None
    """A library's model beside it, where one was asked for."""

    @property
    def unaccounted(self) -> tuple[ComparedFigure, ...]:
        """Published figures that neither reproduce nor say why, or say why and do reproduce."""
        return tuple(judged for judged in self.published if not judged.accounted)

    @property
    def agrees(self) -> bool:
        """Whether nothing differs and every published figure is accounted for."""
        alike = self.counterparts is None or self.counterparts.agrees
        return alike and not self.differences and not self.unaccounted


def checked(
    network: Network,
    witness: str | None = None,
    observed: Observed | None = None,
    counterparts: Counterparts | None = None,
    *,
    published: bool = True,
) -> Check:
    """A network held against what a witness observed, or None, and against its published figures.

    With `published` false those are left out, as for a network whose input or parameters were changed.

    Raises QuantityError, with its place, where a published quantity does not exist.
    """
    report = analyse(network)
    layers: tuple[CheckedLayer, ...] = ()
    totals: tuple[CheckedTotal, ...] = ()
    differences: list[Difference] = []
    if observed is not None:
        layers = tuple(_layer(row, observed) for row in report.rows)
        differences = list(_differences(network, report, observed))
        if observed.refusal is None:
            totals = _totals(report, observed)
            differences += [_of_total(total) for total in totals if not total.agrees]
    return Check(
        network=network.name,
        title=network.title,
        witness=witness,
        report=report,
        layers=layers,
        totals=totals,
        differences=tuple(differences),
        published=tuple(judge_all(network)) if published else (),
        counterparts=counterparts,
    )


def figures_of(row: Row) -> Figures:
    """What archcalc says of a layer, at batch 1."""
    return Figures(row.output, row.weights, row.biases, row.macs)


def _layer(row: Row, observed: Observed) -> CheckedLayer:
    seen = observed.layers.get(row.name)
    return CheckedLayer(row.name, row.kind, figures_of(row), None if seen is None else seen.figures)


def _differences(network: Network, report: Report, observed: Observed) -> Iterator[Difference]:
    if observed.refusal is not None:
        path, message = observed.refusal
        yield Difference(path or "network", "module", "built", "refused", (), (message,))
    for index, row in enumerate(report.rows):
        seen = observed.layers.get(row.name)
        if seen is None:
            if observed.refusal is None:
                yield Difference(row.name, "module", "there", "did not run", (), ())
            continue
        ours = figures_of(row)
        for quantity in QUANTITIES:
            mine, other = getattr(ours, quantity), getattr(seen.figures, quantity)
            if mine != other:
                working = tuple(_our_working(network, index, row, quantity))
                yield Difference(row.name, quantity, mine, other, working, tuple(_working_of(seen, quantity)))
    for product in observed.outside:
        yield Difference("network", "macs", 0, product.macs, ("no layer stands here",), (described(product),))
    for operation in observed.uncounted:
        layer, _, name = operation.rpartition(": ")
        yield Difference(layer, "macs", "counted", "not counted", (), (f"{name} is not a known product",))


def _our_working(network: Network, index: int, row: Row, quantity: str) -> Iterator[str]:
    node = network.nodes[index]
    if row.shared_with is not None and quantity in ("weights", "biases"):
        yield f"the weights of {row.shared_with}, counted there"
        return
    derived = False
    for step in steps_of(node.layer, node.shapes, learns=row.shared_with is None):
        if step.quantity == quantity or step.quantity.startswith(f"{quantity}."):
            derived = True
            yield f"{step.title}: {derivation(step.expression)}"
    if not derived:
        yield "the shape of the input"


def _working_of(seen: Testimony, quantity: str) -> Iterator[str]:
    """Where the witness has a number from: the module, the shapes of its operands and parameters."""
    yield seen.module
    if quantity == "output":
        came = ", ".join(joined(shape) for shape in seen.inputs) or "nothing"
        yield f"{came} came in, {joined(seen.figures.output)} an input came out"
    elif quantity == "macs":
        yield from map(described, seen.products)
        if not seen.products:
            yield "no product ran"
    else:
        owned = [f"{name} {joined(shape)}" for name, shape in seen.parameters]
        yield ", ".join(owned) if owned else "no parameters of its own"


def described(product: Product) -> str:
    """`convolution: 2×3×8×8, 4×3×3×3 → 2×4×6×6, 7,776 MACs`."""
    operands = ", ".join(map(joined, product.operands))
    return f"{product.operation}: {operands} → {joined(product.output)}, {grouped(product.macs)} MACs"


def _totals(report: Report, observed: Observed) -> tuple[CheckedTotal, ...]:
    heads = dict.fromkeys(row.head or "" for row in report.rows if row.auxiliary)

    def entries(quantity: str) -> tuple[Entry, ...]:
        return tuple(
            Entry(
                f"auxiliary head {head}",
                "used in training only, left out of the total",
                sum(getattr(row, quantity) for row in report.rows if row.auxiliary and row.head == head),
            )
            for head in heads
        )

    return (
        CheckedTotal("params", report.totals.params, entries("params"), observed.params),
        CheckedTotal("macs", report.totals.macs, entries("macs"), observed.macs),
    )


def _of_total(total: CheckedTotal) -> Difference:
    terms = [f"{grouped(total.ours)} in the layers"]
    terms += [f"{grouped(entry.value)} in {entry.name}, {entry.reason}" for entry in total.entries]
    ours = total.ours + sum(entry.value for entry in total.entries)
    theirs = "all parameters of the model" if total.quantity == "params" else "every product that ran"
    return Difference("total", total.quantity, ours, total.theirs, tuple(terms), (theirs,))
