"""What a single quantity comes to when it is misread: the numbers of one mistake, near what was asked or far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, TypeAlias

from archcalc.grading.diagnosis.borrowing import borrowed
from archcalc.grading.diagnosis.confusions import Confusion, of_others, of_quantity
from archcalc.grading.diagnosis.misreading import Misreader, Misreaders
from archcalc.grading.diagnosis.summands import Candidate, Summands
from archcalc.grading.mistakes.rows import Misreading
from archcalc.grading.model import Mistake
from archcalc.network.network import INPUT
from archcalc.results.analysis import Analysis
from archcalc.results.counts import COUNTS, OF_LAYERS
from archcalc.results.quantities import STRUCTURE, TOTALS, Answer, QuantityName
from archcalc.results.rereading import Change, reread

MOST_REREAD = 30_000
"""Layers that are read again for one quantity at each step, so that the time stays bounded."""

EVERYWHERE = ("where", "everywhere")
"""The fact of a mistake that was made in every layer, where one layer was asked for."""

Changes: TypeAlias = Mapping[int, Change]


class Misread(NamedTuple):
    """A network with a mistake in its rules: which, and where."""

    mistake: Mistake
    changes: Changes
    misconception: Misreading


class Candidates:
    """Everything that a quantity may come to by one mistake, worked out as it is needed."""

    def __init__(self, readers: Misreaders, reader: Misreader, asked: QuantityName) -> None:
        if asked.batch is not None:
            reader = readers.by(reader, reader.convention._replace(batch=asked.batch))
            asked = asked._replace(batch=None)
        self.readers = readers
        self.reader = reader
        self.asked = asked
        self.right = reader.value(asked)
        self.members = reader.members(asked.path)
        self.adds_up = (asked.name in COUNTS if asked.path in TOTALS else asked.name in OF_LAYERS) and (
            asked.axis is None
        )
        self.targets = self._targets()
        self.until = max((*self.members, *self.targets), default=-1) + 1
        self.scope = "" if asked.path in TOTALS else asked.path
        self.summands = (
            Summands(reader, asked, self.members, self.scope, self.right)
            if isinstance(self.right, int)
            else None
        )

    def _targets(self) -> tuple[int, ...]:
        """The layers whose rules give the quantity: all of a sum, the last of a block, those before an input."""
        reader, asked = self.reader, self.asked
        if asked.name in STRUCTURE:
            return ()
        if self.adds_up or asked.path in TOTALS:
            return self.members
        if asked.name == "input":
            inside = set(self.members)
            came = (i for member in self.members for i in reader.network.nodes[member].inputs)
            return tuple(i for i in came if i != INPUT and i not in inside)[:1]
        index = reader.index.get(asked.path, reader.network.groups.get(asked.path, INPUT))
        return () if index == INPUT else (index,)

    # ---- one mistake, near

    @cached_property
    def near(self) -> tuple[Candidate, ...]:
        """One mistake in the layer itself, in the whole network, or in what was asked."""
        return tuple(self.kept([*self._rules(), *self._asked()]))

    @cached_property
    def misread(self) -> tuple[Misread, ...]:
        """The mistakes in the rules of the layers themselves, and those made wherever they can be."""
        reader, found = self.reader, []
        if not self.targets:
            return ()  # no rule has a part in it
        everything = range(len(reader.network.nodes))
        for misconception in reader.misconceptions:
            here = reader.changes(misconception, self.targets)
            there = reader.changes(misconception, everything)
            # A single layer of a sum is far off too.
            if here and (len(here) > 1 or len(self.targets) == 1):
                (first, *more) = here
                scope = self.scope if more else reader.network.nodes[first].name
                found.append(Misread(self._mistake(misconception, scope), here, misconception))
            # Where a single other layer is concerned, it is a mistake in that layer, far off.
            if len(there) > 1 and here.keys() != there.keys():
                made = self._mistake(misconception, "")
                if self.scope:
                    made = made._replace(facts=(*made.facts, EVERYWHERE))
                found.append(Misread(made, there, misconception))
        return tuple(found)

    @cached_property
    def confusions(self) -> tuple[Confusion, ...]:
        """What may have been taken for what was asked."""
        return tuple(of_quantity(self.reader, self.asked))

    def _mistake(self, misconception: Misreading, scope: str) -> Mistake:
        return Mistake(misconception.code, "rule", scope, misconception.facts)

    def _rules(self) -> Iterator[Candidate]:
        for misread in self.misread:
            value = self.reader.value(self.asked, analysis) if (analysis := self._reread(misread)) else None
            if value is not None:
                yield Candidate(value, (misread.mistake,))
        for index in self.targets if not self.adds_up else ():
            for misconception in self.reader.branches(index):
                changes = self.reader.changes(misconception, [index])
                analysis = reread(self.reader.right, changes, self.until)
                value = None if analysis is None else self.reader.value(self.asked, analysis)
                if value is not None:
                    name = self.reader.network.nodes[index].name
                    yield Candidate(value, (self._mistake(misconception, name),))

    def _reread(self, misread: Misread) -> Analysis | None:
        if len(misread.changes) > len(self.targets) or misread.mistake.scope == "":
            whole = self.reader.everywhere(misread.misconception)
            if whole is not None:
                return whole
        return reread(self.reader.right, misread.changes, self.until)

    def _asked(self) -> Iterator[Candidate]:
        seen: set[Answer] = set()
        before = {
            self.of_confusion(other) for other in self.confusions if other.mistake.code == "layer-before"
        }
        for confusion in self.confusions:
            value = self.of_confusion(confusion)
            if value is None:
                continue
            # What comes into a layer is what the layer before it puts out.
            if confusion.mistake.code == "input-for-output" and value in before:
                continue
            # MACs given for the weights of a linear layer are its weights: the first of these says it.
            same_place = confusion.quantity.path == self.asked.path and confusion.quantity.axis is None
            if not (same_place and value in seen):
                yield Candidate(value, (confusion.mistake,))
            if same_place:
                seen.add(value)
        if self.summands is not None:
            yield from self.summands.near()

    def of_confusion(self, confusion: Confusion) -> Answer | None:
        """What is got by somebody who takes this for what was asked; None where it has no number."""
        return self.reader_of(confusion).value(confusion.quantity)

    def reader_of(self, confusion: Confusion) -> Misreader:
        """The same network by the convention of a confusion."""
        return self.readers.by(self.reader, confusion.convention)

    # ---- one mistake, far

    @cached_property
    def far(self) -> tuple[Candidate, ...]:
        """One mistake in a layer before, in one layer of a sum, or in what was taken from another layer."""
        found = list(self._others())
        if self.asked.name not in STRUCTURE:
            found += [*self._before(), *self._borrowed()]
        if self.adds_up and len(self.members) > 1 and self.summands is not None:
            found += self.summands.far()
        return tuple(self.kept(found))

    def _before(self) -> Iterator[Candidate]:
        """A mistake in one layer whose consequences are carried on."""
        reader, targets = self.reader, set(self.targets)
        if self.adds_up and len(self.members) > 1:
            before: Iterable[int] = self.members
        else:
            before = dict.fromkeys(i for target in self.targets for i in reader.before(target))
        spent = 0
        for index in before:
            if index in targets and len(targets) == 1:
                continue
            name = reader.network.nodes[index].name
            of_layer = (*reader.misconceptions, *reader.branches(index))
            for misconception in of_layer:
                if spent > MOST_REREAD or not self._carries_on(misconception, index):
                    continue
                spent += self.until - index
                analysis = reader.changed(misconception, index, self.until)
                value = None if analysis is None else reader.value(self.asked, analysis)
                if value is not None:
                    yield Candidate(value, (self._mistake(misconception, name),))

    def _carries_on(self, misconception: Misreading, index: int) -> bool:
        row, right = self.reader.alone(misconception, index), self.reader.report.rows[index]
        if row is None:
            return False
        if self.asked.name == "receptive_field":
            return row.receptive_field != right.receptive_field
        return row.output != right.output

    def _borrowed(self) -> Iterator[Candidate]:
        """Letters of other layers: in the layer itself, carried on or not, or in one layer of a sum."""
        reader = self.reader
        for index in self.targets:
            name = reader.network.nodes[index].name
            for misconception in borrowed(reader, index):
                if self.adds_up and len(self.members) > 1:
                    continue  # among those of one layer of a sum
                analysis = reread(reader.right, reader.changes(misconception, [index]), self.until)
                value = None if analysis is None else reader.value(self.asked, analysis)
                if value is not None:
                    yield Candidate(value, (self._mistake(misconception, name),))

    def _others(self) -> Iterator[Candidate]:
        for confusion in of_others(self.reader, self.asked):
            value = self.of_confusion(confusion)
            if value is not None:
                yield Candidate(value, (confusion.mistake,))

    def kept(self, found: Iterable[Candidate]) -> Iterator[Candidate]:
        """Without what gives the right answer anyway, or nothing at all."""
        for candidate in found:
            if candidate.value != self.right and candidate.value not in (0, ()):
                yield candidate
