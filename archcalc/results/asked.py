"""What is asked for, of a network or in a question: a quantity, or arithmetic and comparisons of quantities.

    asked   := sum [("<" | "<=" | ">" | ">=" | "==") sum]
    sum     := product {("+" | "-") product}
    product := signed {("*" | "×" | "·" | "/" | "÷") signed}
    signed  := "-" signed | number | quantity | "$" question | "(" asked ")"

A quantity is `[NET:]PATH.QUANTITY[.axis][(batch=128)]`, as everywhere, or `receptive_field(PATH)`; `$a3` is
the answer to the question a3. Names have hyphens, so a minus stands between spaces. A number may have a
prefix and a unit, as in `8 GB`. Results are exact: `/` gives a fraction where it is not whole.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn, TypeAlias, TypeGuard

from archcalc.algebra.units import parse_written, simplest
from archcalc.results.quantities import Answer
from archcalc.words.errors import ArchcalcError, QuantityError
from archcalc.words.text import quote

LONGEST = 300
"""Characters of what a question asks for."""

_DEEPEST = 32
_MOST_BITS = 4_096
"""Of what arithmetic comes to, and of its denominator: some 1,200 digits."""

_NETWORK = r"[^\s:()+*×·/÷<>=$-][^\s:()*×·÷<>=$]*:"
_PIECE = re.compile(
    r"\s*(?:"
    r"(?P<answer>\$[A-Za-z0-9_][A-Za-z0-9_-]*)"
    r"|(?P<number>[0-9][0-9.]*(?:e[+-]?[0-9]+)?"
    r"(?:[ ]?(?:[kMGTPE]i?B|[kKMGT]?(?:MAC|FLOP)s?|[kKMGT]|B)\b|%)?)(?![A-Za-z0-9_.:-])"
    rf"|(?P<field>(?P<before>{_NETWORK})?receptive_field\(\s*(?P<of>[^()\s]+)\s*\))"
    rf"|(?P<name>(?:{_NETWORK})?[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+(?:\([^()]*\))?)"
    r"|(?P<sign><=|>=|==|[-+*×·/÷<>()])"
    r")"
)

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}
_SIGNS = {"×": "*", "·": "*", "÷": "/"}


class Name(NamedTuple):
    """A quantity of one of the networks of an assignment."""

    network: str | None
    """The name that the assignment gives the network; None where the assignment has just one."""
    quantity: str
    """The quantity without its network, as `archcalc.results.quantities` reads it."""

    @property
    def counted(self) -> str:
        """What is counted: `macs` in `conv1.macs(batch=2)`; the axis in `conv1.output.height`."""
        return self.quantity.partition("(")[0].rpartition(".")[2]

    def __str__(self) -> str:
        return self.quantity if self.network is None else f"{self.network}:{self.quantity}"


class Given(NamedTuple):
    """The answer to another question of the assignment."""

    question: str


class Operation(NamedTuple):
    """Two terms and the sign between them; `-` with 0 on its left is a negative number."""

    sign: str
    left: Term
    right: Term


Term: TypeAlias = "Fraction | Name | Given | Operation"


class Asked(NamedTuple):
    """What is asked for, as it was written and taken apart."""

    text: str
    root: Term

    def names(self) -> Iterator[Name]:
        """Every quantity in it, each time it stands there."""
        return (term for term in _terms(self.root) if isinstance(term, Name))

    def given(self) -> Iterator[str]:
        """The questions whose answers it uses."""
        return (term.question for term in _terms(self.root) if isinstance(term, Given))

    def value(self, read: Callable[[Name], Answer], answer: Callable[[str], Answer] | None = None) -> Answer:
        """What it comes to: `read` gives a quantity, `answer` that of another question.

        The same expression read with other functions gives what somebody gets who misreads a network.
        Raises QuantityError where a shape or a word stands in arithmetic, or a divisor is 0.
        """
        return _value(self.root, read, answer, self.text)


def parse_asked(text: str) -> Asked:
    """Take apart what a question asks for. Raises QuantityError where it does not follow the grammar."""
    if len(text) > LONGEST:
        raise QuantityError(
            f"what is asked has {len(text)} characters.",
            hint=f"At most {LONGEST}: split it into questions, and use their answers, as in `$a1 / $a2`.",
        )
    parser = _Parser(text)
    root = parser.comparison()
    if parser.piece:
        parser.unexpected()
    return Asked(text.strip(), root)


def is_arithmetic(text: str) -> bool:
    """Whether a text is meant as more than the name of a quantity or a path: it has a sign or a call of a field."""
    return bool(re.search(r"[+*×·/÷<>=]|\s-|-\s|^\s*[-(]|receptive_field\(", text))


class _Parser:
    """One pass over the pieces of a text; `piece` is the next of them, empty at the end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.depth = 0
        self.piece = ""
        self.kind = ""
        self.match: re.Match[str] | None = None
        self.step()

    def step(self) -> None:
        match = _PIECE.match(self.text, self.place)
        if match is None:
            rest = self.text[self.place :].strip()
            if rest:
                self.unexpected(rest)
            self.piece = self.kind = ""
            return
        self.match, self.place = match, match.end()
        self.kind = match.lastgroup or ""
        self.kind = "field" if match["field"] else self.kind
        self.piece = match[self.kind]

    def comparison(self) -> Term:
        left = self.sum()
        if self.kind == "sign" and self.piece in _COMPARE:
            sign = self.piece
            self.step()
            return Operation(sign, left, self.sum())
        return left

    def sum(self) -> Term:
        return self.chain("+-", self.product)

    def product(self) -> Term:
        return self.chain("*×·/÷", self.signed)

    def chain(self, signs: str, part: Callable[[], Term]) -> Term:
        left = part()
        while self.kind == "sign" and self.piece in signs:
            sign = _SIGNS.get(self.piece, self.piece)
            self.step()
            left = Operation(sign, left, part())
        return left

    def signed(self) -> Term:
        kind, piece, match = self.kind, self.piece, self.match
        self.depth += 1
        if self.depth > _DEEPEST:
            raise QuantityError(f"{quote(self.text)} has too many brackets inside one another.")
        try:
            if kind == "sign" and piece == "-":
                self.step()
                return Operation("-", Fraction(0), self.signed())
            if kind == "sign" and piece == "(":
                self.step()
                inside = self.comparison()
                if self.piece != ")":
                    self.unexpected()
                self.step()
                return inside
        finally:
            self.depth -= 1
        if match is None or kind in ("", "sign"):
            self.unexpected()
        self.step()
        if kind == "number":
            try:
                return parse_written(piece).value
            except ArchcalcError as error:
                raise QuantityError(error.message, hint=error.hint) from None
        if kind == "answer":
            return Given(piece[1:])
        whole = f"{match['before'] or ''}{match['of']}" if kind == "field" else piece
        network, _, quantity = whole.rpartition(":")
        return Name(network or None, f"{quantity}.receptive_field" if kind == "field" else quantity)

    def unexpected(self, rest: str | None = None) -> NoReturn:
        came = quote(rest or self.piece) if rest or self.piece else "the end"
        raise QuantityError(
            f"{quote(self.text, 80)}: {came} was not expected there.",
            hint="Ask for a quantity such as conv1.output, fc6.params or vgg16:total.macs, or for arithmetic "
            "of them: vgg16:total.params / alexnet:total.params, with spaces round the signs.",
        )


