"""The report of a class: how the scores spread, question by question, and what to explain again tomorrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from archcalc.algebra.units import percent
from archcalc.grading.model import GOT, UNDECIDED, Assignment, Verdict
from archcalc.grading.statistics import BINS, VERDICTS, ClassReport, Item, Misconception
from archcalc.render.formats.sheet import Column, Document, Line, Share, Sheet
from archcalc.render.homework.marks import plain, points
from archcalc.render.homework.of_grades import cause, waiting
from archcalc.render.homework.reasons import told
from archcalc.words.language import _, decimal, ngettext, number
from archcalc.words.text import printable
from archcalc.words.version import __version__

SCHEMA = "archcalc.class/1"

NONE = "–"
"""What is undefined: a mean of nobody, a correlation of what does not differ."""

MOST_TOLD = 10
"""Misconceptions that are told in sentences, of those that are known and of those that are either–or."""

HEADER = (
    *("question", "points", "sheets", "mean", "difficulty", "discrimination", "upper_lower"),
    *VERDICTS,
    *("unexplained", "misconception", "times"),
)
"""The columns of the CSV: a row a question, with its most frequent misconception."""

_PARTS: tuple[tuple[Verdict, ...], ...] = (
    GOT,
    ("partial",),
    ("wrong",),
    ("blank",),
    UNDECIDED,
)
"""The verdicts that are counted together in a table for people; those of a teacher count as what they are worth."""


def document(assignment: Assignment, report: ClassReport, *, listed: bool = True) -> Document:
    """The scores as bars, the questions as a table, and below them in sentences what went wrong.

    `listed` says whether the answers that are to be decided are named too.
    """
    sheets = [_scores(report)] if report.sheets and report.points else []
    return Document(
        title=_("{title}: the class").format(title=assignment.title),
        particulars=(_counted(report.sheets), *_summary(report)),
        sheets=(*sheets, _questions(report)),
        notes=(*(waiting(report) if listed else ()), *_notes(report)),
    )


def records(report: ClassReport) -> Iterator[tuple[str | int | float, ...]]:
    """The rows of the CSV, in the order of HEADER; what is undefined is empty."""
    for item in report.items:
        first = next(iter(item.misconceptions), None)
        yield (
            item.question,
            plain(item.points),
            report.sheets,
            *("" if x is None else plain(x) for x in (item.mean, item.difficulty)),
            *("" if x is None else plain(x) for x in (item.discrimination, item.spread)),
            *(item.verdicts[verdict] for verdict in VERDICTS),
            item.unexplained,
            "" if first is None else " | ".join("+".join(codes) for codes in first.codes),
            "" if first is None else first.times,
        )


def to_json(assignment: Assignment, report: ClassReport) -> dict[str, Any]:
    """The report as `archcalc.class/1`; docs/json.md says what the keys mean."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "assignment": assignment.id,
        "title": assignment.title,
        "sheets": report.sheets,
        "unread": report.unread,
        "open": report.open,
        "max_points": plain(report.points),
        "mean": _plain(report.mean),
        "quartiles": None if report.quartiles is None else list(map(plain, report.quartiles)),
        "deviation": _plain(report.deviation),
        "scores": [{"points": plain(score), "sheets": count} for score, count in report.scores],
        "histogram": report.histogram,
        "questions": [
            {
                "question": item.question,
                "max_points": plain(item.points),
                "mean": _plain(item.mean),
                "difficulty": _plain(item.difficulty),
                "discrimination": _plain(item.discrimination),
                "upper_lower": _plain(item.spread),
                "verdicts": item.verdicts,
                "misconceptions": list(map(_misconception, item.misconceptions)),
                "unexplained": item.unexplained,
            }
            for item in report.items
        ],
        "misconceptions": list(map(_misconception, report.misconceptions)),
        "nobody": report.nobody,
    }


def _misconception(found: Misconception) -> dict[str, Any]:
    return {
        "codes": found.codes,
        "causes": list(map(cause, found.causes)),
        "question": found.question,
        "times": found.times,
        "answer": found.answer,
        "questions": dict(found.questions),
        "told": told(found),
    }


def _plain(value: Fraction | None) -> int | float | None:
    return None if value is None else plain(value)


def _counted(sheets: int) -> str:
    return ngettext("{count} sheet", "{count} sheets", sheets).format(count=number(sheets))


