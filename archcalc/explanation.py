"""The rules of a network read on traced symbols: every number with the derivation it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archcalc import receptive_field as rf
from archcalc import shapes
from archcalc.analysis import analyse
from archcalc.errors import QuantityError
from archcalc.layers.base import Number
from archcalc.network import Network
from archcalc.published import Judged, judge
from archcalc.quantities import TOTALS, Answer, measure, parse_name
from archcalc.report import Convention, Report, Row
from archcalc.symbols import symbol, value_of
from archcalc.text import did_you_mean, quote, sentence
from archcalc.units import dtype_bytes
from archcalc.working import Letter, Step, letters_of, steps_of, summary, symbols_of

FIELD_LETTERS = {
    "r": "receptive field of the input of this layer",
    "k": "window of this layer, with dilation",
    "j": "stride of that input, in positions of the network's input",
    "s": "stride of this layer",
}


class LayerExplanation(NamedTuple):
    """Every number of one layer, for one input."""

    name: str
    kind: str
    summary: str
    """The first paragraph of the kind's documentation."""
    row: Row
    letters: tuple[Letter, ...]
    steps: tuple[Step, ...]
    notes: tuple[str, ...]


class Term(NamedTuple):
    """What one layer adds to a sum."""

    name: str
    expression: Number


class Sum(NamedTuple):
    """A number of a block or a network: the terms and what they come to."""

    quantity: str
    title: str
    terms: tuple[Term, ...]
    value: int


class Explanation(NamedTuple):
    """A whole network, a block of it, or one layer: the layers in order, the sums over them, what is published."""

    network: str
    title: str
    path: str | None
    """The layer, block or quantity that was asked for; None for the whole network."""
    answer: Answer | None
    """The value of the quantity that was asked for; None where a layer, a block or the network was."""
    layers: tuple[LayerExplanation, ...]
    sums: tuple[Sum, ...]
    published: tuple[Judged, ...]


def explain(network: Network, path: str | None = None) -> Explanation:
    """The working behind a network, or the layer, block or quantity of it that `path` names, for one input.

    Raises QuantityError where there is no such path.
    """
    report = analyse(network)
    wanted, quantity = _wanted(report, path)
    if wanted is None or wanted in TOTALS:
        chosen = [
            index
            for index, row in enumerate(report.rows)
            if not row.auxiliary or wanted == "total_with_auxiliary"
        ]
    else:
        inside = f"{wanted}."
        chosen = [
            index
            for index, row in enumerate(report.rows)
            if row.name == wanted or row.name.startswith(inside)
        ]
    layers = tuple(_layer(network, report, index) for index in chosen)
    sums: tuple[Sum, ...] = ()
    if wanted is None or len(layers) != 1 or layers[0].name != wanted:
        sums = tuple(_sums(wanted or "total", layers, report))
    if quantity is not None:
        layers = tuple(_only(layer, quantity) for layer in layers) if not sums else ()
        sums = tuple(found for found in sums if found.quantity == f"{wanted}.{quantity}")
    published: tuple[Judged, ...] = ()
    if network.spec.published:
        published = tuple(
            judged
            for judged in judge_all(network)
            if wanted is None or _concerns(judged.figure.quantity, wanted, quantity)
        )
    answer = None if quantity is None or path is None else measure(path, lambda _: report)
    return Explanation(network.name, network.title, path, answer, layers, sums, published)


def judge_all(network: Network) -> Iterator[Judged]:
    """Every published figure of a network's spec against what the network has."""
    reports: dict[int | None, Report] = {}

    def report_at(batch: int | None) -> Report:
        if batch not in reports:
            reports[batch] = analyse(network, Convention(batch=batch or 1))
        return reports[batch]

    for figure in network.spec.published:
        yield judge(figure, report_at)


def _concerns(name: str, path: str, quantity: str | None) -> bool:
    if quantity is not None:
        return name == f"{path}.{quantity}" or name.startswith((f"{path}.{quantity}.", f"{path}.{quantity}("))
    return name.startswith(f"{path}.")


def _wanted(report: Report, path: str | None) -> tuple[str | None, str | None]:
    """The path of a layer or block, and the quantity of it if one is named."""
    if path is None:
        return None, None
    names = {row.name for row in report.rows}
    if path in names or path in report.groups or path in TOTALS:
        return path, None
    if "." not in path:
        guess = did_you_mean(path, [*names, *report.groups])
        raise QuantityError(
            f"{report.network} has no layer or block {quote(path)}.",
            hint=sentence(guess) or f"`archcalc summary {report.network}` lists its layers.",
        )
    quantity = parse_name(path, [*names, *report.groups])
    # Asking for its value says whether it exists, with the nearest name if it does not.
    measure(path, lambda _: report)
    if quantity.batch is not None:
        raise QuantityError(
            f"{quote(path)}: explanations are for one input.", hint="Leave out the batch; costs grow with it."
        )
    rest = quantity.name if quantity.axis is None else f"{quantity.name}.{quantity.axis}"
    return quantity.path, rest


