"""The sheet that a student gets back, in Markdown and HTML: each answer, what it is worth, what went wrong and why.

Whatever a student wrote is shown as it is and acts as nothing: answers stand as code, names are escaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archcalc.grading.model import UNDECIDED, Assignment, Graded, Mark, Question
from archcalc.render.documents.workings import Workings
from archcalc.render.formats.as_html import page
from archcalc.render.homework.answers import answer
from archcalc.render.homework.marks import SIGNS, WORDS, asked, called, of_points, points
from archcalc.render.homework.reasons import reason
from archcalc.words.language import _, gettext, language, ngettext
from archcalc.words.markup import markdown, markdown_code

_WITH_WORKING = ("followed", "partial", "wrong", "blank")
"""The verdicts of answers beside which the right one is shown with its working."""

_MOST_KEPT = 20_000
"""Marks whose texts are kept: many a student has the same."""

_FENCE = "~" * 8
"""Round a working, whose names are letters, digits and a few signs, and never a tilde."""


class _Texts(NamedTuple):
    """What is said of a mark."""

    line: str
    """In the table of all."""
    parts: str
    """Below it."""


class Feedback:
    """Writes the feedback sheets of one assignment; what they have in common is worked out once."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._questions = {question.id: question for question in assignment.questions}
        self._workings = Workings(assignment)
        self._kept: dict[tuple[int, str], tuple[Mark, _Texts]] = {}

    def markdown(self, graded: Graded) -> str:
        """The sheet as Markdown, in the language of the moment."""
        return "\n\n".join(self._parts(graded)) + "\n"

    def html(self, graded: Graded) -> str:
        """The sheet as a page of HTML with everything it needs in it."""
        title = f"{self._assignment.title} – {called(graded.sheet)}"
        return page(self.markdown(graded), title, language().code)

    def _parts(self, graded: Graded) -> Iterator[str]:
        student = graded.sheet.student
        yield f"# {_plain(self._assignment.title)}"
        name, known = called(graded.sheet), student.id.strip()
        yield f"**{_plain(name)}**" if known in ("", name) else f"**{_plain(name)}** · {_plain(known)}"
        if not graded.marks:
            yield _("This sheet could not be read, so there are no marks.")
        else:
            yield f"**{of_points(graded.points, self._assignment.points)}**"
            if graded.open:
                waiting = [mark.question for mark in graded.marks if mark.verdict in UNDECIDED]
                yield _plain(
                    ngettext(
                        "{count} answer waits for your teacher and counts as nothing until then: {questions}.",
                        "{count} answers wait for your teacher and count as nothing until then: {questions}.",
                        graded.open,
                    ).format(count=graded.open, questions=", ".join(waiting))
                )
        if graded.sheet.problems:
            yield _("About this sheet:")
            yield "\n".join(f"- {_plain(gettext(problem))}" for problem in graded.sheet.problems)
        if graded.marks:
            yield "\n".join(self._overview(graded))
        yield from (self._texts(mark).parts for mark in graded.marks)

    def _overview(self, graded: Graded) -> Iterator[str]:
        yield f"| {_('question')} | {_('points')} | {_('of')} | {_('verdict')} |"
        yield "|:---|---:|---:|:---|"
        yield from (self._texts(mark).line for mark in graded.marks)

    def _texts(self, mark: Mark) -> _Texts:
        """What is said of a mark; of one that several have it is worked out once."""
        key = id(mark), language().code
        known = self._kept.get(key)
        # An id may be another mark's by now.
        if known is None or known[0] is not mark:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            question = self._questions[mark.question]
            line = f"| {_plain(mark.question)} | {points(mark.points)} | {points(question.points)} | {_verdict(mark)} |"
            known = self._kept[key] = mark, _Texts(line, "\n\n".join(self._question(question, mark)))
        return known[1]

    def _question(self, question: Question, mark: Mark) -> Iterator[str]:
        yield f"## {_plain(f'{question.id} – {asked(question)}'.rstrip(' –'))}"
        if question.options:
            yield "\n".join(f"- {_plain(answer(question, option.label))}" for option in question.options)
        given = markdown_code(mark.reading.text)
        yield _("Your answer: {answer}").format(answer=given) if given else _("You gave no answer.")
        yield f"**{of_points(mark.points, question.points)}: {_verdict(mark)}**"
        why = reason(question, mark)
        if why:
            yield _plain(why)
        is_short = mark.verdict == "decided" and mark.points < question.points
        if mark.verdict in _WITH_WORKING or mark.mistakes or is_short:
            yield _("The right answer: {answer}").format(
                answer=f"**{_plain(answer(question, question.key))}**"
            )
            working = "\n".join(self._workings.lines(question))
            if working:
                yield f"{_FENCE}\n{working}\n{_FENCE}"


def _verdict(mark: Mark) -> str:
    return f"{_plain(SIGNS[mark.verdict])} {gettext(WORDS[mark.verdict])}"


def _plain(text: str) -> str:
    """Text that means itself. Space at its ends would turn emphasis or an item of a list into something else."""
    return markdown(text.strip())
