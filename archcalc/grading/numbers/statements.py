"""A number and all that is said of it: `35K (34,944)`, `34,944 = 35K`, `≈ 35K, exactly 34,944`, `1792 (27*64 + 64)`.

    answer    := statement {("=" | "→" | "≈" | ", exactly") statement} ["(" aside ")"]
    statement := number | calculation | label

A number that is stated twice is the finer of the two where the shorter one is what it rounds to or is cut off to;
where they differ nothing is guessed, and the answer is not read. A sum or a product in brackets is held to the same,
one in front of `=` is the way to the number: it makes it finer or is passed over, as labels are.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from archcalc.algebra.units import BITS_PER_BYTE, FLOPS_PER_MAC, WrittenNumber, agreement
from archcalc.grading.numbers.calculations import worked_out
from archcalc.grading.numbers.characters import Unreadable
from archcalc.grading.numbers.surroundings import ABOUT, chain, label_off, without_quotes
from archcalc.grading.numbers.ways import distinct, one_number
from archcalc.grading.numbers.words import meanings
from archcalc.words.language import _

_REMARK = re.compile(r" *\([^()0-9]*\)$")
_UNIT_BEHIND = re.compile(r"(?P<number>.*[^\W_]) *\((?P<unit>[^()0-9]{1,20})\)", re.DOTALL)
# ±138M is "mais ou menos".
_ROUGHLY = re.compile(r"^(?:±|\+ ?/ ?-|\+-) *(?=[0-9])")
_EXACTLY = r"exactly|exatamente|exact|exat[oa]|precisely|precisamente|precise|precis[oa]"
_OTHERWISE = (
    rf"(?:i\.e\.|(?:ou seja|isto é|ie|that is|namely|ou melhor|or rather|or|ou|in full|por extenso|in short|"
    rf"rounded(?: up| down| off)?(?: to)?|arredondad[oa](?: para)?|arredondando|{_EXACTLY})\b)[,: ]*"
)
_ALSO = re.compile(rf" *[,;]? *\b{_OTHERWISE}(?=(?:{ABOUT.pattern})?[≈+-]? *[0-9])", re.IGNORECASE)
_SAYING = re.compile(rf"^(?:{_OTHERWISE})+", re.IGNORECASE)
_SAID = re.compile(rf"[, ]+(?:{_EXACTLY}|rounded|arredondad[oa])\.?$", re.IGNORECASE)
# Behind these a bracket belongs to a calculation; behind 20x it does not.
_CALCULATING = re.compile(r"(?:[-+*/·^=≈→:]|(?<![0-9])[xX×]) *$")
# `3 = 55` and `1b = 34944` say which question it is.
_LABEL = re.compile(r"[0-9]{1,2}b?|.*/.*", re.IGNORECASE | re.DOTALL)
_IN = {
    "bit": (Fraction(1, BITS_PER_BYTE), "B"),
    "FLOP": (Fraction(1, FLOPS_PER_MAC), "MAC"),
    "%": (Fraction(1, 100), None),
    "×": (Fraction(1), None),
}
"""The units that are compared in another one, and what one of them is there."""


class Stated(NamedTuple):
    """The ways to read a number, and the shorter numbers that it was given for beside it."""

    ways: tuple[WrittenNumber, ...]
    shorter: tuple[WrittenNumber, ...] = ()


class _Class(NamedTuple):
    """How a class writes numbers."""

    locale: str | None
    lenient: bool


def number(text: str, locale: str | None, *, lenient: bool) -> Stated:
    """What an answer in plain characters says. Raises Unreadable."""
    return _number(text, _Class(locale, lenient))


_ALONE = re.compile(r"[0-9][0-9.,]*[0-9]?(?: ?[^\W\d_x]+)?")
"""One number with a word behind it, as most answers are; nothing has to be taken apart."""


def _number(text: str, by: _Class) -> Stated:
    if _ALONE.fullmatch(text) and ".." not in text:
        with contextlib.suppress(Unreadable):
            return Stated(
                tuple(one_number(text, by.locale, lenient=by.lenient, about=False, endless=False, alone=True))
            )
    text = _ROUGHLY.sub("≈", text)
    parted = _aside(text.rstrip(".;,! "))
    if parted is not None:
        head, inside = parted
        return _joined([_number(head, by), _in_brackets(inside, by)])
    with_unit = _UNIT_BEHIND.fullmatch(text)
    if with_unit is not None and any(
        meaning.unit for meaning in meanings(with_unit["unit"].strip(), by.locale)
    ):
        text = f"{with_unit['number']} {with_unit['unit'].strip()}"
    # A formula is not worked out.
    alone = not text.startswith("=")
    *before, last = chain(_REMARK.sub("", text))
    said = [found for part in before if (found := _in_front(part, by)) is not None]
    return _joined([*said, *_also(last, by, alone=alone)])


def _aside(text: str) -> tuple[str, str] | None:
    """A number and the brackets with another one behind it; None where the brackets belong to a calculation."""
    if text[-1:] not in (")", "]"):
        return None
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += (text[place] in ")]") - (text[place] in "([")
        if not depth:
            break
    head, inside = text[:place], text[place + 1 : -1]
    if depth or not re.search("[0-9]", inside) or not re.search("[0-9]", head) or _CALCULATING.search(head):
        return None
    # 2(3 + 4) is a product, 35K(34,944) and 34.944 (35 mil) are none.
    return (head, inside) if head.endswith(" ") or re.search(r"[^\W\dxX_]$", head) else None


def _in_brackets(text: str, by: _Class) -> Stated:
    """What brackets behind a number say of it. Raises Unreadable for what is something else."""
    text = text.strip()
    try:
        return _number(_saying_off(label_off(text)), by)
    except Unreadable:
        totals = worked_out(re.split("[=≈]", text)[0])
        if not totals:
            raise Unreadable(_("there is more than one number in it: write the answer alone.")) from None
        return Stated(tuple(map(_total, totals)))


def _in_front(text: str, by: _Class) -> Stated | None:
    """What stands in front of `=`: a number, or a way to one, which need not be it; None for a label."""
    bare = without_quotes(text)
    totals = worked_out(bare) if re.search("[+×*·xX]", bare) else ()
    if totals:
        return Stated((), tuple(map(_total, totals)))
    if _LABEL.fullmatch(bare):
        return None
    try:
        return _number(text, by)
    except Unreadable:
        return None


def _also(text: str, by: _Class, *, alone: bool) -> Iterator[Stated]:
    """The statements in a text: 7/3 ≈ 2,33 has two, and so has `35K, exactly 34,944`."""
    endless = text.endswith("..")
    bare = without_quotes(text)
    parts = [part for part in bare.split("≈") if part.strip()]
    if not parts:
        raise Unreadable(_("there is no number in it."))
    for place, part in enumerate(parts):
        pieces = [piece.strip(" ,;") for piece in _ALSO.split(part)]
        pieces = [piece for piece in pieces if piece] if len(pieces) > 1 else [part]
        for number_, piece in enumerate(pieces):
            about = not number_ and (place > 0 or bare.startswith("≈"))
            said = _SAID.sub("", _saying_off(piece))
            try:
                found = one_number(
                    said, by.locale, lenient=by.lenient, about=about, endless=endless, alone=alone
                )
            except Unreadable:
                if _aside(said.strip()) is not None:
                    # A number with its working behind it: what stands beside it is held to it.
                    yield _number(said.strip(), by)
                    continue
                # What stands in front of ≈ may be a way to the number.
                if place == len(parts) - 1 or len(pieces) > 1:
                    raise
            else:
                yield Stated((*found, *_of_two(said, by)))


def _saying_off(text: str) -> str:
    return _SAYING.sub("", text, count=1)


def _of_two(text: str, by: _Class) -> tuple[WrittenNumber, ...]:
    """The finer of two numbers that a slash parts: 34,944/35K is hardly a ratio."""
    parts = text.split("/")
    if len(parts) != len(("above", "below")):
        return ()
    try:
        found = _joined(
            [
                Stated(
                    tuple(
                        one_number(
                            part, by.locale, lenient=by.lenient, about=False, endless=False, alone=False
                        )
                    )
                )
                for part in parts
            ]
        )
    except Unreadable:
        return ()
    return found.ways if found.shorter else ()


def _joined(statements: Sequence[Stated]) -> Stated:
    """One number of several statements of it. Raises Unreadable where they differ."""
    whole, *others = sorted(statements, key=lambda each: not each.ways)
    for other in others:
        pairs = [
            pair
            for one in whole.ways
            for two in other.ways or other.shorter
            if (pair := _finer(one, two)) is not None
        ]
        if pairs:
            shorter = (*whole.shorter, *(other.shorter if other.ways else ()), *(short for _, short in pairs))
            whole = Stated(tuple(distinct([fine for fine, _ in pairs])), shorter)
        elif other.ways:
            raise Unreadable(_("the numbers in it differ: write the answer alone."))
    apart = [short for short in whole.shorter if all(short.value != way.value for way in whole.ways)]
    return Stated(whole.ways, tuple(distinct(apart)))


def _finer(one: WrittenNumber, other: WrittenNumber) -> tuple[WrittenNumber, WrittenNumber] | None:
    """The finer of two numbers and the shorter, where that is what the finer rounds to or is cut off to."""
    brought = sorted(_in_one_unit(one, other), key=lambda pair: (pair[0].quantum, pair[1].unit is None))
    if not brought:
        return None
    (fine, kept), (short, given) = brought
    near = agreement(abs(fine.value), short._replace(value=abs(short.value)))
    if fine.value * short.value < 0 or near == "different":
        return None
    return (kept._replace(unit=given.unit) if given.unit == "×" else kept), given


def _in_one_unit(one: WrittenNumber, other: WrittenNumber) -> list[tuple[WrittenNumber, WrittenNumber]]:
    """Two numbers in a unit of both, each with what it stands for; none where they can have none.

    A number without a unit is in that of the other.
    """
    given = one.unit or other.unit
    if None in (one.unit, other.unit) and _IN.get(given or "", ("", given))[1] is not None:
        one, other = one._replace(unit=given), other._replace(unit=given)
    brought = []
    for each in (one, other):
        factor, unit = _IN.get(each.unit or "", (Fraction(1), each.unit))
        brought.append(
            (each._replace(value=each.value * factor, quantum=each.quantum * factor, unit=unit), each)
        )
    return brought if brought[0][0].unit == brought[1][0].unit else []


def _total(value: Fraction) -> WrittenNumber:
    """What a sum or a product comes to."""
    return WrittenNumber(str(value), value, None, len(str(value.numerator)), Fraction(value.denominator == 1))
