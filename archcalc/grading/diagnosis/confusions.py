"""What is confused about what was asked: another quantity, layer, axis, batch or unit in place of the right one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from archcalc.grading.diagnosis.misreading import Misreader
from archcalc.grading.mistakes.table import ways
from archcalc.grading.mistakes.ways import Facts, InQuestion, InUnit, WrittenUnit
from archcalc.grading.model import Mistake, Sort
from archcalc.results.counts import Convention
from archcalc.results.quantities import TOTALS, QuantityName


class Confusion(NamedTuple):
    """Another quantity, or another convention, than the one that was asked for."""

    mistake: Mistake
    quantity: QuantityName
    convention: Convention


def mistake(code: str, sort: Sort, scope: str = "", facts: Facts | None = None) -> Mistake:
    """A mistake with its facts by name."""
    return Mistake(code, sort, scope, tuple(facts.items()) if facts else ())


def of_quantity(reader: Misreader, asked: QuantityName) -> Iterator[Confusion]:
    """Everything close to what was asked: another quantity of the same layer, its neighbours, the whole for a part."""
    yield from _reaching(reader, asked, "layer")
    yield from _reaching(reader, asked, "near")


def of_same_layer(reader: Misreader, asked: QuantityName) -> Iterator[Confusion]:
    """What is close in the same layer: another of its quantities, or another convention."""
    return _reaching(reader, asked, "layer")


def of_others(reader: Misreader, asked: QuantityName) -> Iterator[Confusion]:
    """The same quantity of every other layer of the network, of whole blocks where a sum was asked for."""
    return _reaching(reader, asked, "far")


def _reaching(reader: Misreader, asked: QuantityName, reach: str) -> Iterator[Confusion]:
    scope = "" if asked.path in TOTALS else asked.path
    for row, way in ways(InQuestion):
        if way.reach == reach:
            for taken in way.change(reader, asked):
                made = mistake(row.code, way.sort, scope, taken.facts)
                yield Confusion(made, taken.quantity, taken.convention or reader.convention)


class Scaling(NamedTuple):
    """A slip in the unit: the right number comes out so many times as large."""

    mistake: Mistake
    factor: Fraction


def of_unit(unit: WrittenUnit) -> Iterator[Scaling]:
    """The slips in the unit of an answer; the factors are on what it says in units of one."""
    for row, way in ways(InUnit):
        for slip in way.change(unit):
            yield Scaling(mistake(row.code, "unit", "", slip.facts), slip.factor)
