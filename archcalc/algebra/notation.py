"""Traced numbers on paper: as text, as LaTeX, with the field's letters or with the numbers put in.

Brackets are set by precedence and no more of them than needed, except that a quotient followed by another
factor is bracketed in text: `(C/G)·K` could otherwise be read as C/(G·K).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Generic, Literal, TypeVar

from archcalc.algebra.symbols import Number, Traced, traced
from archcalc.words import markup
from archcalc.words.language import language, number

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

    from archcalc.algebra.symbols import Value

Style = Literal["text", "latex", "markdown"]

MOST_REMEMBERED = 4_096
"""What is kept at hand of each kind: layers alike stand near each other, and memory stays bounded."""

_BLANK = "\0"

_TEMPLATES: dict[tuple[tuple[object, ...], Style, str], tuple[str, str]] = {}
"""Expressions of one form in letters, and in numbers with `%s` for the value of each letter."""

# How tightly a piece of writing holds together, loosest first.
_SUM, _PRODUCT, _QUOTIENT, _ATOM = range(4)


def text(expression: Number, numbers: bool = False) -> str:
    """`expression` in one line, `⌊(N + 2·P − F)/S⌋ + 1`; with `numbers`, its values for its letters."""
    return _Text(numbers).write(traced(expression))[0]


def latex(expression: Number, numbers: bool = False) -> str:
    """`expression` as LaTeX for math mode; with `numbers`, its values for its letters."""
    return _Latex(numbers).write(traced(expression))[0]


def derivation(expression: Number, style: Style = "text") -> str:
    r"""The whole working: letters = numbers = value, without steps that repeat the one before.

    "latex" is for math mode, "markdown" is the same between dollar signs.
    """
    return derivations(expression, style)[0]


def derivations(expression: Number, *styles: Style) -> tuple[str, ...]:
    """The working of one number in several styles: what all of them read off it is read once."""
    whole = traced(expression)
    form, leaves = _form(whole)
    return tuple(_derived(whole, form, leaves, style) for style in styles)


def _derived(whole: Traced, form: tuple[object, ...], leaves: list[Value], style: Style) -> str:
    if style == "markdown":
        return f"${_derived(whole, form, leaves, 'latex')}$"
    code = language().code
    known = _TEMPLATES.get((form, style, code))
    if known is None:
        if len(_TEMPLATES) >= MOST_REMEMBERED:
            _TEMPLATES.clear()
        writer = _WRITERS[style]
        blank = writer(numbers=True, blank=True).write(whole)[0].replace("%", "%%").replace(_BLANK, "%s")
        _TEMPLATES[form, style, code] = known = writer(numbers=False).write(whole)[0], blank
    letters, blank = known
    put_in = blank % tuple([_value(leaf, style, code) for leaf in leaves])
    value = _value(whole.value, style, code)
    steps = [step for step, after in ((letters, (put_in, value)), (put_in, (value,))) if step not in after]
    return " = ".join([*steps, value])


@lru_cache(maxsize=MOST_REMEMBERED)
def _value(value: Value, style: Style, _code: str) -> str:
    """A value as it is put in for its letter, in the language of the moment, whose code is given."""
    return _WRITERS[style](numbers=True).value(value)[0]


def _form(whole: Traced) -> tuple[tuple[object, ...], list[Value]]:
    """All of an expression that its writing depends on beside the values of its letters; and those values in order.

    Of a value only its sign counts, and whether it is whole: they decide about brackets.
    """
    form: list[object] = []
    values: list[Value] = []
    waiting = [whole]
    while waiting:
        part = waiting.pop()
        if part.kind == "symbol":
            values.append(part.value)
            form += (part.name, part.value < 0, type(part.value) is int)
        elif part.kind == "number":
            form += (part.kind, part.value)
        else:
            form += (part.kind, len(part.parts))
            waiting.extend(reversed(part.parts))
    return tuple(form), values


T = TypeVar("T")


class Made(Generic[T]):
    """What one document makes of things that stand in it many times: once of each."""

    def __init__(self, make: Callable[[T], str]) -> None:
        self._make = make
        self._made: dict[int, tuple[T, str]] = {}

    def __call__(self, thing: T) -> str:
        """What is made of it."""
        known = self._made.get(id(thing))
        if known is None:
            if len(self._made) >= MOST_REMEMBERED:
                self._made.clear()
            # The thing itself is kept beside it, so that no other can have its identity.
            self._made[id(thing)] = known = thing, self._make(thing)
        return known[1]


class Derivations(Made["Number"]):
    """What one document writes of numbers."""

    def __init__(self, make: Callable[[Number], str] = derivation) -> None:
        super().__init__(make)


class _Text:
    minus = "−"
    times = "·"
    functions: ClassVar[dict[str, tuple[str, str]]] = {
        "minimum": ("min(", ")"),
        "maximum": ("max(", ")"),
        "floor": ("⌊", "⌋"),
        "ceiling": ("⌈", "⌉"),
    }
    brackets = ("(", ")")
    comma = ","

    def __init__(self, numbers: bool, blank: bool = False) -> None:
        self.numbers = numbers
        """Whether the values of letters are written in their place."""
        self.blank = blank
        """Whether a blank is left for each of these values."""

    def write(self, expression: Traced) -> tuple[str, int]:
        """The writing of `expression` and how tightly it holds together."""
        parts = expression.parts
        match expression.kind:
            case "symbol":
                return self.letter_or_value(expression)
            case "number":
                return self.value(expression.value)
            case "sum" | "negative":
                return self.sum(parts if expression.kind == "sum" else (expression,)), _SUM
            case "product":
                return self.product(parts), _PRODUCT
            case "quotient":
                return self.quotient(self.write(parts[0]), self.write(parts[1]))
            case "floor" | "ceiling":
                inside = [self.quotient(self.write(parts[0]), self.write(parts[1]))[0]]
            case _:
                inside = [self.write(part)[0] for part in parts]
        before, after = self.functions[expression.kind]
        return before + ", ".join(inside) + after, _ATOM

    def letter_or_value(self, symbol: Traced) -> tuple[str, int]:
        if not self.numbers:
            return self.name(symbol.name), _ATOM
        written, tightness = self.value(symbol.value)
        return (_BLANK if self.blank else written), tightness

    def value(self, value: int | Fraction) -> tuple[str, int]:
        """A plain number, its thousands apart."""
        if type(value) is int and value >= 0:
            return number(value).replace(",", self.comma), _ATOM
        if value < 0:
            return self.minus + self.value(-value)[0], _SUM
        above, below = (
            (number(whole).replace(",", self.comma), _ATOM) for whole in (value.numerator, value.denominator)
        )
        return above if value.denominator == 1 else self.quotient(above, below)

    def sum(self, terms: tuple[Traced, ...]) -> str:
        pieces: list[str] = []
        for term in terms:
            negative = term.kind == "negative"
            piece = self.write(term.parts[0] if negative else term)
            if pieces:
                pieces.append(f" {self.minus} " if negative else " + ")
            elif negative:
                pieces.append(self.minus)
            pieces.append(self.bracketed(piece, _SUM) if pieces else piece[0])
        return "".join(pieces)

    def product(self, factors: tuple[Traced, ...]) -> str:
        pieces = [self.bracketed(self.write(factor), _QUOTIENT) for factor in factors[:-1]]
        return self.times.join([*pieces, self.bracketed(self.write(factors[-1]), _PRODUCT)])

    def quotient(self, above: tuple[str, int], below: tuple[str, int]) -> tuple[str, int]:
        numerator = above[0] if above[1] == _PRODUCT else self.bracketed(above, _QUOTIENT)
        return f"{numerator}/{self.bracketed(below, _QUOTIENT)}", _QUOTIENT

    def bracketed(self, piece: tuple[str, int], level: int) -> str:
        """`piece`, in brackets if it holds together no better than `level`."""
        written, tightness = piece
        return self.brackets[0] + written + self.brackets[1] if tightness <= level else written

    def name(self, name: str) -> str:
        return name


class _Latex(_Text):
    minus = "-"
    times = r" \cdot "
    functions: ClassVar[dict[str, tuple[str, str]]] = {
        "minimum": (r"\min\left(", r"\right)"),
        "maximum": (r"\max\left(", r"\right)"),
        "floor": (r"\left\lfloor", r"\right\rfloor"),
        "ceiling": (r"\left\lceil", r"\right\rceil"),
    }
    brackets = (r"\left(", r"\right)")
    comma = "{,}"

    def product(self, factors: tuple[Traced, ...]) -> str:
        first, second = factors[:2]
        if not self.numbers and first.kind == "number" and second.kind == "symbol":
            coefficient = self.write(first)[0] + self.write(second)[0]
            return self.times.join([coefficient, *([super().product(factors[2:])] if factors[2:] else [])])
        return super().product(factors)

    def quotient(self, above: tuple[str, int], below: tuple[str, int]) -> tuple[str, int]:
        return rf"\frac{{{above[0]}}}{{{below[0]}}}", _ATOM

    def name(self, name: str) -> str:
        base, *subscripts = map(self.letter, name.split("_"))
        if not name.isascii() or not name.replace("_", "").isalnum() or "" in (base, *subscripts):
            return rf"\text{{{markup.latex(name)}}}"
        return base + (f"_{{{','.join(subscripts)}}}" if subscripts else "")

    def letter(self, name: str) -> str:
        """A single letter as it is, a word upright: in italics it would read as a product."""
        return name if len(name) < 2 else rf"\mathrm{{{name}}}"


_WRITERS: dict[str, type[_Text]] = {"text": _Text, "latex": _Latex}
