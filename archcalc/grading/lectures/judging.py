"""The verdict on each statement of a deck, and for what is wrong the reasons, all of them found here."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, cast

from archcalc.errors import QuantityError
from archcalc.grading.asked import Asked, Name
from archcalc.grading.lectures.model import (
    VERDICTS,
    Deck,
    Figure,
    Follows,
    Judged,
    JudgedDeck,
    JudgedFigure,
    OfAnother,
    OwnTerms,
    Reason,
    Statement,
    Verdict,
)
from archcalc.grading.lectures.networks import Networks
from archcalc.grading.lectures.slips import slip
from archcalc.grading.lectures.working import Checked, checked
from archcalc.grading.model import NOT_KNOWN, Cause, Diagnosis, Written
from archcalc.grading.networks import Numbers
from archcalc.quantities import TOTALS, Answer
from archcalc.report import Convention
from archcalc.units import Agreement, Quantity, agreement

if TYPE_CHECKING:
    from archcalc.grading.diagnosis import Diagnostician

CHANCES = {"near": Fraction(1, 5), "far": Fraction(1, 5)}
"""The single mistakes that are looked for, and how often one may be met by chance. A deck gives two digits or three,
and knows no class of students whose mistakes are the same: much is met by chance, and two mistakes always."""

MANY_LAYERS = 100
FEW_DIGITS = 3
"""With fewer, figures of different networks are often the same."""

_VERDICTS: dict[Agreement, Verdict] = {
    "exact": "right",
    "rounded": "rounded",
    "truncated": "truncated",
    "different": "wrong",
}

_Meant = tuple[Name, Convention]


def judge(deck: Deck, networks: Networks) -> JudgedDeck:
    """The verdicts on a deck that speaks of some networks."""
    return _Judge(deck, networks).judged()


def agrees(written: Written, right: Answer) -> Agreement:
    """How a figure agrees with the right answer; shapes have their channels last, or none."""
    if isinstance(written, Quantity):
        if isinstance(right, bool) or not isinstance(right, int | Fraction):
            return "different"
        return agreement(right, written)
    if isinstance(written, tuple):
        sizes = tuple(size.value for size in cast("tuple[Quantity, ...]", written))
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
    return [(*right[1:], right[0]), right[1:]] if len(right) == 3 else [right]


class _Judge:
    """Judges one deck: first every figure, then, knowing what else is wrong in it, why the wrong ones are."""

    def __init__(self, deck: Deck, networks: Networks) -> None:
        self.deck = deck
        self.numbers = Numbers(networks)
        self.networks = networks
        self.diagnosticians: dict[int, Diagnostician] = {}
        self.right: dict[_Meant, tuple[Figure, Statement]] = {}
        self.wrong: dict[_Meant, tuple[Figure, Statement]] = {}
        """What the deck has right and what it has wrong, by the quantity that is given."""

    def judged(self) -> JudgedDeck:
        verdicts = {
            statement.id: [self.verdict(figure) for figure in statement.figures]
            for statement in self.deck.statements
        }
        for statement in self.deck.statements:
            for figure, verdict in zip(statement.figures, verdicts[statement.id], strict=True):
                meant = _meant(figure)
                if meant is not None and verdict != "wrong":
                    self.right.setdefault(meant, (figure, statement))
                elif meant is not None and isinstance(figure.written, Quantity):
                    self.wrong.setdefault(meant, (figure, statement))
        return JudgedDeck(
            self.deck,
            tuple(self.statement(statement, verdicts[statement.id]) for statement in self.deck.statements),
        )

    def statement(self, statement: Statement, verdicts: list[Verdict]) -> Judged:
        if statement.not_calculated is not None:
            return Judged(statement, "not calculated", ())
        figures = tuple(
            JudgedFigure(figure, verdict, tuple(self.reasons(figure)) if verdict == "wrong" else ())
            for figure, verdict in zip(statement.figures, verdicts, strict=True)
        )
        return Judged(statement, max(verdicts, key=VERDICTS.index), figures)

    def verdict(self, figure: Figure) -> Verdict:
        agreed = agrees(figure.written, figure.question.key)
        working = self.working(figure)
        if working is None:
            return _VERDICTS[agreed]
        if working.misfits or not _gives(working, figure):
            return "wrong"
        return "terms" if agreed == "different" else _VERDICTS[agreed]

    def working(self, figure: Figure) -> Checked | None:
        """The working that the deck shows, checked; None where it shows none."""
        if figure.terms is None or figure.question.asked is None:
            return None
        convention = figure.question.convention
        return checked(figure.terms, figure.question.asked, lambda name: self.numbers.read(name, convention))

    def reasons(self, figure: Figure) -> Iterator[Reason]:
        """Why a figure is wrong: by its own working, by other figures of the deck, by a mistake, by a slip."""
        key = figure.question.key
        working = self.working(figure)
        if working is not None and (working.misfits or not _gives(working, figure)):
            yield OwnTerms(_plain(working.value), working.misfits)
            for misfit in working.misfits:
                number = next(n for n in (*figure.terms.numbers,) if n.text == misfit.says)  # type: ignore[union-attr]
                found = slip(number, misfit.right)
                if found is not None:
                    yield found
        if agrees(figure.written, key) != "different":
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
        from archcalc.grading.diagnosis import Diagnostician

        question = figure.question
        chances = CHANCES
        if question.asked is not None and any(map(self.is_large, question.asked.names())):
            chances = {"near": CHANCES["near"]}
        tiers = len(chances)
        if tiers not in self.diagnosticians:
            self.diagnosticians[tiers] = Diagnostician(self.networks.built, chances=chances)
        found = self.diagnosticians[tiers].diagnose(question, figure.written)
        if any(self.contradicted(cause, figure, self.diagnosticians[tiers]) for cause in found.causes):
            return NOT_KNOWN
        return found

    def contradicted(self, cause: Cause, figure: Figure, diagnostician: Diagnostician) -> bool:
        """Whether what the deck has right of the same layer or block would be otherwise by a mistake in its rules."""
        made = cause.mistakes[0]
        meant = _meant(figure)
        if made.sort != "rule" or meant is None or self.is_large(meant[0]):
            return False
        for other in self.right_beside(meant):
            expression = diagnostician.expressions.of(other.question)
            if expression is None:
                continue
            for candidate in chain(expression.near(), expression.far()):
                if made == candidate.mistakes[0] and agrees(other.written, candidate.value) == "different":
                    return True
        return False

    def right_beside(self, meant: _Meant) -> Iterator[Figure]:
        """What the deck has right, as numbers, of the layer or block that a figure is about."""
        name, convention = meant
        path = name.quantity.rpartition(".")[0]
        for (other, by), (figure, _) in self.right.items():
            same_place = other.network == name.network and other.quantity.rpartition(".")[0] == path
            if same_place and by == convention and isinstance(figure.written, Quantity):
                yield figure

    def is_large(self, name: Name) -> bool:
        """Whether a quantity is of a whole network of many layers, each of which may be misread in many ways."""
        is_total = name.quantity.partition(".")[0] in TOTALS
        return is_total and len(self.networks[name.network or ""].nodes) > MANY_LAYERS

    def of_another(self, figure: Figure) -> OfAnother | None:
        """The network whose figure it is, among those of which the deck gives the same quantity."""
        meant, written = _meant(figure), figure.written
        if meant is None or not isinstance(written, Quantity) or written.digits < FEW_DIGITS:
            return None
        for (name, convention), (other, statement) in self.right.items():
            alike = name.quantity == meant[0].quantity and convention == meant[1]
            if alike and name.network and agrees(figure.written, other.question.key) != "different":
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
                return self.numbers.read(name, question.convention)
            stated, statement = found
            used.append((stated.says, statement.id))
            assert isinstance(stated.written, Quantity)
            return _plain(stated.written.value)

        try:
            value = question.asked.value(read)
        except QuantityError:
            return None
        if not used or agrees(figure.written, value) == "different":
            return None
        return Follows(tuple(dict.fromkeys(used)))


def _meant(figure: Figure) -> _Meant | None:
    """The one quantity that a figure gives, and by which convention; None for arithmetic."""
    asked: Asked | None = figure.question.asked
    if asked is None or not isinstance(asked.root, Name):
        return None
    return asked.root, figure.question.convention


def _channels_first(written: Written) -> Written:
    """A shape as the program has it; decks have the channels last."""
    if isinstance(written, Quantity) or not isinstance(written, tuple) or len(written) != 3:
        return written
    return written[2], *written[:2]


def _gives(working: Checked, figure: Figure) -> bool:
    """Whether a working comes to the figure, to the digits that the figure is given with."""
    if not isinstance(figure.written, Quantity):
        return True
    return agreement(working.value, figure.written) != "different"


def _plain(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value
