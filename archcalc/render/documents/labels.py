"""Short words for layers: `conv 11×11 /4`, `max_pool 3×3 /2 + relu`, `10 layers`."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from archcalc.algebra.shapes import joined
from archcalc.layers import KINDS
from archcalc.render.formats.sheet import Label
from archcalc.results.folding import Fold
from archcalc.results.report import Row
from archcalc.words.language import _, decimal, ngettext, number

MOST_NAMED = 4
"""Layers that work in place on one row's layer and are named beside it; of more only the number is said."""


def described(fold: Fold) -> Label:
    """What a fold is: the kind of its layer with the numbers that matter, or how many blocks or layers it has."""
    if not fold.is_group:
        first, *others = fold.rows
        tail = [f"+ {row.kind}" for row in others[:MOST_NAMED]]
        if len(others) > MOST_NAMED:
            tail.append(_("+ {count} more").format(count=len(others) - MOST_NAMED))
        return Label(layer(first), tuple(tail))
    layers = ngettext("{count} layer", "{count} layers", len(fold.rows)).format(count=len(fold.rows))
    blocks = _blocks(fold)
    if blocks:
        shown = ngettext("{count} block", "{count} blocks", blocks).format(count=blocks)
        return Label(shown, (f"({layers})",))
    kinds = Counter(row.kind for row in fold.rows if KINDS[row.kind].counts_as_layer)
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return Label(layers, (f"({counts})",) if counts else ())


def _blocks(fold: Fold) -> int:
    """How many blocks or groups a fold consists of; 0 where layers stand beside them."""
    paths = [row.name[len(fold.name) + 1 :].split(".") for row in fold.rows]
    return len({path[0] for path in paths}) if all(len(path) > 1 for path in paths) else 0


def layer(row: Row) -> str:
    """A layer's kind with its main numbers: `conv 11×11 /4`."""
    headline = KINDS[row.kind](**row.config).headline(row.inputs)
    return f"{row.kind} {headline}".rstrip()


def shape(fold: Fold) -> Label:
    """The output of a fold: `96×55×55`, or `256×6×6 = 9216` where it is flattened."""
    flattened = () if fold.output == fold.last_output else (f"= {joined(fold.last_output)}",)
    return Label(joined(fold.output), flattened)


FIGURES = 4
"""Significant figures of what is no whole number; one more than was asked for, if that is more."""


def exact_or_near(value: Fraction, figures: int = 0) -> str:
    """A number exactly where it has few digits, else near: `138,357,544`, `2.5`, `≈ 2.218`."""
    if value.denominator == 1:
        return number(value.numerator)
    digits = max(max(figures, FIGURES) - _digits_before_point(value), 0)
    while digits and not value * 10 ** (digits - 1) % 1:
        digits -= 1
    exact = not value * 10**digits % 1
    return decimal(value, digits) if exact else f"≈ {decimal(value, digits)}"


def _digits_before_point(value: Fraction) -> int:
    """Of 12.3 it is 2, of 0.5 it is 0, of 0.005 it is −2."""
    size = abs(value)
    digits = len(str(size.numerator)) - len(str(size.denominator)) + 1
    return digits if size >= Fraction(10) ** (digits - 1) else digits - 1
