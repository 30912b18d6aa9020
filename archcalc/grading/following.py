"""Following through: the keys that a student's own earlier answers lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from archcalc.errors import QuantityError
from archcalc.grading.asked import Asked, Name
from archcalc.grading.misreading import Misreaders, pinned
from archcalc.grading.model import Assignment, Question
from archcalc.grading.networks import Numbers
from archcalc.quantities import Answer
from archcalc.report import Convention

MOST_REMEMBERED = 10_000


class Follower:
    """Works out the questions of one assignment from other answers than the right ones."""

    def __init__(self, assignment: Assignment) -> None:
        self.questions = {question.id: question for question in assignment.questions}
        self.numbers = Numbers(assignment.networks)
        self.readers = Misreaders(assignment.networks)
        self.known: dict[tuple[str, tuple[tuple[str, Answer], ...]], tuple[Answer, ...]] = {}

    def keys(self, question: Question, earlier: Mapping[str, Answer]) -> tuple[Answer, ...]:
        """The answers to a question that follow from `earlier` ones, by id, in units of one; none may.

        What the question names by `$` is replaced, and so is a quantity that an earlier question asked for. Then
        the network is read again with the outputs and the figures of layers that the student went on from. A
        shape whose order is not known is taken as channels first and as channels last. Never raises.
        """
        key = question.id, tuple(earlier.items())
        if key not in self.known:
            if len(self.known) >= MOST_REMEMBERED:
                self.known.clear()
            self.known[key] = tuple(dict.fromkeys(self._keys(question, earlier)))
        return self.known[key]

    def _keys(self, question: Question, earlier: Mapping[str, Answer]) -> Iterator[Answer]:
        asked = question.asked
        if asked is None or question.form == "choice":
            return
        for said, pins in product(self._orders(earlier), (False, True)):
            try:
                yield self._key(asked, question.convention, said, pins)
            except QuantityError:
                continue

    def _key(self, asked: Asked, convention: Convention, said: Mapping[str, Answer], pins: bool) -> Answer:
        """What is asked, as it follows from answers. Raises QuantityError where it does not."""
        return asked.value(
            lambda name: self._read(name, convention, said, pins),
            lambda name: said.get(name, self.questions[name].key),
        )

    def _orders(self, earlier: Mapping[str, Answer]) -> Iterator[Mapping[str, Answer]]:
        """The answers with their shapes channels first, as they stand and as they are if they stand channels last."""
        yield earlier
        turned = {
            name: (answer[-1], *answer[:-1])
            if isinstance(answer, tuple) and self.questions[name].axes in ("any", "HWC")
            else answer
            for name, answer in earlier.items()
        }
        if turned != earlier:
            yield turned

    def _read(self, name: Name, convention: Convention, said: Mapping[str, Answer], pins: bool) -> Answer:
        """A quantity as it follows from answers that were given; `pins` reads the whole network again."""
        network = self.numbers.called(name.network)
        mine: dict[str, Answer] = {}
        for id_, answer in said.items():
            found = self._quantity(self.questions[id_], network, convention)
            if found is not None:
                mine[found] = answer
        if name.quantity in mine:
            return mine[name.quantity]
        if not (pins and mine):
            return self.numbers.read(name, convention)
        reader = self.readers.get(network, convention)
        analysis = pinned(reader, mine)
        value = None if analysis is None else reader.value(reader.quantity(name.quantity), analysis)
        if value is None:
            raise QuantityError(f"{name} does not follow from these answers.")
        return value

    def _quantity(self, question: Question, network: str, convention: Convention) -> str | None:
        """The quantity of a network that an earlier question asks for, if it asks for just one.

        None where that is another number by `convention`: MACs of another batch, bytes of another type.
        """
        root = question.asked.root if question.asked is not None else None
        if not isinstance(root, Name) or self.numbers.called(root.network) != network:
            return None
        if question.convention == convention:
            return root.quantity
        if root.quantity.endswith(".params") and not question.convention.bias:
            root = root._replace(quantity=root.quantity.removesuffix("params") + "weights")
        by_both = (self.numbers.read(root, each) for each in (question.convention, convention))
        return root.quantity if next(by_both) == next(by_both) else None
