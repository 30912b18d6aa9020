"""Sheet → marks: each answer read, held against the key, and if wrong, diagnosed and followed through."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from archcalc.grading import numbers
from archcalc.grading.codes import IMPRECISE
from archcalc.grading.diagnosis.diagnostician import Diagnostician
from archcalc.grading.diagnosis.telling import Considered
from archcalc.grading.following import Follower
from archcalc.grading.judging import Judgement, Nearness, judge
from archcalc.grading.model import (
    NOT_KNOWN,
    Assignment,
    Cause,
    Graded,
    Mark,
    Question,
    Reading,
    Sheet,
    Verdict,
    Written,
)
from archcalc.results.quantities import Answer

MOST_REMEMBERED = 20_000
"""Answers whose marks are kept, so that what many students write is marked once; none that is too long to be read."""


class _Marked(NamedTuple):
    """A mark, and the answer in units of one: what later questions may follow from; None where there is none."""

    mark: Mark
    value: Answer | None


class Marker:
    """Marks the sheets of one assignment."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.diagnostician = Diagnostician(assignment.networks, assignment.questions)
        self.follower = Follower(assignment)
        self.marked: dict[tuple[str, str, tuple[tuple[str, Answer], ...], bool], _Marked] = {}

    def mark(self, sheet: Sheet) -> Graded:
        """A sheet with a mark for each question. Nothing in it raises, whatever it says."""
        marks: list[Mark] = []
        own: dict[str, Answer] = {}
        wrong: set[str] = set()
        for question in self.assignment.questions:
            text = sheet.answers.get(question.id, "")
            earlier = tuple((name, own[name]) for name in question.follows if name in own)
            rounded = not any(name in wrong for name in question.follows)
            key = question.id, text, earlier, rounded
            found = self.marked.get(key)
            if found is None:
                found = self._mark(question, text, dict(earlier), rounded)
                if len(text) <= numbers.LONGEST:
                    if len(self.marked) >= MOST_REMEMBERED:
                        self.marked.clear()
                    self.marked[key] = found
            marks.append(found.mark)
            if found.mark.verdict not in _RIGHT:
                wrong.add(question.id)
            if found.value is not None and found.value != question.key:
                own[question.id] = found.value
        return Graded(sheet, tuple(marks))

    def _mark(self, question: Question, text: str, earlier: Mapping[str, Answer], rounded: bool) -> _Marked:
        """One answer. `earlier` are the student's own that are not the key; `rounded` says that they are near it."""
        reading = self._reading(question, text)
        if not reading.ways:
            verdict: Verdict = "blank" if reading.blank else "unreadable"
            return _Marked(Mark(question.id, reading, verdict, Fraction(0)), None)
        judged = [judge(question, question.key, way, named=reading.named) for way in reading.ways]
        right = [judgement for judgement in judged if judgement.judged != "wrong"]
        if right and len(right) < len(judged):
            return _Marked(Mark(question.id, reading, "ambiguous", Fraction(0)), None)
        if right:
            best = min(right, key=lambda judgement: _ORDER.index(judgement.judged))
            # A shape may be right in another order than the key's.
            value = best.value if question.form == "number" else question.key
            return _Marked(_right(question, reading, best, best.judged), value)
        said = judged[0].value if len(judged) == 1 else None
        followed = self._followed(question, reading, earlier, rounded)
        if followed is not None:
            return _Marked(followed, said)
        return _Marked(self._wrong(question, reading, judged[0].codes, earlier), said)

    def _reading(self, question: Question, text: str) -> Reading:
        return numbers.read(
            text,
            question.form,
            locale=self.assignment.numbers,
            lenient=self.assignment.lenient,
            labels=[option.label for option in question.options],
            texts=[option.text for option in question.options],
        )

    def _followed(
        self, question: Question, reading: Reading, earlier: Mapping[str, Answer], rounded: bool
    ) -> Mark | None:
        """The mark of an answer that is right for the student's own earlier answers; None if it is not."""
        if not earlier:
            return None
        for key in self.follower.keys(question, earlier):
            judged = [judge(question, key, way, named=reading.named) for way in reading.ways]
            right = [judgement for judgement in judged if judgement.judged != "wrong"]
            if right and len(right) < len(judged):
                return Mark(question.id, reading, "ambiguous", Fraction(0))
            if right:
                return _right(question, reading, right[0], "rounded" if rounded else "followed")
        return None

    def _wrong(
        self, question: Question, reading: Reading, codes: tuple[str, ...], earlier: Mapping[str, Answer]
    ) -> Mark:
        considered = Considered(NOT_KNOWN)
        # What is right as far as it goes has no mistake in it to be found.
        if IMPRECISE not in codes:
            for way in reading.ways:
                considered = self._considered(question, way, earlier)
                if considered.found:
                    break
        shared = _share(question, considered, codes)
        verdict: Verdict = "partial" if shared else "wrong"
        return Mark(question.id, reading, verdict, question.points * shared, considered.diagnosis, codes)

    def _considered(self, question: Question, way: Written, earlier: Mapping[str, Answer]) -> Considered:
        """Why an answer is wrong: a near mistake, one on top of earlier answers, or what takes more than that."""
        if earlier:
            near = self.diagnostician.consider(question, way, nearest=True)
            if near.found:
                return near
            for mine, diagnostician in self.follower.afresh(question, earlier):
                found = diagnostician.consider(mine, way, nearest=True)
                if found.found:
                    return found
        return self.diagnostician.consider(question, way)


_RIGHT: tuple[Verdict, ...] = ("right", "rounded", "truncated")

_ORDER: tuple[Nearness, ...] = ("right", "rounded", "truncated", "wrong")


def _right(question: Question, reading: Reading, judgement: Judgement, verdict: Verdict) -> Mark:
    """The mark of a right answer: all points, less those of a unit that is missing or wrong."""
    lost = question.unit_points if judgement.codes else Fraction(0)
    return Mark(question.id, reading, verdict, question.points - lost, mistakes=judgement.codes)


def _share(question: Question, considered: Considered, codes: tuple[str, ...]) -> Fraction:
    """The part of its points that a wrong answer is worth.

    Of two possible causes the one that is worth more; of those too many to be told the one that is worth least.
    """
    shares = dict(question.partial)
    worth = [shares.get(code, Fraction(0)) for code in codes]
    worth += [_worth(cause, shares) for cause in considered.diagnosis.causes]
    worth.append(min((_worth(cause, shares) for cause in considered.untold), default=Fraction(0)))
    return max(worth, default=Fraction(0))


def _worth(cause: Cause, shares: Mapping[str, Fraction]) -> Fraction:
    worth = Fraction(1)
    for mistake in cause.mistakes:
        worth *= shares.get(mistake.code, shares.get(mistake.sort, Fraction(0)))
    return worth if cause.mistakes else Fraction(0)
