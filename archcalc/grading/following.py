"""Following through: the keys that a student's own earlier answers lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from itertools import product

from archcalc.algebra.shapes import channels_first
from archcalc.grading.assignments.networks import Numbers
from archcalc.grading.diagnosis.diagnostician import LIKELY_CHANCE, Diagnostician
from archcalc.grading.diagnosis.misreading import Misreader, Misreaders, going_on, pinned
from archcalc.grading.model import Assignment, Question
from archcalc.results.asked import Asked, Name, Operation, Term
from archcalc.results.counts import Convention
from archcalc.results.quantities import Answer
from archcalc.words.errors import QuantityError

MOST_REMEMBERED = 10_000

MOST_AFRESH = 200
"""Questions as they stand after somebody's own answers that are kept, for those who answered the same."""

_NEAREST = {"near": LIKELY_CHANCE["near"]}
"""On top of an earlier mistake only one more is looked for, near what was asked."""


class Follower:
    """Works out the questions of one assignment from other answers than the right ones."""

    def __init__(self, assignment: Assignment) -> None:
        self.questions = {question.id: question for question in assignment.questions}
        self.numbers = Numbers(assignment.networks)
        self.readers = Misreaders(assignment.networks)
        self._afresh: dict[
            tuple[str, tuple[tuple[str, Answer], ...]], tuple[tuple[Question, Diagnostician], ...]
        ] = {}
        self._going_on: dict[tuple[tuple[str, Answer], ...], _GoingOn] = {}
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

    def afresh(
        self, question: Question, earlier: Mapping[str, Answer]
    ) -> tuple[tuple[Question, Diagnostician], ...]:
        """The question as it stands for somebody who goes on from `earlier` answers, and who finds mistakes in that.

        What was answered before is settled: it has no mistakes to be found again.
        """
        key = question.id, tuple(earlier.items())
        if key not in self._afresh:
            if len(self._afresh) >= MOST_AFRESH:
                self._afresh.clear()
                self._going_on.clear()
            self._afresh[key] = tuple(self._read_afresh(question, earlier))
        return self._afresh[key]

    def _read_afresh(
        self, question: Question, earlier: Mapping[str, Answer]
    ) -> Iterator[tuple[Question, Diagnostician]]:
        asked = question.asked
        if asked is None or question.form == "choice":
            return
        for said in self._orders(earlier):
            networks = self._going_on.setdefault(tuple(said.items()), _GoingOn(self, said))
            settled = partial(self._settled, question.convention, said)
            mine = asked._replace(root=settled(asked.root)) if isinstance(asked.root, Operation) else asked
            questions = [
                each._replace(key=said[each.id], asked=None) if each.id in said else each
                for each in self.questions.values()
            ]
            try:
                key = self._key(asked, question.convention, said, pins=True)
            except QuantityError:
                continue
            yield (
                question._replace(key=key, asked=mine),
                Diagnostician(networks.networks, questions, _NEAREST, networks),
            )

    def _settled(self, convention: Convention, said: Mapping[str, Answer], term: Term) -> Term:
        """Arithmetic with the numbers put in that were answered before."""
        if isinstance(term, Operation):
            left, right = (self._settled(convention, said, side) for side in (term.left, term.right))
            return term._replace(left=left, right=right)
        if not isinstance(term, Name):
            return term
        answer = self.mine(self.numbers.called(term.network), convention, said).get(term.quantity)
        return Fraction(answer) if isinstance(answer, int | Fraction) else term

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
            name: channels_first(answer)
            if isinstance(answer, tuple) and self.questions[name].axes in ("any", "HWC")
            else answer
            for name, answer in earlier.items()
        }
        if turned != earlier:
            yield turned

    def _read(self, name: Name, convention: Convention, said: Mapping[str, Answer], pins: bool) -> Answer:
        """A quantity as it follows from answers that were given; `pins` reads the whole network again."""
        network = self.numbers.called(name.network)
        mine = self.mine(network, convention, said)
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

    def mine(self, network: str, convention: Convention, said: Mapping[str, Answer]) -> dict[str, Answer]:
        """What was answered about a network, by the text of the quantity."""
        found = ((self._quantity(self.questions[id_], network, convention), said[id_]) for id_ in said)
        return {quantity: answer for quantity, answer in found if quantity is not None}

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


class _GoingOn(Misreaders):
    """The networks as they are for somebody who goes on from answers that were given."""

    def __init__(self, follower: Follower, said: Mapping[str, Answer]) -> None:
        super().__init__(follower.readers.networks)
        self.follower = follower
        self.said = said

    def read(self, called: str, convention: Convention) -> Misreader:
        reader = self.follower.readers.get(called, convention)
        mine = self.follower.mine(called, convention, self.said)
        return going_on(reader, mine) if mine else reader
