"""Sums over layers that are counted otherwise: some of them left out, counted twice, or with a mistake in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from archcalc.grading.diagnosis.borrowing import borrowed
from archcalc.grading.diagnosis.confusions import mistake
from archcalc.grading.diagnosis.misreading import Misreader
from archcalc.grading.mistakes.table import ways
from archcalc.grading.mistakes.ways import CountedLayers, InCount, InSum, Summand
from archcalc.grading.model import Mistake
from archcalc.layers import KINDS
from archcalc.results.counts import BYTES, COUNTS, OF_LAYERS
from archcalc.results.quantities import STRUCTURE, TOTALS, Answer, QuantityName


class Candidate(NamedTuple):
    """What comes out by one mistake or by two."""

    value: Answer
    mistakes: tuple[Mistake, ...]


class Summands:
    """What the layers of a block or of the network, `members`, add to a quantity that comes to `right`."""

    def __init__(
        self, reader: Misreader, asked: QuantityName, members: tuple[int, ...], scope: str, right: int
    ) -> None:
        self.reader = reader
        self.asked = asked
        self.members = members
        self.scope = scope
        self.right = right
        self.batch = reader.convention.batch

    @cached_property
    def parts(self) -> tuple[Summand, ...]:
        """The layers that add something."""
        rows = (self.reader.report.rows[index] for index in self.members)
        found = (Summand(row.name, self.reader.contribution(self.asked, row), row.kind) for row in rows)
        return tuple([part for part in found if part.amount])

    @cached_property
    def blocks(self) -> tuple[Summand, ...]:
        """The blocks and branches inside that add something."""
        reader, inside, found = self.reader, set(self.members), []
        for group in reader.network.groups:
            members = reader.members(group)
            if group != self.asked.path and len(members) > 1 and inside.issuperset(members):
                rows = reader.report.rows
                found.append(Summand(group, sum(reader.contribution(self.asked, rows[i]) for i in members)))
        return tuple([part for part in found if part.amount])

    @cached_property
    def param_bytes(self) -> int | None:
        """The memory of the parameters, where memory is asked for."""
        asked = self.asked
        found = self.reader.value(asked._replace(name="param_bytes")) if asked.name in BYTES else None
        return found if isinstance(found, int) else None

    def near(self) -> Iterator[Candidate]:
        """What is counted otherwise as a whole: kinds of layers left out or alone, the input, the parameters."""
        if self.asked.axis is not None:
            return
        if self.asked.name in STRUCTURE:
            yield from self._structure()
        if self.asked.name in (COUNTS if self.asked.path in TOTALS else OF_LAYERS):
            yield from self._counted(far=False)

    def far(self) -> Iterator[Candidate]:
        """A mistake in one of the layers or all of a kind; a layer or a branch left out, or counted twice."""
        yield from self._one_of_a_sum()
        yield from self._of_a_kind()
        yield from self._counted(far=True)

    def _counted(self, *, far: bool) -> Iterator[Candidate]:
        for known, way in ways(InSum):
            if way.far == far:
                for came in way.change(self):
                    yield Candidate(came.value, (mistake(known.code, "asked", self.scope, came.facts),))

    def _structure(self) -> Iterator[Candidate]:
        """Layers of another kind counted too, or not: a depth with its poolings."""
        rows = (self.reader.report.rows[index] for index in self.members)
        kinds = Counter(row.kind for row in rows if not row.auxiliary)
        counting = frozenset(kind for kind in kinds if KINDS[kind].counts_as_layer)
        counted = CountedLayers(self.asked.name, self.right, kinds, counting)
        for known, way in ways(InCount):
            for came in way.change(counted):
                yield Candidate(came.value, (mistake(known.code, "asked", self.scope, came.facts),))

    def _one_of_a_sum(self) -> Iterator[Candidate]:
        """One mistake in one layer, the others staying as they are."""
        reader = self.reader
        for index in self.members:
            row, name = reader.report.rows[index], reader.network.nodes[index].name
            counted = reader.contribution(self.asked, row)
            for misconception in (*reader.misconceptions, *borrowed(reader, index)):
                changed = reader.alone(misconception, index)
                if changed is None:
                    continue
                delta = reader.contribution(self.asked, changed) - counted
                if delta:
                    made = Mistake(misconception.code, "rule", name, misconception.facts)
                    yield Candidate(self.right + delta, (made,))

    def _of_a_kind(self) -> Iterator[Candidate]:
        """The same mistake in all layers of one kind."""
        sums: dict[tuple[str, str, tuple[tuple[str, str], ...], int], int] = {}
        reader = self.reader
        for misconception in reader.misconceptions:
            by_kind: dict[str, int] = {}
            for index in self.members:
                row = reader.report.rows[index]
                changed = reader.alone(misconception, index)
                if changed is not None:
                    delta = reader.contribution(self.asked, changed) - reader.contribution(self.asked, row)
                    by_kind[row.kind] = by_kind.get(row.kind, 0) + delta
            for kind, delta in by_kind.items():
                if delta:
                    sums[misconception.code, kind, misconception.facts, id(misconception)] = delta
        for (code, kind, facts, _), delta in sums.items():
            made = Mistake(code, "rule", self.scope, (*facts, ("kind", kind)))
            yield Candidate(self.right + delta, (made,))
