"""The rules of a network read on traced symbols: every number with the derivation it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archcalc.analysis import analyse
from archcalc.errors import QuantityError
from archcalc.field_steps import field_letters, field_notes, field_of, zeros_of
from archcalc.network import Network
from archcalc.published import Judged, judge
from archcalc.quantities import SUMS, TOTALS, Answer, measure, parse_name
from archcalc.report import Convention, Report, Row
from archcalc.shapes import AXIS_INDEX
from archcalc.sums import Sum, sums_of
from archcalc.text import did_you_mean, quote, sentence
from archcalc.working import Letter, Step, letters_of, steps_of, summary, symbols_of


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
    answer = None if quantity is None or path is None else measure(path, lambda _: report)
    chosen = _chosen(report, wanted, quantity)
    layers = tuple(_layer(network, report, index) for index in chosen)
    sums: tuple[Sum, ...] = ()
    if wanted is None or len(layers) != 1 or layers[0].name != wanted:
        sums = tuple(
            sums_of(wanted or "total", [(layer.row, layer.steps) for layer in layers], report, quantity)
        )
    if quantity is not None:
        layers = () if sums else tuple(_only(layer, quantity) for layer in layers)
    published = tuple(
        judged
        for judged in (judge_all(network) if network.spec.published else ())
        if wanted is None or _concerns(judged.figure.quantity, wanted, quantity)
    )
    return Explanation(network.name, network.title, path, answer, layers, sums, published)


def _chosen(report: Report, path: str | None, quantity: str | None) -> list[int]:
    """The rows at or below a path; only the last of them for what a block has and does not add up."""
    if path is None or path in TOTALS:
        whole = path == "total_with_auxiliary"
        adds_up = quantity is None or quantity in SUMS
        return [i for i, row in enumerate(report.rows) if adds_up and (whole or not row.auxiliary)]
    inside = f"{path}."
    found = [i for i, row in enumerate(report.rows) if row.name == path or row.name.startswith(inside)]
    if quantity is None or quantity in SUMS:
        return found
    end = next((i for i in found if report.rows[i].name == path), report.groups.get(path, -1))
    return [end] if end >= 0 else []


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
    path = path.removeprefix(f"{report.network}:")
    names = {row.name for row in report.rows}
    if path == "total_with_auxiliary" and report.totals_with_auxiliary is None:
        raise QuantityError(f"{report.network} has no auxiliary heads.", hint="Ask for total instead.")
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
    """The explanation with just the steps of one quantity, and the letters in them."""
    name, _, word = quantity.partition(".")
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
    return layer._replace(steps=steps, letters=letters)


def _layer(network: Network, report: Report, index: int) -> LayerExplanation:
    node, row = network.nodes[index], report.rows[index]
    layer = node.layer
    steps = [
        *steps_of(layer, node.shapes, learns=row.shared_with is None),
        *zeros_of(layer, node.shapes),
        *field_of(network, report, index),
    ]
    return LayerExplanation(
        node.name,
        layer.kind,
        summary(type(layer)),
        row,
        (*letters_of(layer, node.shapes, steps), *field_letters(steps)),
        tuple(steps),
        tuple(_notes(row)),
    )


def _notes(row: Row) -> Iterator[str]:
    if row.shared_with is not None:
        yield f"It uses the weights of {row.shared_with}: they are counted there."
    if row.auxiliary:
        yield f"It belongs to the auxiliary head {row.head}, used in training only: left out of the totals."
    yield from field_notes(row)
