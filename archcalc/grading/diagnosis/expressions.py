"""What an expression comes to when its quantities are misread, or the arithmetic between them is another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import TypeAlias

from archcalc.grading.diagnosis.candidates import Candidates
from archcalc.grading.diagnosis.confusions import mistake
from archcalc.grading.diagnosis.misreading import Misreaders
from archcalc.grading.diagnosis.pairs import Pairs
from archcalc.grading.diagnosis.summands import Candidate
from archcalc.grading.mistakes.table import ways
from archcalc.grading.mistakes.ways import InArithmetic, InPick
from archcalc.grading.model import Mistake, Question
from archcalc.results.asked import Asked, Given, Name, Operation, Term
from archcalc.results.counts import Convention
from archcalc.results.quantities import Answer
from archcalc.words.errors import QuantityError

Operand: TypeAlias = "Name | Given"
MOST_ACROSS = 2_000
"""Pairs of mistakes in two operands."""

MOST_OPERANDS = 4
"""An expression of more quantities is not misread twice."""


class Expressions:
    """The expressions of an assignment's questions; what they share is worked out once."""

    def __init__(self, readers: Misreaders, questions: Sequence[Question]) -> None:
        self.readers = readers
        self.questions = {question.id: question for question in questions}
        self._quantities: dict[tuple[Name, Convention], Candidates] = {}
        self._pairs: dict[tuple[Name, Convention], Pairs] = {}
        self._made: dict[str, Expression | None] = {}

    def of(self, question: Question) -> Expression | None:
        """What a question asks for; None where that is no expression."""
        if question.id not in self._made:
            self._made[question.id] = (
                None if question.asked is None else Expression(self, question.asked, question)
            )
        return self._made[question.id]

    def quantity(self, name: Name, convention: Convention) -> Candidates:
        """One quantity of it."""
        key = name, convention
        if key not in self._quantities:
            reader = self.readers.get(name.network, convention)
            self._quantities[key] = Candidates(self.readers, reader, reader.quantity(name.quantity))
        return self._quantities[key]

    def pairs(self, name: Name, convention: Convention) -> Pairs:
        """The pairs of mistakes about one of its quantities."""
        key = name, convention
        if key not in self._pairs:
            self._pairs[key] = Pairs(self.quantity(name, convention))
        return self._pairs[key]

    def picking(self, question: Question, label: str) -> Iterator[Candidate]:
        """The mistakes by which somebody picks the option `label` as the largest or the smallest."""
        values = {option.label: option.value for option in question.options}
        numbers = {name: value for name, value in values.items() if isinstance(value, int | Fraction)}
        for row, way in ways(InPick):
            if numbers and question.pick and way.change(numbers, question.pick) == label:
                yield Candidate(label, (mistake(row.code, "asked", facts={"wanted": question.pick}),))
        best = max if question.pick == "largest" else min
        misread: dict[tuple[str, tuple[tuple[str, str], ...]], dict[str, Answer]] = {}
        for option in question.options:
            if option.asked is None:
                return
            for candidate in Expression(self, option.asked, question).near():
                made = candidate.mistakes[0]
                if made.sort == "asked" and not made.scope:
                    misread.setdefault((made.code, made.facts), {})[option.label] = candidate.value
        for (code, facts), changed in misread.items():
            read = {**numbers, **changed}
            if best(read, key=lambda name: read[name]) == label:
                yield Candidate(label, (Mistake(code, "asked", "", facts),))


