"""What a number is in, bytes, MACs, FLOPs or nothing, and whether the unit it is asked in goes with that."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from fractions import Fraction

from archcalc.algebra.units import BITS_PER_BYTE, FLOPS_PER_MAC
from archcalc.grading.assignments.fields import unit_of
from archcalc.grading.model import Question
from archcalc.results.asked import Asked, Given, Name, Operation, Term
from archcalc.results.counts import COUNTS
from archcalc.spec.nodes import text_of
from archcalc.spec.reader import Node
from archcalc.words.errors import ArchcalcError, QuantityError, SpecError
from archcalc.words.text import listing, quote

UNITS = {"B": "B", "MAC": "MACs", "FLOP": "FLOPs"}
"""The unit of a number for which no other is written, by what it is in."""

CONVERSIONS: MappingOf[tuple[str | None, str | None], Fraction] = {
    ("bit", "B"): Fraction(1, BITS_PER_BYTE),
    ("FLOP", "MAC"): Fraction(1, FLOPS_PER_MAC),
    ("MAC", "FLOP"): Fraction(FLOPS_PER_MAC),
    ("%", None): Fraction(1, 100),
    ("×", None): Fraction(1),
    ("×", "%"): Fraction(1),
    ("%", "%"): Fraction(1, 100),
}
"""What a number in one unit is worth in another, both in units of one."""

_WORDS = {"B": "in bytes", "MAC": "in MACs", "FLOP": "in FLOPs", "": "a plain number"}
_WAYS_OUT = {
    "B": "Write MB, GB, MiB and so on.",
    "MAC": "Write MACs, MMACs, GMACs and so on; FLOPs are asked for by total.flops.",
    "FLOP": "Write FLOPs, MFLOPs, GFLOPs and so on; MACs are asked for by total.macs.",
    "": "Leave `unit` out, or write k, M, G or %; bytes are asked for by total.memory, total.param_bytes "
    "and total.activation_bytes.",
}


def unit(node: Node | None, asked: Asked, ask: Node, earlier: MappingOf[str, Question]) -> str | None:
    """The unit of a number: the one that is written, else B, MACs or FLOPs for what is in these.

    Raises SpecError where what is asked is in something else; arithmetic of plain numbers may be anything.
    """
    try:
        kind = _kind(asked.root, earlier)
    except ArchcalcError as error:
        raise error.at(ask.place) from None
    if node is None:
        return UNITS.get(kind)
    written = text_of(node, "`unit`")
    try:
        of = unit_of(written)[1]
    except ArchcalcError as error:
        raise error.at(node.place) from None
    goes = (of or "") == kind or (not kind and (of == "%" or isinstance(asked.root, Operation)))
    if not goes:
        raise SpecError(
            f"the unit {quote(written)} does not go with {quote(asked.text, 80)}, which is {_WORDS[kind]}.",
            hint=_WAYS_OUT[kind],
            place=node.place,
        )
    return written


def scale(node: Node | None) -> Fraction:
    """What a bare number stands for in the unit that is written; 1 without one. Raises OptionError at its place."""
    if node is None:
        return Fraction(1)
    try:
        return unit_of(text_of(node, "`unit`"))[0]
    except ArchcalcError as error:
        raise error.at(node.place) from None


def _kind(term: Term, earlier: MappingOf[str, Question]) -> str:
    """What a number is in: "B", "MAC" or "FLOP", empty for a plain one. Raises QuantityError for a mixture."""
    if isinstance(term, Fraction):
        return ""
    if isinstance(term, Name):
        return COUNTS[term.counted].unit if term.counted in COUNTS else ""
    if isinstance(term, Given):
        of = unit_of(earlier[term.question].unit)[1]
        return "" if of in (None, "%") else of
    left, right = _kind(term.left, earlier), _kind(term.right, earlier)
    if term.sign == "/":
        return "" if right else left
    if left and right and left != right and term.sign in "+-":
        raise QuantityError(
            f"{listing((_WORDS[left], _WORDS[right]), 'and')}: these cannot be added or subtracted.",
            hint="Bring both into one unit first: 1 MAC is 2 FLOPs.",
        )
    return left or right
