"""What stands behind a key of an assignment: a share, a tolerance, a word, a name, or an error with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache

from archcalc.algebra.units import dtype_bytes, parse_written
from archcalc.grading.model import Tolerance
from archcalc.results.analysis import LARGEST_BATCH
from archcalc.results.counts import Convention
from archcalc.spec.nodes import flag, mapping, text_of
from archcalc.spec.reader import Mapping, Node
from archcalc.words.errors import ArchcalcError, SpecError
from archcalc.words.text import did_you_mean, listing, quote

MOST_FIGURES = 15

_NUMBER = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,12})?)(?:/([0-9]{1,12}))?(%)?", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
_LONGEST_NAME = 64


def amount(node: Node, what: str) -> Fraction:
    """A number of at least 0, exactly: `2`, `0.5`, `1/2`, `50%`. Raises SpecError."""
    text = text_of(node, what)
    match = _NUMBER.fullmatch(text.strip())
    if match is None or (match[2] and not int(match[2])):
        raise SpecError(
            f"{what} must be a number of at least 0, not {quote(text)}.",
            hint="Write 2, 0.5, 1/2 or 50%.",
            place=node.place,
        )
    return Fraction(match[1]) / int(match[2] or 1) / (100 if match[3] else 1)


def share(node: Node, what: str) -> Fraction:
    """A part of a whole, from 0 to 1: `1/2`, `0.5`, `50%`. Raises SpecError."""
    found = amount(node, what)
    if found > 1:
        raise SpecError(
            f"{what} is a share, at most 1, not {quote(text_of(node, what))}.",
            hint="Write 1/2, 0.5 or 50%.",
            place=node.place,
        )
    return found


def whole(node: Node, what: str, largest: int) -> int:
    """A whole number from 1 to `largest`. Raises SpecError."""
    text = text_of(node, what)
    if not re.fullmatch("[1-9][0-9]*", text, re.ASCII) or len(text) > 12 or int(text) > largest:
        raise SpecError(
            f"{what} must be a whole number from 1 to {largest:,}, not {quote(text)}.", place=node.place
        )
    return int(text)


def convention(get: Callable[[str], Node | None], usual: Convention) -> Convention:
    """The convention that the keys `bias`, `batch` and `dtype` say; of what they do not say the usual one.

    Raises SpecError, and OptionError at its place for a type that there is not.
    """
    bias, batch, dtype = get("bias"), get("batch"), get("dtype")
    if bias is not None:
        usual = usual._replace(bias=flag(bias, "`bias`"))
    if batch is not None:
        usual = usual._replace(batch=whole(batch, "`batch`", LARGEST_BATCH))
    if dtype is not None:
        usual = usual._replace(dtype=text_of(dtype, "`dtype`"))
        try:
            dtype_bytes(usual.dtype)
        except ArchcalcError as error:
            raise error.at(dtype.place) from None
    return usual


def one_of(node: Node, what: str, words: Sequence[str]) -> str:
    """One of some words. Raises SpecError with the nearest."""
    text = text_of(node, what)
    if text not in words:
        raise SpecError(
            f"{what} cannot be {quote(text)}.",
            hint=did_you_mean(text, words) or f"Write {listing(words)}.",
            place=node.place,
        )
    return text


def name(node: Node, what: str, extra: str = "") -> str:
    """A name: letters, digits, `_`, `-` and the signs in `extra`. Raises SpecError."""
    text = text_of(node, what)
    bad = set(text) & (set(".") - set(extra))
    if not _NAME.fullmatch(text) or bad or len(text) > _LONGEST_NAME:
        raise SpecError(
            f"{what} cannot be {quote(text)}.",
            hint=f"Use letters, digits, _ and -{' and points' if extra else ''}, beginning with none of the last, "
            f"at most {_LONGEST_NAME} characters.",
            place=node.place,
        )
    return text


@lru_cache(maxsize=1_000)
def unit_of(unit: str | None) -> tuple[Fraction, str | None]:
    """What one of `unit` is in units of one, and of what: "B", "MAC", "FLOP", "%" or None.

    `GB` is 10⁹ bytes, `M` a million of whatever is counted, `%` a hundredth. Raises OptionError.
    """
    if unit is None:
        return Fraction(1), None
    found = parse_written(f"1 {unit}")
    return (Fraction(1, 100), "%") if found.unit == "%" else (found.value, found.unit)


def tolerance(node: Node | None, figures: Node | None, unit: str | None) -> Tolerance:
    """The tolerance that `tolerance` and `figures` say.

    `1%` is relative, `0.5` absolute, in the unit of the question; a number with a unit (`100 MB`) is absolute
    in that one; a mapping of relative, absolute and figures has several. `exact` is none. Raises SpecError.
    """
    found = Tolerance()
    if isinstance(node, Mapping):
        given = mapping(node, "`tolerance`", Tolerance._fields)
        relative, absolute = given.get("relative"), given.get("absolute")
        found = Tolerance(
            share(relative, "`relative`") if relative else Fraction(0),
            _absolute(absolute, "`absolute`", unit) if absolute else Fraction(0),
        )
        figures = given.get("figures") or figures
    elif node is not None:
        text = text_of(node, "`tolerance`")
        if text.endswith("%"):
            found = Tolerance(relative=share(node, "`tolerance`"))
        elif text != "exact":
            found = Tolerance(absolute=_absolute(node, "`tolerance`", unit))
    if figures is not None:
        found = found._replace(figures=whole(figures, "`figures`", MOST_FIGURES))
    return found


def _absolute(node: Node, what: str, unit: str | None) -> Fraction:
    text = text_of(node, what)
    if re.fullmatch(_NUMBER, text):
        return amount(node, what) * unit_of(unit)[0]
    try:
        found = parse_written(text)
    except ArchcalcError as error:
        raise SpecError(
            f"{what} cannot be {quote(text)}.",
            hint=f"Write 1%, 0.5 (in the unit of the question), 100 MB or exact. {error.message}",
            place=node.place,
        ) from None
    if found.unit != unit_of(unit)[1]:
        raise SpecError(
            f"{what} is in {quote(found.unit or 'no unit')}, the question in {quote(unit or 'no unit')}.",
            hint="Give both in units of the same kind.",
            place=node.place,
        )
    return found.value
