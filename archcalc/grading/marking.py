"""Sheet → marks: each answer read, held against the key, and if wrong, diagnosed and followed through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from archcalc.grading import numbers
from archcalc.grading.codes import IMPRECISE
from archcalc.grading.diagnosis.diagnostician import Diagnostician
from archcalc.grading.diagnosis.telling import Considered
from archcalc.grading.following import Follower
from archcalc.grading.judging import Judgement, judge
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


_Key: TypeAlias = tuple[str, str, tuple[tuple[str, Answer], ...], bool]


class Told(NamedTuple):
    """The marks of a sheet, and the answers that were marked for it and not remembered."""

    marks: tuple[Mark, ...]
    new: tuple[tuple[_Key, _Marked], ...]


class _Earlier(NamedTuple):
    """A student's own earlier answers that are not the key."""

    answers: Mapping[str, Answer]
    rounded: bool
    """Whether they are near it."""


class Marker:
    """Marks the sheets of one assignment."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.diagnostician = Diagnostician(assignment.networks, assignment.questions)
        self.follower = Follower(assignment)
        self.marked: dict[_Key, _Marked] = {}
        self._new: list[tuple[_Key, _Marked]] = []
        """What came to these since it was last looked at."""

    def told(self, sheet: Sheet) -> Told:
        """The marks of a sheet, with what another marker of this assignment may learn from them."""
        self._new.clear()
        return Told(self.mark(sheet).marks if sheet.readable else (), tuple(self._new))

    def learn(self, told: Told) -> None:
        """Remember what another marker found out."""
        for key, marked in told.new:
            self._remember(key, marked)

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
                found = self._mark(question, text, _Earlier(dict(earlier), rounded))
                if len(text) <= numbers.LONGEST:
                    self._remember(key, found)
                    self._new.append((key, found))
            marks.append(found.mark)
            if found.mark.verdict not in _RIGHT:
                wrong.add(question.id)
            if found.value is not None and found.value != question.key:
                own[question.id] = found.value
        return Graded(sheet, tuple(marks))

    def _remember(self, key: _Key, marked: _Marked) -> None:
        if len(self.marked) >= MOST_REMEMBERED:
            self.marked.clear()
        self.marked[key] = marked

    def _mark(self, question: Question, text: str, earlier: _Earlier) -> _Marked:
        """One answer."""
        reading = self._reading(question, text)
        if not reading.ways:
            verdict: Verdict = "blank" if reading.blank else "unreadable"
            return _Marked(Mark(question.id, reading, verdict, Fraction(0)), None)
        judged = [judge(question, question.key, way, named=reading.named) for way in reading.ways]
        said = judged[0].value if len(judged) == 1 else None
        full = [
            self._right_or_followed(question, reading, way, judgement, earlier)
            for way, judgement in zip(reading.ways, judged, strict=True)
        ]
        got = [found for found in full if found is not None]
        if len({found.points for found in got}) > 1 or 0 < len(got) < len(full):
            return _Marked(_to_decide(question, reading), None)
        if got:
            mark = min(got, key=lambda found: _ORDER.index(found.verdict))
            best = judged[full.index(mark)]
            if best.judged == "wrong":
                return _Marked(mark, said)
            # A shape may be right in another order than the key's.
            return _Marked(mark, best.value if question.form == "number" else question.key)
        if self._is_right_in_short(question, reading, earlier):
            return _Marked(_to_decide(question, reading), None)
        return _Marked(self._wrong(question, reading, judged, earlier.answers), said)

    def _reading(self, question: Question, text: str) -> Reading:
        return numbers.read(
            text,
            question.form,
            locale=self.assignment.numbers,
            lenient=self.assignment.lenient,
            labels=[option.label for option in question.options],
            texts=[option.text for option in question.options],
        )

    def _right_or_followed(
        self,
        question: Question,
        reading: Reading,
        way: Written,
        judgement: Judgement,
        earlier: _Earlier,
    ) -> Mark | None:
        """The mark of one way to read an answer that is right, or right for the student's own earlier answers."""
        if judgement.judged != "wrong":
            return _right(question, reading, judgement, judgement.judged)
        for key in self.follower.keys(question, earlier.answers) if earlier.answers else ():
            again = judge(question, key, way, named=reading.named)
            if again.judged != "wrong":
                return _right(question, reading, again, "rounded" if earlier.rounded else "followed")
        return None

    def _is_right_in_short(self, question: Question, reading: Reading, earlier: _Earlier) -> bool:
        """Whether only the shorter number is right of two that an answer states: `35K (34,600)`."""
        return any(
            self._right_or_followed(question, reading, short, judge(question, question.key, short), earlier)
            for short in reading.shorter
        )

    def _wrong(
        self, question: Question, reading: Reading, judged: Sequence[Judgement], earlier: Mapping[str, Answer]
    ) -> Mark:
        """The mark of an answer that is right in no way of reading it; for the teacher if the ways differ in points."""
        marks: list[Mark] = []
        for way, judgement in zip(reading.ways, judged, strict=True):
            # What is right as far as it goes has no mistake in it to be found.
            imprecise = IMPRECISE in judgement.codes
            considered = Considered(NOT_KNOWN) if imprecise else self._considered(question, way, earlier)
            shared = _share(question, considered, judgement.codes)
            marks.append(
                Mark(
                    question.id,
                    reading,
                    "partial" if shared else "wrong",
                    question.points * shared,
                    considered.diagnosis,
                    judgement.codes,
                )
            )
            if not question.partial and (considered.found or imprecise):
                # No way is worth anything, and this one says why.
                return marks[-1]
        if len({mark.points for mark in marks}) > 1:
            return _to_decide(question, reading)
        return next((mark for mark in marks if mark.diagnosis.causes or mark.mistakes), marks[0])

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

_ORDER: tuple[Verdict, ...] = (*_RIGHT, "followed")


def _to_decide(question: Question, reading: Reading) -> Mark:
    return Mark(question.id, reading, "ambiguous", Fraction(0))


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
