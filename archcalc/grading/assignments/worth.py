"""What a question is worth, and how near an answer to it has to be."""

from __future__ import annotations

from fractions import Fraction

from archcalc.grading import codes
from archcalc.grading.assignments import fields
from archcalc.grading.model import Form, Tolerance
from archcalc.results.quantities import Answer
from archcalc.spec.nodes import mapping
from archcalc.spec.reader import Mapping, Node
from archcalc.words.errors import SpecError
from archcalc.words.text import did_you_mean, listing, quote

USUAL_FIGURES = 3
"""The significant figures that do where the exact answer is no whole number of its unit."""

MOST_POINTS = 1_000_000


class Keys:
    """A question's keys, and for those that it lacks the assignment's."""

    def __init__(self, entry: Mapping, defaults: Mapping) -> None:
        self.entry = entry
        self.defaults = defaults

    def get(self, key: str) -> Node | None:
        """The value of a key; None where neither has it."""
        found = self.entry.get(key)
        return self.defaults.get(key) if found is None else found


def points(node: Node | None) -> Fraction:
    """The points of a question; 1 where nothing is said. Raises SpecError."""
    if node is None:
        return Fraction(1)
    found = fields.amount(node, "`points`")
    if found > MOST_POINTS:
        raise SpecError(f"`points` can be at most {MOST_POINTS:,}.", place=node.place)
    return found


def unit_points(given: Keys, form: Form, unit: str | None) -> Fraction:
    """The part of the points that a written unit is worth; 0 where none is asked for. Raises SpecError."""
    node = given.get("unit_points")
    if node is None or form != "number" or unit is None:
        if node is not None and given.entry.get("unit_points") is not None:
            raise SpecError(
                "`unit_points` are for a unit, and this question has none.",
                hint="Give it a `unit`, or leave `unit_points` out.",
                place=node.place,
            )
        return Fraction(0)
    for_unit, whole = fields.amount(node, "`unit_points`"), points(given.get("points"))
    if for_unit > whole:
        raise SpecError(
            f"`unit_points` are a part of the points, at most {whole}, not {for_unit}.", place=node.place
        )
    return for_unit


def tolerance(given: Keys, form: Form, key: Answer, unit: str | None) -> Tolerance:
    """How far from the key an answer may be. Raises SpecError.

    Where nothing is said it has to be exact, and to USUAL_FIGURES where the key is no whole number of its unit.
    """
    own = any(given.entry.get(name) is not None for name in ("tolerance", "figures"))
    source = given.entry if own else given.defaults
    node, figures = source.get("tolerance"), source.get("figures")
    if form != "number":
        if own:
            raise SpecError(
                f"a {form} is right or wrong: it has no tolerance.",
                hint="Leave it out, or ask for a number.",
                place=(node or figures or given.entry).place,
            )
        return Tolerance()
    if node is None and figures is None:
        scale, _ = fields.unit_of(unit)
        is_whole = isinstance(key, int | Fraction) and (key / scale).denominator == 1
        return Tolerance() if is_whole else Tolerance(figures=USUAL_FIGURES)
    return fields.tolerance(node, figures, unit)


def partial(node: Node | None) -> tuple[tuple[str, Fraction], ...]:
    """The share of the points for an answer with a mistake, by its code or its sort. Raises SpecError."""
    if node is None:
        return ()
    found = []
    for key, value in mapping(node, "`partial`").entries:
        if key.text not in codes.SORTS and key.text not in codes.known():
            raise SpecError(
                f"`partial` says what mistakes are worth, and {quote(key.text)} is none.",
                hint=did_you_mean(key.text, (*codes.SORTS, *codes.known()))
                or f"Name one, such as bias-forgotten, or a sort of them: {listing(codes.SORTS)}.",
                place=key.place,
            )
        found.append((key.text, fields.share(value, f"`{key.text}`")))
    return tuple(found)
