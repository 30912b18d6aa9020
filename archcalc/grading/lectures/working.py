"""The working that a deck shows, held against what it stands for: what it comes to, and number by number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

from archcalc.algebra.units import WrittenNumber, agreement
from archcalc.grading.lectures.model import Misfit, Terms
from archcalc.results.asked import Asked, Name, Operation, Term, is_number
from archcalc.results.quantities import Answer

Read = Callable[[Name], Answer]


class Checked(NamedTuple):
    """What a working comes to, and the numbers in it that are not what they stand for."""

    value: Fraction
    misfits: tuple[Misfit, ...]


def checked(terms: Terms, asked: Asked, read: Read) -> Checked:
    """A working beside the question it answers: term by term as far as both are built alike.

    `550 MB + (60 MB × 128)` and `total.param_bytes + (total.activation_bytes * 128)` are compared in three
    numbers; `(3×3×3)×64` and `conv1.weights` as a whole. `read` gives a quantity its value.
    """
    numbers = iter(terms.numbers)
    return Checked(_value(terms.asked.root), tuple(_misfits(terms.asked.root, asked.root, numbers, read)))


def _misfits(term: Term, asked: Term, numbers: Iterator[WrittenNumber], read: Read) -> Iterator[Misfit]:
    if isinstance(term, Fraction):
        number = next(numbers)
        right = Asked("", asked).value(read)
        if not is_number(right) or agreement(right, number) == "different":
            yield Misfit(number.text, _text(asked), right)
    elif isinstance(term, Operation) and isinstance(asked, Operation) and term.sign == asked.sign:
        yield from _misfits(term.left, asked.left, numbers, read)
        yield from _misfits(term.right, asked.right, numbers, read)
    else:
        said = [next(numbers).text for _ in range(leaves(term))]
        right = Asked("", asked).value(read)
        if _value(term) != right:
            yield Misfit(" … ".join((said[0], said[-1])), _text(asked), right)


def _value(term: Term) -> Fraction:
    value = Asked("", term).value(_no_quantity)
    assert isinstance(value, int | Fraction)
    return Fraction(value)


def _no_quantity(name: Name) -> Answer:
    raise AssertionError(f"a working has no quantities such as {name}")


def leaves(term: Term) -> int:
    """How many numbers and quantities an expression has."""
    return leaves(term.left) + leaves(term.right) if isinstance(term, Operation) else 1


def _text(term: Term) -> str:
    """A part of a question as it may be asked."""
    if isinstance(term, Operation):
        return f"{_text(term.left)} {term.sign} {_text(term.right)}"
    return str(term)
