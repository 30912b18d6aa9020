"""What a scalar of a spec means: a number, true or false, text, or the arithmetic behind a `$`.

The grammar is all that can be written. It has no call, attribute, index, string or power, so there is nothing
to forbid. Precedence and results are Python's:

    expression := comparison ["if" comparison "else" expression]
    comparison := sum {("==" | "!=" | "<" | "<=" | ">" | ">=") sum}
    sum        := product {("+" | "-") product}
    product    := signed {("*" | "/" | "//" | "%") signed}
    signed     := "-" signed | number | "$name" | "(" expression ")"

except that `/` has to come out whole, and that a result such as 24.0 becomes the integer 24, so that
`$width * 0.75` can be a number of channels.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from math import isfinite
from typing import Final

from archcalc.words.errors import ExpressionError
from archcalc.words.text import did_you_mean, listing, quote

__all__ = ["CALLS", "LARGEST", "LONGEST", "Value", "described", "evaluate", "interpret"]

Value = int | float | bool | str | tuple["Value", ...]
"""What a name may stand for and an expression may give; a list of the spec is a tuple."""

LONGEST: Final = 200  # characters of an expression
LARGEST: Final = 10**12  # of any value on the way, with either sign
_DEEPEST: Final = 32  # brackets, signs and conditions inside one another

# Patterns are text here and compiled where they are first needed: most commands never need the long one.
_FLOAT: Final = r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_PIECES: Final = (
    r"[ \t\n]*("
    r"\$[A-Za-z_][A-Za-z0-9_]*"
    r"|(?:[0-9]|\.[0-9])[A-Za-z0-9_.]*(?:(?<=[eE])[+-][0-9]+)?"
    r"|[A-Za-z_][A-Za-z0-9_]*"
    r"|\*\*|//|==|!=|<=|>=|[-+*/%<>()]"
    r")"
)
# Python refuses to read integers of thousands of digits, and nothing is counted in numbers this long.
_LONGEST_NUMBER: Final = 64

_SPACE: Final = " \t\n"
_END: Final = ""
_GRAMMAR: Final = (
    "Arithmetic is numbers, $names, + - * / // %, comparisons, brackets and `a if b else c`, nothing else."
)
CALLS: Final = "There are no calls: the larger of two is `$a if $a > $b else $b`, and // rounds down."
"""The way out where somebody calls a function, such as `max($channels, 8)`."""

_LOGIC: Final = "Say `not` as `0 if $a else 1`, `and` as `$b if $a else 0`, `or` as `1 if $a else $b`."
_TOO_LARGE: Final = "No network has numbers that large."
_SHORTEN: Final = "Put a part of it into a parameter of its own."

_Number = int | float
_Run = Callable[[Mapping[str, Value]], Value]
_Rule = Callable[[_Number, _Number], _Number]


def interpret(text: str, quoted: bool = False) -> int | float | bool | str:
    """The value that a scalar's text stands for.

    Decimal integers, finite floats with a point or an exponent, `true` and `false`; everything else is text,
    and so is whatever was `quoted`. Hence `010`, `1:30`, `1_000`, `0x10`, `.nan`, `1e999`, `no` and `null`
    are text.
    """
    return text if quoted or len(text) > _LONGEST_NUMBER else _interpreted(text)


@lru_cache(maxsize=2048)
def _interpreted(text: str) -> int | float | bool | str:
    digits = text.removeprefix("-")
    if not digits.isascii() or digits[:1] not in "0123456789.":
        return text == "true" if text in ("true", "false") else text
    if digits.isdecimal():
        return text if digits[0] == "0" and digits != "0" else int(text)
    if re.fullmatch(_FLOAT, text):
        number = float(text)
        return number if isfinite(number) else text
    return text


def evaluate(text: str, names: Mapping[str, Value]) -> Value:
    """The value of an expression, with `names` for what stands behind each `$`.

    `$name` alone gives the value of the name as it is, whatever its type. In arithmetic and in comparisons
    every operand has to be a number; a condition may be a number too, or true or false.

    Raises ExpressionError, without a place, for text that is not of the grammar or longer than 200
    characters, for a name that is not in `names`, for a division by zero or one that does not come out whole,
    and for values beyond 10¹².
    """
    if len(text) > LONGEST:
        raise _error(
            text,
            f"{len(text):,} characters, expected at most {LONGEST}.",
            _SHORTEN,
        )
    return _compiled(text)(names)


@lru_cache(maxsize=2048)
def _compiled(text: str) -> _Run:
    alone = text.strip(_SPACE)
    if alone[:1] == "$" and alone.isascii() and alone[1:].isidentifier():
        return _named(alone[1:], text)
    return _in_whole_numbers(_Parser(text).parse())


def _error(text: str, message: str, hint: str | None = None) -> ExpressionError:
    return ExpressionError(f"{quote(text)}: {message}", hint=hint)


class _Parser:
    """Recursive descent over the tokens of one expression, to closures that compute it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _split(text)
        self.at = 0
        self.depth = 0

    def parse(self) -> _Run:
        run = self._expression()
        token = self._take()
        if token != _END:
            raise _error(self.text, f"expected an operator, came {quote(token)}.", _way_out(token, self.text))
        return run

    def _take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def _takes(self, token: str) -> bool:
        """Goes past the token if it is the next one."""
        if self.tokens[self.at] != token:
            return False
        self.at += 1
        return True

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _error(
                self.text,
                f"nested more than {_DEEPEST} deep.",
                _SHORTEN,
            )

    def _expression(self) -> _Run:
        self._deeper()
        run = self._chain(_COMPARISONS, _compared, self._sum)
        if self._takes("if"):
            condition = self._chain(_COMPARISONS, _compared, self._sum)
            if not self._takes("else"):
                raise _error(self.text, "an `if` needs its `else`.", "Write `a if b else c`.")
            run = _chosen(run, condition, self._expression(), self.text)
        self.depth -= 1
        return run

    def _sum(self) -> _Run:
        return self._chain(_SUMS, _computed, self._product)

    def _product(self) -> _Run:
        return self._chain(_PRODUCTS, _computed, self._signed)

    def _chain(
        self,
        rules: Mapping[str, _Rule],
        join: Callable[[_Run, list[tuple[str, _Rule, _Run]], str], _Run],
        operand: Callable[[], _Run],
    ) -> _Run:
        first = operand()
        others: list[tuple[str, _Rule, _Run]] = []
        while self.tokens[self.at] in rules:
            sign = self._take()
            others.append((sign, rules[sign], operand()))
        return join(first, others, self.text) if others else first

    def _signed(self) -> _Run:
        if not self._takes("-"):
            return self._operand()
        self._deeper()
        run = _negated(self._signed(), self.text)
        self.depth -= 1
        return run

    def _operand(self) -> _Run:
        if self._takes("("):
            run = self._expression()
            if not self._takes(")"):
                raise _error(self.text, "a bracket is never closed.", "Close it with `)`.")
            return run
        token = self._take()
        if token[:1] == "$":
            return _named(token[1:], self.text)
        if token[:1].isdecimal() or token[:1] == ".":
            return _constant(token, self.text)
        is_word = token.isidentifier() and token not in _WORDS
        called = is_word and self.tokens[self.at] == "("
        raise _error(
            self.text,
            f"expected a number or a $name, came {quote(token) if token else 'nothing more'}.",
            f"Write ${token}." if is_word and not called else _way_out("(" if called else token, self.text),
        )


