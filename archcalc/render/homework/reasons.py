"""Why an answer has not all its points, in a sentence for the one who gave it."""

from __future__ import annotations

from collections.abc import Iterator

from archcalc.grading.model import Mark, Question
from archcalc.grading.statistics import Misconception
from archcalc.render.homework import mistakes
from archcalc.render.homework.answers import read_as
from archcalc.words.language import _
from archcalc.words.text import listing, sentence


def reason(question: Question, mark: Mark) -> str:
    """What went wrong, in one or several sentences; empty where there is nothing to say."""
    return " ".join(_sentences(question, mark))


def told(found: Misconception) -> str:
    """A mistake that several made, in a sentence: its causes, or what its code says beside them."""
    if found.causes:
        return mistakes.together(found.variants or (found.causes,))
    return " ".join(mistakes.beside(code) for some in found.codes for code in some)


def _sentences(question: Question, mark: Mark) -> Iterator[str]:
    if mark.verdict == "decided":
        # What was wrong with it before is not the student's any more.
        if mark.comment:
            yield _("Your teacher says: {comment}").format(comment=mark.comment)
        return
    if mark.verdict == "ambiguous":
        yield _("It reads as {ways}: the teacher decides which is meant.").format(
            ways=listing(map(read_as, (*mark.reading.ways, *mark.reading.shorter)), _("or"))
        )
    if mark.verdict == "followed":
        yield _("It follows from your answer to {questions}, which was not right.").format(
            questions=listing(question.follows, _("or"))
        )
    if mark.reading.problem:
        yield sentence(mark.reading.problem)
    if mark.diagnosis.causes:
        yield mistakes.sentence(mark.diagnosis)
    yield from (mistakes.beside(code) for code in mark.mistakes)
