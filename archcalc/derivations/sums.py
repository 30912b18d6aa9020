"""Numbers that add up over the layers of a block or a network: the terms, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, overload

import msgspec

from archcalc.algebra import shapes
from archcalc.algebra.symbols import symbol, value_of
from archcalc.derivations.working import BATCH, Letter, Lettered, Step, in_working_order, of_batch, symbols_of
from archcalc.layers.base import Number
from archcalc.results.counts import COUNTS, Convention, Count, Counted, Tally
from archcalc.results.quantities import TOTALS
from archcalc.results.report import Report, Row
from archcalc.words.language import _, gettext

Worked = Callable[[int, Count], Number]
"""Gives what a layer, by its number, adds to a count."""


class Term(NamedTuple):
    """What one layer adds to a sum."""

    name: str
    expression: Number


class Terms(Sequence[Term]):
    """What some layers add to a count, behind what its input does. None is kept: a network may have ten thousands."""

    def __init__(
        self,
        first: Sequence[Term],
        rows: Sequence[Row],
        layers: Sequence[int],
        number: Callable[[int], Number],
    ) -> None:
        self._first = first
        self._rows = rows
        self._layers = layers
        self._number = number

    def __len__(self) -> int:
        return len(self._first) + len(self._layers)

    @overload
    def __getitem__(self, place: int) -> Term: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Term]: ...
    def __getitem__(self, place: int | slice) -> Term | Sequence[Term]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        at = place + len(self) if place < 0 else place
        if at < len(self._first):
            return self._first[at]
        index = self._layers[at - len(self._first)]
        return Term(self._rows[index].name, self._number(index))

    def __iter__(self) -> Iterator[Term]:
        yield from self._first
        for index in self._layers:
            yield Term(self._rows[index].name, self._number(index))


class Sum(NamedTuple):
    """A number of a block or a network: the terms and what they come to."""

    quantity: str
    title: str
    terms: Sequence[Term]
    value: int


def sums_of(
    path: str, layers: Sequence[int], worked: Worked, report: Report, quantity: str | None = None
) -> Iterator[Sum]:
    """The sums of a block or of `total`: the main ones, or just the one that is asked for.

    `layers` are the rows that are added up, and `worked` gives what each adds.
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
            yield _sum(path, count, _terms(count, layers, worked, report, whole), report.convention)
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


def _sum(path: str, count: Count, terms: Sequence[Term], convention: Convention) -> Sum:
    title = count.heading(convention)
    return Sum(f"{path}.{count.name}", title, terms, sum(int(value_of(term.expression)) for term in terms))


def _terms(
    count: Count, layers: Sequence[int], worked: Worked, report: Report, whole: Counted | None
) -> Terms:
    """What the input adds to a sum, if anything, and each layer that adds something."""
    of_input = () if whole is None else (count.rule(Lettered(msgspec.structs.replace(whole, tally=Tally()))),)
    first = [Term(_("input"), number) for number in of_input if value_of(number)]
    adding = [index for index in layers if value_of(worked(index, count))]
    return Terms(first, report.rows, adding, lambda index: worked(index, count))


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
