"""From the text of an answer to a Reading: what stands round the number goes, and ambiguity is decided."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeVar

from archcalc.grading.model import Form, Reading, Written
from archcalc.grading.numbers.characters import LONGEST, Unreadable, plain, trimmed
from archcalc.grading.numbers.numerals import Numeral, numerals
from archcalc.grading.numbers.options import is_blank, option, truth
from archcalc.grading.numbers.sizes import Sizes, named_sizes, separated, sizes
from archcalc.language import LANGUAGES, _
from archcalc.units import Quantity

_ABOUT = re.compile(
    r"(?:cerca de|por volta de|em torno de|perto de|mais ou menos|aproximadamente|aprox\.?|quase|approximately|"
    r"approx\.?|about|around|roughly|nearly|almost|circa|ca?\.(?=\s))\s*",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"(?:(?:o|a|the|total|resposta|answer|resultado|result|valor|value)\s+)+(?:(?:é|e|is|are|são|sao|de|of)\s+)?(?=\S)",
    re.IGNORECASE,
)
_REMARK = re.compile(r" *\((?: *≈[^()]*|[^()0-9]*)\)$")
_INEQUALITY = re.compile("[<>≤≥≠±]")
_ARROWS = re.compile("[=→]")
# Between two signs: an answer and the name of the next one, as in `C=96 H=55`.
_ANOTHER = re.compile(r"[0-9][^=]*[\s,]+(?:[A-Za-z]|[A-Za-z_]+[0-9]+)\s*$")
# In front of a colon: an answer before the label of the next one, as in `34944; conv2: 614656`.
_AN_ANSWER = re.compile(r";|[0-9]{3,} *,")
_LABEL = re.compile(r"[^\W\d][\w. ]*")
_LETTERS = re.compile(r"[^\W\d_xX×]")
_ROUND = " '\"*$"

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
    bare = _final(_REMARK.sub("", text))
    endless = bare.endswith("..")
    bare = _bare(bare)
    # 7/3 ≈ 2,33: the more precise is the answer if the other is what it rounds to.
    parts = [part for part in bare.split("≈") if part.strip()]
    if not parts:
        raise Unreadable(_("there is no number in it."))
    about = bare.startswith("≈")
    found: list[list[Quantity]] = []
    for place, part in enumerate(parts):
        try:
            found.append(
                _one_number(part, locale, lenient=lenient, about=about or place > 0, endless=endless)
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
    text: str, locale: str | None, *, lenient: bool, about: bool, endless: bool
) -> list[Quantity]:
    text = _bare(text)
    while True:
        match = _ABOUT.match(text) or _LEADING.match(text)
        if match is None:
            break
        about = about or _ABOUT.match(text) is not None
        text = text[match.end() :]
    times = re.fullmatch(r"[xX×] *([0-9].*)", text)
    if times is not None:
        text = f"{times[1]}×"
    ways = _ways(
        lambda point: numerals(text, point, locale, about=about, endless=endless), locale, lenient=lenient
    )
    found = [way.quantity for way in ways]
    if re.match("- ", text):
        # A minus, or the dash of a list.
        found += [number._replace(value=-number.value) for number in found]
    return _distinct(found)


def _shape(text: str, locale: str | None, *, lenient: bool) -> list[Written]:
    parts = _ARROWS.split(_REMARK.sub("", text))
    if not all(_LABEL.fullmatch(part.strip()) or not _LETTERS.search(part) for part in parts[:-1]):
        raise Unreadable(_("there is more than the shape in it: write a shape such as 55x55x96 alone."))
    body = _label_off(parts[-1])
    before = _label_off(parts[-2]) if len(parts) > 1 else ""
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
    bare = text.strip(_ROUND).rstrip(".;, ")
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
    scaled = any(way.scaled for way in usual)
    # 8,3 and 8,357 GB are below a thousand of their unit, as numbers with a prefix are: there the decimal sign is
    # clear and the thousands are not.
    clear = any(way.grouped for way in usual) != scaled
    return usual if own is not None and (lenient or clear) else usual + other


def _final(text: str) -> str:
    """What stands behind the last `=`, arrow or label."""
    if _INEQUALITY.search(text):
        raise Unreadable(_("it is a bound, not a number: write the number itself."))
    *before, last = _ARROWS.split(text)
    if any(";" in part for part in before) or any(_ANOTHER.search(part) for part in before[1:]):
        raise Unreadable(_("there is more than one number in it: write the answer alone."))
    return _label_off(last)


def _label_off(text: str) -> str:
    label, colon, rest = text.rpartition(":")
    if not colon:
        return text
    several = (":" in label and re.search(r"(?<![\w.])[0-9]", label)) or _AN_ANSWER.search(label)
    if several or not re.search(r"[^\W\d_]", label) or not rest.strip():
        raise Unreadable(_("what stands behind the colon is not clear: write the answer alone."))
    return rest


def _bare(text: str) -> str:
    """Without quotes, brackets and emphasis around it, and the sign that ends a sentence."""
    bare = text.strip(_ROUND).rstrip(".;,! ").strip(_ROUND)
    while len(bare) > 1 and bare[0] + bare[-1] in ("()", "[]"):
        bare = bare[1:-1].strip(_ROUND)
    return bare


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