def _summary(report: ClassReport) -> Iterator[str]:
    """The mean and what else is said in one line above the tables."""
    yield _("mean {mean} of {points}").format(mean=_points(report.mean), points=points(report.points))
    yield _("median {median}").format(median=_points(report.median))
    if report.quartiles is not None:
        first, _middle, third = report.quartiles
        yield _("quartiles {first} and {third}").format(first=points(first), third=points(third))
    yield _("standard deviation {deviation}").format(deviation=_points(report.deviation))


def _points(value: Fraction | None) -> str:
    return NONE if value is None else points(value)


def _scores(report: ClassReport) -> Sheet:
    columns = (
        Column(_("score"), right=True),
        Column(_("sheets"), right=True),
        Column("", bar="length", ink="first"),
    )
    most = max(report.histogram)
    lines = (
        Line((f"{100 * i // BINS}–{100 * (i + 1) // BINS}%", count, Share(count, report.sheets, most)))
        for i, count in enumerate(report.histogram)
    )
    return Sheet(columns, tuple(lines), _("Scores"))


def _questions(report: ClassReport) -> Sheet:
    columns = (
        Column(_("question"), ink="name"),
        Column(_("points"), right=True, drop=2),
        Column(_("mean"), right=True),
        Column("r", right=True),
        Column("27%", right=True, drop=1),
        *(
            Column(title, right=True)
            for title in (_("right"), _("partly"), _("wrong"), _("blank"), _("open"))
        ),
    )
    return Sheet(columns, tuple(map(_item, report.items)), _("Questions"))


def _item(item: Item) -> Line:
    share = item.difficulty
    return Line(
        (
            item.question,
            points(item.points),
            NONE if share is None else percent(share.numerator, share.denominator, 0),
            *(_coefficient(value) for value in (item.discrimination, item.spread)),
            *(
                sum(item.verdicts[verdict] for verdict in part) + decided
                for part, decided in zip(_PARTS, (*item.decided, 0, 0), strict=True)
            ),
        )
    )


def _coefficient(value: Fraction | None) -> str:
    return NONE if value is None else decimal(value, 2).replace("-", "−")


def _notes(report: ClassReport) -> Iterator[tuple[str, str]]:
    certain = [found for found in report.misconceptions if found.certain]
    either = [found for found in report.misconceptions if not found.certain]
    yield from _told(_("explain again"), certain)
    yield from _told(_("either … or"), either)
    if report.nobody:
        yield _("nobody got"), ", ".join(report.nobody)
    unexplained = [(item.question, item.unexplained) for item in report.items if item.unexplained]
    if unexplained:
        yield (
            _("not explained"),
            _("wrong answers of unknown cause: {places}").format(places=_places(unexplained)),
        )
    if report.open:
        yield (
            _("open"),
            ngettext(
                "{count} answer is left for the teacher and counts as nothing until then",
                "{count} answers are left for the teacher and count as nothing until then",
                report.open,
            ).format(count=number(report.open)),
        )
    if report.unread:
        yield (
            _("not read"),
            ngettext(
                "{count} sheet could not be read and is left out",
                "{count} sheets could not be read and are left out",
                report.unread,
            ).format(count=number(report.unread)),
        )
    yield _("mean"), _("of the points of a question: 100% where everybody has all of them")
    yield "r", _("how a question goes with the rest of the score, from −1 to 1: below 0.2 it tells little")
    yield "27%", _("what the best 27% of the class have of a question more than the worst 27%, from −1 to 1")


def _told(label: str, found: Sequence[Misconception]) -> Iterator[tuple[str, str]]:
    for place, one in enumerate(found[:MOST_TOLD]):
        yield (
            "" if place else label,
            ngettext(
                "{times}×: {mistake} Question {places}, for example {answer}",
                "{times}×: {mistake} Questions {places}, for example {answer}",
                len(one.questions),
            ).format(
                times=number(one.times),
                mistake=told(one),
                places=_places(one.questions) if one.questions[1:] else one.question,
                answer=printable(one.answer, 40),
            ),
        )
    if found[MOST_TOLD:]:
        yield "", _("and {count} more, less frequent").format(count=number(len(found) - MOST_TOLD))


def _places(questions: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{question} ({number(times)})" for question, times in questions)
