"""A sheet as the JSON that check50 prints with `--output json`: a check a question."""

from __future__ import annotations

from typing import Any

from archcalc.grading.model import UNDECIDED, Assignment, Graded, Mark, Question
from archcalc.render.graders import STUDENT, Grader
from archcalc.render.homework.answers import answer
from archcalc.render.homework.marks import WORDS, asked, passed, plain
from archcalc.render.homework.reasons import reason
from archcalc.words.language import _, gettext
from archcalc.words.text import printable, sentence

VERSION = "3.0.0"
"""The version of check50 whose documentation this follows."""


def results(assignment: Assignment, graded: Graded) -> dict[str, Any]:
    """The whole object. A sheet that could not be read has `error` in the place of `results`, as check50 has it.

    A check has passed where an answer is worth all its points; null is what is still to decide.
    """
    if not graded.marks:
        problems = [printable(gettext(problem), 300) for problem in graded.sheet.problems]
        error = {
            "type": "UnreadableSheet",
            "value": " ".join(problems) or _("This sheet could not be read, so there are no marks."),
            "traceback": [],
            "data": {},
        }
        return {"slug": assignment.id, "error": error, "version": VERSION}
    questions = {question.id: question for question in assignment.questions}
    return {
        "slug": assignment.id,
        "results": [_check(questions[mark.question], mark) for mark in graded.marks],
        "version": VERSION,
    }


def _check(question: Question, mark: Mark) -> dict[str, Any]:
    has_passed = None if mark.verdict in UNDECIDED else passed(question, mark)
    return {
        "name": question.id,
        "description": printable(asked(question), 200),
        "passed": has_passed,
        "log": [_("Your answer: {answer}").format(answer=printable(mark.reading.text, 200))]
        if mark.verdict in UNDECIDED
        else [],
        "cause": None if has_passed else _cause(question, mark),
        "data": {"points": plain(mark.points), "max_points": plain(question.points), "verdict": mark.verdict},
        "dependency": None,
    }


def _cause(question: Question, mark: Mark) -> dict[str, Any]:
    why = printable(reason(question, mark), 1_000)
    said = {
        "rationale": sentence(gettext(WORDS[mark.verdict])),
        "help": why or None,
    }
    if mark.verdict in UNDECIDED:
        # What is right is not given away while an answer waits.
        return said
    return {
        **said,
        "expected": answer(question, question.key),
        "actual": printable(mark.reading.text, 200),
    }


GRADER = Grader(f"check50/{STUDENT}.json", results)
