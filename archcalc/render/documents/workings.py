"""How the right answer to a question comes about, line by line, with the numbers put in."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from archcalc.algebra.notation import derivation
from archcalc.algebra.symbols import value_of
from archcalc.derivations.explanation import Explanation, Known, explain
from archcalc.grading.model import Assignment, Question
from archcalc.layers.base import Number
from archcalc.render.documents.labels import exact_or_near
from archcalc.render.documents.of_explanation import Part, parts_of
from archcalc.render.homework.answers import answer
from archcalc.results.asked import Given, Name, Operation, Term
from archcalc.results.counts import Convention
from archcalc.results.quantities import Answer, written
from archcalc.words.errors import QuantityError
from archcalc.words.language import _, gettext, language, ngettext, number
from archcalc.words.markup import LONGEST
from archcalc.words.text import printable

MOST_TERMS = 40
"""Terms of a sum that are written out."""

LONGEST_LEGEND = 200
"""Characters of what the letters stand for that stand in one line; a longer legend takes several."""

LEGEND_WIDTH = 90
"""Characters of each of these."""

_SIGNS = {"*": "·", "/": "/", "+": "+", "-": "−"}
_TIGHTNESS = {"+": 1, "-": 1, "*": 2, "/": 2}


class _Quantity(NamedTuple):
    """A quantity by the network it is of and by what is counted."""

    network: str
    quantity: str
    convention: Convention


class Line(NamedTuple):
    """One line of a working: a text, and behind it a number with how it comes about, if there is one."""

    text: str
    expression: Number | None = None

    @property
    def plain(self) -> str:
        """The line as plain text."""
        return self.text if self.expression is None else f"{self.text}: {derivation(self.expression)}"


class Workings:
    """The workings of an assignment, each made once in a language."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._questions = {question.id: question for question in assignment.questions}
        self._lines: dict[tuple[str, str], tuple[Line, ...]] = {}
        self._plain: dict[tuple[str, str], tuple[str, ...]] = {}
        self._explained: dict[tuple[_Quantity, str], Explanation] = {}
        self._known = Known(published=False)
        self._letters: dict[str, str] = {}
        """What the letters of the working at hand stand for."""

    def lines(self, question: Question) -> tuple[str, ...]:
        """The working of the right answer in lines of plain text, indented below what they belong to."""
        key = question.id, language().code
        if key not in self._plain:
            self._plain[key] = tuple(printable(line.plain, LONGEST) for line in self.formulas(question))
        return self._plain[key]

    def formulas(self, question: Question) -> tuple[Line, ...]:
        """The same lines with their numbers, for formats that write formulas in their own way."""
        key = question.id, language().code
        if key not in self._lines:
            self._letters.clear()
            self._lines[key] = (*self._of(question), *self._legend())
        return self._lines[key]

    def _of(self, question: Question) -> Iterator[Line]:
        if question.asked is not None:
            yield from self._asked(question, question.asked.root)
        if question.why:
            yield Line(gettext(question.why))
        for option in question.options if question.pick else ():
            value = "" if option.value is None else _near(option.value)
            text = f" ({option.text})" if option.text != option.label else ""
            yield Line(f"{option.label}: {value}{text}")

    def _legend(self) -> Iterator[Line]:
        """The letters with their meanings, in a line or as many as they need."""
        meanings = [f"{letter}: {meaning}" for letter, meaning in self._letters.items()]
        width = LONGEST_LEGEND if len(" · ".join(meanings)) <= LONGEST_LEGEND else LEGEND_WIDTH
        line = ""
        for meaning in meanings:
            longer = f"{line} · {meaning}" if line else meaning
            if line and len(longer) > width:
                yield Line(line)
                line = meaning
            else:
                line = longer
        if line:
            yield Line(line)

    def _asked(self, question: Question, root: Term) -> Iterator[Line]:
        alone = isinstance(root, Name)
        for name in dict.fromkeys(_names(root)):
            yield from self._quantity(name, question.convention, short=not alone)
        if not alone:
            in_words, in_numbers = (self._written(root, question, put_in) for put_in in (False, True))
            right = answer(question, question.key) if question.form != "choice" else ""
            in_ones = _near(question.key) if question.unit is not None else ""
            steps = (in_words, in_numbers, "" if right.startswith(in_ones) else in_ones, right)
            yield Line(_equal(*(step for i, step in enumerate(steps) if step and step not in steps[:i])))
        elif question.form == "number" and question.unit is not None:
            in_ones = _near(question.key)
            shown = answer(question, question.key)
            if not shown.startswith(in_ones):
                yield Line(_equal(in_ones, shown))

    def _quantity(self, name: Name, convention: Convention, short: bool) -> Iterator[Line]:
        """The working of one quantity; `short` leaves a long sum at what it comes to."""
        explained = self._explanation(name, convention)
        found = list(parts_of(explained))
        lines = [line for part in found for line in _lines(part)]
        is_sum = any(part.total is not None for part in found)
        if not lines or (short and is_sum):
            yield Line(f"{name} = {_value(explained)}")
        else:
            for layer in () if is_sum else explained.layers:
                for letter in layer.letters:
                    self._letters.setdefault(letter.name, letter.meaning)
            yield from lines

    def _explanation(self, name: Name, convention: Convention) -> Explanation:
        network = name.network or next(iter(self._assignment.networks))
        key = _Quantity(network, name.quantity, convention), language().code
        if key not in self._explained:
            of = self._assignment.networks[network]
            self._explained[key] = explain(of, name.quantity, convention, self._known)
        return self._explained[key]

    def _written(self, term: Term, question: Question, put_in: bool, outside: int = 0) -> str:
        """A term as it was asked for, or with the numbers put in, in brackets where it needs them."""
        if isinstance(term, Fraction):
            return exact_or_near(term)
        if isinstance(term, Name):
            return _value(self._explanation(term, question.convention)) if put_in else str(term)
        if isinstance(term, Given):
            earlier = self._questions[term.question]
            return _near(earlier.key) if put_in else _("answer {question}").format(question=term.question)
        return self._operation(term, question, put_in, outside)

    def _operation(self, term: Operation, question: Question, put_in: bool, outside: int) -> str:
        tightness = _TIGHTNESS.get(term.sign, 0)
        right = self._written(term.right, question, put_in, tightness + (term.sign in "-/"))
        if term.sign == "-" and term.left == 0:
            text = f"−{right}"
        else:
            left = self._written(term.left, question, put_in, tightness)
            text = f"{left} {_SIGNS.get(term.sign, term.sign)} {right}"
        return f"({text})" if tightness < outside else text


