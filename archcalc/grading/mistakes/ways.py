"""What a mistake may be made in, and the function that says what is done otherwise there.

A row of the table has one or more of these ways. Diagnosis goes through the table and hands each function what it is
about: the rules of a layer, a layer and its neighbour, a question, a sum, arithmetic, a unit, a shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Literal, NamedTuple, Protocol, TypeAlias

from archcalc.grading.model import Sort
from archcalc.layers.base import Letters, Shape
from archcalc.network.network import Network
from archcalc.results.asked import Operation, Term
from archcalc.results.counts import Convention
from archcalc.results.quantities import Answer, QuantityName
from archcalc.results.report import Report
from archcalc.results.rereading import Rules

RuleChange: TypeAlias = Callable[[Rules], "Rules | None"]
"""The rules of one layer as they are misread; None where the mistake cannot be made."""

Facts: TypeAlias = Mapping[str, str]
"""What the sentence about a mistake puts in, by the names in its braces."""

NO_FACTS: Facts = {}


class InRules(NamedTuple):
    """In the rules of a layer, whichever has the letters."""

    change: RuleChange


class Neighbour(NamedTuple):
    """A layer nearby, whose letters somebody may slip into."""

    letters: Letters
    alike: bool
    """Whether it is of the same kind as the layer that is misread."""


class Borrowed(NamedTuple):
    """Something taken from another layer."""

    shown: str
    """What was taken, as it is told: `64`, `3×3`."""
    change: RuleChange


class OfNeighbour(NamedTuple):
    """In the letters of a layer, which are taken from another one."""

    change: Callable[[Letters, Neighbour], Iterable[Borrowed]]


class InJoin(NamedTuple):
    """In the branches of a join: the shapes that are joined when the branch of that number is misread."""

    change: Callable[[tuple[Shape, ...], int], tuple[Shape, ...]]


class Read(Protocol):
    """A network as it is read for a question."""

    @property
    def network(self) -> Network:
        """The network."""

    @property
    def convention(self) -> Convention:
        """How it is counted."""

    @property
    def report(self) -> Report:
        """Everything that was counted."""

    @property
    def index(self) -> Mapping[str, int]:
        """Layers by their paths."""

    def members(self, path: str) -> tuple[int, ...]:
        """The layers at or under a path."""

    def having(self, asked: QuantityName) -> tuple[int, ...]:
        """The layers that have something of what is asked for."""


class TakenFor(NamedTuple):
    """What was taken for what was asked."""

    quantity: QuantityName
    facts: Facts = NO_FACTS
    convention: Convention | None = None
    """The convention it was counted by, if another."""


class InQuestion(NamedTuple):
    """In what was asked: another quantity, layer, axis or convention."""

    change: Callable[[Read, QuantityName], Iterable[TakenFor]]
    reach: Literal["layer", "near", "far"] = "near"
    """How far from what was asked: in the same layer, near it, or anywhere in the network."""
    sort: Sort = "asked"


class Summand(NamedTuple):
    """What one layer or block adds to a sum."""

    name: str
    amount: int
    kind: str = ""
    """The kind of a layer; empty for a block."""


class SumOfLayers(Protocol):
    """A sum over layers."""

    @property
    def right(self) -> int:
        """What it comes to."""

    @property
    def parts(self) -> tuple[Summand, ...]:
        """The layers that add something, in their order."""

    @property
    def blocks(self) -> tuple[Summand, ...]:
        """The blocks and branches inside that do."""

    @property
    def batch(self) -> int:
        """How many inputs it is for."""

    @property
    def param_bytes(self) -> int | None:
        """The memory of the parameters, where memory is asked for."""


class Came(NamedTuple):
    """What something comes to when it is counted otherwise."""

    value: int
    facts: Facts = NO_FACTS


class InSum(NamedTuple):
    """In a sum over layers."""

    change: Callable[[SumOfLayers], Iterable[Came]]
    far: bool = False
    """Whether it is made in any one of many places."""


class CountedLayers(NamedTuple):
    """Layers that are counted: all of them, or those on the longest path that the field counts."""

    what: str
    """`layers` or `depth`."""
    right: int
    kinds: Mapping[str, int]
    """How many there are of each kind."""
    counting: frozenset[str]
    """The kinds that count for the depth."""


class InCount(NamedTuple):
    """In how many layers there are."""

    change: Callable[[CountedLayers], Iterable[Came]]


class InArithmetic(NamedTuple):
    """In the last step of a calculation: other terms, or another sign between them."""

    change: Callable[[Operation], Iterable[Term]]


class WrittenUnit(NamedTuple):
    """The unit of an answer."""

    written: str | None
    """As it was written, or as it is asked for: `MB`, `GiB`, `FLOP`; None for a bare count."""
    counted: str
    """What is counted: `B` for bytes, `MAC`, `FLOP`, or nothing."""
    element_bytes: int
    elements: bool
    """Whether each of what is counted may be taken to have bytes."""
    share: bool
    """Whether it may be given in percent."""


class Factor(NamedTuple):
    """The right number comes out so many times as large."""

    factor: Fraction
    facts: Facts = NO_FACTS


class InUnit(NamedTuple):
    """In the unit of the answer."""

    change: Callable[[WrittenUnit], Iterable[Factor]]


class InShape(NamedTuple):
    """In how a shape is written."""

    change: Callable[[Shape], Iterable[Answer]]


class InPick(NamedTuple):
    """In which option is picked as the `largest` or the `smallest`, given the number of each."""

    change: Callable[[Mapping[str, int | Fraction], str], str]


class Beside(NamedTuple):
    """In how a right number is written: judging finds it, and it is held against the answer."""


Way: TypeAlias = (
    InRules
    | OfNeighbour
    | InJoin
    | InQuestion
    | InSum
    | InCount
    | InArithmetic
    | InUnit
    | InShape
    | InPick
    | Beside
)