def _terms(term: Term) -> Iterator[Term]:
    """A term and all terms inside it."""
    yield term
    if isinstance(term, Operation):
        yield from _terms(term.left)
        yield from _terms(term.right)


def _value(
    term: Term, read: Callable[[Name], Answer], answer: Callable[[str], Answer] | None, text: str
) -> Answer:
    if isinstance(term, Fraction):
        return simplest(term)
    if isinstance(term, Name):
        return read(term)
    if isinstance(term, Given):
        if answer is None:
            raise QuantityError(f"{quote(text)}: there are no answers that it could use.")
        return answer(term.question)
    left = _value(term.left, read, answer, text)
    right = _value(term.right, read, answer, text)
    if term.sign == "==" and not (is_number(left) and is_number(right)):
        return left == right
    for side, came in ((term.left, left), (term.right, right)):
        if not is_number(came):
            raise QuantityError(
                f"{quote(text)}: {quote(str(side)) if isinstance(side, (Name, Given)) else 'a part'} is no number.",
                hint="Arithmetic takes numbers: name an axis of a shape, as in conv1.output.height.",
            )
    return _computed(term.sign, Fraction(left), Fraction(right), text)  # type: ignore[arg-type]


def _computed(sign: str, left: Fraction, right: Fraction, text: str) -> Answer:
    if sign in _COMPARE:
        return _COMPARE[sign](left, right)
    if sign == "/" and not right:
        raise QuantityError(f"{quote(text)} divides by 0.")
    operation = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[sign]
    result: Fraction = operation(left, right)
    if max(result.numerator.bit_length(), result.denominator.bit_length()) > _MOST_BITS:
        # Forty squares of one another, `$1 * $1`, `$2 * $2` and so on, would have more digits than fit anywhere.
        raise QuantityError(f"{quote(text)} comes to a number of more than a thousand digits.")
    return simplest(result)


def is_number(answer: Answer) -> TypeGuard[int | Fraction]:
    """Whether an answer is a number: neither yes or no, nor a shape."""
    return isinstance(answer, (int, Fraction)) and not isinstance(answer, bool)
