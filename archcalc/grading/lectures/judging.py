"""The verdict on each statement of a deck, and for what is wrong the reasons, all of them found here."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, cast

from archcalc.algebra.shapes import channels_last
from archcalc.algebra.units import Agreement, WrittenNumber, agreement, simplest
from archcalc.grading.lectures.model import (
    VERDICTS,
    Deck,
    Figure,
    Follows,
    JudgedDeck,
    JudgedFigure,
    JudgedStatement,
    OfAnother,
    OwnTerms,
    Reason,
    Statement,
    Verdict,
)
from archcalc.grading.lectures.networks import Known
from archcalc.grading.lectures.slips import slip
from archcalc.grading.lectures.working import Checked, checked
from archcalc.grading.model import NOT_KNOWN, Diagnosis, Written
from archcalc.results.asked import Asked, Name
from archcalc.results.counts import OF_LAYERS, Convention
from archcalc.results.quantities import TOTALS, Answer
from archcalc.words.errors import QuantityError

if TYPE_CHECKING:
    from archcalc.grading.diagnosis.diagnostician import Diagnostician

CHANCES = {"near": Fraction(1, 5), "far": Fraction(1, 5)}
"""The single mistakes that are looked for, and how often one may be met by chance. A deck gives two digits or three,
and knows no class of students whose mistakes are the same: much is met by chance, and two mistakes always."""

MANY_LAYERS = 100
"""In a network of more, a mistake farther off is met by chance too: any layer may be taken for any other."""

FEW_DIGITS = 3
"""With fewer, figures of different networks are often the same, and those of a large one are met by chance."""

_VERDICTS: dict[Agreement, Verdict] = {
    "exact": "right",
    "rounded": "rounded",
    "truncated": "truncated",
    "different": "wrong",
}

_Meant = tuple[Name, Convention]


class _Seen(NamedTuple):
    """A figure held against the right answer."""

    figure: Figure
    verdict: Verdict
    agreed: Agreement
    working: Checked | None


def judge(deck: Deck, known: Known) -> JudgedDeck:
    """The verdicts on a deck that speaks of some networks."""
    return _Judge(deck, known).judged()


def agrees(written: Written, right: Answer) -> Agreement:
    """How a figure agrees with the right answer; shapes have their channels last, or none."""
    if isinstance(written, WrittenNumber):
        if isinstance(right, bool) or not isinstance(right, int | Fraction):
            return "different"
        return agreement(right, written)
    if isinstance(written, tuple):
        sizes = tuple(size.value for size in cast("tuple[WrittenNumber, ...]", written))
        return "exact" if sizes in _forms(right) else "different"
    return "exact" if written == right else "different"


def _forms(right: Answer) -> list[tuple[object, ...]]:
    """The ways in which decks write a shape, or a setting that holds for several axes."""
    if isinstance(right, int | Fraction):
        return [(right,) * axes for axes in (1, 2, 3)]
    if not isinstance(right, tuple):
        return []
    if len(right) == 1:
        # A vector, as maps of one position: with its channels, or only their size.
        return [right, (1, 1, *right), (1, 1)]
    return [channels_last(right), right[1:]] if len(right) == 3 else [right]


class _Judge:
    """Judges one deck: first every figure, then, knowing what else is wrong in it, why the wrong ones are."""

    def __init__(self, deck: Deck, known: Known) -> None:
        self.deck = deck
        self.known = known
        self.networks = {name: known.networks[name] for name in _networks(deck)}
        self.diagnosticians: dict[int, Diagnostician] = {}
        self.right: dict[_Meant, tuple[Figure, Statement]] = {}
        self.wrong: dict[_Meant, tuple[Figure, Statement]] = {}
        """What the deck has right and what it has wrong, by the quantity that is given."""

    def judged(self) -> JudgedDeck:
        seen = [(statement, tuple(map(self.seen, statement.figures))) for statement in self.deck.statements]
        for statement, figures in seen:
            for found in figures:
                meant = _meant(found.figure)
                if meant is not None and found.verdict != "wrong":
                    self.right.setdefault(meant, (found.figure, statement))
                elif meant is not None and isinstance(found.figure.written, WrittenNumber):
                    self.wrong.setdefault(meant, (found.figure, statement))
        statements = tuple(self.statement(*one) for one in seen)
        return JudgedDeck(self.deck, statements, self.networks)

    def statement(self, statement: Statement, seen: tuple[_Seen, ...]) -> JudgedStatement:
        if statement.not_calculated is not None:
            return JudgedStatement(statement, "not calculated", ())
        figures = tuple(
            JudgedFigure(
                found.figure,
                found.verdict,
                tuple(self.reasons(found)) if found.verdict == "wrong" else (),
                None if found.working is None else simplest(found.working.value),
            )
            for found in seen
        )
        return JudgedStatement(statement, max((found.verdict for found in seen), key=VERDICTS.index), figures)

    def seen(self, figure: Figure) -> _Seen:
        """A figure held against the right answer, and its working against what that stands for."""
        question = figure.question
        agreed = agrees(figure.written, question.key)
        if figure.terms is None or question.asked is None:
            return _Seen(figure, _VERDICTS[agreed], agreed, None)
        working = checked(
            figure.terms, question.asked, lambda name: self.known.read(name, question.convention)
        )
        if working.misfits or not _gives(working, figure):
            return _Seen(figure, "wrong", agreed, working)
        return _Seen(figure, "terms" if agreed == "different" else _VERDICTS[agreed], agreed, working)

    def reasons(self, seen: _Seen) -> Iterator[Reason]:
        """Why a figure is wrong: by its own working, by other figures of the deck, by a mistake, by a slip."""
        figure, working = seen.figure, seen.working
        says_right = seen.agreed != "different"
        if working is not None and figure.terms is not None:
            yield OwnTerms(simplest(working.value), working.misfits, says_right)
            for misfit in working.misfits:
                for number in figure.terms.numbers:
                    found = slip(number, misfit.right) if number.text == misfit.says else None
                    if found is not None:
                        yield found
                        break
        key = figure.question.key
        if says_right:
            return
        told = self.follows(figure) or self.of_another(figure)
        if told is not None:
            yield told
            return
        found = slip(_channels_first(figure.written), key)
        diagnosis = self.diagnosis(figure)
        if diagnosis != NOT_KNOWN:
            yield diagnosis
        elif found is not None:
            yield found

    def diagnosis(self, figure: Figure) -> Diagnosis:
        """The mistake that leads to a figure, as it is found in homework."""
        from archcalc.grading.diagnosis.diagnostician import Diagnostician

        question, written = figure.question, figure.written
        chances = CHANCES
        if question.asked is not None and any(map(self.is_large, question.asked.names())):
            if isinstance(written, WrittenNumber) and written.digits < FEW_DIGITS:
                return NOT_KNOWN
            chances = {"near": CHANCES["near"]}
        tiers = len(chances)
        if tiers not in self.diagnosticians:
            self.diagnosticians[tiers] = Diagnostician(self.networks, chances=chances)
        return self.diagnosticians[tiers].diagnose(question, written)

    def is_large(self, name: Name) -> bool:
        """Whether a quantity adds up, in a network of many layers, what may be mistaken in each of them."""
        words = name.quantity.partition("(")[0].split(".")
        adds_up = words[0] in TOTALS or words[-1] in OF_LAYERS
        return adds_up and len(self.networks[name.network or ""].nodes) > MANY_LAYERS

    def of_another(self, figure: Figure) -> OfAnother | None:
        """The network whose figure it is, among those of which the deck gives the same quantity.

        That figure may be wrong too, if it stands before this one.
        """
        meant, written = _meant(figure), figure.written
        if meant is None or not isinstance(written, WrittenNumber) or written.digits < FEW_DIGITS:
            return None
        for (name, convention), (other, statement) in chain(self.right.items(), self.wrong.items()):
            if other is figure:
                return None
            alike = name.quantity == meant[0].quantity and convention == meant[1]
            same = other.written == written or agrees(written, other.question.key) != "different"
            if alike and same and name.network:
                return OfAnother(name.network, statement.id)
        return None

    def follows(self, figure: Figure) -> Follows | None:
        """The other figures of the deck, wrong themselves, that this one follows from; None if it does not."""
        question = figure.question
        if question.asked is None or isinstance(question.asked.root, Name):
            return None
        used: list[tuple[str, str]] = []

        def read(name: Name) -> Answer:
            found = self.wrong.get((name, question.convention))
            if found is None:
                return self.known.read(name, question.convention)
            stated, statement = found
            used.append((stated.says, statement.id))
            assert isinstance(stated.written, WrittenNumber)
            return simplest(stated.written.value)

        try:
            value = question.asked.value(read)
        except QuantityError:
            return None
        if not used or agrees(figure.written, value) == "different":
            return None
        return Follows(tuple(dict.fromkeys(used)))


def _networks(deck: Deck) -> Iterator[str]:
    """The names of the networks that a deck asks for something."""
    for statement in deck.statements:
        for figure in statement.figures:
            asked = figure.question.asked
            yield from () if asked is None else (name.network or "" for name in asked.names())


def _meant(figure: Figure) -> _Meant | None:
    """The one quantity that a figure gives, and by which convention; None for arithmetic."""
    asked: Asked | None = figure.question.asked
    if asked is None or not isinstance(asked.root, Name):
        return None
    return asked.root, figure.question.convention


def _channels_first(written: Written) -> Written:
    """A shape as the program has it; decks have the channels last."""
    if isinstance(written, WrittenNumber) or not isinstance(written, tuple) or len(written) != 3:
        return written
    return written[2], *written[:2]


def _gives(working: Checked, figure: Figure) -> bool:
    """Whether a working comes to the figure, to the digits that the figure is given with."""
    if not isinstance(figure.written, WrittenNumber):
        return True
    return agreement(working.value, figure.written) != "different"
