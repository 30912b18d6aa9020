"""Sums over layers that are counted otherwise: some of them left out, counted twice, or with a mistake in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from archcalc.grading.diagnosis.borrowing import borrowed
from archcalc.grading.diagnosis.confusions import mistake
from archcalc.grading.diagnosis.misreading import Misreader
from archcalc.grading.model import Mistake
from archcalc.layers import KINDS
from archcalc.results.counts import BYTES, COUNTS, OF_LAYERS
from archcalc.results.quantities import STRUCTURE, TOTALS, Answer, Quantity


class Candidate(NamedTuple):
    """What comes out by one mistake or by two."""

    value: Answer
    mistakes: tuple[Mistake, ...]


class Summands:
    """What the layers of a block or of the network, `members`, add to a quantity."""

    def __init__(self, reader: Misreader, asked: Quantity, members: tuple[int, ...], scope: str) -> None:
        self.reader = reader
        self.asked = asked
        self.members = members
        self.scope = scope

    def near(self, right: int) -> Iterator[Candidate]:
        """Whole kinds of layers left out or alone, the input left out, the parameters once for each input."""
        if self.asked.name in STRUCTURE:
            yield from self._structure(right)
        if self.asked.name not in (COUNTS if self.asked.path in TOTALS else OF_LAYERS) or self.asked.axis:
            return
        reader, asked = self.reader, self.asked
        by_kind: dict[str, list[int]] = {}
        last: dict[str, str] = {}
        for index in self.members:
            row = reader.report.rows[index]
            part = reader.contribution(asked, row)
            if part:
                by_kind.setdefault(row.kind, []).append(part)
                last[row.kind] = row.name
        count, counted = sum(map(len, by_kind.values())), sum(map(sum, by_kind.values()))
        for kind, parts in by_kind.items():
            # One layer left out, or one alone, is said by its name; the only one of its kind is often forgotten.
            if len(parts) == 1 and count > len(by_kind):
                found = mistake("layer-left-out", "asked", self.scope, layer=last[kind])
                yield Candidate(right - parts[0], (found,))
            if 1 < len(parts) < count - 1:
                yield Candidate(sum(parts), (mistake("only-kind", "asked", self.scope, kind=kind),))
                yield Candidate(
                    right - sum(parts), (mistake("kind-left-out", "asked", self.scope, kind=kind),)
                )
        given = right - counted
        if given and by_kind:
            yield Candidate(right - given, (mistake("input-left-out", "asked", self.scope),))
        params = reader.value(asked._replace(name="param_bytes")) if asked.name in BYTES else None
        if isinstance(params, int) and reader.convention.batch > 1:
            more = params * (reader.convention.batch - 1)
            yield Candidate(right + more, (mistake("parameters-times-batch", "asked", self.scope),))

    def _structure(self, right: int) -> Iterator[Candidate]:
        """Layers of another kind counted too, or not: a depth with its poolings."""
        reader, asked = self.reader, self.asked
        rows = [reader.report.rows[i] for i in self.members if not reader.report.rows[i].auxiliary]
        if asked.name not in ("depth", "layers") or asked.axis is not None:
            return
        kinds = Counter(row.kind for row in rows)
        counted = {row.kind for row in rows if KINDS[row.kind].counts_as_layer}
        for kind, count in kinds.items():
            if asked.name == "layers":
                yield Candidate(right - count, (mistake("kind-left-out", "asked", self.scope, kind=kind),))
                yield Candidate(count, (mistake("only-kind", "asked", self.scope, kind=kind),))
            elif kind not in counted:
                yield Candidate(
                    right + count, (mistake("kind-counted-as-layer", "asked", self.scope, kind=kind),)
                )
        if asked.name == "depth":
            all_counted = sum(kinds[kind] for kind in counted)
            yield Candidate(all_counted, (mistake("branches-counted", "asked", self.scope),))

    def far(self, right: int) -> Iterator[Candidate]:
        """A mistake in one of the layers or all of a kind; a layer or a branch left out, or counted twice."""
        yield from self._one_of_a_sum(right)
        yield from self._of_a_kind(right)
        for part, made in self._parts():
            yield Candidate(right - part, (made._replace(code=f"{made.code}-left-out"),))
            yield Candidate(right + part, (made._replace(code=f"{made.code}-twice"),))

    def _one_of_a_sum(self, right: int) -> Iterator[Candidate]:
        """One mistake in one layer, the others staying as they are."""
        reader = self.reader
        for index in self.members:
            row, name = reader.report.rows[index], reader.network.nodes[index].name
            counted = reader.contribution(self.asked, row)
            for misconception in (*reader.misconceptions([index]), *borrowed(reader, index)):
                changed = reader.alone(misconception, index)
                if changed is None:
                    continue
                delta = reader.contribution(self.asked, changed) - counted
                if delta:
                    made = Mistake(misconception.code, "rule", name, misconception.facts)
                    yield Candidate(right + delta, (made,))

    def _of_a_kind(self, right: int) -> Iterator[Candidate]:
        """The same mistake in all layers of one kind."""
        sums: dict[tuple[str, str, tuple[tuple[str, str], ...], int], int] = {}
        reader = self.reader
        for misconception in reader.misconceptions(self.members):
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
            yield Candidate(right + delta, (Mistake(code, "rule", self.scope, (*facts, ("kind", kind))),))

    def _parts(self) -> Iterator[tuple[int, Mistake]]:
        """What each layer and each branch or block adds to a sum."""
        reader, found = self.reader, []
        inside = set(self.members)
        for index in self.members:
            part = reader.contribution(self.asked, reader.report.rows[index])
            found.append(
                (part, mistake("layer", "asked", self.scope, layer=reader.network.nodes[index].name))
            )
        for group in reader.network.groups:
            rows = reader.members(group)
            if group != self.asked.path and len(rows) > 1 and inside.issuperset(rows):
                part = sum(reader.contribution(self.asked, reader.report.rows[i]) for i in rows)
                found.append((part, mistake("branch", "asked", self.scope, layer=group)))
        return ((part, made) for part, made in found if part)
