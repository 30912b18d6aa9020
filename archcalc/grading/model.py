"""What grading works with: questions, readings of answers, mistakes, marks. Frozen values, no text for people."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, NamedTuple

from archcalc.algebra.units import WrittenNumber
from archcalc.network.network import Network
from archcalc.results.asked import Asked
from archcalc.results.counts import Convention
from archcalc.results.quantities import Answer
from archcalc.words.errors import Place

Form = Literal["number", "shape", "choice", "truth"]
"""What an answer is: a number, a shape, one of several options, or yes or no."""

Pick = Literal["largest", "smallest"]
"""Which of several options is right: the one with the largest value, or with the smallest."""

Axes = Literal["any", "CHW", "HWC", "as is"]
"""The order of a shape's axes: channels first or last, either, or a shape without channels."""


class Tolerance(NamedTuple):
    """How far from the key a number may be; the widest one counts. With none of them it has to be exact."""

    relative: Fraction = Fraction(0)
    absolute: Fraction = Fraction(0)
    figures: int | None = None
    """The significant figures that it must be right to, rounded or truncated; None if that does not suffice."""


class Option(NamedTuple):
    """One of the options of a choice."""

    label: str
    """What a student writes: `a`, `vgg16`."""
    text: str
    right: bool
    asked: Asked | None = None
    """What its value is computed from."""
    value: Answer | None = None


class Question(NamedTuple):
    """One question of an assignment, with the answer that was computed for it."""

    id: str
    text: str
    """What is asked, in the words of the assignment."""
    form: Form
    asked: Asked | None
    """What the key is computed from; None for a choice by other means and for whether a network fits."""
    key: Answer
    """The right answer, exact: in units of one (bytes, MACs, elements), whatever `unit` it is asked in."""
    points: Fraction
    convention: Convention
    """The batch, the type of a number, and whether `params` counts biases."""
    unit: str | None
    """The unit that an answer without one is in, such as `MB` or `MACs`; None for a bare count."""
    unit_points: Fraction
    """The part of the points that the right unit is worth where it has to be written; 0 where it need not be."""
    tolerance: Tolerance
    options: tuple[Option, ...]
    partial: tuple[tuple[str, Fraction], ...]
    """The share of the points, by the code of a mistake (`bias-forgotten`) or by its sort (`rule`, `asked`, `unit`)."""
    follows: tuple[str, ...]
    """The earlier questions from whose answers, right or wrong, this one may be worked out."""
    place: Place
    fits: str | None = None
    """The network of which is asked whether it can be built with every window fitting; None for other questions."""
    why: str = ""
    """Why it does not fit, as building it says: the rule with the numbers put in."""
    pick: Pick | None = None
    axes: Axes = "as is"
    """In which order the axes of a shape may be given; the key has the channels first."""


class Assignment(NamedTuple):
    """A sheet of questions about some networks."""

    id: str
    """Made of its file's name, for file names and gradebooks."""
    title: str
    networks: dict[str, Network]
    """By the name that the questions use, in the order of the file; without those that do not fit."""
    questions: tuple[Question, ...]
    numbers: str | None
    """How numbers are written: `en`, `pt-BR`; None if both ways may come."""
    lenient: bool
    """Whether a number that reads in two ways is read by `numbers` rather than flagged."""
    language: str
    """The language of key, feedback and reports: `en`, `pt-BR`."""

    @property
    def points(self) -> Fraction:
        """The points of all questions together."""
        return sum((question.points for question in self.questions), Fraction(0))


Written = WrittenNumber | tuple[WrittenNumber, ...] | str | bool
"""One way to read an answer: a number, the sizes of a shape, the label of an option, yes or no."""


class Reading(NamedTuple):
    """An answer as it was read: one way where it is clear, several where it is ambiguous, none where it is neither."""

    text: str
    """What was written, without the space around it."""
    ways: tuple[Written, ...]
    problem: str = ""
    """Why it was not read; empty for a blank."""
    named: bool = False
    """Whether a shape says which size is which: then it stands here channels first, whatever order is asked for."""
    shorter: tuple[WrittenNumber, ...] = ()
    """Numbers that were written beside it as what it rounds to: the 35K of `35K (34,944)`."""

    @property
    def blank(self) -> bool:
        """Whether nothing was written."""
        return not self.text

    @property
    def ambiguous(self) -> bool:
        """Whether it may be read in more than one way."""
        return len(self.ways) > 1


Sort = Literal["rule", "asked", "unit"]
"""Where a mistake lies: in the rule, in what was asked, in the unit."""


class Mistake(NamedTuple):
    """One thing that was done differently."""

    code: str
    """Its name for programs and statistics: `bias-forgotten`."""
    sort: Sort
    scope: str
    """The path of the layer it was made in; empty for the whole network, and where there is no such thing."""
    facts: tuple[tuple[str, str], ...] = ()
    """What the sentence about it puts in, by name: the other layer, the factor."""

    @property
    def elsewhere(self) -> str:
        """The layer or the branch among its facts; empty where it names none."""
        named = dict(self.facts)
        return named.get("layer") or named.get("branch", "")


class Cause(NamedTuple):
    """A way in which the answer comes about: one mistake or two, and what they lead to."""

    mistakes: tuple[Mistake, ...]
    value: Answer


class Diagnosis(NamedTuple):
    """Why an answer is wrong: one cause, or either of two; none where it is not known."""

    causes: tuple[Cause, ...]


NOT_KNOWN = Diagnosis(())

Verdict = Literal[
    "right",  # exactly, or within the tolerance
    "rounded",  # right to the digits given, which the tolerance allows
    "truncated",
    "followed",  # right for the student's own earlier answer
    "partial",  # wrong, but worth a part
    "wrong",
    "blank",
    "ambiguous",  # for the teacher to decide
    "unreadable",  # so is this
    "decided",  # by the teacher, whatever it was before
]

GOT: tuple[Verdict, ...] = ("right", "rounded", "truncated", "followed")
"""The verdicts of an answer that is worth all its points, whatever its unit may have cost."""

UNDECIDED: tuple[Verdict, ...] = ("ambiguous", "unreadable")
"""The verdicts of answers that wait for a teacher."""


class Mark(NamedTuple):
    """What one answer is worth, and why."""

    question: str
    reading: Reading
    verdict: Verdict
    points: Fraction
    diagnosis: Diagnosis = NOT_KNOWN
    mistakes: tuple[str, ...] = ()
    """Codes of what cost points beside the diagnosis: `unit-missing`."""
    comment: str = ""
    """What the teacher who decided it says."""


class Student(NamedTuple):
    """Who handed in a sheet; only `id` is always there."""

    id: str
    name: str = ""
    email: str = ""


class Sheet(NamedTuple):
    """One student's answers, as text, by the id of the question."""

    student: Student
    answers: dict[str, str]
    source: str
    """Where it came from: a file, a member of an archive, a row of a table."""
    problems: tuple[str, ...] = ()
    """What is wrong with it: an answer to no question, a wrong encoding."""
    readable: bool = True
    """Whether it could be read: a blank sheet is graded, one that could not be read is not."""


class Graded(NamedTuple):
    """A sheet with its marks, one a question in the order of the assignment; none where it could not be read."""

    sheet: Sheet
    marks: tuple[Mark, ...]

    @property
    def points(self) -> Fraction:
        """The points of all its answers."""
        return sum((mark.points for mark in self.marks), Fraction(0))

    @property
    def open(self) -> int:
        """How many answers are left for the teacher to decide."""
        return sum(mark.verdict in UNDECIDED for mark in self.marks)
