"""How far somebody is with a quiz, as Moodle says in a column of its own: nobody has 0 who handed nothing in.

Who never submitted, or has not yet, and has no answers, is left out and counted. Where the state is not known the
teacher is told; it is never taken for a finished attempt that is blank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from archcalc.grading.model import Sheet
from archcalc.grading.sheets.columns import Columns
from archcalc.grading.sheets.outcome import limited, unread
from archcalc.grading.sheets.words import AVERAGES, FINISHED, NEVER, UNFINISHED, folded
from archcalc.words.language import _, ngettext, number
from archcalc.words.text import listing, quote

State = Literal["finished", "never", "unfinished", "unknown", "unsaid"]


class Attempts:
    """The attempts in the rows of one table."""

    def __init__(self, header: Columns) -> None:
        self._header = header
        self._left_out: Counter[State] = Counter()
        self._unknown: dict[str, None] = {}
        self._unsaid = 0

    def leaves_out(self, fields: Sequence[str]) -> bool:
        """Whether a row is of somebody who has handed in nothing; it is counted."""
        state = self._state(fields)
        if state not in ("never", "unfinished") or not self._is_blank(fields):
            return False
        self._left_out[state] += 1
        return True

    def doubted(self, sheet: Sheet, fields: Sequence[str]) -> Sheet:
        """The sheet of a row, with a word where it may not have been handed in; without answers it is not graded."""
        state = self._state(fields)
        if state == "unsaid":
            self._unsaid += self._is_blank(fields)
        if state in ("finished", "unsaid") or not sheet.readable:
            return sheet
        said = quote(fields[self._header.state or 0].strip())
        if state == "unknown":
            self._unknown[said] = None
            if self._is_blank(fields):
                problem = _(
                    "it has no answers, and its state, {state}, is not known here: nothing was graded."
                )
                return unread(sheet.source, problem.format(state=said), sheet.student)
            return sheet
        problem = _("its state is {state}: it was not handed in.").format(state=said)
        return sheet._replace(problems=limited((*sheet.problems, problem)))

    def remarks(self) -> Iterator[str]:
        """What is told of the table as a whole."""
        never, unfinished = self._left_out["never"], self._left_out["unfinished"]
        if never:
            yield ngettext(
                "{count} student who never submitted was left out.",
                "{count} students who never submitted were left out.",
                never,
            ).format(count=number(never))
        if unfinished:
            yield ngettext(
                "{count} student who has not submitted yet, and has no answers, was left out.",
                "{count} students who have not submitted yet, and have no answers, were left out.",
                unfinished,
            ).format(count=number(unfinished))
        if self._unknown:
            yield _(
                "these states of attempts are not known here: {states}. Who has answers was graded."
            ).format(states=listing(self._unknown, _("and"), 8))
        if self._unsaid:
            yield ngettext(
                "{count} student has no answers, and no column says whether anything was submitted: graded as blank.",
                "{count} students have no answers, and no column says whether anything was submitted: graded as blank.",
                self._unsaid,
            ).format(count=number(self._unsaid))

    def _state(self, fields: Sequence[str]) -> State:
        """What is said of the attempt in a row; whoever wrote a table that is not Moodle's has finished."""
        header = self._header
        if not header.dashes or is_average(fields, header):
            return "finished"
        if header.state is None:
            return "unsaid"
        state = folded(fields[header.state]) if header.state < len(fields) else ""
        # A dash stands for everything of whoever has not tried at all.
        if not state or state in NEVER:
            return "never"
        if state in UNFINISHED:
            return "unfinished"
        return "finished" if state in FINISHED else "unknown"

    def _is_blank(self, fields: Sequence[str]) -> bool:
        """Whether a row has no answer."""
        places = self._header.answers.values()
        return all(fields[place].strip() in ("", "-") for place in places if place < len(fields))


def is_average(fields: Sequence[str], header: Columns) -> bool:
    """Whether a row is the average of the class, which Moodle writes below it."""
    return header.dashes and any(folded(field) in AVERAGES for field in fields if len(field) < 40)
