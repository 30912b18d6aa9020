"""Marks in words, signs and numbers: what every output of grading has in common."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from archcalc.grading.model import GOT, Mark, Question, Sheet, Verdict
from archcalc.words.language import _, decimal, language, marked, ngettext

NOBODY = "?"
"""What is called who has no name at all, so that nothing is headed by nothing."""

DECIMALS = 4
"""Decimals of points in files for programs: a third is 0.3333, and the sum of three thirds is 1."""

SIGNS: Mapping[Verdict, str] = {
    "right": "✓",
    "rounded": "≈",
    "truncated": "≈",
    "followed": "→",
    "partial": "~",
    "wrong": "✗",
    "blank": "–",
    "ambiguous": "?",
    "unreadable": "!",
    "decided": "*",
}
"""What stands behind the points of an answer where there is no room for a word."""

LEGEND: Mapping[str, str] = {
    "✓": marked("right"),
    "≈": marked("right as rounded"),
    "→": marked("right for an earlier answer"),
    "~": marked("partly right"),
    "✗": marked("wrong"),
    "–": marked("not answered"),
    "?": marked("for the teacher to decide"),
    "!": marked("not understood"),
    "*": marked("decided by the teacher"),
}

WORDS: Mapping[Verdict, str] = {
    "right": marked("right"),
    "rounded": marked("right as rounded"),
    "truncated": marked("right as truncated"),
    "followed": marked("right for the earlier answer"),
    "partial": marked("partly right"),
    "wrong": marked("wrong"),
    "blank": marked("not answered"),
    "ambiguous": marked("for the teacher to decide"),
    "unreadable": marked("not understood"),
    "decided": marked("decided by the teacher"),
}


def points(value: Fraction) -> str:
    """Points for people, with no more decimals than they need, and at most two: `2`, `1.5`, `0.33`."""
    return _points(value, language().code)


@lru_cache(maxsize=1_000)
def _points(value: Fraction, _language: str) -> str:
    for digits in (0, 1):
        if not value * 10**digits % 1:
            return decimal(value, digits)
    return decimal(value, 2)


def of_points(got: Fraction, of: Fraction) -> str:
    """`1.5 of 2 points`."""
    text = ngettext("{got} of {of} point", "{got} of {of} points", 1 if of == 1 else 2)
    return text.format(got=points(got), of=points(of))


def plain(value: Fraction) -> int | float:
    """Points for programs: whole, or rounded to DECIMALS decimals, halves up, with no digit beyond them."""
    if value.denominator == 1:
        return value.numerator
    unit = 10**DECIMALS
    rounded = Fraction((2 * value * unit + 1) // 2, unit)
    return rounded.numerator if rounded.denominator == 1 else float(rounded)


def passed(question: Question, mark: Mark) -> bool:
    """Whether an answer is right, or the teacher said so, and has all its points."""
    return mark.verdict in (*GOT, "decided") and mark.points == question.points


def called(sheet: Sheet) -> str:
    """What to call who handed a sheet in: the name, or the id, or where the sheet stands if it says neither."""
    names = (sheet.student.name, sheet.student.id, sheet.source)
    return next((name for name in names if name.strip()), NOBODY)


def asked(question: Question) -> str:
    """What a question asks: in the words of the assignment, or the quantity where it has none."""
    if question.text:
        return " ".join(question.text.split())
    if question.fits is not None:
        return _("Does {network} fit?").format(network=question.fits)
    if question.pick is not None:
        return _("Which is the largest?") if question.pick == "largest" else _("Which is the smallest?")
    return question.asked.text if question.asked is not None else ""
