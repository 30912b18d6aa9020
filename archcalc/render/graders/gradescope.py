"""A sheet as the `results.json` that Gradescope reads from an autograder: a test a question."""

from __future__ import annotations

from typing import Any, Literal

from archcalc.grading.model import GOT, UNDECIDED, Assignment, Graded, Mark, Question
from archcalc.render.graders import STUDENT, Grader
from archcalc.render.homework.answers import answer
from archcalc.render.homework.marks import WORDS, asked, called, of_points, passed, plain
from archcalc.render.homework.reasons import reason
from archcalc.words.language import _, gettext
from archcalc.words.text import printable

Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]


def results(
    assignment: Assignment, graded: Graded, visibility: Visibility = "after_published"
) -> dict[str, Any]:
    """What results.json holds. The right answers are in it: students see it when the marks are published.

    An answer that is left to decide has the tag `to-decide`, and the right one is not beside it.
    """
    questions = {question.id: question for question in assignment.questions}
    return {
        "score": plain(graded.points),
        "output": "\n".join(_head(assignment, graded)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "extra_data": {"student": graded.sheet.student.id, "assignment": assignment.id},
        "tests": [_test(questions[mark.question], mark) for mark in graded.marks],
    }


def _head(assignment: Assignment, graded: Graded) -> list[str]:
    if not graded.marks:
        head = _("This sheet could not be read, so there are no marks.")
    else:
        head = of_points(graded.points, assignment.points)
    return [
        f"{printable(called(graded.sheet))}: {head}",
        *(printable(gettext(problem), 300) for problem in graded.sheet.problems),
    ]


def _test(question: Question, mark: Mark) -> dict[str, Any]:
    given = printable(mark.reading.text, 200)
    lines = [
        f"{gettext(WORDS[mark.verdict])}",
        _("Your answer: {answer}").format(answer=given) if given else _("You gave no answer."),
    ]
    why = reason(question, mark)
    if why:
        lines.append(printable(why, 1_000))
    if mark.verdict not in (*GOT, *UNDECIDED) and not passed(question, mark):
        lines.append(_("The right answer: {answer}").format(answer=answer(question, question.key)))
    return {
        "score": plain(mark.points),
        "max_score": plain(question.points),
        "status": "passed" if passed(question, mark) else "failed",
        "name": printable(asked(question), 200),
        "number": question.id,
        "output": "\n".join(lines),
        "tags": ["to-decide"] if mark.verdict in UNDECIDED else [],
    }


GRADER = Grader(f"gradescope/{STUDENT}.json", results)
