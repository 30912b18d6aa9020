"""What several test files build by hand: layers, and the pieces of grading without a spec or a sheet behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from inspect import signature
from typing import Any

import msgspec
from click.testing import CliRunner

from archcalc.grading.model import (
    Assignment,
    Graded,
    Mark,
    Question,
    Reading,
    Sheet,
    Student,
    Tolerance,
    Verdict,
)
from archcalc.grading.statistics import ClassReport, Statistics
from archcalc.layers import KINDS
from archcalc.layers.base import Layer
from archcalc.results.counts import Convention
from archcalc.words.errors import Place


def made(name: str, fields: Mapping[str, Any] | None = None, /, **more: Any) -> Layer:
    """A layer of a kind, as a spec would give it."""
    return msgspec.convert({**(fields or {}), **more}, KINDS[name])


def question(name: str, points: Fraction | int = 1, **changes: Any) -> Question:
    """A question for one number, whose key is 1."""
    return Question(
        id=name,
        text="",
        form="number",
        asked=None,
        key=1,
        points=Fraction(points),
        convention=Convention(),
        unit=None,
        unit_points=Fraction(0),
        tolerance=Tolerance(),
        options=(),
        partial=(),
        follows=(),
        place=Place("homework.yaml", 1, 1),
    )._replace(**changes)


def assignment(questions: Iterable[Question], name: str = "homework", title: str = "Homework") -> Assignment:
    """An assignment of questions about no network."""
    return Assignment(name, title, {}, tuple(questions), None, False, "en")


def mark(name: str, text: str, verdict: Verdict, points: Fraction | int = 0, **more: Any) -> Mark:
    """The mark of one answer."""
    return Mark(name, Reading(text, ()), verdict, Fraction(points), **more)


def graded(*marks: Mark, problems: tuple[str, ...] = (), **student: str) -> Graded:
    """A sheet with its marks; Ana's, if nothing else is said."""
    who = Student(**{"id": "ana", **student})
    return Graded(Sheet(who, {}, f"{who.id}.yaml", problems), marks)


def reported(of: Assignment, sheets: Iterable[Graded]) -> ClassReport:
    """The report on a class."""
    counted = Statistics(of)
    for sheet in sheets:
        counted.add(sheet)
    return counted.report()


def runner() -> CliRunner:
    """A runner of commands that keeps standard error apart, as click does by itself since 8.2."""
    if "mix_stderr" in signature(CliRunner.__init__).parameters:
        older: Callable[..., CliRunner] = CliRunner
        return older(mix_stderr=False)
    return CliRunner()