def _only(layer: LayerExplanation, quantity: str) -> LayerExplanation:
    """The explanation with just the steps of one quantity."""
    steps = tuple(
        step
        for step in layer.steps
        if quantity == (part := step.quantity)
        or part.startswith(f"{quantity}.")
        or quantity.startswith(f"{part}.")
    )
    used = {part.name for step in steps for part in symbols_of(step.expression)}
    letters = tuple(letter for letter in layer.letters if letter.name in used)
    return layer._replace(steps=steps, letters=letters)


def _sums(path: str, layers: tuple[LayerExplanation, ...], report: Report) -> Iterator[Sum]:
    for quantity, title in (
        ("weights", "weights"),
        ("biases", "biases"),
        ("params", "parameters"),
        ("macs", "MACs"),
        ("activations", "activations"),
    ):
        terms = []
        for layer in layers:
            step = next((s for s in layer.steps if s.quantity == quantity), None)
            if step is not None and value_of(step.expression):
                terms.append(Term(layer.name, step.expression))
        if quantity == "activations" and path in TOTALS:
            terms.insert(0, Term("input", _shape_product(report)))
        yield Sum(
            f"{path}.{quantity}", title, tuple(terms), sum(int(value_of(term.expression)) for term in terms)
        )
    if path in TOTALS:
        yield _memory(path, report)


def _memory(path: str, report: Report) -> Sum:
    """The bytes of parameters and activations, as the summary has them."""
    totals = report.totals if path == "total" else report.totals_with_auxiliary or report.totals
    size = symbol("B", dtype_bytes(report.convention.dtype))
    terms = (
        Term("parameters", symbol("params", totals.params) * size),
        Term("activations", symbol("activations", totals.activations) * size),
    )
    return Sum(f"{path}.memory", f"bytes, {report.convention.dtype}", terms, totals.total_bytes)


def _shape_product(report: Report) -> Number:
    product: Number = 1
    names = shapes.AXIS_LETTERS.get(len(report.input)) or tuple(f"N_{i}" for i in range(len(report.input)))
    for name, size in zip(names, report.input, strict=True):
        product = product * symbol(name, size)
    return product


def _layer(network: Network, report: Report, index: int) -> LayerExplanation:
    node, row = network.nodes[index], report.rows[index]
    layer = node.layer
    steps = [
        *steps_of(layer, node.shapes, learns=row.shared_with is None),
        *_field(network, report, index),
    ]
    return LayerExplanation(
        node.name,
        layer.kind,
        summary(type(layer)),
        row,
        (*letters_of(layer, node.shapes), *_field_letters(steps)),
        tuple(steps),
        tuple(_notes(row)),
    )


def _field(network: Network, report: Report, index: int) -> Iterator[Step]:
    """How the receptive field grows through this layer, where it has one window."""
    node, row = network.nodes[index], report.rows[index]
    if len(node.inputs) != 1:
        return
    source = node.inputs[0]
    before = rf.of_input(len(report.input) - 1) if source < 0 else report.rows[source].receptive_field
    view = node.layer.view(node.layer.read(node.shapes))
    after = row.receptive_field
    if isinstance(before, str) or before is None or before.size is None or before.stride is None:
        return
    if after is None or isinstance(view, str):
        return
    for axis, window in enumerate(view):
        if any(window == view[other] and _same(before, axis, other) for other in range(axis)):
            continue
        name = shapes.spatial_name(axis, len(view))
        alike = all(view[other] == window and _same(before, axis, other) for other in range(len(view)))
        suffix, words = ("", "") if alike else (f".{name}", f" {name}")
        r, k = symbol("r", before.size[axis]), symbol("k", window.size)
        j, s = symbol("j", before.stride[axis]), symbol("s", window.stride)
        yield Step(f"receptive_field{suffix}", f"receptive field{words}", rf.size_behind(r, k, j))
        yield Step(f"receptive_field.stride{suffix}", f"its stride{words}", rf.stride_behind(j, s))


def _field_letters(steps: list[Step]) -> Iterator[Letter]:
    """The letters of the receptive field's steps, where there are any."""
    values: dict[str, list[str]] = {}
    for step in steps:
        if step.quantity.startswith("receptive_field"):
            for part in symbols_of(step.expression):
                seen = values.setdefault(part.name, [])
                if str(part.value) not in seen:
                    seen.append(str(part.value))
    for name, seen in values.items():
        yield Letter(name, FIELD_LETTERS[name], "×".join(seen))


def _same(field: rf.ReceptiveField, axis: int, other: int) -> bool:
    return (
        field.size is not None
        and field.stride is not None
        and field.size[axis] == field.size[other]
        and field.stride[axis] == field.stride[other]
    )


def _notes(row: Row) -> Iterator[str]:
    if row.shared_with is not None:
        yield f"It uses the weights of {row.shared_with}: they are counted there."
    if row.auxiliary:
        yield f"It belongs to the auxiliary head {row.head}, used in training only: left out of the totals."
    field = row.receptive_field
    if field is not None and field.size is not None and field.size != field.positions:
        yield (
            "Behind an upsampling the windows of neighbours begin at fractions of a position: "
            f"one output sees at most {shapes.joined(field.positions or ())} positions."
        )
    if field is not None and not field.aligned:
        yield (
            "Branches that do not line up were joined on the way: their windows have different centres."
            if field.size is not None
            else "Branches with different strides were joined on the way: no single receptive field describes it."
        )
