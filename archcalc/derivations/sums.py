"""Numbers that add up over the layers of a block or a network: the terms, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from archcalc.algebra import shapes
from archcalc.algebra.symbols import symbol, value_of
from archcalc.derivations.working import BATCH, Letter, Lettered, Step, in_working_order, of_batch, symbols_of
from archcalc.layers.base import Number
from archcalc.results.counts import COUNTS, Convention, Count, Counted, Tally
from archcalc.results.quantities import TOTALS
from archcalc.results.report import Report
from archcalc.words.language import _, gettext

Working = tuple[str, Mapping[str, Number]]
"""The name of a layer and its numbers by quantity."""


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
    """The sums of a block or of `total`: the main ones, or just the one that is asked for.

    Gives nothing for a quantity that does not add up.
    """
    whole = _whole(path, report)
    if quantity is None:
        wanted = [*in_working_order(), *(count for count in COUNTS.values() if not count.of_layers)]
        wanted = [count for count in wanted if count.main]
    else:
        wanted = [COUNTS[quantity]] if quantity in COUNTS else []
    for count in wanted:
        if count.of_layers:
            yield _sum(path, count, tuple(_terms(count, layers, whole)), report.convention)
        elif whole is not None:
            yield _sum(path, count, tuple(_parts(count, whole)), report.convention)


def batch_letter(steps: Iterable[Step]) -> Iterator[Letter]:
    """The batch, if these steps have it."""
    batch = next((part for step in steps for part in symbols_of(step.expression) if part.name == BATCH), None)
    if batch is not None:
        yield Letter(BATCH, _("inputs at a time"), str(batch.value))


def _whole(path: str, report: Report) -> Counted | None:
    """What is counted of the network, its input in letters, if `path` is the network's."""
    if path not in TOTALS:
        return None
    totals = report.totals if path == "total" else report.totals_with_auxiliary or report.totals
    return msgspec.structs.replace(totals, given=_input(report))


def _sum(path: str, count: Count, terms: tuple[Term, ...], convention: Convention) -> Sum:
    title = count.heading(convention)
    return Sum(f"{path}.{count.name}", title, terms, sum(int(value_of(term.expression)) for term in terms))


def _terms(count: Count, layers: Iterable[Working], whole: Counted | None) -> Iterator[Term]:
    """What the input adds to a sum, if anything, and each layer."""
    if whole is not None:
        of_input = count.rule(Lettered(msgspec.structs.replace(whole, tally=Tally())))
        if value_of(of_input):
            yield Term(_("input"), of_input)
    for layer, numbers in layers:
        expression = numbers.get(count.name, 0)
        if value_of(expression):
            yield Term(layer, expression)


def _parts(count: Count, whole: Counted) -> Iterator[Term]:
    """A number of the network by its rule: the counts that it is the sum of, if it is, each by its own."""
    lettered = Lettered(whole, whole.convention.batch)
    parts = [COUNTS[name] for name in count.starts_from]
    if sum(value_of(part.rule(lettered)) for part in parts) != value_of(count.rule(lettered)):
        parts = [count]
    for part in parts:
        yield Term(gettext(part.term), part.rule(lettered))


def _input(report: Report) -> Number:
    """The elements that go into the network."""
    product: Number = 1
    names = shapes.AXIS_LETTERS.get(len(report.input)) or tuple(f"N_{i}" for i in range(len(report.input)))
    for name, size in zip(names, report.input, strict=True):
        product = product * symbol(name, size)
    return of_batch(product, report.convention.batch)