def _names(term: Term) -> Iterator[Name]:
    if isinstance(term, Name):
        yield term
    elif isinstance(term, Operation):
        yield from _names(term.left)
        yield from _names(term.right)


def _near(value: Answer) -> str:
    """A value as everywhere: a fraction of no few digits is rounded."""
    is_fraction = isinstance(value, Fraction) and value.denominator != 1
    return exact_or_near(value) if is_fraction else written(value)  # type: ignore[arg-type]


def _equal(*steps: str) -> str:
    return " = ".join(steps).replace("= ≈", "≈")


def _value(explained: Explanation) -> str:
    found: Answer | None = explained.answer
    if found is None:
        raise QuantityError(f"{explained.path} has no value.")
    return _near(found)


def _lines(part: Part) -> Iterator[Line]:
    if not part.steps:
        return
    yield Line(part.title)
    if part.total is None:
        for name, expression in part.steps:
            yield Line(f"  {name}", expression)
    else:
        for name, expression in part.steps[:MOST_TERMS]:
            yield Line(f"  {name}", expression)
        more = part.steps[MOST_TERMS:]
        if more:
            rest = sum(int(value_of(expression)) for _name, expression in more)
            text = ngettext("{count} more layer: {sum}", "{count} more layers: {sum}", len(more))
            yield Line(f"  {text.format(count=number(len(more)), sum=number(rest))}")
        yield Line(f"  {_('sum')}: {number(part.total)}")
    yield from (Line(f"  {' '.join(note)}") for note in part.notes)
