"""Means, quartiles and deviations of scores counted by value: exact, or to 12 decimals where a root is no fraction."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

Scores = Sequence[tuple[Fraction, int]]
"""Every score with how many have it, the lowest first."""

_DIGITS = 12
"""Decimals of a square root that is no fraction."""


def root(value: Fraction) -> Fraction:
    """The square root, exact where it is a fraction, else to 12 decimals."""
    above, below = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if above * above == value.numerator and below * below == value.denominator:
        return Fraction(above, below)
    unit = 10**_DIGITS
    return Fraction(math.isqrt(value.numerator * unit * unit // value.denominator), unit)


def mean(scores: Scores) -> Fraction | None:
    """The mean; None of nobody."""
    count = sum(n for _, n in scores)
    return sum((score * n for score, n in scores), Fraction(0)) / count if count else None


def deviation(scores: Scores) -> Fraction | None:
    """The standard deviation of these scores, which are all there are; None of nobody."""
    middle = mean(scores)
    if middle is None:
        return None
    return root(mean([((score - middle) ** 2, n) for score, n in scores]) or Fraction(0))


def quartiles(scores: Scores) -> tuple[Fraction, Fraction, Fraction] | None:
    """At (n − 1)/4, (n − 1)/2 and 3·(n − 1)/4 of the sorted scores, counted from 0, as spreadsheets have it."""
    count = sum(n for _, n in scores)
    if not count:
        return None
    first, second, third = (_at(scores, Fraction((count - 1) * quarter, 4)) for quarter in (1, 2, 3))
    return first, second, third


def _at(scores: Scores, place: Fraction) -> Fraction:
    """The score at a place in the sorted row, in a straight line between two where it falls between them."""
    below = math.floor(place)
    low = next(_after(scores, below))
    high = low if place == below else next(_after(scores, below + 1))
    return low + (high - low) * (place - below)


def _after(scores: Scores, places: int) -> Iterator[Fraction]:
    for score, count in scores:
        if places < count:
            yield score
            return
        places -= count
