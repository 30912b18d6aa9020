"""A class in numbers: how the scores spread, how hard each question was, and which mistakes came how often.

Sheets are added one by one and not kept. What is kept grows with the number of different scores and of
different mistakes, not with the class. Everything is exact; what is undefined is None, never a made-up number.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple, get_args

from archcalc.grading.figures import deviation, mean, quartiles, root
from archcalc.grading.model import GOT, UNDECIDED, Assignment, Cause, Graded, Mark, Student, Verdict

BINS = 10
"""Bars of the histogram, each a tenth of the points."""

FEWEST = 3
"""Sheets below which it is not said how a question goes with the rest: two points always lie on a line."""

OUTER = Fraction(27, 100)
"""The part of a class at each end that is compared: 27% (Kelley, 1939)."""

_MOST_ANSWERS = 64
"""Different answers that are counted for one mistake, to show the most frequent."""

_MOST_VARIANTS = 64
"""Different places of one mistake that are kept, to name them."""

MOST_WAITING = 20
"""Answers that wait for the teacher of which it is kept whose they are; the rest is counted."""

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


class Waiting(NamedTuple):
    """An answer that a teacher has to decide on."""

    student: Student
    source: str
    mark: Mark


class Misconception(NamedTuple):
    """What went wrong in the same way on several sheets."""

    codes: tuple[tuple[str, ...], ...]
    """The codes of each cause: one cause of one mistake or two; either of two causes where both explain it."""
    causes: tuple[Cause, ...]
    """The causes as they were found first, with their places; empty for what costs points beside a diagnosis."""
    question: str
    """The question in which they were."""
    times: int
    answer: str
    """The answer most often given for it, as it was written."""
    questions: tuple[tuple[str, int], ...]
    """How often in which question, in the order of the assignment."""
    variants: tuple[tuple[Cause, ...], ...] = ()
    """The causes in every place that they were found in, the first ones first, each in the order of `codes`."""

    @property
    def certain(self) -> bool:
        """Whether it is known to be this, and not either of two."""
        return len(self.codes) == 1


class Item(NamedTuple):
    """One question, over the class."""

    question: str
    points: Fraction
    verdicts: Mapping[Verdict, int]
    """How many answers have which verdict; all verdicts, in their order."""
    mean: Fraction | None
    """The mean of the points; None without sheets."""
    difficulty: Fraction | None
    """The mean share of the points: 1 where everybody has all of them. None without sheets or without points."""
    discrimination: Fraction | None
    """The correlation of its points with those of all other questions; None where either do not differ."""
    spread: Fraction | None
    """The mean share in the upper 27% of the class less that in the lower 27%; None where scores do not differ."""
    misconceptions: tuple[Misconception, ...]
    """The most frequent first."""
    unexplained: int
    """Wrong answers of which no cause is known."""
    decided: tuple[int, int, int] = (0, 0, 0)
    """Of the answers that the teacher decided on: how many have all points, some, and none."""

    @property
    def got(self) -> int:
        """How many got it."""
        return sum(self.verdicts[verdict] for verdict in GOT) + self.decided[0]


class ClassReport(NamedTuple):
    """All sheets of an assignment."""

    sheets: int
    """Sheets with marks; what follows is of these."""
    unread: int
    """Sheets that could not be read."""
    open: int
    """Answers left for the teacher to decide, not understood or read in two ways, which count as nothing until then."""
    points: Fraction
    """What can be reached."""
    scores: tuple[tuple[Fraction, int], ...]
    """Every score with how many have it, the lowest first."""
    mean: Fraction | None
    quartiles: tuple[Fraction, Fraction, Fraction] | None
    """Where a quarter, half and three quarters of the class are; between two scores where it falls between them."""
    deviation: Fraction | None
    """The standard deviation of these scores, to 12 decimals (the class is the whole population)."""
    items: tuple[Item, ...]
    misconceptions: tuple[Misconception, ...]
    """Over all questions, the most frequent first."""
    waiting: tuple[Waiting, ...] = ()
    """The first of the answers that are left to decide."""

    @property
    def median(self) -> Fraction | None:
        """The score in the middle."""
        return self.quartiles and self.quartiles[1]

    @property
    def histogram(self) -> tuple[int, ...]:
        """How many have less than 10% of the points, less than 20%, …; the last bar has those with all points too."""
        bars = [0] * BINS
        for score, count in self.scores if self.points else ():
            bars[max(0, min(int(BINS * score / self.points), BINS - 1))] += count
        return tuple(bars)

    @property
    def nobody(self) -> tuple[str, ...]:
        """The questions that nobody got."""
        return tuple(item.question for item in self.items if self.sheets and not item.got)


class Statistics:
    """Counts sheets as they come."""

    def __init__(self, assignment: Assignment) -> None:
        questions = assignment.questions
        self._assignment = assignment
        self._index = {question.id: i for i, question in enumerate(questions)}
        self._unit = math.lcm(*(question.points.denominator for question in questions))
        self._scores: dict[int, _Group] = {}
        self._points: list[Counter[int]] = [Counter() for _ in questions]
        self._verdicts: list[Counter[Verdict]] = [Counter() for _ in questions]
        self._found: list[dict[_Codes, _Found]] = [{} for _ in questions]
        self._unexplained = [0] * len(questions)
        self._decided = [[0, 0, 0] for _ in questions]
        self._waiting: list[Waiting] = []
        self._unread = 0

    def add(self, graded: Graded) -> None:
        """Count one sheet. Its marks are one a question, in the order of the assignment, or none at all."""
        marks = graded.marks
        if not marks:
            self._unread += 1
            return
        points = self._whole([mark.points for mark in marks])
        group = self._scores.setdefault(sum(points), _Group([0] * len(marks)))
        group.count += 1
        for i, (mark, got) in enumerate(zip(marks, points, strict=True)):
            group.points[i] += got
            self._points[i][got] += 1
            self._verdicts[i][mark.verdict] += 1
            if mark.verdict not in GOT or mark.mistakes:
                self._count_mistakes(i, mark)
            if mark.verdict == "decided":
                worth = self._assignment.questions[i].points
                self._decided[i][0 if mark.points == worth else 1 if mark.points else 2] += 1
            elif mark.verdict in UNDECIDED and len(self._waiting) < MOST_WAITING:
                self._waiting.append(Waiting(graded.sheet.student, graded.sheet.source, mark))

    def report(self) -> ClassReport:
        """Everything counted so far."""
        scores = [(score, group.count) for score, group in sorted(self._scores.items())]
        sheets = sum(count for _, count in scores)
        exact = tuple((Fraction(score, self._unit), count) for score, count in scores)
        items = tuple(self._item(i, sheets) for i in range(len(self._assignment.questions)))
        return ClassReport(
            sheets=sheets,
            unread=self._unread,
            open=sum(item.verdicts[verdict] for item in items for verdict in UNDECIDED),
            points=self._assignment.points,
            scores=exact,
            mean=mean(exact),
            quartiles=quartiles(exact),
            deviation=deviation(exact),
            items=items,
            misconceptions=self._overall(items),
            waiting=tuple(self._waiting),
        )

    def _whole(self, points: list[Fraction]) -> list[int]:
        """Points as whole numbers of a part small enough for all that were ever added."""
        unit = math.lcm(self._unit, *(share.denominator for share in points))
        if unit != self._unit:
            self._refine(unit // self._unit)
        return [share.numerator * (unit // share.denominator) for share in points]

    def _refine(self, times: int) -> None:
        self._unit *= times
        self._points = [Counter({got * times: n for got, n in counts.items()}) for counts in self._points]
        self._scores = {score * times: group for score, group in self._scores.items()}
        for group in self._scores.values():
            group.points = [got * times for got in group.points]

    def _count_mistakes(self, i: int, mark: Mark) -> None:
        causes = mark.diagnosis.causes
        if causes:
            self._count(i, _codes(_in_order(causes)), causes, mark)
        elif mark.verdict in ("wrong", "partial") and not mark.mistakes:
            # Whoever says no for yes has no cause to be found.
            self._unexplained[i] += self._assignment.questions[i].form != "truth"
        for code in mark.mistakes:
            self._count(i, ((code,),), (), mark)

    def _count(self, i: int, codes: _Codes, causes: tuple[Cause, ...], mark: Mark) -> None:
        found = self._found[i].setdefault(codes, _Found(causes))
        found.count += 1
        if causes != found.last and len(found.variants) < _MOST_VARIANTS:
            found.last = causes
            found.variants[_in_order(causes)] = None
        text = mark.reading.text
        if text in found.answers or len(found.answers) < _MOST_ANSWERS:
            found.answers[text] += 1

    def _item(self, i: int, sheets: int) -> Item:
        question = self._assignment.questions[i]
        average = (
            Fraction(sum(got * n for got, n in self._points[i].items()), self._unit * sheets)
            if sheets
            else None
        )
        enough = sheets >= FEWEST and question.points
        spread = self._spread(i, sheets) if enough and len(self._scores) > 1 else None
        return Item(
            question=question.id,
            points=question.points,
            verdicts={verdict: self._verdicts[i][verdict] for verdict in VERDICTS},
            mean=average,
            difficulty=average / question.points if average is not None and question.points else None,
            discrimination=self._discrimination(i, sheets) if enough else None,
            spread=None if spread is None else spread / self._unit / question.points,
            misconceptions=_by_frequency(
                Misconception(
                    codes=codes,
                    causes=found.causes,
                    question=question.id,
                    times=found.count,
                    answer=found.answer,
                    questions=((question.id, found.count),),
                    variants=tuple(found.variants),
                )
                for codes, found in self._found[i].items()
            ),
            unexplained=self._unexplained[i],
            decided=(self._decided[i][0], self._decided[i][1], self._decided[i][2]),
        )

    def _discrimination(self, i: int, n: int) -> Fraction | None:
        """Pearson's correlation of the points x of a question with the rest r of the score; n² cancels."""
        of_x = sum(got * count for got, count in self._points[i].items())
        of_xx = sum(got * got * count for got, count in self._points[i].items())
        of_score = sum(score * group.count for score, group in self._scores.items())
        of_square = sum(score * score * group.count for score, group in self._scores.items())
        of_both = sum(score * group.points[i] for score, group in self._scores.items())
        of_r, of_xr, of_rr = of_score - of_x, of_both - of_xx, of_square - 2 * of_both + of_xx
        x, r = n * of_xx - of_x**2, n * of_rr - of_r**2
        return (n * of_xr - of_x * of_r) / root(Fraction(x * r)) if x and r else None

    def _spread(self, i: int, sheets: int) -> Fraction:
        """What the upper end of the class has more in a question, on average, than the lower."""
        size = max(1, round(OUTER * sheets))
        scores = sorted(self._scores)
        lower, upper = (self._mean_of_first(i, order, size) for order in (scores, scores[::-1]))
        return upper - lower

    def _mean_of_first(self, i: int, scores: list[int], size: int) -> Fraction:
        """The mean points of the first `size` sheets; of those with the same score all count, each in part."""
        points, left = Fraction(0), size
        for score in scores:
            group = self._scores[score]
            taken = min(left, group.count)
            points += Fraction(group.points[i] * taken, group.count)
            left -= taken
            if not left:
                break
        return points / size

    def _overall(self, items: Iterable[Item]) -> tuple[Misconception, ...]:
        """Mistakes of the same codes over all questions; the example is of the question that has most of them."""
        together: dict[_Codes, list[Misconception]] = {}
        for item in items:
            for found in item.misconceptions:
                together.setdefault(found.codes, []).append(found)
        return _by_frequency(
            max(same, key=lambda found: found.times)._replace(
                times=sum(found.times for found in same),
                questions=tuple(place for found in same for place in found.questions),
                variants=tuple(dict.fromkeys(causes for found in same for causes in found.variants)),
            )
            for same in together.values()
        )