def _way_out(came: str, text: str) -> str:
    """The way out where something came that arithmetic does not have."""
    if came == "(" or (came == "," and "(" in text):
        return CALLS
    return _LOGIC if came in _LOGICAL else _GRAMMAR


def _split(text: str) -> list[str]:
    tokens: list[str] = []
    piece = re.compile(_PIECES)
    at, end = 0, len(text.rstrip(_SPACE))
    while at < end:
        found = piece.match(text, at)
        if found is None:
            character = text[at:].lstrip(_SPACE)[0]
            if character == "$":
                raise _error(text, "a `$` needs a name right behind it.", "For example `$width * 4`.")
            raise _error(text, f"{quote(character)} has no meaning in arithmetic.", _way_out(character, text))
        if found[1] == "**":
            raise _error(text, "there are no powers.", "Multiply: `$n * $n`.")
        tokens.append(found[1])
        at = found.end()
    return [*tokens, _END]


def _named(name: str, text: str) -> _Run:
    def run(names: Mapping[str, Value]) -> Value:
        try:
            return names[name]
        except KeyError:
            known = sorted(f"${each}" for each in names)
        near = did_you_mean(f"${name}", known)
        there = f"What there is: {listing(known, 'and')}." if known else "There are no names here."
        raise _error(text, f"there is no ${name}.", f"{near} {there}".lstrip())

    return run


