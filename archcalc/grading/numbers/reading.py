"""From the text of an answer to a Reading: what stands round the number goes, and ambiguity is decided."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from archcalc.algebra.units import WrittenNumber
from archcalc.grading.model import Form, Reading, Written
from archcalc.grading.numbers.characters import LONGEST, Unreadable, plain, trimmed
from archcalc.grading.numbers.options import is_blank, option, truth
from archcalc.grading.numbers.sizes import named_sizes, separated, sizes
from archcalc.grading.numbers.statements import number
from archcalc.grading.numbers.surroundings import ARROWS, ROUND, label_off
from archcalc.grading.numbers.ways import distinct, ways
from archcalc.words.language import _

_REMARK = re.compile(r" *\((?: *≈[^()]*|[^()0-9]*)\)$")
# Behind three sizes or more nothing that belongs to the shape is left to stand in brackets.
_REMARK_ON_SHAPE = re.compile(
    r"(?P<shape>[^()]*?[0-9]+(?: *[xX×*·] *[0-9]+){2,}) *\([^()]*[^\W\d_]{3}[^()]*\)\.?"
)
_LABEL = re.compile(r"[^\W\d][\w. ]*")
_LETTERS = re.compile(r"[^\W\d_xX×]")


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
            stated = number(bare, locale, lenient=lenient)
            return Reading(shown, stated.ways, shorter=stated.shorter)
        named = named_sizes(bare)
        found = _shape(bare, locale, lenient=lenient) if named is None else [named]
        return Reading(shown, tuple(found), named=named is not None)
    except Unreadable as reason:
        return Reading(shown, (), str(reason))


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


def _one_shape(text: str, locale: str | None, *, lenient: bool) -> list[tuple[WrittenNumber, ...]]:
    bare = text.strip(ROUND).rstrip(".;, ")
    apart = separated(bare)
    try:
        found = [
            way.sizes for way in ways(lambda point: [sizes(bare, point, locale)], locale, lenient=lenient)
        ]
    except Unreadable:
        if apart is None:
            raise
        found = []
    if apart is not None:
        found.append(apart)
    return distinct(found)


def _product(way: tuple[WrittenNumber, ...]) -> Fraction:
    product = Fraction(1)
    for size in way:
        product *= size.value
    return product
