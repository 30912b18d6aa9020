"""Answers that are small calculations: `138M / 7M`, `19,8:1`, `3x3x128x256 + 256`.

    quotient := numeral "/" numeral | numeral (":" | "para" | "to") "1"
    total    := product {"+" product}
    product  := factor {("×" | "x" | "*" | "·") factor}
    factor   := number | "(" total ")"

A quotient is what a ratio is, and a total with a plus in it is one number and nothing else. A product alone may be a
shape, and what has a minus a range: these are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from archcalc.algebra.units import WrittenNumber
from archcalc.grading.numbers.characters import Unreadable
from archcalc.grading.numbers.numerals import LONGEST_NUMERAL, Numeral, numerals
from archcalc.words.language import _

DEEPEST = 8
"""Brackets inside one another."""

_TO_ONE = re.compile(r"(?P<above>[0-9][0-9.,]*)(?: ?:(?=1)| : | +(?:para|to) +)1", re.IGNORECASE)
_PIECE = re.compile(r" *(?:(?P<number>[0-9](?:[0-9.,]*[0-9])?)|(?P<sign>[+×*·xX()]))")


def is_to_one(text: str) -> bool:
    """Whether `text` is a ratio to one, whose colon ends no label: `20:1`."""
    return _TO_ONE.fullmatch(text) is not None


def calculated(text: str, point: str, locale: str | None) -> list[Numeral] | None:
    """What a calculation comes to where `point` is the decimal sign; None where `text` is none. Raises Unreadable."""
    to_one = _TO_ONE.fullmatch(text)
    if to_one is not None:
        (above,) = numerals(to_one["above"], point, locale)
        return [_quotient(above, Fraction(1), "×", above.doubtful)]
    above_text, slash, below_text = text.partition("/")
    if slash:
        return _quotients(above_text.strip(), below_text.strip(), point, locale)
    return _total(text, point) if "+" in text else None


def worked_out(text: str) -> set[Fraction]:
    """What a sum or a product may come to, whichever sign stands between thousands."""
    found: set[Fraction] = set()
    for point in ".,":
        try:
            found |= {total.quantity.value for total in _total(text, point) or ()}
        except Unreadable:
            continue
    return found


def _quotients(above: str, below: str, point: str, locale: str | None) -> list[Numeral] | None:
    # 1 200/300 may be 4 and 1 2/3: a space groups no digits here.
    if not all(
        re.match("[+-]?[0-9]", part) and not re.search("[0-9] +[0-9]|[/+*×·]", part)
        for part in (above, below)
    ):
        return None
    tops, bottoms = numerals(above, point, locale), numerals(below, point, locale)
    if len(tops) != len(bottoms):
        return None
    # 138m / 7m: the words mean the same in both.
    found = [
        _quotient(top, bottom.quantity.value, unit and "×", top.doubtful or bottom.doubtful)
        for top, bottom in zip(tops, bottoms, strict=True)
        if bottom.quantity.value and (unit := top.quantity.unit) == bottom.quantity.unit
    ]
    return found or None


def _quotient(above: Numeral, below: Fraction, unit: str | None, doubtful: bool) -> Numeral:
    value = above.quantity.value / below
    return Numeral(WrittenNumber(str(value), value, unit, above.quantity.digits, Fraction(0)), doubtful)


def _total(text: str, point: str) -> list[Numeral] | None:
    """The value of a sum, in one pass: what stands open is a list of the products so far, the last one growing."""
    pieces = list(_pieces(text))
    if not pieces:
        return None
    levels = [[Fraction(1)]]
    doubtful, wants_factor = False, True
    for sign, number in pieces:
        if wants_factor:
            if number:
                (numeral,) = numerals(number, point, None)
                doubtful = doubtful or numeral.doubtful
                levels[-1][-1] *= numeral.quantity.value
                wants_factor = False
            elif sign == "(" and len(levels) <= DEEPEST:
                levels.append([Fraction(1)])
            else:
                return None
        elif sign == "+":
            levels[-1].append(Fraction(1))
            wants_factor = True
        elif sign == "×":
            wants_factor = True
        elif sign == ")" and len(levels) > 1:
            inside = sum(levels.pop())
            levels[-1][-1] *= inside
        else:
            return None
    if wants_factor or len(levels) > 1:
        return None
    value = sum(levels[0], Fraction(0))
    if value >= 10**LONGEST_NUMERAL:
        raise Unreadable(_("it is a calculation, a shape or a range: write the one number that it comes to."))
    quantum = Fraction(value.denominator == 1)
    digits = len(str(value.numerator))
    return [Numeral(WrittenNumber(str(value), value, None, digits, quantum), doubtful)]


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """The signs and the numbers of a calculation; none at all where something else stands in it."""
    found = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = _PIECE.match(text, place)
        if match is None:
            return
        place = match.end()
        sign = match["sign"] or ""
        found.append(("×" if sign and sign in "×*·xX" else sign, match["number"] or ""))
    yield from found
