"""Traced numbers: what lets a rule be written once and read in several ways.

A rule such as `(n + 2 * p - f) // s + 1` is a plain function of numbers. Run on ints it gives the number; run
on `Traced` numbers it gives an expression that knows its letters and its value, which `archcalc.algebra.notation`
prints; run on numpy arrays it gives a thousand numbers at once. To stay readable in all these ways a rule
uses only `+ - * //` and the helpers of this module, and never branches on a value.
"""

from __future__ import annotations

from math import prod as _prod
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from fractions import Fraction

    Value: TypeAlias = int | Fraction

Number: TypeAlias = "int | Traced"
Kind: TypeAlias = Literal[
    "symbol", "number", "sum", "negative", "product", "quotient", "floor", "ceiling", "minimum", "maximum"
]


class Traced:
    """An immutable expression: how it was computed (`kind`, `parts`, `name`) and what it came to (`value`).

    Sums and products are flat: `a + (b + c)` has three parts; a subtracted term is a part of kind "negative".
    A "floor" or "ceiling" has two parts and rounds their quotient. Only a "symbol" has a name.
    """

    __slots__ = ("kind", "name", "parts", "value")
    # Keeps numpy from making arrays of expressions: a rule is read on symbols or on arrays, never on both.
    __array_ufunc__ = None

    kind: Kind
    parts: tuple[Traced, ...]
    name: str
    value: Value

    def __init__(self, kind: Kind, value: Value, parts: tuple[Traced, ...] = (), name: str = "") -> None:
        put = object.__setattr__
        put(self, "kind", kind)
        put(self, "value", value)
        put(self, "parts", parts)
        put(self, "name", name)

    def __setattr__(self, attribute: str, value: object) -> NoReturn:
        raise AttributeError(f"a traced number cannot be changed (setting {attribute!r})")

    def __delattr__(self, attribute: str) -> NoReturn:
        raise AttributeError(f"a traced number cannot be changed (deleting {attribute!r})")

    def __repr__(self) -> str:
        inside = self.name or ", ".join(map(repr, self.parts))
        return f"Traced({self.kind} {inside} = {self.value})" if inside else f"Traced({self.value})"

    @property
    def is_symbol(self) -> bool:
        """Whether this is a bare letter."""
        return self.kind == "symbol"

    def __add__(self, other: Number | Fraction) -> Traced:
        return _sum(self, _lift(other)) if _is_exact(other) else NotImplemented

    def __radd__(self, other: int | Fraction) -> Traced:
        return _sum(_lift(other), self) if _is_exact(other) else NotImplemented

    def __sub__(self, other: Number | Fraction) -> Traced:
        return _difference(self, _lift(other)) if _is_exact(other) else NotImplemented

    def __rsub__(self, other: int | Fraction) -> Traced:
        return _difference(_lift(other), self) if _is_exact(other) else NotImplemented

    def __mul__(self, other: Number | Fraction) -> Traced:
        return _product(self, _lift(other)) if _is_exact(other) else NotImplemented

    def __rmul__(self, other: int | Fraction) -> Traced:
        return _product(_lift(other), self) if _is_exact(other) else NotImplemented

    def __floordiv__(self, other: Number | Fraction) -> Traced:
        return _floor(self, _lift(other)) if _is_exact(other) else NotImplemented

    def __rfloordiv__(self, other: int | Fraction) -> Traced:
        return _floor(_lift(other), self) if _is_exact(other) else NotImplemented

    def __neg__(self) -> Traced:
        return Traced("negative", -self.value, (self,))

    def _no_branching(self, *_: object) -> NoReturn:
        raise TypeError(
            f"a rule may not branch on a value, as is done here on {self!r}: "
            "use minimum() or maximum(), or decide by the layer's mode"
        )

    __bool__ = _no_branching
    __eq__ = _no_branching
    __ne__ = _no_branching
    __lt__ = _no_branching
    __le__ = _no_branching
    __gt__ = _no_branching
    __ge__ = _no_branching
    # Without equality there is nothing a hash could agree with.
    __hash__ = None  # type: ignore[assignment]


def symbol(name: str, value: int | Fraction) -> Traced:
    """A letter of a rule with its value: `symbol("C_in", 3)`; what follows a "_" is a subscript."""
    if not _is_exact(value):
        raise TypeError(f"symbol {name!r}: an exact number is needed, not {value!r}")
    return Traced("symbol", _plain(value), name=name)


def traced(number: Number | Fraction) -> Traced:
    """`number` itself if it is traced already, else the constant expression of it."""
    if not _is_exact(number):
        raise TypeError(f"an exact number is needed, not {number!r}")
    return _lift(number)


@overload
def value_of(number: int) -> int: ...
@overload
def value_of(number: Number) -> int | Fraction: ...
def value_of(number: Number) -> int | Fraction:
    """The plain number behind `number`, traced or not."""
    return number.value if isinstance(number, Traced) else number


