"""Which question a header or a key means: by the id, by the text, or by the number in the order of the sheet."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from archcalc.grading.model import Assignment
from archcalc.grading.sheets.words import ANSWER, QUESTION, folded

_NUMBERED = re.compile(rf"(?:(?P<answer>{ANSWER})|(?P<question>{QUESTION})|n|no)?\s*(?P<token>\S+)")
# `1a) Output of conv1?`, `[1a] …`, `1a. …`, `1a - …`
_LED = re.compile(
    r"\s*[\[(]?(?P<id>[\w-]+?)\s*(?:[\])](?:\s*[.:–—-])?|[.:]|\s[–—-])\s+(?P<text>\S.*)", re.DOTALL
)


class Found(NamedTuple):
    """What a header means."""

    ids: tuple[str, ...] = ()
    """The question; several where it may be any of them; none where it means no question."""
    number: int | None = None
    """The n in `Response n`, `Question n`, or n alone: by order, or an id."""
    word: str = ""
    """`answer` or `question`, as was written in front of the number."""
    other: bool = False
    """Whether behind the id stands a text that is not the question's."""


class Questions:
    """The questions of an assignment, found by what people call them."""

    def __init__(self, assignment: Assignment) -> None:
        self.order = tuple(question.id for question in assignment.questions)
        self._ids = {folded(question): question for question in self.order}
        self._exact = _unique((_spaced(question.text), question.id) for question in assignment.questions)
        self._texts = {question.id: question.text for question in assignment.questions}
        self._loose = _unique((folded(question.text), question.id) for question in assignment.questions)

    def find(self, written: str) -> Found:
        """What a header or a key means."""
        spaced = _spaced(written)
        if spaced in self.order:
            return Found((spaced,))
        words = folded(written)
        if words in self._ids:
            return Found((self._ids[words],), int(words) if words.isdigit() else None)
        by_text = self._exact.get(spaced) or self._loose.get(words)
        if by_text:
            return Found((by_text,))
        return self._numbered(words) or self._led(written)

    def at(self, number: int) -> str | None:
        """The question with that number in the order of the assignment, counted from 1."""
        return self.order[number - 1] if 1 <= number <= len(self.order) else None

    def _numbered(self, words: str) -> Found | None:
        match = _NUMBERED.fullmatch(words)
        if match is None:
            return None
        token, word = match["token"], "answer" if match["answer"] else "question" if match["question"] else ""
        number = int(token) if token.isdigit() and len(token) < 6 else None
        if token in self._ids and word:
            return Found((self._ids[token],), number, word)
        return Found((), number, word) if number is not None else None

    def _led(self, written: str) -> Found:
        """What a text means that begins with an id: the id, the text behind it, or both where they differ."""
        match = _LED.fullmatch(written)
        if match is None:
            return Found()
        text = match["text"]
        by_text = self._exact.get(_spaced(text)) or self._loose.get(folded(text))
        by_id = self._ids.get(folded(match["id"]))
        ids = tuple(dict.fromkeys(found for found in (by_text, by_id) if found))
        return Found(ids, other=by_id is not None and not by_text and _differ(text, self._texts[by_id]))


def _differ(text: str, question: str) -> bool:
    """Whether two texts cannot be the same question: the shorter has not half of its words in the other."""
    here, there = set(folded(text).split()), set(folded(question).split())
    least = min(len(here), len(there))
    return least > 2 and 2 * len(here & there) < least


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _unique(pairs: object) -> dict[str, str]:
    """What stands there once, by its text."""
    found = [(text, question) for text, question in pairs if text]  # type: ignore[attr-defined]
    often = Counter(text for text, _ in found)
    return {text: question for text, question in found if often[text] == 1}
