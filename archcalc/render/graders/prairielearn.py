"""A sheet as the `results.json` of PrairieLearn's external graders: a test a question."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from archcalc.grading.model import Assignment, Graded, Mark, Question
from archcalc.render.graders import STUDENT, Grader
from archcalc.render.homework.marks import WORDS, asked, of_points, plain
from archcalc.render.homework.reasons import reason
from archcalc.words.language import _, gettext
from archcalc.words.text import printable, sentence


def results(assignment: Assignment, graded: Graded) -> dict[str, Any]:
    """What results.json holds: the share of the points as the score, from 0 to 1.

    A sheet that could not be read is not gradable: it costs a student no attempt.
    """
    problems = [printable(gettext(problem), 300) for problem in graded.sheet.problems]
    if not graded.marks:
        unread = _("This sheet could not be read, so there are no marks.")
        return {"gradable": False, "format_errors": problems or [unread], "message": unread}
    questions = {question.id: question for question in assignment.questions}
    share = graded.points / assignment.points if assignment.points else Fraction(0)
    return {
        "gradable": True,
        "score": float(plain(share)),
        "message": of_points(graded.points, assignment.points),
        "output": "\n".join(problems),
        "tests": [_test(questions[mark.question], mark) for mark in graded.marks],
    }


def _test(question: Question, mark: Mark) -> dict[str, Any]:
    why = printable(reason(question, mark), 1_000)
    verdict = sentence(gettext(WORDS[mark.verdict]))
    return {
        "name": question.id,
        "description": printable(asked(question), 200),
        "points": plain(mark.points),
        "max_points": plain(question.points),
        "message": f"{verdict}. {why}".rstrip(),
        "output": printable(mark.reading.text, 200),
    }


GRADER = Grader(f"prairielearn/{STUDENT}.json", results)
