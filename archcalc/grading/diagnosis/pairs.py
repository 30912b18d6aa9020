"""What a single quantity comes to by two mistakes.

Pairs are many, so each mistake is one that is made often, and the time is bounded. Mistakes in two layers of a sum
add up: those are not listed, but looked up from the number that somebody wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from itertools import combinations

from archcalc.grading.diagnosis.candidates import Candidates, Changes, Misread
from archcalc.grading.diagnosis.confusions import of_same_layer
from archcalc.grading.diagnosis.summands import Candidate
from archcalc.grading.mistakes.table import TABLE, is_seldom
from archcalc.grading.model import Mistake
from archcalc.results.analysis import Analysis
from archcalc.results.rereading import Change, Rules, reread

MOST_READ = 4_000
"""Layers that are read again for the pairs of one quantity."""


class Pairs:
    """The pairs of mistakes about one quantity."""

    def __init__(self, single: Candidates) -> None:
        self.single = single
        self.reader = single.reader
        self.misread = [one for one in single.misread if not is_seldom(one.mistake.code)]
        self.confusions = [one for one in single.confusions if not is_seldom(one.mistake.code)]

    @cached_property
    def listed(self) -> tuple[Candidate, ...]:
        """Two mistakes in the rules, in what was asked, or one in each."""
        found = [*self._rules(), *self._rule_and_asked(), *self._asked()]
        return tuple(self.single.kept(found))

    # ---- in the rules

    def _rules(self) -> Iterator[Candidate]:
        single = self.single
        everywhere = [one for one in self.misread if not one.mistake.scope]
        here = [one for one in self.misread if one.mistake.scope]
        if len(single.targets) == 1:
            (target,) = single.targets
            yield from self._at(target, here, everywhere)
            everywhere = [one for one in everywhere if self._moves(one, target)]
        else:
            everywhere = [one for one in self.misread if self._matters(one)]
        spent = 0
        for one, other in combinations(everywhere, 2):
            changes = _together(one.changes, other.changes)
            spent += single.until - min(changes)
            if one.mistake.code == other.mistake.code or spent > MOST_READ:
                continue
            yield from self._read(reread(self.reader.right, changes, single.until), (one, other))

    def _at(self, target: int, here: list[Misread], everywhere: list[Misread]) -> Iterator[Candidate]:
        """Two mistakes in the one layer, or one in it and another in all layers, those before it too."""
        until = self.single.until
        for one, other in combinations(here, 2):
            if one.mistake.code != other.mistake.code:
                changes = _together(one.changes, other.changes)
                yield from self._read(reread(self.reader.right, changes, until), (one, other))
        for one in everywhere:
            base = self.reader.everywhere(one.misconception) if self._moves(one, target) else None
            if base is None:
                continue
            for other in here:
                if one.mistake.code != other.mistake.code:
                    mine = {target: one.changes[target]} if target in one.changes else {}
                    changes = _together(mine, other.changes)
                    yield from self._read(reread(base, changes, until), (one, other))

    def _moves(self, one: Misread, target: int) -> bool:
        """Whether a mistake changes what reaches a layer."""
        analysis = self.reader.everywhere(one.misconception)
        return analysis is not None and analysis.rows[target].inputs != self.reader.report.rows[target].inputs

    def _matters(self, one: Misread) -> bool:
        """Whether a mistake changes the quantity."""
        analysis = self.reader.everywhere(one.misconception)
        return analysis is not None and self.reader.value(self.single.asked, analysis) != self.single.right

    def _read(self, analysis: Analysis | None, made: tuple[Misread, Misread]) -> Iterator[Candidate]:
        value = None if analysis is None else self.reader.value(self.single.asked, analysis)
        if value is not None:
            yield Candidate(value, tuple(one.mistake for one in made))

    # ---- in what was asked

    def _rule_and_asked(self) -> Iterator[Candidate]:
        small = len(self.reader.network.nodes) * len(self.misread) <= MOST_READ
        for confusion in self.confusions:
            reader = self.single.reader_of(confusion)
            if reader is not self.reader and not small:
                continue
            for one in self.misread:
                if one.mistake.code == confusion.mistake.code:
                    continue
                analysis = reader.everywhere(one.misconception)
                value = None if analysis is None else reader.value(confusion.quantity, analysis)
                if value is not None:
                    yield Candidate(value, (one.mistake, confusion.mistake))

    def _asked(self) -> Iterator[Candidate]:
        for first in self.confusions:
            reader = self.single.reader_of(first)
            for second in of_same_layer(reader, first.quantity):
                back = second.quantity == self.single.asked and second.convention == self.reader.convention
                if back or is_seldom(second.mistake.code) or second.mistake.code == first.mistake.code:
                    continue
                value = self.single.of_confusion(second)
                if value is not None:
                    yield Candidate(value, (first.mistake, second.mistake))

    # ---- in a sum

    @cached_property
    def steps(self) -> tuple[tuple[int, Mistake], ...]:
        """What single mistakes in one layer of a sum add to it."""
        single, right = self.single, self.single.right
        if not (single.adds_up and len(single.members) > 1) or not isinstance(right, int):
            return ()
        return tuple(
            (candidate.value - right, candidate.mistakes[0])
            for candidate in single.far
            if isinstance(candidate.value, int) and _is_likely(candidate.mistakes[0].code)
        )

    @cached_property
    def _by_step(self) -> dict[int, list[Mistake]]:
        found: dict[int, list[Mistake]] = {}
        for step, made in self.steps:
            found.setdefault(step, []).append(made)
        return found

    def in_sum(self, number: int) -> Iterator[Candidate]:
        """The pairs of mistakes in two layers of a sum, or one everywhere and one in a layer, that give a number."""
        right = self.single.right
        if not self.steps or not isinstance(right, int):
            return
        for near in self.single.near:
            if isinstance(near.value, int) and not is_seldom(near.mistakes[0].code):
                for made in self._by_step.get(number - near.value, ()):
                    if near.mistakes[0].code != made.code:
                        yield Candidate(number, (*near.mistakes, made))
        for step, one in self.steps:
            for other in self._by_step.get(number - right - step, ()):
                if _place(one) < _place(other):
                    yield Candidate(number, (one, other))

    @cached_property
    def density(self) -> Fraction:
        """The pairs in a sum by how far apart they lie on average: what chance finds in one whole number."""
        count = len(self.steps) * (len(self.steps) // 2 + len(self.single.near))
        sizes = sorted(abs(step) for step, _ in self.steps)
        return Fraction(count, 4 * sizes[len(sizes) // 2] + 1) if sizes else Fraction(0)


def _is_likely(code: str) -> bool:
    """Whether a mistake may be one of two: made often enough, and not in any of so many places."""
    return not (is_seldom(code) or TABLE[code].guessed)


def _place(made: Mistake) -> str:
    return made.scope if made.sort == "rule" else made.elsewhere


def _together(one: Changes, other: Changes) -> dict[int, Change]:
    """Both changes, in layers where both are made one after the other."""
    changes = dict(one)
    for index, change in other.items():
        first = changes.get(index)
        changes[index] = change if first is None else _both(first, change)
    return changes


def _both(first: Change, second: Change) -> Change:
    def change(rules: Rules) -> Rules:
        return second(first(rules))

    return change
