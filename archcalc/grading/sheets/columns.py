"""The columns of a table, taken for what their headers say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archcalc.grading.sheets.limits import MOST_COLUMNS
from archcalc.grading.sheets.questions import Found, Questions
from archcalc.grading.sheets.words import (
    ASIDE,
    ASIDE_FORMS,
    ITEM_MARKS,
    NAME_BESIDE_ID,
    PEOPLE,
    STATE,
    folded,
)
from archcalc.words.errors import OptionError
from archcalc.words.text import listing, quote


class Columns(NamedTuple):
    """What each column of a table is taken for."""

    headers: tuple[str, ...]
    answers: dict[str, int]
    """The column of each question that has one, by its id."""
    people: dict[str, int]
    """The column of `id`, `email`, `name`, `first name` and `last name`, of those that are there."""
    aside: tuple[str, ...]
    """Headers that are known and are no answers: times, states, marks of the platform."""
    unknown: tuple[str, ...]
    """Headers that mean nothing here; what stands below them is not graded."""
    missing: tuple[str, ...]
    """The questions without a column."""
    dashes: bool
    """Whether `-` is written for no answer, as Moodle does."""
    contradicting: tuple[str, ...] = ()
    """Headers that begin with the id of a question and go on with another text than its own."""
    state: int | None = None
    """The column that says whether somebody has tried at all."""


def columns(headers: Sequence[str], questions: Questions) -> Columns:
    """What the columns with these headers are.

    Raises OptionError where a header stands twice, may mean several questions, or where none is a question.
    """
    if len(headers) > MOST_COLUMNS:
        raise OptionError(f"it has {len(headers):,} columns; at most {MOST_COLUMNS:,} are read.")
    headers = tuple(header.strip() for header in headers)
    # `1a) Output? [Score]` begins as a question does, and is a mark of the platform.
    found = [Found() if ASIDE_FORMS.fullmatch(header) else questions.find(header) for header in headers]
    moodle = any(one.word == "answer" and one.number is not None for one in found)
    if moodle:
        # Moodle's `Question 1` is what was asked.
        found = [Found() if one.word == "question" else one for one in found]
    by_order = _by_order(found, questions)
    answers: dict[str, int] = {}
    people: dict[str, int] = {}
    aside, unknown, contradicting = [], [], []
    is_name = any(_person(header) == "id" and folded(header) not in NAME_BESIDE_ID for header in headers)
    for index, (header, one) in enumerate(zip(headers, found, strict=True)):
        question = _question(header, one, by_order, questions)
        person = "" if question else _person(header)
        if person == "id" and is_name and folded(header) in NAME_BESIDE_ID:
            person = "name"
        if question:
            if one.other:
                contradicting.append(header)
            _put(answers, question, index, headers, f"question {quote(question)}")
        elif person:
            _put(people, person, index, headers, f"the student's {person}")
        elif _is_aside(header, moodle=moodle):
            aside.append(header)
        elif header:
            unknown.append(header)
    if not answers:
        raise _no_questions(headers, questions)
    missing = tuple(question for question in questions.order if question not in answers)
    state = next((index for index, header in enumerate(headers) if folded(header) in STATE), None)
    return Columns(
        headers=headers,
        answers=answers,
        people=people,
        aside=tuple(aside),
        unknown=tuple(unknown),
        missing=missing,
        dashes=moodle,
        contradicting=tuple(contradicting),
        state=state if moodle else None,
    )


def meaningful(headers: Sequence[str], questions: Questions) -> int:
    """How many of some headers mean anything."""
    if len(headers) > MOST_COLUMNS:
        return 0
    return sum(
        bool(one.ids or one.word or _person(header) or _is_aside(header, moodle=False))
        for header, one in ((header, questions.find(header)) for header in headers)
    )


def _by_order(found: Sequence[Found], questions: Questions) -> bool | None:
    """Whether the numbers in headers such as `Response 3` are places in the order, or ids; None if either may be."""
    led = [one for one in found if one.word]
    numbered = [one for one in found if one.number is not None and (one.word or not one.ids)]
    if any(one.number is None for one in led):
        return False
    if any(not one.ids for one in numbered):
        return True
    if any(questions.at(one.number or 0) is None for one in numbered):
        return False
    return None


def _question(header: str, one: Found, by_order: bool | None, questions: Questions) -> str | None:
    """The question that a column has the answers to."""
    if len(one.ids) > 1:
        raise _ambiguous(header, one.ids)
    by_id = one.ids[0] if one.ids else None
    if one.number is None or (by_id is not None and not one.word) or by_order is False:
        return by_id
    place = questions.at(one.number)
    if by_order is None and by_id and one.word == "question":
        # `Q3` is what question 3 is called.
        return by_id
    if by_order is None and by_id != place:
        raise _ambiguous(header, [question for question in (by_id, place) if question])
    return place


def _person(header: str) -> str:
    words = folded(header)
    return next((what for what, names in PEOPLE.items() if words in names), "")


def _is_aside(header: str, *, moodle: bool) -> bool:
    words = folded(header)
    asked = moodle and words.startswith(("question ", "questao "))
    return words in ASIDE or asked or ASIDE_FORMS.fullmatch(header.strip()) is not None


def _put(taken: dict[str, int], what: str, index: int, headers: Sequence[str], words: str) -> None:
    if what in taken:
        first = headers[taken[what]]
        raise OptionError(
            f"two columns are {words}: {_apart(first, headers[index])}.",
            hint="Rename one of them, or leave it out.",
        )
    taken[what] = index


def _apart(one: str, other: str) -> str:
    """Two headers with what tells them apart, of long ones their ends too."""
    if one == other:
        return f"both are called {quote(one, 60)}"
    shown = [quote(text if len(text) <= 60 else f"{text[:20]}…{text[-39:]}", 60) for text in (one, other)]
    return " and ".join(shown)


def _ambiguous(header: str, ids: Sequence[str]) -> OptionError:
    return OptionError(
        f"the column {quote(header)} may be question {listing(ids)}.",
        hint="Rename it to the id of the question.",
    )


def _no_questions(headers: Sequence[str], questions: Questions) -> OptionError:
    if any(ITEM_MARKS.fullmatch(header) for header in headers):
        return OptionError(
            "it has marks and no answers: it is Moodle's report of grades.",
            hint="Download the report of responses, with the option for the response.",
        )
    shown = [quote(header) for header in headers if header]
    return OptionError(
        f"none of its columns is a question. They are {listing(shown, 'and', 8)}."
        if shown
        else "it has no headers.",
        hint=f"Call them as the questions are called: {listing(questions.order, 'and', 8)}, or by their texts.",
    )
