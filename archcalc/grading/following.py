"""Following through: the key that a student's own earlier answers lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archcalc.errors import QuantityError
from archcalc.grading.asked import Name
from archcalc.grading.model import Assignment, Question
from archcalc.grading.networks import Numbers
from archcalc.quantities import Answer


class Follower:
    """Works out the questions of one assignment from other answers than the right ones."""

    def __init__(self, assignment: Assignment) -> None:
        self.questions = {question.id: question for question in assignment.questions}
        self.numbers = Numbers(assignment.networks)

    def keys(self, question: Question, earlier: Mapping[str, Answer]) -> Iterator[Answer]:
        """The answers to a question that follow from `earlier` ones, by id, in units of one; none may."""
        asked = question.asked
        if asked is None or question.form == "choice":
            return

        def read(name: Name) -> Answer:
            return self.numbers.read(name, question.convention)

        try:
            yield asked.value(read, lambda name: earlier.get(name, self.questions[name].key))
        except QuantityError:
            return
