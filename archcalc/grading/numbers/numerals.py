"""One number in plain characters, read with a given decimal sign: its value, and how precisely it is written.

    numeral := [sign] (digits [exponent] | power | fraction | word) [words]
    exponent := ("e" | "×10^") whole
    power := ("10" | "2") "^" whole
    fraction := [whole] whole "/" whole

Thousands stand in threes behind a point or comma (whichever is not the decimal sign), a space, an apostrophe or
an underscore, the same throughout.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from archcalc.algebra.units import WrittenNumber
from archcalc.grading.numbers.characters import APART, POINT, Unreadable, folded
from archcalc.grading.numbers.words import Meaning, meanings, nearest
from archcalc.words.language import _, gettext, marked
from archcalc.words.text import quote

LONGEST_NUMERAL = 40
"""Digits of a number."""

EXAMPLES = marked("138344128, 138M, 1.38e8, 7/3, 8 GB")
"""Numbers that are read the same in every locale."""

LARGEST_EXPONENT = 30
"""Of 10; 100 of 2."""

_TIMES = "[xX×*·.]"
_RAISED = r" *(?:\^|\*\*) *[({]? *(?P<power>[+-]?[0-9]+) *[)}]?"
_WORDS = r"(?P<words>(?![0-9.,^*/]).*)"
_POWER = re.compile(rf"(?P<sign>[+-]?) *(?P<base>10|2){_RAISED}{_WORDS}", re.DOTALL)
_FRACTION = re.compile(
    rf"(?P<sign>[+-]?) *(?:(?P<whole>[0-9]+) +)?(?P<above>[0-9]+) */ *(?P<below>[0-9]+){_WORDS}", re.DOTALL
)
_CALCULATION = re.compile(
    r"[0-9)] *(?:[-+*/×·^]|x(?= *[0-9(])) *\(?-?[0-9(]|[0-9)] +- +[0-9(]", re.IGNORECASE
)

_NUMBER_WORDS = {
    word: number
    for number, words in enumerate(
        (
            "zero nenhum nenhuma none", "um uma one", "dois duas two", "tres three", "quatro four", "cinco five",
            "seis six", "sete seven", "oito eight", "nove nine", "dez ten", "onze eleven", "doze twelve",
        )
    )
    for word in words.split()
}  # fmt: skip


class Numeral(NamedTuple):
    """What a numeral comes to with one decimal sign."""

    quantity: WrittenNumber
    doubtful: bool = False
    """Whether its point or comma may be the other sign although it is the one that the locale has there.

    Of a bare number that is the decimal sign: 3.145 typed in English may be Portuguese for 3145. Before a prefix or a
    word alone it is the sign between thousands, as 138,344M is hardly 138 billion. A unit with a prefix says how large
    it is, and neither sign is in doubt: there are 2,504 MB and 2.504 GB.
    """


def numerals(
    text: str, point: str, locale: str | None, *, about: bool = False, endless: bool = False
) -> list[Numeral]:
    """The ways to read `text` where `point` is the decimal sign; several where its words have several meanings.

    `about` says that the number was given as rounded, so that the zeros at its end do not count; `endless` that
    its decimals go on (`2.333…`), so that it has some. Raises Unreadable.
    """
    for reader in (_power, _fraction, _word):
        read = reader(text, locale)
        if read is not None:
            return read
    match = _literal(point).fullmatch(text)
    if match is None or not (match["grouped"] or match["plain"] or match["decimals"]):
        raise _unreadable(text)
    whole = match["grouped"] or match["plain"] or ""
    decimals = match["decimals"] or ""
    exponents = _exponents(match)
    raised = match["e"] or match["mixed"] or match["power"]
    by_sign = bool(match["grouped"]) and match["by"] in ".,"
    if by_sign and (endless or (raised and re.fullmatch("[0-9].[0-9]{3}", whole))):
        # 1,383×10^8 has one digit before its decimal sign, as such numbers have.
        raise _unreadable(text)
    if endless and not decimals:
        raise Unreadable(_("a number without decimals does not go on: write it in full."))
    mantissa = int(_digits(whole + decimals))
    sign = -1 if match["sign"] == "-" else 1
    found = []
    for meaning in _meant(match["words"], locale, raised=bool(raised), whole=not decimals):
        for exponent in exponents:
            quantum = _shifted(meaning.factor, exponent - len(decimals))
            figures = str(mantissa)
            if about and mantissa and quantum == 1:
                figures = figures.rstrip("0")
                quantum *= 10 ** (len(str(mantissa)) - len(figures))
            value = _shifted(sign * mantissa * meaning.factor, exponent - len(decimals))
            quantity = WrittenNumber(text, value, meaning.unit, len(figures), quantum)
            found.append(Numeral(quantity, _doubtful(meaning, grouped=by_sign, decimals=bool(decimals))))
    return found


def _shifted(number: int, places: int) -> Fraction:
    """A number with its decimal sign so many places further to the right."""
    return Fraction(number * 10**places) if places >= 0 else Fraction(number, 10**-places)


@cache
def _literal(point: str) -> re.Pattern[str]:
    other = "," if point == "." else "."
    return re.compile(
        r"(?P<sign>[+-]?) *"
        rf"(?:"
        rf"(?P<grouped>[1-9][0-9]{{0,2}}(?P<by>[{other} '_{APART}])[0-9]{{3}}(?:(?P=by)[0-9]{{3}})*)"
        r"|(?P<plain>[0-9]+))?"
        rf"(?:[{point}{POINT}](?P<decimals>[0-9]+))?"
        r"(?:[eE](?P<e>[+-]?[0-9]+)"
        rf"| *{_TIMES} *10[eE](?P<mixed>[+-]?[0-9]+)"
        rf"| *{_TIMES} *10{_RAISED})?"
        rf"{_WORDS}",
        re.DOTALL,
    )


def _power(text: str, locale: str | None) -> list[Numeral] | None:
    match = _POWER.fullmatch(text)
    if match is None:
        return None
    sign = -1 if match["sign"] == "-" else 1
    if match["base"] == "10":
        value = Fraction(10) ** _exponent(match["power"])
        digits, quantum = 1, value
    else:
        value = Fraction(2) ** _exponent(match["power"], 100)
        digits, quantum = len(str(value.numerator)), Fraction(1) if value >= 1 else value
    return [
        Numeral(WrittenNumber(text, sign * value * factor, unit, digits, quantum * factor))
        for factor, unit in _meant(match["words"], locale, raised=True)
    ]


def _fraction(text: str, locale: str | None) -> list[Numeral] | None:
    match = _FRACTION.fullmatch(text)
    if match is None:
        return None
    above, below = int(_digits(match["above"])), int(_digits(match["below"]))
    if not below:
        raise Unreadable(_("it divides by 0."))
    if match["whole"] and (above >= below or len(match["above"]) > 2):
        # 1 200/300 may be 1200/300 as well.
        raise _unreadable(text)
    sign = -1 if match["sign"] == "-" else 1
    value = sign * (int(_digits(match["whole"] or "0")) + Fraction(above, below))
    digits = len(match["above"]) + len(match["below"])
    return [
        Numeral(WrittenNumber(text, value * factor, unit, digits, Fraction(0)))
        for factor, unit in _meant(match["words"], locale)
    ]


def _word(text: str, locale: str | None) -> list[Numeral] | None:
    first, _space, rest = text.partition(" ")
    number = _NUMBER_WORDS.get(folded(first))
    if number is None:
        return None
    return [
        Numeral(WrittenNumber(text, Fraction(number * factor), unit, len(str(number)), Fraction(factor)))
        for factor, unit in _meant(f" {rest}", locale, whole=True)
    ]


def _doubtful(meaning: Meaning, *, grouped: bool, decimals: bool) -> bool:
    if meaning.factor == 1:
        return decimals
    return grouped and meaning.unit is None


def _exponents(match: re.Match[str]) -> list[int]:
    if match["mixed"]:
        # 1,38×10e8: with one 10 too many, or meant as 1,38×10^8.
        exponent = _exponent(match["mixed"])
        return [exponent, exponent + 1]
    return [_exponent(match["e"] or match["power"] or "0")]


def _exponent(text: str, largest: int = LARGEST_EXPONENT) -> int:
    exponent = int(text) if len(text) <= 6 else largest + 1
    if abs(exponent) > largest:
        raise Unreadable(
            _("its exponent is out of range: at most {largest} is read.").format(largest=largest)
        )
    return exponent


def _digits(text: str) -> str:
    digits = re.sub("[^0-9]", "", text)
    if len(digits) > LONGEST_NUMERAL:
        raise Unreadable(
            _("it has {count} digits, and at most {most} are read: write it as in 1.38e8.").format(
                count=len(digits), most=LONGEST_NUMERAL
            )
        )
    return digits


def _meant(words: str, locale: str | None, *, raised: bool = False, whole: bool = False) -> Sequence[Meaning]:
    """What the words behind a number mean, which has an exponent (`raised`) or no decimals (`whole`)."""
    said = " ".join(words.split())
    if said == "B" and (raised or (whole and words.startswith(" "))):
        return [Meaning(1, "B")]  # 528 B: nobody writes a billion like that; 7B and 1.5 B they do
    found = meanings(said, locale)
    if not found:
        raise _unknown(said)
    return found


def _unknown(said: str) -> Unreadable:
    if re.search("[0-9]", said):
        if _CALCULATION.search(f"0 {said}"):
            return _a_calculation()
        return Unreadable(_("there is more than one number in it: write the answer alone."))
    if said.casefold().endswith(("/s", "ps")):
        return Unreadable(_("{unit} is so much a second: write the number alone.").format(unit=quote(said)))
    near = nearest(said)
    return Unreadable(
        _("{words} is neither a unit nor what is counted.").format(words=quote(said))
        + (f" {near}" if near else "")
    )


def _unreadable(text: str) -> Unreadable:
    if _CALCULATION.search(text):
        return _a_calculation()
    if re.search("[0-9]", text):
        return Unreadable(
            _("it is not a number that can be read: thousands go in threes, and there is one decimal sign.")
        )
    return Unreadable(
        _("it is not a number: write one such as {examples}.").format(examples=gettext(EXAMPLES))
    )


def _a_calculation() -> Unreadable:
    return Unreadable(_("it is a calculation, a shape or a range: write the one number that it comes to."))
