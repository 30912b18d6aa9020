"""The ways to read one number or shape: by the decimal sign of the class, by the other one, or by both."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

from archcalc.algebra.units import WrittenNumber
from archcalc.grading.numbers.calculations import calculated
from archcalc.grading.numbers.characters import Unreadable
from archcalc.grading.numbers.numerals import Numeral, numerals
from archcalc.grading.numbers.sizes import Sizes
from archcalc.grading.numbers.surroundings import ABOUT, LEADING, as_times, without_quotes
from archcalc.words.language import LANGUAGES

_Way = TypeVar("_Way", Numeral, Sizes)
_Written = TypeVar("_Written", bound=WrittenNumber | tuple[WrittenNumber, ...])


def one_number(
    text: str, locale: str | None, *, lenient: bool, about: bool, endless: bool, alone: bool
) -> list[WrittenNumber]:
    """The ways to read one number; `alone` says that it may be a calculation. Raises Unreadable."""
    text = without_quotes(text)
    while True:
        match = ABOUT.match(text) or LEADING.match(text)
        if match is None:
            break
        about = about or ABOUT.match(text) is not None
        text = text[match.end() :]
    text, fewer = as_times(text)

    def with_point(point: str) -> list[Numeral]:
        try:
            return numerals(text, point, locale, about=about, endless=endless)
        except Unreadable:
            calculation = calculated(text, point, locale) if alone and not endless else None
            if calculation is None:
                raise
            return calculation

    found = [way.quantity for way in ways(with_point, locale, lenient=lenient)]
    if fewer:
        # 12x menos is 12 to who was asked how many times fewer, and 1/12 to who was asked how many times as many.
        found += [
            number._replace(value=1 / number.value, quantum=Fraction(0)) for number in found if number.value
        ]
    if re.match("- ", text):
        # A minus, or the dash of a list.
        found += [number._replace(value=-number.value) for number in found]
    return distinct(found)


def ways(read_with: Callable[[str], list[_Way]], locale: str | None, *, lenient: bool) -> list[_Way]:
    """The ways to read a text: with the decimal sign of the locale, the other one, or both where it is not clear."""
    own = LANGUAGES[locale].point if locale is not None and locale in LANGUAGES else None
    points = (",", ".") if own == "," else (".", ",")
    found: list[list[_Way]] = []
    problem: Unreadable | None = None
    for point in points:
        try:
            found.append(read_with(point))
        except Unreadable as reason:
            problem = problem or reason
    if not found:
        assert problem is not None
        raise problem
    if len(found) == 1:
        return found[0]
    usual, other = found
    clear = lenient or not any(way.doubtful for way in usual)
    return usual if own is not None and clear else usual + other


def distinct(found: list[_Written]) -> list[_Written]:
    """The ways without those that come to the same."""
    kept: dict[object, _Written] = {}
    for way in found:
        numbers = (way,) if isinstance(way, WrittenNumber) else way
        kept.setdefault(tuple((number.value, number.unit) for number in numbers), way)
    return list(kept.values())
