"""The examples of the table of mistakes, graded as homework is: what each lacks is said in words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from archcalc.grading.assignments.assignment import parse_assignment
from archcalc.grading.assignments.networks import Home
from archcalc.grading.marking import Marker
from archcalc.grading.mistakes.rows import KnownMistake, WrongAnswer
from archcalc.grading.model import Assignment, Mark, Sheet, Student
from archcalc.render.homework import mistakes
from archcalc.spec.reader import read


@cache
def assignment(example: WrongAnswer) -> Assignment:
    """The assignment of one question that an example is."""
    keys = ", ".join(
        part for part in ("id: q", example.ask and f"ask: '{example.ask}'", example.keys) if part
    )
    text = f"numbers: en\nnetworks: {{net: {example.network}}}\nquestions: [{{{keys}}}]\n"
    return parse_assignment(read(text.encode(), "example.yaml"), "example", Home("", ""))


def graded(example: WrongAnswer) -> Mark:
    """The mark of its wrong answer, by a marker that has seen nothing before."""
    sheet = Sheet(Student("s"), {"q": example.answer}, "example.csv")
    (mark,) = Marker(assignment(example)).mark(sheet).marks
    return mark


def faults(row: KnownMistake) -> Iterator[str]:
    """What is not as the examples of a row say."""
    for example in row.examples:
        mark = graded(example)
        told = {
            made.code
            for cause in mark.diagnosis.causes
            if len(cause.mistakes) == 1
            for made in cause.mistakes
        }
        told |= {*mark.mistakes}
        wanted = {*example.beside, *(() if example.instead else (row.code,))}
        if not wanted <= told or (example.instead and row.code in told):
            wrong = f"{example.answer} for {example.ask or example.keys}"
            yield f"{row.code}: {wrong} is told to be {sorted(told)}, not {sorted(wanted)}"
        sentences = [mistakes.sentence(cause) for cause in mark.diagnosis.causes]
        sentences += map(mistakes.beside, mark.mistakes)
        if example.says not in sentences:
            yield f"{row.code}: said is {sentences}, not {example.says!r}"
