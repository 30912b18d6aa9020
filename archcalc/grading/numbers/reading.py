"""From the text of an answer to a Reading: what stands round the number goes, and ambiguity is decided."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeVar

from archcalc.algebra.units import Quantity
from archcalc.grading.model import Form, Reading, Written
from archcalc.grading.numbers.calculations import calculated, worked_out
from archcalc.grading.numbers.characters import LONGEST, Unreadable, plain, trimmed
from archcalc.grading.numbers.numerals import Numeral, numerals
from archcalc.grading.numbers.options import is_blank, option, truth
from archcalc.grading.numbers.sizes import Sizes, named_sizes, separated, sizes
from archcalc.grading.numbers.surroundings import (
    ABOUT,
    ARROWS,
    LEADING,
    ROUND,
    as_times,
    final,
    label_off,
    without_quotes,
)
from archcalc.grading.numbers.words import meanings
from archcalc.words.language import LANGUAGES, _

_REMARK = re.compile(r" *\((?: *≈[^()]*|[^()0-9]*)\)$")
_UNIT_BEHIND = re.compile(r"(?P<number>.*[^\W_]) *\((?P<unit>[^()0-9]{1,20})\)", re.DOTALL)
_WORKING = re.compile(r"(?P<number>[^()]*[0-9][^()]*) \((?P<working>[^=≈]*)(?:[=≈][^()=≈]*)?\)")
# Behind three sizes or more nothing that belongs to the shape is left to stand in brackets.
_REMARK_ON_SHAPE = re.compile(
    r"(?P<shape>[^()]*?[0-9]+(?: *[xX×*·] *[0-9]+){2,}) *\([^()]*[^\W\d_]{3}[^()]*\)\.?"
)
# ±138M is "mais ou menos".
_ROUGHLY = re.compile(r"^(?:±|\+ ?/ ?-|\+-) *(?=[0-9])")
_LABEL = re.compile(r"[^\W\d][\w. ]*")
_LETTERS = re.compile(r"[^\W\d_xX×]")

_Way = TypeVar("_Way", Numeral, Sizes)
_Written = TypeVar("_Written", bound=Quantity | tuple[Quantity, ...])


def read(
    text: str,
    form: Form,
    *,
    locale: str | None,
    lenient: bool = False,
    labels: Sequence[str] = (),
    texts: Sequence[str] = (),
) -> Reading:
    """What an answer says, as a `form`; never raises, whatever the text.

    `locale` is how the class writes numbers, a code of `language.LANGUAGES`, or None if both ways may come.
    3,145 and 3.145 are 3145 where the sign is the locale's for thousands, and may be either otherwise, unless
    `lenient` takes them as the locale has it. `labels` and `texts` are those of the options of a choice.

    A number is in units of one, with `B`, `bit`, `MAC`, `FLOP`, `%` or `×` for its unit. A shape that says which
    size is which comes as channels, height and width. A blank has neither text nor ways.
    """
    written = trimmed(text)
    shown = written if len(written) <= LONGEST else written[: LONGEST - 1] + "…"
    if is_blank(written) and not (form == "choice" and written in labels):
        return Reading("", ())
    try:
        if form == "choice":
            return Reading(shown, option(plain(written), labels, texts))
        if form == "truth":
            return Reading(shown, (truth(plain(written)),))
        bare = plain(written)
        if form == "number":
            return Reading(shown, tuple(_number(bare, locale, lenient=lenient)))
        named = named_sizes(bare)
        ways = _shape(bare, locale, lenient=lenient) if named is None else [named]
        return Reading(shown, tuple(ways), named=named is not None)
    except Unreadable as reason:
        return Reading(shown, (), str(reason))


def _number(text: str, locale: str | None, *, lenient: bool) -> list[Written]:
    text = _ROUGHLY.sub("≈", text)
    working = _WORKING.fullmatch(text.rstrip(".;,! "))
    if working is not None:
        totals = worked_out(working["working"])
        if totals:
            return _worked(_number(working["number"], locale, lenient=lenient), totals)
    with_unit = _UNIT_BEHIND.fullmatch(text)
    if with_unit is not None and any(meaning.unit for meaning in meanings(with_unit["unit"].strip(), locale)):
        text = f"{with_unit['number']} {with_unit['unit'].strip()}"
    # A formula is not worked out.
    alone = not text.startswith("=")
    bare = final(_REMARK.sub("", text))
    endless = bare.endswith("..")
    bare = without_quotes(bare)
    # 7/3 ≈ 2,33: the more precise is the answer if the other is what it rounds to.
    parts = [part for part in bare.split("≈") if part.strip()]
    if not parts:
        raise Unreadable(_("there is no number in it."))
    about = bare.startswith("≈")
    found: list[list[Quantity]] = []
    for place, part in enumerate(parts):
        try:
            found.append(
                _one_number(
                    part, locale, lenient=lenient, about=about or place > 0, endless=endless, alone=alone
                )
            )
        except Unreadable:
            if place == len(parts) - 1:
                raise
    if len(found) == 1:
        return list(found[0])
    kept = [
        min(first, last, key=lambda number: number.quantum)
        for first in found[0]
        for last in found[-1]
        if first.unit == last.unit and abs(first.value - last.value) <= max(first.quantum, last.quantum)
    ]
    if not kept:
        raise Unreadable(_("the numbers in it differ: write the answer alone."))
    return list(_distinct(kept))


def _one_number(
    text: str, locale: str | None, *, lenient: bool, about: bool, endless: bool, alone: bool
) -> list[Quantity]:
    """The ways to read one number; `alone` says that it may be a calculation."""
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

    found = [way.quantity for way in _ways(with_point, locale, lenient=lenient)]
    if fewer:
        # 12x menos is 12 to who was asked how many times fewer, and 1/12 to who was asked how many times as many.
        found += [
            number._replace(value=1 / number.value, quantum=Fraction(0)) for number in found if number.value
        ]
    if re.match("- ", text):
        # A minus, or the dash of a list.
        found += [number._replace(value=-number.value) for number in found]
    return _distinct(found)


def _worked(numbers: list[Written], totals: set[Fraction]) -> list[Written]:
    """The ways to read a number that agree with its working in brackets: `295.168 (294.912 + 256)`."""
    kept = [
        number
        for number in numbers
        if isinstance(number, Quantity)
        and any(number.value == total or abs(number.value - total) < number.quantum for total in totals)
    ]
    if not kept:
        # 96 (363 + 1) may be a product as well.
        raise Unreadable(_("the numbers in it differ: write the answer alone."))
    return list(kept)


def _shape(text: str, locale: str | None, *, lenient: bool) -> list[Written]:
    remark = _REMARK_ON_SHAPE.fullmatch(text)
    parts = ARROWS.split(remark["shape"] if remark else _REMARK.sub("", text))
    if not all(_LABEL.fullmatch(part.strip()) or not _LETTERS.search(part) for part in parts[:-1]):
        raise Unreadable(_("there is more than the shape in it: write a shape such as 55x55x96 alone."))
    body = label_off(parts[-1])
    before = label_off(parts[-2]) if len(parts) > 1 else ""
    found = _one_shape(body, locale, lenient=lenient)
    if before:
        # 55x55x96 = 290400 says the shape first.
        try:
            earlier = _one_shape(before, locale, lenient=lenient)
        except Unreadable:
            earlier = []
        many = [way for way in earlier if len(way) > 1]
        if many and all(len(way) == 1 for way in found):
            found = [way for way in many if any(_product(way) == _product(single) for single in found)]
            if not found:
                raise Unreadable(_("there is a shape and a number in it: write the shape alone."))
    return list(found)


def _one_shape(text: str, locale: str | None, *, lenient: bool) -> list[tuple[Quantity, ...]]:
    bare = text.strip(ROUND).rstrip(".;, ")
    apart = separated(bare)
    try:
        ways = [
            way.sizes for way in _ways(lambda point: [sizes(bare, point, locale)], locale, lenient=lenient)
        ]
    except Unreadable:
        if apart is None:
            raise
        ways = []
    if apart is not None:
        ways.append(apart)
    return _distinct(ways)


def _ways(read_with: Callable[[str], list[_Way]], locale: str | None, *, lenient: bool) -> list[_Way]:
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


def _product(way: tuple[Quantity, ...]) -> Fraction:
    product = Fraction(1)
    for size in way:
        product *= size.value
    return product


def _distinct(ways: list[_Written]) -> list[_Written]:
    """The ways without those that come to the same."""
    kept: dict[object, _Written] = {}
    for way in ways:
        numbers = (way,) if isinstance(way, Quantity) else way
        kept.setdefault(tuple((number.value, number.unit) for number in numbers), way)
    return list(kept.values())
