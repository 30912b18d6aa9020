"""Candidates ordered by what they come to, so that an answer is looked up and not searched for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple, cast

from archcalc.algebra.units import simplest
from archcalc.grading.diagnosis.confusions import Scaling
from archcalc.grading.diagnosis.summands import Candidate
from archcalc.grading.model import Tolerance
from archcalc.results.quantities import Answer

_FINE = 64
"""Bits behind the point by which fractions are looked up; those alike to that many are compared exactly."""


class Number(NamedTuple):
    """An answer in units of one, and what one unit in its last digit is worth."""

    value: Fraction
    quantum: Fraction


class Interval(NamedTuple):
    """What a number may be the exact, the rounded or the truncated form of, in whole numbers over a denominator."""

    low: int
    """Twice, as it is half a unit of the last digit below."""
    high: int
    below: int
    is_point: bool


def interval(number: Number) -> Interval:
    """From half a unit of the last digit below a number to a whole one above."""
    value, quantum = number
    middle, width = value.numerator * quantum.denominator, quantum.numerator * value.denominator
    return Interval(2 * middle - width, middle + width, value.denominator * quantum.denominator, not width)


class Tier:
    """Candidates that are looked at together."""

    def __init__(self, name: str, candidates: Iterable[Candidate], *, rare: bool = False) -> None:
        self.name = name
        self.rare = rare
        found = list(candidates)
        numbers = [c for c in found if isinstance(c.value, int | Fraction) and not isinstance(c.value, bool)]
        self.whole = all(isinstance(candidate.value, int) for candidate in numbers)
        bits = 0 if self.whole else _FINE
        # Whole numbers in the order of the values are found faster than fractions.
        order = [(_floor(cast("int | Fraction", c.value), bits), c.value, c) for c in numbers]
        order.sort(key=itemgetter(0, 1))
        self.numbers = [candidate for _key, _value, candidate in order]
        self.values = [cast("int | Fraction", value) for _key, value, _candidate in order]
        self._keys = [key for key, _value, _candidate in order]
        self._bits = bits
        self.others: dict[Answer, list[Candidate]] = {}
        for candidate in found:
            if isinstance(candidate.value, bool | tuple | str):
                self.others.setdefault(candidate.value, []).append(candidate)

    @cached_property
    def distinct(self) -> list[int | Fraction]:
        """The values, each once."""
        return list(dict.fromkeys(self.values))

    def within(self, number: Number) -> list[Candidate]:
        """The candidates that an answer may be the exact, the rounded or the truncated form of."""
        return self.inside(interval(number))

    def inside(self, those: Interval) -> list[Candidate]:
        """The candidates in an interval without its upper end: a whole unit more would not have been cut off."""
        low, high, below, is_point = those
        keys, values = self._keys, self.values
        first = (low << self._bits) // (2 * below)
        last = (high << self._bits) // below
        start = bisect_left(keys, first)
        end = bisect_right(keys, last, start)
        if start == end:
            return []
        while start < end and keys[start] == first and values[start] * (2 * below) < low:
            start += 1
        while (
            start < end
            and keys[end - 1] == last
            and _beyond(values[end - 1] * below, high, is_point=is_point)
        ):
            end -= 1
        return self.numbers[start:end]

    def tolerating(self, number: Number, tolerance: Tolerance) -> list[Candidate]:
        """The candidates nearest to an answer of those from which it is off by no more than a tolerance."""
        value = number.value
        far = max(tolerance.absolute, 2 * tolerance.relative * abs(value))
        first, last = bisect_left(self.values, value - far), bisect_right(self.values, value + far)
        near = []
        for c in self.numbers[first:last]:
            came = Fraction(cast("int | Fraction", c.value))
            if abs(came - value) <= max(tolerance.absolute, tolerance.relative * abs(came)):
                near.append((abs(came - value), c))
        nearest = min((distance for distance, _ in near), default=None)
        return [c for distance, c in near if distance == nearest]

    def by_chance(self, number: Number, width: Fraction | None = None) -> Fraction:
        """How many of the numbers here an interval as wide as the answer's holds on average, in its neighbourhood.

        `width` is that of another interval round it.
        """
        if number.value <= 0:
            return Fraction(0)
        low, high = number.value * 2 / 3, number.value * 3 / 2
        near = bisect_right(self.distinct, high) - bisect_left(self.distinct, low)
        width = number.quantum * 3 / 2 if width is None else width
        return near * (max(width, Fraction(1)) if self.whole else width) / (high - low)


class PairTier(Tier):
    """Two mistakes: those listed, single ones together with a slip in the unit, and those in two layers of a sum."""

    def __init__(
        self,
        listed: Iterable[Candidate],
        key: Answer,
        single: Sequence[Tier],
        scalings: Sequence[Scaling],
        in_sum: Callable[[int], tuple[list[Candidate], Fraction]],
    ) -> None:
        super().__init__("two", listed)
        self.key = key
        self.single = single
        self.scalings = scalings
        self.in_sum = in_sum

    def within(self, number: Number) -> list[Candidate]:
        """The pairs that an answer may be the exact, the rounded or the truncated form of."""
        found = super().within(number)
        low, high, below, is_point = interval(number)
        for scaling in self.scalings:
            above, under = scaling.factor.numerator, scaling.factor.denominator
            before = Interval(low * under, high * under, below * above, is_point)
            for tier in self.single:
                found += [
                    Candidate(simplest(c.value * scaling.factor), (*c.mistakes, scaling.mistake))  # type: ignore[operator]
                    for c in tier.inside(before)
                    if c.mistakes[0].sort != "unit"
                ]
        if number.quantum <= 1 and number.value.denominator == 1:
            found += self.in_sum(number.value.numerator)[0]
        # One slip may undo another.
        return [candidate for candidate in found if candidate.value != self.key]

    def by_chance(self, number: Number, width: Fraction | None = None) -> Fraction:
        """As for single mistakes, those in units and in sums as well."""
        chance = super().by_chance(number, width)
        for _, before in self._unscaled(number):
            chance += sum((tier.by_chance(before) for tier in self.single), Fraction(0))
        if number.quantum <= 1 and number.value.denominator == 1:
            chance += self.in_sum(number.value.numerator)[1]
        return chance

    def _unscaled(self, number: Number) -> Iterator[tuple[Scaling, Number]]:
        for scaling in self.scalings:
            yield scaling, Number(number.value / scaling.factor, number.quantum / scaling.factor)


def _floor(value: int | Fraction, bits: int) -> int:
    return (value.numerator << bits) // value.denominator


def _beyond(value: int | Fraction, high: int, *, is_point: bool) -> bool:
    return value > high or (value == high and not is_point)