class Expression:
    """One expression, with the right values of its operands and those that they are taken for."""

    def __init__(self, expressions: Expressions, asked: Asked, question: Question) -> None:
        self.expressions = expressions
        self.asked = asked
        self.question = question
        self.operands: tuple[Operand, ...] = tuple(dict.fromkeys(_operands(asked.root)))

    @cached_property
    def right(self) -> Mapping[Operand, Answer]:
        """The right value of each operand."""
        found: dict[Operand, Answer] = {}
        for operand in self.operands:
            if isinstance(operand, Given):
                found[operand] = self.expressions.questions[operand.question].key
            else:
                value = self._quantity(operand).right
                if value is None:
                    raise QuantityError(f"there is no {operand}.")
                found[operand] = value
        return found

    @cached_property
    def is_composed(self) -> bool:
        """Whether it is arithmetic, or a sum over several layers."""
        root = self.asked.root
        if not isinstance(root, Name):
            return not isinstance(root, Given)
        candidates = self._quantity(root)
        return candidates.adds_up and len(candidates.members) > 1

    def _quantity(self, name: Name) -> Candidates:
        return self.expressions.quantity(name, self.question.convention)

    def near(self) -> Sequence[Candidate]:
        """One mistake in an operand, the same in all of them, or in the arithmetic."""
        return self._near

    @cached_property
    def _near(self) -> tuple[Candidate, ...]:
        arithmetic = list(self._arithmetic())
        return (*self._in_operands("near"), *self._kept(arithmetic))

    def far(self) -> Iterable[Candidate]:
        """The same for mistakes farther off."""
        return self._far

    @cached_property
    def _far(self) -> tuple[Candidate, ...]:
        return tuple(self._in_operands("far"))

    def two(self) -> Iterator[Candidate]:
        """Two mistakes: in one operand, one in each of two, or one in an operand and one in the arithmetic."""
        if self.asked.root in self.operands:
            yield from self._of(self.operands[0], "two")
            return
        if len(self.operands) > MOST_OPERANDS:
            return
        for operand in self.operands:
            yield from self._kept(
                made for candidate in self._of(operand, "two") if (made := self._with(candidate, operand))
            )
        for one, other in combinations(self.operands, 2):
            count = 0
            for first in self._of(one, "near"):
                for second in self._of(other, "near"):
                    made = self._put(
                        {one: first.value, other: second.value}, (*first.mistakes, *second.mistakes)
                    )
                    count += 1
                    if made is not None and first.mistakes[0].code != second.mistakes[0].code:
                        yield made
                    if count > MOST_ACROSS:
                        break
                if count > MOST_ACROSS:
                    break
        for substitution, mistakes in self._substitutions("near"):
            for code, value in _otherwise(self.asked.root, self._evaluate(substitution)):
                yield Candidate(value, (*mistakes, mistake(code, "asked")))

    def in_sum(self, number: int) -> tuple[list[Candidate], Fraction]:
        """Two mistakes in a sum that lead to a number, and how many of them chance would find."""
        root = self.asked.root
        if not isinstance(root, Name):
            return [], Fraction(0)
        pairs = self.expressions.pairs(root, self.question.convention)
        return list(pairs.in_sum(number)), pairs.density

    # ---- operands

    def _of(self, operand: Operand, tier: str) -> Sequence[Candidate]:
        if isinstance(operand, Name):
            if tier == "two":
                return self.expressions.pairs(operand, self.question.convention).listed
            found: Sequence[Candidate] = getattr(self._quantity(operand), tier)
            return found
        expression = self.expressions.of(self.expressions.questions[operand.question])
        if expression is None:
            return ()
        found = getattr(expression, tier)()
        return found if isinstance(found, tuple) else tuple(found)

    def _in_operands(self, tier: str) -> Iterator[Candidate]:
        if self.asked.root in self.operands:
            yield from self._of(self.operands[0], tier)
            return
        made = (self._put(values, mistakes) for values, mistakes in self._substitutions(tier))
        yield from self._kept(candidate for candidate in made if candidate is not None)

    def _substitutions(self, tier: str) -> Iterator[tuple[Mapping[Operand, Answer], tuple[Mistake, ...]]]:
        """A mistake in one operand, or the same in all in which it can be made."""
        same: dict[tuple[tuple[str, ...], tuple[tuple[str, str], ...]], dict[Operand, Candidate]] = {}
        for operand in self.operands:
            for candidate in self._of(operand, tier):
                yield {operand: candidate.value}, candidate.mistakes
                codes = tuple(made.code for made in candidate.mistakes)
                facts = candidate.mistakes[0].facts
                same.setdefault((codes, facts), {}).setdefault(operand, candidate)
        for alike in same.values():
            if len(alike) > 1:
                first = next(iter(alike.values()))
                everywhere = tuple(made._replace(scope="") for made in first.mistakes)
                yield {operand: candidate.value for operand, candidate in alike.items()}, everywhere

    def _with(self, candidate: Candidate, operand: Operand) -> Candidate | None:
        return self._put({operand: candidate.value}, candidate.mistakes)

    def _put(self, values: Mapping[Operand, Answer], mistakes: tuple[Mistake, ...]) -> Candidate | None:
        try:
            return Candidate(self._value(self.asked, values), mistakes)
        except QuantityError:
            return None

    def _value(self, asked: Asked, values: Mapping[Operand, Answer]) -> Answer:
        right = self.right
        return asked.value(
            lambda name: values.get(name, right.get(name, 0)),
            lambda name: values.get(Given(name), right.get(Given(name), 0)),
        )

    # ---- arithmetic

    def _evaluate(self, values: Mapping[Operand, Answer]) -> Callable[[Term], Answer | None]:
        def evaluate(term: Term) -> Answer | None:
            try:
                return self._value(Asked("", term), values)
            except QuantityError:
                return None

        return evaluate

    def _arithmetic(self) -> Iterator[Candidate]:
        for code, value in _otherwise(self.asked.root, self._evaluate({})):
            yield Candidate(value, (mistake(code, "asked"),))

    def _kept(self, found: Iterable[Candidate]) -> Iterator[Candidate]:
        key = self.question.key
        return (candidate for candidate in found if candidate.value not in (key, 0))


def _operands(term: Term) -> Iterator[Operand]:
    if isinstance(term, Name | Given):
        yield term
    elif isinstance(term, Operation):
        yield from _operands(term.left)
        yield from _operands(term.right)


def _otherwise(root: Term, evaluate: Callable[[Term], Answer | None]) -> Iterator[tuple[str, Answer]]:
    """Other arithmetic with the same terms: a ratio upside down, a term left out."""
    if isinstance(root, Operation):
        for row, way in ways(InArithmetic):
            for term in way.change(root):
                value = evaluate(term)
                if value is not None:
                    yield row.code, value
