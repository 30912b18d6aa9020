"""The values of the lectures: decks of statements, and the verdict on each with the reasons. No text for people."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias, get_args

from archcalc.algebra.units import WrittenNumber
from archcalc.grading.model import Diagnosis, Question, Written
from archcalc.network.network import Network
from archcalc.results.asked import Asked
from archcalc.results.quantities import Answer
from archcalc.words.errors import Place

Topic = Literal[
    "shapes", "parameters", "multiplications", "memory", "layers", "ratios", "receptive field", "other"
]
"""What a statement is about; `layers` is how many there are and how they are set."""

NotCalculated = Literal["measured", "date", "fact", "hyperparameter", "name", "example", "beyond"]
"""Why a number is not a matter of calculation: measured, a year, a fact of history, chosen for training, part of a
name, a value of an example's data, or beyond what is calculated here."""

Verdict = Literal["right", "rounded", "truncated", "terms", "wrong", "not calculated"]
"""`rounded` and `truncated` are right to the digits given, `terms` only from its own rounded terms."""

TOPICS: tuple[Topic, ...] = get_args(Topic)
NOT_CALCULATED: tuple[NotCalculated, ...] = get_args(NotCalculated)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""From right to wrong, and what is neither."""


class Terms(NamedTuple):
    """The working that a deck shows for a figure: `550 MB + (60 MB × 128)`."""

    asked: Asked
    """It as an expression of plain numbers."""
    numbers: tuple[WrittenNumber, ...]
    """Its numbers from left to right, with the digits they are given to."""


class Figure(NamedTuple):
    """One number or shape of a statement, and what it is held against."""

    says: str
    """The figure, quoted."""
    question: Question
    """What it answers; its key is the right answer."""
    written: Written
    """The figure as it was read."""
    terms: Terms | None


class Statement(NamedTuple):
    """One numeric statement of a deck: a sentence, or a cell of a table, with one figure or several."""

    id: str
    """The number of the deck and its own in it: `5.17`."""
    place: str
    """The heading of the slide."""
    topic: Topic
    text: str
    """What is stated, without the figure, in our words."""
    says: str
    """The figures as the deck has them."""
    figures: tuple[Figure, ...]
    """None where it is not a matter of calculation."""
    not_calculated: NotCalculated | None
    about: str
    """A note for the reader; it has no part in the verdict."""
    source: Place


class Deck(NamedTuple):
    """The statements of one deck, in the order of its slides."""

    number: int
    title: str
    institution: str
    """Its abbreviation; empty where the deck does not name one."""
    statements: tuple[Statement, ...]


class Misfit(NamedTuple):
    """A number in the working of a figure that is not the quantity it stands for."""

    says: str
    quantity: str
    right: Answer


class OwnTerms(NamedTuple):
    """What the working that the deck shows comes to, where that is not what it says, and which numbers are wrong."""

    value: Answer
    misfits: tuple[Misfit, ...]
    says_right: bool
    """Whether the figure is right, whatever its working comes to."""


class Follows(NamedTuple):
    """The figure follows from other figures of the same deck, which are wrong themselves."""

    figures: tuple[tuple[str, str], ...]
    """What each of them says, and the statement that says so."""


class OfAnother(NamedTuple):
    """The figure is that of another network, of which the deck gives the same quantity."""

    network: str
    statement: str
    """The statement that gives it."""


class Slip(NamedTuple):
    """The figure is the right one but for a digit."""

    how: Literal["changed", "missing", "added", "swapped"]
    says: str
    right: str


Reason: TypeAlias = OwnTerms | Follows | OfAnother | Diagnosis | Slip


class JudgedFigure(NamedTuple):
    """A figure with its verdict, and why it is wrong as far as that is known."""

    figure: Figure
    verdict: Verdict
    reasons: tuple[Reason, ...]
    terms: Answer | None
    """What the working that the deck shows comes to; None where it shows none."""

    @property
    def right(self) -> Answer:
        """The right answer, exactly."""
        return self.figure.question.key


class JudgedStatement(NamedTuple):
    """A statement with its verdict, the worst of its figures'."""

    statement: Statement
    verdict: Verdict
    figures: tuple[JudgedFigure, ...]

    @property
    def wrong(self) -> tuple[JudgedFigure, ...]:
        """The figures that are wrong."""
        return tuple(figure for figure in self.figures if figure.verdict == "wrong")

    @property
    def explained(self) -> bool:
        """Whether every figure that is wrong has a reason."""
        return all(figure.reasons for figure in self.wrong)


class JudgedDeck(NamedTuple):
    """A deck with the verdict on each of its statements."""

    deck: Deck
    statements: tuple[JudgedStatement, ...]
    networks: dict[str, Network]
    """The networks that it speaks of, by the names that its quantities have."""

    def count(self, verdict: Verdict) -> int:
        """How many statements have a verdict."""
        return sum(judged.verdict == verdict for judged in self.statements)
