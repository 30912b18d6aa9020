"""One answer, read in one way, against the key: right, right as rounded, in which unit. Exact arithmetic only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, NamedTuple, cast

from archcalc.algebra.shapes import channels_last
from archcalc.algebra.units import WrittenNumber, agreement, simplest
from archcalc.grading.assignments.dimensions import CONVERSIONS, UNITS
from archcalc.grading.assignments.fields import unit_of
from archcalc.grading.codes import IMPRECISE, UNIT_MISSING, UNIT_WRONG
from archcalc.grading.model import Axes, Question, Tolerance, Written
from archcalc.grading.numbers.words import meanings
from archcalc.results.quantities import Answer

Nearness = Literal["right", "rounded", "truncated", "wrong"]

_FEWEST_DIGITS = 2
"""Fewer say nothing: every number from 50 to 150 is 100 to one digit."""


_FULL_COUNT = 10_000
"""Nobody writes so many GB or GMACs: from here on a number may be the whole count, without a prefix."""


class Judgement(NamedTuple):
    """What comes of holding an answer against the key."""

    judged: Nearness
    value: Answer
    """The answer in units of one, as the question's unit says what a bare number is."""
    codes: tuple[str, ...] = ()
    """What is held against it beside its value: that a unit is missing or wrong, or that more digits were wanted."""


def judge(question: Question, key: Answer, written: Written, *, named: bool = False) -> Judgement:
    """Hold an answer against `key`, the question's own or one worked out from earlier answers.

    `named` says of a shape that its channels come first, whatever order is asked for.
    """
    if isinstance(written, WrittenNumber):
        return _number(question, key, written)
    if isinstance(written, tuple):
        sizes = tuple(simplest(size.value) for size in cast("tuple[WrittenNumber, ...]", written))
        axes: Axes = "CHW" if named else question.axes
        is_right = _same_shape(key, sizes, axes, question.convention.batch)
        return Judgement("right" if is_right else "wrong", sizes)
    if isinstance(written, str) and isinstance(key, str):
        return Judgement("right" if written.casefold() == key.casefold() else "wrong", written)
    return Judgement("right" if written is key else "wrong", written)


# ---- numbers


class _Taken(NamedTuple):
    """A number taken to be in some unit, in units of one."""

    value: Fraction
    quantum: Fraction
    unit: Literal["given", "missing", "wrong"]


def _number(question: Question, key: Answer, number: WrittenNumber) -> Judgement:
    if isinstance(key, bool) or not isinstance(key, int | Fraction):
        return Judgement("wrong", simplest(number.value))
    exact = Fraction(key)
    ways = [_as_written(question, exact, number), *_otherwise(question, number)]
    written = figures(number)
    for way in ways:
        judged = _compared(way, exact, question.tolerance, written)
        if judged == "wrong":
            continue
        if way.unit == "wrong":
            # Another unit is worth a mark of its own, or the answer is another number.
            return Judgement(judged if question.unit_points else "wrong", simplest(way.value), (UNIT_WRONG,))
        missing = way.unit == "missing" and question.unit_points
        return Judgement(judged, simplest(way.value), (UNIT_MISSING,) if missing else ())
    first = ways[0]
    if first.unit == "wrong":
        return Judgement("wrong", simplest(first.value), (UNIT_WRONG,))
    for way in ways:
        if way.unit != "wrong" and _is_imprecise(number, way, exact):
            return Judgement("wrong", simplest(way.value), (IMPRECISE,))
    return Judgement("wrong", simplest(first.value))


def _as_written(question: Question, key: Fraction, number: WrittenNumber) -> _Taken:
    """A number in the unit that it has, or in the one that was asked for."""
    _, unit = unit_of(question.unit)
    if number.unit is None:
        return _taken(number, bare_unit(question, key, number), "missing" if unit in UNITS else "given")
    if number.unit == unit and unit != "%":
        return _taken(number, 1, "given")
    factor = CONVERSIONS.get((number.unit, unit))
    return _taken(number, 1, "wrong") if factor is None else _taken(number, factor, "given")