@overload
def ceil_div(a: int, b: int) -> int: ...
@overload
def ceil_div(a: Any, b: Any) -> Any: ...
def ceil_div(a: Any, b: Any) -> Any:
    """The quotient rounded up: ⌈a/b⌉."""
    if isinstance(a, Traced) or isinstance(b, Traced):
        above, below = traced(a), traced(b)
        return Traced("ceiling", -(-above.value // below.value), (above, below))
    return -(-a // b)


@overload
def exact_div(a: int, b: int) -> int: ...
@overload
def exact_div(a: Any, b: Any) -> Any: ...
def exact_div(a: Any, b: Any) -> Any:
    """The quotient a/b of what is known to divide; ArithmeticError if it does not."""
    if type(a) is int and type(b) is int and not a % b:
        return a // b
    if isinstance(a, Traced) or isinstance(b, Traced):
        above, below = traced(a), traced(b)
        value = _quotient(above.value, below.value)
        return above if _is_literal(below, 1) else Traced("quotient", value, (above, below))
    if hasattr(a, "__array__") or hasattr(b, "__array__"):
        import numpy

        if numpy.any(a % b):
            raise ArithmeticError(f"not every {a} is divisible by {b}")
        return a // b
    return _quotient(a, b)


@overload
def minimum(a: int, b: int) -> int: ...
@overload
def minimum(a: Any, b: Any) -> Any: ...
def minimum(a: Any, b: Any) -> Any:
    """The smaller of two numbers, which a rule takes instead of branching."""
    if type(a) is int and type(b) is int:
        return min(a, b)
    return _extreme("minimum", min, a, b)


@overload
def maximum(a: int, b: int) -> int: ...
@overload
def maximum(a: Any, b: Any) -> Any: ...
def maximum(a: Any, b: Any) -> Any:
    """The larger of two numbers, which a rule takes instead of branching."""
    if type(a) is int and type(b) is int:
        return max(a, b)
    return _extreme("maximum", max, a, b)


@overload
def prod(numbers: Iterable[int]) -> int: ...
@overload
def prod(numbers: Iterable[Any]) -> Any: ...
def prod(numbers: Iterable[Any]) -> Any:
    """The product of all `numbers`; 1 if there are none."""
    return _prod(numbers)


@overload
def total(numbers: Iterable[int]) -> int: ...
@overload
def total(numbers: Iterable[Any]) -> Any: ...
def total(numbers: Iterable[Any]) -> Any:
    """The sum of all `numbers`; 0 if there are none."""
    return sum(numbers)


def quotient(a: Any, b: Any) -> Any:
    """The exact quotient a/b, which need not be whole: a fraction where it is not."""
    from fractions import Fraction

    value = _plain(Fraction(value_of(a)) / value_of(b))
    if isinstance(a, Traced) or isinstance(b, Traced):
        return Traced("quotient", value, (traced(a), traced(b)))
    return value


def alike(a: Number, b: Number) -> bool:
    """Whether two numbers come about in the same way: by the same operations on the same letters and values."""
    if a is b:
        return True
    if not (isinstance(a, Traced) and isinstance(b, Traced)):
        return not isinstance(a, Traced) and not isinstance(b, Traced) and a == b
    return (
        a.kind == b.kind
        and a.name == b.name
        and a.value == b.value
        and len(a.parts) == len(b.parts)
        and all(map(alike, a.parts, b.parts))
    )


def _is_exact(number: object) -> bool:
    if isinstance(number, (int, Traced)):
        return True
    # Whoever holds a Fraction has paid for the import already; everybody else comes here only with a mistake.
    from fractions import Fraction

    return isinstance(number, Fraction)


def _plain(value: int | Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value


def _lift(number: Number | Fraction) -> Traced:
    """A plain number as an expression: -3 is the negative of 3, and 3/2 is a quotient."""
    if isinstance(number, Traced):
        return number
    if number < 0:
        return Traced("negative", _plain(number), (_lift(-number),))
    if number.denominator == 1:
        return Traced("number", number.numerator)
    return Traced("quotient", number, (_lift(number.numerator), _lift(number.denominator)))


def _extreme(kind: Literal["minimum", "maximum"], choose: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    if isinstance(a, Traced) or isinstance(b, Traced):
        first, second = traced(a), traced(b)
        return Traced(kind, choose(first.value, second.value), _flat(kind, first, second))
    if hasattr(a, "__array__") or hasattr(b, "__array__"):
        import numpy

        return getattr(numpy, kind)(a, b)
    return choose(a, b)


def _quotient(a: int | Fraction, b: int | Fraction) -> int | Fraction:
    if isinstance(a, int) and isinstance(b, int):
        if a % b:
            raise ArithmeticError(f"{a} is not divisible by {b}")
        return a // b
    from fractions import Fraction

    return _plain(Fraction(a) / b)


def _is_literal(expression: Traced, value: int) -> bool:
    return expression.kind == "number" and expression.value == value


def _flat(kind: Kind, a: Traced, b: Traced) -> tuple[Traced, ...]:
    return (a.parts if a.kind == kind else (a,)) + (b.parts if b.kind == kind else (b,))


# A constant 0 in a sum or 1 in a product says nothing: it comes from a mode ("no bias") or an empty prod().
def _sum(a: Traced, b: Traced) -> Traced:
    if _is_literal(a, 0):
        return b
    if _is_literal(b, 0):
        return a
    return Traced("sum", a.value + b.value, _flat("sum", a, b))


def _difference(a: Traced, b: Traced) -> Traced:
    return a if _is_literal(b, 0) else _sum(a, -b)


def _product(a: Traced, b: Traced) -> Traced:
    if _is_literal(a, 1):
        return b
    if _is_literal(b, 1):
        return a
    return Traced("product", a.value * b.value, _flat("product", a, b))


def _floor(a: Traced, b: Traced) -> Traced:
    return Traced("floor", a.value // b.value, (a, b))
