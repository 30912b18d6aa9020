"""Numbers that add up over the layers of a block or a network: the terms, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from archcalc.algebra import shapes
from archcalc.algebra.symbols import symbol, value_of
from archcalc.algebra.units import FLOPS_PER_MAC, dtype_bytes
from archcalc.derivations.working import COSTS, Letter, Step, symbols_of
from archcalc.layers.base import Number
from archcalc.results.quantities import TOTALS
from archcalc.results.report import Convention, Report
from archcalc.words.language import _, gettext, marked

Working = tuple[str, Mapping[str, Number]]
"""The name of a layer and its numbers by quantity."""

TITLES = {
    "weights": marked("weights"),
    "biases": marked("biases"),
    "params": marked("parameters"),
    "macs": marked("MACs"),
    "activations": marked("activations"),
}
"""What a block or a network is explained by; the rest on demand."""

ON_DEMAND = {
    "flops": marked("FLOPs"),
    "multiplications": marked("multiplications"),
    "additions": marked("additions"),
    "comparisons": marked("comparisons"),
    "divisions": marked("divisions"),
    "exponentials": marked("exponentials"),
}

BYTES = {
    "memory": ("parameters", "activations"),
    "total_bytes": ("parameters", "activations"),
    "param_bytes": ("parameters",),
    "activation_bytes": ("activations",),
}
"""Quantities in bytes, of a whole network only, and what each of them holds."""


BATCH = "batch"


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


def sums_of(
    path: str, layers: Sequence[Working], report: Report, quantity: str | None = None
) -> Iterator[Sum]:
    """The sums of a block or of `total`: those of TITLES and the memory, or just the one that is asked for.

    Gives nothing for a quantity that does not add up.
    """
    wanted = [*TITLES, "memory"] if quantity is None else [quantity]
    for name in wanted:
        title = TITLES.get(name) or ON_DEMAND.get(name)
        if title is not None:
            yield _summed(path, name, title, layers, report)
        elif path in TOTALS and name in BYTES:
            yield _bytes(path, name, report)
        elif path in TOTALS and name == "input_activations":
            term = _input(report)
            yield Sum(f"{path}.{name}", _("numbers that go in"), (term,), int(value_of(term.expression)))


def counted(steps: Sequence[Step], convention: Convention) -> Iterator[Step]:
    """The steps of one layer by a convention: cost and activations of the whole batch, biases counted or not."""
    plain = {step.quantity: step.expression for step in steps}
    for step in steps:
        expression = step.expression
        if step.quantity == "params" and not convention.bias:
            expression = plain["weights"]
        elif step.quantity == "flops":
            expression = FLOPS_PER_MAC * symbol("MACs", value_of(plain["macs"]) * convention.batch)
        elif step.quantity in COSTS or step.quantity == "activations":
            expression = _of_batch(expression, convention.batch)
        yield step._replace(expression=expression)


def batch_letter(steps: Iterable[Step]) -> Iterator[Letter]:
    """The batch, if these steps have it."""
    batch = next((part for step in steps for part in symbols_of(step.expression) if part.name == BATCH), None)
    if batch is not None:
        yield Letter(BATCH, _("inputs at a time"), str(batch.value))


def _of_batch(expression: Number, batch: int) -> Number:
    return symbol(BATCH, batch) * expression if batch > 1 and value_of(expression) else expression


def _summed(path: str, name: str, title: str, layers: Iterable[Working], report: Report) -> Sum:
    terms = [_input(report)] if name == "activations" and path in TOTALS else []
    for layer, numbers in layers:
        expression = numbers.get(name, 0)
        if value_of(expression):
            terms.append(Term(layer, expression))
    value = sum([int(value_of(term.expression)) for term in terms])
    return Sum(f"{path}.{name}", gettext(title), tuple(terms), value)


def _bytes(path: str, name: str, report: Report) -> Sum:
    """The bytes of parameters, of activations or of both, as the summary has them."""
    totals = report.totals if path == "total" else report.totals_with_auxiliary or report.totals
    size = symbol("B", dtype_bytes(report.convention.dtype))
    batch = report.convention.batch
    counts = {
        "parameters": symbol("params", totals.params),
        "activations": _of_batch(symbol("activations", totals.activations // batch), batch),
    }
    terms = tuple(Term(gettext(part), counts[part] * size) for part in BYTES[name])
    value = sum(int(value_of(term.expression)) for term in terms)
    return Sum(f"{path}.{name}", _("bytes, {dtype}").format(dtype=report.convention.dtype), terms, value)


def _input(report: Report) -> Term:
    """The elements that go into the network."""
    product: Number = 1
    names = shapes.AXIS_LETTERS.get(len(report.input)) or tuple(f"N_{i}" for i in range(len(report.input)))
    for name, size in zip(names, report.input, strict=True):
        product = product * symbol(name, size)
    return Term(_("input"), _of_batch(product, report.convention.batch))