_Codes = tuple[tuple[str, ...], ...]


class _Group:
    """The sheets of one score: how many, and their points in each question together."""

    __slots__ = ("count", "points")

    def __init__(self, points: list[int]) -> None:
        self.count = 0
        self.points = points


class _Found:
    """A mistake as it was found first, and the answers that it led to."""

    __slots__ = ("answers", "causes", "count", "last", "variants")

    def __init__(self, causes: tuple[Cause, ...]) -> None:
        self.causes = causes
        self.last: tuple[Cause, ...] = ()
        self.variants: dict[tuple[Cause, ...], None] = {}
        self.count = 0
        self.answers: Counter[str] = Counter()

    @property
    def answer(self) -> str:
        """The answer most often given; of several the first."""
        return self.answers.most_common(1)[0][0]


def _codes(causes: Iterable[Cause]) -> _Codes:
    return tuple(tuple(mistake.code for mistake in cause.mistakes) for cause in causes)


def _in_order(causes: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """Causes in the order of their codes."""
    return tuple(sorted(causes, key=lambda cause: tuple(mistake.code for mistake in cause.mistakes)))


def _by_frequency(found: Iterable[Misconception]) -> tuple[Misconception, ...]:
    """The most frequent first; a stable order among equals, so that two runs read the same."""
    return tuple(sorted(found, key=lambda one: (-one.times, not one.certain, one.codes)))