def bare_unit(question: Question, key: Fraction, number: WrittenNumber) -> Fraction:
    """What one of a number without a unit is: one of the question's unit, or just one.

    8.2 G says by itself how large it is, and so does a full count where bytes, MACs or FLOPs are asked for with a
    prefix: 924,844,032 is nearer to the key as it stands than as so many GMACs.
    """
    scale, unit = unit_of(question.unit)
    if scale != 1 and _factor(number) != 1:
        return Fraction(1)
    full = unit in UNITS and scale > 1 and abs(number.value) >= _FULL_COUNT
    return Fraction(1) if full and number.value**2 * scale > key**2 else scale


def _otherwise(question: Question, number: WrittenNumber) -> Iterator[_Taken]:
    """The other ways that a number may be taken where it is not right as it is written."""
    scale, unit = unit_of(question.unit)
    if number.unit is None and scale != 1 and unit not in UNITS:
        # 0.42, or a whole count where millions were asked for, can be no other.
        yield _taken(number, 1, "given")
    if number.unit is not None and question.unit_points:
        # 244 MiB for 244 MB: the number as it stands, in the unit that was asked for.
        yield _taken(number, scale / _factor(number), "wrong")


def _taken(
    number: WrittenNumber, factor: Fraction | int, unit: Literal["given", "missing", "wrong"]
) -> _Taken:
    return _Taken(number.value * factor, number.quantum * factor, unit)


def _factor(number: WrittenNumber) -> int:
    """What the words behind a number multiply it by: 10⁶ in 244 MB."""
    tail = re.search(r"[^0-9]*$", number.text)
    said = " ".join(tail[0].split()) if tail else ""
    return next((factor for factor, unit in meanings(said, None) if unit == number.unit), 1)


def figures(number: WrittenNumber) -> int | None:
    """The significant figures of a number as it was written, 3 of 62,300,000; None for a fraction."""
    if not number.quantum or not number.value:
        return None
    mantissa = str(abs((number.value / number.quantum).numerator))
    # The zeros that a whole number ends in only hold its place; 19.0 has three figures.
    return len(mantissa.rstrip("0")) if number.quantum >= _factor(number) else len(mantissa)


def _compared(way: _Taken, key: Fraction, tolerance: Tolerance, written: int | None) -> Nearness:
    difference = abs(way.value - key)
    if difference <= tolerance.absolute or difference <= tolerance.relative * abs(key):
        return "right"
    if tolerance.figures is None or not key:
        return "wrong"
    # In the unit that was written: 7.78 GiB has three figures of its own, whatever these are in bytes.
    unit = way.quantum or Fraction(1)
    place = _last_place(key / unit, tolerance.figures) * unit
    if 2 * difference <= place:
        return "rounded"
    cut = abs(way.value) < abs(key) and way.value * key > 0 and difference < place
    short = written is not None and written <= tolerance.figures
    return "truncated" if cut and short and (way.value / place).denominator == 1 else "wrong"


def _last_place(value: Fraction, figures: int) -> Fraction:
    """What one unit in the last of so many significant figures of `value` is worth."""
    exponent = len(str(abs(value.numerator))) - len(str(value.denominator))
    if abs(value) < Fraction(10) ** exponent:
        exponent -= 1
    return Fraction(10) ** (exponent - figures + 1)


def _is_imprecise(number: WrittenNumber, way: _Taken, key: Fraction) -> bool:
    """Whether an answer is right to the digits it gives, at least two of them, where that does not suffice."""
    quoted = number._replace(value=way.value, quantum=way.quantum)
    return number.digits >= _FEWEST_DIGITS and agreement(key, quoted) != "different"


# ---- shapes


def _same_shape(key: Answer, sizes: tuple[int | Fraction, ...], axes: Axes, batch: int) -> bool:
    if not isinstance(key, tuple):
        return False
    last = channels_last(key)
    accepted = {"any": (key, last), "CHW": (key,), "HWC": (last,), "as is": (key,)}[axes]
    for right in accepted:
        if sizes in (right, (batch, *right)):
            return True
        # 1×1×4096 is the vector of 4096 as well as a feature map of one position.
        if _without_ones(sizes) == _without_ones(right) and len(_without_ones(right)) <= 1:
            return True
    # One number for a square that has no channels: a kernel, a receptive field.
    return axes == "as is" and len(sizes) == 1 and set(key) == set(sizes)


def _without_ones(sizes: tuple[int | Fraction, ...]) -> tuple[int | Fraction, ...]:
    return tuple(size for size in sizes if size != 1)
