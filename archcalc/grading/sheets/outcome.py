"""What reading comes to: sheets, those that could not be read among them, and what is told of a file as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from archcalc.grading.model import Sheet, Student
from archcalc.grading.sheets.columns import Columns
from archcalc.grading.sheets.limits import LONGEST_FIELD, LONGEST_NAME, MOST_PROBLEMS
from archcalc.words.errors import ArchcalcError
from archcalc.words.language import _, number
from archcalc.words.text import printable

NOBODY = Student("")


class Opened(NamedTuple):
    """A table was opened: what its columns are taken for."""

    source: str
    delimiter: str
    columns: Columns


class Remark(NamedTuple):
    """Something about a file or an archive as a whole that costs no sheet."""

    source: str
    text: str


Tell = Callable[[Opened | Remark], None]
"""Told once for a file, before the sheets that it is about."""


def unread(source: str, problem: str, student: Student = NOBODY) -> Sheet:
    """A sheet that could not be read."""
    return Sheet(student, {}, source, (problem,), readable=False)


def said(error: ArchcalcError) -> str:
    """An error in one line, without the file, which the sheet names."""
    where = f"line {error.place.line}, column {error.place.column}: " if error.place else ""
    return printable(f"{where}{error.message}{f' {error.hint}' if error.hint else ''}", 1_000)


def answer(text: str, question: str, problems: list[str]) -> str:
    """An answer as text that can be kept; one that is too long is cut, and cannot be read for a number then."""
    text = storable(text)
    if len(text) <= LONGEST_FIELD:
        return text
    problems.append(
        _("the answer to {question} has {count} characters; at most {most} are read.").format(
            question=printable(question), count=number(len(text)), most=number(LONGEST_FIELD)
        )
    )
    return f"{text[:LONGEST_NAME]}…"


def name(text: str) -> str:
    """A name, an id or an address on one line, shortened to what a name may have."""
    text = " ".join(storable(text).split())
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


def storable(text: str) -> str:
    """A text without halves of characters, which no file can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def limited(problems: Iterable[str]) -> tuple[str, ...]:
    """As many problems as are told, and how many more there are."""
    found = list(dict.fromkeys(problems))
    if len(found) <= MOST_PROBLEMS:
        return tuple(found)
    return (
        *found[:MOST_PROBLEMS],
        _("and {count} problems more.").format(count=number(len(found) - MOST_PROBLEMS)),
    )
