"""The rules of a network read on traced symbols: every number with the derivation it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archcalc.algebra.shapes import AXIS_INDEX
from archcalc.derivations.field_steps import field_letters, field_notes, field_of, zeros_of
from archcalc.derivations.sums import Sum, batch_letter, counted, sums_of
from archcalc.derivations.working import Letter, Step, letters_of, steps_of, summary, symbols_of
from archcalc.layers import KINDS
from archcalc.network.network import Network
from archcalc.results.analysis import analyse
from archcalc.results.published import ComparedFigure, judge
from archcalc.results.quantities import SUMS, TOTALS, Answer, resolve, value
from archcalc.results.report import Convention, Report, Row
from archcalc.spec.fielderrors import description
from archcalc.words.language import _, gettext


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
    published: tuple[ComparedFigure, ...]
    convention: Convention
    """The batch, the type and the biases that the numbers are for; published figures have a convention of their own."""


ONE = Convention()


def explain(network: Network, path: str | None = None, convention: Convention = ONE) -> Explanation:
    """The working behind a network, or the layer, block or quantity of it that `path` names.

    Numbers are by `convention`; a batch in `path`, as in `total.memory(batch=128)`, goes before. Raises
    QuantityError where there is no such path.
    """
    report = analyse(network, convention)
    named = None if path is None else resolve(path, report)
    if named is not None and named.batch not in (None, convention.batch):
        convention = convention._replace(batch=named.batch)
        report = analyse(network, convention)
    answer = value(named, report) if named is not None and named.name else None
    wanted = None if named is None else named.path
    quantity = None if named is None or not named.name else named.rest
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
        for judged in judge_all(network, report)
        if wanted is None or _concerns(judged.figure.quantity, wanted, quantity)
    )
    return Explanation(network.name, network.title, path, answer, layers, sums, published, convention)


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


def judge_all(network: Network, known: Report | None = None) -> Iterator[ComparedFigure]:
    """Every published figure of a network's spec against what the network has.

    `known` is a report of it that need not be made again.
    """
    reports = {} if known is None else {known.convention: known}

    def report_at(batch: int | None) -> Report:
        convention = Convention(batch=batch or 1)
        if convention not in reports:
            reports[convention] = analyse(network, convention)
        return reports[convention]

    for figure in network.spec.published:
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


def _layer(network: Network, report: Report, index: int) -> LayerExplanation:
    node, row = network.nodes[index], report.rows[index]
    layer = node.layer
    found = list(steps_of(layer, node.shapes, learns=row.shared_with is None))
    fields = [*zeros_of(layer, node.shapes), *field_of(network, report, index)]
    steps = [*counted(found, report.convention), *fields]
    return LayerExplanation(
        node.name,
        layer.kind,
        gettext(summary(type(layer))),
        row,
        (*letters_of(layer, node.shapes, [*found, *fields]), *field_letters(steps), *batch_letter(steps)),
        tuple(steps),
        tuple(_notes(row)),
    )


def _notes(row: Row, name: str = "") -> Iterator[str]:
    """What is to be known of a row, or just of the quantity `name` of it."""
    if row.shared_with is not None and name in ("", "params", "weights", "biases"):
        yield _("It uses the weights of {layer}: they are counted there.").format(layer=row.shared_with)
    if row.auxiliary and (not name or name in SUMS):
        yield _(
            "It belongs to the auxiliary head {head}, used in training only: left out of the totals."
        ).format(head=row.head)
    if name in ("", "receptive_field"):
        yield from field_notes(row)
