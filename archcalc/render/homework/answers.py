"""Answers to questions in words: in the unit that was asked for, a shape, an option with its text, yes or no."""

from __future__ import annotations

from fractions import Fraction

from archcalc.algebra.shapes import channels_last
from archcalc.algebra.units import WrittenNumber
from archcalc.grading.assignments.fields import unit_of
from archcalc.grading.model import Question, Written
from archcalc.render.documents.labels import exact_or_near
from archcalc.results.quantities import Answer, written
from archcalc.words.language import _


def answer(question: Question, value: Answer) -> str:
    """An answer to a question, as a key says it: `96×55×55`, `≈ 8.361 GB`, `b: VGG-16`, `yes`.

    A shape comes with its channels first and stands in the order that the question asks for.
    """
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if question.form == "choice":
        text = next((option.text for option in question.options if option.label == value), "")
        return f"{value}: {text}" if text else str(value)
    if not isinstance(value, int | Fraction):
        return written(in_order(question, value))
    scale, _of = unit_of(question.unit)
    shown = exact_or_near(Fraction(value) / scale, (question.tolerance.figures or 0) + 1)
    return shown if question.unit is None else f"{shown} {question.unit}".replace(" %", "%")


def in_order(question: Question, value: Answer) -> Answer:
    """A shape that has its channels first in the order that the question asks for; other answers as they are."""
    if question.axes == "HWC" and isinstance(value, tuple):
        return channels_last(value)
    return value


def read_as(way: Written) -> str:
    """One way in which an answer was read: `3,145`, `3.145`, `55×55×96`."""
    if isinstance(way, bool):
        return _("yes") if way else _("no")
    if isinstance(way, str):
        return way
    # All its digits: two ways to read an answer must not look alike.
    if isinstance(way, WrittenNumber):
        shown = exact_or_near(way.value, 15)
        return shown if way.unit is None else f"{shown} {way.unit}".replace(" %", "%")
    sizes: tuple[WrittenNumber, ...] = way
    return "×".join(exact_or_near(size.value, 15) for size in sizes)