def _constant(token: str, text: str) -> _Run:
    value = interpret(token)
    if not isinstance(value, (int, float)) or abs(value) > LARGEST:
        raise _error(text, f"{quote(token)} is not a decimal number up to 10^12.", "For example 96 or 0.5.")
    return lambda _names: value


def _in_whole_numbers(inner: _Run) -> _Run:
    def run(names: Mapping[str, Value]) -> Value:
        value = inner(names)
        return int(value) if type(value) is float and value.is_integer() else value

    return run


def _computed(first: _Run, others: list[tuple[str, _Rule, _Run]], text: str) -> _Run:
    def run(names: Mapping[str, Value]) -> Value:
        value = first(names)
        for sign, rule, other in others:
            right = other(names)
            if type(value) is not int or type(right) is not int:
                value, right = _number(value, sign, text), _number(right, sign, text)
            left = value
            try:
                value = rule(left, right)
            except (ZeroDivisionError, _UnevenError) as error:
                raise _indivisible(error, left, sign, right, text) from None
            if not -LARGEST <= value <= LARGEST:
                raise _error(text, "the result is beyond 10^12.", _TOO_LARGE)
        return value

    return run


def _indivisible(error: Exception, left: _Number, sign: str, right: _Number, text: str) -> ExpressionError:
    # A name may stand for a number of thousands of digits, which Python refuses to print.
    shown = f"{_number(left, sign, text)} {sign} {_number(right, sign, text)}"
    if isinstance(error, ZeroDivisionError):
        return _error(text, f"{shown} divides by zero.", "Check what the names in it stand for.")
    return _error(text, f"{shown} does not come out whole.", "Use // to round down, or % for the remainder.")


def _compared(first: _Run, others: list[tuple[str, _Rule, _Run]], text: str) -> _Run:
    def run(names: Mapping[str, Value]) -> Value:
        left = first(names)
        for sign, rule, other in others:
            right = other(names)
            if not rule(_number(left, sign, text), _number(right, sign, text)):
                return False
            left = right
        return True

    return run


def _negated(inner: _Run, text: str) -> _Run:
    return lambda names: -_number(inner(names), "-", text)


def _chosen(then: _Run, condition: _Run, otherwise: _Run, text: str) -> _Run:
    def run(names: Mapping[str, Value]) -> Value:
        value = condition(names)
        if not isinstance(value, (int, float)):
            raise _error(
                text,
                f"expected true, false or a number behind `if`, came {described(value)}.",
                "Truth is written `true` and `false`.",
            )
        return then(names) if value else otherwise(names)

    return run


def _number(value: Value, sign: str, text: str) -> _Number:
    if type(value) is int or type(value) is float:
        if -LARGEST <= value <= LARGEST:
            return value
        raise _error(text, "a value is beyond 10^12.", _TOO_LARGE)
    raise _error(
        text,
        f"`{sign}` works on numbers, came {described(value)}.",
        f"True and false are conditions: `2 if $a else 1`. {_LOGIC}"
        if isinstance(value, bool)
        else "A list or a word stands alone: `$name`, without arithmetic.",
    )


def described(value: Value) -> str:
    """A value in words, for a message: `true`, `a list of 3`, or itself in quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"a list of {len(value)}"
    return quote(str(value))


class _UnevenError(Exception):
    """A division that does not come out whole."""


def _divide(left: _Number, right: _Number) -> _Number:
    if type(left) is int and type(right) is int:
        quotient, remainder = divmod(left, right)
        if remainder:
            raise _UnevenError
        return quotient
    result = left / right
    # What overflowed is not uneven, it is too large.
    if isfinite(result) and not result.is_integer():
        raise _UnevenError
    return result


_COMPARISONS: Final[dict[str, _Rule]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SUMS: Final[dict[str, _Rule]] = {"+": operator.add, "-": operator.sub}
_PRODUCTS: Final[dict[str, _Rule]] = {
    "*": operator.mul,
    "/": _divide,
    "//": operator.floordiv,
    "%": operator.mod,
}
_LOGICAL: Final = frozenset({"and", "or", "not", "!", "&", "|"})
# Words that nobody means as the name of a parameter.
_WORDS: Final = frozenset({"if", "else", "and", "or", "not", "in", "is", "lambda", "true", "false"})
